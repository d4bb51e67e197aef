"""Two sessions on one memory, reading, marking and quitting in any order: nothing is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from session_driver import PARAGRAPH_WORDS, SCREENFUL, WORDS_PER_SECOND, Reader, make_text

from reader.reading.progress import ReadStatus
from reader.session.read_status import StatusChange
from reader.store.repository import Store
from reader.text.document import Place

WHO = st.integers(0, 1)
TITLES = ("one", "two")
WHICH = st.sampled_from(TITLES)
PARAGRAPHS = 30
ORDER = list(ReadStatus)


class TwoReaders(RuleBasedStateMachine):
    """Two people at one memory, against what each of them was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.stories = self.root / "stories"
        self.stories.mkdir()
        for title in TITLES:
            text = f"# {title.title()}\n\n{make_text(PARAGRAPHS)}"
            (self.stories / f"{title}.md").write_text(text)
        self.readers = [self.fresh() for _ in range(2)]
        self.open: list[str | None] = [None, None]
        self.places: dict[str, Place] = {}
        self.marks = dict.fromkeys(TITLES, ReadStatus.UNREAD)
        self.ids = {title: self.readers[0].story(title).id for title in TITLES}

    def fresh(self) -> Reader:
        return Reader(self.stories, Store.open(self.root / "state.db"))

    @rule(who=WHO, which=WHICH)
    def opens(self, who: int, which: str) -> None:
        self.readers[who].open(which)
        self.open[who] = which

    @rule(who=WHO, paragraph=st.integers(0, PARAGRAPHS - SCREENFUL), seconds=st.integers(1, 60))
    def reads(self, who: int, paragraph: int, seconds: int) -> None:
        """Go somewhere and read on; what is told of it is there from then on."""
        which = self.open[who]
        if which is None:
            return
        reader = self.readers[who]
        has_moved = reader.place != Place(paragraph)
        reader.go_to(paragraph)
        for change in reader.wait(min(seconds, SCREENFUL * PARAGRAPH_WORDS / WORDS_PER_SECOND)):
            self.raised(which, change.status)
        if has_moved:
            self.places[which] = Place(paragraph)

    def raised(self, which: str, mark: ReadStatus) -> None:
        self.marks[which] = max(self.marks[which], mark, key=ORDER.index)

    @rule(who=WHO, which=WHICH)
    def marks_by_hand(self, who: int, which: str) -> None:
        reader = self.readers[who]
        self.marks[which] = reader.session.read_statuses.toggle_status(reader.story(which)).status

    @rule(who=WHO)
    def undoes(self, who: int) -> None:
        change = self.readers[who].session.undo()
        if isinstance(change, StatusChange):
            self.marks[change.story.title.lower()] = change.before

    @rule(who=WHO)
    def leaves(self, who: int) -> None:
        self.readers[who].session.leave()
        self.open[who] = None

    @rule(who=WHO)
    def quits(self, who: int) -> None:
        self.readers[who].session.close()
        self.readers[who], self.open[who] = self.fresh(), None

    @invariant()
    def every_mark_and_place_is_there(self) -> None:
        state = Store.open(self.root / "state.db")
        found = state.load_story_states()
        state.close()
        for title in TITLES:
            memory = found.get(self.ids[title])
            assert (memory.status if memory else ReadStatus.UNREAD) == self.marks[title]
            if title in self.places:
                assert memory is not None
                assert memory.anchor is not None
                assert memory.anchor.place == self.places[title]

    @invariant()
    def nobody_is_told_of_trouble(self) -> None:
        assert [reader.take_notices() for reader in self.readers] == [[], []]

    def teardown(self) -> None:
        for reader in self.readers:
            reader.session.close()
        self.folder.cleanup()


TestTwoReaders = TwoReaders.TestCase
TestTwoReaders.settings = settings(max_examples=25, stateful_step_count=20)
