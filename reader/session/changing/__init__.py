"""Change many stories in slices, so that keys are handled between two of them.

Each slice is saved in one short transaction. All of them are undone as one, in slices too.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.session.read_status import DeletionChange, GroupChange, LabelChange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.library.story import Story
    from reader.session.read_status import Change, ReadStatuses, UndoStack

    ChangeOfMany = GroupChange | LabelChange | DeletionChange

MANY_STORIES: Final = 50
"""Stories that are changed at once: it takes about ten milliseconds."""
_LAST_SLICE: Final = 200
"""Stories in a slice when no key is waited for."""


class ManyChange:
    """A change of many stories, and how far it is made."""

    def __init__(
        self,
        stories: Sequence[Story],
        make: Callable[[Sequence[Story]], object],
        read_statuses: ReadStatuses,
        undo_stack: UndoStack,
    ) -> None:
        """Take the stories, and what changes some of them and pushes that on the undo stack."""
        self._stories = stories
        self._make = make
        self._read_statuses = read_statuses
        self._undo_stack = undo_stack
        self.total = len(stories)
        self.done = 0
        """How many stories were changed, or needed no change."""
        self.change: Change | None = None
        """All that was changed so far; None if nothing was."""

    def step(self, count: int) -> Change | None:
        """Change the next stories, and return what was changed; None if nothing had to be.

        Raises `ReaderError`, and then none of these was changed.
        """
        self._read_statuses.prepare_change()  # what reading has changed is undone on its own
        version = self._undo_stack.version
        some = self._stories[self.done : self.done + count]
        self._make(some)
        self.done += len(some)
        if self._undo_stack.version == version:
            return None
        made = self._undo_stack.take_newest()
        self.change = self._undo_stack.extend(self.change, made)
        return made


class ManyUndo:
    """The undo of a change of many stories, and how far it is made: from the last one to the first."""

    def __init__(self, change: ChangeOfMany, undo_stack: UndoStack) -> None:
        self.change = change
        """What is undone; of a deletion, later what was brought back."""
        self._undo_stack = undo_stack
        self._left: Change | None = change
        self._restored: list[DeletionChange] = []
        self.total = len(change.stories)
        self.done = 0

    def step(self, count: int) -> Change | None:
        """Undo the change of the next stories, and return that.

        Raises `ReaderError`, and then nothing of these was undone, except that some deleted files
        may have been brought back: a later undo goes on with the others.
        """
        if self._left is None:
            self.done = self.total
            return None
        undone, self._left = self._undo_stack.undo_part(self._left, count)
        self.done = self.total - _count_stories(self._left)
        if isinstance(undone, DeletionChange):
            self._restored.insert(0, undone)
            self.change = _join_restored(self._restored)
        return undone


class ManyChanges:
    """The change of many stories that is being made, at most one."""

    def __init__(self, read_statuses: ReadStatuses, undo_stack: UndoStack) -> None:
        self._read_statuses = read_statuses
        self._undo_stack = undo_stack
        self.current: ManyChange | ManyUndo | None = None

    def start_change(
        self, stories: Sequence[Story], make: Callable[[Sequence[Story]], object]
    ) -> ManyChange:
        """Begin to change many stories: `make` changes some and pushes that on the undo stack."""
        change = ManyChange(stories, make, self._read_statuses, self._undo_stack)
        self.current = change
        return change

    def start_undo(self) -> ManyUndo | None:
        """Begin to undo the newest change if it is one of many stories; else return None."""
        newest = self._undo_stack.newest
        if not isinstance(newest, GroupChange | LabelChange | DeletionChange):
            return None
        if len(newest.stories) <= MANY_STORIES:
            return None
        self._read_statuses.prepare_change()
        self.current = undo = ManyUndo(newest, self._undo_stack)
        return undo

    def stop(self) -> None:
        """Leave the change as far as it is made."""
        self.current = None

    def finish(self, seconds: float) -> str:
        """Make the rest of the change if that takes no longer than so many seconds.

        Return one line on how much wasn't; empty if all was.
        """
        change, deadline = self.current, time.monotonic() + seconds
        self.current = None
        while change is not None and change.done < change.total:
            try:
                change.step(_LAST_SLICE)
            except ReaderError as error:
                return f"{change.total - change.done} of {change.total} stories: {error}"
            if time.monotonic() > deadline and change.done < change.total:
                left = change.total - change.done
                return f"{left} of {change.total} stories were not changed: the program ended"
        return ""


def _count_stories(change: Change | None) -> int:
    if isinstance(change, GroupChange):
        return len(change.changes)  # its stories would be listed for that
    return len(change.stories) if isinstance(change, LabelChange | DeletionChange) else 0


def _join_restored(parts: Sequence[DeletionChange]) -> DeletionChange:
    """Return what the slices of an undo have brought back, with the first problem."""
    stories = tuple(story for part in parts for story in part.stories)
    moved = tuple(file for part in parts for file in part.moved)
    return DeletionChange(
        stories, moved, next((part.problem for part in parts if part.problem), "")
    )
