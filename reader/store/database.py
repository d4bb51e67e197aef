"""Open a database that must not be lost; back it up daily and restore it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from reader.config import to_local
from reader.errors import DatabaseCorrupt, DatabaseLocked, NewerDatabase, StateError
from reader.store.facts import MIGRATIONS, TABLE_COLUMNS
from reader.store.files import (
    PARTIAL_SUFFIX,
    WRITE_TIMEOUT_SECONDS,
    as_state_error,
    check_header,
    check_integrity,
    check_tables,
    copy_database,
    decode_text,
    lock_folder,
    migrate,
    read_schema_version,
    replace_file,
)

MAX_BACKUPS: Final = 7
"""Days."""
_BACKUP_NAME: Final = re.compile(r"state-(\d{4}-\d\d-\d\d)\.db")
_STALE_SECONDS: Final = 3600.0
"""Seconds after which a copy that is not whole has been given up by its writer."""
_CONTENT_TABLES: Final = tuple(
    table for table in TABLE_COLUMNS if table not in ("story", "setting")
)
"""The tables of which one row makes a memory worth keeping."""


class Backup(NamedTuple):
    """A copy of the memory, and the day it is of."""

    day: date
    path: Path


def get_backup_folder(path: Path) -> Path:
    """Return where the copies of the memory at `path` are kept."""
    return path.parent / "backups"


def list_backups(path: Path) -> list[Backup]:
    """Return the copies of the memory at `path`, the newest first.

    One of a day that is yet to come was made by a clock that went wrong, and stands last.
    """
    found = []
    with contextlib.suppress(OSError):
        for file in get_backup_folder(path).iterdir():
            named = _BACKUP_NAME.fullmatch(file.name)
            with contextlib.suppress(ValueError):
                found += [Backup(date.fromisoformat(named[1]), file)] if named else []
    today = _today()
    return sorted(found, key=lambda backup: (backup.day <= today, backup.day), reverse=True)


def back_up(path: Path | None, *, in_use: bool = False) -> Path | None:
    """Copy the memory at `path` if there is something in it and no copy of today yet.

    `in_use` says that this program has it open, in another thread perhaps: see `copied`.
    Returns the new copy. Takes as long as reading the whole file: a worker's job, with a
    connection of its own. Raises `StateError`.
    """
    if path is None or not path.is_file():
        return None
    copy = get_backup_folder(path) / f"state-{_today().isoformat()}.db"
    if copy.exists():
        return None
    try:
        with contextlib.closing(copy_database(path, MIGRATIONS, in_use=in_use)) as memory:
            if not _has_content(memory):
                return None
            copy.parent.mkdir(mode=0o700, exist_ok=True)
            with replace_file(copy) as fresh:
                _write_copy(memory, fresh)
        _prune_backups(path)
    except sqlite3.Error as error:
        raise as_state_error(error) from error
    except OSError as error:
        raise StateError(f"{copy}: {(error.strerror or 'out of reach').lower()}") from error
    return copy


def _write_copy(source: sqlite3.Connection, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        source.backup(db)
        db.execute("PRAGMA journal_mode = DELETE")  # one file, which nobody has to make ready


def _has_content(db: sqlite3.Connection) -> bool:
    return any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in _CONTENT_TABLES)  # noqa: S608  our own names


def _prune_backups(path: Path) -> None:
    """Remove the copies of days long past, and what was left of a copy that never was whole."""
    for backup in list_backups(path)[MAX_BACKUPS:]:
        backup.path.unlink(missing_ok=True)
    for file in get_backup_folder(path).glob(f".state-*{PARTIAL_SUFFIX}*"):
        if abs(time.time() - file.stat().st_mtime) > _STALE_SECONDS:
            file.unlink(missing_ok=True)


def is_intact(backup: Backup) -> bool:
    """Tell whether a copy can be brought back; one that can't be read just now is not."""
    try:
        copy_database(backup.path, MIGRATIONS).close()
    except (StateError, OSError):
        return False
    return True


def find_newest_intact(path: Path) -> Backup | None:
    """Return the newest copy of the memory at `path` that can be brought back."""
    return next((backup for backup in list_backups(path) if is_intact(backup)), None)


def restore_backup(backup: Backup, path: Path) -> None:
    """Put a copy of `backup` in place of the memory at `path`. Raises `OSError`."""
    with replace_file(path) as fresh:
        shutil.copyfile(backup.path, fresh)


def _today() -> date:
    return to_local(datetime.now(UTC)).date()


OPEN_TIMEOUT_SECONDS: Final = 0.6
"""Seconds to wait for a lock at the start, when no key is waiting."""
NOT_SAVED_MESSAGE: Final = "places will not be kept"


class OpenResult(NamedTuple):
    """A database as well as it could be opened."""

    db: sqlite3.Connection
    notice: str = ""
    """One line for the screen about what went wrong."""
    is_persistent: bool = True
    """What is written to it is there the next time."""
    is_complete: bool = True
    """What was in the file, if there is one, is in it."""


def open_database(path: Path | None, migrations: tuple[str, ...]) -> OpenResult:
    """Open the database at `path`, made or brought up to date with `migrations`.

    Read-write, else read-only, else as a file that can't change, else in memory. A corrupt
    file is set aside, never deleted; one from a later version is not touched. Raises nothing.
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
                pass  # broken, or another program sets it aside just now: then not at once
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with lock_folder(path.parent):
            return _open_under_lock(path, migrations)
    except NewerDatabase as error:
        return open_in_memory(migrations, f"{error}: {NOT_SAVED_MESSAGE}")
    except (StateError, OSError) as error:
        return _open_read_only(path, migrations, _format_error(error))


def open_copy(path: Path | None, migrations: tuple[str, ...]) -> OpenResult:
    """Return a copy in memory of the database at `path`, for one who leaves no trace.

    Raises nothing; the notice says what can't be read.
    """
    if path is None or not os.path.lexists(path):
        return open_in_memory(migrations)
    return _open_read_only(path, migrations, "")


def open_in_memory(migrations: tuple[str, ...], notice: str = "") -> OpenResult:
    """Return a database in memory that nothing is in yet."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db, "memory", migrations)
    return OpenResult(db, notice, is_persistent=False, is_complete=not notice)


def _format_error(error: StateError | OSError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "out of reach").lower()
    return str(error)


def _has_data(path: Path) -> bool:
    """Tell whether there is a file with something in it."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _open_under_lock(path: Path, migrations: tuple[str, ...]) -> OpenResult:
    """Begin the database at `path`, or begin it anew, while no other program does."""
    try:
        if path.is_file() and not _has_data(path) and _has_backup(path):
            raise DatabaseCorrupt("it is empty")
        return OpenResult(_open_writable(path, migrations))
    except DatabaseCorrupt as error:
        return _recover(path, migrations, str(error))


def _has_backup(path: Path) -> bool:

    return find_newest_intact(path) is not None


def _open_writable(
    path: Path, migrations: tuple[str, ...], *, create: bool = True
) -> sqlite3.Connection:
    """Open the file at `path`, which is made only if it `begins`.

    A file that is made while another program puts a backup in its place would be written to
    for nobody.
    """
    if create:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    if path.exists():  # not so where a link leads to a file that is yet to be made
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
    except BaseException:  # a connection that nobody gets is closed
        db.close()
        raise
    return db


def _prepare_database(db: sqlite3.Connection, path: Path, migrations: tuple[str, ...]) -> None:
    if read_schema_version(db) <= len(migrations):
        with contextlib.suppress(sqlite3.OperationalError):
            # Where shared memory can't work (network homes) the journal stays as it was.
            db.execute("PRAGMA journal_mode = WAL").fetchone()
        db.execute("PRAGMA synchronous = NORMAL")
        check_tables(db, migrations[: read_schema_version(db)])
    migrate(db, str(path), migrations)
    check_integrity(db, migrations)
    db.execute(
        f"PRAGMA user_version = {read_schema_version(db)}"
    )  # fails where nothing can be written
    db.execute(f"PRAGMA busy_timeout = {int(WRITE_TIMEOUT_SECONDS * 1000)}")


def _open_read_only(path: Path, migrations: tuple[str, ...], reason: str) -> OpenResult:
    """Return a copy in memory of what can be read at `path`."""
    try:
        db = copy_database(path, migrations)
    except (StateError, OSError) as error:
        return open_in_memory(
            migrations, f"{path}: {reason or _format_error(error)}: {NOT_SAVED_MESSAGE}"
        )
    notice = f"{path}: {reason}: {NOT_SAVED_MESSAGE}" if reason else ""
    return OpenResult(db, notice, is_persistent=False)


def _recover(path: Path, migrations: tuple[str, ...], reason: str) -> OpenResult:
    """Set the broken file at `path` aside and go on from a backup, or from the beginning."""
    try:
        aside = _rename_damaged(path)
        backup = find_newest_intact(path)
        if backup is not None:
            restore_backup(backup, path)
        db = _open_writable(path, migrations)
    except (sqlite3.Error, OSError, StateError):
        return _open_read_only(path, migrations, reason)
    notice = f"{path} is damaged ({reason}); it was set aside as {aside.name}"
    if backup is not None:
        notice += f", and the backup of {backup.day:%-d %B %Y} took its place"
    return OpenResult(db, notice)


def _rename_damaged(path: Path) -> Path:
    """Rename the file at `path` and its companions, and return its new name."""
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}.corrupt-{number}")):
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    return aside
