"""When the index of words is brought up to date unasked: after stories have changed.

Only an index that exists is: who never searches texts has none, and pays nothing for it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.session.session import Session

REST_SECONDS: Final = 5.0
"""Seconds in which no story must have changed: while all files are described some always do."""


class BackgroundIndexing:
    """Notices that stories have changed, and starts an update some time later."""

    def __init__(self, session: Session, start_update: Callable[[], bool]) -> None:
        """`start_update` returns False if it can't start one now."""
        self._session = session
        self._start_update = start_update
        self._version = 0
        """The version of the catalog that was seen last."""
        self._changed_at = 0.0
        self._is_outdated = False

    def check(self) -> None:
        """Start an update if it is time. Takes next to nothing, so call it often."""
        session = self._session
        version, now = session.catalog.version, time.monotonic()
        if version != self._version:
            self._version, self._changed_at, self._is_outdated = version, now, True
        has_rested = now - self._changed_at >= REST_SECONDS
        if self._is_outdated and has_rested and not session.scanning.is_pending:
            path = session.words_path
            can_update = path is not None and not session.is_private and path.exists()
            self._is_outdated = can_update and not self._start_update()
