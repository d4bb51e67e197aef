"""Stop the program for the shell, on SIGTSTP or ctrl+z, and go on after SIGCONT.

Textual's own handlers write to the terminal in the middle of whatever the main thread does,
and wait for ever if that holds the lock of the writer's queue. The handlers here only ask
the loop. If the loop waits for a terminal that takes no bytes, a thread stops the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App

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
