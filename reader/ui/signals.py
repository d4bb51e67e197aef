"""Handle what comes from outside the event loop: signals, errors of threads, a broken terminal.

Python's signal handlers only pass the signal on to the running event loop: it ends the app, or
stops it for the shell (`ui.stopper`). A thread acts instead if the loop does not, because it waits
for a terminal that takes no more bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import select
import signal
import termios
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TextIO

from reader.drawing.early_screen import EARLY_SCREEN
from reader.signal_handlers import END_SIGNALS, install_handlers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType


FORCED_EXIT_SECONDS: Final = 1.5
"""Seconds after a signal until the program ends even if the loop has not ended it."""
FAILED_EXIT_SECONDS: Final = 5.0
"""The same after an error: the program should report it."""
HANGUP_CHECK_SECONDS: Final = 1.0
"""Seconds between two checks of the terminal, on systems whose poll reports no hang-up."""
STOP_SIGNALS: Final = (signal.SIGTSTP, signal.SIGCONT)
"""The signals with which a shell stops and continues a program."""
PUSH_TITLE: Final = "\x1b[22;2t"
POP_TITLE: Final = "\x1b[23;2t"
"""xterm's control sequences that save the window's title on a stack and restore it."""
_MODE: Final = re.compile(r"\x1b\[(?:\?(\d+)([hl])|([<>])\d*u|2([23]);2t)")
"""A change of a private mode, of the keyboard protocol, or of the stack of titles."""
_NORMAL_VALUES: Final = {"7": "h", "25": "h"}
"""The private modes that are on outside the program: wrapped lines, a visible cursor."""
_MAX_MODE_CHARACTERS: Final = 32
"""Characters of the longest text that is searched for changes of modes. Textual sends each change
on its own; all other text is longer, or has none."""
_NO_DETAILS: Final = b"reader: an unexpected error ended the program; no details could be written\n"
_HANGUP_EVENTS: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


@contextlib.contextmanager
def handle_signals(
    on_signal: Callable[[int], None],
    on_hangup: Callable[[], None],
    *,
    record: Callable[[int], None],
    restore: Callable[[], None],
) -> Iterator[Callable[[int], None]]:
    """Call `on_signal` with a signal's number, and `on_hangup`, in the running event loop.

    `record` gets the number at once, in the signal handler. `restore` restores the screen if the
    loop doesn't end in time; a thread calls it. Yields a function that takes an exit code and
    ends the program with it if the loop has not ended a while later.

    The loop's own handlers (`add_signal_handler`) are not used: they do nothing while Textual
    waits for the terminal.
    """
    loop, modes = asyncio.get_running_loop(), get_modes()
    exit_codes: SimpleQueue[int] = SimpleQueue()

    def pass_on(number: int, _frame: object) -> None:
        record(number)
        exit_codes.put(128 + number)
        loop.call_soon_threadsafe(on_signal, number)

    def force_exit() -> None:
        code = exit_codes.get()
        time.sleep(FORCED_EXIT_SECONDS if code > 128 else FAILED_EXIT_SECONDS)
        restore()
        _restore_modes(modes)
        if code < 128:
            with contextlib.suppress(OSError):
                os.write(2, _NO_DETAILS)
        os._exit(code)

    def watch_terminal() -> None:
        while not has_hung_up(HANGUP_CHECK_SECONDS):
            pass
        exit_codes.put(128 + signal.SIGHUP)
        with contextlib.suppress(RuntimeError):  # the loop is closed: the program ends anyway
            loop.call_soon_threadsafe(on_hangup)

    # Started here: starting a thread takes locks, which a signal handler must not do.
    start_thread(force_exit)
    start_thread(watch_terminal)
    previous = install_handlers(dict.fromkeys(END_SIGNALS, pass_on))
    try:
        yield exit_codes.put
    finally:
        _restore_modes(modes)
        restore_handlers(previous)


def restore_handlers(
    handlers: Mapping[signal.Signals, Callable[[int, FrameType | None], object] | int],
) -> None:
    """Install the handlers again that `install_handlers` has replaced."""
    for number, handler in handlers.items():
        signal.signal(number, handler)


def start_thread(function: Callable[..., None], *arguments: object) -> None:
    """Run a function in a thread that the end of the program doesn't wait for."""
    threading.Thread(target=function, args=arguments, daemon=True).start()


def has_hung_up(seconds: float = 0.0) -> bool:
    """Return whether the terminal is gone; wait `seconds` for that at most."""
    poll = select.poll()
    poll.register(0, 0)  # POLLHUP, POLLERR and POLLNVAL are always reported
    return any(event & _HANGUP_EVENTS for _, event in poll.poll(seconds * 1000))


@contextlib.contextmanager
def catch_errors(on_error: Callable[[BaseException], None]) -> Iterator[None]:
    """Call `on_error` in the running loop with each error that ends a thread or a callback."""
    loop, previous = asyncio.get_running_loop(), threading.excepthook

    def pass_on(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the program ends anyway
                loop.call_soon_threadsafe(on_error, arguments.exc_value)

    def handle(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "exception" in context:  # else it is a warning
            on_error(context["exception"])

    threading.excepthook = pass_on
    loop.set_exception_handler(handle)
    try:
        yield
    finally:
        threading.excepthook = previous


class TerminalOutput:
    """The terminal as the file of Textual's writer thread.

    A write never raises: the thread would end, and the loop would wait for it for ever. The
    modes that are switched on are recorded, so that they can be switched off whatever happens.
    """

    def __init__(self, stream: TextIO, on_error: Callable[[OSError], None]) -> None:
        """Write to the same file as `stream`.

        `on_error` is called once, in the running event loop, but not if the terminal is gone:
        `handle_signals` reports that.
        """
        self._handle = stream.fileno()
        # Not that of the stream: PYTHONIOENCODING may be UTF-16, which is no terminal's.
        self._encoding = os.device_encoding(self._handle) or "utf-8"
        self._on_error = on_error
        self._loop = asyncio.get_running_loop()
        self._is_broken = False
        self._pending: list[str] = []
        self._changes: dict[str, str] = {}
        """What was changed, and the sequence that changes it back, in the order of the changes."""

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._handle

    def write(self, text: str) -> None:
        """Add `text` to what `flush` writes."""
        self._pending.append(text)
        if len(text) < _MAX_MODE_CHARACTERS:
            self.record(text)

    def flush(self) -> None:
        """Write all pending text. Wait while the terminal takes no more."""
        text, self._pending = "".join(self._pending), []
        data = memoryview(text.encode(self._encoding, "replace"))
        while data and not self._is_broken:
            try:
                data = data[os.write(self._handle, data) :]
            except BlockingIOError:  # another program has made the terminal non-blocking
                select.select([], [self._handle], [], 1.0)
            except OSError as error:
                self._is_broken = True
                if not has_hung_up():
                    with contextlib.suppress(RuntimeError):  # the loop is closed: it ends anyway
                        self._loop.call_soon_threadsafe(self._on_error, error)

    def record(self, text: str) -> None:
        """Record the modes that `text` changes, which may have been sent already."""
        for mode, value, keys, title in _MODE.findall(text):
            name = mode or ("title" if title else "keys")
            if value == _NORMAL_VALUES.get(mode, "l") or keys == "<" or title == "3":
                self._changes.pop(name, None)
            elif mode:
                self._changes[name] = f"\x1b[?{mode}{_NORMAL_VALUES.get(mode, 'l')}"
            else:
                self._changes[name] = POP_TITLE if title else "\x1b[<u"

    def restore(self) -> None:
        """Switch off all modes that are still on, if the terminal takes output now."""
        sequences, self._changes = "".join(reversed(self._changes.values())), {}
        with contextlib.suppress(OSError):
            if sequences and select.select([], [self._handle], [], 0.1)[1]:
                os.write(self._handle, sequences.encode())


def is_in_background() -> bool:
    """Return whether another process group has the terminal."""
    try:
        return os.tcgetpgrp(0) != os.getpgrp()
    except OSError:  # the terminal is gone
        return False


def get_modes() -> list[Any] | None:
    """Return the terminal's modes as termios has them, None if there is no terminal.

    While the first frame is shown, they are those from before it.
    """
    if EARLY_SCREEN.is_shown:
        return EARLY_SCREEN.modes
    with contextlib.suppress(termios.error):
        return termios.tcgetattr(0)
    return None


def _restore_modes(modes: list[Any] | None) -> None:
    """Restore the terminal's modes at the end, unless the shell has the terminal."""
    if not is_in_background():
        set_modes(modes)


def set_modes(modes: list[Any] | None) -> None:
    """Set the terminal's modes, if they are known and it is still there."""
    if modes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, modes)
