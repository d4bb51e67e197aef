"""Write files atomically, lock a folder, and check, migrate and copy a database file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import sys
import time
from typing import TYPE_CHECKING, Final

from reader.errors import DatabaseCorrupt, DatabaseLocked, NewerDatabase, StateError
from reader.paths import LINK_MESSAGE, create_private_file
from reader.store.migrations import MIGRATIONS, list_schema
from reader.store.schema import make_damage_query, make_deletions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from reader.store.migrations import Migrations


LOCK_TIMEOUT_SECONDS: Final = 2.0
"""Seconds to wait for another program's lock on a folder; it is held for about 10 ms."""
PARTIAL_SUFFIX: Final = ".part"
"""Ends the name of a file that is not complete yet."""


@contextlib.contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield the path of a new empty file, and move that file to `path` if no error occurs.

    On an error `path` stays as it was. The file is readable by its owner only. Raises `OSError`.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL_SUFFIX}")
    fresh.unlink(missing_ok=True)
    create_private_file(fresh)
    try:
        yield fresh
        _fsync(fresh)
        fresh.replace(path)
        _fsync(path.parent)
    except BaseException:  # also on KeyboardInterrupt: leave no partial file
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
def lock_folder(folder: Path, *, is_patient: bool = True) -> Iterator[None]:
    """Hold an exclusive lock on `folder`; on a file system without locks continue without it.

    Raises `DatabaseLocked` if another program holds it for `LOCK_TIMEOUT_SECONDS`, or at all if
    not `is_patient`: that program may be about to put a backup there. Raises `OSError` if the
    folder can't be opened.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
        while not _try_lock(handle):
            if not is_patient or time.monotonic() > deadline:
                raise DatabaseLocked(LOCKED_MESSAGE)
            time.sleep(0.01)
        yield
    finally:
        os.close(handle)  # releases the lock


def _try_lock(handle: int) -> bool:
    """Try to lock; return whether waiting is over: it is locked, or can never be."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


WRITE_TIMEOUT_SECONDS: Final = 0.025
"""Seconds a write waits for another program's lock: less than two frames. Callers retry."""
LOCKED_MESSAGE: Final = "another program is using it"
_NEWER_MESSAGE: Final = "was written by a newer version of reader"
_MAGIC_BYTES: Final = b"SQLite format 3\0"
_HEADER_BYTES: Final = 100
_JOURNAL_OFFSET: Final = 18
"""The header byte that is 2 if the database has a write-ahead log. Above 2, it is read-only."""
_VERSION_OFFSET: Final = 60
"""The header's four bytes of `user_version`. See sqlite.org/fileformat2.html, section 1.3."""


def as_state_error(error: sqlite3.Error | UnicodeError) -> StateError:
    """Return `error` as a `StateError`: `DatabaseLocked` or `DatabaseCorrupt` where it is one."""
    if isinstance(error, UnicodeError):  # SQLite's message quotes undecodable bytes of the file
        return DatabaseCorrupt("malformed database schema")
    text = str(error)
    if "locked" in text or "busy" in text:
        return DatabaseLocked(LOCKED_MESSAGE)
    # A plain DatabaseError means that the file itself is wrong; a subclass means something
    # else: a full disk, a lock, a folder that can't be written.
    signs = ("unsupported", "already exists", "duplicate", "no such table", "no such column")
    is_corrupt = type(error) is sqlite3.DatabaseError or any(sign in text for sign in signs)
    return DatabaseCorrupt(text) if is_corrupt else StateError(text)


def connect(database: str, *, timeout: float = 0.0) -> sqlite3.Connection:
    """Open a database that may come from elsewhere: a path, a URI or `:memory:`.

    What its schema says is not trusted: functions in it may have no effect outside of it, and
    no trigger or view of it runs (from Python 3.12 on; `check_integrity` refuses them before).
    Other threads may use the connection, one at a time. Raises `sqlite3.Error`.
    """
    db = sqlite3.connect(
        database,
        uri=database.startswith("file:"),
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
    )
    db.text_factory = decode_text
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    if sys.version_info >= (3, 12):
        db.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
        db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
        db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)
    return db


def decode_text(data: bytes) -> str:
    """Decode a stored text, with replacement characters for damaged bytes."""
    return data.decode("utf-8", "replace")


def read_schema_version(db: sqlite3.Connection) -> int:
    """Return how many migrations were applied to `db`."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def check_and_migrate(db: sqlite3.Connection, name: str, migrations: Migrations) -> None:
    """Check that `db` is intact, then migrate it if its version is older.

    The check comes first: copying the rows of a damaged table could lose some without an
    error. Raises `DatabaseCorrupt`, `NewerDatabase` and `sqlite3.Error`.
    """
    db.execute("BEGIN")  # another program may migrate between two statements outside of one
    try:
        version = read_schema_version(db)
        if version <= len(migrations):
            check_integrity(db, migrations[:version])
    finally:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
    if version != len(migrations):
        migrate(db, name, migrations)
        check_integrity(db, migrations)


def migrate(db: sqlite3.Connection, name: str, migrations: Migrations) -> None:
    """Apply the migrations that `db` lacks, each version and its number in one transaction.

    Two programs may do so at once. Raises `NewerDatabase`, which calls the database `name`,
    and `sqlite3.Error`.
    """
    if read_schema_version(db) > len(migrations):
        raise NewerDatabase(f"{name} {_NEWER_MESSAGE}")
    for version in range(read_schema_version(db) + 1, len(migrations) + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            if read_schema_version(db) < version:  # another program may have been faster
                for statement in migrations[version - 1]:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {version}")
            db.execute("COMMIT")
        except BaseException:  # also on KeyboardInterrupt: leave the older version complete
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise


def check_header(path: Path, newest: int) -> bytes:
    """Check the header before SQLite opens the file, which can write to it.

    Returns the header, empty for an empty file. Raises `DatabaseCorrupt`, `NewerDatabase`
    for a version above `newest`, another `StateError` if it is not a file, and `OSError`.
    """
    if path.is_symlink():
        raise StateError(LINK_MESSAGE)
    if not path.is_file():
        raise StateError("not a regular file")
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if header and not (header.startswith(_MAGIC_BYTES) and len(header) == _HEADER_BYTES):
        raise DatabaseCorrupt("file is not a database")
    if int.from_bytes(header[_VERSION_OFFSET : _VERSION_OFFSET + 4], "big") > newest:
        raise NewerDatabase(f"{path} {_NEWER_MESSAGE}")
    return header


def check_integrity(db: sqlite3.Connection, migrations: Migrations) -> None:
    """Check that `db` has only the tables of `migrations`, undamaged, with possible values.

    The schema comes first: reading a view, a generated column or an index with an expression
    runs what another program wrote. Raises `DatabaseCorrupt` and `sqlite3.Error`.
    """
    _check_schema(db, migrations)
    verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise DatabaseCorrupt(str(verdict).replace("\n", " ").strip("* "))
    if migrations == MIGRATIONS:
        damaged = db.execute(make_damage_query()).fetchone()
        if damaged is not None:
            raise DatabaseCorrupt(f"a value in the table {damaged[0]} is out of range")


def _check_schema(db: sqlite3.Connection, migrations: Migrations) -> None:
    if migrations == MIGRATIONS:  # at every start: a model takes 3 ms
        expected = list_schema(migrations)
    else:
        with contextlib.closing(connect(":memory:")) as model:
            migrate(model, "model", migrations)
            expected = dict(_list_schema_objects(model))
    found = _list_schema_objects(db)
    if expected.keys() - {name for name, _ in found}:
        raise DatabaseCorrupt("a table or column is missing")
    for name, sql in found:
        if expected.get(name) != sql:
            raise DatabaseCorrupt(f"{name} in it was not made by reader")


def _list_schema_objects(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the name and SQL of each table, index, view and trigger, on one line.

    Indexes without SQL are left out: SQLite makes them for keys.
    """
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type <> 'index' OR sql NOT NULL")
    return [(str(name), " ".join(str(sql).split())) for name, sql in rows.fetchall()]


def copy_database(
    path: Path, migrations: Migrations, *, in_use: bool = False
) -> sqlite3.Connection:
    """Return a migrated copy in memory of the database at `path`, which does not change.

    `in_use` says that this program has the database open and has checked it. Then only SQLite
    may open the file: when any other handle of it is closed, the system drops all locks that
    this program holds on it, and the next program to exit deletes a log that is in use. See
    sqlite.org/howtocorrupt.html, section 2.2. Raises `StateError` and `OSError`.
    """
    header = b"" if in_use else check_header(path, len(migrations))
    if not header and not in_use:
        raise DatabaseCorrupt("it is empty")
    failure = StateError("it can't be read")
    for mode in ("mode=rw",) if in_use else _choose_open_modes(path, header):
        copy = connect(":memory:")
        try:
            uri = f"{path.absolute().as_uri()}?{mode}"
            with contextlib.closing(connect(uri, timeout=WRITE_TIMEOUT_SECONDS)) as disk:
                disk.backup(copy, progress=abort_if_locked)
            if header and header[_JOURNAL_OFFSET] > 2:
                _make_writable(copy)
            check_and_migrate(copy, str(path), migrations)
        except (sqlite3.Error, UnicodeError, StateError) as error:
            copy.close()
            failure = error if isinstance(error, StateError) else as_state_error(error)
        else:
            return copy
    raise failure


def _make_writable(copy: sqlite3.Connection) -> None:
    """Let SQLite write to a copy in memory whose header says otherwise; reload its schema."""
    data = bytearray(copy.serialize())
    data[_JOURNAL_OFFSET : _JOURNAL_OFFSET + 2] = b"\1\1"  # without a log
    copy.deserialize(bytes(data))


def _choose_open_modes(path: Path, header: bytes) -> tuple[str, ...]:
    """Return the modes in which to open the file at `path` for reading, best first.

    If the database has a log, SQLite creates two files beside it even to read it. If the log
    is gone because it was closed properly, `immutable` reads the file without creating any.
    """
    is_closed = header[_JOURNAL_OFFSET] == 2 and not os.path.lexists(f"{path}-wal")
    return ("immutable=1",) if is_closed else ("mode=ro", "immutable=1")


def abort_if_locked(status: int, _remaining: int, _total: int) -> None:
    """Stop a copy when another program has locked the file; Python would wait without end."""
    if status not in (sqlite3.SQLITE_OK, sqlite3.SQLITE_DONE):
        raise DatabaseLocked(LOCKED_MESSAGE)


_MAX_RETRIES: Final = 1_000
"""Rows that are tried one by one after a damaged one. A page has no more rows."""


def salvage_database(path: Path, migrations: Migrations) -> sqlite3.Connection | None:
    """Return a new database in memory with the rows that can be read in a damaged file.

    Of its schema only the pages are used where tables begin, and of its rows those with values
    of the right types. The file does not change. Returns None without such tables. Raises
    `OSError`.
    """
    # Not by `connect`: the schema of this copy is replaced. No SQL of the file is run before.
    source = sqlite3.connect(":memory:", isolation_level=None)
    source.text_factory = decode_text
    try:
        _load_damaged(path, source)
        source.execute("PRAGMA writable_schema = ON")  # SQL that can't be parsed is no error then
        roots = dict(
            source.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'")
        )
        fresh = _make_matching_database(roots, migrations)
        _replace_schema(source, fresh, roots)
        for table, columns in _list_columns(fresh).items():
            _copy_rows(source, fresh, table, columns)
        migrate(fresh, "memory", migrations)
        for statement in make_deletions():
            fresh.execute(statement)
    except (sqlite3.Error, UnicodeError):
        return None
    finally:
        source.close()
    return fresh


def _load_damaged(path: Path, copy: sqlite3.Connection) -> None:
    """Copy all pages of the file at `path` and its log, unchecked, to a database in memory.

    SQLite opens a copy of the files, since it may delete a log that it can't use.
    """
    import shutil  # only for a damaged file
    import tempfile

    with contextlib.suppress(sqlite3.Error, OSError), tempfile.TemporaryDirectory() as folder:
        for suffix in ("", "-wal", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{suffix}", f"{folder}/copy{suffix}")
        with contextlib.closing(connect(f"{folder}/copy")) as disk:
            disk.backup(copy)
            return
    data = bytearray(path.read_bytes())
    data[_JOURNAL_OFFSET : _JOURNAL_OFFSET + 2] = b"\1\1"  # without a log
    copy.deserialize(bytes(data))


def _make_matching_database(tables: Iterable[str], migrations: Migrations) -> sqlite3.Connection:
    """Return an empty database of the version that has most of `tables`, the oldest of several."""
    versions = [connect(":memory:") for _ in migrations]
    for version, fresh in enumerate(versions, 1):
        migrate(fresh, "memory", migrations[:version])
    return max(versions, key=lambda fresh: len(_list_columns(fresh).keys() & tables))


def _replace_schema(
    source: sqlite3.Connection, fresh: sqlite3.Connection, roots: Mapping[str, int]
) -> None:
    """Let the tables of `fresh` be the schema of `source`, with the first pages `roots`."""
    source.execute("DELETE FROM sqlite_master")
    for name, sql in fresh.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"):
        if roots.get(name):
            row = ("table", name, name, roots[name], sql.replace("PRIMARY KEY", ""))
            source.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    _make_writable(source)  # SQLite reads the new schema


def _list_columns(db: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the columns of each table with records in a database that this program made."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'device'")
    query = "SELECT name FROM pragma_table_info(?)"
    return {
        table: [name for (name,) in db.execute(query, (table,))] for (table,) in rows.fetchall()
    }


def _copy_rows(
    source: sqlite3.Connection, fresh: sqlite3.Connection, table: str, columns: list[str]
) -> None:
    """Copy the rows that can be read; the tables of `fresh` accept only the right types."""
    names, places = ", ".join(columns), ", ".join("?" * len(columns))
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})"  # noqa: S608  our own names
    for row in _iterate_readable_rows(source, table, names):
        with contextlib.suppress(sqlite3.Error, UnicodeError, OverflowError):
            fresh.execute(insert, row)


def _iterate_readable_rows(
    source: sqlite3.Connection, table: str, names: str
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a table in the order of their numbers; continue after damaged ones.

    After an error, or a number that is not higher than the last one (damaged pages can form a
    circle), the next numbers are looked up, at last in growing steps.
    """
    query = f"SELECT rowid, {names} FROM {table} NOT INDEXED WHERE rowid > ? ORDER BY rowid"  # noqa: S608  our own names
    last, retries = 0, 0
    while last < sys.maxsize:
        with contextlib.suppress(sqlite3.Error, UnicodeError, OverflowError):
            for number, *values in source.execute(query, (last,)):
                if number <= last:
                    break
                last = number
                yield tuple(values)
            else:
                return
        retries += 1
        last += 1 << max(0, min(62, retries - _MAX_RETRIES))
