"""A reading session: the open story, tracking, read status, annotations, order, jump list.

Nothing in this package imports Textual.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Notice(NamedTuple):
    """A line of text for the reader."""

    text: str
    story_path: Path | None = None
    """The file of the story that the line is about, if it is about one."""


class Notices:
    """The lines of text that wait to be shown."""

    def __init__(self, get_path: Callable[[], Path | None]) -> None:
        self._get_path = get_path
        """Returns the file of the open story."""
        self._notices: deque[Notice] = deque()

    def add(self, text: str, *, is_about_story: bool = False) -> None:
        """Queue a line of text for the reader.

        A line that `is_about_story`, the open one, is dropped once another story is open.
        """
        self._notices.append(Notice(text, self._get_path() if is_about_story else None))

    def take(self) -> Notice | None:
        """Take the oldest queued line off the queue and return it, or None if there is none."""
        notice = self.peek()
        while self._notices and self._notices.popleft() is not notice:
            pass
        return notice

    def peek(self) -> Notice | None:
        """Return the line that `take` would return."""
        path = self._get_path()
        return next((each for each in self._notices if each.story_path in (None, path)), None)

    def take_text(self) -> str | None:
        """Do the same as `take`, and return the text alone."""
        notice = self.take()
        return notice.text if notice is not None else None
