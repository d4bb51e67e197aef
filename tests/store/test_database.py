"""A migration is applied completely or not at all; a damaged store is renamed, never deleted."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from populated_store import NOT_SAVED, fill_store, load_status_of_one

from reader.reading.progress import ReadStatus
from reader.store.database import open_database
from reader.store.files import migrate
from reader.store.migrations import MIGRATIONS
from reader.store.repository import Store
from reader.store.stories import StoryDetails

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "state.db"


@pytest.fixture
def store_path(path: Path) -> Path:
    """Return the path of a store in which the story `one` is finished."""
    return fill_store(path)


VERSION_1 = ("CREATE TABLE a (x)", "INSERT INTO a VALUES (1)")
VERSION_2 = ("ALTER TABLE a ADD COLUMN y", "INSERT INTO a VALUES (2, 2)")
FAILING = ("ALTER TABLE a ADD COLUMN z", "INSERT INTO nowhere VALUES (1)")


def read_version(path: Path) -> int:
    with sqlite3.connect(path) as db:
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
    db.close()
    return version


def test_all_migrations_are_applied_to_a_new_database(path: Path) -> None:
    db = open_database(path, (VERSION_1, VERSION_2)).db
    assert db.execute("SELECT * FROM a").fetchall() == [(1, None), (2, 2)]
    assert read_version(path) == 2


def test_the_missing_migrations_are_applied_to_an_older_database(path: Path) -> None:
    open_database(path, (VERSION_1,)).db.close()
    opened = open_database(path, (VERSION_1, VERSION_2))
    assert opened.db.execute("SELECT * FROM a").fetchall() == [(1, None), (2, 2)]
    assert (opened.notice, opened.is_persistent) == ("", True)


def test_a_failing_migration_changes_nothing(path: Path) -> None:
    open_database(path, (VERSION_1,)).db.close()
    with sqlite3.connect(path, isolation_level=None) as db, pytest.raises(sqlite3.Error):
        migrate(db, "name", (VERSION_1, FAILING))
    columns = db.execute("SELECT name FROM pragma_table_info('a')").fetchall()
    db.close()
    assert (columns, read_version(path)) == ([("x",)], 1)


OPEN_AT_ONCE = """
import os, pathlib, sys
from reader.reading.progress import ReadStatus
from reader.store.repository import Store

for path in sys.argv[1:]:
    waiting, begin = os.pipe()
    children = []
    for name in ("one", "two", "three", "four"):
        child = os.fork()
        if not child:
            os.close(begin)
            os.read(waiting, 1)
            Store.open(pathlib.Path(path)).raise_status(name, ReadStatus.READING)
            sys.exit()
        children.append(child)
    os.close(begin)
    os.close(waiting)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    print(codes, flush=True)  # else a child would print it too
"""
"""A program that opens each store from four processes; none of them imports anything for it."""


class Opened(NamedTuple):
    """A store of each version that four processes have opened at once, and their exit codes."""

    paths: list[Path]
    codes: list[str]


@pytest.fixture(scope="module")
def opened_at_once(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    paths = [tmp_path_factory.mktemp("at-once") / "state.db" for _ in MIGRATIONS]
    for version, path in enumerate(paths):
        open_database(path, MIGRATIONS[:version]).db.close()
    argv = [sys.executable, "-c", OPEN_AT_ONCE, *map(str, paths)]
    run = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    return Opened(paths, run.stdout.splitlines())


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_several_programs_may_migrate_at_once(version: int, opened_at_once: Opened) -> None:
    path = opened_at_once.paths[version]
    assert opened_at_once.codes[version] == "[0, 0, 0, 0]"
    store = Store.open(path)
    assert sorted(store.load_story_states()) == ["four", "one", "three", "two"]
    assert sorted(p.name for p in path.parent.glob("*corrupt*")) == []


def test_a_migration_is_not_repeated_if_another_program_was_faster(path: Path) -> None:
    path.parent.mkdir()

    class SlowConnection(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            if sql == "BEGIN IMMEDIATE":
                open_database(path, (VERSION_1, VERSION_2)).db.close()
            return super().execute(sql, *values)  # type: ignore[arg-type]

    db = sqlite3.connect(path, isolation_level=None, factory=SlowConnection)
    migrate(db, "name", (VERSION_1, VERSION_2))
    assert db.execute("SELECT * FROM a").fetchall() == [(1, None), (2, 2)]
    db.close()


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_newer_database_is_refused_and_not_changed(journal: str, store_path: Path) -> None:
    with sqlite3.connect(store_path) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute(f"PRAGMA journal_mode = {journal}")
    db.close()
    before = store_path.read_bytes()
    status, notice = load_status_of_one(store_path)
    assert status is ReadStatus.UNREAD
    assert notice == f"PATH was written by a newer version of reader: {NOT_SAVED}"
    assert store_path.read_bytes() == before
    assert [p.name for p in store_path.parent.iterdir()] == ["state.db"]


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert load_status_of_one(path) == (ReadStatus.UNREAD, "")


PAGE = 4096


def make_good_file() -> bytes:
    """Return the bytes of a store with thirty stories."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        store = Store.open(path)
        for number in range(30):
            store.set_status(f"story {number}", ReadStatus.FINISHED)
            store.add_words_read(f"story {number}", ((0, number),), 100)
            store.save_story_details(f"story {number}", StoryDetails(path, "source"))
        store.save_choice("theme", "day")
        store.close()
        return path.read_bytes()


GOOD = make_good_file()
DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "garbage": lambda data: b"garbage" * len(data),
    "one byte": lambda data: data[:1],
    "cut in the first page": lambda data: data[:1000],
    "cut between pages": lambda data: data[: PAGE * 3],
    "another file's header": lambda data: b"PK\3\4" + data[4:],
    "a schema of nonsense": lambda data: data[:100] + b"\xff" * (PAGE - 100) + data[PAGE:],
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_store_is_renamed_and_replaced(case: str, store_path: Path) -> None:
    damaged = DAMAGED[case](store_path.read_bytes())
    store_path.write_bytes(damaged)
    status, notice = load_status_of_one(store_path)
    assert status is ReadStatus.UNREAD
    assert notice.startswith("PATH is damaged (")
    assert notice.endswith("; it was renamed to state.db.corrupt-1")
    assert store_path.with_name("state.db.corrupt-1").read_bytes() == damaged
    assert load_status_of_one(store_path) == (ReadStatus.UNREAD, "")


def test_records_on_undamaged_pages_are_read_from_a_damaged_store(store_path: Path) -> None:
    data = store_path.read_bytes()
    store_path.write_bytes(data[: PAGE * 2] + b"\xff" * PAGE + data[PAGE * 3 :])
    status, notice = load_status_of_one(store_path)
    assert status is ReadStatus.FINISHED
    assert notice.endswith(
        "; it was renamed to state.db.corrupt-1, and 1 record could be read from it"
    )


def test_the_replacement_of_a_damaged_store_is_persistent(store_path: Path) -> None:
    store_path.write_bytes(b"garbage")
    store = Store.open(store_path)
    store.set_status("one", ReadStatus.READING)
    assert store.is_persistent
    store.close()
    assert load_status_of_one(store_path) == (ReadStatus.READING, "")


def test_the_log_is_renamed_with_a_damaged_store(store_path: Path) -> None:
    store_path.write_bytes(b"garbage")
    for suffix in ("-wal", "-shm"):
        store_path.with_name(f"state.db{suffix}").write_bytes(suffix.encode())
    Store.open(store_path).close()
    assert store_path.with_name("state.db.corrupt-1-wal").read_bytes() == b"-wal"
    assert store_path.with_name("state.db.corrupt-1-shm").read_bytes() == b"-shm"


def test_a_second_damaged_store_gets_another_name(store_path: Path) -> None:
    for text in (b"first", b"second"):
        store_path.write_bytes(text)
        Store.open(store_path).close()
    renamed = sorted(store_path.parent.glob("*corrupt*"))
    assert [file.read_bytes() for file in renamed] == [b"first", b"second"]


def test_the_database_of_another_program_is_renamed(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE story (id, other)")
        db.execute("PRAGMA user_version = 1")
    db.close()
    assert load_status_of_one(path)[1] == (
        "PATH is damaged (a table or column is missing); it was renamed to state.db.corrupt-1"
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 17), st.integers(0, 255)), min_size=1, max_size=20))
@example([(PAGE - 60, 0xFF)])
@example([(18, 0xFF)])  # SQLite takes the file for one that may only be read
def test_a_store_with_any_damage_opens(damage: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        data = bytearray(GOOD)
        for position, value in damage:
            data[position % len(data)] = value
        path.write_bytes(data)
        store = Store.open(path)
        store.load_story_states(), store.load_known_stories(), store.load_choice("theme")
        store.set_status("one", ReadStatus.FINISHED)
        assert store.load_story_state("one").status is ReadStatus.FINISHED
        store.close()
