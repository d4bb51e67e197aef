"""Facts read and written, each change one short transaction with a stamp of its own.

What is written is there after `kill -9`. A fact that takes the place of another is stamped
later than it, whatever the clock says, so that two devices agree which came last. Knows the
tables by their names, and no meaning of any.
"""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .database import told
from .errors import Corrupt
from .schema import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterator

_TICK: Final = timedelta(milliseconds=1)


class Stamp(NamedTuple):
    """What a fact carries beside itself."""

    serial: int
    """Counts up with each change on this device."""
    changed: str
    """UTC, to the millisecond, in ISO 8601: later ones sort behind."""
    device: str


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
        values = (*fact, *stamp)
        names, marks = ", ".join((*columns, *Stamp._fields)), ", ".join("?" * len(values))
        self._db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608  our own names


def written(when: datetime) -> str:
    """Return a moment as it is stored: UTC, to the millisecond."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds")


def moment(text: str) -> datetime | None:
    """Return the moment that was stored as `text`, or None for what is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _after(changed: str, now: str) -> str:
    """Return the moment that follows `changed`, or `now` where that is no moment."""
    before = moment(changed)
    try:
        return written(before + _TICK) if before else now
    except OverflowError:  # the end of time
        return changed
