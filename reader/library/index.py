"""The index: a cache of the metadata of story files, so that unchanged files aren't parsed.

A row is valid as long as the size, the modification time and the inode of its file stay the same,
and its checksum is right. The index can be deleted at any time. A file that is no index of this
program is replaced, and no error in it stops the program from starting.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from dataclasses import fields
from datetime import date
from functools import lru_cache, partial
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from reader.library.story import Story, get_story_maker
from reader.paths import check_file, create_private_file, make_private_folder
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reader.library.files import File


INDEX_VERSION: Final = 12
"""To be increased when the metadata derived from a text changes; older rows are discarded."""
_TABLE: Final = (
    "story (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, inode INTEGER,"
    " metadata TEXT, checksum INTEGER) WITHOUT ROWID"
)
_BUSY_SECONDS: Final = 0.05
"""The longest wait for another program; parsing a few files again takes no longer."""
_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What `sqlite3` raises. The second if a damaged schema makes a message that isn't UTF-8."""
_ROWS_AT_ONCE: Final = 500
"""Rows that one query reads. Older versions of SQLite allow 999 parameters."""
_STORED_FIELDS: Final = tuple(
    field.name
    for field in fields(Story)
    if field.name not in ("location", "folder", "has_own_title", "is_persistent", "is_readable")
)
"""Fields of a story in its row's metadata. The others come from the file, or are true."""
_get_stored: Final = attrgetter(*_STORED_FIELDS)
_encode_json: Final = json.JSONEncoder(ensure_ascii=False).encode
_scan_json: Final = json.JSONDecoder().raw_decode
_MAX_LINE_CHARACTERS: Final = 2_000
_MAX_PART: Final = 9_999
"""The largest values that the front matter may have."""
_MAX_SECONDS: Final = 5 * 86_400
"""The time of a day, and the largest distance of a zone from UTC that can be typed."""
_MAX_INTEGER: Final = (1 << 63) - 1
"""The largest number that SQLite stores. Dates after 2262 are larger."""


class Index:
    """The metadata of the story files seen so far. Any thread may use it, one at a time."""

    def __init__(self, db: sqlite3.Connection, path: Path | None = None) -> None:
        self._db = db
        self._path = path
        self._lock = Lock()

    @classmethod
    def open(cls, path: Path | None) -> Index:
        """Open the index at `path`, or an empty one in memory if that isn't possible.

        An index that another program has locked is left alone; a damaged one is replaced.
        """
        return cls(_open_database(":memory:")) if path is None else cls(*_open_file(path))

    def move_to(self, path: Path) -> None:
        """Move what is in memory into the index at `path`, and go on there."""
        if self._path is None:
            with self._lock:
                rows = self._db.execute("SELECT * FROM story").fetchall()
                self._db.close()
                self._db, self._path = _open_file(path)
                self._save_rows(rows)

    def open_again(self) -> Index:
        """Open the same index for another thread. One that is in memory can't be: it is empty."""
        return Index.open(self._path)

    @property
    def is_busy(self) -> bool:
        """Another thread uses it now, for which a call would wait."""
        return self._lock.locked()

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def load_stories(self, files: Iterable[File]) -> dict[str, Story]:
        """Return by location the stories of those `files` that have not changed since they were saved."""
        stories: dict[str, Story] = {}
        usable = [file for file in files if file.mtime_ns <= _MAX_INTEGER]
        with self._lock:
            try:
                self._load(usable, stories)
            except _ERRORS as error:
                if self._path is not None and not _is_busy(error):
                    self._db.close()
                    self._db = _rebuild(self._path)
        return stories

    def load_outdated(self, files: Iterable[File]) -> dict[str, Story]:
        """Return the stories of `files` as they were saved, whatever the files are now."""
        stories: dict[str, Story] = {}
        with self._lock, contextlib.suppress(*_ERRORS):
            self._load([*files], stories, may_be_outdated=True)
        return stories

    def _load(
        self, files: Sequence[File], stories: dict[str, Story], *, may_be_outdated: bool = False
    ) -> None:
        for start in range(0, len(files), _ROWS_AT_ONCE):
            some = files[start : start + _ROWS_AT_ONCE]
            self._load_some(some, stories, may_be_outdated=may_be_outdated)

    def _load_some(
        self, files: Sequence[File], stories: dict[str, Story], *, may_be_outdated: bool
    ) -> None:
        """Add the stories of a few files: one query takes less time than one for each file."""
        by_path = {_path_to_text(file.location): file for file in files}
        marks = ",".join("?" * len(by_path))
        query = f"SELECT * FROM story WHERE path IN ({marks})"  # noqa: S608  only question marks
        make = get_story_maker() if len(files) == _ROWS_AT_ONCE else Story  # these are of many
        for path, size, mtime_ns, inode, metadata, checksum in self._db.execute(query, [*by_path]):
            file = by_path.get(path)  # a damaged file gives rows that were not asked for
            if file is not None and may_be_outdated:
                file = file._replace(size=size, mtime_ns=mtime_ns, inode=inode)
            if file is None or mtime_ns != file.mtime_ns:
                continue
            if size != file.size or inode != _get_inode(file):
                continue
            if _compute_checksum(path, file, metadata) != checksum:
                continue
            story = json_to_story(metadata, file, make)
            if story is not None:
                stories[file.location] = story

    def save_stories(self, stories: Iterable[tuple[File, Story]]) -> None:
        """Save the metadata of the readable `stories`; do nothing if it can't be saved.

        A file that can't be read is left out, because it may become readable with the same
        size and modification time.
        """
        rows = [_make_row(*item) for item in stories if _can_be_saved(*item)]
        with self._lock:
            self._save_rows(rows)

    def _save_rows(self, rows: list[tuple[str, int, int, int, str, int]]) -> None:
        try:
            self._insert(rows)
        except (sqlite3.OperationalError, sqlite3.ProgrammingError):
            pass  # locked, full, read-only or closed
        except _ERRORS:
            if self._path is not None:
                self._db.close()
                self._db = _rebuild(self._path)
                with contextlib.suppress(*_ERRORS):
                    self._insert(rows)

    def _insert(self, rows: list[tuple[str, int, int, int, str, int]]) -> None:
        """Insert `rows` or replace them in one transaction. Raises `sqlite3.Error`."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO story VALUES (?, ?, ?, ?, ?, ?)", rows)
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                self._check_saved(rows[start : start + _ROWS_AT_ONCE])
            self._db.execute("COMMIT")
        except _ERRORS:
            with contextlib.suppress(*_ERRORS):
                self._db.execute("ROLLBACK")
            raise

    def _check_saved(self, rows: Sequence[tuple[str, int, int, int, str, int]]) -> None:
        """Raise `sqlite3.Error` if rows are not found: a damaged file may take a row and lose it."""
        checksums = {path: checksum for path, *_, checksum in rows}
        query = f"SELECT path, checksum FROM story WHERE path IN ({','.join('?' * len(checksums))})"  # noqa: S608  only question marks
        if dict(self._db.execute(query, [*checksums])) != checksums:
            raise sqlite3.DatabaseError("a saved row is not found")


def list_indexed_paths(path: Path) -> list[Path]:
    """Return the files in the index at `path` that may share an id; none if it can't be read.

    The index is not changed. The files may be gone or have changed since.
    """
    query = """
        WITH named AS (SELECT path, ifnull(metadata ->> 'own_id', metadata ->> 'id') AS id FROM story)
        SELECT path FROM named WHERE id IN (SELECT id FROM named GROUP BY id HAVING count(*) > 1)
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)) as db:
            return [Path(str(row[0])) for row in db.execute(query).fetchall()]
    except _ERRORS:
        return []


def _create_file(path: Path) -> None:
    """Create the file at `path` if there is none, readable by its owner only."""
    with contextlib.suppress(FileExistsError):
        create_private_file(path)


def _open_file(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """Open the index at `path`, or one in memory; return it with the path that it may have again."""
    try:
        make_private_folder(path.parent, may_be_link=True)
        check_file(path)
        _create_file(path)
        return _open_database(str(path)), path
    except _ERRORS as error:
        return _open_database(":memory:") if _is_busy(error) else _rebuild(path), path
    except OSError:
        return _open_database(":memory:"), None


def _open_database(path: str) -> sqlite3.Connection:
    """Open the database at `path` and bring it to this version. Raises `sqlite3.Error`."""
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA journal_mode = WAL")
        if db.execute("PRAGMA user_version").fetchone() != (INDEX_VERSION,):
            db.execute("DROP TABLE IF EXISTS story")
            db.execute(f"PRAGMA user_version = {INDEX_VERSION}")
        db.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE}")
        schema = db.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        if schema != [("table", "story", f"CREATE TABLE {_TABLE}")]:
            raise sqlite3.DatabaseError("not an index of this program")
        db.execute("SELECT * FROM story LIMIT 1").fetchall()
    except _ERRORS:
        db.close()
        raise
    return db


def _rebuild(path: Path) -> sqlite3.Connection:
    """Replace the index at `path` by an empty one, in memory if the file can't be removed."""
    try:
        for suffix in ("", "-wal", "-shm"):  # SQLite would replay a journal that is left over
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        _create_file(path)
        return _open_database(str(path))
    except (OSError, *_ERRORS):
        return _open_database(":memory:")


def _is_busy(error: Exception) -> bool:
    """Return whether another program uses the database; a damaged schema may have any name."""
    return str(error).startswith("database ") and str(error).endswith(("locked", "busy"))


def _path_to_text(path: str) -> str:
    """Return a path as text that SQLite can store, even if its name isn't UTF-8."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode("utf-8")


def story_to_json(story: Story) -> str:
    """Return the metadata of a story for `json_to_story`."""
    values = zip(_STORED_FIELDS, _get_stored(story), strict=True)
    metadata: dict[str, Any] = {name: value for name, value in values if value}
    if story.published is not None:
        metadata["published"] = story.published.isoformat()
    return _encode_json(metadata)


def _can_be_saved(file: File, story: Story) -> bool:
    return story.is_readable and file.mtime_ns <= _MAX_INTEGER


def _make_row(file: File, story: Story) -> tuple[str, int, int, int, str, int]:
    metadata = story_to_json(story)
    path = _path_to_text(file.location)
    checksum = _compute_checksum(path, file, metadata)
    return path, file.size, file.mtime_ns, _get_inode(file), metadata, checksum


def _get_inode(file: File) -> int:
    """Return the number that the file system gives a file, as SQLite can store it."""
    return file.inode & _MAX_INTEGER


def _compute_checksum(path: str, file: File, metadata: object) -> int:
    """Return the checksum of a row; of whatever a damaged row has instead of `metadata`, too."""
    key = f"{path}\0{file.size}\0{file.mtime_ns}\0{_get_inode(file)}\0{metadata}"
    return crc32(key.encode("utf-8", "replace"))


def json_to_story(text: object, file: File, make: Callable[..., Story] = Story) -> Story | None:
    """Return the story that was saved for `file`, None for a wrong type or range.

    The checksum doesn't protect from a row that was written on purpose.
    """
    try:
        if not isinstance(text, str):
            return None
        stored, end = _scan_json(text)  # without what `json.loads` looks for around it
        metadata = {name: _READERS[name](value) for name, value in stored.items()}
        if end < len(text) or "" in (metadata["id"], metadata["title"]):
            return None
        if "words" in metadata and metadata["words"] > file.size:
            return None
        return make(location=file.location, folder=file.folder, **metadata)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None


@lru_cache(maxsize=4_096)
def _read_day(text: str) -> date:
    """Return a day, the same object for stories of one day. Raises ValueError or TypeError."""
    return date.fromisoformat(text)


def _read_line(value: str) -> str:
    """Return a line of text. Raises AttributeError, TypeError or ValueError for another value."""
    is_plain = value.isascii() and value.isprintable() and len(value) < _MAX_LINE_CHARACTERS
    if is_plain and "  " not in value and value[:1] != " " != value[-1:]:
        return value  # as most are, and this takes a tenth of the time
    if sanitize_line(value, _MAX_LINE_CHARACTERS) != value:
        raise ValueError(value)
    return value


def _read_common_line(value: str) -> str:
    """Return a line that many stories share: it is kept in memory once."""
    return sys.intern(_read_line(value))


def _read_lines(value: object) -> tuple[str, ...]:
    if type(value) is not list:
        raise TypeError(value)
    return tuple(map(_read_common_line, value))


def _read_fingerprint(value: str) -> str:
    """Return a fingerprint, which is ASCII."""
    if len(value) >= _MAX_LINE_CHARACTERS or not value.isascii():
        raise ValueError(value)
    return value


def _read_flag(value: object) -> bool:
    if type(value) is not bool:
        raise TypeError(value)
    return value


def _read_number(value: object, least: int, most: int) -> int:
    """Return a number from `least` to `most`; `true` is none."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(value)
    return value


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(_STORED_FIELDS, _read_line),
    **dict.fromkeys(("author", "series", "language", "kind", "credit", "about"), _read_common_line),
    **dict.fromkeys(("is_date_in_text", "is_draft", "is_head_only"), _read_flag),
    **dict.fromkeys(("tags", "notices"), _read_lines),
    "fingerprint": _read_fingerprint,
    "part": partial(_read_number, least=0, most=_MAX_PART),
    "words": partial(_read_number, least=0, most=_MAX_INTEGER),
    "published": _read_day,
    "published_seconds": partial(_read_number, least=-_MAX_SECONDS, most=_MAX_SECONDS),
}
"""Returns for each stored field a value of a story; raises what a value of another type causes."""
