"""Open the database of the reading data, back it up daily, and restore a backup."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import DatabaseCorrupt, DatabaseLocked, NewerDatabase, StateError
from reader.local_time import get_today
from reader.paths import check_folder, create_private_file, make_private_folder
from reader.store.files import (
    PARTIAL_SUFFIX,
    WRITE_TIMEOUT_SECONDS,
    as_state_error,
    check_and_migrate,
    check_header,
    connect,
    copy_database,
    lock_folder,
    migrate,
    read_schema_version,
    replace_file,
    salvage_database,
)
from reader.store.migrations import MIGRATIONS
from reader.store.records import RecordStore, renumber
from reader.store.schema import TABLES

if TYPE_CHECKING:
    from reader.store.migrations import Migrations
    from reader.store.records import Record

MAX_BACKUPS: Final = 7
"""Backups, one a day."""
_BACKUP_NAME: Final = re.compile(r"state-(\d{4}-\d\d-\d\d)\.db")
_PARTIAL_NAME: Final = re.compile(
    rf"\.state-\d{{4}}-\d\d-\d\d\.db\.\d+{re.escape(PARTIAL_SUFFIX)}(-journal|-wal|-shm)?"
)
_STALE_SECONDS: Final = 3600.0
"""Seconds after which a partial backup is left from a program that was killed."""
_CONTENT_TABLES: Final = tuple(
    table for table in TABLES if table not in ("story", "identity", "choice")
)
"""A database is worth a backup if one of these tables has a row."""


class Backup(NamedTuple):
    """A copy of the database, and the day it was made."""

    day: date
    path: Path


def get_backup_folder(path: Path) -> Path:
    """Return the folder for backups of the database at `path`."""
    return path.parent / "backups"


def list_backups(path: Path) -> list[Backup]:
    """Return the backups of the database at `path`, newest first.

    One with a date in the future was made while the clock was wrong, and comes last.
    """
    backups = []
    with contextlib.suppress(OSError):
        check_folder(get_backup_folder(path))
        for file in get_backup_folder(path).iterdir():
            day = _parse_backup_name(file.name)
            if day is not None and _is_own_file(file):
                backups.append(Backup(day, file))
    today = get_today()
    return sorted(backups, key=lambda backup: (backup.day <= today, backup.day), reverse=True)


def _parse_backup_name(name: str) -> date | None:
    """Return the day in the name of a backup, None for the name of another file."""
    match = _BACKUP_NAME.fullmatch(name)
    try:
        return date.fromisoformat(match[1]) if match is not None else None
    except ValueError:
        return None


def _is_own_file(path: Path) -> bool:
    """Return whether there is a regular file that is no link."""
    return path.is_file() and not path.is_symlink()


def back_up(path: Path | None, *, in_use: bool = False) -> Path | None:
    """Back up the database at `path` if it has content and there is no backup of today.

    `in_use` says that this program has it open, perhaps in another thread: see
    `copy_database`. Returns the path of the new backup. Reads the whole file, so call it in a
    worker; it uses a connection of its own. Raises `StateError`.
    """
    if path is None:
        return None
    backup = get_backup_folder(path) / f"state-{get_today().isoformat()}.db"
    try:
        # Without permission these raise an error.
        if path.is_symlink() or not path.is_file() or os.path.lexists(backup):
            return None
        with contextlib.closing(copy_database(path, MIGRATIONS, in_use=in_use)) as copy:
            if not _has_content(copy):
                return None
            make_private_folder(backup.parent)
            with replace_file(backup) as fresh:
                _write_copy(copy, fresh)
        _prune_backups(path)
    except sqlite3.Error as error:
        raise as_state_error(error) from error
    except OSError as error:
        raise StateError(f"{backup}: {_format_error(error)}") from error
    return backup


def _write_copy(source: sqlite3.Connection, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        source.backup(db)
        db.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it


def _has_content(db: sqlite3.Connection) -> bool:
    return any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in _CONTENT_TABLES)  # noqa: S608  our own names


def _prune_backups(path: Path) -> None:
    """Delete all but the newest backups, and abandoned partial ones."""
    for backup in list_backups(path)[MAX_BACKUPS:]:
        backup.path.unlink(missing_ok=True)
    for file in get_backup_folder(path).iterdir():
        is_partial = _PARTIAL_NAME.fullmatch(file.name) and _is_own_file(file)
        if is_partial and abs(time.time() - file.stat().st_mtime) > _STALE_SECONDS:
            file.unlink(missing_ok=True)


def is_intact(backup: Backup) -> bool:
    """Return whether a backup could be restored now."""
    try:
        copy_database(backup.path, MIGRATIONS).close()
    except (StateError, OSError):
        return False
    return True


def find_newest_intact(path: Path) -> Backup | None:
    """Return the newest backup of the database at `path` that can be restored, or None."""
    return next((backup for backup in list_backups(path) if is_intact(backup)), None)


OPEN_TIMEOUT_SECONDS: Final = 0.6
"""Seconds to wait for another program's lock at the start, when no key is waiting."""
NOT_SAVED_MESSAGE: Final = "nothing will be saved"


class OpenResult(NamedTuple):
    """A database, opened as well as possible."""

    db: sqlite3.Connection
    notice: str = ""
    """One line for the user about what went wrong."""
    is_persistent: bool = True
    """What is written to it is saved on disk."""
    is_complete: bool = True
    """All that the file holds was read; also if there is no file."""
    problem: str = ""
    """Why nothing is saved; empty if it is, or if that is what the user wants."""


def open_database(path: Path | None, migrations: Migrations) -> OpenResult:
    """Open the database at `path`; create or migrate it as needed.

    Falls back to a copy in memory of what can be read, and then to an empty one. A corrupt
    file is renamed, never deleted; one of a newer version is not changed. Raises nothing.
    """
    if path is None:
        return open_in_memory(migrations, "There is no home folder")
    try:
        return _open_file(path, migrations)
    except NewerDatabase as error:
        return open_in_memory(migrations, str(error))
    except (StateError, OSError) as error:
        return _open_read_only(path, migrations, _format_error(error))


def _open_file(path: Path, migrations: Migrations, *, is_patient: bool = True) -> OpenResult:
    """Open the file at `path` to read and write; create, migrate or repair it as needed.

    Waits for another program's lock if `is_patient`. Raises `StateError` and `OSError`.
    """
    if _has_data(path):
        check_folder(path.parent, may_be_link=True)
        try:
            return OpenResult(_open_writable(path, migrations, create=False, is_patient=is_patient))
        except (DatabaseLocked, NewerDatabase):
            raise
        except (StateError, OSError):
            pass  # it is corrupt, or another program is replacing it: try again under a lock
    make_private_folder(path.parent, may_be_link=True)
    with lock_folder(path.parent, is_patient=is_patient):
        return _open_under_lock(path, migrations)


def reopen_database(path: Path, migrations: Migrations) -> OpenResult:
    """Open the file at `path` as `open_database` does, but in an instant or not at all.

    Raises `StateError`, which says why the file can't be written.
    """
    try:
        result = _open_file(path, migrations, is_patient=False)
    except OSError as error:
        raise StateError(_format_error(error)) from error
    if result.problem:
        result.db.close()
        raise StateError(result.problem)
    return result


def open_copy(path: Path | None, migrations: Migrations, *, in_use: bool = False) -> OpenResult:
    """Return a copy in memory of the database at `path`, for private mode.

    Raises nothing; the notice says what can't be read. If this program has the file `in_use`, it
    raises `StateError` and `OSError` instead: see `copy_database`.
    """
    if path is None or not os.path.lexists(path):
        return open_in_memory(migrations)
    if in_use:
        return OpenResult(copy_database(path, migrations, in_use=True), is_persistent=False)
    return _open_read_only(path, migrations, "")


def open_again(path: Path, migrations: Migrations) -> OpenResult:
    """Open another connection to the database at `path`, which this program has open.

    It was checked then. Only SQLite may open the file now: see `copy_database`. Raises
    `StateError`.
    """
    with contextlib.ExitStack() as stack:
        try:
            db = connect(f"{path.absolute().as_uri()}?mode=rw", timeout=OPEN_TIMEOUT_SECONDS)
            stack.callback(db.close)
            if read_schema_version(db) != len(migrations):
                raise StateError(f"{path} was replaced while it was open")
            db.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error as error:
            raise as_state_error(error) from error
        stack.pop_all()
    return OpenResult(db)


def open_in_memory(migrations: Migrations, problem: str = "") -> OpenResult:
    """Return an empty database in memory, because of `problem` if there is one."""
    db = connect(":memory:")
    migrate(db, "memory", migrations)
    notice = f"{problem}: {NOT_SAVED_MESSAGE}" if problem else ""
    return OpenResult(db, notice, is_persistent=False, is_complete=not problem, problem=problem)


def _format_error(error: StateError | OSError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "can't be read or written").lower()
    return str(error)


def _has_data(path: Path) -> bool:
    """Return whether there is a file that is not empty."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _open_under_lock(path: Path, migrations: Migrations) -> OpenResult:
    """Create the database at `path`, or replace a corrupt one; the folder must be locked."""
    try:
        if path.is_file() and not _has_data(path) and find_newest_intact(path) is not None:
            raise DatabaseCorrupt("it is empty")
        return OpenResult(_open_writable(path, migrations))
    except DatabaseCorrupt as error:
        return _recover(path, migrations, str(error))


def _open_writable(
    path: Path, migrations: Migrations, *, create: bool = True, is_patient: bool = True
) -> sqlite3.Connection:
    """Open the file at `path` to read and write; create it only if `create`.

    Without the lock on the folder it must not be created: another program may be about to put
    a backup there, and would replace the new file.
    """
    if create:
        with contextlib.suppress(FileExistsError):
            create_private_file(path)
    if os.path.lexists(path):
        check_header(path, len(migrations))
    timeout = OPEN_TIMEOUT_SECONDS if is_patient else WRITE_TIMEOUT_SECONDS
    try:
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
        db = connect(uri, timeout=timeout)
    except sqlite3.Error as error:
        raise as_state_error(error) from error
    try:
        if not is_patient:  # fail before the slow check while it is locked
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
        _prepare_database(db, path, migrations)
    except (sqlite3.Error, UnicodeError) as error:
        db.close()
        raise as_state_error(error) from error
    except BaseException:  # the caller never gets this connection, so close it here
        db.close()
        raise
    return db


def _prepare_database(db: sqlite3.Connection, path: Path, migrations: Migrations) -> None:
    if read_schema_version(db) <= len(migrations):
        with contextlib.suppress(sqlite3.OperationalError):
            # Without shared memory (network homes) the journal mode stays as it was.
            db.execute("PRAGMA journal_mode = WAL").fetchone()
        db.execute("PRAGMA synchronous = NORMAL")
    check_and_migrate(db, str(path), migrations)
    # Raises an error if the file can't be written.
    db.execute(f"PRAGMA user_version = {read_schema_version(db)}")
    db.execute(f"PRAGMA busy_timeout = {int(WRITE_TIMEOUT_SECONDS * 1000)}")


def _open_read_only(path: Path, migrations: Migrations, reason: str) -> OpenResult:
    """Return a copy in memory of what can be read at `path`."""
    try:
        db = copy_database(path, migrations)
    except (StateError, OSError) as error:
        reason = reason or _format_error(error)
        problem = f"{path}: {reason}"
        result = open_in_memory(migrations, problem)
        records = _load_readable(path, migrations) if isinstance(error, DatabaseCorrupt) else []
        if records:
            RecordStore(result.db).merge(records)
            problem = f"{path} is damaged ({reason}): {_count(records)} could be read, and"
            result = result._replace(notice=f"{problem} {NOT_SAVED_MESSAGE}")
        return result
    if not reason:
        return OpenResult(db, is_persistent=False)
    problem = f"{path}: {reason}"
    return OpenResult(db, f"{problem}: {NOT_SAVED_MESSAGE}", is_persistent=False, problem=problem)


def _load_readable(path: Path, migrations: Migrations) -> list[Record]:
    """Return the records that can be read in a damaged file, with new serial numbers."""
    try:
        salvaged = salvage_database(path, migrations) if migrations == MIGRATIONS else None
        if salvaged is None:
            return []
        with contextlib.closing(salvaged):
            return renumber(RecordStore(salvaged).load_records())
    except (StateError, OSError):
        return []


def _count(records: list[Record]) -> str:
    return "1 record" if len(records) == 1 else f"{len(records)} records"


def _recover(path: Path, migrations: Migrations, reason: str) -> OpenResult:
    """Rename the corrupt file at `path`, and open one with all that can be read instead.

    That is the newest intact backup, merged with the records of the corrupt file.
    """
    import shutil  # only for a damaged file

    try:
        records, backup = _load_readable(path, migrations), find_newest_intact(path)
        with replace_file(path) as fresh:
            if backup is not None:
                shutil.copyfile(backup.path, fresh)
            if records:
                _add_records(fresh, migrations, records)
            renamed = _rename_damaged(path)  # last: until here it can be tried again
        db = _open_writable(path, migrations)
    except (sqlite3.Error, OSError, StateError):
        return _open_read_only(path, migrations, reason)
    steps = [f"it was renamed to {renamed.name}"]
    if backup is not None:
        steps.append(f"the backup of {backup.day:%-d %B %Y} was restored")
    if records:
        steps.append(f"{_count(records)} could be read from it")
    start = ", ".join(steps[:-1])
    return OpenResult(
        db, f"{path} is damaged ({reason}); {f'{start}, and ' if start else ''}{steps[-1]}"
    )


def _add_records(path: Path, migrations: Migrations, records: list[Record]) -> None:
    """Merge `records` into the database at `path`, which is created if it is empty."""
    with contextlib.closing(connect(str(path))) as db:
        migrate(db, str(path), migrations)
        RecordStore(db).merge(records)


def _rename_damaged(path: Path) -> Path:
    """Rename the file at `path` and its log, and return the new path."""
    number = 1
    while os.path.lexists(renamed := path.with_name(f"{path.name}.corrupt-{number}")):
        number += 1
    path.rename(renamed)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{renamed}{suffix}")
    return renamed
