"""Handle signals and a terminal that is gone: end the app, or stop it for the shell.

Python's signal handlers only pass the signal on to the running event loop. A thread acts instead
if the loop does not, because it waits for a terminal that takes no more bytes.
"""

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
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App


FORCED_EXIT_SECONDS: Final = 1.5
"""Seconds after a signal until the program ends even if the loop has not ended it."""
FORCED_STOP_SECONDS: Final = 5.0
"""Seconds after a request to stop until a thread stops the program."""
HANGUP_CHECK_SECONDS: Final = 1.0
"""Seconds between two checks of the terminal, on systems whose poll reports no hang-up."""
STOP_SIGNALS: Final = (signal.SIGTSTP, signal.SIGCONT)
"""The signals with which a shell stops and continues a program."""
_END_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_HANGUP_EVENTS: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


@contextlib.contextmanager
def handle_signals(
    on_signal: Callable[[int], None], on_hangup: Callable[[], None]
) -> Iterator[None]:
    """Call `on_signal` with a signal's number, and `on_hangup`, in the running event loop.

    A signal that is ignored at the start stays ignored (nohup). The loop's own handlers
    (`add_signal_handler`) are not used: they do nothing while Textual waits for the terminal.
    """
    loop, modes = asyncio.get_running_loop(), _get_modes()
    received: SimpleQueue[int] = SimpleQueue()

    def pass_on(number: int, _frame: object) -> None:
        received.put(number)
        loop.call_soon_threadsafe(on_signal, number)

    def watch_signals() -> None:
        _force_exit(128 + received.get(), modes)

    def watch_terminal() -> None:
        _wait_for_hangup()
        with contextlib.suppress(RuntimeError):  # the loop is closed: the program ends anyway
            loop.call_soon_threadsafe(on_hangup)
        _force_exit(128 + signal.SIGHUP, modes)

    # Started here: starting a thread takes locks, which a signal handler must not do.
    _start_thread(watch_signals)
    _start_thread(watch_terminal)
    with _install_handlers(dict.fromkeys(_END_SIGNALS, pass_on)):
        yield


@contextlib.contextmanager
def _install_handlers(
    handlers: dict[signal.Signals, Callable[[int, object], None]],
) -> Iterator[None]:
    """Install signal handlers, except for ignored signals, and restore the previous ones."""
    previous = {
        number: signal.signal(number, handler)
        for number, handler in handlers.items()
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _start_thread(function: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=function, args=arguments, daemon=True).start()


def _wait_for_hangup() -> None:
    poll = select.poll()
    poll.register(0, 0)  # POLLHUP, POLLERR and POLLNVAL are always reported
    while not any(event & _HANGUP_EVENTS for _, event in poll.poll(HANGUP_CHECK_SECONDS * 1000)):
        pass


def _force_exit(code: int, modes: list[Any] | None) -> None:
    """End the program if it still runs after a while; restore the terminal's modes."""
    time.sleep(FORCED_EXIT_SECONDS)
    _set_modes(modes)
    os._exit(code)


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
    ) -> None:
        """Take the callbacks of the app.

        `before_stop` saves and counts the reading time so far. `after_unannounced_stop` drops
        the reading time since the last tick after a SIGSTOP; a signal handler calls it.
        `after_resume` is called once the app has the terminal again.
        """
        self._app = app
        self._before_stop = before_stop
        self._after_unannounced_stop = after_unannounced_stop
        self._after_resume = after_resume
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
        _start_thread(self._force_stops, _get_modes())
        with _install_handlers(
            {signal.SIGTSTP: self._on_stop_signal, signal.SIGCONT: self._on_continue_signal}
        ):
            yield

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
        foreground.
        """
        driver = self._app._driver  # noqa: SLF001  Textual has no public access to its driver
        if driver is None:  # the app is starting
            if self._take_request():
                _stop_process()
            return
        if not self._app.is_running or not driver.can_suspend:  # the app is ending
            self._pending_request = None
            return
        self._is_stopping = True
        try:
            self._before_stop()
            driver.suspend_application_mode()
            if self._take_request():
                _stop_process()
            while _is_in_background():
                _stop_process()
            driver.resume_application_mode()
        finally:
            self._is_stopping = False
        self._after_resume()

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
                app_modes = _get_modes()
                _set_modes(modes)
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
                _set_modes(app_modes)


def _stop_process() -> None:
    """Stop this process; return when it is continued."""
    os.kill(os.getpid(), signal.SIGSTOP)


def _is_in_background() -> bool:
    """Return whether another process group has the terminal."""
    try:
        return os.tcgetpgrp(0) != os.getpgrp()
    except OSError:  # the terminal is gone
        return False


def _get_modes() -> list[Any] | None:
    """Return the terminal's modes as termios has them, None if there is no terminal."""
    with contextlib.suppress(termios.error):
        return termios.tcgetattr(0)
    return None


def _set_modes(modes: list[Any] | None) -> None:
    if modes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, modes)
