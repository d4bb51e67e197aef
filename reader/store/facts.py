"""The tables of the reading data, how values are encoded, and reading and writing records.

Each change is one short transaction with its own stamp.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.errors import DatabaseCorrupt
from reader.reading.progress import WordRanges, merge_ranges
from reader.store.files import as_state_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


TABLE_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "story": ("id", "path", "source", "title", "author", "url"),
    "place": ("story", "block", "offset", "fingerprint", "quote", "round"),
    "reading": ("story", "ranges", "words"),
    "text": ("story", "blocks"),
    "mark": ("story", "mark"),
    "finish": ("id", "story", "at", "minutes", "gone"),
    "quote": (
        "id", "story", "block", "offset", "fingerprint", "quote", "text", "remark", "made", "gone"
    ),
    "response": ("story", "text"),
    "pace": ("language", "samples"),
    "setting": ("name", "value"),
}  # fmt: skip
"""Each table's columns, its key first; serial, changed and device come on top."""


class Stamp(NamedTuple):
    """What a fact carries beside itself."""

    serial: int
    """Counts up with each change on this device."""
    changed: str
    """UTC, to the millisecond, in ISO 8601: later ones sort behind."""
    device: str


class Fact(NamedTuple):
    """One row of a table."""

    table: str
    values: tuple[str | int | bytes, ...]
    """The table's columns, its key first."""
    stamp: Stamp

    @property
    def key(self) -> tuple[str, object]:
        """What there can be only one fact of."""
        return self.table, self.values[0]


MIGRATIONS: Final = (
    """
    CREATE TABLE device (id TEXT NOT NULL) STRICT;
    INSERT INTO device VALUES (lower(hex(randomblob(4))));
    CREATE TABLE story (
        id TEXT PRIMARY KEY, path BLOB NOT NULL, source TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE place (
        story TEXT PRIMARY KEY, block INTEGER NOT NULL, offset INTEGER NOT NULL,
        fingerprint TEXT NOT NULL, quote TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE reading (
        story TEXT PRIMARY KEY, ranges TEXT NOT NULL, words INTEGER NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE mark (
        story TEXT PRIMARY KEY, mark TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE setting (
        name TEXT PRIMARY KEY, value TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    """,
    """
    ALTER TABLE story ADD COLUMN title TEXT NOT NULL DEFAULT '';
    ALTER TABLE story ADD COLUMN author TEXT NOT NULL DEFAULT '';
    ALTER TABLE story ADD COLUMN url TEXT NOT NULL DEFAULT '';
    ALTER TABLE place ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE text (
        story TEXT PRIMARY KEY, blocks TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE pace (
        language TEXT PRIMARY KEY, samples TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE quote (
        id TEXT PRIMARY KEY, story TEXT NOT NULL,
        block INTEGER NOT NULL, offset INTEGER NOT NULL, fingerprint TEXT NOT NULL,
        quote TEXT NOT NULL, text TEXT NOT NULL, remark TEXT NOT NULL,
        made TEXT NOT NULL, gone INTEGER NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE INDEX quote_story ON quote (story);
    CREATE TABLE response (
        story TEXT PRIMARY KEY, text TEXT NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE TABLE finish (
        id TEXT PRIMARY KEY, story TEXT NOT NULL,
        at TEXT NOT NULL, minutes INTEGER NOT NULL, gone INTEGER NOT NULL,
        serial INTEGER NOT NULL, changed TEXT NOT NULL, device TEXT NOT NULL
    ) STRICT;
    CREATE INDEX finish_story ON finish (story);
    UPDATE story SET changed = replace(changed, '+00:00', '.000+00:00');
    UPDATE place SET changed = replace(changed, '+00:00', '.000+00:00');
    UPDATE reading SET changed = replace(changed, '+00:00', '.000+00:00');
    UPDATE mark SET changed = replace(changed, '+00:00', '.000+00:00');
    UPDATE setting SET changed = replace(changed, '+00:00', '.000+00:00');
    INSERT INTO finish
        SELECT mark.story || ' ' || mark.changed, mark.story, mark.changed,
            CAST(round(ifnull(words, 0) / 265.0) AS INTEGER), 0,
            mark.serial, mark.changed, mark.device
        FROM mark LEFT JOIN reading ON reading.story = mark.story WHERE mark = 'finished';
    ALTER TABLE device ADD COLUMN serial INTEGER NOT NULL DEFAULT 0;
    UPDATE device SET serial = (SELECT ifnull(max(s), 0) FROM (
        SELECT max(serial) AS s FROM story UNION ALL SELECT max(serial) FROM place
        UNION ALL SELECT max(serial) FROM reading UNION ALL SELECT max(serial) FROM mark
        UNION ALL SELECT max(serial) FROM setting));
    """,
)
"""One script a version, cut at its semicolons. Append; never edit.

The second gives stamps their milliseconds, what was finished its line in the history, and
the device the number of its last change.
"""

UNKNOWN_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a moment that nobody can read."""


def format_time(when: datetime) -> str:
    """Return a moment as it is stored: UTC, to the millisecond, so that later sorts behind."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds")


def parse_time(text: str) -> datetime | None:
    """Return the moment that was stored as `text`, or None for what is none."""
    try:
        when = datetime.fromisoformat(text)
        return when.astimezone(UTC) if when.tzinfo else None
    except (ValueError, OverflowError):
        return None


def parse_ranges(text: str) -> WordRanges:
    """Return the ranges that were stored as `text`; what isn't that counts as nothing read."""
    try:
        return merge_ranges((), tuple((int(first), int(end)) for first, end in json.loads(text)))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return ()


def parse_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers that were stored as `text`."""
    try:
        return tuple(int(number) for number in json.loads(text))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return ()


_ONE_MILLISECOND: Final = timedelta(milliseconds=1)


class FactStore:
    """The facts in one database."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def close(self) -> None:
        """Close the database; what was written stays."""
        self._db.close()

    def fetch_all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what the database answers. Raises `Locked`, or another `StateError`."""
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise as_state_error(error) from error

    def fetch_one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row of what the database answers, or None. Raises as `rows` does."""
        rows = self.fetch_all(query, *values)
        return rows[0] if rows else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Stamp]:
        """Open one transaction and yield the stamp that its facts carry.

        Raises `Locked` if another program writes just now, else `StateError`; then nothing
        has changed.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._make_stamp()
                self._db.execute("COMMIT")
            except BaseException:  # whatever it was: all of the change, or nothing
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise as_state_error(error) from error

    def _make_stamp(self) -> Stamp:
        row = self.fetch_one("UPDATE device SET serial = serial + 1 RETURNING serial, id")
        if row is None:
            raise DatabaseCorrupt("it names no device")
        return Stamp(row[0], format_time(datetime.now(UTC)), row[1])

    def put(self, table: str, fact: tuple[object, ...], stamp: Stamp) -> None:
        """Write `fact`, the columns of `table` in their order, in place of one of the same key.

        To be called within `change`.
        """
        columns = TABLE_COLUMNS[table]
        row = self.fetch_one(f"SELECT changed FROM {table} WHERE {columns[0]} = ?", fact[0])  # noqa: S608  our own names
        if row is not None and row[0] >= stamp.changed:  # the clock went back
            stamp = stamp._replace(changed=_time_after(row[0], stamp.changed))
        self._insert(table, (*fact, *stamp))

    def _insert(self, table: str, values: tuple[object, ...]) -> None:
        names = ", ".join((*TABLE_COLUMNS[table], *Stamp._fields))
        marks = ", ".join("?" * len(values))
        self._db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608  our own names

    def load_facts(self) -> list[Fact]:
        """Return every fact there is, in the order of their serial numbers."""
        found = []
        for table, columns in TABLE_COLUMNS.items():
            names = ", ".join((*columns, *Stamp._fields))
            rows = self.fetch_all(f"SELECT {names} FROM {table}")  # noqa: S608  our own names
            found += [Fact(table, row[:-3], Stamp(*row[-3:])) for row in rows]
        return sorted(found, key=lambda fact: fact.stamp.serial)

    def import_facts(self, facts: Iterable[Fact]) -> None:
        """Write facts with the stamps they have, in place of those of the same keys.

        To be called within `change`.
        """
        for fact in facts:
            self._insert(fact.table, (*fact.values, *fact.stamp))
            self.fetch_all("UPDATE device SET serial = max(serial, ?)", fact.stamp.serial)


def _time_after(changed: str, now: str) -> str:
    """Return the moment that follows `changed`, or `now` where that is no moment."""
    before = parse_time(changed)
    try:
        return format_time(before + _ONE_MILLISECOND) if before else now
    except OverflowError:  # the end of time
        return changed
