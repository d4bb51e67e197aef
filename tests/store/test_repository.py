"""What is remembered is there after `kill -9`, for two programs at once, and only ever adds up."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from reader.errors import Locked
from reader.reading.progress import Mark
from reader.store.repository import Memory, State
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def state(path: Path) -> Iterator[State]:
    state = State.open(path)
    yield state
    state.close()


@pytest.fixture
def other(path: Path, state: State) -> Iterator[State]:
    """Yield the same memory as another program has it open."""
    other = State.open(path)
    yield other
    other.close()


WRITES = {
    "place": ("state.remember('s', Anchor(Place(3, 17), 'fp', 'a quote'), 2)",
              Memory(anchor=Anchor(Place(3, 17), "fp", "a quote"), serial=1, round=2)),
    "words": ("state.credit('s', ((0, 10), (20, 30)), 100)",
              Memory(ranges=((0, 10), (20, 30)), words=100, serial=1)),
    "mark": ("state.mark('s', Mark.FINISHED)", Memory(mark=Mark.FINISHED, serial=1, finished=1)),
    "raised mark": ("state.raise_mark('s', Mark.READING)", Memory(mark=Mark.READING, serial=1)),
}  # fmt: skip


def killed(path: Path, source: str) -> None:
    """Run `source` on the memory in a process that ends without any goodbye."""
    start = """
import os, pathlib, sys
from reader.text.document import Anchor, Place
from reader.reading.progress import Mark
from reader.store.repository import State
state = State.open(pathlib.Path(sys.argv[1]))
"""
    argv = [sys.executable, "-c", f"{start}{source}\nos._exit(9)", str(path)]
    assert subprocess.run(argv, check=False).returncode == 9


@pytest.mark.parametrize("fact", WRITES)
def test_a_fact_is_there_after_a_process_was_killed(fact: str, path: Path) -> None:
    source, memory = WRITES[fact]
    killed(path, source)
    assert State.open(path).memory("s")._replace(stopped=None) == memory


def test_a_choice_is_there_after_a_process_was_killed(path: Path) -> None:
    killed(path, "state.choose('theme', 'day')")
    assert State.open(path).setting("theme") == "day"


def test_where_a_story_is_kept_is_there_after_a_process_was_killed(path: Path) -> None:
    killed(path, "state.meet('s', pathlib.Path('/a/b.md'), 'mine')")
    assert State.open(path).met() == {"s": (Path("/a/b.md"), "mine")}


def test_nothing_is_remembered_of_a_story_nobody_read(state: State) -> None:
    assert state.memory("s") == Memory(Mark.UNREAD, None, (), 0, 0)


def test_words_read_add_up(state: State) -> None:
    state.credit("s", ((0, 10), (30, 40)), 100)
    state.credit("s", ((5, 20), (40, 50)), 120)
    memory = state.memory("s")
    assert (memory.ranges, memory.words) == (((0, 20), (30, 50)), 120)


def test_words_read_in_two_programs_add_up(state: State, other: State) -> None:
    state.credit("s", ((0, 10),), 100)
    other.credit("s", ((20, 30),), 100)
    state.credit("s", ((10, 12),), 100)
    assert other.memory("s").ranges == ((0, 12), (20, 30))


@pytest.mark.parametrize(
    ("known", "raised", "then"),
    [
        (Mark.UNREAD, Mark.READING, Mark.READING),
        (Mark.READING, Mark.FINISHED, Mark.FINISHED),
        (Mark.FINISHED, Mark.READING, Mark.FINISHED),
        (Mark.FINISHED, Mark.UNREAD, Mark.FINISHED),
        (Mark.READING, Mark.READING, Mark.READING),
    ],
)
def test_reading_never_lowers_a_mark(
    known: Mark, raised: Mark, then: Mark, state: State, other: State
) -> None:
    other.mark("s", known)
    state.raise_mark("s", raised)
    assert state.memory("s").mark is then


def test_a_mark_that_is_not_raised_changes_nothing(state: State) -> None:
    state.mark("s", Mark.FINISHED)
    state.raise_mark("s", Mark.READING)
    assert state.memory("s").serial == 1


def test_a_mark_by_hand_may_lower_and_clear(state: State) -> None:
    state.credit("s", ((0, 10),), 100)
    state.mark("s", Mark.FINISHED)
    state.mark("s", Mark.UNREAD, ranges=())
    memory = state.memory("s")
    assert (memory.mark, memory.ranges, memory.words) == (Mark.UNREAD, (), 100)


def test_the_story_last_changed_has_the_highest_serial(state: State, other: State) -> None:
    state.credit("one", ((0, 10),), 100)
    other.mark("two", Mark.READING)
    state.remember("one", Anchor(Place(), "", ""))
    assert state.memory("one").serial > state.memory("two").serial


def test_a_path_that_is_no_text_comes_back(state: State) -> None:
    state.meet("s", Path("/caf\udce9/b.md"), "caf")
    assert state.met()["s"] == (Path("/caf\udce9/b.md"), "caf")


def test_a_story_is_met_by_its_real_path(state: State, tmp_path: Path) -> None:
    (tmp_path / "real.md").touch()
    (tmp_path / "link.md").symlink_to("real.md")
    state.meet("s", tmp_path / "link.md", "mine")
    assert state.met()["s"][0] == tmp_path / "real.md"


def test_each_fact_carries_when_it_changed_and_where(path: Path, state: State) -> None:
    state.mark("s", Mark.FINISHED)
    with sqlite3.connect(path) as db:
        changed, device = db.execute("SELECT changed, device FROM mark").fetchone()
        known = db.execute("SELECT id FROM device").fetchall()
    db.close()
    assert changed.endswith("+00:00")
    assert [(device,)] == known
    assert len(device) == 8


def test_two_programs_are_one_device(path: Path, state: State, other: State) -> None:
    state.mark("one", Mark.FINISHED)
    other.mark("two", Mark.FINISHED)
    with sqlite3.connect(path) as db:
        devices = db.execute("SELECT DISTINCT device FROM mark").fetchall()
    db.close()
    assert len(devices) == 1


@pytest.mark.parametrize("stored", ["[[0, 1e999]]", "nonsense", "[[1]]", "5", '[["a", 1]]', "null"])
def test_words_that_are_stored_as_nonsense_are_none(stored: str, path: Path, state: State) -> None:
    state.credit("s", ((0, 10),), 100)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE reading SET ranges = ?", (stored,))
    db.close()
    assert state.memory("s").ranges == ()


def test_a_write_that_another_program_keeps_out_says_so_and_leaves_no_trace(
    path: Path, state: State
) -> None:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Locked):
        state.mark("s", Mark.FINISHED)
    holder.execute("ROLLBACK")
    holder.close()
    assert state.memory("s").mark is Mark.UNREAD
    state.mark("s", Mark.FINISHED)
    assert state.memory("s").mark is Mark.FINISHED


def test_reading_goes_on_while_another_program_writes(path: Path, state: State) -> None:
    state.mark("s", Mark.FINISHED)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert state.memory("s").mark is Mark.FINISHED
    holder.close()


# Two programs on one memory against a dict -----------------------------------------------

STORIES = st.sampled_from(["one", "two"])
WHO = st.integers(0, 1)


class TwoPrograms(RuleBasedStateMachine):
    """Whatever two programs do in turn, each sees what both have written."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "state.db"
        self.states = [State.open(self.path), State.open(self.path)]
        self.marks: dict[str, Mark] = {}
        self.words: dict[str, set[int]] = {}
        self.places: dict[str, int] = {}

    @rule(who=WHO, story=STORIES, mark=st.sampled_from(Mark))
    def mark(self, who: int, story: str, mark: Mark) -> None:
        self.states[who].mark(story, mark)
        self.marks[story] = mark

    @rule(who=WHO, story=STORIES, mark=st.sampled_from(Mark))
    def raise_mark(self, who: int, story: str, mark: Mark) -> None:
        order = [Mark.UNREAD, Mark.READING, Mark.FINISHED]
        self.states[who].raise_mark(story, mark)
        known = self.marks.get(story, Mark.UNREAD)
        self.marks[story] = order[max(order.index(known), order.index(mark))]

    @rule(who=WHO, story=STORIES, first=st.integers(0, 30), length=st.integers(1, 9))
    def credit(self, who: int, story: str, first: int, length: int) -> None:
        self.states[who].credit(story, ((first, first + length),), 40)
        self.words.setdefault(story, set()).update(range(first, first + length))

    @rule(who=WHO, story=STORIES, block=st.integers(0, 99))
    def remember(self, who: int, story: str, block: int) -> None:
        self.states[who].remember(story, Anchor(Place(block), "", ""))
        self.places[story] = block

    @rule(who=WHO)
    def reopen(self, who: int) -> None:
        self.states[who].close()
        self.states[who] = State.open(self.path)

    @invariant()
    def both_know_everything(self) -> None:
        for state in self.states:
            for story in ("one", "two"):
                memory = state.memory(story)
                words = {n for first, end in memory.ranges for n in range(first, end)}
                assert memory.mark is self.marks.get(story, Mark.UNREAD)
                assert words == self.words.get(story, set())
                block = memory.anchor.place.block if memory.anchor else None
                assert block == self.places.get(story)

    def teardown(self) -> None:
        for state in self.states:
            state.close()
        self.folder.cleanup()


TestTwoPrograms = TwoPrograms.TestCase
TestTwoPrograms.settings = settings(max_examples=15, stateful_step_count=20)
