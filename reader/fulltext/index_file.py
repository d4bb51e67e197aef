"""The database file of an index of words: its tables, how it is opened, and what its errors mean."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Final

SCHEMA_VERSION: Final = 4
"""To be increased when the tables change, or which words a text has."""
TABLES: Final = {
    "text": "CREATE TABLE text (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " version TEXT NOT NULL, checksum INTEGER NOT NULL)",
    "dead": "CREATE TABLE dead (number INTEGER PRIMARY KEY)",
    "words": "CREATE VIRTUAL TABLE words USING fts5"
    """(title, about, body, content='', tokenize="ascii")""",
    "beginnings": "CREATE VIRTUAL TABLE beginnings USING fts5"
    """(found, content='', detail=none, tokenize="ascii")""",
    "titles": "CREATE VIRTUAL TABLE titles USING fts5"
    """(title, content='', tokenize="ascii")""",
}
_PENDING_BYTES: Final = 16 << 20
"""Memory for words until FTS5 writes them. Its own limit of a megabyte is what 200 texts take: the
many small parts of the index are merged then, which takes longer than all else."""
BUSY_SECONDS: Final = 5.0
"""The longest wait for another program, which writes in slices of half a second."""
INDEX_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What `sqlite3` raises. The second if a damaged schema makes a message that isn't UTF-8."""
BUSY_MESSAGE: Final = "another program is writing the index of words; try again when it is done"


def has_fts5() -> bool:
    """Return whether this Python's SQLite has FTS5."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        try:
            db.execute("CREATE VIRTUAL TABLE probe USING fts5(a)")
        except sqlite3.OperationalError:
            return False
    return True


def open_index_file(path: str, busy_seconds: float) -> sqlite3.Connection:
    """Open the database at `path` and bring it to this version. Raises `sqlite3.Error`.

    It waits so many seconds for another program.
    """
    db = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA journal_mode = WAL")
        if db.execute("PRAGMA user_version").fetchone() != (SCHEMA_VERSION,):
            db.execute("BEGIN IMMEDIATE")
            if db.execute("PRAGMA user_version").fetchone() != (SCHEMA_VERSION,):
                drop_tables(db)
                create_tables(db)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            db.execute("COMMIT")
        _check_schema(db)
    except INDEX_ERRORS:
        db.close()
        raise
    return db


def _check_schema(db: sqlite3.Connection) -> None:
    """Raise `sqlite3.DatabaseError` if the tables aren't those of this program."""
    schema = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    own = {
        name: sql
        for name, sql in schema.items()
        if not name.startswith(("words_", "beginnings_", "titles_"))
    }
    if own != TABLES:
        raise sqlite3.DatabaseError("not an index of this program")
    db.execute("SELECT * FROM text LIMIT 1").fetchall()
    db.execute("SELECT rowid FROM words WHERE words MATCH 'a' LIMIT 1").fetchall()


def create_tables(db: sqlite3.Connection) -> None:
    """Create all tables, empty."""
    for statement in TABLES.values():
        db.execute(statement)
    for table in ("words", "beginnings", "titles"):
        change = f"INSERT INTO {table} ({table}, rank) VALUES ('hashsize', ?)"  # noqa: S608  names from here
        db.execute(change, (_PENDING_BYTES,))


def drop_tables(db: sqlite3.Connection) -> None:
    """Remove all tables that are there."""
    for name in TABLES:
        db.execute(f"DROP TABLE IF EXISTS {name}")


def is_busy(error: Exception) -> bool:
    """Return whether another program uses the database; a damaged schema may have any name."""
    return str(error).startswith("database ") and str(error).endswith(("locked", "busy"))


def is_unwritable(error: Exception) -> bool:
    """Return whether the disk is full, or the file can't be written any more."""
    code = getattr(error, "sqlite_errorcode", 0)  # a UnicodeDecodeError has none
    return code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)


def is_interrupted(error: Exception) -> bool:
    """Return whether a statement was ended by the progress handler."""
    code = getattr(error, "sqlite_errorcode", 0)  # a UnicodeDecodeError has none
    return bool(code == sqlite3.SQLITE_INTERRUPT)
