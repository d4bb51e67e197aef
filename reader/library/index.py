"""The index: a cache of the metadata of story files, so that unchanged files aren't parsed.

A row is valid as long as the size and the modification time of its file stay the same. The
index can be deleted at any time, and no error in it stops the program from starting.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import asdict, fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reader.library.story import Story
from reader.paths import check_file, create_private_file, make_private_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.library.files import File


INDEX_VERSION: Final = 4
"""To be increased when the metadata derived from a text changes; older rows are discarded."""
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS story (
        path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, metadata TEXT
    ) WITHOUT ROWID
"""
_BUSY_SECONDS: Final = 0.05
"""The longest wait for another program; parsing a few files again takes no longer."""
_STORED_FIELDS: Final = tuple(
    field.name for field in fields(Story) if field.name not in ("path", "folder")
)
"""Fields of a story in its row's metadata. The others come from the file."""


class Index:
    """The metadata of the story files seen so far."""

    def __init__(self, db: sqlite3.Connection, path: Path | None = None) -> None:
        self._db = db
        self._path = path

    @classmethod
    def open(cls, path: Path | None) -> Index:
        """Open the index at `path`, or an empty one in memory if that isn't possible.

        An index that another program has locked is left alone; a damaged one is replaced.
        """
        if path is None:
            return cls(_open_database(":memory:"))
        try:
            make_private_folder(path.parent, may_be_link=True)
            check_file(path)
            _create_file(path)
            return cls(_open_database(str(path)), path)
        except sqlite3.Error as error:
            return cls(_open_database(":memory:") if _is_busy(error) else _rebuild(path), path)
        except OSError:
            return cls(_open_database(":memory:"))

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def load_stories(self, files: Iterable[File]) -> dict[Path, Story]:
        """Return the stories of those `files` that have not changed since they were saved."""
        stories: dict[Path, Story] = {}
        try:
            for file in files:
                row = self._db.execute(
                    "SELECT metadata FROM story WHERE path = ? AND size = ? AND mtime_ns = ?",
                    (_path_to_text(file.path), file.size, file.mtime_ns),
                ).fetchone()
                story = _json_to_story(row[0], file) if row else None
                if story is not None:
                    stories[file.path] = story
        except sqlite3.Error as error:
            if self._path is not None and not _is_busy(error):
                self._db.close()
                self._db = _rebuild(self._path)
        return stories

    def save_stories(self, stories: Iterable[tuple[File, Story]]) -> None:
        """Save the metadata of the readable `stories`; do nothing if it can't be saved.

        A file that can't be read is left out, because it may become readable with the same
        size and modification time.
        """
        rows = [
            (_path_to_text(file.path), file.size, file.mtime_ns, _story_to_json(story))
            for file, story in stories
            if story.is_readable
        ]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO story VALUES (?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")


def _create_file(path: Path) -> None:
    """Create the file at `path` if there is none, readable by its owner only."""
    with contextlib.suppress(FileExistsError):
        create_private_file(path)


def _open_database(path: str) -> sqlite3.Connection:
    """Open the database at `path` and bring it to this version. Raises `sqlite3.Error`."""
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        if db.execute("PRAGMA user_version").fetchone() != (INDEX_VERSION,):
            db.execute("DROP TABLE IF EXISTS story")
            db.execute(f"PRAGMA user_version = {INDEX_VERSION}")
        db.execute(_SCHEMA)
        db.execute("SELECT path, size, mtime_ns, metadata FROM story LIMIT 1").fetchall()
    except sqlite3.Error:
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
    except (sqlite3.Error, OSError):
        return _open_database(":memory:")


def _is_busy(error: sqlite3.Error) -> bool:
    return "locked" in str(error) or "busy" in str(error)


def _path_to_text(path: Path) -> str:
    """Return a path as text that SQLite can store, even if its name isn't UTF-8."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _story_to_json(story: Story) -> str:
    values = asdict(story)
    metadata: dict[str, Any] = {name: values[name] for name in _STORED_FIELDS if values[name]}
    if story.published is not None:
        metadata["published"] = story.published.isoformat()
    return json.dumps(metadata, ensure_ascii=False)


def _json_to_story(text: str, file: File) -> Story | None:
    """Return the story that was saved for `file`, None if the row is damaged."""
    try:
        metadata = json.loads(text)
        published = metadata.pop("published", None)
        metadata["tags"] = tuple(metadata.get("tags", ()))
        story = Story(path=file.path, folder=file.folder, **metadata)
        return replace(story, published=date.fromisoformat(published)) if published else story
    except (AttributeError, TypeError, ValueError):
        return None
