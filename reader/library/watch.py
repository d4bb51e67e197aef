"""Notice when the files of the library change, by their sizes and times."""

from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.library.files import File, find_file
from reader.library.known_files import KnownFiles
from reader.library.scan import Folder, scan_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from reader.folder_events import FolderEvents


MIN_SCAN_SECONDS: Final = 0.9
SCAN_SHARE: Final = 500
"""How often a watched folder is scanned: at most once in so many seconds, and so many times as
seldom as a scan takes, which is 0.2 % of a core."""


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


class LibraryWatch:
    """Notices files that are added, changed or removed, by their sizes and times.

    A change counts once it was found twice, since an editor may be writing or
    replacing the file. A file that becomes empty counts as being written.
    """

    def __init__(self) -> None:
        self.files = KnownFiles()
        """The files as they were when they were described."""
        self.folders: list[Folder] = []
        """The folders that are watched, by their real paths."""
        self._folder_times: dict[Path, int] = {}
        self._next_scan = 0.0
        self._events: FolderEvents | None = None
        """What the system reports, once the folders were scanned."""
        self._reported: set[Path] = set()
        """The files that the system has reported, until they are as they are known."""
        self._scan_lock = Lock()
        """Held while folders are scanned."""
        self.is_waiting = False
        """No folder is scanned unless that is requested: the library is read for the first time."""
        self.is_scan_needed = False
        """The last scan has found differences, which a thorough one must confirm."""

    def add_folders(self, folders: Iterable[Folder], files: Iterable[File]) -> None:
        """Watch `folders`, in which these files were found."""
        self.folders += folders
        self.add_files(files)

    def add_files(self, files: Iterable[File]) -> None:
        """Watch these files."""
        for file in files:
            if file.location not in self.files:
                self.files.add(file)

    def find_differences(
        self, open_path: Path | None = None, *, is_thorough: bool = False
    ) -> Differences:
        """Return the files that differ from what is known; None stands for a missing one.

        Reads the files' metadata: call it in a worker. The file at `open_path` is looked at each
        time, and those that the system says were written. A folder is scanned when it or one below
        it has changed, if that `is_thorough`, and else so seldom that it takes one part in
        `SCAN_SHARE` of the time.
        """
        if not is_thorough and (
            difference := self.find_open_difference(open_path) or self.find_reported_differences()
        ):
            return difference
        differences: Differences = {}
        missing = [open_path] if open_path is not None else []
        is_due = is_thorough or (not self.is_waiting and self._is_scan_due())
        # Another thread may be scanning, which takes seconds in a large library.
        if is_due and self._scan_lock.acquire(blocking=is_thorough):
            try:
                differences, missing = self._scan_for_differences(missing)
            finally:
                self._scan_lock.release()
            self.is_scan_needed = not is_thorough and bool(differences or missing)
        for path in missing:
            if self._is_different(str(path), found := find_file(path)):
                differences[path] = found
        return differences

    def _scan_for_differences(self, others: list[Path]) -> tuple[Differences, list[Path]]:
        """Scan the folders; return the differences, and which known or other files aren't there."""
        differences: Differences = {}
        unseen = dict.fromkeys((*map(str, others), *self.files))
        for file in self._scan():
            unseen.pop(file.location, None)
            if self._is_different(file.location, file):
                differences[file.path] = file
        return differences, [*map(Path, unseen)]

    def find_open_difference(self, open_path: Path | None) -> Differences:
        """Return the open file alone if its text has changed; no folder is scanned for it."""
        file = find_file(open_path) if open_path is not None else None
        if open_path is None or file is None or not self._is_different(str(open_path), file):
            return {}
        return {open_path: file}

    def find_reported_differences(self) -> Differences:
        """Return the known files that differ and are there, of those that the system has reported."""
        if self._events is None:
            return {}
        self._reported |= {path for path in self._events.take() if str(path) in self.files}
        found = {path: find_file(path) for path in self._reported}
        differences: Differences = {
            path: file
            for path, file in found.items()
            if file is not None and self._is_different(str(path), file)
        }
        self._reported.intersection_update(differences)
        return differences

    def close(self) -> None:
        """Let the system tell no more."""
        if self._events is not None:
            self._events.close()

    def accept(self, first: Differences, second: Differences) -> Changes:
        """Return the changes that were found twice; they are known from then on."""
        changed, removed = [], []
        for path, file in second.items():
            if path not in first or not is_same(first[path], file):
                continue
            if file is None:
                removed.append(path)
                self.files.remove(str(path))
            else:
                changed.append(file)
                self.files.add(file)
        return Changes(tuple(changed), tuple(removed))

    def _is_different(self, location: str, file: File | None) -> bool:
        known = self.files.get(location)
        is_being_written = known is not None and file is not None and known.size and not file.size
        return not is_being_written and not is_same(known, file)

    def _is_scan_due(self) -> bool:
        return time.monotonic() > self._next_scan or any(
            _get_time(folder) != before for folder, before in self._folder_times.items()
        )

    def _scan(self) -> Iterator[File]:
        """Yield the files of the folders, and note when these were changed."""
        began = time.monotonic()
        parents = {folder.path for folder in self.folders}
        if self._events is None:
            from reader.folder_events import FolderEvents  # not for the first screen

            self._events = FolderEvents()
            known = {os.path.dirname(file) for file in self.files}  # noqa: PTH120  faster than a Path
            self._events.watch(parents | {*map(Path, known)})
        folders: set[str] = set()
        for folder in self.folders:
            for file in scan_folder(folder):
                folders.add(os.path.dirname(file.location))  # noqa: PTH120  faster than a Path
                yield file
        parents |= {*map(Path, folders)}
        self._folder_times = {folder: _get_time(folder) for folder in parents}
        now = time.monotonic()
        self._next_scan = now + max(MIN_SCAN_SECONDS, SCAN_SHARE * (now - began))
        if self._events.watch(parents):
            self._next_scan = now  # what has changed since it was looked at was not reported


def is_same(one: File | None, other: File | None) -> bool:
    """Return whether a file is as it was, by its size, time and inode; None for a missing one."""
    if one is None or other is None:
        return one is other
    return (one.size, one.mtime_ns, one.inode) == (other.size, other.mtime_ns, other.inode)


def _get_time(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
