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

ANSWER_SECONDS: Final = 1.0
"""Seconds to wait for an answer about the background, once: one that comes later is ignored,
and a terminal that is silent is taken for dark."""
_BACKGROUND_QUERY: Final = b"\x1b]11;?\x1b\\\x1b[c"
"""The background colour (OSC 11), and what every terminal answers (DA1) to end the wait."""
_COLOUR_ANSWER: Final = re.compile(rb"\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)")
_ATTRIBUTES_ANSWER: Final = re.compile(rb"\x1b\[\?[0-9;]*c")


def has_terminal() -> bool:
    """Tell whether a full screen can be drawn: Textual itself would try anything."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") in ("dumb", ""):
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def exit_on_signals() -> None:
    """Have TERM and HUP end the program as an error would: what is open is closed on the way."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _raise_exit)


def _raise_exit(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def can_show_styles() -> bool:
    """Tell whether what is printed may be bold or dim: on a terminal, unless told otherwise."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") in ("dumb", "")
    return sys.stdout.isatty() and not plain


def attach_terminal() -> None:
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


def has_light_background() -> bool:
    """Tell whether the terminal's background is light, as far as it says."""
    with contextlib.suppress(OSError, termios.error):
        colour = _COLOUR_ANSWER.search(_query_background())
        if colour:
            red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in colour.groups())
            # The luma of ITU-R BT.601.
            return bool(0.299 * red + 0.587 * green + 0.114 * blue > 0.5)
    ground = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return ground in ("7", "15")


def _query_background() -> bytes:
    """Ask the terminal for its background and return what it answers."""
    handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    before = termios.tcgetattr(handle)
    answer = b""
    try:
        tty.setcbreak(handle, termios.TCSANOW)
        os.write(handle, _BACKGROUND_QUERY)
        ends = time.monotonic() + ANSWER_SECONDS
        while (rest := ends - time.monotonic()) > 0 and not _ATTRIBUTES_ANSWER.search(answer):
            if select.select([handle], [], [], rest)[0]:
                answer += os.read(handle, 1024)
    finally:
        termios.tcsetattr(handle, termios.TCSANOW, before)
        os.close(handle)
    return answer
