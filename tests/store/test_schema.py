"""The schema: every older version migrates with all its rows, or stays complete after a kill."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reader.reading.annotations import Highlight, HistoryEntry, Response
from reader.reading.progress import ReadStatus
from reader.store.database import open_database
from reader.store.migrations import MIGRATIONS
from reader.store.repository import FinishChange, Store
from reader.store.schema import TABLES, HistoryRow, ReadStatusRow, Stamp, StoryRow
from reader.store.stories import StoryDetails
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

ANCHOR = Anchor(Place(3, 17), "fp", "an excerpt")
TIME = datetime(2025, 3, 1, 10, 20, 30, tzinfo=UTC)
STAMP = (7, "2025-03-01T10:20:30.000+00:00", "abcd0123")
STAMP_1 = (7, "2025-03-01T10:20:30+00:00", "abcd0123")
"""As version 1 wrote it, without milliseconds."""
VERSION_2_ROWS = {
    "story": ("s", b"/caf\xe9.md", "mine", *STAMP, "Title", "Ann", "https://u"),
    "place": ("s", 3, 17, "fp", "an excerpt", *STAMP, 2),
    "reading": ("s", "[[0, 530]]", 540, *STAMP),
    "text": ("s", "fp:20", *STAMP),
    "mark": ("s", "finished", *STAMP),
    "finish": ("f", "s", STAMP[1], 6, 0, *STAMP),
    "quote": ("q", "s", 3, 17, "fp", "an excerpt", "All of it.", "Mine.", STAMP[1], 0, *STAMP),
    "response": ("s", "I doubt it.", *STAMP),
    "pace": ("en", "[240, 250]", *STAMP),
    "setting": ("theme", "day", *STAMP),
}
"""A row of each table of version 2, its columns in the order in which the migrations made them."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def store() -> Store:
    return Store.open_in_memory()


@pytest.fixture
def version_1(path: Path) -> Path:
    """Return the path of a database that version 1 wrote."""
    with closing(open_database(path, MIGRATIONS[:1]).db) as db:
        db.execute("INSERT INTO story VALUES ('s', x'2f61', 'mine', ?, ?, ?)", STAMP_1)
        db.execute("INSERT INTO place VALUES ('s', 3, 17, 'fp', 'an excerpt', ?, ?, ?)", STAMP_1)
        db.execute("INSERT INTO reading VALUES ('s', '[[0, 530]]', 530, ?, ?, ?)", STAMP_1)
        db.execute("INSERT INTO mark VALUES ('s', 'finished', ?, ?, ?)", STAMP_1)
        db.execute("INSERT INTO setting VALUES ('theme', 'day', ?, ?, ?)", STAMP_1)
        db.execute("INSERT INTO mark VALUES ('begun', 'reading', ?, ?, ?)", STAMP_1)
    return path


@pytest.fixture
def version_2(path: Path) -> Path:
    """Return the path of a database that version 2 wrote."""
    with closing(open_database(path, MIGRATIONS[:2]).db) as db:
        for table, row in VERSION_2_ROWS.items():
            places = ", ".join("?" * len(row))
            db.execute(f"INSERT INTO {table} VALUES ({places})", row)  # noqa: S608  our own names
        db.execute("UPDATE device SET serial = 7")
    return path


@pytest.fixture
def migrated_store(version_2: Path) -> Iterator[Store]:
    """Yield the migrated store of version 2."""
    with closing(Store.open(version_2)) as store:
        assert store.notice == ""
        yield store


def test_a_database_of_version_1_is_migrated(version_1: Path) -> None:
    store = Store.open(version_1)
    state = store.load_story_state("s")
    assert store.notice == ""
    assert (state.status, state.anchor) == (ReadStatus.FINISHED, ANCHOR)
    assert (state.ranges, state.word_count) == (((0, 530),), 530)
    assert store.load_story_details("s") == StoryDetails(Path("/a"), "mine", "", "", "")
    assert store.load_choice("theme") == "day"


def test_finished_stories_of_version_1_are_in_the_history(version_1: Path) -> None:
    store = Store.open(version_1)
    assert store.load_history() == [HistoryEntry("s", TIME, 2)]
    assert store.load_story_state("s").finish_count == 1
    assert store.load_story_state("begun").finish_count == 0


def test_serial_numbers_continue_after_a_migration(version_1: Path) -> None:
    store = Store.open(version_1)
    store.set_status("other", ReadStatus.READING)
    assert store.load_story_state("other").last_read == 8


def test_the_stamps_of_version_1_get_milliseconds(version_1: Path) -> None:
    store = Store.open(version_1)
    changed = {record.stamp.changed_at for record in store.record_store.load_records()}
    assert changed == {"2025-03-01T10:20:30.000+00:00"}


def test_the_reading_progress_of_version_2_is_migrated(migrated_store: Store) -> None:
    state = migrated_store.load_story_state("s")
    assert (state.status, state.anchor, state.ranges) == (
        ReadStatus.FINISHED,
        ANCHOR,
        ((0, 530),),
    )
    assert (state.word_count, state.reading_round, state.stopped_at) == (540, 2, TIME)
    details = StoryDetails(Path("/caf\udce9.md"), "mine", "Title", "Ann", "https://u")
    assert migrated_store.load_story_details("s") == details
    assert migrated_store.load_text_record("s") == "fp:20"
    assert migrated_store.load_history() == [HistoryEntry("s", TIME, 6)]
    assert migrated_store.load_pace_samples("en") == (240, 250)
    assert migrated_store.load_choice("theme") == "day"


def test_the_annotations_of_version_2_are_migrated(migrated_store: Store) -> None:
    highlight = Highlight("q", "s", ANCHOR, "All of it.", "Mine.", TIME)
    assert migrated_store.annotation_store.load_highlights() == [highlight]
    assert migrated_store.annotation_store.load_responses() == [Response("s", "I doubt it.", TIME)]


def test_every_row_of_version_2_keeps_its_values(version_2: Path) -> None:
    with closing(sqlite3.connect(version_2)) as db:
        before = {t: sorted(map(repr, db.execute(f"SELECT * FROM {t}"))) for t in VERSION_2_ROWS}  # noqa: S608  our own names
        device = db.execute("SELECT * FROM device").fetchall()
    Store.open(version_2).close()
    with closing(sqlite3.connect(version_2)) as db:
        assert db.execute("SELECT * FROM device").fetchall() == device
        identity = db.execute("SELECT * FROM identity").fetchall()
        assert identity == [("s", "", STAMP[2], STAMP[2], "", *STAMP)]
        for (old, rows), new in zip(before.items(), [*TABLES][: len(VERSION_2_ROWS)], strict=True):
            values = [sorted(map(repr, row)) for row in db.execute(f"SELECT * FROM {new}")]  # noqa: S608  our own names
            assert values == [sorted(map(repr, VERSION_2_ROWS[old])) for _ in rows], f"{old}, {new}"
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert {name for (name,) in tables} == {*TABLES, "device"}


MIGRATE_AND_KILL = """
import os, pathlib, signal, sqlite3, sys

class Killed(sqlite3.Connection):
    started = False
    count = 0
    def execute(self, sql, *values):
        if self.started:
            Killed.count += 1
            if Killed.count > int(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)
        self.started = self.started or sql == "BEGIN IMMEDIATE"
        return super().execute(sql, *values)

connect = sqlite3.connect
sqlite3.connect = lambda name, *args, **options: connect(
    name, *args, **options | ({} if name == ":memory:" else {"factory": Killed})
)
from reader.store.repository import Store
store = Store.open(pathlib.Path(sys.argv[1]))
"""
"""Kills the program before a statement of the migration, counted from its BEGIN."""


@pytest.mark.parametrize("count", [0, 1, 2, 12, 25, len(MIGRATIONS[2]), len(MIGRATIONS[2]) + 2])
def test_a_kill_during_the_migration_leaves_version_2_complete(count: int, version_2: Path) -> None:
    argv = [sys.executable, "-c", MIGRATE_AND_KILL, str(version_2), str(count)]
    assert subprocess.run(argv, check=False).returncode == -signal.SIGKILL
    with closing(sqlite3.connect(version_2)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        for table, row in VERSION_2_ROWS.items():
            assert db.execute(f"SELECT * FROM {table}").fetchall() == [row]  # noqa: S608  our own names
    with closing(Store.open(version_2)) as store:
        assert store.notice == ""
        assert store.load_story_state("s").anchor == ANCHOR


def test_the_rows_are_the_columns_that_the_migrations_make(store: Store) -> None:
    for table, row_class in TABLES.items():
        rows = store.record_store.fetch_all("SELECT name FROM pragma_table_info(?)", table)
        assert [row["name"] for row in rows] == [*row_class._fields, *Stamp._fields]


def load_stamp(store: Store) -> Stamp:
    """Return the stamp of the only read status."""
    (record,) = [
        record
        for record in store.record_store.load_records()
        if isinstance(record.row, ReadStatusRow)
    ]
    return record.stamp


def test_a_stamp_is_the_time_now_in_milliseconds(store: Store) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    store.set_status("s", ReadStatus.READING)
    changed_at = load_stamp(store).changed_at
    assert before <= datetime.fromisoformat(changed_at) <= datetime.now(UTC)
    assert len(changed_at) == len("2026-11-22T10:20:30.123+00:00")


def test_a_record_is_later_than_the_one_it_replaces_in_the_same_millisecond(store: Store) -> None:
    with store.record_store.transaction() as stamp:
        store.record_store.put(ReadStatusRow("s", "reading"), stamp)
        store.record_store.put(ReadStatusRow("s", "finished"), stamp)
    assert load_stamp(store).changed_at > stamp.changed_at


def test_a_record_is_later_than_the_one_it_replaces_after_the_clock_went_back(
    store: Store,
) -> None:
    store.set_status("s", ReadStatus.READING)
    store.record_store.fetch_all(
        "UPDATE read_status SET changed_at = '2099-12-31T23:59:59.999+00:00'"
    )
    store.set_status("s", ReadStatus.FINISHED)
    stamp = load_stamp(store)
    assert (stamp.serial, stamp.changed_at) == (2, "2100-01-01T00:00:00.000+00:00")


@pytest.mark.parametrize("changed_at", ["when it rained", "9999-12-31T23:59:59.999+00:00"])
def test_a_record_with_an_unusable_time_can_be_replaced(changed_at: str, store: Store) -> None:
    store.set_status("s", ReadStatus.READING)
    store.record_store.fetch_all("UPDATE read_status SET changed_at = ?", changed_at)
    store.set_status("s", ReadStatus.FINISHED)
    assert store.load_story_state("s").status is ReadStatus.FINISHED


def test_a_place_has_its_round_and_time(store: Store) -> None:
    store.save_place("s", ANCHOR, 2)
    state = store.load_story_state("s")
    assert state.reading_round == 2
    assert state.stopped_at is not None
    assert datetime.now(UTC) - state.stopped_at < timedelta(minutes=10)


def test_base_ranges_replace_words_that_were_numbered_in_another_text(store: Store) -> None:
    store.add_words_read("s", ((0, 100),), 200)
    store.save_text_record("s", "record", ((50, 150),), 250)
    state = store.load_story_state("s")
    assert (state.ranges, state.word_count) == (((50, 150),), 250)
    assert store.load_text_record("s") == "record"


def test_a_text_record_without_base_ranges_leaves_the_words_read(store: Store) -> None:
    store.add_words_read("s", ((0, 100),), 200)
    store.save_text_record("s", "record", None, 0)
    state = store.load_story_state("s")
    assert (state.ranges, state.word_count) == (((0, 100),), 200)


def test_each_language_has_its_own_pace(store: Store) -> None:
    store.save_pace_samples("", (200, 210))
    store.save_pace_samples("de", [180])
    assert store.load_pace_samples("") == (200, 210)
    assert store.load_pace_samples("de") == (180,)
    assert store.load_pace_samples("fr") == ()


def test_the_details_of_a_story_can_be_loaded(store: Store) -> None:
    details = StoryDetails(Path("/a.md"), "mine", title="T", author="A", url="https://u")
    store.save_story_details("s", details)
    assert store.load_story_details("s") == details
    assert store.load_story_details("unknown") is None


def test_unchanged_details_are_not_written_again(store: Store) -> None:
    details = StoryDetails(Path("/a.md"), "mine", title="T")
    store.save_story_details("s", details)
    store.save_story_details("s", details)
    assert len(store.record_store.select(StoryRow, "serial = 1")) == 1
    store.save_story_details("s", details._replace(title="U"))
    assert store.load_story_details("s") == details._replace(title="U")


def list_history(store: Store) -> list[tuple[str, int]]:
    return [(entry.story_id, entry.minutes) for entry in store.load_history()]


def test_a_finish_is_added_to_the_history_deleted_and_restored(store: Store) -> None:
    store.set_status("s", ReadStatus.FINISHED, finish=FinishChange("f", 6))
    assert list_history(store) == [("s", 6)]
    store.set_status("s", ReadStatus.UNREAD, finish=FinishChange("f", 6, is_deleted=True))
    assert list_history(store) == []
    store.set_status("s", ReadStatus.FINISHED, finish=FinishChange("f"))
    assert list_history(store) == [("s", 6)]


def test_a_status_that_is_not_raised_adds_nothing_to_the_history(store: Store) -> None:
    store.set_status("s", ReadStatus.FINISHED, finish=FinishChange("f", 6))
    store.raise_status("s", ReadStatus.FINISHED, FinishChange("g", 6))
    assert len(store.load_history()) == 1


def test_deleting_an_unknown_finish_writes_nothing(store: Store) -> None:
    store.set_status("s", ReadStatus.UNREAD, finish=FinishChange("f", is_deleted=True))
    assert store.record_store.select(HistoryRow, "TRUE") == []


def test_the_history_has_the_newest_entry_first(store: Store) -> None:
    for number in range(3):
        store.set_status(f"{number}", ReadStatus.FINISHED, finish=FinishChange(f"f{number}"))
        store.record_store.fetch_all(
            "UPDATE history SET finished_at = ? WHERE id = ?",
            f"202{number}-01-01T00:00:00Z",
            f"f{number}",
        )
    assert [entry.story_id for entry in store.load_history()] == ["2", "1", "0"]


def test_the_finish_count_is_the_number_of_history_entries(store: Store) -> None:
    for number in range(3):
        store.set_status("s", ReadStatus.FINISHED, finish=FinishChange(f"f{number}"))
    store.set_status("s", ReadStatus.UNREAD, finish=FinishChange("f2", is_deleted=True))
    assert store.load_story_state("s").finish_count == 2
