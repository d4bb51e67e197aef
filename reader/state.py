"""What is remembered: places, words read, marks, choices. Precious; never a cache.

Each change is one short transaction, so that it is there after `kill -9`. Every fact
carries when it changed (UTC), on which device, and a serial number that orders facts
without trusting a clock. Nothing is deleted because a file is missing today.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .database import Opened, opened, temporary, told
from .document import Anchor, Place
from .errors import StateError
from .evidence import Mark, Ranges, union

if TYPE_CHECKING:
    from collections.abc import Iterator

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
)
"""One script a version. Append; never edit."""


class Memory(NamedTuple):
    """What is remembered of one story."""

    mark: Mark = Mark.UNREAD
    anchor: Anchor | None = None
    ranges: Ranges = ()
    words: int = 0
    """How many words the text had when `ranges` were written."""
    serial: int = 0
    """Counts up with each change: the story last read has the highest."""


class State:
    """The database of what is remembered, opened as well as it can be."""

    def __init__(self, found: Opened) -> None:
        self._db = found.db
        self.notice = found.notice
        """One line for the screen about what is wrong with the file."""
        self.lasts = found.lasts
        """What is written is there the next time."""
        self._device = ""
        with contextlib.suppress(StateError):  # it may be held just now
            row = self._one("SELECT id FROM device")
            self._device = str(row[0]) if row else ""

    @classmethod
    def open(cls, path: Path | None) -> State:
        """Open the memory at `path`; the worst case is one in memory, with a notice.

        Raises nothing: no state of the disk stops anybody from reading.
        """
        return cls(opened(path, MIGRATIONS))

    @classmethod
    def in_memory(cls) -> State:
        """Return a memory that ends with the program."""
        return cls(temporary(MIGRATIONS))

    def close(self) -> None:
        """Close the database; what was written stays."""
        self._db.close()

    # Reading: each raises Locked if another program holds the file, else StateError --------

    def memory(self, story: str) -> Memory:
        """Return what is remembered of the story with the id `story`."""
        return self.memories(story).get(story, Memory())

    def memories(self, story: str | None = None) -> dict[str, Memory]:
        """Return what is remembered of every story, by id, or of one."""
        rows = self._rows(
            """
            SELECT known.id, mark, block, offset, fingerprint, quote, ranges, words,
                max(ifnull(mark.serial, 0), ifnull(place.serial, 0), ifnull(reading.serial, 0))
            FROM (SELECT story AS id FROM mark UNION SELECT story FROM place
                  UNION SELECT story FROM reading) AS known
            LEFT JOIN mark ON mark.story = known.id
            LEFT JOIN place ON place.story = known.id
            LEFT JOIN reading ON reading.story = known.id
            WHERE ?1 IS NULL OR known.id = ?1
            """,
            story,
        )
        return {row[0]: _memory(row[1:]) for row in rows}

    def met(self) -> dict[str, tuple[Path, str]]:
        """Return the path and folder of every story that was begun, by id."""
        rows = self._rows("SELECT id, path, source FROM story ORDER BY serial")
        return {row[0]: (Path(os.fsdecode(row[1])), row[2]) for row in rows}

    def setting(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        row = self._one("SELECT value FROM setting WHERE name = ?", name)
        return row[0] if row else None

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise told(error) from error

    def _one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        rows = self._rows(query, *values)
        return rows[0] if rows else None

    # Writing: each raises Locked if another program writes just now, else StateError -------

    def meet(self, story: str, path: Path, source: str) -> None:
        """Remember where the story with the id `story` is kept."""
        place = os.fsencode(os.path.realpath(path))
        with self._change() as stamp:
            self._put("story", (story, place, source), stamp)

    def remember(self, story: str, anchor: Anchor) -> None:
        """Remember the place where reading stopped."""
        place = anchor.place
        fact = (story, place.block, place.offset, anchor.fingerprint, anchor.quote)
        with self._change() as stamp:
            self._put("place", fact, stamp)

    def credit(self, story: str, ranges: Ranges, words: int) -> None:
        """Add `ranges` to the words read, of a text that has `words` words now."""
        with self._change() as stamp:
            row = self._one("SELECT ranges FROM reading WHERE story = ?", story)
            known = _ranges(row[0]) if row else ()
            self._put("reading", (story, json.dumps(union(known, ranges)), words), stamp)

    def mark(self, story: str, mark: Mark, *, ranges: Ranges | None = None) -> None:
        """Set the mark by the reader's own hand, and the words read if `ranges` is given."""
        with self._change() as stamp:
            self._put("mark", (story, mark.value), stamp)
            if ranges is not None:
                row = self._one("SELECT words FROM reading WHERE story = ?", story)
                self._put("reading", (story, json.dumps(ranges), row[0] if row else 0), stamp)

    def raise_mark(self, story: str, mark: Mark) -> None:
        """Set the mark if it is higher than what is known: nothing is un-read by itself."""
        order = list(Mark)
        with self._change() as stamp:
            row = self._one("SELECT mark FROM mark WHERE story = ?", story)
            if row is None or order.index(mark) > order.index(_mark(row[0])):
                self._put("mark", (story, mark.value), stamp)

    def choose(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        with self._change() as stamp:
            self._put("setting", (name, value), stamp)

    @contextlib.contextmanager
    def _change(self) -> Iterator[tuple[int, str, str]]:
        """Open one transaction and yield the stamp that its facts carry."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._serial(), datetime.now(UTC).isoformat(timespec="seconds"), self._device
                self._db.execute("COMMIT")
            except BaseException:  # whatever it was: all of the change, or nothing
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise told(error) from error

    def _serial(self) -> int:
        tables = ("story", "place", "reading", "mark", "setting")
        highest = " UNION ALL ".join(f"SELECT max(serial) AS s FROM {name}" for name in tables)  # noqa: S608  our own names
        rows = self._rows(f"SELECT ifnull(max(s), 0) + 1 FROM ({highest})")  # noqa: S608  our own names
        return int(rows[0][0])

    def _put(self, table: str, fact: tuple[object, ...], stamp: tuple[int, str, str]) -> None:
        values = (*fact, *stamp)
        marks = ", ".join("?" * len(values))
        self._db.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", values)  # noqa: S608  our own names


def _memory(row: tuple[Any, ...]) -> Memory:
    mark, block, offset, fingerprint, quote, ranges, words, serial = row
    anchor = None
    if block is not None and offset is not None:
        anchor = Anchor(Place(block, offset), fingerprint or "", quote or "")
    return Memory(_mark(mark), anchor, _ranges(ranges or "[]"), words or 0, serial)


def _mark(text: str | None) -> Mark:
    return Mark(text) if text in list(Mark) else Mark.UNREAD


def _ranges(text: str) -> Ranges:
    """Read ranges as they are stored; what isn't that counts as nothing read."""
    try:
        return union((), tuple((int(first), int(end)) for first, end in json.loads(text)))
    except (ValueError, TypeError, OverflowError):
        return ()
