"""Read a folder into which an archive was unpacked as if it were still one.

Browsers and file managers unpack downloads, and some programs keep a book as a folder. Links are
not followed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from reader.errors import UnreadableFile
from reader.ingest import MAX_SOURCE_BYTES
from reader.ingest.zip_file import fold_name, fold_names
from reader.library.files import read_bytes
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from pathlib import Path


MAX_ENTRIES: Final = 100_000
_MAX_DEPTH: Final = 12


class UnpackedArchive:
    """The files in and below a folder, by their paths from there."""

    def __init__(self, folder: Path, name: str) -> None:
        """List a folder that is called `name` in messages. Raises `UnreadableFile`."""
        self._folder, self._name = folder, sanitize_line(name, 200)
        self._sizes: dict[str, int] = {}
        try:
            self._list(folder, "", 0)
        except OSError as error:
            raise UnreadableFile(f"{self._name}: can't be read") from error
        self._folded = fold_names(self._sizes)

    def _list(self, folder: Path, prefix: str, depth: int) -> None:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
        for entry in ordered:
            if entry.is_file(follow_symlinks=False):
                self._sizes[f"{prefix}{entry.name}"] = entry.stat(follow_symlinks=False).st_size
            elif entry.is_dir(follow_symlinks=False) and depth < _MAX_DEPTH:
                self._list(folder / entry.name, f"{prefix}{entry.name}/", depth + 1)
            if len(self._sizes) > MAX_ENTRIES:
                raise UnreadableFile(f"{self._name}: more than {MAX_ENTRIES} files are in it")

    @property
    def names(self) -> list[str]:
        """The paths of the files from the folder on, ordered by name."""
        return list(self._sizes)

    def find(self, name: str) -> str:
        """Return the path of a file as it is written, whatever the case; empty if it is missing."""
        return name if name in self._sizes else self._folded.get(fold_name(name), "")

    def size(self, name: str) -> int:
        """Return the bytes of a file, 0 if it is missing."""
        return self._sizes.get(self.find(name), 0)

    def read(self, name: str, max_bytes: int = MAX_SOURCE_BYTES) -> bytes:
        """Return the content of a file. Raises `UnreadableFile`, also above `max_bytes`."""
        found = self.find(name)
        shown = f"{self._name}: {sanitize_line(name, 100)}"
        if not found:
            raise UnreadableFile(f"{shown} is missing in it")
        if self._sizes[found] > max_bytes:
            raise UnreadableFile(f"{shown} is larger than {max_bytes >> 20} MB, so it is not read")
        return read_bytes(self._folder / found)

    def close(self) -> None:
        """Do nothing: no file stays open."""
