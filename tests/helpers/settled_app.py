"""Wait for what the app does, not for a processor that seems idle.

Textual's pilot takes an app to be done once its process uses no processor time for a moment. On a
busy machine other programs have the processor in that moment, and a key or a click may not be
handled yet.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
import textual.app
import textual.pilot
from textual._wait import wait_for_idle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

QUIET_TURNS: Final = 3
"""Turns of the event loop in a row that must find nothing to do."""
LIMIT: Final = 60.0
"""Seconds after which an event loop that always has something to do is not waited for."""

LONG: Final = 3_600.0
"""Seconds that no test takes."""


@contextmanager
def settled_pilots() -> Iterator[None]:
    """Make pilots wait until all messages are handled, besides what they wait for.

    Clicks at one cell belong together however long the machine takes between them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(textual.app.App, "CLICK_CHAIN_TIME_THRESHOLD", LONG)
        patch.setattr("reader.ui.page.pointer.MULTI_CLICK_SECONDS", LONG)
        for module in (textual.app, textual.pilot):
            patch.setattr(module, "wait_for_idle", _wait_until_handled)
        patch.setattr(textual.pilot.Pilot, "_wait_for_screen", _wait_for_turns_of_all)
        yield


async def _wait_until_handled(*seconds: float) -> None:
    await wait_for_idle(*seconds)
    await wait_for_turns()


async def _wait_for_turns_of_all(_: Pilot[Any], timeout: float = LIMIT) -> bool:  # noqa: ASYNC109  Textual's parameter
    """Wait until all widgets have handled their messages, as Textual's pilot does.

    That one sends each widget a message to see it handled: a fifth of the time of a key. Here no
    handler waits for a thread, so where the event loop has nothing to do, all are handled.
    """
    await wait_for_turns()
    return True


async def wait_for_turns() -> None:
    """Wait until the event loop has nothing to do but to wait for a clock, a file or a thread."""
    loop: Any = asyncio.get_running_loop()
    end = time.monotonic() + LIMIT
    quiet = 0
    while quiet < QUIET_TURNS and time.monotonic() < end:
        await asyncio.sleep(0)
        is_due = loop._scheduled and loop._scheduled[0]._when <= loop.time()  # noqa: SLF001  a loop
        quiet = 0 if loop._ready or is_due else quiet + 1  # noqa: SLF001  doesn't tell otherwise
