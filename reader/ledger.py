"""Facts read and written, each change one short transaction with a stamp of its own.

What is written is there after `kill -9`. A fact that takes the place of another is stamped
later than it, whatever the clock says, so that two devices agree which came last. Knows the
tables by their names, and no meaning of any.
"""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from .errors import Corrupt
from .schema import FACTS, Fact, Stamp
from .soundness import told
from .stored import moment, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TICK: Final = timedelta(milliseconds=1)


class Ledger:
    """The facts in one database."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def close(self) -> None:
        """Close the database; what was written stays."""
        self._db.close()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what the database answers. Raises `Locked`, or another `StateError`."""
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise told(error) from error

    def one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row of what the database answers, or None. Raises as `rows` does."""
        rows = self.rows(query, *values)
        return rows[0] if rows else None

    @contextlib.contextmanager
    def change(self) -> Iterator[Stamp]:
        """Open one transaction and yield the stamp that its facts carry.

        Raises `Locked` if another program writes just now, else `StateError`; then nothing
        has changed.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._stamp()
                self._db.execute("COMMIT")
            except BaseException:  # whatever it was: all of the change, or nothing
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise told(error) from error

    def _stamp(self) -> Stamp:
        row = self.one("UPDATE device SET serial = serial + 1 RETURNING serial, id")
        if row is None:
            raise Corrupt("it names no device")
        return Stamp(row[0], written(datetime.now(UTC)), row[1])

    def put(self, table: str, fact: tuple[object, ...], stamp: Stamp) -> None:
        """Write `fact`, the columns of `table` in their order, in place of one of the same key.

        To be called within `change`.
        """
        columns = FACTS[table]
        row = self.one(f"SELECT changed FROM {table} WHERE {columns[0]} = ?", fact[0])  # noqa: S608  our own names
        if row is not None and row[0] >= stamp.changed:  # the clock went back
            stamp = stamp._replace(changed=_after(row[0], stamp.changed))
        self._insert(table, (*fact, *stamp))

    def _insert(self, table: str, values: tuple[object, ...]) -> None:
        names = ", ".join((*FACTS[table], *Stamp._fields))
        marks = ", ".join("?" * len(values))
        self._db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608  our own names

    def facts(self) -> list[Fact]:
        """Return every fact there is, in the order of their serial numbers."""
        found = []
        for table, columns in FACTS.items():
            names = ", ".join((*columns, *Stamp._fields))
            rows = self.rows(f"SELECT {names} FROM {table}")  # noqa: S608  our own names
            found += [Fact(table, row[:-3], Stamp(*row[-3:])) for row in rows]
        return sorted(found, key=lambda fact: fact.stamp.serial)

    def adopt(self, facts: Iterable[Fact]) -> None:
        """Write facts with the stamps they have, in place of those of the same keys.

        To be called within `change`.
        """
        for fact in facts:
            self._insert(fact.table, (*fact.values, *fact.stamp))
            self.rows("UPDATE device SET serial = max(serial, ?)", fact.stamp.serial)


def _after(changed: str, now: str) -> str:
    """Return the moment that follows `changed`, or `now` where that is no moment."""
    before = moment(changed)
    try:
        return written(before + _TICK) if before else now
    except OverflowError:  # the end of time
        return changed
