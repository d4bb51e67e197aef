"""Scan folders for story files, safely and in bounded time."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.story import BUNDLED
from reader.text.cells import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator


SUFFIXES: Final = (".md", ".markdown", ".mdown", ".mkd")
_PASSED_OVER: Final = frozenset({"node_modules", "__pycache__", "venv"})
MOST: Final = 100_000
"""Files in one folder; a scan that finds more has met something that is no library."""


class File(NamedTuple):
    """A file that may be a story, as the folder shows it: nothing was opened."""

    path: Path
    size: int
    """Bytes."""
    changed: int
    """Its modification time in nanoseconds."""
    folder: str
    """`bundled`, or the name of the folder that was asked for."""


@cache
def bundled_folder() -> Path:
    """Return where the stories that come with the program are: in the wheel or the checkout."""
    here = Path(__file__).resolve().parent.parent
    inside = here / "_stories"
    found = inside if inside.is_dir() else here.parent / "stories"
    return Path(os.path.realpath(found))


def scan(folder: Path, notes: list[str] | None = None) -> Iterator[File]:
    """Yield the files in and below `folder` that may be stories, in order of their names.

    Files that are links come last, and only where the file itself was not met. What can't
    be entered, and what is no regular file, is told in `notes`.
    """
    return _Scan(folder, notes if notes is not None else []).files()


def file_at(path: Path) -> File | None:
    """Return the file at `path` as a scan of its folder would, or None if it isn't there."""
    try:
        path = Path(os.path.realpath(path.parent)) / path.name
        found = path.stat()
    except (OSError, ValueError):
        return None
    is_bundled = path.is_relative_to(bundled_folder())
    folder = BUNDLED if is_bundled else clean_line(path.parent.name)
    return File(path, found.st_size, found.st_mtime_ns, folder)


class _Scan:
    """One walk through a folder."""

    def __init__(self, folder: Path, notes: list[str]) -> None:
        self._notes = notes
        self._root = Path(os.path.realpath(folder))
        named = Path(os.path.abspath(folder)).name or str(folder)  # noqa: PTH100  links stay as they are named
        self._folder = BUNDLED if self._root == bundled_folder() else clean_line(named)
        self._seen: set[tuple[int, int]] = set()
        """The folders and files met, by device and inode."""
        self._links: list[os.DirEntry[str]] = []

    def files(self) -> Iterator[File]:
        for found, file in enumerate(self._walk()):
            if found == MOST:
                self._note(self._root, f"more than {MOST} files, so the rest is left out")
                return
            yield file

    def _walk(self) -> Iterator[File]:
        waiting = [self._root]
        while waiting:
            here = waiting.pop()
            folders = []
            for entry in self._entries(here):
                if entry.name.lower().endswith(SUFFIXES) and not _is_folder(entry):
                    yield from self._file(entry)
                elif entry.name not in _PASSED_OVER and _is_folder(entry):
                    folders.append(_real(entry))
            waiting += reversed(folders)
        links, self._links = self._links, []
        for link in links:
            yield from self._file(link, met_last=True)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            if not self._is_new(folder.stat()):
                return []
            with os.scandir(folder) as entries:
                shown = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            self._note(folder, error)
            return []
        return sorted(shown, key=lambda entry: entry.name)

    def _file(self, entry: os.DirEntry[str], *, met_last: bool = False) -> Iterator[File]:
        if entry.is_symlink() and not met_last:
            self._links.append(entry)
            return
        try:
            found = entry.stat()
        except OSError as error:
            self._note(entry.path, error)
            return
        if not stat.S_ISREG(found.st_mode):
            self._note(entry.path, "not a regular file, so it is not opened")
        elif self._is_new(found):
            yield File(Path(entry.path), found.st_size, found.st_mtime_ns, self._folder)

    def _is_new(self, found: os.stat_result) -> bool:
        key = (found.st_dev, found.st_ino)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _note(self, path: str | Path, reason: str | OSError) -> None:
        if isinstance(reason, OSError):
            reason = (reason.strerror or "not readable").lower()
        self._notes.append(f"{clean_line(str(path))}: {reason}")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _real(entry: os.DirEntry[str]) -> Path:
    return Path(os.path.realpath(entry.path) if entry.is_symlink() else entry.path)
