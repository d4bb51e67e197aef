"""Textual's driver, protected from malformed input.

No input, size or signal from outside can break it. It takes sizes from the system only, clamped,
and takes over a terminal that shows the first frame already.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from fcntl import ioctl
from struct import unpack
from termios import FIONREAD
from threading import Event
from typing import TYPE_CHECKING, Final

from textual.app import ScreenError
from textual.drivers.linux_driver import LinuxDriver

from reader.drawing.early_screen import EARLY_SCREEN, ENTER, HIDE_CURSOR
from reader.ui.signals import POP_TITLE, PUSH_TITLE, STOP_SIGNALS, TerminalOutput
from reader.ui.terminal_input import MAX_COLUMNS, MAX_ROWS, TerminalInput

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message
    from textual.message_pump import MessagePump


_EXIT_CHECK_SECONDS: Final = 0.1  # between two checks whether the terminal is gone
_READ_BYTES: Final = 4096  # that are read at once
_MAX_PENDING_MESSAGES: Final = 200
"""Messages that may wait for the app. More input stays in the terminal's own buffer."""
_QUEUE_CHECK_SECONDS: Final = 0.005  # between two checks how many messages wait


class ReaderDriver(LinuxDriver):
    """The driver of a real terminal: no input, size or signal from outside can break it."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
        received: bytes = b"",
    ) -> None:
        """Take what the terminal sent before the driver was made in `received`."""
        self._received = _restore_enter(received)
        self._early_bytes = 0
        """How many bytes are still to be read that were typed before the driver started."""
        self.has_early_input = True
        """The app doesn't have all messages yet that were typed before the driver started."""
        self._wakeup, self._waker = os.pipe()
        """A pipe that becomes readable when the input thread should end."""
        os.set_blocking(self._wakeup, False)
        # Textual's handlers write to the terminal at once, in the middle of any other output.
        self._handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self.output = TerminalOutput(sys.__stderr__ or sys.stderr, app._handle_exception)  # noqa: SLF001  Textual has no other way to end an app by an error
        self._file = self.output  # type: ignore[assignment]  # it has what Textual's writer needs
        self._size = size or self._get_terminal_size()

    def _sigtstp_application(self, *_: object) -> None:
        """Pass on a signal that comes before `__init__` has restored the handlers."""
        self._pass_on(signal.SIGTSTP)

    def _sigcont_application(self, *_: object) -> None:
        self._pass_on(signal.SIGCONT)

    def _pass_on(self, number: signal.Signals) -> None:
        handler = self._handlers[number]
        if callable(handler):
            handler(number, None)

    def start_application_mode(self) -> None:
        """Take the terminal, with the first frame on it if that is shown, and save its title."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakeup, _READ_BYTES)
        self._early_bytes = _count_waiting(self.fileno)
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's
        self.write(PUSH_TITLE)
        if EARLY_SCREEN.is_shown:
            self.attrs_before = EARLY_SCREEN.modes
            EARLY_SCREEN.hand_over()

    def stop_application_mode(self) -> None:
        """Give the terminal back, with its title."""
        self.write(POP_TITLE)
        super().stop_application_mode()

    def write(self, data: str) -> None:
        """Queue output. Drop it if Textual's writer thread has ended: the queue would be full.

        The first frame has switched to the alternate screen already: some terminals would clear it.
        """
        if data in (ENTER, HIDE_CURSOR) and EARLY_SCREEN.is_shown:
            self.output.record(data)
        elif self._writer_thread is None or self._writer_thread.is_alive():
            super().write(data)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return columns and rows, clamped: drawing an impossible size would take all memory."""
        columns, rows = super()._get_terminal_size()
        return min(columns, MAX_COLUMNS), min(rows, MAX_ROWS)

    def _query_in_band_window_resize(self) -> None:
        """Don't let the terminal report sizes in its input: any program could forge them."""

    def _run_input_thread(self) -> None:
        """Read input without a handler for errors: `catch_errors` passes them to the app."""
        self.run_input_thread()

    def disable_input(self) -> None:
        """End the input thread. It waits for a byte, without a timeout: an idle app sleeps."""
        os.write(self._waker, b"\0")
        super().disable_input()

    def run_input_thread(self) -> None:
        """Read the terminal and send messages to the app, until the app ends."""
        terminal, sent = TerminalInput(), 0
        parsed = terminal.feed(self._received) if self._received else []
        self._received = b""
        while not self.exit_event.is_set():
            for message in parsed:
                self.process_message(message)
            if self.has_early_input and not self._early_bytes and terminal.get_timeout() is None:
                self._loop.call_soon_threadsafe(self._end_early_input)
            sent += len(parsed)
            if sent > _MAX_PENDING_MESSAGES:
                self._wait_for_app()
                sent = 0
            handles = select.select([self.fileno, self._wakeup], [], [], terminal.get_timeout())[0]
            if self._wakeup in handles:
                return
            parsed = terminal.feed(self._read()) if handles else terminal.handle_timeout()

    def _end_early_input(self) -> None:
        self.has_early_input = False

    def _read(self) -> bytes:
        """Return the received bytes. Wait a little if there are none: the terminal is gone."""
        try:
            data = os.read(self.fileno, _READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self.exit_event.wait(_EXIT_CHECK_SECONDS)
        early, self._early_bytes = self._early_bytes, max(0, self._early_bytes - len(data))
        return _restore_enter(data[:early]) + data[early:]

    def send_message(self, message: Message) -> None:
        """Send a message to the app. Textual's own starts a task for each, which takes longer."""
        self._loop.call_soon_threadsafe(self._app.post_message, message)

    def _wait_for_app(self) -> None:
        """Wait until the app has handled most of its messages, or ends."""
        delivered = Event()
        self._loop.call_soon_threadsafe(delivered.set)
        while not delivered.is_set() or self._count_pending() > _MAX_PENDING_MESSAGES:
            if self.exit_event.wait(_QUEUE_CHECK_SECONDS):
                return

    def _count_pending(self) -> int:
        """Return how many messages wait in the app, the screen and the focused widget."""
        pumps: list[MessagePump | None] = [self._app]
        with contextlib.suppress(LookupError, ScreenError):  # the app is ending
            pumps += [self._app.screen, self._app.focused]
        # `getattr`, because only the reader's own app queues input.
        queued = len(getattr(self._app, "inputs", ()))
        return queued + sum(pump.message_queue_size for pump in pumps if pump is not None)


def _restore_enter(typed: bytes) -> bytes:
    """Return what was typed before the driver started with a carriage return for each Enter.

    The shell's mode of the terminal has turned it into a line feed (ICRNL), as ctrl+j sends it.
    """
    return typed.replace(b"\n", b"\r")


def _count_waiting(handle: int) -> int:
    """Return how many bytes of a terminal wait to be read; 0 if it is none."""
    try:
        return int(unpack("i", ioctl(handle, FIONREAD, bytes(4)))[0])
    except OSError:
        return 0
