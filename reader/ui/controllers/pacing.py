"""Work that gives way to keys and to the open text: describing files, and late imports.

Python runs one thread at a time: a worker that counts words takes half of the processor from the
event loop and from the parser of the open text. Large files are described by another process.
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Final

from reader.finding.large_files import DescribingProcess
from reader.ui import run_in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.library.files import File
    from reader.session.open_story import OpenStory
    from reader.session.session import Session

LONG_PIECE_SECONDS: Final = 0.005
"""Work between two checks that is followed by a rest of the same length; small files take less."""
MAX_WAIT_SECONDS: Final = 10.0
"""The longest that a large file waits for the open text."""
LATE_MODULES: Final = (
    "reader.ui.controllers.input_lines",
    "reader.ui.controllers.navigation",
    "reader.ui.controllers.palette",
    "reader.ui.controllers.annotations",
    "reader.ui.controllers.stories",
    "reader.ui.controllers.removing",
    "reader.ui.dialogs.annotations",
    "reader.ui.dialogs.editor",
    "reader.finding.shelf_filter",
    "reader.finding.completion",
    "reader.ui.text_search.controller",
    "reader.session.labels",
    "reader.session.shelf.view",
    "reader.session.removing",
)
"""What the first screen doesn't need and keys do, with all that it imports: 80 ms, 2 MB."""
KEY_REST_SECONDS: Final = 0.1
"""Seconds after a key until the next of these modules is imported."""


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


async def describe_open_file(open_story: OpenStory, file: File) -> None:
    """Count the words of a large text that is being parsed, in another process.

    Otherwise that is done at its end, and takes as long as parsing a fifth of it.
    """
    process = DescribingProcess()
    try:
        story = await run_in_thread(process.describe, file)
    finally:
        process.close()
    if story is not None:
        open_story.add_description(story)


def import_late_modules(rested_seconds: Callable[[], float]) -> None:
    """Import what the first keys need, so that none of them waits for it. Run in a thread.

    A module is imported when no key was pressed for a moment; `rested_seconds` returns for how long.
    """
    for name in LATE_MODULES:
        while (rested := rested_seconds()) < KEY_REST_SECONDS:
            time.sleep(KEY_REST_SECONDS - rested)
        import_module(name)
