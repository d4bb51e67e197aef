"""The stories before and after one, as next and previous story go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reader.library.story import Story


class ReadingOrder:
    """The stories before and after the one at `path`, in the order of `shelf`.

    The other parts of its series come directly before and after it, in their order. A story
    that isn't on the shelf comes before all of it.
    """

    def __init__(self, path: Path | None, shelf: Sequence[Story], index: int | None = None) -> None:
        """Take the order of `shelf`, where the story is at `index`; if not given, it is found."""
        if index is None:
            index = next((n for n, story in enumerate(shelf) if story.path == path), -1)
        previous, following = list(shelf[: max(0, index)]), list(shelf[index + 1 :])
        self._series = shelf[index].series if index >= 0 else ""
        if self._series:
            parts = [story for story in shelf if story.series == self._series]
            parts.sort(key=lambda story: (not story.part, story.part))
            index = next(n for n, story in enumerate(parts) if story.path == path)
            previous = [story for story in previous if story.series != self._series]
            following = [story for story in following if story.series != self._series]
            previous, following = previous + parts[:index], parts[index + 1 :] + following
        self._previous = previous
        self.following = following
        """The stories that follow, the next one first."""

    def find_neighbour(self, step: int) -> Story | None:
        """Return the story `step` places further on (back, if negative), or None."""
        if step > 0:
            return self.following[step - 1] if step <= len(self.following) else None
        return self._previous[step] if 0 < -step <= len(self._previous) else None

    def format_destination(self, story: Story) -> str:
        """Return a notice that names `story` and the list that leads to it."""
        if not self._series or story.series != self._series:
            return f"On the shelf: {story.title}"
        part = f", part {story.part}" if story.part else ""
        return f"{story.series}{part}: {story.title}"
