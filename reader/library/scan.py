"""Find the files that may be stories in and below a folder.

A scan follows links, but enters a folder and yields a file only once, so that it ends whatever the
links lead to. Hidden folders, those of other programs, and what a file `.readerignore` excludes are
skipped. No other file is opened.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnknownStory, UnreadableFile
from reader.library.files import (
    BUNDLED,
    STORY_SUFFIXES,
    File,
    find_bundled_folder,
    find_file,
    format_read_error,
)
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reader.library.ignored import IgnorePatterns


MAX_FILES: Final = 100_000
"""Files that one scan yields. A folder with more was hardly meant as a library."""
IGNORE_NAME: Final = ".readerignore"
"""The name of a file that says what is not to be listed, see `library.ignored`."""
_SKIPPED_FOLDERS: Final = frozenset(
    (
        *("node_modules", "bower_components", "jspm_packages", "vendor"),
        *("__pycache__", "__pypackages__", "venv", "virtualenv", "site-packages", "dist-packages"),
    )
)
"""Names of folders that hold the code of others, or what programs made."""
_MARKERS: Final = frozenset({"pyvenv.cfg", "CACHEDIR.TAG"})
"""Files by which a folder is known as a Python environment or a cache, whatever its name."""


class Folder(NamedTuple):
    """A folder of the library."""

    path: Path
    name: str = ""
    """What it is called; its own name if empty."""
    sort: str = ""
    """The order of its stories on the shelf; empty for the usual one."""
    globs: tuple[str, ...] = ()
    """Patterns of which a file must match one, by its name or, with a slash, by its path in the
    folder. An asterisk stands for any characters."""


def scan_folder(folder: Path | Folder, notices: list[str] | None = None) -> Iterator[File]:
    """Yield the files in and below `folder` that may be stories, ordered by name.

    Links to files come last, and only if the file itself was not found. Each folder that can't be
    entered, and each entry that is no regular file, adds a line to `notices`.
    """
    folder = folder if isinstance(folder, Folder) else Folder(folder)
    return _FolderScan(folder, notices if notices is not None else []).iter_files()


def scan_with_sources(folder: Folder) -> tuple[list[File], dict[str, str]]:
    """Return what `scan_folder` yields, and what decides which files these are.

    Those are the folders that were entered, and each `.readerignore` in them, by path with what
    `describe_source` said of each before it was read.
    """
    scan = _FolderScan(folder, [])
    return [*scan.iter_files()], scan.sources


def describe_source(path: str) -> str:
    """Return the size, the time and the inode of a folder or file; empty if there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116  a Path would take longer, and there may be thousands
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"


class FolderNames(NamedTuple):
    """What a folder has by name that decides which stories a scan finds in it."""

    files: set[str]
    """The names of the files that may be stories."""
    sources: set[str]
    """The paths of the folders that would be entered, and of a `.readerignore`."""


def list_names(folder: str) -> FolderNames | None:
    """Return the names in a folder, without looking at the files; None where that isn't enough.

    There may be links, or a file because of which the folder is not entered. Raises OSError.
    """
    files, sources = set[str](), set[str]()
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name == IGNORE_NAME:
                sources.add(entry.path)
            elif name.startswith("."):
                continue
            elif name in _MARKERS or entry.is_symlink():
                return None
            elif entry.is_dir():
                if name not in _SKIPPED_FOLDERS:
                    sources.add(entry.path)
            elif name.lower().endswith(STORY_SUFFIXES):
                files.add(name)
    return FolderNames(files, sources)


def find_files(names: Iterable[str]) -> list[File]:
    """Return the files of these names, once each, and those of the folders among them.

    Raises `UnknownStory` if there is no file of a name.
    """
    files: dict[str, File] = {}
    for name in names:
        file = find_file(Path(name))
        if file is None:
            raise UnknownStory(f"{name}: there is no such file")
        found = scan_folder(Path(name)) if Path(name).is_dir() else [file]
        files |= {each.location: each for each in found if each.location not in files}
    return list(files.values())


class _Ignored(NamedTuple):
    """What one `.readerignore` excludes."""

    base: str
    """The path of its folder in the scanned one, with a slash at the end; empty for that itself."""
    patterns: IgnorePatterns


class _Pending(NamedTuple):
    """A folder that is still to be entered."""

    path: Path
    inside: str
    """Its path in the scanned folder, with a slash at the end; empty for that itself."""
    ignored: tuple[_Ignored, ...]


class _FolderScan:
    """One walk through a folder and the folders below it."""

    def __init__(self, folder: Folder, notices: list[str]) -> None:
        self._notices = notices
        self._root = Path(os.path.realpath(folder.path))
        name = folder.name or Path(os.path.abspath(folder.path)).name or str(folder.path)  # noqa: PTH100  a link has its own name
        self._folder_name = BUNDLED if self._root == find_bundled_folder() else sanitize_line(name)
        self._globs = folder.globs
        self._visited: defaultdict[int, set[int]] = defaultdict(set)
        """The inodes of the folders and files seen so far, by device."""
        self._deferred_links: list[os.DirEntry[str]] = []
        self.sources: dict[str, str] = {}
        """The folders that were entered, and the files in them that exclude others, with what
        `describe_source` says of them."""

    def iter_files(self) -> Iterator[File]:
        for count, file in enumerate(self._walk_tree()):
            if count == MAX_FILES:
                self._report(self._root, f"more than {MAX_FILES} files, so the rest is left out")
                return
            yield file

    def _walk_tree(self) -> Iterator[File]:
        pending = [_Pending(self._root, "", ())]
        while pending:
            folder = pending.pop()
            entries = self._list_entries(folder.path)
            if folder.inside and any(entry.name in _MARKERS for entry in entries):
                continue
            subfolders: list[_Pending] = []
            yield from self._walk_folder(folder, entries, subfolders)
            pending += reversed(subfolders)
        for link in self._deferred_links:
            if (file := self._make_file(link, is_deferred=True)) is not None:
                yield file

    def _walk_folder(
        self, folder: _Pending, entries: Sequence[os.DirEntry[str]], subfolders: list[_Pending]
    ) -> Iterator[File]:
        """Yield the files of a folder, and add the folders in it to `subfolders`."""
        ignored = self._load_ignored(folder, entries)
        has_all = not self._globs and not ignored
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if name.lower().endswith(STORY_SUFFIXES) and not _is_folder(entry):
                is_wanted = has_all or self._is_wanted(folder.inside + name, ignored)
                if is_wanted and (file := self._make_file(entry)) is not None:
                    yield file
            elif name not in _SKIPPED_FOLDERS and _is_folder(entry):
                inside = f"{folder.inside}{name}/"
                if not _is_ignored(inside, ignored):
                    subfolders.append(_Pending(_resolve_path(entry), inside, ignored))

    def _list_entries(self, folder: Path) -> list[os.DirEntry[str]]:
        self.sources[str(folder)] = describe_source(str(folder))
        try:
            if not self._is_new(folder.stat()):
                return []
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._report(folder, format_read_error(error, "folder"))
            return []

    def _load_ignored(
        self, folder: _Pending, entries: Sequence[os.DirEntry[str]]
    ) -> tuple[_Ignored, ...]:
        """Return what is ignored in a folder: as in the one above, and by its own file."""
        if not any(entry.name == IGNORE_NAME for entry in entries):
            return folder.ignored
        from reader.library.ignored import read_ignored  # most libraries have no such file

        path = folder.path / IGNORE_NAME
        self.sources[str(path)] = describe_source(str(path))
        try:
            patterns = read_ignored(path, lambda text: self._report(path, text))
        except UnreadableFile as error:
            self._notices.append(str(error))
            return folder.ignored
        return (*folder.ignored, _Ignored(folder.inside, patterns))

    def _is_wanted(self, inside: str, ignored: Sequence[_Ignored]) -> bool:
        name = inside.rpartition("/")[2]
        is_matching = not self._globs or any(
            fnmatchcase(inside if "/" in glob else name, pattern)
            for glob in self._globs
            for pattern in (glob, glob.replace("**/", ""))
        )
        return is_matching and not _is_ignored(inside, ignored)

    def _make_file(self, entry: os.DirEntry[str], *, is_deferred: bool = False) -> File | None:
        """Return the file of an entry; None if it is none, was found already, or comes later."""
        if not is_deferred and entry.is_symlink():
            self._deferred_links.append(entry)
            return None
        try:
            status = entry.stat()
        except OSError as error:
            self._report(entry.path, format_read_error(error))
            return None
        if not stat.S_ISREG(status.st_mode):
            self._report(entry.path, "not a regular file, so it is not opened")
            return None
        if not self._is_new(status):
            return None
        name = self._folder_name
        return File(entry.path, status.st_size, status.st_mtime_ns, name, status.st_ino)

    def _is_new(self, status: os.stat_result) -> bool:
        """Return whether a file or folder is seen for the first time, and record it."""
        inode, visited = status.st_ino, self._visited[status.st_dev]
        if inode in visited:
            return False
        visited.add(inode)
        return True

    def _report(self, path: str | Path, reason: str) -> None:
        self._notices.append(f"{sanitize_line(str(path))}: {reason}")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _resolve_path(entry: os.DirEntry[str]) -> Path:
    return Path(os.path.realpath(entry.path) if entry.is_symlink() else entry.path)


def _is_ignored(inside: str, ignored: Sequence[_Ignored]) -> bool:
    """Return whether a path is excluded; of several files that say so, the nearest one counts."""
    for base, patterns in reversed(ignored):
        is_excluded = patterns.check(inside[len(base) :])
        if is_excluded is not None:
            return is_excluded
    return False
