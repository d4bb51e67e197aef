"""Rests for a worker that describes files, so that keys and the open text go first.

Python runs one thread at a time: a worker that counts words takes half of the processor from the
event loop and from the parser of the open text. Large files are described by another process.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.session import Session

BATCH_SIZE: Final = 50
"""Files described in one step of a worker; the shelf shows their stories together."""
BATCH_SECONDS: Final = 0.5
"""Seconds after which a step ends sooner. What it described is saved, even if the program ends."""
LONG_PIECE_SECONDS: Final = 0.005
"""Work between two checks that is followed by a rest of the same length; small files take less."""
MAX_WAIT_SECONDS: Final = 10.0
"""The longest that a large file waits for the open text."""


class Pacer:
    """Makes a worker rest; it asks `must_stop` after each piece of work, in its own thread."""

    def __init__(self, is_cancelled: Callable[[], bool], session: Session) -> None:
        self._is_cancelled, self._session = is_cancelled, session
        self._last = time.monotonic()
        self._waited = 0.0

    def must_stop(self) -> bool:
        """Rest after a long piece of work; return whether the worker is cancelled."""
        worked = time.monotonic() - self._last
        if worked > LONG_PIECE_SECONDS:
            time.sleep(min(worked, 0.05))
            while (
                self._is_parsing() and not self._is_cancelled() and self._waited < MAX_WAIT_SECONDS
            ):
                time.sleep(0.02)
                self._waited += 0.02
        self._last = time.monotonic()
        return self._is_cancelled()

    def _is_parsing(self) -> bool:
        current = self._session.current
        return current is not None and not current.document.is_complete


def take_batch(described: Iterator[tuple[File, Story]]) -> list[tuple[File, Story]]:
    """Return the next stories of `described`, as many as one step describes."""
    batch: list[tuple[File, Story]] = []
    end = time.monotonic() + BATCH_SECONDS
    for item in described:
        batch.append(item)
        if len(batch) == BATCH_SIZE or time.monotonic() >= end:
            break
    return batch
