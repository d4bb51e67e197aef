"""A real pseudo-terminal that runs the program, and the screen that it shows.

The output goes through pyte, a terminal emulator. A test sees what a person would see, not what
the program believes it drew. Every wait is for an event; its limit only ends a test that fails.
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
from typing import TYPE_CHECKING, ClassVar, Final, Self

import pyte
from fork_server import can_fork, fork_program
from pyte.modes import IRM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

READER: Final = (sys.executable, "-m", "reader")
"""The arguments of a start that imports the program anew."""
LIMIT: Final = 60.0
"""Seconds after which a program that does not do what a test waits for is taken to hang."""


class _Cells(dict[str, pyte.screens.Char]):
    """The cell that each character makes with one style, if it is one column wide."""

    def __init__(self, style: pyte.screens.Char) -> None:
        self._style = style

    def __missing__(self, character: str) -> pyte.screens.Char:
        if pyte.screens.wcwidth(character) != 1:
            raise KeyError(character)
        self[character] = self._style._replace(data=character)
        return self[character]


class _Screen(pyte.Screen):
    """A screen that takes half the time for plain text within a row."""

    _cells: ClassVar[dict[pyte.screens.Char, _Cells]] = {}

    def draw(self, data: str) -> None:
        """Draw text at the cursor."""
        cursor = self.cursor
        end = cursor.x + len(data)
        is_replacing = not self.charset and IRM not in self.mode
        cells = self._make_cells(data) if is_replacing and end <= self.columns else []
        if len(cells) < len(data):
            super().draw(data)
            return
        self.buffer[cursor.y].update(zip(range(cursor.x, end), cells, strict=True))
        self.dirty.add(cursor.y)
        cursor.x = end

    def _make_cells(self, data: str) -> list[pyte.screens.Char]:
        """Return the cells of text, or none if a character isn't one column wide."""
        style = self.cursor.attrs
        made = self._cells.get(style) or self._cells.setdefault(style, _Cells(style))
        try:
            return [made[character] for character in data]
        except KeyError:
            return []


def _describe_cell(cell: pyte.screens.Char) -> tuple[object, ...]:
    if cell.data == " " and not cell.underscore and not cell.reverse and not cell.strikethrough:
        return (" ", cell.bg)
    colours = (cell.fg, cell.bg)
    return (
        cell.data,
        *colours,
        cell.bold,
        cell.italics,
        cell.underscore,
        cell.reverse,
        cell.strikethrough,
    )


def _read_modes(handle: int) -> list[int]:
    return list(termios.tcgetattr(handle)[:4])


def _read_new_modes() -> list[int]:
    """Return the modes of a terminal that nothing uses yet."""
    handles = os.openpty()
    modes = _read_modes(handles[1])
    for handle in handles:
        os.close(handle)
    return modes


class PseudoTerminal:
    """A program in its own terminal."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        argv: Sequence[str] = (),
        source: str | None = None,
        draws: bool = True,
        reply_delay: float = 0.0,
    ) -> None:
        """Start the program, or Python `source`, from the fork server where that can be done.

        With `argv` that command is started; use `READER` to see the imports of the program.
        Without `draws` its output is read but not drawn on the screen. The terminal replies to
        questions after `reply_delay` seconds.
        """
        self._reply_delay = reply_delay
        self.output = bytearray()
        """Every byte the program sent."""
        self._draws = draws
        self.columns = columns
        self._screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lines: list[str] | None = None
        """The rows of the screen, until more is drawn on it."""
        self.processor_seconds = 0.0
        """Seconds of processor time that the program used; known once it has ended."""
        self.started = time.monotonic()
        size = struct.pack("HHHH", rows, columns, 0, 0)
        environment = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **os.environ}
        environment |= env or {}
        if not argv and can_fork(environment):
            self._handle, terminal = os.openpty()
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
            self.first_modes = _read_modes(terminal)
            self.pid = fork_program(os.ttyname(terminal), source, arguments, environment)
            os.close(terminal)
            return
        self.first_modes = _read_new_modes()
        argv = argv or (READER if source is None else (sys.executable, "-c", source))
        self.pid, self._handle = pty.fork()
        if self.pid == 0:  # pragma: no cover  the child
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe(argv[0], [*argv, *arguments], environment)  # noqa: S606
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, without trailing spaces."""
        if self._lines is None:  # `Screen.display` takes ten times as long
            cells, columns = self._screen.buffer, range(self._screen.columns)
            self._lines = [
                "".join([row[x].data for x in columns]).rstrip()
                for row in (cells[y] for y in range(self._screen.lines))
            ]
        return self._lines

    @property
    def cells(self) -> list[list[tuple[object, ...]]]:
        """Each row's cells: character, colours and attributes; of a blank one, what is seen."""
        return [
            [_describe_cell(self._screen.buffer[y][x]) for x in range(self._screen.columns)]
            for y in range(self._screen.lines)
        ]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    @property
    def cursor(self) -> tuple[int, int]:
        """The column and the row of the terminal's cursor."""
        return self._screen.cursor.x, self._screen.cursor.y

    @property
    def cursor_is_hidden(self) -> bool:
        """Whether the terminal's cursor is hidden."""
        return bool(self._screen.cursor.hidden)

    def get_style(self, text: str) -> tuple[bool, ...]:
        """Return whether the first letter of `text` is bold, italic, underlined and reversed."""
        for row, line in enumerate(self._screen.display):
            if text in line:
                cell = self._screen.buffer[row][line.index(text)]
                return cell.bold, cell.italics, cell.underscore, cell.reverse
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text}")

    def read(self, seconds: float) -> bool:
        """Read what the program sends within `seconds`; return whether it sent anything."""
        if not select.select([self._handle], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._handle, 65_536)
        except OSError:
            return False
        self.output += data
        self._reply(data)
        if self._draws:
            self.draw(data)
        return bool(data)

    def clear(self) -> None:
        """Make the screen blank, as it was at the start."""
        self._screen.reset()
        self._lines = None

    def draw(self, data: bytes) -> None:
        """Draw bytes on the screen, whether the program has sent them or not."""
        self._stream.feed(data)
        self._lines = None

    def _reply(self, data: bytes) -> None:
        """Reply to the question for the device attributes, as every terminal does."""
        if b"\x1b[c" in data:
            time.sleep(self._reply_delay)
            self.write(b"\x1b[?62;22c")

    def wait_until(self, is_true: Callable[[], bool], message: str, seconds: float = LIMIT) -> None:
        """Read until a condition is true. Raises AssertionError with the screen if it isn't."""
        deadline = time.monotonic() + seconds
        while not is_true():
            self.read(0.02)
            if time.monotonic() > deadline:
                raise AssertionError(f"{message} within {seconds} s:\n{self.text}")

    def wait_for(self, text: str, seconds: float = LIMIT) -> None:
        """Wait until the screen shows `text`. Raises AssertionError if it doesn't."""
        self.wait_until(lambda: text in self.text, f"{text!r} is not shown", seconds)

    def wait_for_bytes(self, data: bytes, seconds: float = LIMIT) -> float:
        """Wait until the program has sent `data`; return the seconds since it was started."""
        self.wait_until(lambda: data in self.output, f"{data!r} is not sent", seconds)
        return time.monotonic() - self.started

    def wait_for_stop(self, seconds: float = LIMIT) -> None:
        """Wait until the program is stopped by a signal, and read what it sent before."""

        def is_stopped() -> bool:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            assert not pid or os.WIFSTOPPED(status), f"it ended: {status}\n{self.text}"
            return bool(pid)

        self.wait_until(is_stopped, "it does not stop", seconds)
        while self.read(0.0):
            pass

    def settle(self, seconds: float = 0.3) -> None:
        """Wait until nothing was sent for `seconds`."""
        while self.read(seconds):
            pass

    def write(self, data: bytes) -> None:
        """Type bytes."""
        os.write(self._handle, data)

    def press(self, keys: str, pause: float = 0.08) -> None:
        """Type each character of `keys`; after each, wait until nothing was sent for a while."""
        for key in keys:
            self.write(key.encode())
            self.settle(pause)

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size, as a terminal does."""
        self.columns = columns
        self._screen.resize(rows, columns)
        self._lines = None
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def modes(self) -> list[int]:
        """Return the terminal's modes now. The program must restore `first_modes`.

        Those were read before it started: it may have changed them before a test can ask.
        """
        return _read_modes(self._handle)

    def list_unrestored(self) -> set[str]:
        """Return the modes that the program has changed and not restored, so far."""
        sent = self.output.decode("utf-8", "replace")
        defaults = {"7": "h", "25": "h"}  # wrapping, and a visible cursor
        current: dict[str, str] = {}
        for modes, value in re.findall(r"\x1b\[\?([\d;]+)([hl])", sent):
            current |= dict.fromkeys(modes.split(";"), value)
        unrestored = {
            f"{mode}{value}" for mode, value in current.items() if value != defaults.get(mode, "l")
        }
        for name, push, pop in (
            ("keys", r"\x1b\[>\d+u", r"\x1b\[<u"),
            ("title", "22;2t", "23;2t"),
        ):
            if len(re.findall(push, sent)) > len(re.findall(pop, sent)):
                unrestored.add(name)
        return unrestored

    def close_window(self) -> None:
        """Close the terminal's window."""
        os.close(self._handle)
        self._handle = -1

    def wait(self, seconds: float = LIMIT) -> int:
        """Wait for the program's end and return its exit code, or minus the signal's number."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
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
