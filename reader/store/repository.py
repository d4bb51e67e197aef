"""The reading data by subject: places, words read, read status, choices, annotations."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reader.errors import StateError
from reader.reading.annotations import Finish, Quote, Response
from reader.reading.progress import Mark, Ranges, union
from reader.store.database import Opened, opened, temporary, unchanged
from reader.store.facts import LONG_AGO, MIGRATIONS, Ledger, moment, written
from reader.store.facts import numbers as read_numbers
from reader.store.facts import ranges as read_ranges
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.store.facts import Stamp


class Memory(NamedTuple):
    """What is remembered of one story."""

    mark: Mark = Mark.UNREAD
    anchor: Anchor | None = None
    ranges: Ranges = ()
    words: int = 0
    """How many words the text had when `ranges` were written."""
    serial: int = 0
    """Counts up with each change: the story last read has the highest."""
    finished: int = 0
    """How often it was finished."""
    round: int = 0
    """How often it had been finished when the reading began that `anchor` is of."""
    stopped: datetime | None = None
    """When `anchor` was written."""


class Known(NamedTuple):
    """What a story was when it was last open, so that it has a name when its file is gone."""

    path: Path
    source: str
    title: str = ""
    author: str = ""
    url: str = ""


class Finishing(NamedTuple):
    """A line of the history that a mark brings, or takes with it."""

    id: str
    minutes: int = 0
    gone: bool = False


class State:
    """The database of what is remembered, opened as well as it can be.

    Every method that reads or writes raises `Locked` if another program keeps it out just
    now, else `StateError`.
    """

    def __init__(self, found: Opened) -> None:
        self.ledger = Ledger(found.db)
        self.notice = found.notice
        """One line for the screen about what is wrong with the file."""
        self.lasts = found.lasts
        """What is written is there the next time."""
        self.knows = found.knows
        """What the file held is known."""

    @classmethod
    def open(cls, path: Path | None) -> State:
        """Open the memory at `path`; the worst case is one in memory, with a notice.

        Raises nothing: no state of the disk stops anybody from reading.
        """
        return cls(opened(path, MIGRATIONS))

    @classmethod
    def unchanged(cls, path: Path | None) -> State:
        """Return a copy of the memory at `path` that ends with the program; `path` stays."""
        return cls(unchanged(path, MIGRATIONS))

    @classmethod
    def in_memory(cls) -> State:
        """Return a memory that ends with the program."""
        return cls(temporary(MIGRATIONS))

    def close(self) -> None:
        """Close the database; what was written stays."""
        self.ledger.close()

    # Reading -------------------------------------------------------------------------------

    def memory(self, story: str) -> Memory:
        """Return what is remembered of the story with the id `story`."""
        return self.memories(story).get(story, Memory())

    def memories(self, story: str | None = None) -> dict[str, Memory]:
        """Return what is remembered of every story, by id, or of one."""
        rows = self.ledger.rows(
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
        return {row[0]: _memory(row[1:]) for row in rows}

    def met(self) -> dict[str, tuple[Path, str]]:
        """Return the path and folder of every story that was begun, by id."""
        rows = self.ledger.rows("SELECT id, path, source FROM story ORDER BY serial")
        return {row[0]: (Path(os.fsdecode(row[1])), row[2]) for row in rows}

    def known(self, story: str) -> Known | None:
        """Return what the story with the id `story` was when it was last open."""
        row = self.ledger.one(
            "SELECT path, source, title, author, url FROM story WHERE id = ?", story
        )
        return Known(Path(os.fsdecode(row[0])), *row[1:]) if row else None

    def finishes(self) -> list[Finish]:
        """Return what was finished when, the newest first."""
        rows = self.ledger.rows("SELECT story, at, minutes FROM finish WHERE NOT gone")
        found = [Finish(story, moment(at) or LONG_AGO, minutes) for story, at, minutes in rows]
        return sorted(found, key=lambda finish: finish.at, reverse=True)

    def last_finish(self, story: str) -> tuple[str, datetime] | None:
        """Return the id and moment of the last time a story was finished."""
        row = self.ledger.one(
            "SELECT id, at FROM finish WHERE story = ? AND NOT gone ORDER BY serial DESC LIMIT 1",
            story,
        )
        return (row[0], moment(row[1]) or LONG_AGO) if row else None

    def text_of(self, story: str) -> str:
        """Return the record of the text that the words read are numbered in, empty if none."""
        row = self.ledger.one("SELECT blocks FROM text WHERE story = ?", story)
        return row[0] if row else ""

    def pace(self, language: str) -> tuple[int, ...]:
        """Return the words a minute of screenfuls that were read in `language`."""
        row = self.ledger.one("SELECT samples FROM pace WHERE language = ?", language)
        return read_numbers(row[0]) if row else ()

    def setting(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        row = self.ledger.one("SELECT value FROM setting WHERE name = ?", name)
        return row[0] if row else None

    # Writing -------------------------------------------------------------------------------

    def meet(  # noqa: PLR0913  what a story is when its file is gone
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
        known = self.known(story)
        if known is None or (os.fsencode(known.path), *known[1:]) != fact:
            with self.ledger.change() as stamp:
                self.ledger.put("story", (story, *fact), stamp)

    def remember(self, story: str, anchor: Anchor, round: int = 0) -> None:  # noqa: A002  the column's name
        """Remember the place where reading stopped, in a story that was finished `round` times."""
        place = anchor.place
        fact = (story, place.block, place.offset, anchor.fingerprint, anchor.quote, round)
        with self.ledger.change() as stamp:
            self.ledger.put("place", fact, stamp)

    def credit(self, story: str, ranges: Ranges, words: int) -> None:
        """Add `ranges` to the words read, of a text that has `words` words now."""
        with self.ledger.change() as stamp:
            row = self.ledger.one("SELECT ranges FROM reading WHERE story = ?", story)
            known = read_ranges(row[0]) if row else ()
            self.ledger.put("reading", (story, json.dumps(union(known, ranges)), words), stamp)

    def number(self, story: str, record: str, carried: Ranges | None, words: int) -> None:
        """Remember the text that words are numbered in from now on.

        `carried` are the words read as they are numbered in it, None where they stay.
        """
        with self.ledger.change() as stamp:
            self.ledger.put("text", (story, record), stamp)
            if carried is not None:
                self.ledger.put("reading", (story, json.dumps(carried), words), stamp)

    def mark(
        self,
        story: str,
        mark: Mark,
        *,
        ranges: Ranges | None = None,
        finish: Finishing | None = None,
    ) -> None:
        """Set the mark by the reader's own hand, and the words read if `ranges` is given."""
        with self.ledger.change() as stamp:
            self.ledger.put("mark", (story, mark.value), stamp)
            if ranges is not None:
                row = self.ledger.one("SELECT words FROM reading WHERE story = ?", story)
                words = row[0] if row else 0
                self.ledger.put("reading", (story, json.dumps(ranges), words), stamp)
            if finish is not None:
                self._finish(story, finish, stamp)

    def raise_mark(self, story: str, mark: Mark, finish: Finishing | None = None) -> None:
        """Set the mark if it is higher than what is known: nothing is un-read by itself."""
        order = list(Mark)
        with self.ledger.change() as stamp:
            row = self.ledger.one("SELECT mark FROM mark WHERE story = ?", story)
            if row is None or order.index(mark) > order.index(_mark(row[0])):
                self.ledger.put("mark", (story, mark.value), stamp)
                if finish is not None:
                    self._finish(story, finish, stamp)

    def _finish(self, story: str, finish: Finishing, stamp: Stamp) -> None:
        """Add a line to the history, or take it away, or bring it back."""
        row = self.ledger.one("SELECT at, minutes FROM finish WHERE id = ?", finish.id)
        if row is not None or not finish.gone:
            at, minutes = row or (written(datetime.now(UTC)), finish.minutes)
            self.ledger.put("finish", (finish.id, story, at, minutes, int(finish.gone)), stamp)

    def note_pace(self, language: str, samples: Sequence[int]) -> None:
        """Remember the words a minute of screenfuls read in `language`, instead of those before."""
        with self.ledger.change() as stamp:
            self.ledger.put("pace", (language, json.dumps(list(samples))), stamp)

    def choose(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        with self.ledger.change() as stamp:
            self.ledger.put("setting", (name, value), stamp)


def _memory(row: tuple[Any, ...]) -> Memory:
    mark, block, offset, fingerprint, quote, times, stopped, ranges, words, serial, finished = row
    anchor = None
    if block is not None and offset is not None:
        anchor = Anchor(Place(block, offset), fingerprint or "", quote or "")
    return Memory(
        _mark(mark),
        anchor,
        read_ranges(ranges or "[]"),
        words or 0,
        serial,
        max(finished, mark == Mark.FINISHED),
        times or 0,
        moment(stopped or ""),
    )


def _mark(text: str | None) -> Mark:
    return Mark(text) if text in list(Mark) else Mark.UNREAD


class Kept:
    """The quotes and responses of every story. Every method raises `StateError`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def quotes(self, story: str | None = None) -> list[Quote]:
        """Return what was kept of the story with the id `story`, or of all; the oldest first."""
        rows = self._ledger.rows(
            "SELECT id, story, block, offset, fingerprint, quote, text, remark, made FROM quote"
            " WHERE NOT gone AND (?1 IS NULL OR story = ?1) ORDER BY made, id",
            story,
        )
        return [_quote(row) for row in rows]

    def newest(self) -> list[str]:
        """Return the ids of all quotes, that of the newest first."""
        rows = self._ledger.rows("SELECT id FROM quote WHERE NOT gone ORDER BY made DESC, id DESC")
        return [row[0] for row in rows]

    def named(self, ids: Sequence[str]) -> list[Quote]:
        """Return the quotes with those ids that are there, in that order."""
        rows = self._ledger.rows(
            "SELECT id, story, block, offset, fingerprint, quote, text, remark, made FROM quote"
            " WHERE NOT gone AND id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        found = {row[0]: _quote(row) for row in rows}
        return [found[key] for key in ids if key in found]

    def keep(self, quote: Quote) -> None:
        """Keep `quote`."""
        place = quote.anchor.place
        where = (place.block, place.offset, quote.anchor.fingerprint, quote.anchor.quote)
        what = (quote.text, quote.remark, written(quote.made), 0)
        with self._ledger.change() as stamp:
            self._ledger.put("quote", (quote.id, quote.story, *where, *what), stamp)

    def remark(self, quote: str, text: str) -> None:
        """Write `text` beside the quote with that id, in place of what stood there."""
        self._change(quote, remark=text)

    def discard(self, quote: str) -> None:
        """Take the quote with that id out of sight."""
        self._change(quote, gone=1)

    def restore(self, quote: str) -> None:
        """Bring back the quote with that id."""
        self._change(quote, gone=0)

    def _change(self, quote: str, *, remark: str | None = None, gone: int | None = None) -> None:
        with self._ledger.change() as stamp:
            row = self._ledger.one(
                "SELECT id, story, block, offset, fingerprint, quote, text,"
                " ifnull(?2, remark), made, ifnull(?3, gone) FROM quote WHERE id = ?1",
                quote,
                remark,
                gone,
            )
            if row is None:
                raise StateError(f"there is no quote {quote}")
            self._ledger.put("quote", row, stamp)

    def response(self, story: str) -> str:
        """Return the reader's own words on a story, empty where there are none."""
        row = self._ledger.one("SELECT text FROM response WHERE story = ?", story)
        return row[0] if row else ""

    def responses(self) -> list[Response]:
        """Return every response there is, the oldest first."""
        rows = self._ledger.rows(
            "SELECT story, text, changed FROM response WHERE text <> '' ORDER BY changed, story"
        )
        return [Response(story, text, moment(changed) or LONG_AGO) for story, text, changed in rows]

    def respond(self, story: str, text: str) -> None:
        """Remember `text` as the response to a story; an empty one takes it back."""
        with self._ledger.change() as stamp:
            self._ledger.put("response", (story, text), stamp)


def _quote(row: tuple[Any, ...]) -> Quote:
    key, story, block, offset, fingerprint, quote, text, remark, made = row
    anchor = Anchor(Place(block, offset), fingerprint, quote)
    return Quote(key, story, anchor, text, remark, moment(made) or LONG_AGO)
