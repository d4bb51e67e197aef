"""Find the files that may be stories, in a folder or by path; read one safely and decode it.

A scan follows links, but enters a folder and yields a file only once, so that it ends
whatever the links lead to. It opens no file.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnknownStory, UnreadableFile
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


STORY_SUFFIXES: Final = (
    ".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".text", ".rmd", ".qmd",
)  # fmt: skip
"""In lower case. The last three are Gruber's, R Markdown's and Quarto's."""
BUNDLED: Final = "bundled"
"""The folder's name of the stories that come with the program."""
MAX_FILES: Final = 100_000
"""Files that one scan yields. A folder with more was hardly meant as a library."""
MAX_NEIGHBOURS: Final = 10_000
"""Entries of a folder that are looked at when one file of it is opened."""
MIN_SCAN_SECONDS: Final = 0.9
SCAN_SHARE: Final = 500
"""How often a watched folder is scanned: at most once in so many seconds, and so many times as
seldom as a scan takes, which is 0.2 % of a core."""
MAX_STORY_BYTES: Final = 64 * 1024 * 1024
"""Size of the largest file that is opened. The largest of 36,000 texts counted has 4 MB."""
_TOO_LARGE_MESSAGE: Final = f"larger than {MAX_STORY_BYTES >> 20} MB, so it is not opened"
_SKIPPED_FOLDERS: Final = frozenset({"node_modules", "__pycache__", "venv"})


class File(NamedTuple):
    """A file that may be a story."""

    path: Path
    size: int
    """Bytes."""
    mtime_ns: int
    """Modification time in nanoseconds since the epoch."""
    folder: str
    """`bundled`, or the name of the folder that was scanned."""
    inode: int = 0
    """The number that the file system gives the file. Two files of one size can have one time."""


class Changes(NamedTuple):
    """What has changed since the files were described."""

    changed: tuple[File, ...] = ()
    """New and changed files."""
    removed: tuple[Path, ...] = ()


def format_changes(
    changes: Changes, known: Collection[Path], renamed: Collection[Path], shown: Path | None
) -> str:
    """Return a line that counts `changes`, empty if there are none but in the file `shown`.

    `known` are the files that were there before, and `renamed` new ones whose stories were.
    """
    others = [file.path for file in changes.changed if file.path != shown]
    gone = sum(path != shown for path in changes.removed)
    new = sum(path not in known for path in others)
    is_shown_renamed = shown in changes.removed and len(renamed) > 0
    counts = (
        ("added", new - len(renamed)),
        ("changed", len(others) - new),
        ("renamed", len(renamed) - is_shown_renamed),
        ("gone", gone - len(renamed) + is_shown_renamed),
    )
    parts = [f"{count} {word}" for word, count in counts if count > 0]
    return f"Stories: {', '.join(parts)}." if parts else ""


NO_CHANGES: Final = Changes()
Differences = dict[Path, File | None]
"""Files that differ from what is known, by their paths; None for a missing one."""


@cache
def find_bundled_folder() -> Path:
    """Return the folder of the bundled stories, in the installed package or the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_stories"
    folder = installed if installed.is_dir() else package.parent / "stories"
    return Path(os.path.realpath(folder))


def list_library_folders(own: Path | None) -> list[Path]:
    """Return the folders of the library: of the bundled stories, and `own` of those added."""
    return [find_bundled_folder(), *filter(None, [own])]


def scan_folder(folder: Path, notices: list[str] | None = None) -> Iterator[File]:
    """Yield the files in and below `folder` that may be stories, ordered by name.

    Hidden files and folders are skipped. Links to files come last, and only if the file
    itself was not found. Each folder that can't be entered, and each entry that is no regular
    file, adds a line to `notices`.
    """
    return _FolderScan(folder, notices if notices is not None else []).iter_files()


def find_file(path: Path) -> File | None:
    """Return the file at `path` as a scan of its folder would, None if there is none."""
    try:
        path = Path(os.path.realpath(path.parent)) / path.name
        status = path.stat()
    except (OSError, ValueError):
        return None
    is_bundled = path.is_relative_to(find_bundled_folder())
    folder = BUNDLED if is_bundled else sanitize_line(path.parent.name)
    return File(path, status.st_size, status.st_mtime_ns, folder, status.st_ino)


def find_files(names: Iterable[str]) -> list[File]:
    """Return the files of these names, once each, and those of the folders among them.

    Raises `UnknownStory` if there is no file of a name.
    """
    files: dict[Path, File] = {}
    for name in names:
        file = find_file(Path(name))
        if file is None:
            raise UnknownStory(f"{name}: there is no such file")
        found = scan_folder(Path(name)) if Path(name).is_dir() else [file]
        files |= {each.path: each for each in found if each.path not in files}
    return list(files.values())


def find_neighbours(path: Path) -> list[File]:
    """Return the files beside the one at `path` that may be stories, ordered by name.

    Folders are not entered, and only `MAX_NEIGHBOURS` entries are looked at.
    """
    try:
        with os.scandir(path.parent) as entries:
            names = sorted(
                entry.name
                for entry in islice(entries, MAX_NEIGHBOURS)
                if entry.name.lower().endswith(STORY_SUFFIXES) and not entry.name.startswith(".")
            )
    except OSError:
        return []
    paths = (path.parent / name for name in names if name != path.name)
    return [file for file in map(find_file, paths) if file and file.path.is_file()]


class _FolderScan:
    """One walk through a folder and the folders below it."""

    def __init__(self, folder: Path, notices: list[str]) -> None:
        self._notices = notices
        self._root = Path(os.path.realpath(folder))
        name = Path(os.path.abspath(folder)).name or str(folder)  # noqa: PTH100  a link has its own name
        self._folder_name = BUNDLED if self._root == find_bundled_folder() else sanitize_line(name)
        self._visited: set[tuple[int, int]] = set()
        """The folders and files seen so far, by device and inode."""
        self._deferred_links: list[os.DirEntry[str]] = []

    def iter_files(self) -> Iterator[File]:
        for count, file in enumerate(self._walk_tree()):
            if count == MAX_FILES:
                self._report(self._root, f"more than {MAX_FILES} files, so the rest is left out")
                return
            yield file

    def _walk_tree(self) -> Iterator[File]:
        pending = [self._root]
        while pending:
            subfolders = []
            for entry in self._list_entries(pending.pop()):
                if entry.name.lower().endswith(STORY_SUFFIXES) and not _is_folder(entry):
                    yield from self._accept_entry(entry)
                elif entry.name not in _SKIPPED_FOLDERS and _is_folder(entry):
                    subfolders.append(_resolve_path(entry))
            pending += reversed(subfolders)
        for link in self._deferred_links:
            yield from self._accept_entry(link, is_deferred=True)

    def _list_entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            if not self._is_new(folder.stat()):
                return []
            with os.scandir(folder) as entries:
                visible = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            self._report(folder, error)
            return []
        return sorted(visible, key=lambda entry: entry.name)

    def _accept_entry(
        self, entry: os.DirEntry[str], *, is_deferred: bool = False
    ) -> Iterator[File]:
        if entry.is_symlink() and not is_deferred:
            self._deferred_links.append(entry)
            return
        try:
            status = entry.stat()
        except OSError as error:
            self._report(entry.path, error)
            return
        if not stat.S_ISREG(status.st_mode):
            self._report(entry.path, "not a regular file, so it is not opened")
        elif self._is_new(status):
            yield File(
                Path(entry.path),
                status.st_size,
                status.st_mtime_ns,
                self._folder_name,
                status.st_ino,
            )

    def _is_new(self, status: os.stat_result) -> bool:
        """Return whether a file or folder is seen for the first time, and record it."""
        key = (status.st_dev, status.st_ino)
        if key in self._visited:
            return False
        self._visited.add(key)
        return True

    def _report(self, path: str | Path, reason: str | OSError) -> None:
        if isinstance(reason, OSError):
            reason = (reason.strerror or "can't be read").lower()
        self._notices.append(f"{sanitize_line(str(path))}: {reason}")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _resolve_path(entry: os.DirEntry[str]) -> Path:
    return Path(os.path.realpath(entry.path) if entry.is_symlink() else entry.path)


class LibraryWatch:
    """Notices files that are added, changed or removed, by their sizes and times.

    A change counts once it was found twice, since an editor may be writing or
    replacing the file. A file that becomes empty counts as being written.
    """

    def __init__(self) -> None:
        self.files: dict[Path, File] = {}
        """The files as they were when they were described."""
        self._folders: list[Path] = []
        self._folder_times: dict[Path, int] = {}
        self._next_scan = 0.0

    def add_folders(self, folders: Iterable[Path], files: Iterable[File]) -> None:
        """Watch `folders`, in which these files were found."""
        self._folders += folders
        self.add_files(files)

    def add_files(self, files: Iterable[File]) -> None:
        """Watch these files."""
        for file in files:
            self.files.setdefault(file.path, file)

    def find_differences(
        self, open_path: Path | None = None, *, is_thorough: bool = False
    ) -> Differences:
        """Return the files that differ from what is known; None stands for a missing one.

        Reads the files' metadata: call it in a worker. The file at `open_path` is looked at each
        time. A folder is scanned when it or one below it has changed, if that `is_thorough`, and
        else so seldom that it takes one part in `SCAN_SHARE` of the time.
        """
        found = self._scan() if is_thorough or self._is_scan_due() else None
        paths = {open_path} if open_path is not None else set()
        if found is not None:
            paths |= {*found, *self.files}
        current = {path: (found or {}).get(path) or find_file(path) for path in paths}
        return {path: file for path, file in current.items() if self._is_different(path, file)}

    def accept(self, first: Differences, second: Differences) -> Changes:
        """Return the changes that were found twice; they are known from then on."""
        changed, removed = [], []
        for path, file in second.items():
            if path not in first or not _is_same(first[path], file):
                continue
            if file is None:
                removed.append(path)
                self.files.pop(path, None)
            else:
                changed.append(file)
                self.files[path] = file
        return Changes(tuple(changed), tuple(removed))

    def _is_different(self, path: Path, file: File | None) -> bool:
        known = self.files.get(path)
        is_being_written = known is not None and file is not None and known.size and not file.size
        return not is_being_written and not _is_same(known, file)

    def _is_scan_due(self) -> bool:
        return time.monotonic() > self._next_scan or any(
            _get_time(folder) != before for folder, before in self._folder_times.items()
        )

    def _scan(self) -> dict[Path, File]:
        began = time.monotonic()
        files = {file.path: file for folder in self._folders for file in scan_folder(folder)}
        parents = {*self._folders, *(path.parent for path in files)}
        self._folder_times = {folder: _get_time(folder) for folder in parents}
        now = time.monotonic()
        self._next_scan = now + max(MIN_SCAN_SECONDS, SCAN_SHARE * (now - began))
        return files


def _is_same(one: File | None, other: File | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.size, one.mtime_ns, one.inode) == (other.size, other.mtime_ns, other.inode)


def _get_time(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def read_bytes(path: Path) -> bytes:
    """Return the content of the regular file at `path`, without waiting for a writer.

    An ordinary `open` would block on a FIFO, and a device may be endless. Raises
    `UnreadableFile`.
    """
    name = sanitize_line(str(path))
    try:
        _check_file(path.stat(), name)
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(handle, "rb") as file:
            _check_file(os.fstat(handle), name)  # it may have been replaced in the meantime
            data = file.read(MAX_STORY_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"{name}: {_format_reason(error)}") from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableFile(f"{name}: not a valid file name") from error
    if data is None:  # a file of the system that would block, such as /proc/kmsg
        raise UnreadableFile(f"{name}: there is nothing to read yet")
    if len(data) > MAX_STORY_BYTES:
        raise UnreadableFile(f"{name}: {_TOO_LARGE_MESSAGE}")
    return data


def _check_file(status: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableFile(f"{name}: this is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(f"{name}: not a regular file, so it is not opened")
    if status.st_size > MAX_STORY_BYTES:
        raise UnreadableFile(f"{name}: {_TOO_LARGE_MESSAGE}")


def _format_reason(error: OSError) -> str:
    reasons = {
        errno.ENOENT: "there is no such file",
        errno.EACCES: "you may not read it; check its permissions",
        errno.ENOTDIR: "there is no such file",
        errno.ENAMETOOLONG: "the name is too long",
        errno.ELOOP: "its links lead in a circle",
    }
    return reasons.get(error.errno or 0, (error.strerror or "can't be read").lower())
