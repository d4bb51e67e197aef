"""Being told from outside to end: by a signal, or by a terminal that has gone.

Owns what notices it even while the loop hangs on a terminal that takes no more bytes, and
the last resort. What there is to save is the app's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import termios
import time
from threading import Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LAST_RESORT: Final = 1.5
"""Seconds after which the program ends even if the terminal takes no more bytes."""
HANGUP_CHECK: Final = 1.0
"""Seconds between two looks at the terminal, where the system doesn't tell that it has gone."""
_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


@contextlib.contextmanager
def heeded(signalled: Callable[[int], None], gone: Callable[[], None]) -> Iterator[None]:
    """Have the running loop call `signalled` with a signal's number, and `gone` for a hang-up.

    Handlers of the loop's own would do nothing while Textual waits for a terminal to take
    what it draws, and one that has gone never does.
    """
    loop, modes = asyncio.get_running_loop(), _modes()

    def hear(number: int, _frame: object) -> None:
        _in_thread(_end, 128 + number, modes)
        loop.call_soon_threadsafe(signalled, number)

    def hang_up() -> None:
        _wait_for_hangup()
        with contextlib.suppress(RuntimeError):  # the loop is closed: this is the end anyway
            loop.call_soon_threadsafe(gone)
        _end(128 + signal.SIGHUP, modes)

    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in heard}
    _in_thread(hang_up)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_thread(do: Callable[..., None], *values: object) -> None:
    Thread(target=do, args=values, daemon=True).start()


def _wait_for_hangup() -> None:
    poll = select.poll()
    poll.register(0, 0)  # what it waits for is told unasked
    while not any(event & _GONE for _, event in poll.poll(HANGUP_CHECK * 1000)):
        pass


def _modes() -> list[int | list[bytes | int]] | None:
    """Return the terminal's own settings as they are."""
    with contextlib.suppress(termios.error):
        return termios.tcgetattr(0)
    return None


def _end(code: int, modes: list[int | list[bytes | int]] | None) -> None:
    """End the program if it still runs after a while, with the terminal's settings as they were."""
    time.sleep(LAST_RESORT)
    if modes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, modes)
    os._exit(code)
