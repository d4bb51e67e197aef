"""Two programs that use one store in turn lose nothing, and neither lowers a status."""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from reader.errors import DatabaseLocked
from reader.library.story import Story
from reader.reading.annotations import Highlight
from reader.reading.progress import ReadStatus, merge_ranges
from reader.session.read_status import ReadStatuses, UndoStack
from reader.store.repository import Store
from reader.store.write_behind import WriteBehind
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAMS = st.integers(0, 1)
STORIES = {name: Story(name, f"/{name}.md", name, words=40) for name in ("one", "two")}
STORY_IDS = st.sampled_from(sorted(STORIES))
TEXTS = st.sampled_from(["", "a", "b"])
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ORDER = list(ReadStatus)


class TwoPrograms(RuleBasedStateMachine):
    """Two programs on one file, and a third that locks it, against a model in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = patch("reader.store.write_behind.LOCK_NOTICE_SECONDS", 3_600.0)
        self.patch.start()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "state.db"
        self.notices: list[str] = []
        self.stores = [Store.open(self.path) for _ in range(2)]
        self.programs = [WriteBehind(store, self.notices.append) for store in self.stores]
        self.locker = sqlite3.connect(self.path, isolation_level=None)
        self.is_locked = False
        self.words: dict[str, set[int]] = {}
        self.pending_statuses: list[dict[str, ReadStatus]] = [{}, {}]
        """By program: the statuses that reading has raised and that may not be written yet."""
        self.statuses: dict[str, ReadStatus] = {}
        self.highlights: dict[str, tuple[str, bool]] = {}
        """By id: the note, and whether the highlight is there."""
        self.responses: dict[str, str] = {}

    @rule(program=PROGRAMS, story=STORY_IDS, first=st.integers(0, 30), length=st.integers(1, 9))
    def read(self, program: int, story: str, first: int, length: int) -> None:
        write_behind = self.programs[program]
        write_behind.queue_words_read(STORIES[story], ((first, first + length),), 40)
        write_behind.queue_place(STORIES[story], Anchor(Place(first), "", ""))
        self.words.setdefault(story, set()).update(range(first, first + length))

    @rule(
        program=PROGRAMS,
        story=STORY_IDS,
        status=st.sampled_from([ReadStatus.READING, ReadStatus.FINISHED]),
    )
    def raise_status(self, program: int, story: str, status: ReadStatus) -> None:
        before = self.programs[program].load_story_state(STORIES[story]).status
        if ORDER.index(status) > ORDER.index(before):  # reading never lowers a status
            self.programs[program].queue_status(STORIES[story], status)
            self.pending_statuses[program][story] = status

    @rule(program=PROGRAMS)
    def write(self, program: int) -> None:
        write_behind = self.programs[program]
        has_pending = bool(write_behind._pending)  # noqa: SLF001  not otherwise visible
        assert write_behind.write_pending() is (self.is_locked and has_pending)
        if not self.is_locked:
            self.expect_written(program)

    def expect_written(self, program: int) -> None:
        for story, status in self.pending_statuses[program].items():
            before = self.statuses.get(story, ReadStatus.UNREAD)
            self.statuses[story] = max(before, status, key=ORDER.index)
        self.pending_statuses[program] = {}

    @precondition(lambda self: not self.is_locked)  # else it goes to memory: see test_fallback
    @rule(
        program=PROGRAMS,
        story=STORY_IDS,
        status=st.sampled_from([ReadStatus.UNREAD, ReadStatus.FINISHED]),
    )
    def set_status(self, program: int, story: str, status: ReadStatus) -> None:
        statuses = ReadStatuses(self.programs[program], UndoStack())
        statuses.set_status(STORIES[story], status)
        self.expect_written(program)
        self.statuses[story] = status
        if status is ReadStatus.UNREAD:
            self.words.pop(story, None)
            self.expect_pending_words(story)

    def expect_pending_words(self, story: str) -> None:
        """Expect the words that the other program has not written yet."""
        for write_behind in self.programs:
            pending = write_behind._pending.get(story)  # noqa: SLF001  not otherwise visible
            for first, end in pending.ranges if pending else ():
                self.words.setdefault(story, set()).update(range(first, end))

    @rule(program=PROGRAMS, story=STORY_IDS, key=st.sampled_from("abc"))
    def highlight(self, program: int, story: str, key: str) -> None:
        highlight = Highlight(key, story, Anchor(Place(), "", ""), "text", "", NOON)
        save = partial(self.stores[program].annotation_store.save_highlight, highlight)
        if key not in self.highlights and self.succeeds(save):
            self.highlights[key] = ("", True)

    @precondition(lambda self: self.highlights)
    @rule(program=PROGRAMS, data=st.data(), text=TEXTS)
    def save_note(self, program: int, data: st.DataObject, text: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.highlights)))
        if self.succeeds(partial(self.stores[program].annotation_store.save_note, key, text)):
            self.highlights[key] = (text, bool(text) or self.highlights[key][1])

    @precondition(lambda self: self.highlights)
    @rule(program=PROGRAMS, data=st.data(), is_deleted=st.booleans())
    def delete_or_restore(self, program: int, data: st.DataObject, is_deleted: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.highlights)))
        annotations = self.stores[program].annotation_store
        if self.succeeds(partial(annotations.set_deleted, key, is_deleted=is_deleted)):
            self.highlights[key] = (self.highlights[key][0], not is_deleted)

    @rule(program=PROGRAMS, story=STORY_IDS, text=TEXTS)
    def respond(self, program: int, story: str, text: str) -> None:
        if self.succeeds(partial(self.stores[program].annotation_store.save_response, story, text)):
            self.responses[story] = text

    def succeeds(self, action: Callable[[], object]) -> bool:
        """Run `action`; return whether it was done, as it must be unless the store is locked."""
        try:
            action()
        except DatabaseLocked:
            assert self.is_locked
            return False
        assert not self.is_locked
        return True

    @precondition(lambda self: not self.is_locked)
    @rule(program=PROGRAMS)
    def reopen(self, program: int) -> None:
        self.programs[program].close()
        self.expect_written(program)
        self.stores[program] = Store.open(self.path)
        self.programs[program] = WriteBehind(self.stores[program], self.notices.append)

    @rule()
    def lock_or_unlock(self) -> None:
        self.locker.execute("ROLLBACK" if self.is_locked else "BEGIN IMMEDIATE")
        self.is_locked = not self.is_locked

    @invariant()
    def no_reading_is_lost(self) -> None:
        all_states = [write_behind.load_story_states() for write_behind in self.programs]
        for story in STORIES:
            states = [states.get(story) for states in all_states]
            ranges = merge_ranges(*((state.ranges if state else ()) for state in states))
            words = {word for first, end in ranges for word in range(first, end)}
            assert words == self.words.get(story, set())
            for program, state in enumerate(states):
                pending = self.pending_statuses[program].get(story, ReadStatus.UNREAD)
                written = self.statuses.get(story, ReadStatus.UNREAD)
                expected = max(written, pending, key=ORDER.index)
                assert (state.status if state else ReadStatus.UNREAD) is expected

    @invariant()
    def no_annotation_is_lost(self) -> None:
        notes = {key: note for key, (note, is_there) in self.highlights.items() if is_there}
        responses = {story: text for story, text in self.responses.items() if text}
        for store in self.stores:
            loaded = store.annotation_store.load_highlights()
            assert {highlight.id: highlight.note for highlight in loaded} == notes
            loaded_responses = store.annotation_store.load_responses()
            assert {response.story_id: response.text for response in loaded_responses} == responses
        assert self.notices == []

    def teardown(self) -> None:
        self.locker.close()
        for write_behind in self.programs:
            write_behind.close()
        self.folder.cleanup()
        self.patch.stop()


TestTwoStores = TwoPrograms.TestCase
TestTwoStores.settings = settings(max_examples=8, stateful_step_count=25, deadline=None)
