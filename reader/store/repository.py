"""The reading data by subject: places, words read, read status, choices, annotations.

`Store` opens the database and reads and writes what reading itself changes;
`AnnotationStore` does the same for highlights, notes and responses.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reader.errors import MissingRecord
from reader.reading.annotations import Highlight, HistoryEntry, Response
from reader.reading.progress import ReadStatus, WordRanges, merge_ranges
from reader.store import Fallback
from reader.store.database import (
    OpenResult,
    open_again,
    open_copy,
    open_database,
    open_in_memory,
)
from reader.store.migrations import MIGRATIONS
from reader.store.records import (
    UNKNOWN_TIME,
    RecordStore,
    format_time,
    parse_numbers,
    parse_ranges,
    parse_time,
)
from reader.store.schema import (
    ChoiceRow,
    HighlightRow,
    HistoryRow,
    PaceRow,
    PlaceRow,
    ReadStatusRow,
    ResponseRow,
    StoryRow,
    TextRecordRow,
    WordsReadRow,
)
from reader.store.stories import StoryDetails, load_known_stories, put_details, save_details
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from reader.store.schema import Stamp
    from reader.store.stories import KnownStory

    Edit = str | Callable[[str], str]
    """A text that replaces the stored one, or a function that makes it of the stored one."""


class StoryState(NamedTuple):
    """What is stored about reading one story."""

    status: ReadStatus = ReadStatus.UNREAD
    anchor: Anchor | None = None
    ranges: WordRanges = ()
    word_count: int = 0
    """Words in the whole text when `ranges` were written."""
    last_read: int = 0
    """A serial number: the story that was read last has the highest."""
    finish_count: int = 0
    """How often it was finished."""
    reading_round: int = 0
    """How often it had been finished when the reading began in which `anchor` was written."""
    stopped_at: datetime | None = None
    """When `anchor` was written."""


class FinishChange(NamedTuple):
    """An entry of the history that a change of read status adds or deletes."""

    id: str
    minutes: int = 0
    is_deleted: bool = False


class Store:
    """The reading data, opened as well as possible.

    Every method that reads or writes raises `DatabaseLocked` if another program is writing,
    otherwise `StateError`.
    """

    def __init__(self, result: OpenResult, path: Path | None = None) -> None:
        self.record_store = RecordStore(result.db)
        self.record_store.folder = os.path.realpath(path.parent) if path is not None else ""
        self.fallback = Fallback(self.record_store, result, path)
        self.annotation_store = AnnotationStore(self.record_store)
        self.notice = result.notice
        """One line for the user about what is wrong with the file."""
        self.is_persistent = result.is_persistent
        """What is written is saved on disk."""
        self.is_complete = result.is_complete
        """All that the file holds was read."""

    @classmethod
    def open(cls, path: Path | None) -> Store:
        """Open the store at `path`, or fall back to one in memory with a notice. Raises nothing."""
        return cls(open_database(path, MIGRATIONS), path)

    @classmethod
    def open_again(cls, path: Path) -> Store:
        """Open the store at `path`, which this program has open, for a worker.

        Raises `StateError`.
        """
        store = cls(open_again(path, MIGRATIONS))
        store.record_store.folder = os.path.realpath(path.parent)
        return store

    @classmethod
    def open_copy(cls, path: Path | None, *, in_use: bool = False) -> Store:
        """Return a copy in memory of the store at `path`. Raises nothing.

        If this program has it `in_use`, raises `StateError` and `OSError`.
        """
        store = cls(open_copy(path, MIGRATIONS, in_use=in_use))
        store.record_store.folder = os.path.realpath(path.parent) if path is not None else ""
        return store

    @classmethod
    def open_in_memory(cls) -> Store:
        """Return an empty store in memory."""
        return cls(open_in_memory(MIGRATIONS))

    def close(self) -> None:
        """Close the database."""
        self.fallback.close()

    def load_story_state(self, story_id: str) -> StoryState:
        """Return the state of one story."""
        return self.load_story_states(story_id).get(story_id, StoryState())

    def load_story_states(self, story_id: str | None = None) -> dict[str, StoryState]:
        """Return the state of every story that has one, by id, or only of the one given."""
        tables = ("read_status", "place", "words_read")
        known = " UNION ".join(f"SELECT story_id FROM {table}" for table in tables)  # noqa: S608  our own names
        rows = self.record_store.fetch_all(
            f"""
            SELECT known.story_id, status, block, offset, fingerprint, excerpt, reading_round,
                place.changed_at AS stopped_at, ranges, word_count,
                max(ifnull(read_status.serial, 0), ifnull(place.serial, 0),
                    ifnull(words_read.serial, 0)) AS last_read,
                (SELECT count(*) FROM history
                 WHERE history.story_id = known.story_id AND NOT deleted) AS finish_count
            FROM ({known if story_id is None else "SELECT ? AS story_id"}) AS known
            LEFT JOIN read_status ON read_status.story_id = known.story_id
            LEFT JOIN place ON place.story_id = known.story_id
            LEFT JOIN words_read ON words_read.story_id = known.story_id
            """,  # noqa: S608  our own names
            *(() if story_id is None else (story_id,)),
        )
        return {row["story_id"]: _make_state(row) for row in rows}

    def load_known_stories(self, after: int = -1) -> list[KnownStory]:
        """Return the stories that were ever open, as the function of that name does."""
        return load_known_stories(self.record_store, after)

    def load_story_details(self, story_id: str) -> StoryDetails | None:
        """Return what a story was when it was last open, or None if it never was."""
        row = self.record_store.find(StoryRow, story_id)
        if row is None:
            return None
        return StoryDetails(
            Path(os.fsdecode(row.path)), row.folder, title=row.title, author=row.author, url=row.url
        )

    def load_history(self) -> list[HistoryEntry]:
        """Return the finished stories, newest first."""
        entries = [
            HistoryEntry(row.story_id, parse_time(row.finished_at) or UNKNOWN_TIME, row.minutes)
            for row in self.record_store.select(HistoryRow, "NOT deleted")
        ]
        return sorted(entries, key=lambda entry: entry.finished_at, reverse=True)

    def load_last_finish(self, story_id: str) -> tuple[str, datetime] | None:
        """Return the id and time of the history entry that a story got last, or None."""
        rows = self.record_store.select(
            HistoryRow, "story_id = ? AND NOT deleted ORDER BY serial DESC LIMIT 1", story_id
        )
        return (rows[0].id, parse_time(rows[0].finished_at) or UNKNOWN_TIME) if rows else None

    def load_text_record(self, story_id: str) -> str:
        """Return the record of the text in which words read are numbered, or an empty text."""
        row = self.record_store.find(TextRecordRow, story_id)
        return row.blocks if row is not None else ""

    def load_pace_samples(self, language: str) -> tuple[int, ...]:
        """Return the words a minute of the latest screenfuls read in `language`."""
        row = self.record_store.find(PaceRow, language)
        return parse_numbers(row.samples) if row is not None else ()

    def load_choice(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        row = self.record_store.find(ChoiceRow, name)
        return row.value if row is not None else None

    def save_story_details(self, story_id: str, details: StoryDetails) -> None:
        """Save the real path of a story and what it is called, if anything has changed."""
        self.save_details({story_id: details})

    def save_details(self, stories: Mapping[str, StoryDetails]) -> None:
        """Save the details of several stories, by id, as `save_story_details` does."""
        save_details(self.record_store, stories)

    def save_place(self, story_id: str, anchor: Anchor, reading_round: int = 0) -> None:
        """Save where reading stopped, in a story that was finished `reading_round` times before."""
        place = anchor.place
        row = PlaceRow(
            story_id, place.block, place.offset, anchor.fingerprint, anchor.excerpt, reading_round
        )
        with self.record_store.transaction() as stamp:
            self.record_store.put(row, stamp)

    def add_words_read(self, story_id: str, ranges: WordRanges, word_count: int) -> None:
        """Add `ranges` to the words read of a text that now has `word_count` words."""
        with self.record_store.transaction() as stamp:
            row = self.record_store.find(WordsReadRow, story_id)
            merged = merge_ranges(parse_ranges(row.ranges) if row is not None else (), ranges)
            self.record_store.put(WordsReadRow(story_id, json.dumps(merged), word_count), stamp)

    def save_text_record(
        self, story_id: str, record: str, ranges: WordRanges | None, word_count: int
    ) -> None:
        """Save the record of the text in which words are numbered from now on.

        `ranges` are the words read, numbered in that text of `word_count` words, or None.
        """
        with self.record_store.transaction() as stamp:
            self.record_store.put(TextRecordRow(story_id, record), stamp)
            if ranges is not None:
                self.record_store.put(WordsReadRow(story_id, json.dumps(ranges), word_count), stamp)

    def set_status(
        self,
        story_id: str,
        status: ReadStatus,
        *,
        ranges: WordRanges | None = None,
        finish: FinishChange | None = None,
    ) -> None:
        """Set the read status that the reader chose, and the words read if `ranges` is given."""
        with self.record_store.transaction() as stamp:
            self.record_store.put(ReadStatusRow(story_id, status.value), stamp)
            if ranges is not None:
                row = self.record_store.find(WordsReadRow, story_id)
                words = row.word_count if row is not None else 0
                self.record_store.put(WordsReadRow(story_id, json.dumps(ranges), words), stamp)
            if finish is not None:
                self._save_finish(story_id, finish, stamp)

    def raise_status(
        self, story_id: str, status: ReadStatus, finish: FinishChange | None = None
    ) -> None:
        """Set the read status if it is higher than the stored one; reading never lowers it."""
        order = list(ReadStatus)
        with self.record_store.transaction() as stamp:
            row = self.record_store.find(ReadStatusRow, story_id)
            if row is None or order.index(status) > order.index(_parse_status(row.status)):
                self.record_store.put(ReadStatusRow(story_id, status.value), stamp)
                if finish is not None:
                    self._save_finish(story_id, finish, stamp)

    def _save_finish(self, story_id: str, finish: FinishChange, stamp: Stamp) -> None:
        """Add an entry to the history, delete it, or restore it."""
        row = self.record_store.find(HistoryRow, finish.id)
        if row is not None:
            row = row._replace(story_id=story_id, deleted=int(finish.is_deleted))
        elif not finish.is_deleted:
            row = HistoryRow(
                finish.id, story_id, format_time(datetime.now(UTC)), finish.minutes, deleted=0
            )
        if row is not None:
            self.record_store.put(row, stamp)

    def save_pace_samples(self, language: str, samples: Sequence[int]) -> None:
        """Replace the words a minute of the latest screenfuls read in `language`."""
        with self.record_store.transaction() as stamp:
            self.record_store.put(PaceRow(language, json.dumps(list(samples))), stamp)

    def save_choice(self, name: str, value: str) -> None:
        """Save a choice that was made in the app."""
        with self.record_store.transaction() as stamp:
            self.record_store.put(ChoiceRow(name, value), stamp)


def _make_state(row: sqlite3.Row) -> StoryState:
    anchor = None
    if row["block"] is not None:  # there is a row in `place`, and its columns are NOT NULL
        anchor = Anchor(Place(row["block"], row["offset"]), row["fingerprint"], row["excerpt"])
    status = _parse_status(row["status"])
    return StoryState(
        status,
        anchor,
        parse_ranges(row["ranges"] or "[]"),
        word_count=row["word_count"] or 0,
        last_read=row["last_read"],
        finish_count=max(row["finish_count"], status is ReadStatus.FINISHED),
        reading_round=row["reading_round"] or 0,
        stopped_at=parse_time(row["stopped_at"] or ""),
    )


def _parse_status(text: str | None) -> ReadStatus:
    return ReadStatus(text) if text in list(ReadStatus) else ReadStatus.UNREAD


class AnnotationStore:
    """The highlights, notes and responses of all stories. Every method raises `StateError`."""

    def __init__(self, record_store: RecordStore) -> None:
        self._record_store = record_store

    def load_highlights(self, story_id: str | None = None) -> list[Highlight]:
        """Return the highlights of one story, or of all, oldest first."""
        rows = self._record_store.select(
            HighlightRow,
            "NOT deleted AND story_id = ifnull(?, story_id) ORDER BY created_at, id",
            story_id,
        )
        return [_make_highlight(row) for row in rows]

    def load_highlight_ids(self) -> list[str]:
        """Return the ids of all highlights, newest first."""
        rows = self._record_store.fetch_all(
            "SELECT id FROM highlight WHERE NOT deleted ORDER BY created_at DESC, id DESC"
        )
        return [row["id"] for row in rows]

    def load_highlights_by_id(self, ids: Sequence[str]) -> list[Highlight]:
        """Return the highlights with these ids, in this order, without those that don't exist."""
        rows = self._record_store.select(
            HighlightRow,
            "NOT deleted AND id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        highlights = {row.id: _make_highlight(row) for row in rows}
        return [highlights[key] for key in ids if key in highlights]

    def save_highlight(self, highlight: Highlight, details: StoryDetails | None = None) -> None:
        """Save a highlight, which replaces the one with its id, and its story's details."""
        anchor = highlight.anchor
        row = HighlightRow(
            highlight.id,
            highlight.story_id,
            anchor.place.block,
            anchor.place.offset,
            fingerprint=anchor.fingerprint,
            excerpt=anchor.excerpt,
            text=highlight.text,
            note=highlight.note,
            created_at=format_time(highlight.created_at),
            deleted=0,
        )
        with self._record_store.transaction() as stamp:
            if details is not None:
                put_details(self._record_store, highlight.story_id, details, stamp)
            self._record_store.put(row, stamp)

    def save_note(self, highlight_id: str, note: Edit) -> None:
        """Save the note on a highlight. It restores a deleted highlight, unless it is empty."""
        with self._record_store.transaction() as stamp:
            row = self._find_highlight(highlight_id)
            text = note if isinstance(note, str) else note(row.note)
            row = row._replace(note=text, deleted=0 if text else row.deleted)
            self._record_store.put(row, stamp)

    def set_deleted(self, highlight_id: str, *, is_deleted: bool) -> None:
        """Mark a highlight as deleted, or restore it."""
        with self._record_store.transaction() as stamp:
            row = self._find_highlight(highlight_id)
            self._record_store.put(row._replace(deleted=int(is_deleted)), stamp)

    def _find_highlight(self, highlight_id: str) -> HighlightRow:
        row = self._record_store.find(HighlightRow, highlight_id)
        if row is None:
            raise MissingRecord(f"there is no highlight {highlight_id}")
        return row

    def load_response(self, story_id: str) -> str:
        """Return the response to a story, or an empty text."""
        row = self._record_store.find(ResponseRow, story_id)
        return row.text if row is not None else ""

    def load_responses(self) -> list[Response]:
        """Return all responses, oldest first."""
        rows = self._record_store.fetch_all(
            "SELECT story_id, text, changed_at FROM response"
            " WHERE text <> '' ORDER BY changed_at, story_id"
        )
        return [
            Response(row["story_id"], row["text"], parse_time(row["changed_at"]) or UNKNOWN_TIME)
            for row in rows
        ]

    def save_response(self, story_id: str, text: Edit, details: StoryDetails | None = None) -> None:
        """Save the response to a story and the story's details; an empty text deletes it."""
        with self._record_store.transaction() as stamp:
            if details is not None:
                put_details(self._record_store, story_id, details, stamp)
            text = text if isinstance(text, str) else text(self.load_response(story_id))
            self._record_store.put(ResponseRow(story_id, text), stamp)


def _make_highlight(row: HighlightRow) -> Highlight:
    anchor = Anchor(Place(row.block, row.offset), row.fingerprint, row.excerpt)
    created_at = parse_time(row.created_at) or UNKNOWN_TIME
    return Highlight(row.id, row.story_id, anchor, row.text, row.note, created_at)
