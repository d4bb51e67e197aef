"""Take stories off the shelf, and bring them back: those that the reader hides.

The reading data of such a story stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.errors import BadUsage
from reader.session.read_status import ShelfChange

if TYPE_CHECKING:
    from reader.library.story import Story
    from reader.session.read_status import UndoStack
    from reader.store.write_behind import WriteBehind


class Removals:
    """Takes stories off the shelf. What it does can be undone."""

    def __init__(self, write_behind: WriteBehind, undo_stack: UndoStack) -> None:
        self._write_behind = write_behind
        self._undo_stack = undo_stack
        undo_stack.add_revert(ShelfChange, self.revert)

    def toggle_hidden(self, story: Story) -> ShelfChange:
        """Hide `story` from the shelf; show it again if it is hidden.

        Raises `StateError`, and then nothing has changed, or `BadUsage` for a text without a file.
        """
        if not story.is_persistent:
            raise BadUsage("this text has no file")
        change = ShelfChange(story, story.id not in self._write_behind.load_hidden())
        self._write_behind.set_hidden(story, is_hidden=change.is_hidden)
        self._undo_stack.push(change)
        return change

    def revert(self, change: ShelfChange) -> ShelfChange:
        """Undo a change, and return it. Raises `StateError`, and then nothing has changed."""
        self._write_behind.set_hidden(change.story, is_hidden=not change.is_hidden)
        return change
