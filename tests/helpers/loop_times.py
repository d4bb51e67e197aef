"""The work that each callback of an event loop does, in calls and in processor time."""

from __future__ import annotations

import gc
import time
from asyncio.events import Handle
from contextlib import contextmanager
from cProfile import Profile
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CALLS: Final = 50_000
"""Calls of functions that one callback may make: what Python makes in 30 ms.

The same work makes as many calls on a busy machine, so each measurement must be below this.
"""
ATTEMPTS: Final = 4
"""Measurements of which one must be short enough: other programs take the processor's caches away,
and then the same work takes up to twice its time."""
PROFILER_SECONDS: Final = 0.5e-6
"""Processor time that it takes to count a call."""


class Callback(NamedTuple):
    """What one callback has done."""

    seconds: float
    """Of processor time, without the time for counting."""
    calls: int


@contextmanager
def measured_callbacks() -> Iterator[list[Callback]]:
    """Yield a list that gets what each callback has done.

    No garbage is collected: the app does that while keys rest, which a test of its own covers.
    """
    callbacks = [Callback(0.0, 0)]
    run = Handle._run  # noqa: SLF001  the loop offers no hook that gives processor time
    profiler = Profile()

    def run_measured(handle: Handle) -> None:
        profiler.clear()
        began = time.thread_time()
        profiler.enable()
        try:
            run(handle)
        finally:
            profiler.disable()
        seconds = time.thread_time() - began
        calls = sum(entry.callcount for entry in profiler.getstats())
        callbacks.append(Callback(seconds - PROFILER_SECONDS * calls, calls))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Handle, "_run", run_measured)
        gc.disable()
        try:
            yield callbacks
        finally:
            gc.enable()


def find_longest(callbacks: list[Callback]) -> float:
    """Return the seconds of the longest callback.

    Raises an AssertionError if one makes too many calls, which no other program can be to blame for.
    """
    assert max(callback.calls for callback in callbacks) < MAX_CALLS
    return max(callback.seconds for callback in callbacks)
