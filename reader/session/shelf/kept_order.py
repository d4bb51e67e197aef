"""The order of a large shelf, kept in the cache: the next start reads the rows that are seen alone.

It has what depends on files and settings: which stories there are, in which order. What was read
isn't in it, so no change of the reading data makes it wrong. It is valid as long as the folders that
it was made from have the same files, by name. It is replaced as a whole, under another name first.
The file can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from reader import __version__
from reader.library.index import INDEX_VERSION
from reader.library.scan import describe_source, list_names
from reader.paths import check_file, create_private_file, make_private_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from reader.library.files import File
    from reader.session.shelf.entries import ShelfView


_FORMAT: Final = 5
"""To be increased when the tables, or what is in them, change."""
_TABLES: Final = (
    "header (data TEXT)",
    "source (path BLOB, version TEXT)",
    "folder (number INTEGER PRIMARY KEY, path BLOB, label TEXT, first INTEGER, size INTEGER)",
    """story (
        rank INTEGER PRIMARY KEY, place INTEGER, folder INTEGER, name BLOB, id TEXT,
        words INTEGER, flags INTEGER, title INTEGER
    )""",
    "title (rank INTEGER PRIMARY KEY, title TEXT)",
    "hidden (id TEXT)",
)
_INDEXES: Final = (
    "story_id ON story (id)",
    "story_place ON story (folder, place)",
    "story_title ON story (title)",
)
ERRORS: Final = (OSError, sqlite3.Error, ValueError, TypeError, LookupError)
"""What a damaged file, or one that can't be opened, raises."""
_IDS_AT_ONCE: Final = 500
_ROWS_AT_ONCE: Final = 500
"""Rows that are written in one piece: the loop that takes the keys waits meanwhile."""
MIN_OUTDATED: Final = 2_000
"""Stories of the smallest shelf that is shown as it was though files have come or gone since, or a
story that is seen has another place: to scan it and to list all of it takes 0.15 seconds or more.
"""
MAX_COMPARED: Final = 12_000
"""Files of changed folders whose names are compared, which takes 20 milliseconds."""
IS_UNREADABLE: Final = 1
"""The flag of a file that couldn't be read."""
LENGTH_SHIFT: Final = 1
"""The bit from which on flags have what `find_path_lengths` returns for the story, or 0."""


class OrderHeader(NamedTuple):
    """What an order was made for."""

    key: str
    """All that it depends on besides the files and the reading data."""
    device: str
    """The id of the database of the reading data."""
    serial: int
    """The number of the last change of that database which was known."""
    files: int
    """A number that differs if any of the files does, see `compute_files_digest`."""
    file_count: int
    digest: int
    """A number that differs if the stories or their order do."""
    stories: int
    unreadable: int
    """How many of the stories are files that can't be read."""
    author: str | None
    """The author of all stories; None if there are several."""


class OrderRow(NamedTuple):
    """A story in an order."""

    rank: int
    place: int
    """Its place in the section of its folder, if that has an order of its own; else the rank."""
    folder: int
    name: str
    """The name of its file."""
    id: str
    words: int
    flags: int
    title: int
    """What `digest_title` returns for its title."""


class OrderFolder(NamedTuple):
    """A folder with stories in an order."""

    number: int
    path: str
    label: str
    first: int
    """The rank of its first story."""
    size: int


class Order(NamedTuple):
    """An order that is to be kept."""

    header: OrderHeader
    sources: Mapping[str, str]
    """What `describe_source` said of each folder, and of each file that leaves others out."""
    folders: Sequence[OrderFolder]
    rows: Sequence[OrderRow]
    titles: Sequence[str]
    """The titles of all stories by rank, and then of those that are not shown."""
    hidden: Sequence[str]
    """The ids of those that are not shown."""


class KeptOrder:
    """A kept order that is open."""

    def __init__(
        self, db: sqlite3.Connection, header: OrderHeader, touched: Collection[str]
    ) -> None:
        """Take an order from which on these folders and files have another date."""
        self._db = db
        self.header = header
        self.is_touched = bool(touched)
        """Folders have another date than when it was made; they may have the same stories."""
        self.folders: dict[int, OrderFolder] = {
            row[0]: _make_folder(row) for row in db.execute("SELECT * FROM folder")
        }
        self._numbers: dict[str, int] = {
            folder.path: number for number, folder in self.folders.items()
        }
        self.is_outdated = not self._have_same_files(touched)
        """There may be other stories than when it was made, or others in their places."""

    def _have_same_files(self, touched: Collection[str]) -> bool:
        """Return whether folders have the files, and the folders in them, that they had.

        Many editors replace a file to save it, which gives its folder another date.
        """
        numbers = [self._numbers[path] for path in touched if path in self._numbers]
        count = len(touched) + sum(self.folders[number].size for number in numbers)
        if count > MAX_COMPARED:
            return False
        sources = {*self.list_sources()} if touched else set[str]()
        for path in touched:
            try:
                names = list_names(path)
            except OSError:  # it is gone, or a file
                return False
            query = "SELECT name FROM story WHERE folder = ?"
            rows = self._db.execute(query, (self._numbers.get(path, -1),))
            kept = {os.fsdecode(name) for (name,) in rows}
            if names is None or names.files != kept or not names.sources <= sources:
                return False
        return True

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def list_sources(self) -> list[str]:
        """Return the folders and files that decide which stories there are."""
        return [os.fsdecode(path) for (path,) in self._db.execute("SELECT path FROM source")]

    def find_stories(self, ids: Iterable[str]) -> dict[str, OrderRow]:
        """Return the rows of those stories that are in the order, by id."""
        wanted, found = [*ids], dict[str, OrderRow]()
        for start in range(0, len(wanted), _IDS_AT_ONCE):
            some = wanted[start : start + _IDS_AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT * FROM story WHERE id IN ({marks})"  # noqa: S608  only question marks
            found |= {row[4]: _make_row(row) for row in self._db.execute(query, some)}
        return found

    def hides(self, story_id: str) -> bool:
        """Return whether the story with that id is among the files, but not shown."""
        query = "SELECT 1 FROM hidden WHERE id = ? LIMIT 1"
        return self._db.execute(query, (story_id,)).fetchone() is not None

    def find_file(self, path: Path) -> OrderRow | None:
        """Return the row of the story of a file."""
        query = "SELECT * FROM story WHERE folder = ? AND name = ?"
        number, name = self._numbers.get(str(path.parent), -1), os.fsencode(path.name)
        row = self._db.execute(query, (number, name)).fetchone()
        return _make_row(row) if row is not None else None

    def find_title(self, title: str) -> list[OrderRow]:
        """Return the rows of the stories with that title."""
        query = "SELECT * FROM story WHERE title = ?"
        return [*map(_make_row, self._db.execute(query, (digest_title(title),)))]

    def find_rank(self, rank: int) -> OrderRow | None:
        """Return the row of a rank; None for a story that is not shown."""
        row = self._db.execute("SELECT * FROM story WHERE rank = ?", (rank,)).fetchone()
        return _make_row(row) if row is not None else None

    def iter_titles(self) -> Iterator[tuple[int, str]]:
        """Yield the titles of all stories with their ranks. Those that are not shown have no row."""
        return ((int(rank), str(title)) for rank, title in self._db.execute("SELECT * FROM title"))

    def get_path(self, row: OrderRow) -> Path:
        """Return the path of the file of a story."""
        return Path(self.folders[row.folder].path, row.name)

    def get_folder_number(self, path: str) -> int:
        """Return the number of a folder. Raises LookupError if it has no story."""
        return self._numbers[path]

    def iter_all(self) -> Iterator[OrderRow]:
        """Yield all rows by rank, as they are needed."""
        return map(_make_row, self._db.execute("SELECT * FROM story ORDER BY rank"))

    def iter_folder(self, number: int) -> Iterator[OrderRow]:
        """Yield the rows of a folder by place, as they are needed."""
        query = "SELECT * FROM story WHERE folder = ? ORDER BY place"
        return map(_make_row, self._db.execute(query, (number,)))


def _make_folder(row: tuple[int, bytes, str, int, int]) -> OrderFolder:
    number, path, label, first, size = row
    return OrderFolder(number, os.fsdecode(path), label, first, size)


def _make_row(row: tuple[int, int, int, bytes, str, int, int, int]) -> OrderRow:
    rank, place, folder, name, story_id, words, flags, title = row
    return OrderRow(rank, place, folder, os.fsdecode(name), story_id, words, flags, title)


def digest_title(title: str) -> int:
    """Return a number that hardly any two titles share."""
    return crc32(title.encode("utf-8", "surrogateescape"))


def make_order_key(view: ShelfView, today: date) -> str:
    """Return a text that differs if the shelf would have other stories, or another order."""
    return json.dumps(
        [
            __version__,
            INDEX_VERSION,
            str(today),
            view.sort,
            view.shows_drafts,
            view.shows_hidden,
            crc32("\n".join(sorted(view.hidden)).encode()),
            [[os.fsdecode(each.path), each.name, each.sort, each.globs] for each in view.folders],
            sorted((os.fsdecode(path), sort) for path, sort in view.sorts.items()),
        ]
    )


def compute_files_digest(files: Iterable[File]) -> int:
    """Return a number that differs if the path, the size, the time or the inode of a file does.

    It doesn't depend on their order. Each is digested on its own: other threads run meanwhile.
    """
    return sum(
        crc32(b"%b\0%d %d %d" % (os.fsencode(one.location), one.size, one.mtime_ns, one.inode))
        for one in files
    )


def open_order(path: Path, key: str) -> KeptOrder | None:
    """Return the order at `path` if it was made for `key`.

    If files have come or gone since, it is returned only if it is so large that to make it anew
    takes long: the shelf shows what is known meanwhile.
    """
    try:
        check_file(path)
        db = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    except ERRORS:
        return None
    try:
        order = _open_valid(db, key)
    except ERRORS:
        order = None
    if order is None:
        db.close()
    return order


def _open_valid(db: sqlite3.Connection, key: str) -> KeptOrder | None:
    """Return the order in a database. Raises one of `ERRORS` if it is damaged."""
    db.execute("PRAGMA trusted_schema = OFF")
    if db.execute("PRAGMA user_version").fetchone() != (_FORMAT,):
        return None
    (data,) = db.execute("SELECT data FROM header").fetchone()
    header = OrderHeader(**json.loads(data))
    if header.key != key:
        return None
    sources = db.execute("SELECT path, version FROM source").fetchall()
    paths = [(os.fsdecode(source), version) for source, version in sources]
    touched = [path for path, version in paths if describe_source(path) != version]
    order = KeptOrder(db, header, touched)
    return None if order.is_outdated and header.stories < MIN_OUTDATED else order


def load_header(path: Path, key: str) -> OrderHeader | None:
    """Return the header of a valid order at `path`, None if there is none."""
    order = open_order(path, key)
    if order is None:
        return None
    order.close()
    return order.header if not order.is_touched else None


def save_order(path: Path, order: Order) -> None:
    """Replace the order at `path`; do nothing if it can't be written. May run in a thread."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        make_private_folder(path.parent, may_be_link=True)
        fresh.unlink(missing_ok=True)
        create_private_file(fresh)
        with contextlib.closing(sqlite3.connect(fresh, isolation_level=None)) as db:
            _write(db, order)
        fresh.replace(path)
    except ERRORS:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _write(db: sqlite3.Connection, order: Order) -> None:
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("BEGIN")
    for table in _TABLES:
        db.execute(f"CREATE TABLE {table}")
    header = json.dumps(order.header._asdict())
    db.execute("INSERT INTO header VALUES (?)", (header,))
    sources = [(os.fsencode(source), version) for source, version in order.sources.items()]
    db.executemany("INSERT INTO source VALUES (?, ?)", sources)
    folders = [(n, os.fsencode(path), *rest) for n, path, *rest in order.folders]
    db.executemany("INSERT INTO folder VALUES (?, ?, ?, ?, ?)", folders)
    for start in range(0, len(order.rows), _ROWS_AT_ONCE):
        rows = [
            (*row[:3], os.fsencode(row.name), *row[4:])
            for row in order.rows[start : start + _ROWS_AT_ONCE]
        ]
        db.executemany("INSERT INTO story VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    for start in range(0, len(order.titles), _ROWS_AT_ONCE):
        titles = [*enumerate(order.titles[start : start + _ROWS_AT_ONCE], start)]
        db.executemany("INSERT INTO title VALUES (?, ?)", titles)
    db.executemany("INSERT INTO hidden VALUES (?)", ((each,) for each in order.hidden))
    for index in _INDEXES:
        db.execute(f"CREATE INDEX {index}")
    db.execute(f"PRAGMA user_version = {_FORMAT}")
    db.execute("COMMIT")
