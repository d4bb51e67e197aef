"""Collect the changes that reading makes, and write them a little later.

Reading never waits for the disk: `WriteBehind` keeps changes pending until they can be
written, and what it loads has pending changes applied. What the reader does by hand is written
at once: read status here, annotations through `AnnotationStore`. While the file can't be
written, everything goes to a copy in memory, and from there to the file once that is possible.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, ParamSpec

from reader.errors import DatabaseLocked, ErrorReporter, FileLost, MissingRecord, StateError
from reader.reading.progress import (
    ReadStatus,
    WordRanges,
    compute_pace,
    estimate_minutes,
    merge_ranges,
    parse_language,
)
from reader.store.pending import PendingChanges, can_load_apart, load_states_apart
from reader.store.repository import FinishChange, StoryState
from reader.store.stories import load_hidden, make_story_details, save_hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reader.library.story import Story
    from reader.store.repository import Store
    from reader.text.document import Anchor


CLOSE_TIMEOUT_SECONDS: Final = 1.0
"""Seconds to wait for another program's lock at the end, when no key is waiting."""
OPEN_STORY_KEY: Final = "open"
"""The choice that holds the id of the story on the page; empty on the shelf."""
MINUTES_KEY: Final = "minutes"
"""The choice that holds for how many minutes stories were listed last."""
LOCK_NOTICE_SECONDS: Final = 2.0
"""Seconds that pending changes wait for another program's lock before they go to memory."""
_SLOW_TRY_SECONDS: Final = 0.05
"""Processor seconds of a try to use the file again after which the next one waits."""
_SLOW_TRY_SHARE: Final = 0.02
"""The share of the time that slow tries take."""
_COUNTED_TABLES: Final = {
    "highlight": ("highlight", "highlights"),
    "response": ("response", "responses"),
    "read_status": ("read status", "read statuses"),
    "place": ("place", "places"),
    "choice": ("setting", "settings"),
    "feed": ("feed", "feeds"),
    "star": ("star", "stars"),
    "tag": ("tag", "tags"),
}
"""What the last line of a run counts, in one and many."""
_RETRY_SECONDS: Final = 0.02
FINISH_GRACE_PERIOD: Final = timedelta(hours=1)
"""Marking a story unread this soon after it was finished deletes the entry of the history."""
_P = ParamSpec("_P")


class WriteBehind:
    """The pending changes of all stories, and the store with them applied."""

    def __init__(self, store: Store, notify: Callable[[str], None]) -> None:
        self.reporter = ErrorReporter(notify)
        if store.notice and not store.fallback.problem:
            self.reporter.notify_once(store.notice)
        self._store = store
        self._cached_states: dict[str, StoryState] = {}
        """The result of the last read, used when the store can't be read."""
        self._pending: dict[str, PendingChanges] = {}
        self._pending_paces: dict[str, tuple[int, ...]] = {}
        self._pending_open_story: tuple[Story | None, ...] = ()
        """The story on the page, or None for the shelf; empty if that is written."""
        self._pending_details: dict[str, Story] = {}
        """Stories, by id, whose file was found again."""
        self._saved_stories: dict[str, Story] = {}
        """Stories whose details are written."""
        self._own_finish_ids: set[str] = set()
        """The ids of history entries that this run added."""
        self._fallback = store.fallback
        self._error: StateError | None = None
        """Why pending changes are not written."""
        self._locked_since: float | None = None
        self._is_together = False
        """A change of several parts is being written in one transaction."""
        self._next_try = 0.0
        """When the file is tried again, on the monotonic clock."""
        self.external_changes = 0
        """How often a file that another program had changed was used again."""

    @property
    def problem(self) -> str:
        """Why nothing is being saved; empty if it is, or if that is what the user wants."""
        error = self._error
        return self._fallback.problem or (self._fallback.describe(error) if error else "")

    def load_story_states(self) -> dict[str, StoryState]:
        """Return the states of all stories that have one, by id."""
        self._cached_states = self.reporter.attempt(
            self._store.load_story_states, self._cached_states
        )
        for story_id, pending in self._pending.items():
            state = self._cached_states.get(story_id, StoryState())
            self._cached_states[story_id] = pending.apply_to(state)
        return self._cached_states

    def start_loading_states(self) -> Callable[[], Mapping[str, StoryState]]:
        """Return what loads the states of all stories; if they are many, for a worker."""
        path = None if self._fallback.is_active else self._fallback.path
        if path is not None and can_load_apart(self._store.record_store):
            pending = {story_id: replace(one) for story_id, one in self._pending.items()}
            return partial(load_states_apart, path, pending, self._cached_states)
        return {**self.load_story_states()}.copy

    def load_story_state(self, story: Story) -> StoryState:
        """Return the state of one story."""
        if not story.is_persistent:
            return StoryState()
        state = self.reporter.attempt(
            partial(self._store.load_story_state, story.id),
            self._cached_states.get(story.id, StoryState()),
        )
        pending = self._pending.get(story.id)
        return pending.apply_to(state) if pending else state

    def load_pace_samples(self, language: str) -> tuple[int, ...]:
        """Return the words a minute of the latest screenfuls read in `language`."""
        pending = self._pending_paces.get(language)
        if pending is not None:
            return pending
        return self.reporter.attempt(partial(self._store.load_pace_samples, language), ())

    def load_text_record(self, story_id: str) -> str:
        """Return the record of the text in which words read are numbered, or an empty text."""
        pending = self._pending.get(story_id)
        if pending is not None and pending.text_record is not None:
            return pending.text_record
        return self.reporter.attempt(partial(self._store.load_text_record, story_id), "")

    def queue_place(self, story: Story, anchor: Anchor, reading_round: int = 0) -> None:
        """Queue where reading stopped, in a story finished `reading_round` times before."""
        pending = self._get_pending(story)
        pending.anchor, pending.reading_round = anchor, reading_round

    def queue_words_read(self, story: Story, ranges: WordRanges, word_count: int) -> None:
        """Queue more words read of a text with `word_count` words."""
        pending = self._get_pending(story)
        pending.ranges, pending.word_count = merge_ranges(pending.ranges, ranges), word_count

    def queue_text_record(
        self, story: Story, record: str, base_ranges: WordRanges | None = None, word_count: int = 0
    ) -> None:
        """Queue the record of the text in which words are numbered from now on.

        `base_ranges` replace the words read before, which were numbered in another text of
        `word_count` words; None leaves them unchanged.
        """
        pending = self._get_pending(story)
        pending.text_record = record
        if base_ranges is not None:
            pending.base_ranges, pending.word_count = base_ranges, word_count

    def queue_status(self, story: Story, status: ReadStatus) -> str:
        """Queue a status that reading has raised; return the id of its history entry, or ''."""
        pending = self._get_pending(story)
        pending.story, pending.status = story, status  # this `story` has its words counted
        if status is ReadStatus.FINISHED:
            pending.finish = FinishChange(self.make_finish_id(), self._estimate_minutes(story))
        return pending.finish.id if pending.finish else ""

    def queue_pace_samples(self, language: str, samples: Sequence[int]) -> None:
        """Queue the words a minute of the latest screenfuls in `language`."""
        self._pending_paces[language] = tuple(samples)

    def queue_open_story(self, story: Story | None) -> None:
        """Queue the story that is on the page, or None for the shelf; the next run opens it."""
        if story is None or story.is_persistent:
            self._pending_open_story = (story,)

    def queue_details(self, stories: Mapping[str, Story]) -> None:
        """Queue where the files of stories are now, and what they are called, by id."""
        self._pending_details |= stories

    def _get_pending(self, story: Story) -> PendingChanges:
        return self._pending.setdefault(story.id, PendingChanges(story))

    def write_pending(self, *, is_last_try: bool = False) -> bool:
        """Write all pending changes; return whether they must wait.

        They go to a copy in memory if the file can't be written, but not before a lock has
        lasted for `LOCK_NOTICE_SECONDS`, or `is_last_try`.
        """
        if self._is_together:
            return False
        self._update_store(is_last_try)
        try:
            self._write_all()
        except StateError as error:
            if isinstance(error, DatabaseLocked) and not is_last_try and not self._is_lock_long():
                return True
            if not self._fallback.begin(error):
                self._error = error
                return True
            self._write_all()
        self._locked_since = self._error = None
        return False

    def _is_lock_long(self) -> bool:
        now = time.monotonic()
        if self._locked_since is None:
            self._locked_since = now
        return now - self._locked_since >= LOCK_NOTICE_SECONDS

    def _update_store(self, is_last_try: bool) -> None:
        """Use a copy in memory if the file is gone, and the file again if it can be written."""
        try:
            self._fallback.check_file()
        except FileLost as error:
            self._fallback.begin(error)
        if not self._fallback.is_active or (time.monotonic() < self._next_try and not is_last_try):
            return
        began = time.thread_time()
        try:
            self.external_changes += self._fallback.save(is_last_try=is_last_try)
            self._saved_stories.clear()  # another file may not have them
        except StateError as error:
            self._fallback.set_problem(error)
            # To find out that a damaged file can't be repaired takes long: keys would wait.
            if (seconds := time.thread_time() - began) > _SLOW_TRY_SECONDS:
                self._next_try = time.monotonic() + seconds / _SLOW_TRY_SHARE
        if self._fallback.notice:
            self.reporter.notify_once(self._fallback.notice)

    def write_now(self, write: Callable[_P, None], *args: _P.args, **names: _P.kwargs) -> None:
        """Write a change made by hand: to the copy in memory if the file can't be written.

        `write` is called again for that. `problem` says then that it is not saved yet. Raises
        `StateError` if the change was not made.
        """
        if self._is_together:
            write(*args, **names)
            return
        try:
            write(*args, **names)
        except MissingRecord:
            raise
        except StateError as error:
            if not self._fallback.begin(error):
                raise
            write(*args, **names)

    def write_together(self, change: Callable[[], None]) -> None:
        """Make a change that calls `write_now` several times, in one transaction or not at all.

        `change` is called again for the copy in memory. Raises `StateError` if it was not made.
        """
        self.write_pending()

        def write() -> None:
            self._is_together = True
            try:
                with self._store.record_store.transaction():
                    change()
            except BaseException:  # also on KeyboardInterrupt: no story of this change was saved
                self._saved_stories.clear()
                raise
            finally:
                self._is_together = False

        self.write_now(write)

    def _write_all(self) -> None:
        if self._pending_details:
            found = self._pending_details.items()
            self._store.save_details({key: make_story_details(story) for key, story in found})
            self._pending_details = {}
        for story_id, pending in list(self._pending.items()):
            self._write_changes(story_id, pending)
            del self._pending[story_id]
        for language, samples in list(self._pending_paces.items()):
            self._store.save_pace_samples(language, samples)
            del self._pending_paces[language]
        for story in self._pending_open_story:
            self._write_open_story(story)
        self._pending_open_story = ()

    def _write_changes(self, story_id: str, pending: PendingChanges) -> None:
        """Write the changes one by one; each written one is no longer pending."""
        self._save_story_details(pending.story)
        if pending.anchor is not None:
            self._store.save_place(story_id, pending.anchor, pending.reading_round)
            pending.anchor = None
        if pending.text_record is not None:
            self._store.save_text_record(
                story_id, pending.text_record, pending.base_ranges, pending.word_count
            )
            pending.text_record = pending.base_ranges = None
        if pending.ranges:
            self._store.add_words_read(story_id, pending.ranges, pending.word_count)
            pending.ranges = ()
        if pending.status is not None:
            self._store.raise_status(story_id, pending.status, pending.finish)
            pending.status = pending.finish = None

    def _write_open_story(self, story: Story | None) -> None:
        if story is not None:
            self._save_story_details(story)  # the next run finds the file by its path
        story_id = story.id if story is not None else ""
        if (self._store.load_choice(OPEN_STORY_KEY) or "") != story_id:
            self._store.save_choice(OPEN_STORY_KEY, story_id)

    def _save_story_details(self, story: Story) -> None:
        if self._saved_stories.get(story.id) is not story:
            self._store.save_story_details(story.id, make_story_details(story))
            self._saved_stories[story.id] = story

    def close(self) -> str:
        """Write all changes, waiting a little for other programs, and close the store.

        Return one line that says what is not saved and why; empty if everything is.
        """
        deadline = time.monotonic() + CLOSE_TIMEOUT_SECONDS
        while True:
            is_waiting = self.write_pending(is_last_try=True)
            is_unsaved = is_waiting or bool(self._fallback.list_unsaved())
            is_locked = self._fallback.is_locked or isinstance(self._error, DatabaseLocked)
            if not is_unsaved or not is_locked or time.monotonic() > deadline:
                break
            time.sleep(_RETRY_SECONDS)
        line = f"not saved: {self._describe_unsaved()}: {self.problem}" if is_unsaved else ""
        path = self._fallback.path
        if line and path is not None and str(path.parent) not in line:
            line += f" ({path})"
        self._store.close()
        return line

    def _describe_unsaved(self) -> str:
        counts = Counter(record.table for record in self._fallback.list_unsaved())
        parts = [
            f"{counts[table]} {names[counts[table] > 1]}"
            for table, names in _COUNTED_TABLES.items()
            if counts[table]
        ]
        return ", ".join(parts) or "what you read last"

    def set_status(
        self, story: Story, status: ReadStatus, ranges: WordRanges | None, finish_id: str = ""
    ) -> None:
        """Write the status that the reader chose, and the words read if `ranges` is given.

        `finish_id` is the id of the history entry that is added or deleted with it. Raises
        `StateError`, and then the status has not changed.
        """
        if story.is_persistent:
            self.write_now(self._set_status, story, status, ranges, finish_id)

    def _set_status(
        self, story: Story, status: ReadStatus, ranges: WordRanges | None, finish_id: str
    ) -> None:
        self.write_pending()
        self._save_story_details(story)
        finish = (
            FinishChange(
                finish_id, self._estimate_minutes(story), status is not ReadStatus.FINISHED
            )
            if finish_id
            else None
        )
        self._store.set_status(story.id, status, ranges=ranges, finish=finish)
        pending = self._pending.get(story.id)
        if pending is not None:
            pending.status = pending.finish = None
            pending.ranges = pending.ranges if ranges is None else ()

    def load_hidden(self) -> frozenset[str]:
        """Return the ids of the stories that the reader has hidden from the shelf."""
        load = partial(load_hidden, self._store.record_store)
        return self.reporter.attempt(load, frozenset())

    def set_hidden(self, story: Story, *, is_hidden: bool) -> None:
        """Write whether the shelf leaves `story` out. Raises `StateError` if that was not done."""
        details = make_story_details(story)
        self.write_now(
            save_hidden, self._store.record_store, story.id, details, is_hidden=is_hidden
        )

    def make_finish_id(self) -> str:
        """Return an id for a new entry of the history."""
        finish_id = os.urandom(8).hex()
        self._own_finish_ids.add(finish_id)
        return finish_id

    def find_recent_finish_id(self, story: Story) -> str:
        """Return the id of the history entry to delete when `story` is marked unread, or ''.

        That is an entry of this run, or one within `FINISH_GRACE_PERIOD`; older ones stay.
        """
        pending = self._pending.get(story.id)
        if pending is not None and pending.finish is not None:
            return pending.finish.id
        last = self.reporter.attempt(partial(self._store.load_last_finish, story.id), None)
        if last is None:
            return ""
        finish_id, finished_at = last
        is_recent = abs(datetime.now(UTC) - finished_at) < FINISH_GRACE_PERIOD
        return finish_id if is_recent or finish_id in self._own_finish_ids else ""

    def _estimate_minutes(self, story: Story) -> int:
        pace = compute_pace(self.load_pace_samples(parse_language(story.language)))
        return estimate_minutes(story.words, pace)
