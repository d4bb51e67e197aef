"""What stands on the shelf: an entry for each story, in groups, in an order.

Derives what is told of a story's reading (progress, minutes left) from what is remembered of
it. Values only: knows no memory, no files and no screen.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from . import pace as paces
from .evidence import Mark, count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .state import Memory
    from .story import Story


class Group(StrEnum):
    """The groups of the shelf, in their order."""

    CONTINUE = "Continue"
    UNREAD = "Unread"
    FINISHED = "Finished"


class Entry(NamedTuple):
    """A story on the shelf, with what the reader did with it."""

    story: Story
    mark: Mark
    progress: float
    """Words read of all words, 0 to 1; what is finished counts as read."""
    words_left: int
    """Words not read yet; 0 when finished."""
    serial: int
    pace: int = paces.ORDINARY
    """Words a minute of this reader in the story's language."""

    @property
    def group(self) -> Group:
        """Where it stands on the shelf."""
        groups = {Mark.READING: Group.CONTINUE, Mark.UNREAD: Group.UNREAD}
        return groups.get(self.mark, Group.FINISHED)

    @property
    def minutes(self) -> int:
        """How long the whole story takes, in whole minutes, 1 or more."""
        return paces.minutes(self.story.words, self.pace)

    @property
    def minutes_left(self) -> int:
        """How long the words not read yet take, in whole minutes; 0 when finished."""
        return 0 if self.mark is Mark.FINISHED else paces.minutes(self.words_left, self.pace)

    @property
    def left(self) -> str:
        """How it is said how long the words not read yet take; empty when finished."""
        return "" if self.mark is Mark.FINISHED else paces.left(self.words_left, self.pace)


def entry(story: Story, memory: Memory, pace: int = paces.ORDINARY) -> Entry:
    """Return the entry of a story with what is remembered of it, at a pace (words a minute)."""
    words = story.words or memory.words
    if memory.mark is Mark.FINISHED:
        return Entry(story, memory.mark, 1.0, 0, memory.serial, pace)
    read = min(count(memory.ranges), words)
    progress = read / words if words else 0.0
    return Entry(story, memory.mark, progress, words - read, memory.serial, pace)


def arranged(found: Sequence[Entry]) -> list[Entry]:
    """Return entries in the shelf's order: Continue, Unread, Finished.

    What was read last stands first, unread stories stand as they were.
    """
    begun = sorted(found, key=lambda e: -e.serial)
    return [
        *(e for e in begun if e.mark is Mark.READING),
        *(e for e in found if e.mark is Mark.UNREAD),
        *(e for e in begun if e.mark is Mark.FINISHED),
    ]
