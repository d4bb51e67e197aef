"""Whatever two programs do with one memory in turn, no fact is lost and no story un-read."""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

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

WHO = st.integers(0, 1)
STORIES = {name: Story(name, Path(f"/{name}.md"), name, words=40) for name in ("one", "two")}
WHICH = st.sampled_from(sorted(STORIES))
TEXTS = st.sampled_from(["", "a", "b"])
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ORDER = list(ReadStatus)


class TwoMemories(RuleBasedStateMachine):
    """Two sessions' memories on one file, against what their readers were shown."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "state.db"
        self.notices: list[str] = []
        self.memories = [self.open_memory() for _ in range(2)]
        self.holder = sqlite3.connect(self.path, isolation_level=None)
        self.held = False
        self.words: dict[str, set[int]] = {}
        self.waiting: list[dict[str, ReadStatus]] = [{}, {}]
        """The marks that reading has raised and that may not be written yet."""
        self.marks: dict[str, ReadStatus] = {}
        self.quotes: dict[str, tuple[str, bool]] = {}
        """Each quote's remark, and whether it is to be seen."""
        self.responses: dict[str, str] = {}

    # What reading brings: noted, and written sooner or later -------------------------------

    @rule(who=WHO, which=WHICH, first=st.integers(0, 30), length=st.integers(1, 9))
    def read(self, who: int, which: str, first: int, length: int) -> None:
        self.memories[who].queue_words_read(STORIES[which], ((first, first + length),), 40)
        self.memories[who].queue_place(STORIES[which], Anchor(Place(first), "", ""))
        self.words.setdefault(which, set()).update(range(first, first + length))

    @rule(who=WHO, which=WHICH, mark=st.sampled_from([ReadStatus.READING, ReadStatus.FINISHED]))
    def raise_mark(self, who: int, which: str, mark: ReadStatus) -> None:
        known = self.memories[who].load_story_state(STORIES[which]).status
        if ORDER.index(mark) > ORDER.index(known):  # as the evidence does: it only rises
            self.memories[who].queue_status(STORIES[which], mark)
            self.waiting[who][which] = mark

    @rule(who=WHO)
    def write(self, who: int) -> None:
        assert self.memories[who].write_pending() is (self.held and self.has_waiting(who))
        if not self.held:
            self.settle(who)

    def has_waiting(self, who: int) -> bool:
        return bool(self.memories[who]._pending)  # noqa: SLF001  what is asked about

    def settle(self, who: int) -> None:
        for which, mark in self.waiting[who].items():
            known = self.marks.get(which, ReadStatus.UNREAD)
            self.marks[which] = max(known, mark, key=ORDER.index)
        self.waiting[who] = {}

    # What the hand does: there at once, or refused ------------------------------------------

    @rule(who=WHO, which=WHICH, mark=st.sampled_from([ReadStatus.UNREAD, ReadStatus.FINISHED]))
    def mark(self, who: int, which: str, mark: ReadStatus) -> None:
        try:
            ReadStatuses(self.memories[who], UndoStack()).set_status(STORIES[which], mark)
        except DatabaseLocked:
            assert self.held
            return
        assert not self.held
        self.settle(who)
        self.marks[which] = mark
        if mark is ReadStatus.UNREAD:
            self.words.pop(which, None)
            self.forget_waiting_words(which)

    def forget_waiting_words(self, which: str) -> None:
        """Take over the words that the other program has not written yet."""
        for memories in self.memories:
            unwritten = memories._pending.get(which)  # noqa: SLF001  what is asked about
            for first, end in unwritten.ranges if unwritten else ():
                self.words.setdefault(which, set()).update(range(first, end))

    @rule(who=WHO, which=WHICH, key=st.sampled_from("abc"))
    def keep(self, who: int, which: str, key: str) -> None:
        if key not in self.quotes and self.by_hand(
            lambda m: m.save_highlight(
                STORIES[which], Highlight(key, which, Anchor(Place(), "", ""), "kept", "", NOON)
            ),
            who,
        ):
            self.quotes[key] = ("", True)

    @precondition(lambda self: self.quotes)
    @rule(who=WHO, data=st.data(), text=TEXTS)
    def remark(self, who: int, data: st.DataObject, text: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.quotes)))
        if self.by_hand(lambda m: m.annotations.save_note(key, text), who):
            self.quotes[key] = (text, self.quotes[key][1])

    @precondition(lambda self: self.quotes)
    @rule(who=WHO, data=st.data(), gone=st.booleans())
    def discard_or_restore(self, who: int, data: st.DataObject, gone: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.quotes)))
        if self.by_hand(
            lambda m: (
                m.annotations.delete_highlight(key)
                if gone
                else m.annotations.restore_highlight(key)
            ),
            who,
        ):
            self.quotes[key] = (self.quotes[key][0], not gone)

    @rule(who=WHO, which=WHICH, text=TEXTS)
    def respond(self, who: int, which: str, text: str) -> None:
        if self.by_hand(lambda m: m.save_response(STORIES[which], text), who):
            self.responses[which] = text

    def by_hand(self, deed: object, who: int) -> bool:
        """Do it; tell whether it was done, which is so unless another program writes."""
        assert callable(deed)
        try:
            deed(self.memories[who])
        except DatabaseLocked:
            assert self.held
            return False
        assert not self.held
        return True

    # What happens to programs ----------------------------------------------------------------

    @precondition(lambda self: not self.held)
    @rule(who=WHO)
    def reopen(self, who: int) -> None:
        self.memories[who].close()
        self.settle(who)
        self.memories[who] = self.open_memory()

    @rule()
    def hold_or_let_go(self) -> None:
        self.holder.execute("ROLLBACK" if self.held else "BEGIN IMMEDIATE")
        self.held = not self.held

    @invariant()
    def nothing_is_lost(self) -> None:
        everything = [memories.load_story_states() for memories in self.memories]
        for which in STORIES:
            found = [all_of.get(which) for all_of in everything]
            ranges = merge_ranges(*((one.ranges if one else ()) for one in found))
            assert {n for a, b in ranges for n in range(a, b)} == self.words.get(which, set())
            for who, one in enumerate(found):
                least = self.waiting[who].get(which, ReadStatus.UNREAD)
                expected = max(self.marks.get(which, ReadStatus.UNREAD), least, key=ORDER.index)
                assert (one.status if one else ReadStatus.UNREAD) is expected
        for memories in self.memories:
            seen = {quote.id: quote.note for quote in memories.load_highlights()}
            assert seen == {key: remark for key, (remark, there) in self.quotes.items() if there}
            assert {r.story_id: r.text for r in memories.load_responses()} == {
                story: text for story, text in self.responses.items() if text
            }
        assert self.notices == []

    def open_memory(self) -> WriteBehind:
        return WriteBehind(Store.open(self.path), self.notices.append)

    def teardown(self) -> None:
        self.holder.close()
        for memories in self.memories:
            memories.close()
        self.folder.cleanup()


TestTwoMemories = TwoMemories.TestCase
TestTwoMemories.settings = settings(max_examples=15, stateful_step_count=25)
