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
from reader.errors import Corrupt, Locked, NewerState, StateError
from reader.store.facts import FACTS, MIGRATIONS
from reader.store.files import (
    PATIENCE,
    UNFINISHED,
    alone,
    as_written,
    check,
    check_header,
    check_tables,
    copied,
    migrate,
    replacing,
    told,
    version,
)

KEPT: Final = 7
"""Days."""
_NAME: Final = re.compile(r"state-(\d{4}-\d\d-\d\d)\.db")
_NOBODY_WRITES: Final = 3600.0
"""Seconds after which a copy that is not whole has been given up by its writer."""
_COUNTED: Final = tuple(table for table in FACTS if table not in ("story", "setting"))
"""The tables of which one row makes a memory worth keeping."""


class Backup(NamedTuple):
    """A copy of the memory, and the day it is of."""

    day: date
    path: Path


def folder_of(path: Path) -> Path:
    """Return where the copies of the memory at `path` are kept."""
    return path.parent / "backups"


def backups(path: Path) -> list[Backup]:
    """Return the copies of the memory at `path`, the newest first.

    One of a day that is yet to come was made by a clock that went wrong, and stands last.
    """
    found = []
    with contextlib.suppress(OSError):
        for file in folder_of(path).iterdir():
            named = _NAME.fullmatch(file.name)
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
    copy = folder_of(path) / f"state-{_today().isoformat()}.db"
    if copy.exists():
        return None
    try:
        with contextlib.closing(copied(path, MIGRATIONS, in_use=in_use)) as memory:
            if not _holds_anything(memory):
                return None
            copy.parent.mkdir(mode=0o700, exist_ok=True)
            with replacing(copy) as fresh:
                _write(memory, fresh)
        _prune(path)
    except sqlite3.Error as error:
        raise told(error) from error
    except OSError as error:
        raise StateError(f"{copy}: {(error.strerror or 'out of reach').lower()}") from error
    return copy


def _write(memory: sqlite3.Connection, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        memory.backup(db)
        db.execute("PRAGMA journal_mode = DELETE")  # one file, which nobody has to make ready


def _holds_anything(memory: sqlite3.Connection) -> bool:
    return any(memory.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in _COUNTED)  # noqa: S608  our own names


def _prune(path: Path) -> None:
    """Remove the copies of days long past, and what was left of a copy that never was whole."""
    for backup in backups(path)[KEPT:]:
        backup.path.unlink(missing_ok=True)
    for file in folder_of(path).glob(f".state-*{UNFINISHED}*"):
        if abs(time.time() - file.stat().st_mtime) > _NOBODY_WRITES:
            file.unlink(missing_ok=True)


def is_good(backup: Backup) -> bool:
    """Tell whether a copy can be brought back; one that can't be read just now is not."""
    try:
        copied(backup.path, MIGRATIONS).close()
    except (StateError, OSError):
        return False
    return True


def newest_good(path: Path) -> Backup | None:
    """Return the newest copy of the memory at `path` that can be brought back."""
    return next((backup for backup in backups(path) if is_good(backup)), None)


def restore(backup: Backup, path: Path) -> None:
    """Put a copy of `backup` in place of the memory at `path`. Raises `OSError`."""
    with replacing(path) as fresh:
        shutil.copyfile(backup.path, fresh)


def _today() -> date:
    return to_local(datetime.now(UTC)).date()


OPENING_PATIENCE: Final = 0.6
"""Seconds to wait for a lock at the start, when no key is waiting."""
NOT_KEPT: Final = "places will not be kept"


class Opened(NamedTuple):
    """A database as well as it could be opened."""

    db: sqlite3.Connection
    notice: str = ""
    """One line for the screen about what went wrong."""
    lasts: bool = True
    """What is written to it is there the next time."""
    knows: bool = True
    """What was in the file, if there is one, is in it."""


def opened(path: Path | None, migrations: tuple[str, ...]) -> Opened:
    """Open the database at `path`, made or brought up to date with `migrations`.

    Read-write, else read-only, else as a file that can't change, else in memory. A corrupt
    file is set aside, never deleted; one from a later version is not touched. Raises nothing.
    """
    if path is None:
        return temporary(migrations, f"There is no home folder: {NOT_KEPT}")
    try:
        if _is_begun(path):
            try:
                return Opened(_writable(path, migrations, begins=False))
            except (Locked, NewerState):
                raise
            except (StateError, OSError):
                pass  # broken, or another program sets it aside just now: then not at once
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with alone(path.parent):
            return _begun_alone(path, migrations)
    except NewerState as error:
        return temporary(migrations, f"{error}: {NOT_KEPT}")
    except (StateError, OSError) as error:
        return _read_only(path, migrations, _reason(error))


def unchanged(path: Path | None, migrations: tuple[str, ...]) -> Opened:
    """Return a copy in memory of the database at `path`, for one who leaves no trace.

    Raises nothing; the notice says what can't be read.
    """
    if path is None or not os.path.lexists(path):
        return temporary(migrations)
    return _read_only(path, migrations, "")


def temporary(migrations: tuple[str, ...], notice: str = "") -> Opened:
    """Return a database in memory that nothing is in yet."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db, "memory", migrations)
    return Opened(db, notice, lasts=False, knows=not notice)


def _reason(error: StateError | OSError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "out of reach").lower()
    return str(error)


def _is_begun(path: Path) -> bool:
    """Tell whether there is a file with something in it."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _begun_alone(path: Path, migrations: tuple[str, ...]) -> Opened:
    """Begin the database at `path`, or begin it anew, while no other program does."""
    try:
        if path.is_file() and not _is_begun(path) and _backup_exists(path):
            raise Corrupt("it is empty")
        return Opened(_writable(path, migrations))
    except Corrupt as error:
        return _anew(path, migrations, str(error))


def _backup_exists(path: Path) -> bool:

    return newest_good(path) is not None


def _writable(
    path: Path, migrations: tuple[str, ...], *, begins: bool = True
) -> sqlite3.Connection:
    """Open the file at `path`, which is made only if it `begins`.

    A file that is made while another program puts a backup in its place would be written to
    for nobody.
    """
    if begins:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    if path.exists():  # not so where a link leads to a file that is yet to be made
        check_header(path, len(migrations))
    try:
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if begins else 'rw'}"
        db = sqlite3.connect(uri, uri=True, timeout=OPENING_PATIENCE, isolation_level=None)
        db.text_factory = as_written
    except sqlite3.Error as error:
        raise told(error) from error
    try:
        _prepare(db, path, migrations)
    except (sqlite3.Error, UnicodeError) as error:
        db.close()
        raise told(error) from error
    except BaseException:  # a connection that nobody gets is closed
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path, migrations: tuple[str, ...]) -> None:
    if version(db) <= len(migrations):
        with contextlib.suppress(sqlite3.OperationalError):
            # Where shared memory can't work (network homes) the journal stays as it was.
            db.execute("PRAGMA journal_mode = WAL").fetchone()
        db.execute("PRAGMA synchronous = NORMAL")
        check_tables(db, migrations[: version(db)])
    migrate(db, str(path), migrations)
    check(db, migrations)
    db.execute(f"PRAGMA user_version = {version(db)}")  # fails where nothing can be written
    db.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")


def _read_only(path: Path, migrations: tuple[str, ...], reason: str) -> Opened:
    """Return a copy in memory of what can be read at `path`."""
    try:
        db = copied(path, migrations)
    except (StateError, OSError) as error:
        return temporary(migrations, f"{path}: {reason or _reason(error)}: {NOT_KEPT}")
    notice = f"{path}: {reason}: {NOT_KEPT}" if reason else ""
    return Opened(db, notice, lasts=False)


def _anew(path: Path, migrations: tuple[str, ...], reason: str) -> Opened:
    """Set the broken file at `path` aside and go on from a backup, or from the beginning."""
    try:
        aside = _set_aside(path)
        backup = newest_good(path)
        if backup is not None:
            restore(backup, path)
        db = _writable(path, migrations)
    except (sqlite3.Error, OSError, StateError):
        return _read_only(path, migrations, reason)
    notice = f"{path} is damaged ({reason}); it was set aside as {aside.name}"
    if backup is not None:
        notice += f", and the backup of {backup.day:%-d %B %Y} took its place"
    return Opened(db, notice)


def _set_aside(path: Path) -> Path:
    """Rename the file at `path` and its companions, and return its new name."""
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}.corrupt-{number}")):
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    return aside
