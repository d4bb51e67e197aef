"""The stories before and after one, as next and previous story go."""

from __future__ import annotations

from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from reader.library.story import Story


class ReadingOrder:
    """The stories before and after the one at `path`, in the order of `shelf`.

    The other parts of its series come directly before and after it, in their order. A story
    that isn't on the shelf comes before all of it.
    """

    def __init__(
        self,
        path: Path | None,
        shelf: Sequence[Story],
        index: int | None = None,
        list_parts: Callable[[str], Sequence[int]] | None = None,
    ) -> None:
        """Take the order of `shelf`, where the story is at `index`; if not given, it is found.

        `list_parts` returns the indices of the parts of a series; without it, all are looked at.
        """
        if index is None:
            file = str(path)
            index = next((n for n, story in enumerate(shelf) if story.location == file), -1)
        self._shelf, self._index = shelf, index
        self._list_parts = list_parts
        self._series = shelf[index].series if index >= 0 else ""

    @cached_property
    def _parts(self) -> Sequence[int]:
        """The indices of the parts of its series, in their order."""
        shelf = self._shelf
        parts = self._find_parts(self._series) if self._series else ()
        return sorted(parts, key=lambda index: (not shelf[index].part, shelf[index].part))

    def _find_parts(self, series: str) -> Sequence[int]:
        if self._list_parts is not None:
            return self._list_parts(series)
        return [number for number, story in enumerate(self._shelf) if story.series == series]

    @property
    def following(self) -> Iterator[Story]:
        """The stories that follow, the next one first."""
        return (self._shelf[index] for index in self.iter_following())

    def iter_following(self) -> Iterator[int]:
        """Yield the indices of the stories that follow, that of the next one first."""
        parts = self._parts
        others = self._skip_series(range(self._index + 1, len(self._shelf)))
        after = parts[parts.index(self._index) + 1 :] if parts else ()
        return chain(after, others)

    def iter_parts(self, series: str) -> Iterator[Story]:
        """Yield the parts of a series among the stories that follow."""
        if series != self._series:
            after = [index for index in self._find_parts(series) if index > self._index]
        else:
            after = [*self._parts[self._parts.index(self._index) + 1 :]]
        return (self._shelf[index] for index in after)

    def _iter_previous(self) -> Iterator[int]:
        """Yield the indices of the stories before, the nearest one first."""
        parts = self._parts
        before = parts[: parts.index(self._index)] if parts else ()
        return chain(reversed(before), self._skip_series(range(self._index - 1, -1, -1)))

    def _skip_series(self, indices: range) -> Iterator[int]:
        if not self._series:
            return iter(indices)
        return (index for index in indices if self._shelf[index].series != self._series)

    def find_neighbour(self, step: int) -> Story | None:
        """Return the story `step` places further on (back, if negative), or None."""
        indices = self.iter_following() if step > 0 else self._iter_previous()
        index = next(islice(indices, abs(step) - 1, None), None) if step else None
        return self._shelf[index] if index is not None else None

    def format_destination(self, story: Story, name: str) -> str:
        """Return a notice with the `name` of `story` and of the list that leads to it."""
        if not self._series or story.series != self._series:
            return f"On the shelf: {name}"
        part = f", part {story.part}" if story.part else ""
        return f"{story.series}{part}: {name}"
