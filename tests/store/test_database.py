"""A memory is brought up to date whole or not at all; a damaged one is set aside, never deleted."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from populated_store import NOT_KEPT, fill, mark_of_one

from reader.reading.progress import ReadStatus
from reader.store.database import open_database
from reader.store.files import migrate
from reader.store.repository import Store, StoryDetails

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "state.db"


@pytest.fixture
def filled(path: Path) -> Path:
    """Return the path of a memory in which the story `one` is finished."""
    return fill(path)


# Migrations ------------------------------------------------------------------------------

ONE = ("CREATE TABLE a (x)", "INSERT INTO a VALUES (1)")
TWO = ("ALTER TABLE a ADD COLUMN y", "INSERT INTO a VALUES (2, 2)")
FAILS = ("ALTER TABLE a ADD COLUMN z", "INSERT INTO nowhere VALUES (1)")


def version(path: Path) -> int:
    with sqlite3.connect(path) as db:
        found: int = db.execute("PRAGMA user_version").fetchone()[0]
    db.close()
    return found


def test_a_new_database_gets_every_migration(path: Path) -> None:
    db = open_database(path, (ONE, TWO)).db
    assert db.execute("SELECT * FROM a").fetchall() == [(1, None), (2, 2)]
    assert version(path) == 2


def test_an_older_database_gets_what_it_lacks_and_keeps_what_it_has(path: Path) -> None:
    open_database(path, (ONE,)).db.close()
    found = open_database(path, (ONE, TWO))
    assert found.db.execute("SELECT * FROM a").fetchall() == [(1, None), (2, 2)]
    assert (found.notice, found.is_persistent) == ("", True)


def test_a_migration_that_fails_leaves_version_and_tables_as_they_were(path: Path) -> None:
    open_database(path, (ONE,)).db.close()
    with sqlite3.connect(path, isolation_level=None) as db, pytest.raises(sqlite3.Error):
        migrate(db, "name", (ONE, FAILS))
    columns = db.execute("SELECT name FROM pragma_table_info('a')").fetchall()
    db.close()
    assert (columns, version(path)) == ([("x",)], 1)


def test_two_programs_may_migrate_at_once(path: Path) -> None:
    source = "import sys, pathlib; from reader.store.repository import Store; input()"
    source += "; s = Store.open(pathlib.Path(sys.argv[1])); s.raise_status(sys.argv[2], 'reading')"
    source = source.replace(
        "'reading'", "__import__('reader.reading.progress').reading.progress.ReadStatus.READING"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", source, path, name], stdin=subprocess.PIPE)
        for name in ("one", "two", "three", "four")
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"\n")
        child.stdin.flush()
    assert [child.wait(60) for child in children] == [0, 0, 0, 0]
    for child in children:
        assert child.stdin is not None
        child.stdin.close()
    state = Store.open(path)
    assert sorted(state.load_story_states()) == ["four", "one", "three", "two"]
    assert sorted(p.name for p in path.parent.glob("*corrupt*")) == []


def test_a_program_that_is_overtaken_while_it_migrates_does_nothing_twice(path: Path) -> None:
    path.parent.mkdir()

    class Overtaken(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            if sql == "BEGIN IMMEDIATE":
                open_database(path, (ONE, TWO)).db.close()
            return super().execute(sql, *values)  # type: ignore[arg-type]

    db = sqlite3.connect(path, isolation_level=None, factory=Overtaken)
    migrate(db, "name", (ONE, TWO))
    assert db.execute("SELECT * FROM a").fetchall() == [(1, None), (2, 2)]
    db.close()


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_newer_database_is_refused_and_left_byte_for_byte(journal: str, filled: Path) -> None:
    with sqlite3.connect(filled) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute(f"PRAGMA journal_mode = {journal}")
    db.close()
    before = filled.read_bytes()
    mark, notice = mark_of_one(filled)
    assert mark is ReadStatus.UNREAD
    assert notice == f"PATH was written by a newer version of reader: {NOT_KEPT}"
    assert filled.read_bytes() == before
    assert [p.name for p in filled.parent.iterdir()] == ["state.db"]


# Damage ----------------------------------------------------------------------------------


def test_an_empty_file_becomes_a_memory(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert mark_of_one(path) == (ReadStatus.UNREAD, "")


PAGE = 4096


def good() -> bytes:
    """Return the bytes of a memory of thirty stories."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        state = Store.open(path)
        for number in range(30):
            state.set_status(f"story {number}", ReadStatus.FINISHED)
            state.add_words_read(f"story {number}", ((0, number),), 100)
            state.save_story_details(f"story {number}", StoryDetails(path, "source"))
        state.save_choice("theme", "day")
        state.close()
        return path.read_bytes()


GOOD = good()
DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "garbage": lambda data: b"garbage" * len(data),
    "one byte": lambda data: data[:1],
    "cut in the first page": lambda data: data[:1000],
    "cut between pages": lambda data: data[: PAGE * 3],
    "another file's header": lambda data: b"PK\3\4" + data[4:],
    "a page of nonsense": lambda data: data[: PAGE * 2] + b"\xff" * PAGE + data[PAGE * 3 :],
    "a schema of nonsense": lambda data: data[:100] + b"\xff" * (PAGE - 100) + data[PAGE:],
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_memory_is_set_aside_and_begun_anew(case: str, filled: Path) -> None:
    damaged = DAMAGED[case](filled.read_bytes())
    filled.write_bytes(damaged)
    mark, notice = mark_of_one(filled)
    assert mark is ReadStatus.UNREAD
    assert notice.startswith("PATH is damaged (")
    assert notice.endswith("; it was renamed to state.db.corrupt-1")
    assert filled.with_name("state.db.corrupt-1").read_bytes() == damaged
    assert mark_of_one(filled) == (ReadStatus.UNREAD, "")


def test_what_is_written_after_damage_lasts(filled: Path) -> None:
    filled.write_bytes(b"garbage")
    state = Store.open(filled)
    state.set_status("one", ReadStatus.READING)
    assert state.is_persistent
    state.close()
    assert mark_of_one(filled) == (ReadStatus.READING, "")


def test_the_journal_goes_along_with_a_damaged_memory(filled: Path) -> None:
    filled.write_bytes(b"garbage")
    for suffix in ("-wal", "-shm"):
        filled.with_name(f"state.db{suffix}").write_bytes(suffix.encode())
    Store.open(filled).close()
    assert filled.with_name("state.db.corrupt-1-wal").read_bytes() == b"-wal"
    assert filled.with_name("state.db.corrupt-1-shm").read_bytes() == b"-shm"


def test_a_second_damage_takes_nothing_from_the_first(filled: Path) -> None:
    for text in (b"first", b"second"):
        filled.write_bytes(text)
        Store.open(filled).close()
    asides = sorted(filled.parent.glob("*corrupt*"))
    assert [aside.read_bytes() for aside in asides] == [b"first", b"second"]


def test_the_database_of_another_program_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE story (id, other)")
        db.execute("PRAGMA user_version = 1")
    db.close()
    assert mark_of_one(path)[1] == (
        "PATH is damaged (a table or column is missing); it was renamed to state.db.corrupt-1"
    )


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 1 << 17), st.integers(0, 255)), min_size=1, max_size=20))
@example([(PAGE - 60, 0xFF)])
@example([(18, 0xFF)])  # SQLite takes the file for one that may only be read
def test_a_memory_with_any_damage_opens_and_reads(damage: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        data = bytearray(GOOD)
        for position, value in damage:
            data[position % len(data)] = value
        path.write_bytes(data)
        state = Store.open(path)
        state.load_story_states(), state.load_story_files(), state.load_choice("theme")
        state.set_status("one", ReadStatus.FINISHED)
        assert state.load_story_state("one").status is ReadStatus.FINISHED
        state.close()
