"""The terminal before the app starts: whether there is one, and light or dark."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import sys
import termios
import time
import tty
from typing import Final, NoReturn

ANSWER: Final = 1.0
"""Seconds to wait for an answer about the background, once: one that comes later is ignored,
and a terminal that is silent is taken for dark."""
_QUESTION: Final = b"\x1b]11;?\x1b\\\x1b[c"
"""The background colour (OSC 11), and what every terminal answers (DA1) to end the wait."""
_COLOUR: Final = re.compile(rb"\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)")
_ATTRIBUTES: Final = re.compile(rb"\x1b\[\?[0-9;]*c")


def is_there() -> bool:
    """Tell whether a full screen can be drawn: Textual itself would try anything."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") in ("dumb", ""):
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def end_orderly() -> None:
    """Have TERM and HUP end the program as an error would: what is open is closed on the way."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def shows_styles() -> bool:
    """Tell whether what is printed may be bold or dim: on a terminal, unless told otherwise."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") in ("dumb", "")
    return sys.stdout.isatty() and not plain


def take() -> None:
    """Make the terminal standard input and standard error, where Textual reads and draws.

    Removes COLUMNS and LINES, which would make Textual ignore every resize.
    """
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    for number in (0, 2):
        if not os.isatty(number):
            handle = os.open("/dev/tty", os.O_RDWR)
            os.dup2(handle, number)
            os.close(handle)


def is_light() -> bool:
    """Tell whether the terminal's background is light, as far as it says."""
    with contextlib.suppress(OSError, termios.error):
        colour = _COLOUR.search(_asked())
        if colour:
            red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in colour.groups())
            # The luma of ITU-R BT.601.
            return bool(0.299 * red + 0.587 * green + 0.114 * blue > 0.5)
    ground = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return ground in ("7", "15")


def _asked() -> bytes:
    """Ask the terminal for its background and return what it answers."""
    handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    before = termios.tcgetattr(handle)
    answer = b""
    try:
        tty.setcbreak(handle, termios.TCSANOW)
        os.write(handle, _QUESTION)
        ends = time.monotonic() + ANSWER
        while (rest := ends - time.monotonic()) > 0 and not _ATTRIBUTES.search(answer):
            if select.select([handle], [], [], rest)[0]:
                answer += os.read(handle, 1024)
    finally:
        termios.tcsetattr(handle, termios.TCSANOW, before)
        os.close(handle)
    return answer
