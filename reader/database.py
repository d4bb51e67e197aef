"""Opening a database that must not be lost, as well as it can be opened.

Owns the order of attempts (read-write, read-only, unchangeable, in memory), migrations, and
what sets a damaged file apart from a busy one or one out of reach. Knows no tables.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

from .errors import Corrupt, Locked, NewerState, StateError

PATIENCE: Final = 0.025
"""Seconds a write waits for another program's lock: less than two frames. It is tried again."""
OPENING_PATIENCE: Final = 0.6
"""Seconds to wait for a lock at the start, when no key is waiting."""
_NOT_KEPT: Final = "places will not be kept"
_NEWER: Final = "was written by a later version of reader"
_HEADER: Final = b"SQLite format 3\0"
_HEADER_LENGTH: Final = 100
_VERSION_AT: Final = 60
"""Where a database's header holds the version, in four bytes."""


class Opened(NamedTuple):
    """A database as well as it could be opened."""

    db: sqlite3.Connection
    notice: str = ""
    """One line for the screen about what went wrong."""
    lasts: bool = True
    """What is written to it is there the next time."""


def opened(path: Path | None, migrations: tuple[str, ...]) -> Opened:
    """Open the database at `path`, made or brought up to date with `migrations`.

    Read-write, else read-only, else as a file that can't change, else in memory. A corrupt
    file is set aside, never deleted; one from a later version is not touched. Raises nothing.
    """
    if path is None:
        return temporary(migrations, f"There is no home folder: {_NOT_KEPT}")
    try:
        return Opened(_writable(path, migrations))
    except NewerState as error:
        return temporary(migrations, f"{error}: {_NOT_KEPT}")
    except Corrupt as error:
        return _anew(path, migrations, str(error))
    except (StateError, OSError) as error:
        return _read_only(path, migrations, _reason(error))


def temporary(migrations: tuple[str, ...], notice: str = "") -> Opened:
    """Return a database in memory."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db, "memory", migrations)
    return Opened(db, notice, lasts=False)


def migrate(db: sqlite3.Connection, name: str, migrations: tuple[str, ...]) -> None:
    """Bring `db` up to date: each version and its number in one transaction, or neither.

    Two programs may do so at once. Raises `NewerState` for a database that a later version
    wrote.
    """
    if _version(db) > len(migrations):
        raise NewerState(f"{name} {_NEWER}")
    for number in range(_version(db) + 1, len(migrations) + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            if _version(db) < number:  # another program may have been quicker
                for statement in migrations[number - 1].split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")
            db.execute("COMMIT")
        except BaseException:  # whatever it was: the change and its number, or neither
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise


def told(error: sqlite3.Error | UnicodeError) -> StateError:
    """Return `error` as one of ours: `Locked` if another program writes just now."""
    if isinstance(error, UnicodeError):  # SQLite quotes nonsense from the file in its message
        return Corrupt("malformed database schema")
    text = str(error)
    if "locked" in text or "busy" in text:
        return Locked(text)
    # SQLite's plain DatabaseError says that the file itself is wrong; its subclasses, that
    # something else is: a full disk, a lock, a folder that can't be written.
    signs = ("unsupported", "already exists", "duplicate", "no such table", "no such column")
    corrupt = type(error) is sqlite3.DatabaseError or any(sign in text for sign in signs)
    return Corrupt(text) if corrupt else StateError(text)


def _text(data: bytes) -> str:
    """Return what is written, even where a bit has fallen over."""
    return data.decode("utf-8", "replace")


def _reason(error: StateError | OSError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "out of reach").lower()
    return "another program holds it" if isinstance(error, Locked) else str(error)


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _writable(path: Path, migrations: tuple[str, ...]) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    if path.exists():  # not so where a link leads to a file that is yet to be made
        _check_header(path, len(migrations))
    try:
        db = sqlite3.connect(path, timeout=OPENING_PATIENCE, isolation_level=None)
        db.text_factory = _text
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


def _check_header(path: Path, newest: int) -> None:
    """Look before SQLite does, which writes into a file as it opens and closes it."""
    if not path.is_file():
        raise StateError("not a regular file")
    with path.open("rb") as file:
        header = file.read(_HEADER_LENGTH)
    if header and not (header.startswith(_HEADER) and len(header) == _HEADER_LENGTH):
        raise Corrupt("file is not a database")
    if int.from_bytes(header[_VERSION_AT : _VERSION_AT + 4], "big") > newest:
        raise NewerState(f"{path} {_NEWER}")


def _prepare(db: sqlite3.Connection, path: Path, migrations: tuple[str, ...]) -> None:
    if _version(db) > len(migrations):
        raise NewerState(f"{path} {_NEWER}")
    with contextlib.suppress(sqlite3.OperationalError):
        # Where shared memory can't work (network homes) the journal stays as it was.
        db.execute("PRAGMA journal_mode = WAL").fetchone()
    db.execute("PRAGMA synchronous = NORMAL")
    _check_tables(db, migrations[: _version(db)])
    migrate(db, str(path), migrations)
    _check(db, migrations)
    db.execute(f"PRAGMA user_version = {_version(db)}")  # fails where nothing can be written
    db.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")


def _check(db: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    """Raise `Corrupt` for a database with a damaged page, or without a table of ours."""
    verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise Corrupt(str(verdict).replace("\n", " ").strip("* "))
    _check_tables(db, migrations)


def _check_tables(db: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    """Raise `Corrupt` for a database without a table or column that `migrations` make."""
    with contextlib.closing(temporary(migrations).db) as model:
        missing = _tables(model) - _tables(db)
    if missing:
        raise Corrupt("it holds something else")


def _tables(db: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return the tables and their columns."""
    return set(
        db.execute(
            "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
            " WHERE m.type = 'table'"
        )
    )


def _read_only(path: Path, migrations: tuple[str, ...], reason: str) -> Opened:
    """Return a copy in memory of what can be read at `path`."""
    notice = f"{path}: {reason}: {_NOT_KEPT}"
    if not os.path.isfile(path):  # noqa: PTH113  it never raises; SQLite would wait for a FIFO
        return temporary(migrations, notice)
    for mode in ("mode=ro", "immutable=1"):
        copy = sqlite3.connect(":memory:", isolation_level=None)
        copy.text_factory = _text
        try:
            uri = f"{path.absolute().as_uri()}?{mode}"
            with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as disk:
                disk.backup(copy, progress=_no_waiting)
            migrate(copy, str(path), migrations)
            _check(copy, migrations)
        except (sqlite3.Error, UnicodeError, OSError, StateError):
            copy.close()
        else:
            return Opened(copy, notice, lasts=False)
    return temporary(migrations, notice)


def _no_waiting(status: int, _remaining: int, _total: int) -> None:
    """Give a copy up when another program holds the file: Python would wait for ever."""
    if status not in (sqlite3.SQLITE_OK, sqlite3.SQLITE_DONE):
        raise Locked("another program holds it")


def _anew(path: Path, migrations: tuple[str, ...], reason: str) -> Opened:
    """Set the broken file at `path` aside and begin a new one."""
    try:
        aside = _set_aside(path)
        db = _writable(path, migrations)
    except (sqlite3.Error, OSError, StateError):
        return _read_only(path, migrations, reason)
    return Opened(db, f"{path} is damaged ({reason}); it was set aside as {aside.name}")


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
