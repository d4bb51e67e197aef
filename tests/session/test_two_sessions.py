"""Two sessions on one store don't disturb each other, and nothing is lost while one waits."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from session_driver import SCREENFUL, Reader, make_text, toggle_status

from reader.reading.progress import ReadStatus
from reader.session.read_status import StatusChange
from reader.store.repository import Store
from reader.text.document import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def folder(write: Write) -> Path:
    write("one.md", f"# One\n\n{make_text()}")
    return write("two.md", f"# Two\n\n{make_text()}").parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def ann(folder: Path, path: Path) -> Reader:
    return Reader(folder, Store.open(path))


@pytest.fixture
def bo(folder: Path, path: Path, ann: Reader) -> Reader:
    return Reader(folder, Store.open(path))


@pytest.fixture
def locker(path: Path, ann: Reader) -> Iterator[sqlite3.Connection]:
    """Yield another connection that locks the store until it rolls back."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("BEGIN EXCLUSIVE")
    yield db
    db.close()


def test_words_read_in_two_sessions_add_up(ann: Reader, bo: Reader) -> None:
    for reader, first in ((ann, 0), (bo, 20)):
        reader.open("one")
        reader.go_to(first)
        reader.wait(60)
    ann.session.leave()
    assert bo.store.load_story_state(bo.story("one").id).ranges == ((0, 200), (400, 600))


def test_an_older_session_never_lowers_a_status(ann: Reader, bo: Reader) -> None:
    ann.open("one")
    toggle_status(bo.session, bo.story("one"))
    ann.wait(60)
    assert [change.status for change in ann.wait(0.5)] == []
    assert bo.store.load_story_state(bo.story("one").id).status is ReadStatus.FINISHED


def test_undo_keeps_a_status_that_another_session_set_since(ann: Reader, bo: Reader) -> None:
    ann.open("one")
    toggle_status(bo.session, bo.story("one"))
    ann.wait(60)
    change = ann.session.undo()
    assert isinstance(change, StatusChange)
    assert change.status_before is ReadStatus.FINISHED
    assert bo.store.load_story_state(bo.story("one").id).status is ReadStatus.FINISHED
    assert ann.session.get_entry(ann.story("one")).status is ReadStatus.FINISHED
    assert ann.session.undo() is None


def test_the_last_move_decides_the_place(ann: Reader, bo: Reader) -> None:
    ann.open("one")
    bo.open("one")
    ann.session.tracker.record_move(Place(5))
    ann.wait(0.5)
    bo.session.tracker.record_move(Place(7))
    bo.wait(0.5)
    ann.wait(0.5)
    ann.session.leave()
    assert bo.store.load_story_state(bo.story("one").id).anchor is not None
    ann.open("one")
    assert ann.place == Place(7)


def test_status_changes_in_two_sessions_are_both_saved(ann: Reader, bo: Reader) -> None:
    toggle_status(ann.session, ann.story("one"))
    toggle_status(bo.session, bo.story("two"))
    assert [entry.status for entry in ann.session.list_entries()] == [
        ReadStatus.FINISHED,
        ReadStatus.FINISHED,
    ]


def test_waiting_changes_are_saved_when_the_lock_is_released(
    ann: Reader, locker: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.store.write_behind.LOCK_NOTICE_SECONDS", 3_600.0)
    ann.open("one")
    ann.go_to(5)
    ann.wait(20)
    locker.execute("ROLLBACK")
    ann.wait(0.5)
    state = ann.store.load_story_state(ann.story("one").id)
    assert state.anchor is not None
    assert (state.status, state.anchor.place) == (ReadStatus.READING, Place(5))
    assert ann.take_notices() == []


def test_changes_that_wait_on_leaving_are_saved_later(
    ann: Reader, locker: sqlite3.Connection
) -> None:
    ann.open("one")
    ann.session.tracker.record_move(Place(5))
    ann.open("two")
    locker.execute("ROLLBACK")
    ann.wait(0.5)
    anchor = ann.store.load_story_state(ann.story("one").id).anchor
    assert anchor is not None
    assert anchor.place == Place(5)


def test_waiting_changes_are_shown(ann: Reader, locker: sqlite3.Connection) -> None:
    ann.open("one")
    ann.go_to(5)
    ann.wait(20)
    ann.open("two")
    entry = ann.session.get_entry(ann.story("one"))
    ann.open("one")
    assert (entry.status, entry.progress > 0, ann.place) == (ReadStatus.READING, True, Place(5))
    assert ann.session.list_entries()[0].status is ReadStatus.READING
    locker.execute("ROLLBACK")


def test_close_waits_for_a_short_lock(
    ann: Reader, locker: sqlite3.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.open("one")
    ann.session.tracker.record_move(Place(5))
    story = ann.story("one").id
    monkeypatch.setattr("time.sleep", lambda _: locker.execute("ROLLBACK"))  # between two attempts
    ann.session.close()
    anchor = Store.open(path).load_story_state(story).anchor
    assert anchor is not None
    assert anchor.place == Place(5)


@pytest.mark.usefixtures("locker")
def test_a_tick_tries_a_locked_store_once(ann: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    ann.open("one")
    attempts: list[str] = []
    save = ann.store.save_story_details

    def count(story_id: str, *args: Any, **names: Any) -> None:
        attempts.append(story_id)
        save(story_id, *args, **names)

    monkeypatch.setattr(ann.store, "save_story_details", count)
    for number in range(1, 11):
        ann.session.tracker.record_move(Place(number))
        ann.session.tracker.tick()
    assert len(attempts) == 10


def test_a_broken_store_is_reported_once_and_reading_goes_on(ann: Reader, path: Path) -> None:
    toggle_status(ann.session, ann.story("two"))
    assert ann.session.list_entries()[1].status is ReadStatus.FINISHED
    with sqlite3.connect(path) as db:  # as damage would
        db.execute("DROP TABLE place")
    db.close()
    ann.open("one")
    ann.read(SCREENFUL - 1)
    assert [entry.status for entry in ann.session.list_entries()] == [
        ReadStatus.FINISHED,
        ReadStatus.FINISHED,
    ]
    assert ann.take_notices() == ["Your reading data can't be read: no such table: place"]
    assert ann.session.save_problem == f"no such table: place: {path}"
    ann.session.close()
    assert ann.session.unsaved == f"not saved: what you read last: no such table: place: {path}"
