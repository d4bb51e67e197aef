"""Keep changes pending until they are written, and return data with pending changes applied."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from reader.errors import DatabaseLocked, StateError
from reader.reading.progress import (
    ReadStatus,
    WordRanges,
    compute_pace,
    estimate_minutes,
    merge_ranges,
    parse_language,
)
from reader.store.repository import AnnotationStore, FinishChange, StoryDetails, StoryState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reader.library.story import Story
    from reader.reading.annotations import Highlight, HistoryEntry, Response
    from reader.store.repository import Store
    from reader.text.document import Anchor


@dataclass(slots=True)
class PendingChanges:
    """What of one story is still to be written down."""

    story: Story
    anchor: Anchor | None = None
    reading_round: int = 0
    text_record: str | None = None
    base_ranges: WordRanges | None = None
    """The words read before, as they are numbered in `text`."""
    ranges: WordRanges = ()
    words: int = 0
    status: ReadStatus | None = None
    finish: FinishChange | None = None

    def apply_to(self, state: StoryState) -> StoryState:
        """Return `memory` as it will be."""
        marks = [state.status, self.status or state.status]
        read = state.ranges if self.base_ranges is None else self.base_ranges
        if self.anchor is not None:
            state = state._replace(
                anchor=self.anchor, reading_round=self.reading_round, stopped_at=datetime.now(UTC)
            )
        return state._replace(
            status=max(marks, key=list(ReadStatus).index),
            ranges=merge_ranges(read, self.ranges),
            words=self.words or state.words,
            finish_count=state.finish_count + (self.finish is not None),
        )


CLOSE_TIMEOUT_SECONDS: Final = 1.0
"""Seconds to wait for another program's lock at the end, when no key is waiting."""
OPEN_STORY_KEY: Final = "open"
"""The setting that names the story which was on the page, by its id; empty for the shelf."""
LOCK_NOTICE_SECONDS: Final = 2.0
"""Seconds for which another program may hold the memory before the reader hears of it."""
_RETRY_SECONDS: Final = 0.02
FINISH_GRACE_PERIOD: Final = timedelta(hours=1)
"""How long after a story was finished marking it unread means that it was not."""
_T = TypeVar("_T")


class WriteBehind:
    """What is remembered of every story."""

    def __init__(self, store: Store, notify: Callable[[str], None]) -> None:
        self._notify = notify
        """Shows the reader one line of text; called once for each problem."""
        if store.notice:
            notify(store.notice)
        self._store = store
        self.annotations = AnnotationStore(store.record_store)
        """What the hand changes in stories that were met: each change is written or refused."""
        self._cached_states: dict[str, StoryState] = {}
        """As it was when it could last be looked up."""
        self._pending: dict[str, PendingChanges] = {}
        self._pending_paces: dict[str, tuple[int, ...]] = {}
        """Those not written yet."""
        self._pending_open_story: tuple[Story | None, ...] = ()
        """The story on the page, None for the shelf, while that isn't written yet."""
        self._saved_stories: dict[str, Story] = {}
        self._own_finish_ids: set[str] = set()
        """The ids of this run's lines of the history."""
        self._locked_since: float | None = None
        self._past_notices: set[str] = set()

    def load_story_states(self) -> dict[str, StoryState]:
        """Return what is remembered of every story, by id."""
        try:
            self._cached_states = self._store.load_story_states()
        except StateError as error:
            self._add_notice(f"What you read can't be looked up: {error}")
        for story, unwritten in self._pending.items():
            self._cached_states[story] = unwritten.apply_to(
                self._cached_states.get(story, StoryState())
            )
        return self._cached_states

    def load_story_state(self, story: Story) -> StoryState:
        """Return what is remembered of `story`."""
        if not story.is_persistent:
            return StoryState()
        try:
            memory = self._store.load_story_state(story.id)
        except StateError as error:
            self._add_notice(f"What you read can't be looked up: {error}")
            memory = self._cached_states.get(story.id, StoryState())
        unwritten = self._pending.get(story.id)
        return unwritten.apply_to(memory) if unwritten else memory

    def load_in_progress(self) -> list[tuple[str, Path, str]]:
        """Return the id, path and folder of every story that is being read."""
        memories = self.load_story_states()
        met: dict[str, tuple[Path, str]] = self._load_or_default(self._store.load_story_files, {})
        return [
            (story, path, folder)
            for story, (path, folder) in met.items()
            if memories.get(story, StoryState()).status is ReadStatus.READING
        ]

    def load_story_details(self, story: str) -> StoryDetails | None:
        """Return path, folder, title, author and address of a story that was ever open."""
        return self._load_or_default(lambda: self._store.load_story_details(story), None)

    def load_history(self) -> list[HistoryEntry]:
        """Return what was finished when, the newest first."""
        return self._load_or_default(self._store.load_history, [])

    def load_pace_samples(self, language: str) -> tuple[int, ...]:
        """Return the words a minute of screenfuls that were read in `language`."""
        known = self._pending_paces.get(language)
        return (
            self._load_or_default(lambda: self._store.load_pace_samples(language), ())
            if known is None
            else known
        )

    def load_text_record(self, story: str) -> str:
        """Return the record of the text that the words read are numbered in, empty if none."""
        unwritten = self._pending.get(story)
        if unwritten is not None and unwritten.text_record is not None:
            return unwritten.text_record
        return self._load_or_default(lambda: self._store.load_text_record(story), "")

    def _estimate_minutes(self, story: Story) -> int:
        return estimate_minutes(
            story.words, compute_pace(self.load_pace_samples(parse_language(story.language)))
        )

    def _load_or_default(self, load: Callable[[], _T], default: _T) -> _T:
        """Return the answer to `question`, or `otherwise`, and tell it once."""
        try:
            return load()
        except StateError as error:
            self._add_notice(f"What you read can't be looked up: {error}")
            return default

    # Noted now, written soon --------------------------------------------------------------

    def queue_place(self, story: Story, anchor: Anchor, reading_round: int = 0) -> None:
        """Note where reading stopped that began when `story` had been finished `times` times."""
        noted = self._get_pending(story)
        noted.anchor, noted.reading_round = anchor, reading_round

    def queue_words_read(self, story: Story, ranges: WordRanges, total: int) -> None:
        """Note more words read, of `total`."""
        noted = self._get_pending(story)
        noted.ranges, noted.words = merge_ranges(noted.ranges, ranges), total

    def queue_text_record(
        self, story: Story, record: str, base_ranges: WordRanges | None = None, total: int = 0
    ) -> None:
        """Note the text that words are numbered in from now on.

        `carried` takes the place of the words read before, which were numbered in another
        text, of `total` words; None leaves them as they are.
        """
        noted = self._get_pending(story)
        noted.text_record = record
        if base_ranges is not None:
            noted.base_ranges, noted.words = base_ranges, total

    def queue_status(self, story: Story, status: ReadStatus) -> str:
        """Note a mark that reading has raised; return the id of its line in the history."""
        noted = self._get_pending(story)
        noted.story, noted.status = story, status  # by now its words are counted
        if status is ReadStatus.FINISHED:
            noted.finish = FinishChange(self.make_finish_id(), self._estimate_minutes(story))
        return noted.finish.id if noted.finish else ""

    def queue_pace_samples(self, language: str, samples: Sequence[int]) -> None:
        """Note the words a minute of screenfuls in `language`, instead of those before."""
        self._pending_paces[language] = tuple(samples)

    def queue_open_story(self, story: Story | None) -> None:
        """Note the story that is on the page, None for the shelf: the next start begins there."""
        if story is None or story.is_persistent:
            self._pending_open_story = (story,)

    def _get_pending(self, story: Story) -> PendingChanges:
        return self._pending.setdefault(story.id, PendingChanges(story))

    def write_pending(self) -> bool:
        """Write what is not written yet; tell whether it must wait for another program."""
        try:
            for story, unwritten in list(self._pending.items()):
                self._write_changes(story, unwritten)
                del self._pending[story]
            for language, samples in list(self._pending_paces.items()):
                self._store.save_pace_samples(language, samples)
                del self._pending_paces[language]
            self._write_open_story(*self._pending_open_story)
            self._pending_open_story = ()
        except DatabaseLocked:
            self._report_long_lock()
            return True
        except StateError as error:
            self._add_notice(f"What you read can't be written down: {error}")
        self._locked_since = None
        return False

    def _report_long_lock(self) -> None:
        """Tell, when it has been long, that what was read is not written down."""
        now = time.monotonic()
        if self._locked_since is None:
            self._locked_since = now
        if now - self._locked_since >= LOCK_NOTICE_SECONDS:
            self._add_notice(
                "Another program holds the memory: what you read is not written down yet."
            )

    def _write_changes(self, story: str, pending: PendingChanges) -> None:
        self._save_story_details(pending.story)
        if pending.anchor is not None:
            self._store.save_place(story, pending.anchor, pending.reading_round)
            pending.anchor = None
        if pending.text_record is not None:
            self._store.save_text_record(
                story, pending.text_record, pending.base_ranges, pending.words
            )
            pending.text_record = pending.base_ranges = None
        if pending.ranges:
            self._store.add_words_read(story, pending.ranges, pending.words)
            pending.ranges = ()
        if pending.status is not None:
            self._store.raise_status(story, pending.status, pending.finish)
            pending.status = pending.finish = None

    def _write_open_story(self, *opened: Story | None) -> None:
        for story in opened:
            if story is not None:
                self._save_story_details(story)  # the next start finds its file by that
            key = story.id if story is not None else ""
            if (self._store.load_choice(OPEN_STORY_KEY) or "") != key:
                self._store.save_choice(OPEN_STORY_KEY, key)

    def close(self) -> None:
        """Write what is not written yet, waiting a little for others, and let go of the file."""
        ends = time.monotonic() + CLOSE_TIMEOUT_SECONDS
        while (is_held := self.write_pending()) and time.monotonic() < ends:
            time.sleep(_RETRY_SECONDS)
        if is_held:
            self._add_notice(
                "Another program holds the memory: what you read last is not remembered."
            )
        self._store.close()

    # Written at once ----------------------------------------------------------------------

    def set_status(
        self, story: Story, status: ReadStatus, ranges: WordRanges | None, finish_id: str = ""
    ) -> None:
        """Set a mark by the reader's own hand, and the words read if `ranges` is given.

        `finish` is the id of the line of the history that comes or goes with it. Raises
        `StateError`, and then nothing has changed.
        """
        if not story.is_persistent:
            return
        self.write_pending()
        self._save_story_details(story)
        line = (
            FinishChange(
                finish_id, self._estimate_minutes(story), status is not ReadStatus.FINISHED
            )
            if finish_id
            else None
        )
        self._store.set_status(story.id, status, ranges=ranges, finish=line)
        unwritten = self._pending.get(story.id)
        if unwritten is not None:
            unwritten.status = unwritten.finish = None
            unwritten.ranges = unwritten.ranges if ranges is None else ()

    def make_finish_id(self) -> str:
        """Return an id for a line of the history that is yet to be written."""
        finish = os.urandom(8).hex()
        self._own_finish_ids.add(finish)
        return finish

    def find_recent_finish_id(self, story: Story) -> str:
        """Return the id of the line that marking `story` unread just now takes back, or ''.

        What was finished in this run, or within the hour, was not; what was finished before
        that stays in the history.
        """
        unwritten = self._pending.get(story.id)
        if unwritten is not None and unwritten.finish is not None:
            return unwritten.finish.id
        last = self._load_or_default(lambda: self._store.load_last_finish(story.id), None)
        if last is None:
            return ""
        finish, at = last
        is_fresh = (
            finish in self._own_finish_ids or abs(datetime.now(UTC) - at) < FINISH_GRACE_PERIOD
        )
        return finish if is_fresh else ""

    def load_highlights(self, story: str | None = None) -> list[Highlight]:
        """Return what was kept of the story with the id `story`, or of all; the oldest first."""
        return self._load_or_default(lambda: self.annotations.load_highlights(story), [])

    def load_highlight_ids(self) -> list[str]:
        """Return the ids of all quotes, that of the newest first."""
        return self._load_or_default(self.annotations.load_highlight_ids, [])

    def load_highlights_by_id(self, ids: Sequence[str]) -> list[Highlight]:
        """Return the quotes with those ids that are there, in that order."""
        return self._load_or_default(lambda: self.annotations.load_highlights_by_id(ids), [])

    def save_highlight(self, story: Story, highlight: Highlight) -> None:
        """Keep a quote of `story`. Raises `StateError`."""
        if story.is_persistent:
            self._save_story_details(story)
            self.annotations.save_highlight(highlight)

    def load_response(self, story: str) -> str:
        """Return the reader's own words on the story with that id, empty where there are none."""
        return self._load_or_default(lambda: self.annotations.load_response(story), "")

    def load_responses(self) -> list[Response]:
        """Return every response there is, the oldest first."""
        return self._load_or_default(self.annotations.load_responses, [])

    def save_response(self, story: Story, text: str) -> None:
        """Remember a response to `story`; an empty one takes it back. Raises `StateError`."""
        if story.is_persistent:
            self._save_story_details(story)
            self.annotations.save_response(story.id, text)

    def load_choice(self, name: str) -> str | None:
        """Return what was last chosen in the app for `name`."""
        try:
            return self._store.load_choice(name)
        except StateError:
            return None

    def save_choice(self, name: str, value: str) -> None:
        """Remember a choice made in the app."""
        try:
            self._store.save_choice(name, value)
        except StateError as error:
            self._add_notice(f"The choice of {name} can't be written down: {error}")

    def _save_story_details(self, story: Story) -> None:
        if self._saved_stories.get(story.id) is not story:
            details = StoryDetails(
                story.path, story.folder, title=story.title, author=story.author, url=story.url
            )
            self._store.save_story_details(story.id, details)
            self._saved_stories[story.id] = story

    def _add_notice(self, line: str) -> None:
        if line not in self._past_notices:
            self._past_notices.add(line)
            self._notify(line)
