"""What is remembered of reading: places, words read, marks, what was finished, choices.

Precious; never a cache. Nothing is un-read by itself, and nothing is deleted because a file
is missing today. What the reader's own hand adds to a story is `kept`'s; how a change is
written, the ledger's.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .database import Opened, opened, temporary, unchanged
from .document import Anchor, Place
from .evidence import Mark, Ranges, union
from .ledger import Ledger
from .quotes import Finish
from .schema import MIGRATIONS
from .stored import LONG_AGO, moment, written
from .stored import numbers as read_numbers
from .stored import ranges as read_ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .schema import Stamp


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
