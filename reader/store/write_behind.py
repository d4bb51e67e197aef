"""Keep changes pending until they are written, and return data with pending changes applied."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from reader.errors import Locked, StateError
from reader.reading.progress import Mark, Ranges, language_of, minutes, pace, union
from reader.store.repository import Finishing, Kept, Known, Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reader.library.story import Story
    from reader.reading.annotations import Finish, Quote, Response
    from reader.store.repository import State
    from reader.text.document import Anchor


@dataclass(slots=True)
class Unwritten:
    """What of one story is still to be written down."""

    story: Story
    anchor: Anchor | None = None
    round: int = 0
    text: str | None = None
    carried: Ranges | None = None
    """The words read before, as they are numbered in `text`."""
    ranges: Ranges = ()
    words: int = 0
    mark: Mark | None = None
    finish: Finishing | None = None

    def over(self, memory: Memory) -> Memory:
        """Return `memory` as it will be."""
        marks = [memory.mark, self.mark or memory.mark]
        read = memory.ranges if self.carried is None else self.carried
        if self.anchor is not None:
            memory = memory._replace(
                anchor=self.anchor, round=self.round, stopped=datetime.now(UTC)
            )
        return memory._replace(
            mark=max(marks, key=list(Mark).index),
            ranges=union(read, self.ranges),
            words=self.words or memory.words,
            finished=memory.finished + (self.finish is not None),
        )


LAST_PATIENCE: Final = 1.0
"""Seconds to wait for another program's lock at the end, when no key is waiting."""
OPEN: Final = "open"
"""The setting that names the story which was on the page, by its id; empty for the shelf."""
LONG: Final = 2.0
"""Seconds for which another program may hold the memory before the reader hears of it."""
_BETWEEN: Final = 0.02
RIGHT_AFTER: Final = timedelta(hours=1)
"""How long after a story was finished marking it unread means that it was not."""
_T = TypeVar("_T")


class Memories:
    """What is remembered of every story."""

    def __init__(self, state: State) -> None:
        self.notices: list[str] = [state.notice] if state.notice else []
        """What could not be done, a line each and each once, for the screen to show."""
        self._state = state
        self.kept = Kept(state.ledger)
        """What the hand changes in stories that were met: each change is written or refused."""
        self._known: dict[str, Memory] = {}
        """As it was when it could last be looked up."""
        self._unwritten: dict[str, Unwritten] = {}
        self._paces: dict[str, tuple[int, ...]] = {}
        """Those not written yet."""
        self._opened: tuple[Story | None, ...] = ()
        """The story on the page, None for the shelf, while that isn't written yet."""
        self._met: dict[str, Story] = {}
        self._finished: set[str] = set()
        """The ids of this run's lines of the history."""
        self._held_since: float | None = None
        self._told: set[str] = set()

    def all(self) -> dict[str, Memory]:
        """Return what is remembered of every story, by id."""
        try:
            self._known = self._state.memories()
        except StateError as error:
            self._tell(f"What you read can't be looked up: {error}")
        for story, unwritten in self._unwritten.items():
            self._known[story] = unwritten.over(self._known.get(story, Memory()))
        return self._known

    def of(self, story: Story) -> Memory:
        """Return what is remembered of `story`."""
        if not story.kept:
            return Memory()
        try:
            memory = self._state.memory(story.id)
        except StateError as error:
            self._tell(f"What you read can't be looked up: {error}")
            memory = self._known.get(story.id, Memory())
        unwritten = self._unwritten.get(story.id)
        return unwritten.over(memory) if unwritten else memory

    def begun(self) -> list[tuple[str, Path, str]]:
        """Return the id, path and folder of every story that is being read."""
        memories = self.all()
        met: dict[str, tuple[Path, str]] = self._asked(self._state.met, {})
        return [
            (story, path, folder)
            for story, (path, folder) in met.items()
            if memories.get(story, Memory()).mark is Mark.READING
        ]

    def known_story(self, story: str) -> Known | None:
        """Return path, folder, title, author and address of a story that was ever open."""
        return self._asked(lambda: self._state.known(story), None)

    def finishes(self) -> list[Finish]:
        """Return what was finished when, the newest first."""
        return self._asked(self._state.finishes, [])

    def pace(self, language: str) -> tuple[int, ...]:
        """Return the words a minute of screenfuls that were read in `language`."""
        known = self._paces.get(language)
        return self._asked(lambda: self._state.pace(language), ()) if known is None else known

    def text_of(self, story: str) -> str:
        """Return the record of the text that the words read are numbered in, empty if none."""
        unwritten = self._unwritten.get(story)
        if unwritten is not None and unwritten.text is not None:
            return unwritten.text
        return self._asked(lambda: self._state.text_of(story), "")

    def _minutes(self, story: Story) -> int:
        return minutes(story.words, pace(self.pace(language_of(story.language))))

    def _asked(self, question: Callable[[], _T], otherwise: _T) -> _T:
        """Return the answer to `question`, or `otherwise`, and tell it once."""
        try:
            return question()
        except StateError as error:
            self._tell(f"What you read can't be looked up: {error}")
            return otherwise

    # Noted now, written soon --------------------------------------------------------------

    def note_place(self, story: Story, anchor: Anchor, times: int = 0) -> None:
        """Note where reading stopped that began when `story` had been finished `times` times."""
        noted = self._noted(story)
        noted.anchor, noted.round = anchor, times

    def note_words(self, story: Story, ranges: Ranges, total: int) -> None:
        """Note more words read, of `total`."""
        noted = self._noted(story)
        noted.ranges, noted.words = union(noted.ranges, ranges), total

    def note_text(
        self, story: Story, record: str, carried: Ranges | None = None, total: int = 0
    ) -> None:
        """Note the text that words are numbered in from now on.

        `carried` takes the place of the words read before, which were numbered in another
        text, of `total` words; None leaves them as they are.
        """
        noted = self._noted(story)
        noted.text = record
        if carried is not None:
            noted.carried, noted.words = carried, total

    def note_mark(self, story: Story, mark: Mark) -> str:
        """Note a mark that reading has raised; return the id of its line in the history."""
        noted = self._noted(story)
        noted.story, noted.mark = story, mark  # by now its words are counted
        if mark is Mark.FINISHED:
            noted.finish = Finishing(self.new_finish(), self._minutes(story))
        return noted.finish.id if noted.finish else ""

    def note_pace(self, language: str, samples: Sequence[int]) -> None:
        """Note the words a minute of screenfuls in `language`, instead of those before."""
        self._paces[language] = tuple(samples)

    def note_open(self, story: Story | None) -> None:
        """Note the story that is on the page, None for the shelf: the next start begins there."""
        if story is None or story.kept:
            self._opened = (story,)

    def _noted(self, story: Story) -> Unwritten:
        return self._unwritten.setdefault(story.id, Unwritten(story))

    def write(self) -> bool:
        """Write what is not written yet; tell whether it must wait for another program."""
        try:
            for story, unwritten in list(self._unwritten.items()):
                self._write(story, unwritten)
                del self._unwritten[story]
            for language, samples in list(self._paces.items()):
                self._state.note_pace(language, samples)
                del self._paces[language]
            self._write_open(*self._opened)
            self._opened = ()
        except Locked:
            self._wait()
            return True
        except StateError as error:
            self._tell(f"What you read can't be written down: {error}")
        self._held_since = None
        return False

    def _wait(self) -> None:
        """Tell, when it has been long, that what was read is not written down."""
        now = time.monotonic()
        if self._held_since is None:
            self._held_since = now
        if now - self._held_since >= LONG:
            self._tell("Another program holds the memory: what you read is not written down yet.")

    def _write(self, story: str, unwritten: Unwritten) -> None:
        self._meet(unwritten.story)
        if unwritten.anchor is not None:
            self._state.remember(story, unwritten.anchor, unwritten.round)
            unwritten.anchor = None
        if unwritten.text is not None:
            self._state.number(story, unwritten.text, unwritten.carried, unwritten.words)
            unwritten.text = unwritten.carried = None
        if unwritten.ranges:
            self._state.credit(story, unwritten.ranges, unwritten.words)
            unwritten.ranges = ()
        if unwritten.mark is not None:
            self._state.raise_mark(story, unwritten.mark, unwritten.finish)
            unwritten.mark = unwritten.finish = None

    def _write_open(self, *opened: Story | None) -> None:
        for story in opened:
            if story is not None:
                self._meet(story)  # the next start finds its file by that
            key = story.id if story is not None else ""
            if (self._state.setting(OPEN) or "") != key:
                self._state.choose(OPEN, key)

    def close(self) -> None:
        """Write what is not written yet, waiting a little for others, and let go of the file."""
        ends = time.monotonic() + LAST_PATIENCE
        while (is_held := self.write()) and time.monotonic() < ends:
            time.sleep(_BETWEEN)
        if is_held:
            self._tell("Another program holds the memory: what you read last is not remembered.")
        self._state.close()

    # Written at once ----------------------------------------------------------------------

    def mark(self, story: Story, mark: Mark, ranges: Ranges | None, finish: str = "") -> None:
        """Set a mark by the reader's own hand, and the words read if `ranges` is given.

        `finish` is the id of the line of the history that comes or goes with it. Raises
        `StateError`, and then nothing has changed.
        """
        if not story.kept:
            return
        self.write()
        self._meet(story)
        line = (
            Finishing(finish, self._minutes(story), mark is not Mark.FINISHED) if finish else None
        )
        self._state.mark(story.id, mark, ranges=ranges, finish=line)
        unwritten = self._unwritten.get(story.id)
        if unwritten is not None:
            unwritten.mark = unwritten.finish = None
            unwritten.ranges = unwritten.ranges if ranges is None else ()

    def new_finish(self) -> str:
        """Return an id for a line of the history that is yet to be written."""
        finish = os.urandom(8).hex()
        self._finished.add(finish)
        return finish

    def fresh_finish(self, story: Story) -> str:
        """Return the id of the line that marking `story` unread just now takes back, or ''.

        What was finished in this run, or within the hour, was not; what was finished before
        that stays in the history.
        """
        unwritten = self._unwritten.get(story.id)
        if unwritten is not None and unwritten.finish is not None:
            return unwritten.finish.id
        last = self._asked(lambda: self._state.last_finish(story.id), None)
        if last is None:
            return ""
        finish, at = last
        is_fresh = finish in self._finished or abs(datetime.now(UTC) - at) < RIGHT_AFTER
        return finish if is_fresh else ""

    def quotes(self, story: str | None = None) -> list[Quote]:
        """Return what was kept of the story with the id `story`, or of all; the oldest first."""
        return self._asked(lambda: self.kept.quotes(story), [])

    def newest_quotes(self) -> list[str]:
        """Return the ids of all quotes, that of the newest first."""
        return self._asked(self.kept.newest, [])

    def quotes_named(self, ids: Sequence[str]) -> list[Quote]:
        """Return the quotes with those ids that are there, in that order."""
        return self._asked(lambda: self.kept.named(ids), [])

    def keep(self, story: Story, quote: Quote) -> None:
        """Keep a quote of `story`. Raises `StateError`."""
        if story.kept:
            self._meet(story)
            self.kept.keep(quote)

    def response(self, story: str) -> str:
        """Return the reader's own words on the story with that id, empty where there are none."""
        return self._asked(lambda: self.kept.response(story), "")

    def responses(self) -> list[Response]:
        """Return every response there is, the oldest first."""
        return self._asked(self.kept.responses, [])

    def respond(self, story: Story, text: str) -> None:
        """Remember a response to `story`; an empty one takes it back. Raises `StateError`."""
        if story.kept:
            self._meet(story)
            self.kept.respond(story.id, text)

    def chosen(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        try:
            return self._state.setting(name)
        except StateError:
            return None

    def choose(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        try:
            self._state.choose(name, value)
        except StateError as error:
            self._tell(f"The choice of {name} can't be written down: {error}")

    def _meet(self, story: Story) -> None:
        if self._met.get(story.id) is not story:
            names = {"title": story.title, "author": story.author, "url": story.url}
            self._state.meet(story.id, story.path, story.source, **names)
            self._met[story.id] = story

    def _tell(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self.notices.append(line)
