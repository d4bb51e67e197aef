"""Pending changes are part of what is loaded; annotations are written at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reader.errors import DatabaseLocked, StateError
from reader.library.story import Story
from reader.reading.annotations import Highlight
from reader.reading.progress import ReadStatus
from reader.session.read_status import ReadStatuses, UndoStack
from reader.store.repository import AnnotationStore, Store
from reader.store.stories import StoryDetails, make_story_details
from reader.store.write_behind import WriteBehind
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

STORY = Story("s", "/a/b.md", "A Title", "mine", author="Ann", url="https://u", words=530)


def make_highlight(
    key: str, text: str = "A line.", story: str = "s", year: int = 2026
) -> Highlight:
    anchor = Anchor(Place(3, 17), "fp", "A line. And")
    created_at = datetime(year, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    return Highlight(key, story, anchor, text, "", created_at)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def store(path: Path) -> Store:
    return Store.open(path)


@pytest.fixture
def annotation_store(store: Store) -> AnnotationStore:
    return store.annotation_store


@pytest.fixture
def notices() -> list[str]:
    """Return the list of the notices that the user gets."""
    return []


@pytest.fixture
def write_behind(store: Store, notices: list[str]) -> Iterator[WriteBehind]:
    write_behind = WriteBehind(store, notices.append)
    yield write_behind
    write_behind.close()


@pytest.fixture
def locker(path: Path, write_behind: WriteBehind) -> Iterator[sqlite3.Connection]:
    """Yield the connection of another program, which locks the store until it rolls back."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    yield db
    db.close()


def test_a_highlight_is_loaded_as_it_was_saved(annotation_store: AnnotationStore) -> None:
    highlight = make_highlight("q", "A line,\nand another.\n\nA paragraph.")
    annotation_store.save_highlight(highlight)
    assert annotation_store.load_highlights() == [highlight]


def test_highlights_are_loaded_oldest_first(annotation_store: AnnotationStore) -> None:
    for key, story, year in (("a", "s", 2026), ("b", "other", 2025), ("c", "s", 2024)):
        annotation_store.save_highlight(make_highlight(key, story=story, year=year))
    assert [highlight.id for highlight in annotation_store.load_highlights()] == ["c", "b", "a"]
    assert [highlight.id for highlight in annotation_store.load_highlights("s")] == ["c", "a"]
    assert annotation_store.load_highlight_ids() == ["a", "b", "c"]


def test_highlights_are_loaded_in_the_order_of_their_ids(annotation_store: AnnotationStore) -> None:
    for key in ("a", "b", "c"):
        annotation_store.save_highlight(make_highlight(key))
    annotation_store.set_deleted("b", is_deleted=True)
    loaded = annotation_store.load_highlights_by_id(["c", "unknown", "b", "a"])
    assert [highlight.id for highlight in loaded] == ["c", "a"]


def test_a_note_is_loaded_with_its_highlight(annotation_store: AnnotationStore) -> None:
    annotation_store.save_highlight(make_highlight("q"))
    annotation_store.save_note("q", "So it is.")
    assert annotation_store.load_highlights() == [make_highlight("q")._replace(note="So it is.")]


def test_a_deleted_highlight_can_be_restored_with_its_note(
    annotation_store: AnnotationStore,
) -> None:
    annotation_store.save_highlight(make_highlight("q"))
    annotation_store.save_note("q", "So it is.")
    annotation_store.set_deleted("q", is_deleted=True)
    assert annotation_store.load_highlights() == []
    annotation_store.set_deleted("q", is_deleted=False)
    assert annotation_store.load_highlights() == [make_highlight("q")._replace(note="So it is.")]


def test_a_note_on_an_unknown_highlight_is_refused(annotation_store: AnnotationStore) -> None:
    with pytest.raises(StateError, match="there is no highlight q"):
        annotation_store.save_note("q", "So it is.")


def test_an_annotation_is_saved_with_the_details_of_its_story(store: Store) -> None:
    details = StoryDetails(Path("/a/b.md"), "mine", "A Title", "Ann", "https://u")
    store.annotation_store.save_highlight(make_highlight("q"), make_story_details(STORY))
    assert store.load_story_details("s") == details
    store.annotation_store.save_response("s", "Words.", details._replace(title="Another"))
    assert store.load_story_details("s") == details._replace(title="Another")


def test_a_story_has_one_response_and_an_empty_one_deletes_it(
    annotation_store: AnnotationStore,
) -> None:
    annotation_store.save_response("s", "First.")
    annotation_store.save_response("s", "Second.")
    assert annotation_store.load_response("s") == "Second."
    assert annotation_store.load_response("other") == ""
    assert [(r.story_id, r.text) for r in annotation_store.load_responses()] == [("s", "Second.")]
    annotation_store.save_response("s", "")
    assert annotation_store.load_response("s") == ""
    assert annotation_store.load_responses() == []


def test_annotations_survive_a_kill(path: Path) -> None:
    folders = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "helpers")]
    source = f"""
import os, pathlib, sys
sys.path[:0] = {folders!r}
from test_write_behind import *
annotation_store = Store.open(pathlib.Path(sys.argv[1])).annotation_store
for key in ("plain", "with note", "deleted"):
    annotation_store.save_highlight(make_highlight(key))
annotation_store.save_note("with note", "So it is.")
annotation_store.set_deleted("deleted", is_deleted=True)
annotation_store.save_response("s", "Words.")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", source, path], check=False).returncode == 9
    store = Store.open(path)
    notes = [
        (highlight.id, highlight.note) for highlight in store.annotation_store.load_highlights()
    ]
    assert notes == [("plain", ""), ("with note", "So it is.")]
    assert store.annotation_store.load_response("s") == "Words."
    store.close()


def test_annotations_are_refused_while_another_program_writes(
    annotation_store: AnnotationStore, locker: sqlite3.Connection
) -> None:
    with pytest.raises(DatabaseLocked):
        annotation_store.save_highlight(make_highlight("q"))
    with pytest.raises(DatabaseLocked):
        annotation_store.save_response("s", "Words.")
    locker.execute("ROLLBACK")
    assert annotation_store.load_highlights() == []
    assert annotation_store.load_response("s") == ""


def test_pending_changes_are_part_of_what_is_loaded(
    write_behind: WriteBehind, path: Path, locker: sqlite3.Connection
) -> None:
    write_behind.queue_place(STORY, Anchor(Place(5), "fp", "q"), 1)
    write_behind.queue_text_record(STORY, "record", ((10, 20),), 530)
    write_behind.queue_words_read(STORY, ((20, 30),), 530)
    write_behind.queue_pace_samples("de", (180, 190))
    write_behind.queue_status(STORY, ReadStatus.FINISHED)

    def load_all() -> tuple[object, ...]:
        state = write_behind.load_story_state(STORY)
        place = state.anchor.place if state.anchor else None
        values = (state.status, place, state.reading_round, state.ranges, state.finish_count)
        record, pace = write_behind.load_text_record("s"), write_behind.load_pace_samples("de")
        return *values, record, pace

    assert write_behind.write_pending()
    pending = load_all()
    assert pending == (ReadStatus.FINISHED, Place(5), 1, ((10, 30),), 1, "record", (180, 190))
    locker.execute("ROLLBACK")
    assert not write_behind.write_pending()
    assert load_all() == pending
    assert Store.open(path).load_pace_samples("de") == (180, 190)


def test_pending_changes_wait_for_a_lock_and_then_go_to_memory(
    write_behind: WriteBehind, locker: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    write_behind.queue_pace_samples("de", (180, 190))
    for now[0] in (100.0, 101.9):
        assert write_behind.write_pending()
        assert write_behind.problem == ""
    now[0] = 102.0
    assert not write_behind.write_pending()
    assert write_behind.problem == "another program is using the file"
    locker.execute("ROLLBACK")
    assert not write_behind.write_pending()
    assert write_behind.problem == ""


def test_a_store_that_cannot_be_read_is_reported_once(
    write_behind: WriteBehind, store: Store, notices: list[str]
) -> None:
    store.record_store.fetch_all("DROP TABLE place")
    for _ in range(2):
        assert write_behind.load_story_states() == {}
    assert notices == ["Your reading data can't be read: no such table: place"]


def list_history(write_behind: WriteBehind, store: Store) -> list[tuple[str, int]]:
    write_behind.write_pending()
    return [(entry.story_id, entry.minutes) for entry in store.load_history()]


def test_marking_a_story_finished_twice_adds_one_entry_to_the_history(
    write_behind: WriteBehind, store: Store
) -> None:
    statuses = ReadStatuses(write_behind, UndoStack())
    statuses.set_status(STORY, ReadStatus.FINISHED)
    statuses.set_status(STORY, ReadStatus.FINISHED)
    assert list_history(write_behind, store) == [("s", 2)]


def test_marking_a_finished_story_unread_at_once_deletes_the_entry(
    write_behind: WriteBehind, store: Store
) -> None:
    ReadStatuses(write_behind, UndoStack()).set_status(STORY, ReadStatus.FINISHED)
    ReadStatuses(write_behind, UndoStack()).set_status(STORY, ReadStatus.UNREAD)
    assert list_history(write_behind, store) == []


def test_undoing_deletes_and_restores_the_entry(write_behind: WriteBehind, store: Store) -> None:
    statuses = ReadStatuses(write_behind, UndoStack())
    finished = statuses.set_status(STORY, ReadStatus.FINISHED)
    unread = statuses.set_status(STORY, ReadStatus.UNREAD)
    statuses.revert(unread)
    assert list_history(write_behind, store) == [("s", 2)]
    statuses.revert(finished)
    assert list_history(write_behind, store) == []


def test_marking_a_story_unread_much_later_leaves_the_entry(
    write_behind: WriteBehind, path: Path
) -> None:
    ReadStatuses(write_behind, UndoStack()).set_status(STORY, ReadStatus.FINISHED)
    store = Store.open(path)
    store.record_store.fetch_all("UPDATE history SET finished_at = '2020-01-01T00:00:00.000+00:00'")
    later = WriteBehind(store, print)
    statuses = ReadStatuses(later, UndoStack())
    change = statuses.set_status(STORY, ReadStatus.UNREAD)
    assert list_history(later, store) == [("s", 2)]
    statuses.revert(change)
    assert list_history(later, store) == [("s", 2)]
    later.close()
