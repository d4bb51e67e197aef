"""Learn from the system which files change in folders, without looking at any (Linux: inotify).

What it doesn't tell, such as changes on a network's disk, must be found by looking.
"""

from __future__ import annotations

import os
import sys
from struct import Struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_WANTED: Final = 0x2 | 0x8 | 0x40 | 0x80 | 0x200 | 0x01000000
"""inotify(7): files that are written, written and closed, moved away or here, or deleted; in folders."""
_IGNORED: Final = 0x8000
"""The folder is gone."""
_OVERFLOW: Final = 0x4000
"""Events were lost."""
_EVENT: Final = Struct("iIII")
"""The watch, what happened, a number for both ends of a move, and the length of the name after it."""
_BUFFER_BYTES: Final = 65_536


class FolderEvents:
    """The changes in folders since they were asked for last."""

    def __init__(self) -> None:
        self._handle = -1
        self._folders: dict[int, Path] = {}
        """The folders by the numbers of their watches."""
        self._is_supported = sys.platform == "linux"

    def watch(self, folders: Iterable[Path]) -> bool:
        """Watch these folders too, as far as the system can; return whether any is new."""
        new = {*folders} - {*self._folders.values()} if self._is_supported else set()
        count = len(self._folders)
        if not new:
            return False
        from ctypes import CDLL  # not for the first screen

        try:
            library = CDLL(None)
            if self._handle < 0:
                self._handle = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            self._is_supported = self._handle >= 0
            for folder in new if self._is_supported else ():
                number = library.inotify_add_watch(self._handle, os.fsencode(folder), _WANTED)
                if number >= 0:  # else it is gone, or the user has as many as the system allows
                    self._folders[number] = folder
        except (OSError, AttributeError):  # a system without
            self._is_supported = False
        return len(self._folders) > count

    def take(self) -> set[Path]:
        """Return the files that have changed since the last call, as far as the system has said."""
        changed: set[Path] = set()
        while self._handle >= 0:
            try:
                data = os.read(self._handle, _BUFFER_BYTES)
            except OSError:  # there are no more, or it is closed
                break
            position = 0
            while position + _EVENT.size <= len(data):
                number, kind, _, length = _EVENT.unpack_from(data, position)
                position += _EVENT.size
                name = os.fsdecode(data[position : position + length].rstrip(b"\0"))
                position += length
                if kind & (_IGNORED | _OVERFLOW):
                    self._folders.pop(number, None)
                elif name and number in self._folders:
                    changed.add(self._folders[number] / name)
        return changed

    def close(self) -> None:
        """Stop watching."""
        handle, self._handle, self._is_supported = self._handle, -1, False
        if handle >= 0:
            os.close(handle)
