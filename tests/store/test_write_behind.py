"""What a session asks of the memory: the hand's writing at once, history, what waits."""

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
from reader.store.repository import Store, StoryDetails
from reader.store.write_behind import WriteBehind
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

STORY = Story("s", Path("/a/b.md"), "A Title", "mine", author="Ann", url="https://u", words=530)
PIPED = Story("", Path("standard input"), "Piped", is_persistent=False)


def quote(key: str, text: str = "Kept.", story: str = "s", year: int = 2026) -> Highlight:
    anchor = Anchor(Place(3, 17), "fp", "Kept. And")
    return Highlight(
        key, story, anchor, text, "", datetime(year, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def notices() -> list[str]:
    """Return the list to which `memories` adds each notice."""
    return []


@pytest.fixture
def memories(path: Path, notices: list[str]) -> Iterator[WriteBehind]:
    memories = WriteBehind(Store.open(path), notices.append)
    yield memories
    memories.close()


@pytest.fixture
def holder(path: Path, memories: WriteBehind) -> Iterator[sqlite3.Connection]:
    """Yield another program that holds the memory until it rolls back."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    yield db
    db.close()


# Quotes and responses ---------------------------------------------------------------------


def test_a_quote_comes_back_as_it_was_kept(memories: WriteBehind) -> None:
    kept = quote("q", "A line,\nand another.\n\nA paragraph.")
    memories.save_highlight(STORY, kept)
    assert memories.load_highlights() == [kept]


def test_quotes_are_told_oldest_first_of_one_story_or_of_all(memories: WriteBehind) -> None:
    for key, story, year in (("a", "s", 2026), ("b", "other", 2025), ("c", "s", 2024)):
        memories.save_highlight(STORY, quote(key, story=story, year=year))
    assert [kept.id for kept in memories.load_highlights()] == ["c", "b", "a"]
    assert [kept.id for kept in memories.load_highlights("s")] == ["c", "a"]


def test_a_remark_stands_beside_its_quote(memories: WriteBehind) -> None:
    memories.save_highlight(STORY, quote("q"))
    memories.annotations.save_note("q", "So it is.")
    assert memories.load_highlights() == [quote("q")._replace(note="So it is.")]


def test_a_discarded_quote_is_out_of_sight_and_comes_back_with_its_remark(
    memories: WriteBehind,
) -> None:
    memories.save_highlight(STORY, quote("q"))
    memories.annotations.save_note("q", "So it is.")
    memories.annotations.delete_highlight("q")
    assert memories.load_highlights() == []
    memories.annotations.restore_highlight("q")
    assert memories.load_highlights() == [quote("q")._replace(note="So it is.")]


def test_a_remark_on_a_quote_there_is_not_is_refused(memories: WriteBehind) -> None:
    with pytest.raises(StateError, match="there is no highlight q"):
        memories.annotations.save_note("q", "So it is.")


def test_a_quote_of_a_story_that_was_never_left_has_its_storys_name(memories: WriteBehind) -> None:
    memories.save_highlight(STORY, quote("q"))
    known = StoryDetails(Path("/a/b.md"), "mine", "A Title", "Ann", "https://u")
    assert memories.load_story_details("s") == known


def test_a_response_is_one_to_a_story_and_an_empty_one_is_none(memories: WriteBehind) -> None:
    memories.save_response(STORY, "First.")
    memories.save_response(STORY, "Second.")
    assert (memories.load_response("s"), memories.load_response("other")) == ("Second.", "")
    assert [(r.story_id, r.text) for r in memories.load_responses()] == [("s", "Second.")]
    memories.save_response(STORY, "")
    assert (memories.load_response("s"), memories.load_responses()) == ("", [])


def test_of_a_text_from_a_pipe_nothing_is_kept(memories: WriteBehind) -> None:
    memories.save_highlight(PIPED, quote("q", story=""))
    memories.save_response(PIPED, "Words.")
    assert (memories.load_highlights(), memories.load_responses()) == ([], [])


def test_what_the_hand_does_is_there_after_the_process_was_killed(path: Path) -> None:
    here = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "helpers")]
    source = f"""
import os, pathlib, sys
sys.path[:0] = {here!r}
from test_write_behind import *
memories = WriteBehind(Store.open(pathlib.Path(sys.argv[1])), print)
for key in ("kept", "remarked", "gone"):
    memories.save_highlight(STORY, quote(key))
memories.annotations.save_note("remarked", "So it is.")
memories.annotations.delete_highlight("gone")
memories.save_response(STORY, "Words.")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", source, path], check=False).returncode == 9
    memories = WriteBehind(Store.open(path), print)
    assert [(q.id, q.note) for q in memories.load_highlights()] == [
        ("kept", ""),
        ("remarked", "So it is."),
    ]
    assert memories.load_response("s") == "Words."
    memories.close()


def test_what_the_hand_does_is_refused_while_another_program_writes(
    memories: WriteBehind, holder: sqlite3.Connection
) -> None:
    with pytest.raises(DatabaseLocked):
        memories.save_highlight(STORY, quote("q"))
    with pytest.raises(DatabaseLocked):
        memories.save_response(STORY, "Words.")
    holder.execute("ROLLBACK")
    assert (memories.load_highlights(), memories.load_response("s")) == ([], "")


# What waits counts as remembered ----------------------------------------------------------


def test_what_reading_brings_waits_and_is_remembered_all_the_same(
    memories: WriteBehind, path: Path, holder: sqlite3.Connection
) -> None:
    memories.queue_place(STORY, Anchor(Place(5), "fp", "q"), 1)
    memories.queue_text_record(STORY, "record", ((10, 20),), 530)
    memories.queue_words_read(STORY, ((20, 30),), 530)
    memories.queue_pace_samples("de", (180, 190))
    memories.queue_status(STORY, ReadStatus.FINISHED)

    def seen() -> tuple[object, ...]:
        memory = memories.load_story_state(STORY)
        place = memory.anchor.place if memory.anchor else None
        facts = (memory.status, place, memory.reading_round, memory.ranges, memory.finish_count)
        return *facts, memories.load_text_record("s"), memories.load_pace_samples("de")

    assert memories.write_pending()
    waiting = seen()
    assert waiting == (ReadStatus.FINISHED, Place(5), 1, ((10, 30),), 1, "record", (180, 190))
    holder.execute("ROLLBACK")
    assert not memories.write_pending()
    assert seen() == waiting
    assert Store.open(path).load_pace_samples("de") == (180, 190)


def test_what_waits_long_is_told_once_and_at_the_end_that_it_is_lost(
    memories: WriteBehind,
    notices: list[str],
    holder: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    memories.queue_pace_samples("de", (180, 190))
    for now[0] in (100.0, 101.9):
        memories.write_pending()
        assert notices == []
    for now[0] in (102.0, 103.0):
        memories.write_pending()
    yet = "Another program holds the memory: what you read is not written down yet."
    assert notices == [yet]
    monkeypatch.undo()
    memories.close()
    last = "Another program holds the memory: what you read last is not remembered."
    assert notices == [yet, last]


# The history ------------------------------------------------------------------------------


def finished(memories: WriteBehind) -> list[tuple[str, int]]:
    memories.write_pending()
    return [(finish.story_id, finish.minutes) for finish in memories.load_history()]


def test_marking_finished_by_hand_makes_history_once(memories: WriteBehind) -> None:
    marks = ReadStatuses(memories, UndoStack())
    marks.set_status(STORY, ReadStatus.FINISHED)
    marks.set_status(STORY, ReadStatus.FINISHED)
    assert finished(memories) == [("s", 2)]


def test_marking_unread_right_after_takes_the_history_back(memories: WriteBehind) -> None:
    ReadStatuses(memories, UndoStack()).set_status(STORY, ReadStatus.FINISHED)
    ReadStatuses(memories, UndoStack()).set_status(STORY, ReadStatus.UNREAD)
    assert finished(memories) == []


def test_undoing_takes_the_history_back_and_undoing_that_gives_it_again(
    memories: WriteBehind,
) -> None:
    marks = ReadStatuses(memories, UndoStack())
    changes = [
        marks.set_status(STORY, ReadStatus.FINISHED),
        marks.set_status(STORY, ReadStatus.UNREAD),
    ]
    marks.revert(changes[1])
    assert finished(memories) == [("s", 2)]
    marks.revert(changes[0])
    assert finished(memories) == []


def test_marking_unread_what_was_finished_long_ago_leaves_the_history(
    memories: WriteBehind, path: Path
) -> None:
    ReadStatuses(memories, UndoStack()).set_status(STORY, ReadStatus.FINISHED)
    state = Store.open(path)
    state.record_store.fetch_all("UPDATE history SET finished_at = '2020-01-01T00:00:00.000+00:00'")
    later = WriteBehind(state, print)
    marks = ReadStatuses(later, UndoStack())
    change = marks.set_status(STORY, ReadStatus.UNREAD)
    assert finished(later) == [("s", 2)]
    marks.revert(change)
    assert finished(later) == [("s", 2)]
    later.close()
