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

from reader.errors import DatabaseLocked
from reader.reading.progress import ReadStatus
from reader.store.repository import Store, StoryDetails, StoryState
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def state(path: Path) -> Iterator[Store]:
    state = Store.open(path)
    yield state
    state.close()


@pytest.fixture
def other(path: Path, state: Store) -> Iterator[Store]:
    """Yield the same memory as another program has it open."""
    other = Store.open(path)
    yield other
    other.close()


WRITES = {
    "place": ("state.save_place('s', Anchor(Place(3, 17), 'fp', 'a quote'), 2)",
              StoryState(anchor=Anchor(Place(3, 17), "fp", "a quote"), last_read=1, reading_round=2)),
    "words": ("state.add_words_read('s', ((0, 10), (20, 30)), 100)",
              StoryState(ranges=((0, 10), (20, 30)), words=100, last_read=1)),
    "mark": ("state.set_status('s', ReadStatus.FINISHED)", StoryState(status=ReadStatus.FINISHED, last_read=1, finish_count=1)),
    "raised mark": ("state.raise_status('s', ReadStatus.READING)", StoryState(status=ReadStatus.READING, last_read=1)),
}  # fmt: skip


def killed(path: Path, source: str) -> None:
    """Run `source` on the memory in a process that ends without any goodbye."""
    start = """
import os, pathlib, sys
from reader.text.document import Anchor, Place
from reader.reading.progress import ReadStatus
from reader.store.repository import Store, StoryDetails
state = Store.open(pathlib.Path(sys.argv[1]))
"""
    argv = [sys.executable, "-c", f"{start}{source}\nos._exit(9)", str(path)]
    assert subprocess.run(argv, check=False).returncode == 9


@pytest.mark.parametrize("fact", WRITES)
def test_a_fact_is_there_after_a_process_was_killed(fact: str, path: Path) -> None:
    source, memory = WRITES[fact]
    killed(path, source)
    assert Store.open(path).load_story_state("s")._replace(stopped_at=None) == memory


def test_a_choice_is_there_after_a_process_was_killed(path: Path) -> None:
    killed(path, "state.save_choice('theme', 'day')")
    assert Store.open(path).load_choice("theme") == "day"


def test_where_a_story_is_kept_is_there_after_a_process_was_killed(path: Path) -> None:
    killed(path, "state.save_story_details('s', StoryDetails(pathlib.Path('/a/b.md'), 'mine'))")
    assert Store.open(path).load_story_files() == {"s": (Path("/a/b.md"), "mine")}


def test_nothing_is_remembered_of_a_story_nobody_read(state: Store) -> None:
    assert state.load_story_state("s") == StoryState(ReadStatus.UNREAD, None, (), 0, 0)


def test_words_read_add_up(state: Store) -> None:
    state.add_words_read("s", ((0, 10), (30, 40)), 100)
    state.add_words_read("s", ((5, 20), (40, 50)), 120)
    memory = state.load_story_state("s")
    assert (memory.ranges, memory.words) == (((0, 20), (30, 50)), 120)


def test_words_read_in_two_programs_add_up(state: Store, other: Store) -> None:
    state.add_words_read("s", ((0, 10),), 100)
    other.add_words_read("s", ((20, 30),), 100)
    state.add_words_read("s", ((10, 12),), 100)
    assert other.load_story_state("s").ranges == ((0, 12), (20, 30))


@pytest.mark.parametrize(
    ("known", "raised", "then"),
    [
        (ReadStatus.UNREAD, ReadStatus.READING, ReadStatus.READING),
        (ReadStatus.READING, ReadStatus.FINISHED, ReadStatus.FINISHED),
        (ReadStatus.FINISHED, ReadStatus.READING, ReadStatus.FINISHED),
        (ReadStatus.FINISHED, ReadStatus.UNREAD, ReadStatus.FINISHED),
        (ReadStatus.READING, ReadStatus.READING, ReadStatus.READING),
    ],
)
def test_reading_never_lowers_a_mark(
    known: ReadStatus, raised: ReadStatus, then: ReadStatus, state: Store, other: Store
) -> None:
    other.set_status("s", known)
    state.raise_status("s", raised)
    assert state.load_story_state("s").status is then


def test_a_mark_that_is_not_raised_changes_nothing(state: Store) -> None:
    state.set_status("s", ReadStatus.FINISHED)
    state.raise_status("s", ReadStatus.READING)
    assert state.load_story_state("s").last_read == 1


def test_a_mark_by_hand_may_lower_and_clear(state: Store) -> None:
    state.add_words_read("s", ((0, 10),), 100)
    state.set_status("s", ReadStatus.FINISHED)
    state.set_status("s", ReadStatus.UNREAD, ranges=())
    memory = state.load_story_state("s")
    assert (memory.status, memory.ranges, memory.words) == (ReadStatus.UNREAD, (), 100)


def test_the_story_last_changed_has_the_highest_serial(state: Store, other: Store) -> None:
    state.add_words_read("one", ((0, 10),), 100)
    other.set_status("two", ReadStatus.READING)
    state.save_place("one", Anchor(Place(), "", ""))
    assert state.load_story_state("one").last_read > state.load_story_state("two").last_read


def test_a_path_that_is_no_text_comes_back(state: Store) -> None:
    state.save_story_details("s", StoryDetails(Path("/caf\udce9/b.md"), "caf"))
    assert state.load_story_files()["s"] == (Path("/caf\udce9/b.md"), "caf")


def test_a_story_is_met_by_its_real_path(state: Store, tmp_path: Path) -> None:
    (tmp_path / "real.md").touch()
    (tmp_path / "link.md").symlink_to("real.md")
    state.save_story_details("s", StoryDetails(tmp_path / "link.md", "mine"))
    assert state.load_story_files()["s"][0] == tmp_path / "real.md"


def test_each_fact_carries_when_it_changed_and_where(path: Path, state: Store) -> None:
    state.set_status("s", ReadStatus.FINISHED)
    with sqlite3.connect(path) as db:
        changed, device = db.execute("SELECT changed_at, device FROM read_status").fetchone()
        known = db.execute("SELECT id FROM device").fetchall()
    db.close()
    assert changed.endswith("+00:00")
    assert [(device,)] == known
    assert len(device) == 8


def test_two_programs_are_one_device(path: Path, state: Store, other: Store) -> None:
    state.set_status("one", ReadStatus.FINISHED)
    other.set_status("two", ReadStatus.FINISHED)
    with sqlite3.connect(path) as db:
        devices = db.execute("SELECT DISTINCT device FROM read_status").fetchall()
    db.close()
    assert len(devices) == 1


@pytest.mark.parametrize("stored", ["[[0, 1e999]]", "nonsense", "[[1]]", "5", '[["a", 1]]', "null"])
def test_words_that_are_stored_as_nonsense_are_none(stored: str, path: Path, state: Store) -> None:
    state.add_words_read("s", ((0, 10),), 100)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE words_read SET ranges = ?", (stored,))
    db.close()
    assert state.load_story_state("s").ranges == ()


def test_a_write_that_another_program_keeps_out_says_so_and_leaves_no_trace(
    path: Path, state: Store
) -> None:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseLocked):
        state.set_status("s", ReadStatus.FINISHED)
    holder.execute("ROLLBACK")
    holder.close()
    assert state.load_story_state("s").status is ReadStatus.UNREAD
    state.set_status("s", ReadStatus.FINISHED)
    assert state.load_story_state("s").status is ReadStatus.FINISHED


def test_reading_goes_on_while_another_program_writes(path: Path, state: Store) -> None:
    state.set_status("s", ReadStatus.FINISHED)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert state.load_story_state("s").status is ReadStatus.FINISHED
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
        self.states = [Store.open(self.path), Store.open(self.path)]
        self.marks: dict[str, ReadStatus] = {}
        self.words: dict[str, set[int]] = {}
        self.places: dict[str, int] = {}

    @rule(who=WHO, story=STORIES, mark=st.sampled_from(ReadStatus))
    def mark(self, who: int, story: str, mark: ReadStatus) -> None:
        self.states[who].set_status(story, mark)
        self.marks[story] = mark

    @rule(who=WHO, story=STORIES, mark=st.sampled_from(ReadStatus))
    def raise_mark(self, who: int, story: str, mark: ReadStatus) -> None:
        order = [ReadStatus.UNREAD, ReadStatus.READING, ReadStatus.FINISHED]
        self.states[who].raise_status(story, mark)
        known = self.marks.get(story, ReadStatus.UNREAD)
        self.marks[story] = order[max(order.index(known), order.index(mark))]

    @rule(who=WHO, story=STORIES, first=st.integers(0, 30), length=st.integers(1, 9))
    def credit(self, who: int, story: str, first: int, length: int) -> None:
        self.states[who].add_words_read(story, ((first, first + length),), 40)
        self.words.setdefault(story, set()).update(range(first, first + length))

    @rule(who=WHO, story=STORIES, block=st.integers(0, 99))
    def remember(self, who: int, story: str, block: int) -> None:
        self.states[who].save_place(story, Anchor(Place(block), "", ""))
        self.places[story] = block

    @rule(who=WHO)
    def reopen(self, who: int) -> None:
        self.states[who].close()
        self.states[who] = Store.open(self.path)

    @invariant()
    def both_know_everything(self) -> None:
        for state in self.states:
            for story in ("one", "two"):
                memory = state.load_story_state(story)
                words = {n for first, end in memory.ranges for n in range(first, end)}
                assert memory.status is self.marks.get(story, ReadStatus.UNREAD)
                assert words == self.words.get(story, set())
                block = memory.anchor.place.block if memory.anchor else None
                assert block == self.places.get(story)

    def teardown(self) -> None:
        for state in self.states:
            state.close()
        self.folder.cleanup()


TestTwoPrograms = TwoPrograms.TestCase
TestTwoPrograms.settings = settings(max_examples=15, stateful_step_count=20)
