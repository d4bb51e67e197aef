"""End the app or stop it for the shell when a signal says so, or the terminal is gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import termios
import threading
import time
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App


FORCED_EXIT_SECONDS: Final = 1.5
"""Seconds after which the program ends even if the terminal takes no more bytes."""
HANGUP_CHECK_SECONDS: Final = 1.0
"""Seconds between two looks at the terminal, where the system doesn't tell that it has gone."""
_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_HANGUP_EVENTS: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


@contextlib.contextmanager
def handle_signals(
    on_signal: Callable[[int], None], on_hangup: Callable[[], None]
) -> Iterator[None]:
    """Have the running loop call `signalled` with a signal's number, and `gone` for a hang-up.

    Handlers of the loop's own would do nothing while Textual waits for a terminal to take
    what it draws, and one that has gone never does.
    """
    loop, modes = asyncio.get_running_loop(), _read_modes()

    def hear(number: int, _frame: object) -> None:
        _start_thread(_force_exit, 128 + number, modes)
        loop.call_soon_threadsafe(on_signal, number)

    def hang_up() -> None:
        _wait_for_hangup()
        with contextlib.suppress(RuntimeError):  # the loop is closed: this is the end anyway
            loop.call_soon_threadsafe(on_hangup)
        _force_exit(128 + signal.SIGHUP, modes)

    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in heard}
    _start_thread(hang_up)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _start_thread(do: Callable[..., None], *values: object) -> None:
    Thread(target=do, args=values, daemon=True).start()


def _wait_for_hangup() -> None:
    poll = select.poll()
    poll.register(0, 0)  # what it waits for is told unasked
    while not any(event & _HANGUP_EVENTS for _, event in poll.poll(HANGUP_CHECK_SECONDS * 1000)):
        pass


def _read_modes() -> list[int | list[bytes | int]] | None:
    """Return the terminal's own settings as they are."""
    with contextlib.suppress(termios.error):
        return termios.tcgetattr(0)
    return None


def _force_exit(code: int, modes: list[int | list[bytes | int]] | None) -> None:
    """End the program if it still runs after a while, with the terminal's settings as they were."""
    time.sleep(FORCED_EXIT_SECONDS)
    if modes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, modes)
    os._exit(code)


PATIENCE: Final = 5.0
"""Seconds that the loop has to stop the program; after them a thread stops it."""
STOP_SIGNALS: Final = (signal.SIGTSTP, signal.SIGCONT)
"""The signals that a shell stops and continues a program with."""


class Stopper:
    """Stops the program with the terminal given back, and takes the terminal again."""

    def __init__(
        self,
        app: App[None],
        *,
        rest: Callable[[], None],
        forget: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        """Take what the app does.

        `rest` is called before a stop and counts the reading time so far. `forget` is called
        after a stop that nothing announced (SIGSTOP), in a signal handler: it drops the time
        since the last look. `resume` is called once the terminal is taken again.
        """
        self._app = app
        self._rest = rest
        self._forget = forget
        self._resume = resume
        self._loop: asyncio.AbstractEventLoop | None = None
        self._number = 0
        self._request: int | None = None
        """The number of the request to stop that is not answered yet."""
        self._lock = threading.Lock()
        """Held to take the request, so that either the loop or the thread stops the program."""
        self._alarms: SimpleQueue[int] = SimpleQueue()
        """Requests for the thread. A signal handler may put something into a `SimpleQueue`."""
        self._is_stopping = False

    @contextlib.contextmanager
    def listen(self) -> Iterator[None]:
        """Handle SIGTSTP and SIGCONT with the running loop, unless they are ignored."""
        self._loop = asyncio.get_running_loop()
        # started here: a signal handler must not start a thread, since that takes locks
        threading.Thread(target=self._watch, args=(_get_modes(),), daemon=True).start()
        handlers = {signal.SIGTSTP: self.request, signal.SIGCONT: self._hear_continue}
        before = {
            number: signal.signal(number, handler)
            for number, handler in handlers.items()
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def request(self, *_: object) -> None:
        """Ask the loop to stop the program. This is the handler of SIGTSTP."""
        if self._request is None and self._loop is not None:
            self._number += 1
            self._request = self._number
            self._alarms.put(self._number)
            self._loop.call_soon_threadsafe(self._answer)

    def _hear_continue(self, *_: object) -> None:
        """Drop a request from before the stop; take the terminal if SIGSTOP came before."""
        self._request = None
        if not self._is_stopping and self._loop is not None:
            self._forget()
            self._loop.call_soon_threadsafe(self._go_through)

    def _answer(self) -> None:
        if self._request is not None:
            self._go_through()

    def _go_through(self) -> None:
        """Give the terminal back, stop if that is requested, and take the terminal again.

        A program that goes on in the background (`bg`) stops again until it has the terminal.
        """
        driver = self._app._driver  # noqa: SLF001
        if driver is None:  # the app starts
            if self._take():
                _stop()
            return
        if not self._app.is_running or not driver.can_suspend:  # the app ends
            self._request = None
            return
        self._is_stopping = True
        try:
            self._rest()
            driver.suspend_application_mode()
            if self._take():
                _stop()
            while _is_in_background():
                _stop()
            driver.resume_application_mode()
        finally:
            self._is_stopping = False
        self._resume()

    def _take(self, number: int | None = None) -> bool:
        """Take the request to stop, or the one with that number; tell whether there is one."""
        with self._lock:
            if self._request is None or number not in (None, self._request):
                return False
            self._request = None
            return True

    def _watch(self, modes: list[Any] | None) -> None:
        """Stop the program when the loop does not: it waits for the terminal."""
        while True:
            number = self._alarms.get()
            time.sleep(PATIENCE)
            if self._take(number):
                now = _get_modes()
                _set_modes(modes)
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
                _set_modes(now)


def _stop() -> None:
    """Stop the process; return when it goes on."""
    os.kill(os.getpid(), signal.SIGSTOP)


def _is_in_background() -> bool:
    """Tell whether another process group has the terminal."""
    try:
        return os.tcgetpgrp(0) != os.getpgrp()
    except OSError:  # the terminal is gone
        return False


def _get_modes() -> list[Any] | None:
    with contextlib.suppress(termios.error):
        return termios.tcgetattr(0)
    return None


def _set_modes(modes: list[Any] | None) -> None:
    if modes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, modes)
