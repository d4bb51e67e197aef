"""Two sessions on one store, in any order of actions, lose nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from session_driver import (
    PARAGRAPH_WORDS,
    SCREENFUL,
    WORDS_PER_SECOND,
    Reader,
    make_text,
    toggle_status,
)

from reader.reading.progress import ReadStatus
from reader.session.read_status import StatusChange
from reader.store.repository import Store
from reader.text.document import Place

NUMBERS = st.integers(0, 1)
TITLES = ("one", "two")
TITLE = st.sampled_from(TITLES)
PARAGRAPHS = 30
ORDER = list(ReadStatus)


class TwoReaders(RuleBasedStateMachine):
    """Two readers with one store, compared with what each of them was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.stories = self.root / "stories"
        self.stories.mkdir()
        for title in TITLES:
            text = f"# {title.title()}\n\n{make_text(PARAGRAPHS)}"
            (self.stories / f"{title}.md").write_text(text)
        self.readers = [self.make_reader() for _ in range(2)]
        self.open: list[str | None] = [None, None]
        self.places: dict[str, Place] = {}
        self.statuses = dict.fromkeys(TITLES, ReadStatus.UNREAD)
        self.ids = {title: self.readers[0].story(title).id for title in TITLES}

    def make_reader(self) -> Reader:
        return Reader(self.stories, Store.open(self.root / "state.db"))

    @rule(number=NUMBERS, title=TITLE)
    def open_story(self, number: int, title: str) -> None:
        """Open a story. Words read after it was set to unread may raise its status now."""
        reader = self.readers[number]
        reader.open(title)
        self.open[number] = title
        self.record_raise(title, reader.open_story.reading_credit.status)

    @rule(
        number=NUMBERS, paragraph=st.integers(0, PARAGRAPHS - SCREENFUL), seconds=st.integers(1, 60)
    )
    def read(self, number: int, paragraph: int, seconds: int) -> None:
        """Move and read; an announced status must be stored from then on."""
        title = self.open[number]
        if title is None:
            return
        reader = self.readers[number]
        has_moved = reader.place != Place(paragraph)
        reader.go_to(paragraph)
        for change in reader.wait(min(seconds, SCREENFUL * PARAGRAPH_WORDS / WORDS_PER_SECOND)):
            self.record_raise(title, change.status)
        if has_moved:
            self.places[title] = Place(paragraph)

    def record_raise(self, title: str, status: ReadStatus) -> None:
        self.statuses[title] = max(self.statuses[title], status, key=ORDER.index)

    @rule(number=NUMBERS, title=TITLE)
    def toggle(self, number: int, title: str) -> None:
        reader = self.readers[number]
        self.statuses[title] = toggle_status(reader.session, reader.story(title)).status

    @rule(number=NUMBERS)
    def undo(self, number: int) -> None:
        change = self.readers[number].session.undo()
        if isinstance(change, StatusChange):
            self.statuses[change.story.title.lower()] = change.status_before

    @rule(number=NUMBERS)
    def leave(self, number: int) -> None:
        self.readers[number].session.leave()
        self.open[number] = None

    @rule(number=NUMBERS)
    def quit(self, number: int) -> None:
        self.readers[number].session.close()
        self.readers[number], self.open[number] = self.make_reader(), None

    @invariant()
    def every_status_and_place_is_stored(self) -> None:
        store = Store.open(self.root / "state.db")
        states = store.load_story_states()
        store.close()
        for title in TITLES:
            state = states.get(self.ids[title])
            assert (state.status if state else ReadStatus.UNREAD) == self.statuses[title]
            if title in self.places:
                assert state is not None
                assert state.anchor is not None
                assert state.anchor.place == self.places[title]

    @invariant()
    def no_notice_was_shown(self) -> None:
        assert [reader.take_notices() for reader in self.readers] == [[], []]

    def teardown(self) -> None:
        for reader in self.readers:
            reader.session.close()
        self.folder.cleanup()


TestTwoReaders = TwoReaders.TestCase
TestTwoReaders.settings = settings(max_examples=8, stateful_step_count=20)
