"""Textual's driver with an input thread that no byte can stop, and sizes that are possible.

Owns when the terminal is read. What the bytes mean is `terminal_input`'s. The size of the
window comes from the system alone: the terminal is not asked to report it among the keys.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
from threading import Event
from typing import TYPE_CHECKING, Final

from textual.app import ScreenError
from textual.drivers.linux_driver import LinuxDriver

from .stopping import STOP_SIGNALS
from .terminal_input import MOST_COLUMNS, MOST_ROWS, TerminalInput

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump

_CHECK: Final = 0.1
"""Seconds between two looks whether the thread is to end."""
_MOST_READ: Final = 4096
_MOST_WAITING: Final = 200
"""Messages that may wait to be obeyed. The rest waits in the terminal, which takes no memory."""
_PAUSE: Final = 0.005
"""Seconds between two looks at how many messages wait."""


class ReaderDriver(LinuxDriver):
    """The driver of a real terminal."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        # Textual's own handlers for these write to the terminal in the middle of anything.
        self._handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._size = size or self._get_terminal_size()

    def _sigtstp_application(self, *_: object) -> None:
        """Pass on a signal that comes before `__init__` has installed the handlers again."""
        self._pass_on(signal.SIGTSTP)

    def _sigcont_application(self, *_: object) -> None:
        self._pass_on(signal.SIGCONT)

    def _pass_on(self, number: signal.Signals) -> None:
        handler = self._handlers[number]
        if callable(handler):
            handler(number, None)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the columns and rows; an impossible size would need all memory to draw."""
        columns, rows = super()._get_terminal_size()
        return min(columns, MOST_COLUMNS), min(rows, MOST_ROWS)

    def _query_in_band_window_resize(self) -> None:
        """Don't ask for sizes among the keys, which anything may claim."""

    def run_input_thread(self) -> None:
        """Read the terminal until the app ends, and send what it says to the app."""
        terminal, sent = TerminalInput(), 0
        while not self.exit_event.is_set():
            wait = terminal.wait()
            seconds = _CHECK if wait is None else min(wait, _CHECK)
            if select.select([self.fileno], [], [], seconds)[0]:
                found = terminal.feed(self._read())
            else:
                found = terminal.end_wait()
            for message in found:
                self.process_message(message)
            sent += len(found)
            if sent > _MOST_WAITING:
                self._wait_for_app()
                sent = 0

    def _read(self) -> bytes:
        """Return what has come; wait a little if the terminal has gone and always has an end."""
        try:
            data = os.read(self.fileno, _MOST_READ)
        except OSError:
            data = b""
        if not data:
            self.exit_event.wait(_CHECK)
        return data

    def _wait_for_app(self) -> None:
        """Wait until the app has obeyed most of what it was sent, or ends."""
        delivered = Event()
        self._loop.call_soon_threadsafe(delivered.set)
        while not delivered.is_set() or self._count_waiting() > _MOST_WAITING:
            if self.exit_event.wait(_PAUSE):
                return

    def _count_waiting(self) -> int:
        """Return how many messages wait for the app and for what has the focus."""
        pumps: list[MessagePump | None] = [self._app]
        with contextlib.suppress(LookupError, ScreenError):  # the app ends meanwhile
            pumps += [self._app.screen, self._app.focused]
        # Textual has no public way to ask; each pump keeps the messages sent to it.
        return sum(pump._message_queue.qsize() for pump in pumps if pump is not None)  # noqa: SLF001
