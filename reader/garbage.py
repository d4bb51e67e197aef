"""When garbage in reference cycles is collected: never for longer than about a frame.

A full collection visits every object that can be in a cycle: 3 ms for what the app makes while it
is used, 70 ms with an open text of 20 MB. So Python makes none by itself. The objects of a large
text are taken out of collections while it is parsed: they are in no cycle, and are freed when the
text is not used any more. Garbage is collected while keys rest.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import Final

YOUNG_OBJECTS: Final = 5_000
"""New objects after which Python collects the garbage among them, in half a millisecond."""
YOUNG_COLLECTIONS: Final = 4
"""Such collections after which Python visits what they have left, in two milliseconds."""
NO_COLLECTIONS: Final = 1_000_000_000
"""Collections of the left objects after which Python makes a full one, which it never reaches."""
MAX_COLLECTIONS: Final = 3
"""The same after which a full one might take longer than a frame: 75,000 objects were made at once,
which takes 15 to 40 ms, and only a large text or library has so many."""
MAX_NEW_OBJECTS: Final = 10_000
"""Blocks and spans of a text after which they are taken out of collections."""
MAX_OBJECTS: Final = 100_000
"""Objects that a full collection visits in about a frame; twice those of the app alone."""
_LEFT_OBJECTS: Final = YOUNG_OBJECTS * (YOUNG_COLLECTIONS + 1)
"""Objects of which a collection of what younger ones have left decides."""


def start_collections() -> None:
    """Start collections, without what is alive now. Before, one would delay the first frame."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_COLLECTIONS, NO_COLLECTIONS)
    gc.enable()


def settle_objects() -> None:
    """Collect garbage among what was made since the last call; take the rest out of collections.

    Do nothing before `start_collections`, so in a command that only prints. Takes a millisecond
    for each 10,000 objects.
    """
    if gc.isenabled() and gc.get_threshold()[2] == NO_COLLECTIONS:
        if gc.get_count()[2] < MAX_COLLECTIONS:
            gc.collect()
        gc.freeze()


def collect_if_due(*, is_resting: bool) -> None:
    """Collect garbage if much has been made and keys rest, or if very much has been made.

    What was taken out of collections is visited too, if all of it takes no longer than a frame: an
    object in a cycle may have become garbage since.
    """
    collections = gc.get_count()[2]
    if collections < (1 if is_resting else MAX_COLLECTIONS - 1):
        return
    if is_resting and gc.get_freeze_count() + collections * _LEFT_OBJECTS < MAX_OBJECTS:
        gc.unfreeze()
    settle_objects()


def return_memory() -> None:
    """Return to the system what glibc keeps of large blocks that were freed; elsewhere do nothing.

    Of a library of 100,000 stories these are 25 MB. Takes some milliseconds, in which other threads
    run.
    """
    if sys.platform == "linux":
        from ctypes import CDLL  # not for the first screen

        with contextlib.suppress(OSError, AttributeError):  # another library has no such function
            CDLL(None).malloc_trim(0)


class GrowingText:
    """Takes the objects of a large text out of collections while it is parsed."""

    def __init__(self) -> None:
        self._new_objects = 0

    def add(self, objects: int) -> None:
        """Count objects that were added to the text: its blocks and their spans."""
        self._new_objects += objects
        if self._new_objects > MAX_NEW_OBJECTS:
            settle_objects()
            self._new_objects = 0
