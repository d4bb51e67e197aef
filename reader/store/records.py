"""Read, write and merge records: rows of the reading data with a stamp of their last change.

Also decodes times, ranges and lists of numbers; unreadable text decodes to empty values. When
two stores are merged, the later change of a record wins; words read are united, and reading
never changes a finished story back.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.errors import DatabaseCorrupt
from reader.reading.progress import ReadStatus, WordRanges, merge_ranges
from reader.store.files import as_state_error
from reader.store.schema import (
    TABLE_NAMES,
    TABLES,
    HistoryRow,
    IdentityRow,
    ReadStatusRow,
    Row,
    RowT,
    Stamp,
    StoryRow,
    WordsReadRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class Record(NamedTuple):
    """One row of a table and its stamp."""

    table: str
    row: Row
    stamp: Stamp

    @property
    def key(self) -> tuple[str, str]:
        """The table and the row's key: no two records have the same."""
        return self.table, self.row[0]


def make_record(row: Row, stamp: Stamp) -> Record:
    """Return the record of `row` in the table that its type belongs to."""
    return Record(TABLE_NAMES[type(row)], row, stamp)


UNKNOWN_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Replaces a stored time that can't be read."""
_DIGEST: Final = re.compile("[0-9a-f]{1,64}")
_ONE_MILLISECOND: Final = timedelta(milliseconds=1)


def format_time(when: datetime) -> str:
    """Return a time as it is stored: UTC, to the millisecond, so that text sorts like time."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds")


def parse_time(text: str) -> datetime | None:
    """Return the time that was stored as `text`, or None if it is not a time with a zone."""
    try:
        when = datetime.fromisoformat(text)
        return when.astimezone(UTC) if when.tzinfo else None
    except (ValueError, OverflowError):
        return None


def parse_ranges(text: str) -> WordRanges:
    """Return the ranges that were stored as `text`, or none if it can't be read."""
    try:
        return merge_ranges((), tuple((int(first), int(end)) for first, end in json.loads(text)))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return ()


def parse_numbers(text: str) -> tuple[int, ...]:
    """Return the whole numbers that were stored as `text`, or none if it can't be read."""
    try:
        return tuple(int(number) for number in json.loads(text))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return ()


def parse_digests(text: str) -> list[str]:
    """Return the digests that were stored as `text`, without what is none."""
    try:
        digests = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(digests, list):
        return []
    return [digest for digest in digests if isinstance(digest, str) and is_digest(digest)]


def is_digest(text: str) -> bool:
    """Return whether `text` is a digest: up to 64 hexadecimal digits."""
    return _DIGEST.fullmatch(text) is not None


class RecordStore:
    """The records of one database.

    Every method that reads or writes raises `DatabaseLocked` if another program is writing,
    otherwise `StateError`.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.folder = ""
        """The folder of the file, or an empty text; the paths of stories are valid with it."""
        self._is_open = False
        """A transaction is open."""
        self.check_file: Callable[[], None] = lambda: None
        """Raises `FileLost` before a change if the open file is no longer at its path."""

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def load_device(self) -> tuple[str, int]:
        """Return the id that this database was given, and the serial number of its last change."""
        row = self.fetch_one("SELECT id, serial FROM device")
        return (row["id"], row["serial"]) if row is not None else ("", 0)

    def fetch_all(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Run a query and return its rows, whose values are read by column name."""
        try:
            cursor = self.db.cursor()
            cursor.row_factory = sqlite3.Row
            return cursor.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise as_state_error(error) from error

    def fetch_one(self, query: str, *values: object) -> sqlite3.Row | None:
        """Run a query and return its first row, or None."""
        rows = self.fetch_all(query, *values)
        return rows[0] if rows else None

    def select(self, row_class: type[RowT], condition: str, *values: object) -> list[RowT]:
        """Return the rows of a table that meet an SQL condition, which may end in ORDER BY."""
        columns, table = ", ".join(row_class._fields), TABLE_NAMES[row_class]
        query = f"SELECT {columns} FROM {table} WHERE {condition}"  # noqa: S608  our own names
        return [row_class(*row) for row in self.fetch_all(query, *values)]

    def find(self, row_class: type[RowT], key: str) -> RowT | None:
        """Return the row with that key, or None."""
        rows = self.select(row_class, f"{row_class._fields[0]} = ?", key)
        return rows[0] if rows else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Stamp]:
        """Open one transaction and yield the stamp for its records; on an error nothing changes.

        In a transaction that is open already, it is a part of that.
        """
        if self._is_open:
            yield self._make_stamp()
            return
        self.check_file()
        try:
            self.db.execute("BEGIN IMMEDIATE")
            self._is_open = True
            try:
                yield self._make_stamp()
                self.db.execute("COMMIT")
            except BaseException:  # also on KeyboardInterrupt: write all of the change or nothing
                with contextlib.suppress(sqlite3.Error):
                    self.db.execute("ROLLBACK")
                raise
            finally:
                self._is_open = False
        except sqlite3.Error as error:
            raise as_state_error(error) from error

    def _make_stamp(self) -> Stamp:
        row = self.fetch_one("UPDATE device SET serial = serial + 1 RETURNING serial, id")
        if row is None:
            raise DatabaseCorrupt("it names no device")
        return Stamp(row["serial"], format_time(datetime.now(UTC)), row["id"])

    def put(self, row: Row, stamp: Stamp) -> None:
        """Write a row, replacing the one with its key. Call it in a `transaction`."""
        record = make_record(row, stamp)
        key_column = row._fields[0]
        old = self.fetch_one(
            f"SELECT changed_at FROM {record.table} WHERE {key_column} = ?",  # noqa: S608  our own names
            row[0],
        )
        if old is not None and old["changed_at"] >= stamp.changed_at:  # the clock went back
            later = _add_millisecond(old["changed_at"], stamp.changed_at)
            record = record._replace(stamp=stamp._replace(changed_at=later))
        self._insert(record)

    def _insert(self, record: Record) -> None:
        columns = ", ".join((*record.row._fields, *Stamp._fields))
        values = (*record.row, *record.stamp)
        places = ", ".join("?" * len(values))
        self.db.execute(
            f"INSERT OR REPLACE INTO {record.table} ({columns}) VALUES ({places})",  # noqa: S608  our own names
            values,
        )

    def delete(self, record: Record) -> None:
        """Delete a record that another one has replaced. Call it in a `transaction`."""
        key_column = record.row._fields[0]
        self.db.execute(f"DELETE FROM {record.table} WHERE {key_column} = ?", (record.row[0],))  # noqa: S608  our own names

    def load_records(self, after: int = -1) -> list[Record]:
        """Return all records with a serial number above `after`, ordered by it."""
        records = [
            record for table in TABLES for record in self.select_records(table, "serial > ?", after)
        ]
        return sorted(records, key=_get_serial)

    def find_records(self, keys: Iterable[tuple[str, str]]) -> RecordsByKey:
        """Return those records of the given keys that there are."""
        return {
            record.key: record
            for table, key in keys
            for record in self.select_records(table, f"{TABLES[table]._fields[0]} = ?", key)
        }

    def select_records(self, table: str, condition: str, value: object) -> list[Record]:
        """Return the records of a table that meet an SQL condition with one value."""
        row_class = TABLES[table]
        columns = ", ".join((*row_class._fields, *Stamp._fields))
        records = []
        for row in self.fetch_all(f"SELECT {columns} FROM {table} WHERE {condition}", value):  # noqa: S608  our own names
            values: dict[str, Any] = dict(row)
            stamp = Stamp(**{name: values.pop(name) for name in Stamp._fields})
            records.append(Record(table, row_class(**values), stamp))
        return records

    def merge(self, theirs: Iterable[Record]) -> int:
        """Merge the records of another store into this one; return how many are new."""
        with self.transaction():
            ours = self.load_records()
            known, known_contents = set(ours), {strip_serial(record) for record in ours}
            merged = merge_records(ours, theirs)
            self.import_records([record for record in merged if record not in known])
        return sum(strip_serial(record) not in known_contents for record in merged)

    def import_records(self, records: Sequence[Record]) -> None:
        """Write records with the stamps that they have. Call it in a `transaction`."""
        for record in records:
            self._insert(record)
        last = max((record.stamp.serial for record in records), default=0)
        self.fetch_all("UPDATE device SET serial = max(serial, ?)", last)


def _add_millisecond(changed_at: str, now: str) -> str:
    """Return the time that follows `changed_at`, or `now` if it is not a time."""
    before = parse_time(changed_at)
    try:
        return format_time(before + _ONE_MILLISECOND) if before else now
    except OverflowError:  # the last time that `datetime` knows
        return changed_at


def renumber(records: Iterable[Record]) -> list[Record]:
    """Return records with serial numbers from 1 on, in the order that they have."""
    return [r._replace(stamp=r.stamp._replace(serial=n)) for n, r in enumerate(records, 1)]


RecordsByKey = dict[tuple[str, str], Record]


def merge_records(ours: Iterable[Record], theirs: Iterable[Record]) -> list[Record]:
    """Return the records of two stores, with new serial numbers if theirs adds something.

    The order within each store stays; between the two, the earlier change comes first.
    """
    our_records, their_records = index_by_key(ours), index_by_key(theirs)
    merged = {
        key: _choose_later(our_records.get(key), their_records.get(key))
        for key in our_records | their_records
    }
    for record in list(merged.values()):
        if isinstance(record.row, WordsReadRow):
            _merge_words_read(record, our_records, their_records, merged)
        else:
            _use_local_path(record, our_records, their_records, merged)
    _preserve_finished(our_records, their_records, merged)
    unchanged: list[Record] = []
    added: list[Record] = []
    for key, record in merged.items():
        ours_before = our_records.get(key)
        if ours_before is not None and strip_serial(ours_before) == strip_serial(record):
            unchanged.append(ours_before)
        else:
            added.append(record)
    unchanged.sort(key=_get_serial)
    added.sort(key=_get_serial)
    return _interleave(unchanged, added) if unchanged and added else unchanged or added


def index_by_key(records: Iterable[Record]) -> RecordsByKey:
    """Return records by their keys; of two with the same key, the one changed later."""
    by_key: RecordsByKey = {}
    for record in records:
        by_key[record.key] = _choose_later(by_key.get(record.key), record)
    return by_key


def _choose_later(one: Record | None, other: Record | None) -> Record:
    """Return the record that was changed later; at equal times, the same one in any order."""
    return max((record for record in (one, other) if record is not None), key=_make_sort_key)


def _make_sort_key(record: Record) -> tuple[str, str, str]:
    return record.stamp.changed_at, record.stamp.device, repr(tuple(record.row))


def strip_serial(record: Record) -> tuple[object, ...]:
    """Return the record without its serial number, which is only valid within one store."""
    return record.table, record.row, record.stamp.changed_at, record.stamp.device


def _get_serial(record: Record) -> int:
    return record.stamp.serial


def _merge_words_read(
    later: Record, ours: RecordsByKey, theirs: RecordsByKey, merged: RecordsByKey
) -> None:
    """Unite the words read; if they are numbered in different texts, take the later ones.

    The record of the text comes from the same store then.
    """
    one, two = ours.get(later.key), theirs.get(later.key)
    if one is None or two is None or strip_serial(one) == strip_serial(two):
        return
    if not (
        isinstance(later.row, WordsReadRow)
        and isinstance(one.row, WordsReadRow)
        and isinstance(two.row, WordsReadRow)
    ):
        return
    text_key = ("text_record", later.row.story_id)
    our_text, their_text = ours.get(text_key), theirs.get(text_key)
    if our_text is not None and their_text is not None and our_text.row != their_text.row:
        merged[text_key] = our_text if later is one else their_text
        return
    ranges = merge_ranges(parse_ranges(one.row.ranges), parse_ranges(two.row.ranges))
    if ranges != parse_ranges(later.row.ranges):
        row = later.row._replace(ranges=json.dumps(ranges))
        merged[later.key] = later._replace(row=row)


def _use_local_path(
    later: Record, ours: RecordsByKey, theirs: RecordsByKey, merged: RecordsByKey
) -> None:
    """Use this machine's path and folder of the story; another machine's are not valid here.

    A story that was merged into another one on either machine stays so.
    """
    one, two = ours.get(later.key), theirs.get(later.key)
    if one is None or two is None:
        return
    if isinstance(later.row, StoryRow) and isinstance(one.row, StoryRow):
        row = later.row._replace(path=one.row.path, folder=one.row.folder)
        merged[later.key] = later._replace(row=row)
    rows = [each.row for each in (later, one, two) if isinstance(each.row, IdentityRow)]
    if rows:
        target = next((row.merged_into for row in rows if row.merged_into), "")
        identity = rows[0]._replace(path_device=rows[1].path_device, merged_into=target)
        merged[later.key] = later._replace(row=identity)


def _preserve_finished(ours: RecordsByKey, theirs: RecordsByKey, merged: RecordsByKey) -> None:
    """Leave a story finished if the other store says `reading`.

    Only the reader changes a finished story back, and that also deletes the entry of the
    history.
    """
    finished_ids = {
        record.row.story_id
        for record in merged.values()
        if isinstance(record.row, HistoryRow) and not record.row.deleted
    }
    for key in ours.keys() & theirs.keys():
        row = merged[key].row
        if not isinstance(row, ReadStatusRow) or row.story_id not in finished_ids:
            continue
        statuses = {records[key].row for records in (ours, theirs)}
        if statuses == {
            row._replace(status=ReadStatus.READING.value),
            row._replace(status=ReadStatus.FINISHED.value),
        }:
            finished = row._replace(status=ReadStatus.FINISHED.value)
            merged[key] = merged[key]._replace(row=finished)


def _interleave(ours: list[Record], added: list[Record]) -> list[Record]:
    """Return two sequences as one, with serial numbers from 1 on."""
    order: list[Record] = []
    one, two = ours[::-1], added[::-1]
    while one or two:
        takes_ours = not two or (one and one[-1].stamp.changed_at <= two[-1].stamp.changed_at)
        order.append((one if takes_ours else two).pop())
    return renumber(order)
