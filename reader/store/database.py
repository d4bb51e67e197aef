"""Open the database of the reading data, back it up daily, and restore a backup."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.config import to_local
from reader.errors import DatabaseCorrupt, DatabaseLocked, NewerDatabase, StateError
from reader.store.files import (
    PARTIAL_SUFFIX,
    WRITE_TIMEOUT_SECONDS,
    as_state_error,
    check_and_migrate,
    check_header,
    copy_database,
    decode_text,
    lock_folder,
    migrate,
    read_schema_version,
    replace_file,
)
from reader.store.schema import MIGRATIONS, TABLES

if TYPE_CHECKING:
    from reader.store.schema import Migrations

MAX_BACKUPS: Final = 7
"""Backups, one a day."""
_BACKUP_NAME: Final = re.compile(r"state-(\d{4}-\d\d-\d\d)\.db")
_STALE_SECONDS: Final = 3600.0
"""Seconds after which a partial backup is left from a program that was killed."""
_CONTENT_TABLES: Final = tuple(table for table in TABLES if table not in ("story", "choice"))
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
        for file in get_backup_folder(path).iterdir():
            match = _BACKUP_NAME.fullmatch(file.name)
            with contextlib.suppress(ValueError):
                backups += [Backup(date.fromisoformat(match[1]), file)] if match else []
    today = _get_today()
    return sorted(backups, key=lambda backup: (backup.day <= today, backup.day), reverse=True)


def back_up(path: Path | None, *, in_use: bool = False) -> Path | None:
    """Back up the database at `path` if it has content and there is no backup of today.

    `in_use` says that this program has it open, perhaps in another thread: see
    `copy_database`. Returns the path of the new backup. Reads the whole file, so call it in a
    worker; it uses a connection of its own. Raises `StateError`.
    """
    if path is None or not path.is_file():
        return None
    backup = get_backup_folder(path) / f"state-{_get_today().isoformat()}.db"
    if backup.exists():
        return None
    try:
        with contextlib.closing(copy_database(path, MIGRATIONS, in_use=in_use)) as copy:
            if not _has_content(copy):
                return None
            backup.parent.mkdir(mode=0o700, exist_ok=True)
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
    for file in get_backup_folder(path).glob(f".state-*{PARTIAL_SUFFIX}*"):
        if abs(time.time() - file.stat().st_mtime) > _STALE_SECONDS:
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


def restore_backup(backup: Backup, path: Path) -> None:
    """Replace the database at `path` with a copy of `backup`. Raises `OSError`."""
    with replace_file(path) as fresh:
        shutil.copyfile(backup.path, fresh)


def _get_today() -> date:
    return to_local(datetime.now(UTC)).date()


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


def open_database(path: Path | None, migrations: Migrations) -> OpenResult:
    """Open the database at `path`; create or migrate it as needed.

    Falls back to a copy in memory of what can be read, and then to an empty one. A corrupt
    file is renamed, never deleted; one of a newer version is not changed. Raises nothing.
    """
    if path is None:
        return open_in_memory(migrations, f"There is no home folder: {NOT_SAVED_MESSAGE}")
    try:
        if _has_data(path):
            try:
                return OpenResult(_open_writable(path, migrations, create=False))
            except (DatabaseLocked, NewerDatabase):
                raise
            except (StateError, OSError):
                pass  # it is corrupt, or another program is replacing it: try again under a lock
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with lock_folder(path.parent):
            return _open_under_lock(path, migrations)
    except NewerDatabase as error:
        return open_in_memory(migrations, f"{error}: {NOT_SAVED_MESSAGE}")
    except (StateError, OSError) as error:
        return _open_read_only(path, migrations, _format_error(error))


def open_copy(path: Path | None, migrations: Migrations) -> OpenResult:
    """Return a copy in memory of the database at `path`, for private mode.

    Raises nothing; the notice says what can't be read.
    """
    if path is None or not os.path.lexists(path):
        return open_in_memory(migrations)
    return _open_read_only(path, migrations, "")


def open_in_memory(migrations: Migrations, notice: str = "") -> OpenResult:
    """Return an empty database in memory."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db, "memory", migrations)
    return OpenResult(db, notice, is_persistent=False, is_complete=not notice)


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
    path: Path, migrations: Migrations, *, create: bool = True
) -> sqlite3.Connection:
    """Open the file at `path` to read and write; create it only if `create`.

    Without the lock on the folder it must not be created: another program may be about to put
    a backup there, and would replace the new file.
    """
    if create:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    if path.exists():  # false for a link to a file that does not exist yet
        check_header(path, len(migrations))
    try:
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
        db = sqlite3.connect(uri, uri=True, timeout=OPEN_TIMEOUT_SECONDS, isolation_level=None)
        db.text_factory = decode_text
    except sqlite3.Error as error:
        raise as_state_error(error) from error
    try:
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
        return open_in_memory(
            migrations, f"{path}: {reason or _format_error(error)}: {NOT_SAVED_MESSAGE}"
        )
    notice = f"{path}: {reason}: {NOT_SAVED_MESSAGE}" if reason else ""
    return OpenResult(db, notice, is_persistent=False)


def _recover(path: Path, migrations: Migrations, reason: str) -> OpenResult:
    """Rename the corrupt file at `path`, then open the newest backup or an empty database."""
    try:
        renamed = _rename_damaged(path)
        backup = find_newest_intact(path)
        if backup is not None:
            restore_backup(backup, path)
        db = _open_writable(path, migrations)
    except (sqlite3.Error, OSError, StateError):
        return _open_read_only(path, migrations, reason)
    notice = f"{path} is damaged ({reason}); it was renamed to {renamed.name}"
    if backup is not None:
        notice += f", and the backup of {backup.day:%-d %B %Y} was restored"
    return OpenResult(db, notice)


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
