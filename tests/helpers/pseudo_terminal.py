"""A real pseudo-terminal with the program in it, and a screen that says what it shows.

The output goes through pyte, a terminal emulator of its own, so that what a test sees is
what a person would see and not what the program believes it drew.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from typing import TYPE_CHECKING, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

READER = (sys.executable, "-m", "reader")


class PseudoTerminal:
    """A program in a terminal of its own."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        argv: Sequence[str] = READER,
        draws: bool = True,
        away: float = 0.0,
    ) -> None:
        """Start the program. Without `draws` its bytes are taken but no screen is kept of them.

        A terminal that is `away` answers what it is asked after so many seconds.
        """
        self._away = away
        self.output = bytearray()
        """Every byte the program sent."""
        self._draws = draws
        self.columns = columns
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.processor_seconds = 0.0
        """What the program has used of the processor, once it has ended."""
        self.started = time.monotonic()
        self.pid, self._handle = pty.fork()
        if self.pid == 0:  # pragma: no cover  the child
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            environment = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **os.environ}
            os.execvpe(argv[0], [*argv, *arguments], {**environment, **(env or {})})  # noqa: S606
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    # What it shows ---------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, without spaces at their ends."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    @property
    def cursor(self) -> tuple[int, int]:
        """The column and the row of the terminal's own cursor."""
        return self._screen.cursor.x, self._screen.cursor.y

    @property
    def cursor_is_hidden(self) -> bool:
        """Whether the terminal's own cursor is not to be seen."""
        return bool(self._screen.cursor.hidden)

    def look_of(self, words: str) -> tuple[bool, ...]:
        """Return how the first letter of `words` is drawn, colours aside: bold, italic, ..."""
        for row, line in enumerate(self._screen.display):
            if words in line:
                cell = self._screen.buffer[row][line.index(words)]
                return cell.bold, cell.italics, cell.underscore, cell.reverse
        raise AssertionError(f"{words!r} is not on the screen:\n{self.text}")

    def read(self, seconds: float) -> bool:
        """Take in what the program sends within `seconds`; tell whether it sent anything."""
        if not select.select([self._handle], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._handle, 65_536)
        except OSError:
            return False
        self.output += data
        self._answer(data)
        if self._draws:
            self._stream.feed(data)
        return bool(data)

    def _answer(self, data: bytes) -> None:
        """Answer the one question every terminal answers: what it is."""
        if b"\x1b[c" in data:
            time.sleep(self._away)
            self.write(b"\x1b[?62;22c")

    def wait_for(self, text: str, seconds: float = 10.0) -> None:
        """Wait until the screen shows `text`. Raises AssertionError if it doesn't."""
        ends = time.monotonic() + seconds
        while text not in self.text:
            if not self.read(0.05) and time.monotonic() > ends:
                raise AssertionError(f"{text!r} is not on the screen:\n{self.text}")

    def wait_for_bytes(self, data: bytes, seconds: float = 20.0) -> float:
        """Wait until the program has sent `data`; return the seconds since it was started."""
        ends = time.monotonic() + seconds
        while data not in self.output:
            if not self.read(0.02) and time.monotonic() > ends:
                raise AssertionError(f"{data!r} was not sent:\n{self.text}")
        return time.monotonic() - self.started

    def settle(self, seconds: float = 0.3) -> None:
        """Wait until nothing was sent for `seconds`."""
        while self.read(seconds):
            pass

    # What is done to it ----------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Type bytes."""
        os.write(self._handle, data)

    def press(self, keys: str, pause: float = 0.08) -> None:
        """Type each character of `keys`, and let the program draw after each."""
        for key in keys:
            self.write(key.encode())
            self.settle(pause)

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size, as a terminal does."""
        self.columns = columns
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def modes(self) -> list[int]:
        """Return the terminal's own settings, which the program must leave as they were."""
        return list(termios.tcgetattr(self._handle)[:4])

    def left_behind(self) -> set[str]:
        """Return what the program has asked of the terminal and not taken back, as far as it sent."""
        sent = self.output.decode("utf-8", "replace")
        usual = {"7": "h", "25": "h"}  # wrapping, and a cursor to be seen
        asked: dict[str, str] = {}
        for modes, way in re.findall(r"\x1b\[\?([\d;]+)([hl])", sent):
            asked |= dict.fromkeys(modes.split(";"), way)
        left = {f"{mode}{way}" for mode, way in asked.items() if way != usual.get(mode, "l")}
        for name, begin, end in (
            ("keys", r"\x1b\[>\d+u", r"\x1b\[<u"),
            ("title", "22;2t", "23;2t"),
        ):
            if len(re.findall(begin, sent)) > len(re.findall(end, sent)):
                left.add(name)
        return left

    def close_window(self) -> None:
        """Close the terminal's window."""
        os.close(self._handle)
        self._handle = -1

    def wait(self, seconds: float = 5.0) -> int:
        """Wait for the program's end and return its exit code, or minus the signal's number."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if self._handle >= 0:
                self.read(0.02)
            else:
                time.sleep(0.02)
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                self.processor_seconds = usage.ru_utime + usage.ru_stime
                while self._handle >= 0 and self.read(0.02):
                    pass
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"the program still runs after {seconds} s:\n{self.text}")

    def kill(self) -> None:
        """End the program at once, as `kill -9` does."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
