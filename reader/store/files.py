"""Write files atomically, lock a folder, and check that a database file is intact."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from typing import TYPE_CHECKING, Final

from reader.errors import DatabaseCorrupt, DatabaseLocked, NewerDatabase, StateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


LOCK_TIMEOUT_SECONDS: Final = 2.0
"""Seconds to wait for another program to be done in a folder; it needs a hundredth of them."""
PARTIAL_SUFFIX: Final = ".part"
"""How the name of a file ends that is not whole yet."""


@contextlib.contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield the path of an empty file of one's own that is at `path` when all went well.

    When not, what stood at `path` stands there still. Raises `OSError`.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL_SUFFIX}")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        yield fresh
        _fsync(fresh)
        fresh.replace(path)
        _fsync(path.parent)
    except BaseException:  # whatever it was: the whole file, or none
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Keep every other program that asks for the same out of `folder`, as far as that works.

    On a file system without locks, and after `LOCK_PATIENCE`, it goes on all the same.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        ends = time.monotonic() + LOCK_TIMEOUT_SECONDS
        while not _try_lock(handle) and time.monotonic() < ends:
            time.sleep(0.01)
        yield
    finally:
        os.close(handle)  # and with it the lock goes


def _try_lock(handle: int) -> bool:
    """Lock; tell whether there is nothing left to wait for."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


WRITE_TIMEOUT_SECONDS: Final = 0.025
"""Seconds a write waits for another program's lock: less than two frames. It is tried again."""
LOCKED_MESSAGE: Final = "another program holds it"
_NEWER_MESSAGE: Final = "was written by a later version of reader"
_MAGIC_BYTES: Final = b"SQLite format 3\0"
_HEADER_BYTES: Final = 100
_JOURNAL_OFFSET: Final = 18
"""Where a database's header says 2 if it has a write-ahead log."""
_VERSION_OFFSET: Final = 60
"""Where it holds the version, in four bytes. See sqlite.org/fileformat2.html, 1.3."""


def as_state_error(error: sqlite3.Error | UnicodeError) -> StateError:
    """Return `error` as one of ours: `Locked` if another program writes just now."""
    if isinstance(error, UnicodeError):  # SQLite quotes nonsense from the file in its message
        return DatabaseCorrupt("malformed database schema")
    text = str(error)
    if "locked" in text or "busy" in text:
        return DatabaseLocked(LOCKED_MESSAGE)
    # SQLite's plain DatabaseError says that the file itself is wrong; its subclasses, that
    # something else is: a full disk, a lock, a folder that can't be written.
    signs = ("unsupported", "already exists", "duplicate", "no such table", "no such column")
    corrupt = type(error) is sqlite3.DatabaseError or any(sign in text for sign in signs)
    return DatabaseCorrupt(text) if corrupt else StateError(text)


def decode_text(data: bytes) -> str:
    """Return what is written, even where a bit has fallen over."""
    return data.decode("utf-8", "replace")


def read_schema_version(db: sqlite3.Connection) -> int:
    """Return how many migrations `db` has had."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: sqlite3.Connection, name: str, migrations: tuple[str, ...]) -> None:
    """Bring `db` up to date: each version and its number in one transaction, or neither.

    Two programs may do so at once. Raises `NewerState` for a database that a later version
    wrote.
    """
    if read_schema_version(db) > len(migrations):
        raise NewerDatabase(f"{name} {_NEWER_MESSAGE}")
    for number in range(read_schema_version(db) + 1, len(migrations) + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            if read_schema_version(db) < number:  # another program may have been quicker
                for statement in migrations[number - 1].split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")
            db.execute("COMMIT")
        except BaseException:  # whatever it was: the change and its number, or neither
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise


def check_header(path: Path, newest: int) -> bytes:
    """Look before SQLite does, which writes into a file as it opens and closes it.

    Returns the header, empty for an empty file. Raises `Corrupt`, `NewerState` for a version
    above `newest`, another `StateError` for what is no file, and `OSError`.
    """
    if not path.is_file():
        raise StateError("not a regular file")
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if header and not (header.startswith(_MAGIC_BYTES) and len(header) == _HEADER_BYTES):
        raise DatabaseCorrupt("file is not a database")
    if int.from_bytes(header[_VERSION_OFFSET : _VERSION_OFFSET + 4], "big") > newest:
        raise NewerDatabase(f"{path} {_NEWER_MESSAGE}")
    return header


def check_integrity(db: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    """Raise `Corrupt` for a database with a damaged page, or without a table of ours."""
    verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise DatabaseCorrupt(str(verdict).replace("\n", " ").strip("* "))
    check_tables(db, migrations)


def check_tables(db: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    """Raise `Corrupt` for a database without a table or column that `migrations` make."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        migrate(model, "memory", migrations)
        missing = _list_columns(model) - _list_columns(db)
    if missing:
        raise DatabaseCorrupt("it holds something else")


def _list_columns(db: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return the tables and their columns."""
    return set(
        db.execute(
            "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
            " WHERE m.type = 'table'"
        )
    )


def copy_database(
    path: Path, migrations: tuple[str, ...], *, in_use: bool = False
) -> sqlite3.Connection:
    """Return a copy in memory of the database at `path`, brought up to date; `path` stays.

    One that this program has open, and so knows to be sound, is `in_use`: only SQLite may
    open it. When any other handle of the file is closed the system takes every lock from it
    that this program has, and the next program to end removes a log that is written to. See
    sqlite.org/howtocorrupt.html, 2.2. Raises `Locked`, `Corrupt`, `NewerState`, another `StateError`, or `OSError`.
    """
    header = b"" if in_use else check_header(path, len(migrations))
    if not header and not in_use:
        raise DatabaseCorrupt("it is empty")
    failure = StateError("it can't be read")
    for mode in ("mode=rw",) if in_use else _choose_open_modes(path, header):
        copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        copy.text_factory = decode_text
        try:
            uri = f"{path.absolute().as_uri()}?{mode}"
            with contextlib.closing(
                sqlite3.connect(uri, uri=True, timeout=WRITE_TIMEOUT_SECONDS)
            ) as disk:
                disk.backup(copy, progress=_abort_if_locked)
            check_tables(copy, migrations[: read_schema_version(copy)])
            migrate(copy, str(path), migrations)
            check_integrity(copy, migrations)
        except (sqlite3.Error, UnicodeError, StateError) as error:
            copy.close()
            failure = error if isinstance(error, StateError) else as_state_error(error)
        else:
            return copy
    raise failure


def _choose_open_modes(path: Path, header: bytes) -> tuple[str, ...]:
    """Return how to open the file at `path` for reading, best first.

    With a log, SQLite makes two files beside it even to read; a log that was closed cleanly
    is not there, and the file may be read as one that nobody changes.
    """
    is_closed = header[_JOURNAL_OFFSET] == 2 and not os.path.lexists(f"{path}-wal")
    return ("immutable=1",) if is_closed else ("mode=ro", "immutable=1")


def _abort_if_locked(status: int, _remaining: int, _total: int) -> None:
    """Give a copy up when another program holds the file: Python would wait for ever."""
    if status not in (sqlite3.SQLITE_OK, sqlite3.SQLITE_DONE):
        raise DatabaseLocked(LOCKED_MESSAGE)
