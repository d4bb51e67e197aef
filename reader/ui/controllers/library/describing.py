"""Describe files in a worker; large ones in another process."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING, Final

from reader.finding.large_files import DescribingProcess, describe_apart
from reader.ui import run_in_thread
from reader.ui.controllers.pacing import Pacer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.session import Session

BATCH_SIZE: Final = 50
"""Files described in one step of a worker; the shelf shows their stories together."""
BATCH_SECONDS: Final = 0.5
"""Seconds after which a step ends sooner. What it described is saved, even if the program ends."""


async def describe_in_worker(
    session: Session,
    files: Sequence[File],
    add_stories: Callable[[list[tuple[File, Story]]], None],
) -> None:
    """Describe `files`, and pass them to `add_stories` in batches."""
    is_cancelled = Event()
    pacer, process = Pacer(is_cancelled.is_set, session), DescribingProcess()
    described = describe_apart(files, pacer.must_stop, process)
    try:
        while batch := await run_in_thread(_take_batch, described):
            add_stories(batch)
        session.known_stories.settle()
    finally:
        is_cancelled.set()
        process.close()


def _take_batch(described: Iterator[tuple[File, Story]]) -> list[tuple[File, Story]]:
    """Return the next stories of `described`, as many as one step describes."""
    batch: list[tuple[File, Story]] = []
    end = time.monotonic() + BATCH_SECONDS
    for item in described:
        batch.append(item)
        if len(batch) == BATCH_SIZE or time.monotonic() >= end:
            break
    return batch
