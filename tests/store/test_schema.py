"""The second version of the memory: histories, rounds, paces, stamps; and the way to it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reader.reading.annotations import Finish
from reader.reading.progress import Mark
from reader.store.database import opened
from reader.store.facts import FACTS, MIGRATIONS
from reader.store.repository import Finishing, Known, State
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from reader.store.facts import Ledger

ANCHOR = Anchor(Place(3, 17), "fp", "a quote")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def state() -> State:
    return State.in_memory()


# From the first version -------------------------------------------------------------------


@pytest.fixture
def older(path: Path) -> Path:
    """Return the path of a memory as the first version left it."""
    db = opened(path, MIGRATIONS[:1]).db
    stamp = (7, "2025-03-01T10:20:30+00:00", "abcd0123")
    db.execute("INSERT INTO story VALUES ('s', x'2f61', 'mine', ?, ?, ?)", stamp)
    db.execute("INSERT INTO place VALUES ('s', 3, 17, 'fp', 'a quote', ?, ?, ?)", stamp)
    db.execute("INSERT INTO reading VALUES ('s', '[[0, 530]]', 530, ?, ?, ?)", stamp)
    db.execute("INSERT INTO mark VALUES ('s', 'finished', ?, ?, ?)", stamp)
    db.execute("INSERT INTO setting VALUES ('theme', 'day', ?, ?, ?)", stamp)
    db.execute("INSERT INTO mark VALUES ('begun', 'reading', ?, ?, ?)", stamp)
    db.close()
    return path


def test_what_the_first_version_remembered_is_remembered(older: Path) -> None:
    state = State.open(older)
    memory = state.memory("s")
    assert state.notice == ""
    assert (memory.mark, memory.anchor, memory.ranges) == (Mark.FINISHED, ANCHOR, ((0, 530),))
    assert state.known("s") == Known(Path("/a"), "mine", "", "", "")
    assert state.setting("theme") == "day"


def test_what_the_first_version_had_finished_stands_in_the_history(older: Path) -> None:
    state = State.open(older)
    assert state.finishes() == [Finish("s", datetime(2025, 3, 1, 10, 20, 30, tzinfo=UTC), 2)]
    assert (state.memory("s").finished, state.memory("begun").finished) == (1, 0)


def test_the_first_change_in_the_second_version_counts_on(older: Path) -> None:
    state = State.open(older)
    state.mark("other", Mark.READING)
    assert state.memory("other").serial == 8


def test_every_stamp_of_the_first_version_gets_its_milliseconds(older: Path) -> None:
    State.open(older).close()
    with sqlite3.connect(older) as db:
        for table in ("story", "place", "reading", "mark", "finish", "setting"):
            changed = db.execute(f"SELECT DISTINCT changed FROM {table}").fetchall()  # noqa: S608  our own names
            assert changed == [("2025-03-01T10:20:30.000+00:00",)]
    db.close()


def test_the_facts_are_the_columns_that_the_migrations_make(state: State) -> None:
    for table, columns in FACTS.items():
        found = state.ledger.rows("SELECT name FROM pragma_table_info(?)", table)
        assert {name for (name,) in found} == {*columns, "serial", "changed", "device"}


# Stamps -----------------------------------------------------------------------------------


def stamp_of(ledger: Ledger) -> tuple[int, str]:
    row = ledger.one("SELECT serial, changed FROM mark")
    assert row is not None
    return row[0], row[1]


def test_a_stamp_has_milliseconds_and_is_of_now(state: State) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    state.mark("s", Mark.READING)
    changed = datetime.fromisoformat(stamp_of(state.ledger)[1])
    assert before <= changed <= datetime.now(UTC)
    assert len(stamp_of(state.ledger)[1]) == len("2026-11-22T10:20:30.123+00:00")


def test_a_fact_is_later_than_the_one_it_replaces_though_the_clock_went_back(state: State) -> None:
    state.mark("s", Mark.READING)
    state.ledger.rows("UPDATE mark SET changed = '2099-12-31T23:59:59.999+00:00'")
    state.mark("s", Mark.FINISHED)
    assert stamp_of(state.ledger) == (2, "2100-01-01T00:00:00.000+00:00")


@pytest.mark.parametrize("nonsense", ["when it rained", "9999-12-31T23:59:59.999+00:00"])
def test_a_stamp_of_nonsense_keeps_nothing_from_being_written(nonsense: str, state: State) -> None:
    state.mark("s", Mark.READING)
    state.ledger.rows("UPDATE mark SET changed = ?", nonsense)
    state.mark("s", Mark.FINISHED)
    assert state.memory("s").mark is Mark.FINISHED


# Places, texts, paces, names --------------------------------------------------------------


def test_a_place_knows_its_round_and_when_it_was_left(state: State) -> None:
    state.remember("s", ANCHOR, 2)
    memory = state.memory("s")
    assert memory.round == 2
    assert memory.stopped is not None
    assert datetime.now(UTC) - memory.stopped < timedelta(seconds=60)


def test_carried_words_take_the_place_of_those_numbered_in_another_text(state: State) -> None:
    state.credit("s", ((0, 100),), 200)
    state.number("s", "record", ((50, 150),), 250)
    memory = state.memory("s")
    assert (memory.ranges, memory.words, state.text_of("s")) == (((50, 150),), 250, "record")


def test_a_text_that_is_numbered_first_leaves_the_words_read_alone(state: State) -> None:
    state.credit("s", ((0, 100),), 200)
    state.number("s", "record", None, 0)
    memory = state.memory("s")
    assert (memory.ranges, memory.words) == (((0, 100),), 200)


def test_paces_are_kept_by_language(state: State) -> None:
    state.note_pace("", (200, 210))
    state.note_pace("de", [180])
    assert (state.pace(""), state.pace("de"), state.pace("fr")) == ((200, 210), (180,), ())


def test_a_story_whose_file_is_gone_still_has_its_name(state: State) -> None:
    state.meet("s", Path("/a.md"), "mine", title="T", author="A", url="https://u")
    assert state.known("s") == Known(Path("/a.md"), "mine", "T", "A", "https://u")
    assert state.known("nobody") is None


def test_a_story_is_met_anew_where_its_name_has_changed_and_only_then(state: State) -> None:
    state.meet("s", Path("/a.md"), "mine", title="T")
    state.meet("s", Path("/a.md"), "mine", title="T")
    assert state.ledger.one("SELECT serial FROM story") == (1,)
    state.meet("s", Path("/a.md"), "mine", title="U")
    assert state.known("s") == Known(Path("/a.md"), "mine", "U", "", "")


# What was finished ------------------------------------------------------------------------


def test_a_finished_mark_brings_a_line_of_history_and_takes_it_back(state: State) -> None:
    state.mark("s", Mark.FINISHED, finish=Finishing("f", 6))
    assert [(f.story, f.minutes) for f in state.finishes()] == [("s", 6)]
    state.mark("s", Mark.UNREAD, finish=Finishing("f", 6, gone=True))
    assert state.finishes() == []
    state.mark("s", Mark.FINISHED, finish=Finishing("f"))
    assert [(f.story, f.minutes) for f in state.finishes()] == [("s", 6)]


def test_reading_that_raises_no_mark_brings_no_line_of_history(state: State) -> None:
    state.mark("s", Mark.FINISHED, finish=Finishing("f", 6))
    state.raise_mark("s", Mark.FINISHED, Finishing("g", 6))
    assert len(state.finishes()) == 1


def test_a_line_of_history_that_never_was_is_not_taken_back(state: State) -> None:
    state.mark("s", Mark.UNREAD, finish=Finishing("f", gone=True))
    assert state.ledger.one("SELECT count(*) FROM finish") == (0,)


def test_the_history_is_told_newest_first(state: State) -> None:
    for number in range(3):
        state.mark(f"{number}", Mark.FINISHED, finish=Finishing(f"f{number}"))
        state.ledger.rows(
            "UPDATE finish SET at = ? WHERE id = ?", f"202{number}-01-01T00:00:00Z", f"f{number}"
        )
    assert [finish.story for finish in state.finishes()] == ["2", "1", "0"]


def test_a_story_was_finished_as_often_as_the_history_says(state: State) -> None:
    for number in range(3):
        state.mark("s", Mark.FINISHED, finish=Finishing(f"f{number}"))
    state.mark("s", Mark.UNREAD, finish=Finishing("f2", gone=True))
    assert state.memory("s").finished == 2
