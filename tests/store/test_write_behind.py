"""What a session asks of the memory: the hand's writing at once, history, what waits."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reader.errors import Locked, StateError
from reader.library.story import Story
from reader.reading.annotations import Quote
from reader.reading.progress import Mark
from reader.session.read_status import Marks
from reader.store.repository import Known, State
from reader.store.write_behind import Memories
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

STORY = Story("s", Path("/a/b.md"), "A Title", "mine", author="Ann", url="https://u", words=530)
PIPED = Story("", Path("standard input"), "Piped", kept=False)


def quote(key: str, text: str = "Kept.", story: str = "s", year: int = 2026) -> Quote:
    anchor = Anchor(Place(3, 17), "fp", "Kept. And")
    return Quote(key, story, anchor, text, "", datetime(year, 1, 2, 3, 4, 5, 678000, tzinfo=UTC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def memories(path: Path) -> Iterator[Memories]:
    memories = Memories(State.open(path))
    yield memories
    memories.close()


@pytest.fixture
def holder(path: Path, memories: Memories) -> Iterator[sqlite3.Connection]:
    """Yield another program that holds the memory until it rolls back."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    yield db
    db.close()


# Quotes and responses ---------------------------------------------------------------------


def test_a_quote_comes_back_as_it_was_kept(memories: Memories) -> None:
    kept = quote("q", "A line,\nand another.\n\nA paragraph.")
    memories.keep(STORY, kept)
    assert memories.quotes() == [kept]


def test_quotes_are_told_oldest_first_of_one_story_or_of_all(memories: Memories) -> None:
    for key, story, year in (("a", "s", 2026), ("b", "other", 2025), ("c", "s", 2024)):
        memories.keep(STORY, quote(key, story=story, year=year))
    assert [kept.id for kept in memories.quotes()] == ["c", "b", "a"]
    assert [kept.id for kept in memories.quotes("s")] == ["c", "a"]


def test_a_remark_stands_beside_its_quote(memories: Memories) -> None:
    memories.keep(STORY, quote("q"))
    memories.kept.remark("q", "So it is.")
    assert memories.quotes() == [quote("q")._replace(remark="So it is.")]


def test_a_discarded_quote_is_out_of_sight_and_comes_back_with_its_remark(
    memories: Memories,
) -> None:
    memories.keep(STORY, quote("q"))
    memories.kept.remark("q", "So it is.")
    memories.kept.discard("q")
    assert memories.quotes() == []
    memories.kept.restore("q")
    assert memories.quotes() == [quote("q")._replace(remark="So it is.")]


def test_a_remark_on_a_quote_there_is_not_is_refused(memories: Memories) -> None:
    with pytest.raises(StateError, match="there is no quote q"):
        memories.kept.remark("q", "So it is.")


def test_a_quote_of_a_story_that_was_never_left_has_its_storys_name(memories: Memories) -> None:
    memories.keep(STORY, quote("q"))
    known = Known(Path("/a/b.md"), "mine", "A Title", "Ann", "https://u")
    assert memories.known_story("s") == known


def test_a_response_is_one_to_a_story_and_an_empty_one_is_none(memories: Memories) -> None:
    memories.respond(STORY, "First.")
    memories.respond(STORY, "Second.")
    assert (memories.response("s"), memories.response("other")) == ("Second.", "")
    assert [(r.story, r.text) for r in memories.responses()] == [("s", "Second.")]
    memories.respond(STORY, "")
    assert (memories.response("s"), memories.responses()) == ("", [])


def test_of_a_text_from_a_pipe_nothing_is_kept(memories: Memories) -> None:
    memories.keep(PIPED, quote("q", story=""))
    memories.respond(PIPED, "Words.")
    assert (memories.quotes(), memories.responses()) == ([], [])


def test_what_the_hand_does_is_there_after_the_process_was_killed(path: Path) -> None:
    here = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "helpers")]
    source = f"""
import os, pathlib, sys
sys.path[:0] = {here!r}
from test_write_behind import *
memories = Memories(State.open(pathlib.Path(sys.argv[1])))
for key in ("kept", "remarked", "gone"):
    memories.keep(STORY, quote(key))
memories.kept.remark("remarked", "So it is.")
memories.kept.discard("gone")
memories.respond(STORY, "Words.")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", source, path], check=False).returncode == 9
    memories = Memories(State.open(path))
    assert [(q.id, q.remark) for q in memories.quotes()] == [
        ("kept", ""),
        ("remarked", "So it is."),
    ]
    assert memories.response("s") == "Words."
    memories.close()


def test_what_the_hand_does_is_refused_while_another_program_writes(
    memories: Memories, holder: sqlite3.Connection
) -> None:
    with pytest.raises(Locked):
        memories.keep(STORY, quote("q"))
    with pytest.raises(Locked):
        memories.respond(STORY, "Words.")
    holder.execute("ROLLBACK")
    assert (memories.quotes(), memories.response("s")) == ([], "")


# What waits counts as remembered ----------------------------------------------------------


def test_what_reading_brings_waits_and_is_remembered_all_the_same(
    memories: Memories, path: Path, holder: sqlite3.Connection
) -> None:
    memories.note_place(STORY, Anchor(Place(5), "fp", "q"), 1)
    memories.note_text(STORY, "record", ((10, 20),), 530)
    memories.note_words(STORY, ((20, 30),), 530)
    memories.note_pace("de", (180, 190))
    memories.note_mark(STORY, Mark.FINISHED)

    def seen() -> tuple[object, ...]:
        memory = memories.of(STORY)
        place = memory.anchor.place if memory.anchor else None
        facts = (memory.mark, place, memory.round, memory.ranges, memory.finished)
        return *facts, memories.text_of("s"), memories.pace("de")

    assert memories.write()
    waiting = seen()
    assert waiting == (Mark.FINISHED, Place(5), 1, ((10, 30),), 1, "record", (180, 190))
    holder.execute("ROLLBACK")
    assert not memories.write()
    assert seen() == waiting
    assert State.open(path).pace("de") == (180, 190)


def test_what_waits_long_is_told_once_and_at_the_end_that_it_is_lost(
    memories: Memories, holder: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    memories.note_pace("de", (180, 190))
    for now[0] in (100.0, 101.9):
        memories.write()
        assert memories.notices == []
    for now[0] in (102.0, 103.0):
        memories.write()
    yet = "Another program holds the memory: what you read is not written down yet."
    assert memories.notices == [yet]
    monkeypatch.undo()
    memories.close()
    last = "Another program holds the memory: what you read last is not remembered."
    assert memories.notices == [yet, last]


# The history ------------------------------------------------------------------------------


def finished(memories: Memories) -> list[tuple[str, int]]:
    memories.write()
    return [(finish.story, finish.minutes) for finish in memories.finishes()]


def test_marking_finished_by_hand_makes_history_once(memories: Memories) -> None:
    marks = Marks(memories)
    marks.set(STORY, Mark.FINISHED)
    marks.set(STORY, Mark.FINISHED)
    assert finished(memories) == [("s", 2)]


def test_marking_unread_right_after_takes_the_history_back(memories: Memories) -> None:
    Marks(memories).set(STORY, Mark.FINISHED)
    Marks(memories).set(STORY, Mark.UNREAD)
    assert finished(memories) == []


def test_undoing_takes_the_history_back_and_undoing_that_gives_it_again(memories: Memories) -> None:
    marks = Marks(memories)
    marks.set(STORY, Mark.FINISHED)
    marks.set(STORY, Mark.UNREAD)
    marks.undo()
    assert finished(memories) == [("s", 2)]
    marks.undo()
    assert finished(memories) == []


def test_marking_unread_what_was_finished_long_ago_leaves_the_history(
    memories: Memories, path: Path
) -> None:
    Marks(memories).set(STORY, Mark.FINISHED)
    state = State.open(path)
    state.ledger.rows("UPDATE finish SET at = '2020-01-01T00:00:00.000+00:00'")
    later = Memories(state)
    marks = Marks(later)
    marks.set(STORY, Mark.UNREAD)
    assert finished(later) == [("s", 2)]
    marks.undo()
    assert finished(later) == [("s", 2)]
    later.close()
