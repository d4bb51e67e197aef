"""Scan folders for story files, safely and in bounded time."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.story import BUNDLED
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterator


STORY_SUFFIXES: Final = (".md", ".markdown", ".mdown", ".mkd")
_SKIPPED_FOLDERS: Final = frozenset({"node_modules", "__pycache__", "venv"})
MAX_FILES: Final = 100_000
"""Files in one folder; a scan that finds more has met something that is no library."""


class File(NamedTuple):
    """A file that may be a story, as the folder shows it: nothing was opened."""

    path: Path
    size: int
    """Bytes."""
    mtime_ns: int
    """Its modification time in nanoseconds."""
    folder: str
    """`bundled`, or the name of the folder that was asked for."""


@cache
def find_bundled_folder() -> Path:
    """Return where the stories that come with the program are: in the wheel or the checkout."""
    here = Path(__file__).resolve().parent.parent
    inside = here / "_stories"
    found = inside if inside.is_dir() else here.parent / "stories"
    return Path(os.path.realpath(found))


def scan_folder(folder: Path, notices: list[str] | None = None) -> Iterator[File]:
    """Yield the files in and below `folder` that may be stories, in order of their names.

    Files that are links come last, and only where the file itself was not met. What can't
    be entered, and what is no regular file, is told in `notes`.
    """
    return _FolderScan(folder, notices if notices is not None else []).iter_files()


def find_file(path: Path) -> File | None:
    """Return the file at `path` as a scan of its folder would, or None if it isn't there."""
    try:
        path = Path(os.path.realpath(path.parent)) / path.name
        found = path.stat()
    except (OSError, ValueError):
        return None
    is_bundled = path.is_relative_to(find_bundled_folder())
    folder = BUNDLED if is_bundled else sanitize_line(path.parent.name)
    return File(path, found.st_size, found.st_mtime_ns, folder)


class _FolderScan:
    """One walk through a folder."""

    def __init__(self, folder: Path, notices: list[str]) -> None:
        self._notices = notices
        self._root = Path(os.path.realpath(folder))
        named = Path(os.path.abspath(folder)).name or str(folder)  # noqa: PTH100  links stay as they are named
        self._folder_name = BUNDLED if self._root == find_bundled_folder() else sanitize_line(named)
        self._visited: set[tuple[int, int]] = set()
        """The folders and files met, by device and inode."""
        self._deferred_links: list[os.DirEntry[str]] = []

    def iter_files(self) -> Iterator[File]:
        for found, file in enumerate(self._walk_tree()):
            if found == MAX_FILES:
                self._report(self._root, f"more than {MAX_FILES} files, so the rest is left out")
                return
            yield file

    def _walk_tree(self) -> Iterator[File]:
        waiting = [self._root]
        while waiting:
            here = waiting.pop()
            folders = []
            for entry in self._list_entries(here):
                if entry.name.lower().endswith(STORY_SUFFIXES) and not _is_folder(entry):
                    yield from self._accept_entry(entry)
                elif entry.name not in _SKIPPED_FOLDERS and _is_folder(entry):
                    folders.append(_resolve_path(entry))
            waiting += reversed(folders)
        links, self._deferred_links = self._deferred_links, []
        for link in links:
            yield from self._accept_entry(link, is_deferred=True)

    def _list_entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            if not self._is_new(folder.stat()):
                return []
            with os.scandir(folder) as entries:
                shown = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            self._report(folder, error)
            return []
        return sorted(shown, key=lambda entry: entry.name)

    def _accept_entry(
        self, entry: os.DirEntry[str], *, is_deferred: bool = False
    ) -> Iterator[File]:
        if entry.is_symlink() and not is_deferred:
            self._deferred_links.append(entry)
            return
        try:
            found = entry.stat()
        except OSError as error:
            self._report(entry.path, error)
            return
        if not stat.S_ISREG(found.st_mode):
            self._report(entry.path, "not a regular file, so it is not opened")
        elif self._is_new(found):
            yield File(Path(entry.path), found.st_size, found.st_mtime_ns, self._folder_name)

    def _is_new(self, found: os.stat_result) -> bool:
        key = (found.st_dev, found.st_ino)
        if key in self._visited:
            return False
        self._visited.add(key)
        return True

    def _report(self, path: str | Path, reason: str | OSError) -> None:
        if isinstance(reason, OSError):
            reason = (reason.strerror or "not readable").lower()
        self._notices.append(f"{sanitize_line(str(path))}: {reason}")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _resolve_path(entry: os.DirEntry[str]) -> Path:
    return Path(os.path.realpath(entry.path) if entry.is_symlink() else entry.path)
