"""Reading data survives `kill -9`, is shared by two programs, and reading only adds to it."""

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
from reader.store.repository import Store, StoryState
from reader.store.stories import StoryDetails
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(path)
    yield store
    store.close()


@pytest.fixture
def other(path: Path, store: Store) -> Iterator[Store]:
    """Yield the same store, opened a second time."""
    other = Store.open(path)
    yield other
    other.close()


WRITES = {
    "place": ("store.save_place('s', Anchor(Place(3, 17), 'fp', 'an excerpt'), 2)",
              StoryState(anchor=Anchor(Place(3, 17), "fp", "an excerpt"), last_read=1, reading_round=2)),
    "words": ("store.add_words_read('s', ((0, 10), (20, 30)), 100)",
              StoryState(ranges=((0, 10), (20, 30)), word_count=100, last_read=1)),
    "status": ("store.set_status('s', ReadStatus.FINISHED)", StoryState(status=ReadStatus.FINISHED, last_read=1, finish_count=1)),
    "raised status": ("store.raise_status('s', ReadStatus.READING)", StoryState(status=ReadStatus.READING, last_read=1)),
}  # fmt: skip


def run_and_kill(path: Path, source: str) -> None:
    """Run `source` on the store in a process that ends without closing it."""
    start = """
import os, pathlib, sys
from reader.text.document import Anchor, Place
from reader.reading.progress import ReadStatus
from reader.store.repository import (Store)
from reader.store.stories import StoryDetails
store = Store.open(pathlib.Path(sys.argv[1]))
"""
    argv = [sys.executable, "-c", f"{start}{source}\nos._exit(9)", str(path)]
    assert subprocess.run(argv, check=False).returncode == 9


@pytest.mark.parametrize("change", WRITES)
def test_a_change_survives_a_kill(change: str, path: Path) -> None:
    source, expected = WRITES[change]
    run_and_kill(path, source)
    assert Store.open(path).load_story_state("s")._replace(stopped_at=None) == expected


def test_a_choice_survives_a_kill(path: Path) -> None:
    run_and_kill(path, "store.save_choice('theme', 'day')")
    assert Store.open(path).load_choice("theme") == "day"


def test_the_path_of_a_story_survives_a_kill(path: Path) -> None:
    run_and_kill(
        path, "store.save_story_details('s', StoryDetails(pathlib.Path('/a/b.md'), 'mine'))"
    )
    assert Store.open(path).load_story_details("s") == StoryDetails(Path("/a/b.md"), "mine")


def test_a_story_that_was_never_opened_has_the_default_state(store: Store) -> None:
    assert store.load_story_state("s") == StoryState(ReadStatus.UNREAD, None, (), 0, 0)


def test_words_read_add_up(store: Store) -> None:
    store.add_words_read("s", ((0, 10), (30, 40)), 100)
    store.add_words_read("s", ((5, 20), (40, 50)), 120)
    stored = store.load_story_state("s")
    assert (stored.ranges, stored.word_count) == (((0, 20), (30, 50)), 120)


def test_words_read_in_two_programs_add_up(store: Store, other: Store) -> None:
    store.add_words_read("s", ((0, 10),), 100)
    other.add_words_read("s", ((20, 30),), 100)
    store.add_words_read("s", ((10, 12),), 100)
    assert other.load_story_state("s").ranges == ((0, 12), (20, 30))


@pytest.mark.parametrize(
    ("before", "raised", "after"),
    [
        (ReadStatus.UNREAD, ReadStatus.READING, ReadStatus.READING),
        (ReadStatus.READING, ReadStatus.FINISHED, ReadStatus.FINISHED),
        (ReadStatus.FINISHED, ReadStatus.READING, ReadStatus.FINISHED),
        (ReadStatus.FINISHED, ReadStatus.UNREAD, ReadStatus.FINISHED),
        (ReadStatus.READING, ReadStatus.READING, ReadStatus.READING),
    ],
)
def test_reading_never_lowers_a_status(
    before: ReadStatus, raised: ReadStatus, after: ReadStatus, store: Store, other: Store
) -> None:
    other.set_status("s", before)
    store.raise_status("s", raised)
    assert store.load_story_state("s").status is after


def test_a_status_that_is_not_raised_writes_nothing(store: Store) -> None:
    store.set_status("s", ReadStatus.FINISHED)
    store.raise_status("s", ReadStatus.READING)
    assert store.load_story_state("s").last_read == 1


def test_the_reader_may_lower_a_status_and_clear_the_words_read(store: Store) -> None:
    store.add_words_read("s", ((0, 10),), 100)
    store.set_status("s", ReadStatus.FINISHED)
    store.set_status("s", ReadStatus.UNREAD, ranges=())
    stored = store.load_story_state("s")
    assert (stored.status, stored.ranges, stored.word_count) == (ReadStatus.UNREAD, (), 100)


def test_the_story_changed_last_has_the_highest_serial(store: Store, other: Store) -> None:
    store.add_words_read("one", ((0, 10),), 100)
    other.set_status("two", ReadStatus.READING)
    store.save_place("one", Anchor(Place(), "", ""))
    assert store.load_story_state("one").last_read > store.load_story_state("two").last_read


def test_a_path_that_is_not_utf_8_is_loaded_unchanged(store: Store) -> None:
    store.save_story_details("s", StoryDetails(Path("/caf\udce9/b.md"), "caf"))
    assert store.load_story_details("s") == StoryDetails(Path("/caf\udce9/b.md"), "caf")


def test_the_real_path_of_a_story_is_saved(store: Store, tmp_path: Path) -> None:
    (tmp_path / "real.md").touch()
    (tmp_path / "link.md").symlink_to("real.md")
    store.save_story_details("s", StoryDetails(tmp_path / "link.md", "mine"))
    assert store.load_known_stories()[0].path == tmp_path / "real.md"


def test_a_record_has_the_time_and_device_of_its_change(path: Path, store: Store) -> None:
    store.set_status("s", ReadStatus.FINISHED)
    with sqlite3.connect(path) as db:
        changed, device = db.execute("SELECT changed_at, device FROM read_status").fetchone()
        known = db.execute("SELECT id FROM device").fetchall()
    db.close()
    assert changed.endswith("+00:00")
    assert [(device,)] == known
    assert len(device) == 8


def test_two_programs_have_the_same_device(path: Path, store: Store, other: Store) -> None:
    store.set_status("one", ReadStatus.FINISHED)
    other.set_status("two", ReadStatus.FINISHED)
    with sqlite3.connect(path) as db:
        devices = db.execute("SELECT DISTINCT device FROM read_status").fetchall()
    db.close()
    assert len(devices) == 1


@pytest.mark.parametrize("stored", ["[[0, 1e999]]", "nonsense", "[[1]]", "5", '[["a", 1]]', "null"])
def test_unreadable_ranges_are_loaded_as_none(stored: str, path: Path, store: Store) -> None:
    store.add_words_read("s", ((0, 10),), 100)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE words_read SET ranges = ?", (stored,))
    db.close()
    assert store.load_story_state("s").ranges == ()


def test_a_write_is_refused_while_another_program_writes(path: Path, store: Store) -> None:
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseLocked):
        store.set_status("s", ReadStatus.FINISHED)
    locker.execute("ROLLBACK")
    locker.close()
    assert store.load_story_state("s").status is ReadStatus.UNREAD
    store.set_status("s", ReadStatus.FINISHED)
    assert store.load_story_state("s").status is ReadStatus.FINISHED


def test_the_store_can_be_read_while_another_program_writes(path: Path, store: Store) -> None:
    store.set_status("s", ReadStatus.FINISHED)
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    assert store.load_story_state("s").status is ReadStatus.FINISHED
    locker.close()


STORIES = st.sampled_from(["one", "two"])
PROGRAMS = st.integers(0, 1)


class TwoPrograms(RuleBasedStateMachine):
    """Two programs on one store, against a model in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "state.db"
        self.stores = [Store.open(self.path), Store.open(self.path)]
        self.statuses: dict[str, ReadStatus] = {}
        self.words: dict[str, set[int]] = {}
        self.places: dict[str, int] = {}

    @rule(program=PROGRAMS, story=STORIES, status=st.sampled_from(ReadStatus))
    def set_status(self, program: int, story: str, status: ReadStatus) -> None:
        self.stores[program].set_status(story, status)
        self.statuses[story] = status

    @rule(program=PROGRAMS, story=STORIES, status=st.sampled_from(ReadStatus))
    def raise_status(self, program: int, story: str, status: ReadStatus) -> None:
        order = [ReadStatus.UNREAD, ReadStatus.READING, ReadStatus.FINISHED]
        self.stores[program].raise_status(story, status)
        before = self.statuses.get(story, ReadStatus.UNREAD)
        self.statuses[story] = order[max(order.index(before), order.index(status))]

    @rule(program=PROGRAMS, story=STORIES, first=st.integers(0, 30), length=st.integers(1, 9))
    def read(self, program: int, story: str, first: int, length: int) -> None:
        self.stores[program].add_words_read(story, ((first, first + length),), 40)
        self.words.setdefault(story, set()).update(range(first, first + length))

    @rule(program=PROGRAMS, story=STORIES, block=st.integers(0, 99))
    def save_place(self, program: int, story: str, block: int) -> None:
        self.stores[program].save_place(story, Anchor(Place(block), "", ""))
        self.places[story] = block

    @rule(program=PROGRAMS)
    def reopen(self, program: int) -> None:
        self.stores[program].close()
        self.stores[program] = Store.open(self.path)

    @invariant()
    def both_programs_have_all_changes(self) -> None:
        for store in self.stores:
            for story in ("one", "two"):
                stored = store.load_story_state(story)
                words = {n for first, end in stored.ranges for n in range(first, end)}
                assert stored.status is self.statuses.get(story, ReadStatus.UNREAD)
                assert words == self.words.get(story, set())
                block = stored.anchor.place.block if stored.anchor else None
                assert block == self.places.get(story)

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        self.folder.cleanup()


TestTwoPrograms = TwoPrograms.TestCase
TestTwoPrograms.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
