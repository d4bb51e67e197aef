"""The reading data by subject: places, words read, read status, choices, annotations."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reader.errors import StateError
from reader.reading.annotations import Highlight, HistoryEntry, Response
from reader.reading.progress import ReadStatus, WordRanges, merge_ranges
from reader.store.database import OpenResult, open_copy, open_database, open_in_memory
from reader.store.facts import MIGRATIONS, UNKNOWN_TIME, FactStore, format_time, parse_time
from reader.store.facts import parse_numbers as read_numbers
from reader.store.facts import parse_ranges as read_ranges
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.store.facts import Stamp


class StoryState(NamedTuple):
    """What is remembered of one story."""

    status: ReadStatus = ReadStatus.UNREAD
    anchor: Anchor | None = None
    ranges: WordRanges = ()
    words: int = 0
    """How many words the text had when `ranges` were written."""
    last_read: int = 0
    """Counts up with each change: the story last read has the highest."""
    finish_count: int = 0
    """How often it was finished."""
    reading_round: int = 0
    """How often it had been finished when the reading began that `anchor` is of."""
    stopped_at: datetime | None = None
    """When `anchor` was written."""


class StoryDetails(NamedTuple):
    """What a story was when it was last open, so that it has a name when its file is gone."""

    path: Path
    source: str
    title: str = ""
    author: str = ""
    url: str = ""


class FinishChange(NamedTuple):
    """A line of the history that a mark brings, or takes with it."""

    id: str
    minutes: int = 0
    is_deleted: bool = False


class Store:
    """The database of what is remembered, opened as well as it can be.

    Every method that reads or writes raises `Locked` if another program keeps it out just
    now, else `StateError`.
    """

    def __init__(self, result: OpenResult) -> None:
        self.fact_store = FactStore(result.db)
        self.notice = result.notice
        """One line for the screen about what is wrong with the file."""
        self.is_persistent = result.is_persistent
        """What is written is there the next time."""
        self.is_complete = result.is_complete
        """What the file held is known."""

    @classmethod
    def open(cls, path: Path | None) -> Store:
        """Open the memory at `path`; the worst case is one in memory, with a notice.

        Raises nothing: no state of the disk stops anybody from reading.
        """
        return cls(open_database(path, MIGRATIONS))

    @classmethod
    def open_copy(cls, path: Path | None) -> Store:
        """Return a copy of the memory at `path` that ends with the program; `path` stays."""
        return cls(open_copy(path, MIGRATIONS))

    @classmethod
    def open_in_memory(cls) -> Store:
        """Return a memory that ends with the program."""
        return cls(open_in_memory(MIGRATIONS))

    def close(self) -> None:
        """Close the database; what was written stays."""
        self.fact_store.close()

    # Reading -------------------------------------------------------------------------------

    def load_story_state(self, story: str) -> StoryState:
        """Return what is remembered of the story with the id `story`."""
        return self.load_story_states(story).get(story, StoryState())

    def load_story_states(self, story: str | None = None) -> dict[str, StoryState]:
        """Return what is remembered of every story, by id, or of one."""
        rows = self.fact_store.fetch_all(
            """
            SELECT known.id, mark, block, offset, fingerprint, quote, round, place.changed,
                ranges, words,
                max(ifnull(mark.serial, 0), ifnull(place.serial, 0), ifnull(reading.serial, 0)),
                (SELECT count(*) FROM finish WHERE finish.story = known.id AND NOT gone)
            FROM (SELECT story AS id FROM mark UNION SELECT story FROM place
                  UNION SELECT story FROM reading) AS known
            LEFT JOIN mark ON mark.story = known.id
            LEFT JOIN place ON place.story = known.id
            LEFT JOIN reading ON reading.story = known.id
            WHERE ?1 IS NULL OR known.id = ?1
            """,
            story,
        )
        return {row[0]: _row_to_state(row[1:]) for row in rows}

    def load_story_files(self) -> dict[str, tuple[Path, str]]:
        """Return the path and folder of every story that was begun, by id."""
        rows = self.fact_store.fetch_all("SELECT id, path, source FROM story ORDER BY serial")
        return {row[0]: (Path(os.fsdecode(row[1])), row[2]) for row in rows}

    def load_story_details(self, story: str) -> StoryDetails | None:
        """Return what the story with the id `story` was when it was last open."""
        row = self.fact_store.fetch_one(
            "SELECT path, source, title, author, url FROM story WHERE id = ?", story
        )
        return StoryDetails(Path(os.fsdecode(row[0])), *row[1:]) if row else None

    def load_history(self) -> list[HistoryEntry]:
        """Return what was finished when, the newest first."""
        rows = self.fact_store.fetch_all("SELECT story, at, minutes FROM finish WHERE NOT gone")
        found = [
            HistoryEntry(story, parse_time(at) or UNKNOWN_TIME, minutes)
            for story, at, minutes in rows
        ]
        return sorted(found, key=lambda finish: finish.finished_at, reverse=True)

    def load_last_finish(self, story: str) -> tuple[str, datetime] | None:
        """Return the id and moment of the last time a story was finished."""
        row = self.fact_store.fetch_one(
            "SELECT id, at FROM finish WHERE story = ? AND NOT gone ORDER BY serial DESC LIMIT 1",
            story,
        )
        return (row[0], parse_time(row[1]) or UNKNOWN_TIME) if row else None

    def load_text_record(self, story: str) -> str:
        """Return the record of the text that the words read are numbered in, empty if none."""
        row = self.fact_store.fetch_one("SELECT blocks FROM text WHERE story = ?", story)
        return row[0] if row else ""

    def load_pace_samples(self, language: str) -> tuple[int, ...]:
        """Return the words a minute of screenfuls that were read in `language`."""
        row = self.fact_store.fetch_one("SELECT samples FROM pace WHERE language = ?", language)
        return read_numbers(row[0]) if row else ()

    def load_choice(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        row = self.fact_store.fetch_one("SELECT value FROM setting WHERE name = ?", name)
        return row[0] if row else None

    # Writing -------------------------------------------------------------------------------

    def save_story_details(  # noqa: PLR0913  what a story is when its file is gone
        self,
        story: str,
        path: Path,
        source: str,
        *,
        title: str = "",
        author: str = "",
        url: str = "",
    ) -> None:
        """Remember where the story with the id `story` is kept, and what it is called."""
        fact = (os.fsencode(os.path.realpath(path)), source, title, author, url)
        known = self.load_story_details(story)
        if known is None or (os.fsencode(known.path), *known[1:]) != fact:
            with self.fact_store.transaction() as stamp:
                self.fact_store.put("story", (story, *fact), stamp)

    def save_place(self, story: str, anchor: Anchor, reading_round: int = 0) -> None:
        """Remember the place where reading stopped, in a story that was finished `round` times."""
        place = anchor.place
        fact = (story, place.block, place.offset, anchor.fingerprint, anchor.excerpt, reading_round)
        with self.fact_store.transaction() as stamp:
            self.fact_store.put("place", fact, stamp)

    def add_words_read(self, story: str, ranges: WordRanges, words: int) -> None:
        """Add `ranges` to the words read, of a text that has `words` words now."""
        with self.fact_store.transaction() as stamp:
            row = self.fact_store.fetch_one("SELECT ranges FROM reading WHERE story = ?", story)
            known = read_ranges(row[0]) if row else ()
            self.fact_store.put(
                "reading", (story, json.dumps(merge_ranges(known, ranges)), words), stamp
            )

    def save_text_record(
        self, story: str, record: str, base_ranges: WordRanges | None, words: int
    ) -> None:
        """Remember the text that words are numbered in from now on.

        `carried` are the words read as they are numbered in it, None where they stay.
        """
        with self.fact_store.transaction() as stamp:
            self.fact_store.put("text", (story, record), stamp)
            if base_ranges is not None:
                self.fact_store.put("reading", (story, json.dumps(base_ranges), words), stamp)

    def set_status(
        self,
        story: str,
        status: ReadStatus,
        *,
        ranges: WordRanges | None = None,
        finish: FinishChange | None = None,
    ) -> None:
        """Set the mark by the reader's own hand, and the words read if `ranges` is given."""
        with self.fact_store.transaction() as stamp:
            self.fact_store.put("mark", (story, status.value), stamp)
            if ranges is not None:
                row = self.fact_store.fetch_one("SELECT words FROM reading WHERE story = ?", story)
                words = row[0] if row else 0
                self.fact_store.put("reading", (story, json.dumps(ranges), words), stamp)
            if finish is not None:
                self._save_finish(story, finish, stamp)

    def raise_status(
        self, story: str, status: ReadStatus, finish: FinishChange | None = None
    ) -> None:
        """Set the mark if it is higher than what is known: nothing is un-read by itself."""
        order = list(ReadStatus)
        with self.fact_store.transaction() as stamp:
            row = self.fact_store.fetch_one("SELECT mark FROM mark WHERE story = ?", story)
            if row is None or order.index(status) > order.index(_parse_status(row[0])):
                self.fact_store.put("mark", (story, status.value), stamp)
                if finish is not None:
                    self._save_finish(story, finish, stamp)

    def _save_finish(self, story: str, finish: FinishChange, stamp: Stamp) -> None:
        """Add a line to the history, or take it away, or bring it back."""
        row = self.fact_store.fetch_one("SELECT at, minutes FROM finish WHERE id = ?", finish.id)
        if row is not None or not finish.is_deleted:
            at, minutes = row or (format_time(datetime.now(UTC)), finish.minutes)
            self.fact_store.put(
                "finish", (finish.id, story, at, minutes, int(finish.is_deleted)), stamp
            )

    def save_pace_samples(self, language: str, samples: Sequence[int]) -> None:
        """Remember the words a minute of screenfuls read in `language`, instead of those before."""
        with self.fact_store.transaction() as stamp:
            self.fact_store.put("pace", (language, json.dumps(list(samples))), stamp)

    def save_choice(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        with self.fact_store.transaction() as stamp:
            self.fact_store.put("setting", (name, value), stamp)


def _row_to_state(row: tuple[Any, ...]) -> StoryState:
    mark, block, offset, fingerprint, quote, times, stopped, ranges, words, serial, finished = row
    anchor = None
    if block is not None and offset is not None:
        anchor = Anchor(Place(block, offset), fingerprint or "", quote or "")
    return StoryState(
        _parse_status(mark),
        anchor,
        read_ranges(ranges or "[]"),
        words or 0,
        serial,
        max(finished, mark == ReadStatus.FINISHED),
        times or 0,
        parse_time(stopped or ""),
    )


def _parse_status(text: str | None) -> ReadStatus:
    return ReadStatus(text) if text in list(ReadStatus) else ReadStatus.UNREAD


class AnnotationStore:
    """The quotes and responses of every story. Every method raises `StateError`."""

    def __init__(self, fact_store: FactStore) -> None:
        self._fact_store = fact_store

    def load_highlights(self, story: str | None = None) -> list[Highlight]:
        """Return what was kept of the story with the id `story`, or of all; the oldest first."""
        rows = self._fact_store.fetch_all(
            "SELECT id, story, block, offset, fingerprint, quote, text, remark, made FROM quote"
            " WHERE NOT gone AND (?1 IS NULL OR story = ?1) ORDER BY made, id",
            story,
        )
        return [_row_to_highlight(row) for row in rows]

    def load_highlight_ids(self) -> list[str]:
        """Return the ids of all quotes, that of the newest first."""
        rows = self._fact_store.fetch_all(
            "SELECT id FROM quote WHERE NOT gone ORDER BY made DESC, id DESC"
        )
        return [row[0] for row in rows]

    def load_highlights_by_id(self, ids: Sequence[str]) -> list[Highlight]:
        """Return the quotes with those ids that are there, in that order."""
        rows = self._fact_store.fetch_all(
            "SELECT id, story, block, offset, fingerprint, quote, text, remark, made FROM quote"
            " WHERE NOT gone AND id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        found = {row[0]: _row_to_highlight(row) for row in rows}
        return [found[key] for key in ids if key in found]

    def save_highlight(self, highlight: Highlight) -> None:
        """Keep `quote`."""
        place = highlight.anchor.place
        where = (place.block, place.offset, highlight.anchor.fingerprint, highlight.anchor.excerpt)
        what = (highlight.text, highlight.note, format_time(highlight.created_at), 0)
        with self._fact_store.transaction() as stamp:
            self._fact_store.put("quote", (highlight.id, highlight.story_id, *where, *what), stamp)

    def save_note(self, highlight_id: str, text: str) -> None:
        """Write `text` beside the quote with that id, in place of what stood there."""
        self._update_highlight(highlight_id, note=text)

    def delete_highlight(self, highlight_id: str) -> None:
        """Take the quote with that id out of sight."""
        self._update_highlight(highlight_id, is_deleted=1)

    def restore_highlight(self, highlight_id: str) -> None:
        """Bring back the quote with that id."""
        self._update_highlight(highlight_id, is_deleted=0)

    def _update_highlight(
        self, highlight_id: str, *, note: str | None = None, is_deleted: int | None = None
    ) -> None:
        with self._fact_store.transaction() as stamp:
            row = self._fact_store.fetch_one(
                "SELECT id, story, block, offset, fingerprint, quote, text,"
                " ifnull(?2, remark), made, ifnull(?3, gone) FROM quote WHERE id = ?1",
                highlight_id,
                note,
                is_deleted,
            )
            if row is None:
                raise StateError(f"there is no quote {highlight_id}")
            self._fact_store.put("quote", row, stamp)

    def load_response(self, story: str) -> str:
        """Return the reader's own words on a story, empty where there are none."""
        row = self._fact_store.fetch_one("SELECT text FROM response WHERE story = ?", story)
        return row[0] if row else ""

    def load_responses(self) -> list[Response]:
        """Return every response there is, the oldest first."""
        rows = self._fact_store.fetch_all(
            "SELECT story, text, changed FROM response WHERE text <> '' ORDER BY changed, story"
        )
        return [
            Response(story, text, parse_time(changed) or UNKNOWN_TIME)
            for story, text, changed in rows
        ]

    def save_response(self, story: str, text: str) -> None:
        """Remember `text` as the response to a story; an empty one takes it back."""
        with self._fact_store.transaction() as stamp:
            self._fact_store.put("response", (story, text), stamp)


def _row_to_highlight(row: tuple[Any, ...]) -> Highlight:
    key, story, block, offset, fingerprint, quote, text, remark, made = row
    anchor = Anchor(Place(block, offset), fingerprint, quote)
    return Highlight(key, story, anchor, text, remark, parse_time(made) or UNKNOWN_TIME)
