"""The terminal before the app starts: whether there is one, and its background colour."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import sys
import termios
import time
import tty
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import ReaderError
from reader.signal_handlers import END_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase

ANSWER_SECONDS: Final = 1.0
"""The longest wait for the background colour. The app drops later answers, and a terminal that
doesn't answer counts as dark."""
INPUT_SECONDS: Final = 1.0
"""Seconds without any input after which a line says that the program waits for it."""
_BACKGROUND_QUERY: Final = b"\x1b]11;?\x1b\\\x1b[c"
"""Queries for the background colour (OSC 11), which some terminals ignore, and for the
terminal's attributes (DA1), which all terminals answer."""
_COLOUR: Final = re.compile(
    rb"\x1b\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)[^\a\x1b]*(?:\a|\x1b\\)"
)
_ATTRIBUTES: Final = re.compile(rb"\x1b\[\?[0-9;]*c")


class Background(NamedTuple):
    """The terminal's background, and what else was received while it was queried."""

    is_light: bool
    """False too if the terminal doesn't say."""
    received: bytes
    """Keys, and the beginning of an answer that comes late. They are for the app."""


def has_terminal() -> bool:
    """Return whether the app can run. Textual itself would start on anything.

    A closed standard output is no pipe or file that the story could be printed to.
    """
    if not (sys.__stdout__ is None or sys.stdout.isatty()) or _is_dumb():
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def is_input_ready(stream: BufferedIOBase) -> bool:
    """Wait for input, or its end; return whether it came within `INPUT_SECONDS`."""
    try:
        return bool(select.select([stream], [], [], INPUT_SECONDS)[0])
    except (OSError, ValueError):  # reading reports what is wrong
        return True


def can_show_styles() -> bool:
    """Return whether printed text may have styles, such as bold."""
    return sys.stdout.isatty() and not _is_dumb() and not os.environ.get("NO_COLOR")


def _is_dumb() -> bool:
    return os.environ.get("TERM", "dumb") in ("dumb", "")


@contextlib.contextmanager
def attach_terminal() -> Iterator[None]:
    """Make the terminal the standard streams, where Textual reads, takes the size and draws.

    Afterwards standard error is again what it was, for messages, unless it was closed.
    Removes COLUMNS and LINES, with which Textual would ignore every resize. Raises `ReaderError`
    in the background if there is no shell that could change that.
    """
    wait_for_foreground()
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    messages = os.dup(2) if sys.__stderr__ is not None else None
    for number, access in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        if not _is_terminal(number, access):
            handle = os.open("/dev/tty", os.O_RDWR)
            os.dup2(handle, number)
            os.close(handle)
    # Textual uses the original streams; they are None if they were closed.
    sys.__stdin__ = sys.__stdin__ or sys.stdin  # type: ignore[misc, assignment]  # only Python sets it
    sys.__stdout__ = sys.__stdout__ or sys.stdout  # type: ignore[misc, assignment]  # only Python sets it
    sys.__stderr__ = sys.__stderr__ or sys.stderr  # type: ignore[misc, assignment]  # only Python sets it
    try:
        yield
    finally:
        if messages is not None:
            os.dup2(messages, 2)
            os.close(messages)


def wait_for_foreground() -> None:
    """Stop while another program has the terminal, as the system does with one that draws there.

    Raises `ReaderError` if there is no shell that could change that.
    """
    continued: list[int] = []
    previous = signal.signal(signal.SIGCONT, lambda number, _: continued.append(number))
    handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    try:
        while os.tcgetpgrp(handle) != os.getpgrp():
            continued.clear()
            os.killpg(os.getpgrp(), signal.SIGTTOU)
            if not continued:  # the system stops no program that nothing would continue
                raise ReaderError("it runs in the background, where it can't use the terminal")
    finally:
        os.close(handle)
        signal.signal(signal.SIGCONT, previous)


def _is_terminal(number: int, access: int) -> bool:
    """Return whether a descriptor is a terminal that can be read or written."""
    opened = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
    return os.isatty(number) and opened in (access, os.O_RDWR)


_TEXTUAL_SETTINGS: Final = {
    "ESCDELAY": "[1-9][0-9]{0,3}",
    "TEXTUAL_ANIMATIONS": "none|basic|full",
    "TEXTUAL_COLOR_SYSTEM": "auto|standard|256|truecolor",
    "TEXTUAL_DIM_FACTOR": "[0-9]{1,2}|100",
    "TEXTUAL_DISABLE_KITTY_KEY": "[01]",
    "TEXTUAL_FILTERS": "dim",
    "TEXTUAL_FPS": "[1-9][0-9]{0,2}",
    "TEXTUAL_SMOOTH_SCROLL": "[01]",
}
"""The variables for Textual that a user of this program may set, and their values.

Textual raises an error on other values of some of them. Its other variables are for developers:
they import modules, write files, press keys, or end the program.
"""


def remove_textual_settings() -> list[str]:
    """Remove all other variables for Textual from the environment, before it is imported.

    Returns a notice for each value that is not allowed.
    """
    notices = []
    for name, value in list(os.environ.items()):
        if name in _TEXTUAL_SETTINGS and not re.fullmatch(_TEXTUAL_SETTINGS[name], value):
            notices.append(f"{name} is ignored: its value is not allowed.")
        elif name in _TEXTUAL_SETTINGS or not name.startswith("TEXTUAL"):
            continue
        del os.environ[name]
    return notices


def query_background() -> Background:
    """Ask the terminal for its background colour, without changing the terminal."""
    received = b""
    with contextlib.suppress(OSError, termios.error):
        received = _send_query()
    colour = _COLOUR.search(received)
    received = _ATTRIBUTES.sub(b"", _COLOUR.sub(b"", received))
    if colour:
        red, green, blue = (int(part, 16) / ((1 << 4 * len(part)) - 1) for part in colour.groups())
        # The luma of ITU-R BT.601.
        return Background(0.299 * red + 0.587 * green + 0.114 * blue > 0.5, received)
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return Background(background in ("7", "15"), received)


def _send_query() -> bytes:
    """Send the query and return what is received until the answer or the time limit.

    A signal waits until then: the shell would get changed modes, and the answer as keys.
    """
    handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    settings = termios.tcgetattr(handle)
    received = b""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [*END_SIGNALS, signal.SIGTSTP])
    try:
        tty.setcbreak(handle, termios.TCSANOW)
        os.write(handle, _BACKGROUND_QUERY)
        deadline = time.monotonic() + ANSWER_SECONDS
        while (rest := deadline - time.monotonic()) > 0 and not _ATTRIBUTES.search(received):
            if select.select([handle], [], [], rest)[0]:
                received += os.read(handle, 1024)
    finally:
        termios.tcsetattr(handle, termios.TCSANOW, settings)
        os.close(handle)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return received
