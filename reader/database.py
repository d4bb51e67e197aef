"""Opening a database that must not be lost, as well as it can be opened.

Owns the order of attempts (read-write, read-only, unchangeable, in memory), migrations, and
what sets a damaged file apart from a busy one or one out of reach. Knows no tables.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final

from .errors import Locked, NewerState, StateError

PATIENCE: Final = 0.025
"""Seconds a write waits for another program's lock: less than two frames. It is tried again."""
OPENING_PATIENCE: Final = 0.6
"""Seconds to wait for a lock at the start, when no key is waiting."""
_NOT_KEPT: Final = "places will not be kept"

Opened = tuple[sqlite3.Connection, str]
"""A connection, and one line for the screen if what is written to it will not last."""


def opened(path: Path | None, migrations: tuple[str, ...]) -> Opened:
    """Open the database at `path`, made or brought up to date with `migrations`.

    Read-write, else read-only, else as a file that can't change, else in memory. A corrupt
    file is set aside, never deleted. Raises nothing.
    """
    if path is None:
        return temporary(migrations, f"There is no home folder: {_NOT_KEPT}")
    try:
        return _writable(path, migrations), ""
    except NewerState as error:
        return temporary(migrations, f"{error}: {_NOT_KEPT}")
    except Locked:
        return _read_only(path, migrations, "another program holds it")
    except (sqlite3.Error, StateError, OSError) as error:
        if _is_corrupt(error):
            return _anew(path, migrations, str(error))
        return _read_only(path, migrations, str(error))


def temporary(migrations: tuple[str, ...], notice: str = "") -> Opened:
    """Return a database in memory."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db, "memory", migrations)
    return db, notice


def migrate(db: sqlite3.Connection, name: str, migrations: tuple[str, ...]) -> None:
    """Bring `db` up to date: each version and its number in one transaction, or neither.

    Two programs may do so at once. Raises `NewerState` for a database that a later version
    wrote.
    """
    if _version(db) > len(migrations):
        raise NewerState(f"{name} was written by a later version of reader")
    for number in range(_version(db) + 1, len(migrations) + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            if _version(db) < number:  # another program may have been quicker
                for statement in migrations[number - 1].split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")
            db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise


def told(error: sqlite3.Error) -> StateError:
    """Return `error` as one of ours: `Locked` if another program writes just now."""
    text = str(error)
    busy = "locked" in text or "busy" in text
    return Locked(text) if busy else StateError(text)


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _writable(path: Path, migrations: tuple[str, ...]) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    db = sqlite3.connect(path, timeout=OPENING_PATIENCE, isolation_level=None)
    try:
        with contextlib.suppress(sqlite3.OperationalError):
            # Where shared memory can't work (network homes) the journal stays as it was.
            db.execute("PRAGMA journal_mode = WAL").fetchone()
        db.execute("PRAGMA synchronous = NORMAL")
        migrate(db, str(path), migrations)
        db.execute("PRAGMA user_version = " + str(_version(db)))  # fails where nothing can be written
        db.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")
    except sqlite3.OperationalError as error:
        db.close()
        raise told(error) from error
    except BaseException:
        db.close()
        raise
    return db


def _read_only(path: Path, migrations: tuple[str, ...], reason: str) -> Opened:
    """Return a copy in memory of what can be read at `path`."""
    notice = f"{path}: {reason}: {_NOT_KEPT}"
    for mode in ("mode=ro", "immutable=1"):
        copy = sqlite3.connect(":memory:", isolation_level=None)
        try:
            uri = f"{path.absolute().as_uri()}?{mode}"
            with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as disk:
                disk.backup(copy)
            migrate(copy, str(path), migrations)
        except (sqlite3.Error, OSError, StateError):
            copy.close()
        else:
            return copy, notice
    return temporary(migrations, notice)


def _anew(path: Path, migrations: tuple[str, ...], reason: str) -> Opened:
    """Set the broken file at `path` aside and begin a new one."""
    try:
        aside = _set_aside(path)
        db = _writable(path, migrations)
    except (sqlite3.Error, OSError, StateError):
        return _read_only(path, migrations, reason)
    return db, f"{path} is damaged ({reason}); it was set aside as {aside.name}"


def _is_corrupt(error: Exception) -> bool:
    signs = ("malformed", "not a database", "no such table", "no such column", "already exists")
    return isinstance(error, sqlite3.Error | StateError) and any(s in str(error) for s in signs)


def _set_aside(path: Path) -> Path:
    """Rename the file at `path` and its companions, and return its new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    return aside
