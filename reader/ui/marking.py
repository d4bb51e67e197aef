"""Marks: set by hand or by reading, taken back, and told on the shelf and in the status line.

What a mark is and how it is remembered is the session's; here is how the reader hears of
it, and of what could not be written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ReaderError
from ..session import Change
from .status import taken_back, told

if TYPE_CHECKING:
    from ..marginalia import Deed
    from ..session import Session
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
        try:
            self._tell(self._session.toggle_mark(story))
        except ReaderError as error:
            self._refused(error)

    def undo(self) -> tuple[str, Change | Deed | None]:
        """Take back what was done last; return what is said about it, and what it was."""
        try:
            change = self._session.undo()
        except ReaderError as error:
            return self._refused(error), None
        if isinstance(change, Change):
            self._shelf.update_entry(self._session.entry(change.story))
        words = taken_back(change)
        self._status.tell(words)
        return words, change

    def _refused(self, error: ReaderError) -> str:
        words = f"That can't be written down just now: {error}"
        self._status.tell(words)
        return words

    def _tell(self, change: Change) -> None:
        self._shelf.update_entry(self._session.entry(change.story))
        self._status.tell(told(change))
