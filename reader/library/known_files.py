"""The files of a library as they were when their stories were described, in little memory."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from reader.library.files import File

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMAT: Final = Struct("<QqIQI")
"""Size, seconds and nanoseconds of the time, inode, and the number of the folder's name."""
_SECOND: Final = 1_000_000_000


class KnownFiles:
    """Files by location. Each takes 64 bytes and its key, where a `File` takes 200.

    One thread may change it; others may read meanwhile.
    """

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._folders: list[str] = []
        self._numbers: dict[str, int] = {}
        """The number of each folder's name."""

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, location: object) -> bool:
        return location in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter([*self._packed])

    def get(self, location: str) -> File | None:
        """Return the file at a location, None if it isn't known."""
        packed = self._packed.get(location)
        if packed is None:
            return None
        size, seconds, nanoseconds, inode, number = _FORMAT.unpack(packed)
        mtime_ns = seconds * _SECOND + nanoseconds
        return File(location, size, mtime_ns, self._folders[number], inode)

    def has(self, file: File) -> bool:
        """Return whether a file is known as it is, by its size, time and inode."""
        packed = self._packed.get(file.location)
        time = divmod(file.mtime_ns, _SECOND)
        return packed is not None and _FORMAT.unpack(packed)[:4] == (file.size, *time, file.inode)

    def add(self, file: File) -> None:
        """Add a file, or replace it."""
        number = self._numbers.get(file.folder)
        if number is None:
            number = self._numbers[file.folder] = len(self._folders)
            self._folders.append(file.folder)
        seconds, nanoseconds = divmod(file.mtime_ns, _SECOND)
        packed = _FORMAT.pack(file.size, seconds, nanoseconds, file.inode, number)
        self._packed[file.location] = packed

    def remove(self, location: str) -> None:
        """Remove a file, if it is known."""
        self._packed.pop(location, None)

    def copy(self) -> KnownFiles:
        """Return a copy, which stays as it is."""
        copied = KnownFiles()
        copied._packed, copied._folders = {**self._packed}, [*self._folders]
        copied._numbers = {**self._numbers}
        return copied
