"""The list a reader came by, and what stands next on it: a series, else the shelf.

One place decides what `[` and `]` lead to and what the end of a story offers, so that the
two never disagree. Values only; matches, which go before any story, are the page's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .story import Story


class Trail:
    """The stories before and behind the one in the file `here`, on a shelf in its order.

    The parts of its series stand next to it, if it has one, in their order; beyond them the
    shelf goes on. A story that isn't on the shelf is followed by all of it.
    """

    def __init__(self, here: Path | None, shelf: Sequence[Story]) -> None:
        at = next((at for at, story in enumerate(shelf) if story.path == here), -1)
        before, behind = list(shelf[: max(0, at)]), list(shelf[at + 1 :])
        self._series = shelf[at].series if at >= 0 else ""
        if self._series:
            mine = [story for story in shelf if story.series == self._series]
            mine.sort(key=lambda story: (not story.part, story.part))
            at = next(at for at, story in enumerate(mine) if story.path == here)
            before = [story for story in before if story.series != self._series] + mine[:at]
            rest = [story for story in behind if story.series != self._series]
            behind = mine[at + 1 :] + rest
        self._before = before
        self.behind = behind
        """The stories that follow, the nearest first."""

    def step(self, way: int) -> Story | None:
        """Return the story `way` further on (back, if negative), None beyond the list's end."""
        if way > 0:
            return self.behind[way - 1] if way <= len(self.behind) else None
        return self._before[way] if 0 < -way <= len(self._before) else None

    def told(self, story: Story) -> str:
        """Return how it is said that the way leads to `story`, and along which list."""
        if not self._series or story.series != self._series:
            return f"On the shelf: {story.title}"
        part = f", part {story.part}" if story.part else ""
        return f"{story.series}{part}: {story.title}"
