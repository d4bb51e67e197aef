"""No state of the disk stops anybody from reading: busy, read-only, full, missing or out of place."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from populated_store import NOT_KEPT, fill, mark_of_one
from unprivileged import give, nobodys_folder, run_as_nobody

from reader.paths import Paths
from reader.reading.progress import ReadStatus
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "state.db"


@pytest.fixture
def filled(path: Path) -> Path:
    """Return the path of a memory in which the story `one` is finished."""
    return fill(path)


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
    assert mark_of_one(held) == (ReadStatus.FINISHED, "")


@pytest.mark.parametrize("held", [("WAL", 60), ("DELETE", 60)], indirect=True)
def test_a_memory_that_is_held_for_ever_is_read_but_never_taken_for_damaged(held: Path) -> None:
    began = time.monotonic()
    assert mark_of_one(held) == (
        ReadStatus.FINISHED,
        f"PATH: another program is using it: {NOT_KEPT}",
    )
    assert time.monotonic() - began < 5
    assert list(held.parent.glob("*corrupt*")) == []


LOOK = """
from reader.store.repository import Store
state = Store.open(pathlib.Path(sys.argv[1]))
print(state.load_story_state("one").status, state.is_persistent, state.notice.replace(sys.argv[1], "PATH"))
"""


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_memory_in_a_folder_that_cannot_be_written_is_read(journal: str) -> None:
    with nobodys_folder() as folder:
        state = Store.open(folder / "state.db")
        state.set_status("one", ReadStatus.FINISHED)
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
        Store.open(path).close()
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
    told = run_as_nobody(
        """
os.environ.pop("HOME")
import pwd
pwd.getpwuid = lambda uid: {}[uid]
from reader.store.repository import Store
state = Store.open(Paths.default().state)
print(Paths.default(), state.notice)
"""
    )
    assert told == (
        "Paths(config=None, state=None, index=None) There is no home folder: nothing will be saved"
    )


def test_a_data_folder_that_is_a_file_is_told_and_left_alone(path: Path) -> None:
    path.parent.write_text("mine")
    assert mark_of_one(path) == (ReadStatus.UNREAD, f"PATH: file exists: {NOT_KEPT}")
    assert path.parent.read_text() == "mine"


def test_a_memory_that_is_a_folder_is_told_and_left_alone(path: Path) -> None:
    (path / "mine").mkdir(parents=True)
    assert mark_of_one(path) == (ReadStatus.UNREAD, f"PATH: not a regular file: {NOT_KEPT}")
    assert (path / "mine").is_dir()


def test_a_memory_that_is_a_fifo_is_told_without_waiting(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    assert mark_of_one(path) == (ReadStatus.UNREAD, f"PATH: not a regular file: {NOT_KEPT}")


FULL = """
import pathlib, resource, sys
from reader.errors import StateError
from reader.reading.progress import ReadStatus
from reader.store.repository import Store
path = pathlib.Path(sys.argv[1])
state = Store.open(path) if sys.argv[2] == "later" else None
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
state = state or Store.open(path)
try:
    for number in range(100):
        state.set_status(f"story {number}" * 100, ReadStatus.FINISHED)
except StateError as error:
    print(error)
print(state.notice.replace(sys.argv[1], "PATH"))
print(len(state.load_story_states()) > 0)
"""


def full(path: Path, when: str) -> list[str]:
    argv = [sys.executable, "-c", FULL, str(path), when]
    ended = subprocess.run(argv, check=True, capture_output=True, encoding="utf-8")
    return ended.stdout.split("\n")


def test_a_disk_that_is_full_at_the_start_gives_a_memory_with_a_notice(path: Path) -> None:
    assert full(path, "at the start")[:2] == [f"PATH: disk I/O error: {NOT_KEPT}", "True"]


def test_a_disk_that_fills_up_is_told_at_each_write_and_nothing_is_lost(filled: Path) -> None:
    assert full(filled, "later")[:3] == ["disk I/O error", "", "True"]
    assert mark_of_one(filled) == (ReadStatus.FINISHED, "")


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_nobody_else_may_read_what_is_remembered(umask: int, path: Path) -> None:
    before = os.umask(umask)
    state = Store.open(path)
    state.set_status("one", ReadStatus.FINISHED)
    os.umask(before)
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    state.close()
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_places_by_default_are_named_after_the_distribution(home: Path) -> None:
    state = Paths.default().state
    assert state is not None
    assert state.is_relative_to(home)
    assert (state.parent.name, state.name) == ("essay-reader", "state.db")
