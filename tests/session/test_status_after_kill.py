"""No mark is shown by the program before it is written down: `kill -9` takes nothing back."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from session_driver import ORDINARY, SCREENFUL, WORDS, Reader, story_of

from reader.reading.progress import ReadStatus
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def reader(write: Callable[[str, str], Path], path: Path) -> Reader:
    return Reader(write("one.md", f"# One\n\n{story_of()}").parent, Store.open(path))


def written(reader: Reader, path: Path) -> ReadStatus:
    """Return the mark as another program finds it."""
    state = Store.open(path)
    mark = state.load_story_state(reader.story("one").id).status
    state.close()
    return mark


def shown(reader: Reader) -> ReadStatus:
    return reader.session.get_entry(reader.story("one")).status


def test_a_story_that_a_page_turned_begins_is_begun_for_good_at_once(
    reader: Reader, path: Path
) -> None:
    reader.open("one")
    reader.now += SCREENFUL * WORDS / ORDINARY
    reader.go_to(SCREENFUL)
    assert (shown(reader), written(reader, path)) == (ReadStatus.READING, ReadStatus.READING)


def test_a_story_that_its_last_page_finishes_is_finished_for_good_at_once(
    reader: Reader, path: Path
) -> None:
    reader.open("one")
    while not reader.is_at_end:
        reader.now += SCREENFUL * WORDS / ORDINARY
        reader.go_to(reader.place.block + SCREENFUL)
    assert (shown(reader), written(reader, path)) == (ReadStatus.FINISHED, ReadStatus.FINISHED)


def test_what_is_told_of_it_is_told_with_the_next_tick(reader: Reader) -> None:
    reader.open("one")
    reader.now += SCREENFUL * WORDS / ORDINARY
    reader.go_to(SCREENFUL)
    change = reader.session.tracker.tick()
    assert change is not None
    assert change.status is ReadStatus.READING


def test_a_mark_that_waits_for_another_program_is_told_when_it_is_written(
    reader: Reader, path: Path
) -> None:
    reader.open("one")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert reader.wait(SCREENFUL * WORDS / ORDINARY) == []
    holder.execute("ROLLBACK")
    holder.close()
    assert [change.status for change in reader.wait(1)] == [ReadStatus.READING]


def test_what_reading_has_set_is_not_told_behind_what_the_hand_set(reader: Reader) -> None:
    reader.open("one")
    reader.now += SCREENFUL * WORDS / ORDINARY
    reader.go_to(SCREENFUL)
    reader.session.read_statuses.toggle_status(reader.story("one"))
    assert reader.wait(2) == []


def test_what_reading_has_set_is_not_told_behind_its_taking_back(reader: Reader) -> None:
    reader.open("one")
    reader.now += SCREENFUL * WORDS / ORDINARY
    reader.go_to(SCREENFUL)
    reader.session.undo()
    assert reader.wait(2) == []
