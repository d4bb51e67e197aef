"""The terminal from the first frame until Textual's driver takes it over.

`EarlyScreen` switches to the alternate screen and draws a frame, holds back what is typed for the
app, and gives the terminal back however the program ends. It imports nothing but the standard
library's smallest modules: a frame is drawn before most of the program is loaded.
"""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from typing import TYPE_CHECKING, Any, Final

from reader.signal_handlers import END_SIGNALS, install_handlers

if TYPE_CHECKING:
    from typing import NoReturn

ENTER: Final = "\x1b[?1049h"
"""Switches to the alternate screen (xterm). Textual sends the same."""
HIDE_CURSOR: Final = "\x1b[?25l"
NO_WRAP: Final = "\x1b[?7l"
ENTER_ALL: Final = f"{ENTER}{HIDE_CURSOR}{NO_WRAP}"
"""What is sent before the first frame. The driver switches the same modes on."""
_LEAVE_ALL: Final = b"\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?1049l\x1b[?25h"
_BEGIN_FRAME: Final = b"\x1b[?2026h"
_END_FRAME: Final = b"\x1b[?2026l"
"""Synchronised output: the terminal shows what is between them at once, or ignores them."""
_INPUT_MODES: Final = termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR
_LOCAL_MODES: Final = termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG
"""Modes that Textual's driver switches off: keys come one by one, unchanged and not echoed."""
_READ_BYTES: Final = 4096  # that are read at once
_SECONDS_TO_LEAVE: Final = 0.1
"""Seconds to wait for a terminal that takes no bytes before it is left as it is."""


class EarlyScreen:
    """A terminal that shows a frame while the app is loaded."""

    def __init__(self) -> None:
        self.modes: list[Any] | None = None
        """The terminal's modes before the first frame, as termios has them."""
        self._handle = -1
        self._frame = b""

    @property
    def is_shown(self) -> bool:
        """Whether a frame is shown: it was not left, and the driver has not taken over."""
        return self._handle >= 0

    def show(self, frame: bytes) -> bool:
        """Show a frame, which is encoded rows, in place of what is shown; return whether it is.

        It isn't if there is no terminal, or if another program has it.
        """
        if self.is_shown:
            if frame != self._frame:
                self._frame = frame
                self._write(_BEGIN_FRAME + frame + _END_FRAME)
            return True
        try:
            handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            return False
        with contextlib.suppress(OSError, termios.error):
            if os.tcgetpgrp(handle) == os.getpgrp():
                self.modes = termios.tcgetattr(handle)
                self._handle, self._frame = handle, frame
                self._take()
                return True
        if self.is_shown:
            self.leave()  # something was changed before it failed
        else:
            os.close(handle)
        return False

    def _take(self) -> None:
        """Hold back what is typed from now on, and draw the frame."""
        modes = termios.tcgetattr(self._handle)
        modes[0] &= ~_INPUT_MODES
        modes[3] &= ~_LOCAL_MODES
        modes[6][termios.VMIN] = 1
        termios.tcsetattr(self._handle, termios.TCSANOW, modes)
        self._write(ENTER_ALL.encode() + _BEGIN_FRAME + self._frame + _END_FRAME)

    def read_or_wake(self, waker: int) -> bytes:
        """Wait for what is typed and return it; nothing once the file `waker` can be read.

        If the terminal is gone, wait for `waker` alone.
        """
        import select

        handles = [waker, self._handle]
        while waker not in select.select(handles, [], [])[0]:
            with contextlib.suppress(OSError):
                if data := os.read(self._handle, _READ_BYTES):
                    return data
            handles = [waker]
        return b""

    def hand_over(self) -> None:
        """Leave the terminal to the driver, which gives it back."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def leave(self) -> None:
        """Give the terminal back as it was, if a frame is shown."""
        if self.is_shown:
            self._give_back()
            self.hand_over()

    def exit_on_signal(self, number: int, _frame: object) -> NoReturn:
        """Handle a signal that ends the program: give the terminal back and end at once."""
        self.leave()
        os._exit(128 + number)

    def stop_on_signal(self, _number: int, _frame: object) -> None:
        """Handle SIGTSTP: give the terminal back, and stop this process."""
        if self.is_shown:
            self._give_back()
        os.kill(os.getpid(), signal.SIGSTOP)

    def resume_on_signal(self, _number: int, _frame: object) -> None:
        """Handle SIGCONT: show the frame again, but not while another program has the terminal."""
        while self.is_shown and not self._has_foreground():
            os.kill(os.getpid(), signal.SIGSTOP)
        if self.is_shown:
            with contextlib.suppress(OSError, termios.error):
                self._take()

    def _has_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self._handle) == os.getpgrp()
        except OSError:  # the terminal is gone
            return True

    def _give_back(self) -> None:
        """Switch all modes off, unless another program has the terminal."""
        if not self._has_foreground():
            return
        with contextlib.suppress(OSError, termios.error):
            import select

            if select.select([], [self._handle], [], _SECONDS_TO_LEAVE)[1]:
                os.write(self._handle, _LEAVE_ALL)
            if self.modes is not None:
                termios.tcsetattr(self._handle, termios.TCSANOW, self.modes)

    def _write(self, data: bytes) -> None:
        """Write all of `data`. Wait while the terminal takes no more."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._handle, rest) :]
            except BlockingIOError:  # another program has made the terminal non-blocking
                import select

                select.select([], [self._handle], [], 1.0)


EARLY_SCREEN: Final = EarlyScreen()
"""The one terminal of this process."""


def handle_early_signals() -> None:
    """Give the terminal back at every signal that ends or stops the program.

    Signals that end it do so at once, until the app handles them. Nothing is lost: the store's
    files are complete at any moment. An exception instead could be raised where Python drops it.
    """
    install_handlers(dict.fromkeys(END_SIGNALS, EARLY_SCREEN.exit_on_signal))
    install_handlers(
        {signal.SIGTSTP: EARLY_SCREEN.stop_on_signal, signal.SIGCONT: EARLY_SCREEN.resume_on_signal}
    )
