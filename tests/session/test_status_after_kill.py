"""A status is saved before the program shows it, so that `kill -9` takes nothing back."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from session_driver import (
    PARAGRAPH_WORDS,
    SCREENFUL,
    WORDS_PER_SECOND,
    Reader,
    make_text,
    toggle_status,
)

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
    return Reader(write("one.md", f"# One\n\n{make_text()}").parent, Store.open(path))


def load_status(reader: Reader, path: Path) -> ReadStatus:
    """Return the stored status, as another program."""
    store = Store.open(path)
    status = store.load_story_state(reader.story("one").id).status
    store.close()
    return status


def get_shown_status(reader: Reader) -> ReadStatus:
    return reader.session.get_entry(reader.story("one")).status


def test_a_status_raised_by_turning_a_page_is_saved_at_once(reader: Reader, path: Path) -> None:
    reader.open("one")
    reader.now += SCREENFUL * PARAGRAPH_WORDS / WORDS_PER_SECOND
    reader.go_to(SCREENFUL)
    assert (get_shown_status(reader), load_status(reader, path)) == (
        ReadStatus.READING,
        ReadStatus.READING,
    )


def test_a_status_raised_by_the_last_page_is_saved_at_once(reader: Reader, path: Path) -> None:
    reader.open("one")
    while not reader.is_at_end:
        reader.now += SCREENFUL * PARAGRAPH_WORDS / WORDS_PER_SECOND
        reader.go_to(reader.place.block + SCREENFUL)
    assert (get_shown_status(reader), load_status(reader, path)) == (
        ReadStatus.FINISHED,
        ReadStatus.FINISHED,
    )


def test_a_raised_status_is_announced_with_the_next_tick(reader: Reader) -> None:
    reader.open("one")
    reader.now += SCREENFUL * PARAGRAPH_WORDS / WORDS_PER_SECOND
    reader.go_to(SCREENFUL)
    change = reader.session.tracker.tick()
    assert change is not None
    assert change.status is ReadStatus.READING


def test_a_status_that_waits_for_a_lock_is_announced_once_it_is_saved(
    reader: Reader, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.store.write_behind.LOCK_NOTICE_SECONDS", 3_600.0)
    reader.open("one")
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    assert reader.wait(SCREENFUL * PARAGRAPH_WORDS / WORDS_PER_SECOND) == []
    locker.execute("ROLLBACK")
    locker.close()
    assert [change.status for change in reader.wait(1)] == [ReadStatus.READING]


def test_an_automatic_change_is_not_announced_after_one_by_hand(reader: Reader) -> None:
    reader.open("one")
    reader.now += SCREENFUL * PARAGRAPH_WORDS / WORDS_PER_SECOND
    reader.go_to(SCREENFUL)
    toggle_status(reader.session, reader.story("one"))
    assert reader.wait(2) == []


def test_an_automatic_change_is_not_announced_after_its_undo(reader: Reader) -> None:
    reader.open("one")
    reader.now += SCREENFUL * PARAGRAPH_WORDS / WORDS_PER_SECOND
    reader.go_to(SCREENFUL)
    reader.session.undo()
    assert reader.wait(2) == []
