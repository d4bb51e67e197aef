"""The processor time of each callback of an event loop."""

from __future__ import annotations

import gc
import time
from asyncio.events import Handle
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTEMPTS: Final = 4
"""Measurements of which one must be short enough: other programs take the processor's caches away,
and then the same work takes up to twice its time."""


@contextmanager
def measured_callbacks() -> Iterator[list[float]]:
    """Yield a list that gets the seconds of processor time of each callback.

    No garbage is collected: the app does that while keys rest, which a test of its own covers.
    """
    seconds = [0.0]
    run = Handle._run  # noqa: SLF001  the loop offers no hook that gives processor time

    def run_measured(handle: Handle) -> None:
        began = time.thread_time()
        run(handle)
        seconds.append(time.thread_time() - began)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Handle, "_run", run_measured)
        gc.disable()
        try:
            yield seconds
        finally:
            gc.enable()
