"""A rebuildable cache of each file's metadata, keyed by its size and date."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from dataclasses import asdict, fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reader.library.story import Story, guess_title, make_story, make_story_id, read_source
from reader.text.cells import sanitize_line
from reader.text.document import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.errors import ReaderError
    from reader.library.files import File
    from reader.library.story import Source
    from reader.text.document import Document


INDEX_VERSION: Final = 3
"""Counted up when what is derived from a text changes: older rows are then derived anew."""
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS story (
        path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, facts TEXT
    ) WITHOUT ROWID
"""


class Index:
    """What is known of each story's file."""

    def __init__(self, db: sqlite3.Connection, path: Path | None = None) -> None:
        self._db = db
        self._path = path

    @classmethod
    def open(cls, path: Path | None) -> Index:
        """Open the index at `path`, or one in memory: a cache stops nobody from reading.

        One that another program holds is passed over; one that is broken is begun anew.
        """
        if path is None:
            return cls(_open_database(":memory:"))
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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
        """Return the stories of those `files` that have not changed since they were read."""
        found: dict[Path, Story] = {}
        try:
            for file in files:
                row = self._db.execute(
                    "SELECT facts FROM story WHERE path = ? AND size = ? AND changed = ?",
                    (_path_to_text(file.path), file.size, file.mtime_ns),
                ).fetchone()
                story = _json_to_story(row[0], file) if row else None
                if story is not None:
                    found[file.path] = story
        except sqlite3.Error as error:
            if self._path is not None and not _is_busy(error):
                self._db.close()
                self._db = _rebuild(self._path)
        return found

    def save_stories(self, stories: Iterable[tuple[File, Story]]) -> None:
        """Keep what was found out about files that could be read.

        That it can't be kept is no matter.
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
    """Make the file at `path` if there is none: whatever the umask, it is nobody else's."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _open_database(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=0.05, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        if db.execute("PRAGMA user_version").fetchone() != (INDEX_VERSION,):
            db.execute("DROP TABLE IF EXISTS story")
            db.execute(f"PRAGMA user_version = {INDEX_VERSION}")
        db.execute(_SCHEMA)
        db.execute("SELECT path, size, changed, facts FROM story LIMIT 1").fetchall()
    except sqlite3.Error:
        db.close()
        raise
    return db


def _rebuild(path: Path) -> sqlite3.Connection:
    """Begin the index at `path` anew: it is disposable. In memory, if it can't be removed."""
    try:
        for suffix in ("", "-wal", "-shm"):  # a journal left behind would be played back
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        _create_file(path)
        return _open_database(str(path))
    except (sqlite3.Error, OSError):
        return _open_database(":memory:")


def _is_busy(error: sqlite3.Error) -> bool:
    return "locked" in str(error) or "busy" in str(error)


def describe_file(file: File) -> Story:
    """Read and parse the story of `file` and return what there is to know of it.

    Takes time in proportion to the text: a worker's job. Raises `Unreadable`.
    """
    from reader.markdown.parser import parse

    source = read_source(file.path)
    return describe_document(source, file.folder, parse(source.body, source.front_matter.title))


def describe_document(source: Source, folder: str, document: Document) -> Story:
    """Return the story of a `source` whose text was parsed to `document`."""
    title, words = "", document.words
    if not source.front_matter.title:
        heading = next((b for b in document.blocks if b.kind is Kind.HEADING), None)
        title = sanitize_line(heading.text) if heading else ""
        if heading is not None and heading is document.blocks[0] and title == heading.text:
            words -= heading.words  # it is shown above the text, and dropped from it
    return make_story(source, folder, title, words)


def describe_unreadable(file: File, error: ReaderError) -> Story:
    """Return a stand-in for a file that can't be read: it is listed, and says why not."""
    reason = sanitize_line(str(error)).removeprefix(f"{sanitize_line(str(file.path))}: ")
    return Story(
        make_story_id(file.path),
        file.path,
        guess_title(file.path),
        file.folder,
        deck=reason,
        is_persistent=False,
        is_readable=False,
    )


def _path_to_text(path: Path) -> str:
    """Return a path as text that SQLite can hold, whatever bytes the name has."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


_STORED_FIELDS: Final = tuple(
    field.name for field in fields(Story) if field.name not in ("path", "source")
)


def _story_to_json(story: Story) -> str:
    facts = asdict(story)
    kept: dict[str, Any] = {name: facts[name] for name in _STORED_FIELDS if facts[name]}
    if story.published is not None:
        kept["published"] = story.published.isoformat()
    return json.dumps(kept, ensure_ascii=False)


def _json_to_story(facts: str, file: File) -> Story | None:
    try:
        kept = json.loads(facts)
        published = kept.pop("published", None)
        kept["tags"] = tuple(kept.get("tags", ()))
        story = Story(path=file.path, source=file.folder, **kept)
        return replace(story, published=date.fromisoformat(published)) if published else story
    except (AttributeError, TypeError, ValueError):
        return None  # written by some other version: derived anew
