"""Marks: set by hand or by reading, taken back, and told on the shelf and in the status line.

What a mark is and how it is remembered is the session's; here is how the reader hears of
it, and of what could not be written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ReaderError
from .status import taken_back, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..session import Change, Session
    from ..story import Story
    from .shelf import Shelf
    from .status import Status


class Marker:
    """Sets the marks of a session's stories, and shows them."""

    def __init__(self, session: Session, shelf: Shelf, status: Status) -> None:
        self._session = session
        self._shelf = shelf
        self._status = status

    def tick(self) -> None:
        """Have what was read credited, and tell of a mark that reading has set."""
        change = self._session.tick()
        if change is not None:
            self._tell(change)

    def toggle(self, story: Story) -> None:
        """Mark `story` finished, or a finished one unread."""
        self._try(lambda: self._tell(self._session.toggle_mark(story)))

    def undo(self) -> None:
        """Take back the last mark."""
        self._try(self._undo)

    def _undo(self) -> None:
        change = self._session.undo()
        if change is not None:
            self._shelf.update_entry(self._session.entry(change.story))
        self._status.tell(taken_back(change))

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except ReaderError as error:
            self._status.tell(f"That can't be written down just now: {error}")

    def _tell(self, change: Change) -> None:
        self._shelf.update_entry(self._session.entry(change.story))
        self._status.tell(told(change))
