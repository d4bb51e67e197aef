"""The reading data: the database, its records, write-behind, backups, export, import and merge.

`Fallback` is used by all of it: the copy in memory that replaces the file while it can't be
written, and how what is changed there gets into the file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import DatabaseCorrupt, FileLost, StateError
from reader.store.database import open_in_memory, reopen_database
from reader.store.files import LOCKED_MESSAGE, abort_if_locked, connect
from reader.store.migrations import MIGRATIONS
from reader.store.records import RecordStore, index_by_key, merge_records, strip_serial
from reader.store.schema import HighlightRow, ResponseRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reader.store.database import OpenResult
    from reader.store.records import Record, RecordsByKey


_LOCKED_PROBLEM: Final = "another program is using the file"


class FileIds(NamedTuple):
    """Which file and which folder are at a path: their devices and inodes."""

    file: tuple[int, int]
    folder: tuple[int, int]


def _identify(path: Path) -> FileIds:
    """Return what is at `path` now. Raises `OSError`."""
    file, folder = path.stat(), path.parent.stat()
    return FileIds((file.st_dev, file.st_ino), (folder.st_dev, folder.st_ino))


class Fallback:
    """The copy in memory that a run uses while the file can't be written.

    The file can be renamed, deleted or unmounted while it is open. SQLite would go on writing
    to it, so each write and each tick of the screen checks that it is still at its path.
    """

    def __init__(self, record_store: RecordStore, result: OpenResult, path: Path | None) -> None:
        self._record_store = record_store
        self.path = path
        """None if nothing is ever saved: in private mode, or without a home folder."""
        self.problem = ""
        """Why nothing is being saved; empty if it is, or if that is what the user wants."""
        self.is_locked = False
        """Another program's lock is the reason."""
        self.notice = ""
        """One line for the user on how the file was repaired when it was opened again."""
        self._ids: FileIds | None = None
        """The file that was opened, also after it was lost; None if there was none."""
        self._folder_handle: int | None = None
        """The folder of that file, wherever it is now."""
        self._first_serial = self._saved_serial = record_store.load_device()[1]
        """The serial numbers of the last change before this run, and of the last saved one."""
        self._file: sqlite3.Connection | None = None
        """The open file while the copy is in use; None if it was lost or never open."""
        self._base: RecordStore | None = None
        """What the copy in use began with; the file had the same."""
        record_store.check_file = self.check_file
        if result.problem:
            self.set_problem(result.problem)
            self._base = RecordStore(_copy(record_store.db))
        else:
            self._watch_file()

    @property
    def is_active(self) -> bool:
        """The copy is in use, and may be saved later."""
        return bool(self.problem) and self.path is not None

    def set_problem(self, error: StateError | str) -> None:
        """Say why the copy is in use."""
        self.problem = self.describe(error)
        self.is_locked = self.problem == _LOCKED_PROBLEM

    def describe(self, error: StateError | str) -> str:
        """Return why nothing is being saved, with the path where that helps."""
        reason = str(error).removeprefix(f"{self.path}: ").replace(f"{self.path} ", "the file ")
        if reason == LOCKED_MESSAGE:
            return _LOCKED_PROBLEM
        if self.path is None or str(self.path.parent) in reason:
            return reason[:1].lower() + reason[1:]
        return f"{reason}: {self.path}"

    def _watch_file(self) -> None:
        """Remember which file is open; the folder's handle finds it when it is moved."""
        self._close_folder()
        if self.path is not None:
            self._ids = FileIds((0, 0), (0, 0))  # in case that it was lost since it was opened
            with contextlib.suppress(OSError):
                self._ids = _identify(self.path)
                self._folder_handle = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        """Close the database, the file and the copy."""
        self._record_store.close()
        self._close_file()
        self._close_folder()

    def _close_file(self) -> None:
        if self._file is not None:
            with contextlib.suppress(sqlite3.Error):
                self._file.close()
            self._file = None

    def _close_folder(self) -> None:
        if self._folder_handle is not None:
            os.close(self._folder_handle)
            self._folder_handle = None

    def check_file(self) -> None:
        """Raise `FileLost` if the open file is no longer at its path."""
        if not self.problem:
            self._find_file()

    def _find_file(self) -> None:
        if self.path is None or self._ids is None:
            return
        try:
            is_same = _identify(self.path) == self._ids
        except OSError as error:
            if self.path.parent.is_dir():
                raise FileLost(f"the file is gone: {self.path}") from error
            raise FileLost(f"the folder is gone: {self.path.parent}") from error
        if not is_same:
            raise FileLost(f"there is another file now: {self.path}")

    def begin(self, error: StateError) -> bool:
        """Use a copy from now on because of `error`; return whether that is possible.

        A lost file that can't be read any more is replaced by an empty copy. There is no copy
        of a damaged file.
        """
        if self.problem or self.path is None or isinstance(error, DatabaseCorrupt):
            return False
        is_lost = isinstance(error, FileLost)
        try:
            copy = _copy(self._record_store.db)
        except (sqlite3.Error, StateError):
            if not is_lost:
                return False
            copy = open_in_memory(MIGRATIONS).db
        self._base, self._file = RecordStore(_copy(copy)), self._record_store.db
        self._record_store.db = copy
        self._saved_serial = self._record_store.load_device()[1]
        if is_lost:
            self._forget_file()
        self.set_problem(error)
        return True

    def _forget_file(self) -> None:
        """Close the lost file; what this run has saved in it is to be saved again."""
        self._close_file()
        self._saved_serial = self._first_serial

    def list_unsaved(self) -> list[Record]:
        """Return the records that are only in the copy, ordered by serial number."""
        return self._record_store.load_records(self._saved_serial) if self.problem else []

    def save(self, *, is_last_try: bool = False) -> bool:
        """Merge the copy into the file and use the file again.

        Return whether another program has changed the file. Raises `StateError`, and then the
        copy stays in use.

        A file that was moved away or unmounted may come back: while it exists elsewhere, it is
        created only if `is_last_try`.
        """
        file, self.notice = self._open_file(is_last_try)
        copy, base = self._record_store, self._base or self._record_store
        try:
            with file.transaction() as stamp:
                device = file.load_device()[0]
                is_new = stamp.serial == 1
                is_changed = not is_new and (device, stamp.serial - 1) != base.load_device()
                # A new file gets all records, another one what this run has changed.
                ours = copy.load_records(-1 if is_new else self._first_serial)
                keys = [record.key for record in ours]
                known = base.find_records(keys) if device == base.load_device()[0] else {}
                records = select_unsaved(ours, file, known)
                ids = {str(r.row._asdict().get("story_id")) for r in records}
                stories = {(table, story_id) for table in ("story", "identity") for story_id in ids}
                missing = stories - file.find_records(stories).keys() - set(keys)
                records += copy.find_records(missing).values()
                file.import_records(
                    [
                        record._replace(stamp=record.stamp._replace(serial=serial))
                        for serial, record in enumerate(records, stamp.serial)
                    ]
                )
        except StateError as error:
            if file.db is not self._file:
                file.close()
            elif isinstance(error, DatabaseCorrupt):
                self._close_file()  # it is repaired when it is opened again
            raise
        copy.close()
        copy.db, self._file, self._base = file.db, None, None
        self.problem, self.is_locked = "", False
        self._watch_file()
        return is_changed

    def _open_file(self, is_last_try: bool) -> tuple[RecordStore, str]:
        """Return the file that is open, or open it again; with a notice if it was repaired."""
        if self.path is None:
            raise StateError(self.problem)
        if self._file is not None:
            try:
                self._find_file()
            except FileLost:
                self._forget_file()
            else:
                return RecordStore(self._file), ""
        if not is_last_try and not os.path.lexists(self.path) and self._exists_elsewhere():
            self._find_file()
        result = reopen_database(self.path, MIGRATIONS)
        return RecordStore(result.db), result.notice

    def _exists_elsewhere(self) -> bool:
        """Return whether the file is in the folder where it was opened, under another path."""
        if self.path is None or self._ids is None or self._folder_handle is None:
            return False
        try:
            file = os.stat(self.path.name, dir_fd=self._folder_handle)
        except OSError:
            return False
        return (file.st_dev, file.st_ino) == self._ids.file


def _copy(source: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy in memory. Raises `sqlite3.Error` and `DatabaseLocked`."""
    copy = connect(":memory:")
    try:
        source.backup(copy, progress=abort_if_locked)
    except (sqlite3.Error, StateError):
        copy.close()
        raise
    return copy


def select_unsaved(ours: Sequence[Record], file: RecordStore, known: RecordsByKey) -> list[Record]:
    """Return those of `ours`, the records of a copy, that are to be written to `file`.

    `known` are the records that both had when the copy was made: none if the file is another
    one. What another program has changed meanwhile is merged. Raises `StateError`.
    """
    in_file = file.find_records(record.key for record in ours)
    selected: list[Record] = []
    conflicts: list[Record] = []
    for record in ours:
        there, before = in_file.get(record.key), known.get(record.key)
        if there is None or (before and strip_serial(there) == strip_serial(before)):
            selected += [record] if there is None or there != record else []
        elif strip_serial(there) != strip_serial(record):
            conflicts.append(record)
    if conflicts:
        merged = index_by_key(merge_records(file.load_records(), ours))
        for record in conflicts:
            there = in_file[record.key]
            both = _join_texts(merged[record.key], there, record, known.get(record.key))
            if strip_serial(both) != strip_serial(there):
                selected.append(both)
    return sorted(selected, key=lambda record: record.stamp.serial)


def _join_texts(merged: Record, theirs: Record, ours: Record, before: Record | None) -> Record:
    """Return `merged` with both texts, if a response or a note was changed in both stores."""
    if before is not None and before.row == ours.row:
        return merged
    base = _get_text(before) if before is not None else ""
    first, second = _get_text(theirs), _get_text(ours)
    if not first or not second or first == base or second in first:
        return merged
    text = second if first in second else f"{first}\n\n{second}"
    if isinstance(merged.row, ResponseRow):
        return merged._replace(row=merged.row._replace(text=text))
    if isinstance(merged.row, HighlightRow):
        return merged._replace(row=merged.row._replace(note=text))
    return merged


def _get_text(record: Record) -> str:
    """Return the reader's own words in a record."""
    if isinstance(record.row, ResponseRow):
        return record.row.text
    return record.row.note if isinstance(record.row, HighlightRow) else ""
