"""The reading data: the database, its records, write-behind, backups, export, import and merge.

`Fallback` is used by all of it: the copy in memory that replaces the file while it can't be
written, and how what is changed there gets into the file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import FileLost, StateError
from reader.store.database import open_in_memory, reopen_database
from reader.store.files import LOCKED_MESSAGE, abort_if_locked, connect
from reader.store.records import RecordStore, index_by_key, merge_records, strip_serial
from reader.store.schema import MIGRATIONS, HighlightRow, ResponseRow, StoryRow

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
        self._ids: FileIds | None = None
        """The file that was opened, also after it was lost; None if there was none."""
        self._folder_handle: int | None = None
        """The folder of that file, wherever it is now."""
        self._first_serial = self._saved_serial = record_store.load_device()[1]
        """The serial numbers of the last change before this run, and of the last saved one."""
        self._known: RecordsByKey = {}
        """The records that the copy began with; the file had the same."""
        if result.problem:
            self.set_problem(result.problem)
            self._known = index_by_key(record_store.load_records())
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
        reason = str(error).removeprefix(f"{self.path}: ")
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
        self._record_store.check_file = self.check_file

    def close(self) -> None:
        """Close the database, the file or the copy."""
        self._record_store.close()
        self._close_folder()

    def _close_folder(self) -> None:
        if self._folder_handle is not None:
            os.close(self._folder_handle)
            self._folder_handle = None

    def check_file(self) -> None:
        """Raise `FileLost` if the open file is no longer at its path."""
        if self.path is None or self.problem or self._ids is None:
            return
        try:
            is_same = _identify(self.path) == self._ids
        except OSError as error:
            what = self.path if self.path.parent.is_dir() else self.path.parent
            raise FileLost(f"{what} is gone") from error
        if not is_same:
            raise FileLost(f"{self.path} is another file now")

    def begin(self, error: StateError) -> bool:
        """Use a copy from now on because of `error`; return whether that is possible.

        A lost file that can't be read any more is replaced by an empty copy.
        """
        if self.problem or self.path is None:
            return False
        is_lost = isinstance(error, FileLost)
        known: RecordsByKey = {}
        serial = self._first_serial
        copy = connect(":memory:")
        try:
            known = index_by_key(self._record_store.load_records())
            serial = self._record_store.load_device()[1]
            self._record_store.db.backup(copy, progress=abort_if_locked)
        except (sqlite3.Error, StateError):
            copy.close()
            if not is_lost:
                return False
            known, copy = {}, open_in_memory(MIGRATIONS).db
        self._switch(copy)
        self._known, self._saved_serial = known, self._first_serial if is_lost else serial
        self.set_problem(error)
        return True

    def _switch(self, db: sqlite3.Connection) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._record_store.close()
        self._record_store.db = db

    def list_unsaved(self) -> list[Record]:
        """Return the records that are only in the copy, ordered by serial number."""
        records = self._record_store.load_records() if self.problem else []
        return [record for record in records if record.stamp.serial > self._saved_serial]

    def save(self, *, is_last_try: bool = False) -> bool:
        """Merge the copy into the file and use the file again.

        Return whether another program has changed the file. Raises `StateError`, and then the
        copy stays in use.

        A file that was moved away or unmounted may come back: while it exists elsewhere, it is
        created only if `is_last_try`.
        """
        if self.path is None:
            raise StateError(self.problem)
        if not is_last_try and not os.path.lexists(self.path) and self._exists_elsewhere():
            raise FileLost(self.problem)
        result = reopen_database(self.path, MIGRATIONS)
        ours, file = self._record_store.load_records(), RecordStore(result.db)
        try:
            with file.transaction() as stamp:
                theirs = file.load_records()
                is_other = file.load_device()[0] != self._record_store.load_device()[0]
                known = {} if is_other else self._known
                records = select_unsaved(ours, theirs, known, self._first_serial)
                file.import_records(
                    [
                        record._replace(stamp=record.stamp._replace(serial=serial))
                        for serial, record in enumerate(records, stamp.serial)
                    ]
                )
        except StateError:
            file.close()
            raise
        is_changed = any(self._known.get(record.key) != record for record in theirs)
        self._switch(result.db)
        self.problem, self.is_locked, self._known = "", False, {}
        self._watch_file()
        return is_changed

    def _exists_elsewhere(self) -> bool:
        """Return whether the file is in the folder where it was opened, under another path."""
        if self.path is None or self._ids is None or self._folder_handle is None:
            return False
        try:
            file = os.stat(self.path.name, dir_fd=self._folder_handle)
        except OSError:
            return False
        return (file.st_dev, file.st_ino) == self._ids.file


def select_unsaved(
    ours: Sequence[Record], theirs: Sequence[Record], known: RecordsByKey, first_serial: int
) -> list[Record]:
    """Return the records of a copy to write to the file, in the order of `ours`.

    `ours` are the records of the copy and `theirs` those of the file. `known` are those that
    both had when the copy was made: none if the file is another one. A new file gets all
    records, and one that has some gets those changed since the serial number `first_serial`.
    What another program has changed meanwhile is merged.
    """
    in_file = index_by_key(theirs)
    selected: RecordsByKey = {}
    conflicts: list[Record] = []
    for record in ours:
        there, before = in_file.get(record.key), known.get(record.key)
        if there is not None and strip_serial(there) == strip_serial(record):
            continue
        if in_file and record.stamp.serial <= first_serial:
            continue
        if there is None or (before and strip_serial(there) == strip_serial(before)):
            selected[record.key] = record
        else:
            conflicts.append(record)
    if conflicts:
        selected |= _merge_conflicts(conflicts, selected, in_file, known)
    stories = {str(record.row._asdict().get("story_id")) for record in selected.values()}
    for record in ours:  # another file may lack the titles of their stories
        is_missing = record.key not in in_file and record.key not in selected
        if is_missing and isinstance(record.row, StoryRow) and record.row.id in stories:
            selected[record.key] = record
    return sorted(selected.values(), key=lambda record: record.stamp.serial)


def _merge_conflicts(
    conflicts: list[Record], selected: RecordsByKey, in_file: RecordsByKey, known: RecordsByKey
) -> RecordsByKey:
    """Return what to write of the records that were changed in both stores."""
    ours = [*selected.values(), *conflicts]
    merged = index_by_key(merge_records(in_file.values(), ours))
    results: RecordsByKey = {}
    for record in conflicts:
        there = in_file[record.key]
        both = _join_texts(merged[record.key], there, record, known.get(record.key))
        if strip_serial(both) != strip_serial(there):
            results[record.key] = both
    return results


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
