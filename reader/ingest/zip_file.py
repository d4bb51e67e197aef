"""Read the files in a ZIP archive, which may have been made to do harm.

Nothing is ever unpacked to the path that the archive names. The entries, the bytes of each and of
all together are limited, whatever the archive says about them.
"""

from __future__ import annotations

import io
import lzma
import os
import posixpath
import stat
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Final, Protocol
from unicodedata import normalize
from urllib.parse import unquote

from reader.errors import UnreadableFile
from reader.ingest import MAX_SOURCE_BYTES
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import IO


MAX_ENTRIES: Final = 100_000
"""Files in one archive. Exports of reading lists have two for each article."""
MAX_UNPACKED_BYTES: Final = 1 << 30
"""Unpacked bytes that are read from one archive, all files together."""
_MAX_PICTURE_BYTES: Final = 32 << 20
_PICTURE_STARTS: Final = {
    ".png": b"\x89PNG", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".gif": b"GIF8", ".webp": b"RIFF",
}  # fmt: skip
"""What a picture with such a name begins with."""
_MAX_DIRECTORY_BYTES: Final = 32 << 20
_END_RECORD: Final = b"PK\x05\x06"
_LARGE_END_RECORD: Final = b"PK\x06\x06"
_END_BYTES: Final = 65_557
"""The longest end record (22 bytes) with its comment."""
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, OSError, ValueError,
    RuntimeError, OverflowError, KeyError, IndexError,
)  # fmt: skip
"""What reading a damaged archive raises."""


def is_zip_file(path: Path) -> bool:
    """Return whether there is a regular file at `path` that begins as a ZIP archive does."""
    try:
        with _open(path) as file:
            return file.read(4) == b"PK\x03\x04"
    except (OSError, ValueError):
        return False


def _open(path: Path) -> IO[bytes]:
    """Open a regular file without waiting for a writer. Raises `OSError` and `ValueError`."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(f"{path} is not a regular file")
    return os.fdopen(handle, "rb")


def fold_name(name: str) -> str:
    """Return a name as far as programs that write archives agree on it.

    They differ in case, in separators, and in how accents and spaces are written.
    """
    return normalize("NFC", unquote(name)).replace("\\", "/").lower()


def fold_names(names: Iterable[str]) -> dict[str, str]:
    """Return the first of the names for each folded one."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(fold_name(name), name)
    return folded


class Archive(Protocol):
    """Files by their names in an archive, which may be a folder into which one was unpacked."""

    @property
    def names(self) -> list[str]:
        """The names of the files, without folders, in their order."""

    def find(self, name: str) -> str:
        """Return the name of a file as it is written, whatever the case; empty if it is missing."""

    def size(self, name: str) -> int:
        """Return the bytes of a file, as far as they are known, 0 if it is missing."""

    def read(self, name: str, max_bytes: int = MAX_SOURCE_BYTES) -> bytes:
        """Return the content of a file. Raises `UnreadableFile`, also above `max_bytes`."""

    def close(self) -> None:
        """Close what is open."""


def is_picture_name(name: str) -> bool:
    """Return whether a file has the name of a picture that can be shown."""
    return posixpath.splitext(name)[1].lower() in _PICTURE_STARTS


def read_picture(archive: Archive, name: str) -> bytes:
    """Return the content of a picture, which has such a name.

    Raises `UnreadableFile`, also if the content is something else.
    """
    data = archive.read(name, _MAX_PICTURE_BYTES)
    if not data.startswith(_PICTURE_STARTS[posixpath.splitext(name)[1].lower()]):
        raise UnreadableFile(f"{name}: not a picture")
    return data


class ZipArchive:
    """An open ZIP archive; the files in it have the names that are written there."""

    def __init__(self, source: Path | bytes, name: str) -> None:
        """Open an archive that is called `name` in messages. Raises `UnreadableFile`."""
        self._source, self._name = source, sanitize_line(name, 200)
        self._left = MAX_UNPACKED_BYTES
        self._is_closed = False
        try:
            self._file = io.BytesIO(source) if isinstance(source, bytes) else _open(source)
        except (OSError, ValueError) as error:
            raise UnreadableFile(f"{self._name}: can't be read") from error
        try:
            self._check_directory(self._file)
            self._zip = zipfile.ZipFile(self._file)
            entries = self._zip.infolist()
            if len(entries) > MAX_ENTRIES:
                raise UnreadableFile(f"{self._name}: more than {MAX_ENTRIES} files are in it")
        except _DAMAGE as error:
            self._file.close()
            raise UnreadableFile(f"{self._name}: the archive is damaged; get it again") from error
        except UnreadableFile:
            self._file.close()
            raise
        files = (entry for entry in entries if not entry.filename.endswith("/"))
        self._entries = {entry.filename: entry for entry in files if entry.filename}
        self._folded = fold_names(self._entries)

    def _check_directory(self, file: IO[bytes]) -> None:
        """Raise `UnreadableFile` if the list of files is too long to be read into memory."""
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END_BYTES))
        tail = file.read(_END_BYTES)
        start = tail.rfind(_END_RECORD)
        if start < 0 or len(tail) < start + 22:
            raise zipfile.BadZipFile("there is no end record")
        length = int.from_bytes(tail[start + 12 : start + 16], "little")
        if length == 0xFFFFFFFF:  # a large archive has another end record (APPNOTE 6.3, 4.3.14)
            start = tail.rfind(_LARGE_END_RECORD)
            length = int.from_bytes(tail[start + 40 : start + 48], "little") if start >= 0 else size
        if length > _MAX_DIRECTORY_BYTES:
            raise UnreadableFile(f"{self._name}: more than {MAX_ENTRIES} files are in it")
        file.seek(0)

    @property
    def names(self) -> list[str]:
        """The names of the files, without folders, in their order."""
        return list(self._entries)

    def find(self, name: str) -> str:
        """Return the name of a file as it is written, whatever the case; empty if it is missing."""
        return name if name in self._entries else self._folded.get(fold_name(name), "")

    def size(self, name: str) -> int:
        """Return the unpacked bytes that the archive claims for a file, 0 if it is missing."""
        entry = self._entries.get(self.find(name))
        return entry.file_size if entry is not None else 0

    def read(self, name: str, max_bytes: int = MAX_SOURCE_BYTES) -> bytes:
        """Return the content of a file.

        An archive that was closed is opened again for it: pictures are read when their story is
        saved. Raises `UnreadableFile` if it is missing, damaged, locked or larger than `max_bytes`.
        """
        if self._is_closed:
            again = ZipArchive(self._source, self._name)
            try:
                return again.read(name, min(max_bytes, self._left))
            finally:
                again.close()
        shown = f"{self._name}: {sanitize_line(name, 100)}"
        entry = self._entries.get(self.find(name))
        if entry is None:
            raise UnreadableFile(f"{shown} is missing in it")
        if entry.flag_bits & 1:
            raise UnreadableFile(f"{self._name}: locked with a password; unpack it first")
        try:
            with self._zip.open(entry) as file:
                data = file.read(max_bytes + 1)
        except _DAMAGE as error:
            raise UnreadableFile(f"{shown} is damaged; get the file again") from error
        self._left -= len(data)
        if len(data) > max_bytes or self._left < 0:
            limit = max_bytes if len(data) > max_bytes else MAX_UNPACKED_BYTES
            raise UnreadableFile(f"{shown} is larger than {limit >> 20} MB, so it is not read")
        return data

    def close(self) -> None:
        """Close the file."""
        self._is_closed = True
        self._zip.close()
        self._file.close()
