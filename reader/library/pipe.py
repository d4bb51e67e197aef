"""Read a pipe in a thread, so that what has come so far can be shown before it ends."""

from __future__ import annotations

import os
import select
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final

from reader.library.files import MAX_STORY_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE_BYTES: Final = 65_536
_MAX_CHARACTER_BYTES: Final = 4
"""Bytes of the longest character in UTF-8."""


class Pipe:
    """What has come through a pipe so far. A thread of its own reads it until it ends.

    A pipe that brings more than `max_bytes` is closed, so that the program that writes it ends.
    """

    def __init__(self, descriptor: int, max_bytes: int = MAX_STORY_BYTES) -> None:
        """Read a copy of `descriptor`: the terminal may get its number. Raises `OSError`."""
        self.is_ended = False
        self.is_too_large = False
        """It was closed because more than `max_bytes` came."""
        self.failure = ""
        """Why it could not be read to its end; empty if it could."""
        self._max_bytes = max_bytes
        self._data = bytearray()
        self._changed = Condition()
        self._is_stopped = False
        self._report_change: Callable[[], object] | None = None
        self._descriptor = os.dup(descriptor)
        # It may wait in a read when the program ends, which must not wait for it.
        Thread(target=self._read_all, name="pipe", daemon=True).start()

    def __len__(self) -> int:
        """Return the number of bytes so far."""
        return len(self._data)

    def call_on_change(self, report_change: Callable[[], object]) -> None:
        """Call a function, in the thread that reads, whenever more has come or the pipe ends."""
        self._report_change = report_change

    def stop(self) -> None:
        """Read no more: the program that writes it ends when it writes the next time."""
        self._is_stopped = True

    def wait_for_end(self, seconds: float | None = None) -> bool:
        """Wait until the pipe ends, `seconds` at most; return whether it has ended."""
        with self._changed:
            return self._changed.wait_for(lambda: self.is_ended, seconds)

    def wait_for_bytes(self, seconds: float | None = None) -> bool:
        """Wait until anything has come or the pipe ends; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self.is_ended or bool(self._data), seconds)

    def read(self, *, has_tail: bool = True) -> bytes:
        """Return the bytes so far. Before the end, a character that is incomplete is left out.

        Without `has_tail` the last paragraph is left out too, unless it is the only one.
        """
        with self._changed:
            data, is_ended = bytes(self._data), self.is_ended
        if is_ended:
            return data
        end = data.rfind(b"\n\n") + 2
        return data[:end] if end > 2 and not has_tail else _drop_incomplete(data)

    def _read_all(self) -> None:
        while True:
            try:
                piece = os.read(self._descriptor, _PIECE_BYTES)
            except BlockingIOError:
                select.select([self._descriptor], [], [])
                continue
            except OSError as error:  # such as a descriptor that is open for writing only
                self.failure, piece = error.strerror or "can't be read", b""
            with self._changed:
                self._data += piece[: self._max_bytes - len(self._data)]
                self.is_too_large = len(piece) > 0 and len(self._data) >= self._max_bytes
                self.is_ended = not piece or self.is_too_large or self._is_stopped
                if self.is_ended:
                    os.close(self._descriptor)
                self._changed.notify_all()
            if self._report_change is not None:
                self._report_change()
            if self.is_ended:
                return


def _drop_incomplete(data: bytes) -> bytes:
    """Return `data` without the beginning of a character at its end."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, of which most characters have two
        return data[: len(data) // 2 * 2]
    for count in range(1, min(_MAX_CHARACTER_BYTES, len(data)) + 1):
        byte = data[-count]
        if byte < 0x80:
            break
        if byte >= 0xC0:  # the first byte says how many there are
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data[:-count] if count < length else data
    return data
