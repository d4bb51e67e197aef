"""No state of the disk stops the memory from opening, and nothing that was remembered is deleted."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from nobody import give, nobodys_folder, run_as_nobody

from reader import database
from reader.database import opened
from reader.document import Anchor, Place
from reader.evidence import Mark
from reader.paths import Paths
from reader.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOT_KEPT = "places will not be kept"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "state.db"


@pytest.fixture
def filled(path: Path) -> Path:
    """Return the path of a memory in which the story `one` is finished."""
    state = State.open(path)
    state.mark("one", Mark.FINISHED)
    state.remember("one", Anchor(Place(3, 4), "fp", "a quote"))
    state.close()
    return path


def mark_of_one(path: Path) -> tuple[Mark, str]:
    """Return the mark of the story `one` and the notice that opening gave."""
    state = State.open(path)
    mark, notice = state.memory("one").mark, state.notice
    state.close()
    return mark, notice.replace(str(path), "PATH")


# Migrations ------------------------------------------------------------------------------

ONE = "CREATE TABLE a (x); INSERT INTO a VALUES (1)"
TWO = "ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (2, 2)"
FAILS = "ALTER TABLE a ADD COLUMN z; INSERT INTO nowhere VALUES (1)"


def version(path: Path) -> int:
    with sqlite3.connect(path) as db:
        found: int = db.execute("PRAGMA user_version").fetchone()[0]
    db.close()
    return found


def test_a_new_database_gets_every_migration(path: Path) -> None:
    db = opened(path, (ONE, TWO)).db
    assert db.execute("SELECT * FROM a").fetchall() == [(1, None), (2, 2)]
    assert version(path) == 2


def test_an_older_database_gets_what_it_lacks_and_keeps_what_it_has(path: Path) -> None:
    opened(path, (ONE,)).db.close()
    found = opened(path, (ONE, TWO))
    assert found.db.execute("SELECT * FROM a").fetchall() == [(1, None), (2, 2)]
    assert (found.notice, found.lasts) == ("", True)


def test_a_migration_that_fails_leaves_version_and_tables_as_they_were(path: Path) -> None:
    opened(path, (ONE,)).db.close()
    with sqlite3.connect(path, isolation_level=None) as db, pytest.raises(sqlite3.Error):
        database.migrate(db, "name", (ONE, FAILS))
    columns = db.execute("SELECT name FROM pragma_table_info('a')").fetchall()
    db.close()
    assert (columns, version(path)) == ([("x",)], 1)


def test_two_programs_may_migrate_at_once(path: Path) -> None:
    source = "import sys, pathlib; from reader.state import State; input()"
    source += "; s = State.open(pathlib.Path(sys.argv[1])); s.raise_mark(sys.argv[2], 'reading')"
    source = source.replace("'reading'", "__import__('reader.evidence').evidence.Mark.READING")
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
    state = State.open(path)
    assert sorted(state.memories()) == ["four", "one", "three", "two"]
    assert sorted(p.name for p in path.parent.glob("*corrupt*")) == []


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_newer_database_is_refused_and_left_byte_for_byte(journal: str, filled: Path) -> None:
    with sqlite3.connect(filled) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute(f"PRAGMA journal_mode = {journal}")
    db.close()
    before = filled.read_bytes()
    mark, notice = mark_of_one(filled)
    assert mark is Mark.UNREAD
    assert notice == f"PATH was written by a later version of reader: {NOT_KEPT}"
    assert filled.read_bytes() == before
    assert [p.name for p in filled.parent.iterdir()] == ["state.db"]


# Damage ----------------------------------------------------------------------------------


def test_an_empty_file_becomes_a_memory(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert mark_of_one(path) == (Mark.UNREAD, "")


DAMAGED = {
    "garbage": lambda data: b"garbage" * 1000,
    "one byte": lambda data: b"S",
    "cut in the first page": lambda data: data[:1000],
    "cut between pages": lambda data: data[: 4096 * 3],
    "another file's header": lambda data: b"PK\3\4" + data[4:],
    "a page of nonsense": lambda data: data[:8192] + b"\xff" * 4096 + data[12288:],
    "a schema of nonsense": lambda data: data[:100] + b"\xff" * 3996 + data[4096:],
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_memory_is_set_aside_and_begun_anew(case: str, filled: Path) -> None:
    damaged = DAMAGED[case](filled.read_bytes())
    filled.write_bytes(damaged)
    mark, notice = mark_of_one(filled)
    assert mark is Mark.UNREAD
    assert notice.startswith("PATH is damaged (")
    assert notice.endswith("; it was set aside as state.db.corrupt-1")
    assert filled.with_name("state.db.corrupt-1").read_bytes() == damaged
    assert mark_of_one(filled) == (Mark.UNREAD, "")


def test_what_is_written_after_damage_lasts(filled: Path) -> None:
    filled.write_bytes(b"garbage")
    state = State.open(filled)
    state.mark("one", Mark.READING)
    assert state.lasts
    state.close()
    assert mark_of_one(filled) == (Mark.READING, "")


def test_the_journal_goes_along_with_a_damaged_memory(filled: Path) -> None:
    filled.write_bytes(b"garbage")
    for suffix in ("-wal", "-shm"):
        filled.with_name(f"state.db{suffix}").write_bytes(suffix.encode())
    State.open(filled).close()
    assert filled.with_name("state.db.corrupt-1-wal").read_bytes() == b"-wal"
    assert filled.with_name("state.db.corrupt-1-shm").read_bytes() == b"-shm"


def test_a_second_damage_takes_nothing_from_the_first(filled: Path) -> None:
    for text in (b"first", b"second"):
        filled.write_bytes(text)
        State.open(filled).close()
    asides = sorted(filled.parent.glob("*corrupt*"))
    assert [aside.read_bytes() for aside in asides] == [b"first", b"second"]


def test_the_database_of_another_program_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE story (id, other)")
        db.execute("PRAGMA user_version = 1")
    db.close()
    assert mark_of_one(path)[1] == (
        "PATH is damaged (it holds something else); it was set aside as state.db.corrupt-1"
    )


# Busy, and out of reach ------------------------------------------------------------------

HOLD = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def held(filled: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Yield a memory that another process holds, in a journal mode and for some seconds."""
    journal, seconds = request.param
    with sqlite3.connect(filled) as db:
        db.execute(f"PRAGMA journal_mode = {journal}")
    db.close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, filled, str(seconds)], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    yield filled
    holder.kill()
    holder.wait()
    holder.stdout.close()


@pytest.mark.parametrize("held", [("WAL", 0.3), ("DELETE", 0.3)], indirect=True)
def test_a_memory_that_is_held_for_a_moment_is_waited_for(held: Path) -> None:
    assert mark_of_one(held) == (Mark.FINISHED, "")


@pytest.mark.parametrize("held", [("WAL", 60), ("DELETE", 60)], indirect=True)
def test_a_memory_that_is_held_for_ever_is_read_but_never_taken_for_damaged(held: Path) -> None:
    began = time.monotonic()
    assert mark_of_one(held) == (
        Mark.FINISHED,
        f"PATH: another program holds it: {NOT_KEPT}",
    )
    assert time.monotonic() - began < 5
    assert list(held.parent.glob("*corrupt*")) == []


LOOK = """
from reader.state import State
state = State.open(pathlib.Path(sys.argv[1]))
print(state.memory("one").mark, state.lasts, state.notice.replace(sys.argv[1], "PATH"))
"""


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_memory_in_a_folder_that_cannot_be_written_is_read(journal: str) -> None:
    with nobodys_folder() as folder:
        state = State.open(folder / "state.db")
        state.mark("one", Mark.FINISHED)
        state.close()
        with sqlite3.connect(folder / "state.db") as db:
            db.execute(f"PRAGMA journal_mode = {journal}")
        db.close()
        (folder / "state.db").chmod(0o444)
        folder.chmod(0o555)
        told = run_as_nobody(LOOK, folder / "state.db")
    assert told.startswith("finished False PATH: ")
    assert told.endswith(f": {NOT_KEPT}")


def test_a_memory_one_may_not_read_is_told_and_left_alone() -> None:
    with nobodys_folder() as folder:
        path = folder / "state.db"
        State.open(path).close()
        give(path)
        path.chmod(0)
        before = path.read_bytes() if os.getuid() == 0 else b""
        told = run_as_nobody(LOOK, path)
        after = path.read_bytes() if os.getuid() == 0 else b""
    assert told == f"unread False PATH: permission denied: {NOT_KEPT}"
    assert before == after


def test_a_folder_that_cannot_be_written_and_holds_no_memory_is_told() -> None:
    with nobodys_folder() as folder:
        folder.chmod(0o555)
        told = run_as_nobody(LOOK, folder / "data" / "state.db")
    assert told == f"unread False PATH: permission denied: {NOT_KEPT}"


def test_without_home_and_passwd_entry_there_is_a_memory_with_a_notice() -> None:
    if os.getuid() != 0:
        pytest.skip("only root can be a user who isn't in passwd")
    told = run_as_nobody(
        """
os.environ.pop("HOME")
import pwd
pwd.getpwuid = lambda uid: {}[uid]
from reader.state import State
state = State.open(Paths.default().state)
print(Paths.default(), state.notice)
"""
    )
    assert told == (
        "Paths(config=None, state=None, index=None) "
        "There is no home folder: places will not be kept"
    )


def test_a_data_folder_that_is_a_file_is_told_and_left_alone(path: Path) -> None:
    path.parent.write_text("mine")
    assert mark_of_one(path) == (Mark.UNREAD, f"PATH: file exists: {NOT_KEPT}")
    assert path.parent.read_text() == "mine"


def test_a_memory_that_is_a_folder_is_told_and_left_alone(path: Path) -> None:
    (path / "mine").mkdir(parents=True)
    assert mark_of_one(path) == (Mark.UNREAD, f"PATH: not a regular file: {NOT_KEPT}")
    assert (path / "mine").is_dir()


def test_a_memory_that_is_a_fifo_is_told_without_waiting(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    assert mark_of_one(path) == (Mark.UNREAD, f"PATH: not a regular file: {NOT_KEPT}")


FULL = """
import pathlib, resource, sys
from reader.errors import StateError
from reader.evidence import Mark
from reader.state import State
path = pathlib.Path(sys.argv[1])
state = State.open(path) if sys.argv[2] == "later" else None
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
state = state or State.open(path)
try:
    for number in range(100):
        state.mark(f"story {number}" * 100, Mark.FINISHED)
except StateError as error:
    print(error)
print(state.notice.replace(sys.argv[1], "PATH"))
print(len(state.memories()) > 0)
"""


def full(path: Path, when: str) -> list[str]:
    argv = [sys.executable, "-c", FULL, path, when]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split("\n")


def test_a_disk_that_is_full_at_the_start_gives_a_memory_with_a_notice(path: Path) -> None:
    assert full(path, "at the start")[:2] == [f"PATH: disk I/O error: {NOT_KEPT}", "True"]


def test_a_disk_that_fills_up_is_told_at_each_write_and_nothing_is_lost(filled: Path) -> None:
    assert full(filled, "later")[:3] == ["disk I/O error", "", "True"]
    assert mark_of_one(filled) == (Mark.FINISHED, "")


@pytest.mark.parametrize(("name", "mode"), [("state.db", 0o600), (".", 0o700)])
def test_nobody_else_may_read_what_is_remembered(name: str, mode: int, filled: Path) -> None:
    assert (filled.parent / name).stat().st_mode & 0o777 == mode


def test_the_places_by_default_are_named_after_the_distribution(home: Path) -> None:
    state = Paths.default().state
    assert state is not None
    assert state.is_relative_to(home)
    assert (state.parent.name, state.name) == ("essay-reader", "state.db")
