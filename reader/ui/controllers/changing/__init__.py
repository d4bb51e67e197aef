"""Change many stories between keys: in slices, with a notice on how far that is."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.ui import start_worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.session.changing import ManyChange, ManyUndo
    from reader.session.read_status import Change
    from reader.ui.controllers import ScreenParts


SLICE_SECONDS: Final = 0.008
"""Processor time that a slice may take: a key that comes meanwhile waits no longer than that."""
_FIRST_SLICE: Final = 10
_MAX_SLICE: Final = 500
"""Stories in the first slice and in the largest one."""
KEY_REST_SECONDS: Final = 0.3
"""Seconds after a key in which slices are further apart: what it does takes several callbacks."""
_KEY_PAUSE: Final = 5
"""How much longer than a slice the pause after it is then."""
NOTICE_SECONDS: Final = 0.2
"""Seconds between two notices."""


async def wait_for_keys(seconds: float) -> None:
    """Let the loop do what keys ask for, for so many seconds."""
    await asyncio.sleep(seconds)


class ChangeRunner:
    """Makes a change of many stories in slices. There is one at a time."""

    def __init__(
        self, parts: ScreenParts, count_rested_seconds: Callable[[], float], stop_key: str
    ) -> None:
        """Take what returns for how long no key was pressed, and the key that calls `stop`."""
        self._parts = parts
        self._count_rested_seconds = count_rested_seconds
        self._stop_key = stop_key
        self._verb = ""
        """What is being done, in a word; empty if nothing is."""
        self._is_stopped = False

    def refuse(self) -> bool:
        """Return whether a change is being made, and say that it must be awaited."""
        if self._verb:
            key = f", or stop it with {self._stop_key}" if self._stop_key else ""
            self._parts.status_bar.show_notice(f"{self._verb} many stories: wait for it{key}.")
        return bool(self._verb)

    def stop(self) -> bool:
        """Make no more of the change; return whether there was one."""
        was_running, self._is_stopped = bool(self._verb), True
        return was_running

    def start(
        self,
        change: ManyChange | ManyUndo,
        verb: str,
        show: Callable[[Change], None],
        finish: Callable[[], None],
    ) -> None:
        """Make a change: `verb` says what is done, such as `Hiding`.

        `show` shows on the shelf what a slice has changed. `finish` is called at the end, after an
        error or a stop too, and says what was done.
        """
        self._verb, self._is_stopped = verb, False
        start_worker(self._parts.screen, "change", self._run, change, show, finish)

    async def _run(
        self,
        change: ManyChange | ManyUndo,
        show: Callable[[Change], None],
        finish: Callable[[], None],
    ) -> None:
        size, next_notice, problem = _FIRST_SLICE, 0.0, ""
        try:
            while change.done < change.total and not self._is_stopped:
                began = time.thread_time()
                changed = change.step(size)
                if changed is not None:
                    show(changed)
                seconds = time.thread_time() - began
                size = _adapt(size, seconds)
                if time.monotonic() >= next_notice:
                    self._show_progress(change)
                    next_notice = time.monotonic() + NOTICE_SECONDS
                has_keys = self._count_rested_seconds() < KEY_REST_SECONDS
                await wait_for_keys(seconds * _KEY_PAUSE if has_keys else seconds)
        except ReaderError as error:
            problem = f"Can't save that now: {error}"
        finally:
            self._verb = ""
        self._parts.session.many_changes.stop()
        finish()
        if change.done < change.total:
            done = f"{change.done} of {change.total} stories"
            self._parts.status_bar.show_notice(f"{problem or 'Stopped'}: {done} are done.")

    def _show_progress(self, change: ManyChange | ManyUndo) -> None:
        stop = f" · {self._stop_key} stop" if self._stop_key else ""
        done = f"{self._verb}: {change.done} of {change.total} stories"
        self._parts.status_bar.show_notice(f"{done}{stop}")


def _adapt(size: int, seconds: float) -> int:
    """Return the size of the next slice, after one of that size took so many seconds."""
    fitting = int(size * SLICE_SECONDS / max(seconds, SLICE_SECONDS / 10))
    return max(1, min(fitting, 2 * size, _MAX_SLICE))
