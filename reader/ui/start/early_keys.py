"""Keys that are typed before Textual is loaded: the page scrolls at once.

While a thread imports the app, `EarlyKeys` reads what is typed, moves the page of the first frame,
and shows it. Nothing else changes: the app gets every byte that was read, and obeys the keys itself
before it draws for the first time. The first key that does more than scroll ends it.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

from reader.drawing.early_screen import EARLY_SCREEN
from reader.ui.commands import COMMANDS, SCROLLS
from reader.ui.key_names import name_character
from reader.ui.start.first_frame import show_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reader.layout.viewport import Viewport
    from reader.ui.start.first_frame import Frame


SEQUENCES: Final[Mapping[bytes, str]] = {
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
    b"\x1b[5~": "pageup",
    b"\x1b[6~": "pagedown",
    b"\x1b[H": "home",
    b"\x1bOH": "home",
    b"\x1b[1~": "home",
}
"""What a terminal sends for the keys that usually scroll (xterm, rxvt, the console of Linux)."""
_CTRL_LETTERS: Final = {bytes([number]): f"ctrl+{chr(96 + number)}" for number in range(1, 27)}
"""Ctrl and a letter, except those that have a key of their own."""
_OWN_KEYS: Final = (b"\t", b"\n", b"\r", b"\b")


class EarlyKeys:
    """What was typed, and the page that shows what the app will make of it."""

    def __init__(self, frame: Frame) -> None:
        self.typed = b""
        """All that was read, for the app."""
        self._frame = frame
        self._viewport = frame.viewport
        keymap = frame.surroundings.keymap
        self._commands = {
            key.strip(): command.id
            for command in COMMANDS
            if command.id in SCROLLS
            for key in keymap.get(command.id, command.keys).split(",")
        }
        """The commands that scroll, by the names of their keys."""
        self._rest = b""
        """What is still to be obeyed: the beginning of a sequence."""

    def read(self, waker: int) -> bool:
        """Wait for keys, obey them and show the page; return False once `waker` is readable."""
        data = EARLY_SCREEN.read_or_wake(waker)
        self.typed += data
        try:
            if data and self._viewport is not None and self._obey(self._viewport, data):
                show_rows(self._frame.redraw())
        except Exception:  # noqa: BLE001  the app draws the same, and reports what is wrong with it
            self._viewport = None
        return bool(data)

    def _obey(self, viewport: Viewport, data: bytes) -> bool:
        """Scroll as the keys say, and return whether the page is to be shown.

        It isn't at the end of what is parsed: the app may know more of the text by then.
        """
        is_moved, size = False, (self._frame.surroundings.columns, self._frame.surroundings.rows)
        data, self._rest = self._rest + data, b""
        while data:
            key, data = split_key(data)
            if not key:  # its end may still come
                self._rest = data
                break
            command_id = self._commands.get(name_key(key))
            if command_id is None or os.get_terminal_size(1) != size:
                self._viewport = None  # the app's turn
                break
            move, step = SCROLLS[command_id]
            viewport.hide_stop_line()
            move(viewport.scroller, step)
            if viewport.scroller.is_at_end:
                self._viewport = None
                return False
            is_moved = True
        return is_moved


def split_key(data: bytes) -> tuple[bytes, bytes]:
    """Return the bytes of the first key, and those after it; no key if it may be incomplete."""
    if data[:1] != b"\x1b":
        return data[:1], data[1:]
    for sequence in SEQUENCES:
        if data.startswith(sequence):
            return sequence, data[len(sequence) :]
        if sequence.startswith(data):
            return b"", data
    return data, b""


def name_key(key: bytes) -> str:
    """Return Textual's name of a key that is one byte or one of `SEQUENCES`; else nothing."""
    if key in SEQUENCES:
        return SEQUENCES[key]
    if len(key) != 1 or key in _OWN_KEYS:
        return ""
    return _CTRL_LETTERS.get(key) or (name_character(key.decode()) if b" " <= key <= b"~" else "")


def obey_keys_during(work: Callable[[], None], frame: Frame) -> bytes:
    """Run `work` in a thread, obey keys until it is done, and return what was typed.

    An error of `work` is raised here.
    """
    keys = EarlyKeys(frame)
    failures: list[BaseException] = []
    done, waker = os.pipe()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  raised again in the main thread
            failures.append(error)
        finally:
            os.write(waker, b"\0")

    thread = threading.Thread(target=run, name="load")
    thread.start()
    while keys.read(done):
        pass
    thread.join()
    os.close(done)
    os.close(waker)
    if failures:
        raise failures[0]
    return keys.typed
