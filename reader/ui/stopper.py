"""Give the terminal to the shell or to another program for a while, and take it back.

A stop for the shell is requested by a key or a signal. Another program, such as an editor, runs
inside one: the reader waits for it, as a shell does for a job in the foreground.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from reader.signal_handlers import install_handlers
from reader.ui.signals import (
    get_modes,
    is_in_background,
    restore_handlers,
    set_modes,
    start_thread,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from textual.app import App

    _Handler: TypeAlias = Callable[[int, FrameType | None], object] | int

_Result = TypeVar("_Result")

FORCED_STOP_SECONDS: Final = 5.0
"""Seconds after a request to stop until a thread stops the program."""
END_WAIT_SECONDS: Final = 0.3
"""Seconds after a stop, in the background, in which a signal may still end the program."""
_RESET_SCREEN: Final = b"\x1b[?1l\x1b>\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[?1049l\x1b[m"
"""Switches off what a killed editor leaves on: keypad, mouse, marked pastes, its own screen."""


class Stopper:
    """Stops the program for the shell with the terminal restored, and continues it.

    A stop goes through these steps: a signal or a key requests it; the loop, or after
    `FORCED_STOP_SECONDS` a thread, takes the request; who took it stops the program.
    """

    def __init__(
        self,
        app: App[None],
        *,
        before_stop: Callable[[], None],
        after_unannounced_stop: Callable[[], None],
        after_resume: Callable[[], None],
        exit_now: Callable[[int], None],
    ) -> None:
        """Take the callbacks of the app.

        `before_stop` saves and counts the reading time so far. `after_unannounced_stop` drops
        the reading time since the last tick after a SIGSTOP; a signal handler calls it.
        `after_resume` is called once the app has the terminal again. `exit_now` ends the program
        with an exit code.
        """
        self._app = app
        self._before_stop = before_stop
        self._after_unannounced_stop = after_unannounced_stop
        self._after_resume = after_resume
        self._exit_now = exit_now
        self._end_signal: int | None = None
        """The signal that ends the program, once it has come."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last_request = 0
        self._pending_request: int | None = None
        """The number of the request to stop that was not taken yet."""
        self._lock = threading.Lock()
        """Held while a request is taken, so that only the loop or the thread takes it."""
        self._requests: SimpleQueue[int] = SimpleQueue()
        """Requests for the thread. A signal handler may put something into a `SimpleQueue`."""
        self._is_stopping = False

    @contextlib.contextmanager
    def listen(self) -> Iterator[None]:
        """Handle SIGTSTP and SIGCONT in the running event loop, unless they are ignored."""
        self._loop = asyncio.get_running_loop()
        # Started here: see `handle_signals`.
        start_thread(self._force_stops, get_modes())
        previous = install_handlers(
            {signal.SIGTSTP: self._on_stop_signal, signal.SIGCONT: self._on_continue_signal}
        )
        try:
            yield
        finally:
            restore_handlers(previous)

    def _is_ending(self) -> bool:
        return self._end_signal is not None

    def record_end(self, number: int) -> None:
        """Record that the signal `number` ends the program: it must not stop any more."""
        self._end_signal = number

    def request_stop(self) -> None:
        """Request that the loop stops the program. Safe in a signal handler."""
        if self._pending_request is None and self._loop is not None:
            self._last_request += 1
            self._pending_request = self._last_request
            self._requests.put(self._last_request)
            self._loop.call_soon_threadsafe(self._stop_if_requested)

    def _on_stop_signal(self, _number: int, _frame: object) -> None:
        self.request_stop()

    def _on_continue_signal(self, _number: int, _frame: object) -> None:
        """Drop a request from before the stop; take the terminal back after a SIGSTOP."""
        self._pending_request = None
        if not self._is_stopping and self._loop is not None:
            self._after_unannounced_stop()
            self._loop.call_soon_threadsafe(self._stop_and_resume)

    def _stop_if_requested(self) -> None:
        if self._pending_request is not None:
            self._stop_and_resume()

    def _stop_and_resume(self) -> None:
        """Restore the terminal, stop if that is requested, and take the terminal back.

        A program that is continued in the background (`bg`) stops again until it is in the
        foreground, or until a signal has ended it: a killed job is continued to make it end.
        """
        if self._is_ending():
            return
        driver = self._app._driver  # noqa: SLF001  Textual has no public access to its driver
        if driver is None:  # the app is starting
            if self._take_request():
                _stop_process()
            self._stop_in_background()
            return
        if not self._app.is_running or not driver.can_suspend:  # the app is ending
            self._pending_request = None
            return
        self._is_stopping = True
        try:
            self._before_stop()
            self._stop_in_background()  # changing the modes there would stop it before it can end
            driver.suspend_application_mode()
            if self._take_request():
                _stop_process()
            self._stop_in_background()
            driver.resume_application_mode()
        finally:
            self._is_stopping = False
        self._after_resume()

    def run_outside(self, run: Callable[[], _Result]) -> _Result | None:
        """Restore the terminal, return what `run` returns, and take the terminal back before.

        `run` blocks the loop, as a stop does. None if the app has no terminal, or ends.
        """
        driver = self._app._driver  # noqa: SLF001  see `_stop_and_resume`
        if self._is_ending() or driver is None or not driver.can_suspend:
            return None
        if not self._app.is_running:
            return None
        self._is_stopping = True
        try:
            self._before_stop()
            driver.suspend_application_mode()
            try:
                return run()
            finally:
                self._pending_request = None  # it came for the program that ran
                self._stop_in_background()
                driver.resume_application_mode()
        finally:
            self._is_stopping = False
            self._after_resume()

    def _stop_in_background(self) -> None:
        """Stop again while another program has the terminal; end if a signal ends the program."""
        while not self._wait_for_end() and is_in_background():
            _stop_process()
        if self._end_signal is not None:
            self._exit_now(128 + self._end_signal)

    def _wait_for_end(self) -> bool:
        """Wait a little in the background; return whether a signal ends the program.

        A shell kills a stopped job by a signal and a SIGCONT. Another thread may get the signal
        while this one continues already.
        """
        deadline = time.monotonic() + END_WAIT_SECONDS
        while not self._is_ending() and is_in_background() and time.monotonic() < deadline:
            time.sleep(0.01)
        return self._is_ending()

    def _take_request(self, number: int | None = None) -> bool:
        """Take the pending request if it has this `number`; return whether it was taken."""
        with self._lock:
            if self._pending_request is None or number not in (None, self._pending_request):
                return False
            self._pending_request = None
            return True

    def _force_stops(self, modes: list[Any] | None) -> None:
        """Stop the program, with the terminal's `modes` restored, whenever the loop doesn't."""
        while True:
            number = self._requests.get()
            time.sleep(FORCED_STOP_SECONDS)
            if self._take_request(number):
                app_modes = get_modes()
                set_modes(modes)
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
                set_modes(app_modes)


def _stop_process() -> None:
    """Stop this process; return when it is continued."""
    os.kill(os.getpid(), signal.SIGSTOP)


def run_program(argv: Sequence[str]) -> int:
    """Run a program on the terminal, wait for it, and return its exit code, as a shell does.

    The code is negative for the signal that killed it; the terminal is repaired then. Keys for
    signals are for the program: Ctrl+C doesn't end the reader, and Ctrl+Z stops both for the
    shell. A signal that ends the reader is passed on. Raises `OSError` if it can't be started.
    """
    modes, continued = get_modes(), list[int]()
    handled = install_handlers(
        {
            signal.SIGINT: _ignore,
            signal.SIGQUIT: _ignore,
            signal.SIGCONT: lambda number, _frame: continued.append(number),
        }
    )
    handled |= _install_default(signal.SIGTSTP)  # the program may stop all of its group
    try:
        # Standard output may be a file; the app has the terminal as its standard error.
        with subprocess.Popen([*argv], stdin=0, stdout=2, stderr=2) as process:  # noqa: S603  no shell: the user's editor and its arguments
            handled |= _pass_on_ends(process.pid)
            process.returncode = code = _wait_for(process.pid, continued)
    finally:
        restore_handlers(handled)
        set_modes(modes)
    if code < 0:
        with contextlib.suppress(OSError):
            os.write(2, _RESET_SCREEN)
    return code


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing. A program that is started inherits no handler, but it would ignore the signal too."""


def _install_default(number: signal.Signals) -> dict[signal.Signals, _Handler]:
    """Let a signal do what it does without a handler, unless it is ignored."""
    handler = signal.getsignal(number)
    if handler is None or handler is signal.SIG_IGN:
        return {}
    signal.signal(number, signal.SIG_DFL)
    return {number: handler}


def _pass_on_ends(pid: int) -> dict[signal.Signals, _Handler]:
    """Send the signals that end the reader to a process too; return the handlers before."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        handler = previous[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        with contextlib.suppress(OSError):
            os.kill(pid, number)

    previous = install_handlers({signal.SIGTERM: pass_on, signal.SIGHUP: pass_on})
    return previous


def _wait_for(pid: int, continued: list[int]) -> int:
    """Wait for a process to end, and return its exit code. While it is stopped, stop too.

    Often both were stopped, and the shell has continued both before this hears of it: then
    `continued` has a signal.
    """
    while True:
        continued.clear()
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        if not continued:
            _stop_process()
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGCONT)
