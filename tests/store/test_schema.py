"""The second version of the memory: histories, rounds, paces, stamps; and the way to it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reader.reading.annotations import HistoryEntry
from reader.reading.progress import ReadStatus
from reader.store.database import open_database
from reader.store.facts import MIGRATIONS, TABLE_COLUMNS
from reader.store.repository import FinishChange, Store, StoryDetails
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from reader.store.facts import FactStore

ANCHOR = Anchor(Place(3, 17), "fp", "a quote")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def state() -> Store:
    return Store.open_in_memory()


# From the first version -------------------------------------------------------------------


@pytest.fixture
def older(path: Path) -> Path:
    """Return the path of a memory as the first version left it."""
    db = open_database(path, MIGRATIONS[:1]).db
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
    state = Store.open(older)
    memory = state.load_story_state("s")
    assert state.notice == ""
    assert (memory.status, memory.anchor, memory.ranges) == (
        ReadStatus.FINISHED,
        ANCHOR,
        ((0, 530),),
    )
    assert state.load_story_details("s") == StoryDetails(Path("/a"), "mine", "", "", "")
    assert state.load_choice("theme") == "day"


def test_what_the_first_version_had_finished_stands_in_the_history(older: Path) -> None:
    state = Store.open(older)
    assert state.load_history() == [
        HistoryEntry("s", datetime(2025, 3, 1, 10, 20, 30, tzinfo=UTC), 2)
    ]
    assert (
        state.load_story_state("s").finish_count,
        state.load_story_state("begun").finish_count,
    ) == (1, 0)


def test_the_first_change_in_the_second_version_counts_on(older: Path) -> None:
    state = Store.open(older)
    state.set_status("other", ReadStatus.READING)
    assert state.load_story_state("other").last_read == 8


def test_every_stamp_of_the_first_version_gets_its_milliseconds(older: Path) -> None:
    Store.open(older).close()
    with sqlite3.connect(older) as db:
        for table in ("story", "place", "reading", "mark", "finish", "setting"):
            changed = db.execute(f"SELECT DISTINCT changed FROM {table}").fetchall()  # noqa: S608  our own names
            assert changed == [("2025-03-01T10:20:30.000+00:00",)]
    db.close()


def test_the_facts_are_the_columns_that_the_migrations_make(state: Store) -> None:
    for table, columns in TABLE_COLUMNS.items():
        found = state.fact_store.fetch_all("SELECT name FROM pragma_table_info(?)", table)
        assert {name for (name,) in found} == {*columns, "serial", "changed", "device"}


# Stamps -----------------------------------------------------------------------------------


def stamp_of(ledger: FactStore) -> tuple[int, str]:
    row = ledger.fetch_one("SELECT serial, changed FROM mark")
    assert row is not None
    return row[0], row[1]


def test_a_stamp_has_milliseconds_and_is_of_now(state: Store) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    state.set_status("s", ReadStatus.READING)
    changed = datetime.fromisoformat(stamp_of(state.fact_store)[1])
    assert before <= changed <= datetime.now(UTC)
    assert len(stamp_of(state.fact_store)[1]) == len("2026-11-22T10:20:30.123+00:00")


def test_a_fact_is_later_than_the_one_it_replaces_though_the_clock_went_back(state: Store) -> None:
    state.set_status("s", ReadStatus.READING)
    state.fact_store.fetch_all("UPDATE mark SET changed = '2099-12-31T23:59:59.999+00:00'")
    state.set_status("s", ReadStatus.FINISHED)
    assert stamp_of(state.fact_store) == (2, "2100-01-01T00:00:00.000+00:00")


@pytest.mark.parametrize("nonsense", ["when it rained", "9999-12-31T23:59:59.999+00:00"])
def test_a_stamp_of_nonsense_keeps_nothing_from_being_written(nonsense: str, state: Store) -> None:
    state.set_status("s", ReadStatus.READING)
    state.fact_store.fetch_all("UPDATE mark SET changed = ?", nonsense)
    state.set_status("s", ReadStatus.FINISHED)
    assert state.load_story_state("s").status is ReadStatus.FINISHED


# Places, texts, paces, names --------------------------------------------------------------


def test_a_place_knows_its_round_and_when_it_was_left(state: Store) -> None:
    state.save_place("s", ANCHOR, 2)
    memory = state.load_story_state("s")
    assert memory.reading_round == 2
    assert memory.stopped_at is not None
    assert datetime.now(UTC) - memory.stopped_at < timedelta(seconds=60)


def test_carried_words_take_the_place_of_those_numbered_in_another_text(state: Store) -> None:
    state.add_words_read("s", ((0, 100),), 200)
    state.save_text_record("s", "record", ((50, 150),), 250)
    memory = state.load_story_state("s")
    assert (memory.ranges, memory.words, state.load_text_record("s")) == (
        ((50, 150),),
        250,
        "record",
    )


def test_a_text_that_is_numbered_first_leaves_the_words_read_alone(state: Store) -> None:
    state.add_words_read("s", ((0, 100),), 200)
    state.save_text_record("s", "record", None, 0)
    memory = state.load_story_state("s")
    assert (memory.ranges, memory.words) == (((0, 100),), 200)


def test_paces_are_kept_by_language(state: Store) -> None:
    state.save_pace_samples("", (200, 210))
    state.save_pace_samples("de", [180])
    assert (
        state.load_pace_samples(""),
        state.load_pace_samples("de"),
        state.load_pace_samples("fr"),
    ) == ((200, 210), (180,), ())


def test_a_story_whose_file_is_gone_still_has_its_name(state: Store) -> None:
    state.save_story_details("s", Path("/a.md"), "mine", title="T", author="A", url="https://u")
    assert state.load_story_details("s") == StoryDetails(
        Path("/a.md"), "mine", "T", "A", "https://u"
    )
    assert state.load_story_details("nobody") is None


def test_a_story_is_met_anew_where_its_name_has_changed_and_only_then(state: Store) -> None:
    state.save_story_details("s", Path("/a.md"), "mine", title="T")
    state.save_story_details("s", Path("/a.md"), "mine", title="T")
    assert state.fact_store.fetch_one("SELECT serial FROM story") == (1,)
    state.save_story_details("s", Path("/a.md"), "mine", title="U")
    assert state.load_story_details("s") == StoryDetails(Path("/a.md"), "mine", "U", "", "")


# What was finished ------------------------------------------------------------------------


def test_a_finished_mark_brings_a_line_of_history_and_takes_it_back(state: Store) -> None:
    state.set_status("s", ReadStatus.FINISHED, finish=FinishChange("f", 6))
    assert [(f.story_id, f.minutes) for f in state.load_history()] == [("s", 6)]
    state.set_status("s", ReadStatus.UNREAD, finish=FinishChange("f", 6, is_deleted=True))
    assert state.load_history() == []
    state.set_status("s", ReadStatus.FINISHED, finish=FinishChange("f"))
    assert [(f.story_id, f.minutes) for f in state.load_history()] == [("s", 6)]


def test_reading_that_raises_no_mark_brings_no_line_of_history(state: Store) -> None:
    state.set_status("s", ReadStatus.FINISHED, finish=FinishChange("f", 6))
    state.raise_status("s", ReadStatus.FINISHED, FinishChange("g", 6))
    assert len(state.load_history()) == 1


def test_a_line_of_history_that_never_was_is_not_taken_back(state: Store) -> None:
    state.set_status("s", ReadStatus.UNREAD, finish=FinishChange("f", is_deleted=True))
    assert state.fact_store.fetch_one("SELECT count(*) FROM finish") == (0,)


def test_the_history_is_told_newest_first(state: Store) -> None:
    for number in range(3):
        state.set_status(f"{number}", ReadStatus.FINISHED, finish=FinishChange(f"f{number}"))
        state.fact_store.fetch_all(
            "UPDATE finish SET at = ? WHERE id = ?", f"202{number}-01-01T00:00:00Z", f"f{number}"
        )
    assert [finish.story_id for finish in state.load_history()] == ["2", "1", "0"]


def test_a_story_was_finished_as_often_as_the_history_says(state: Store) -> None:
    for number in range(3):
        state.set_status("s", ReadStatus.FINISHED, finish=FinishChange(f"f{number}"))
    state.set_status("s", ReadStatus.UNREAD, finish=FinishChange("f2", is_deleted=True))
    assert state.load_story_state("s").finish_count == 2
