"""Turning the page behind the last one: the next story is named, and then gone to.

Never silently past the end: what is gone to has been named just before, and a key that is
held goes nowhere. Which story it is, the card below the text says.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from .status import LASTING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..ending import Next
    from ..story import Story
    from .status import Status

REPEATED: Final = 0.4
"""Seconds. A key that comes again sooner is held, or struck by a skimmer: terminals repeat one
every thirtieth of a second, and nobody who has read which story comes next is as quick."""


class Onward:
    """The way from the end of one story to the next."""

    def __init__(
        self,
        status: Status,
        read: Callable[[Story], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._status = status
        self._read = read
        """Shows a story on the page, with a way back."""
        self._clock = clock
        self._struck = self._told = float("-inf")
        """When the page was last turned at the end, and when it was said what comes next."""

    def forget(self) -> None:
        """Begin anew: the reader went elsewhere in the text."""
        self._struck = self._told = float("-inf")

    def ended(self, following: Sequence[Next], key: str) -> None:
        """Say which story comes next, and that `key` leads there; said already, go there."""
        now, before = self._clock(), self._struck
        self._struck = now
        if now - self._told > LASTING or not following:
            self._told = now
            self._status.tell(told(following, key))
        elif now - before >= REPEATED:
            self.forget()
            story, reason = following[0].entry.story, following[0].reason
            self._status.tell(f"{story.title}: {reason}")
            self._read(story)


def told(following: Sequence[Next], key: str) -> str:
    """Return how it is said what comes after the end."""
    if not following:
        return "There is no story left to read."
    return f"{key or 'The same key'} again reads {following[0].entry.story.title}"
