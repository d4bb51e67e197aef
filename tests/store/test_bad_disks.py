"""The store opens whatever the state of the disk: locked, read-only, full or missing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from populated_store import NOT_SAVED, fill_store, load_status_of_one
from unprivileged import give_to_unprivileged, make_unprivileged_folder, run_unprivileged

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
def store_path(path: Path) -> Path:
    """Return the path of a store in which the story `one` is finished."""
    return fill_store(path)


LOCK = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def locked(store_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Yield a store that another process locks for some seconds, in a journal mode."""
    journal, seconds = request.param
    with sqlite3.connect(store_path) as db:
        db.execute(f"PRAGMA journal_mode = {journal}")
    db.close()
    locker = subprocess.Popen(
        [sys.executable, "-c", LOCK, store_path, str(seconds)], stdout=subprocess.PIPE
    )
    assert locker.stdout is not None
    locker.stdout.readline()
    yield store_path
    locker.kill()
    locker.wait()
    locker.stdout.close()


@pytest.mark.parametrize("locked", [("WAL", 0.3), ("DELETE", 0.3)], indirect=True)
def test_a_short_lock_is_waited_for(locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.store.database.OPEN_TIMEOUT_SECONDS", 120)
    assert load_status_of_one(locked) == (ReadStatus.FINISHED, "")


@pytest.mark.parametrize("locked", [("WAL", 600), ("DELETE", 600)], indirect=True)
def test_a_locked_store_is_read_and_not_renamed_as_damaged(locked: Path) -> None:
    assert load_status_of_one(locked) == (
        ReadStatus.FINISHED,
        f"PATH: another program is using it: {NOT_SAVED}",
    )
    assert list(locked.parent.glob("*corrupt*")) == []


PRINT_STATUS = """
from reader.store.repository import Store
store = Store.open(pathlib.Path(sys.argv[1]))
print(store.load_story_state("one").status, store.is_persistent, store.notice.replace(sys.argv[1], "PATH"))
"""


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_store_in_a_read_only_folder_is_read(journal: str) -> None:
    with make_unprivileged_folder() as folder:
        store = Store.open(folder / "state.db")
        store.set_status("one", ReadStatus.FINISHED)
        store.close()
        with sqlite3.connect(folder / "state.db") as db:
            db.execute(f"PRAGMA journal_mode = {journal}")
        db.close()
        (folder / "state.db").chmod(0o444)
        folder.chmod(0o555)
        output = run_unprivileged(PRINT_STATUS, folder / "state.db")
    assert output.startswith("finished False PATH: ")
    assert output.endswith(f": {NOT_SAVED}")


def test_a_store_without_permission_to_read_is_reported_and_not_changed() -> None:
    with make_unprivileged_folder() as folder:
        path = folder / "state.db"
        Store.open(path).close()
        give_to_unprivileged(path)
        path.chmod(0)
        before = path.read_bytes() if os.getuid() == 0 else b""
        output = run_unprivileged(PRINT_STATUS, path)
        after = path.read_bytes() if os.getuid() == 0 else b""
    assert output == f"unread False PATH: permission denied: {NOT_SAVED}"
    assert before == after


def test_a_read_only_folder_without_a_store_is_reported() -> None:
    with make_unprivileged_folder() as folder:
        folder.chmod(0o555)
        output = run_unprivileged(PRINT_STATUS, folder / "data" / "state.db")
    assert output == f"unread False PATH: permission denied: {NOT_SAVED}"


def test_a_missing_home_folder_is_reported() -> None:
    output = run_unprivileged(
        """
os.environ.pop("HOME")
import pwd
pwd.getpwuid = lambda uid: {}[uid]
from reader.store.repository import Store
store = Store.open(Paths.default().state)
print(Paths.default(), store.notice)
"""
    )
    assert output == (
        "Paths(config=None, state=None, index=None) There is no home folder: nothing will be saved"
    )


def test_a_file_instead_of_the_data_folder_is_reported_and_not_changed(path: Path) -> None:
    path.parent.write_text("mine")
    assert load_status_of_one(path) == (ReadStatus.UNREAD, f"PATH: not a directory: {NOT_SAVED}")
    assert path.parent.read_text() == "mine"


def test_a_folder_instead_of_the_store_is_reported_and_not_changed(path: Path) -> None:
    (path / "mine").mkdir(parents=True)
    assert load_status_of_one(path) == (ReadStatus.UNREAD, f"PATH: not a regular file: {NOT_SAVED}")
    assert (path / "mine").is_dir()


def test_a_fifo_instead_of_the_store_is_reported_at_once(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    assert load_status_of_one(path) == (ReadStatus.UNREAD, f"PATH: not a regular file: {NOT_SAVED}")


FILL_DISK = """
import pathlib, resource, sys
from reader.errors import StateError
from reader.reading.progress import ReadStatus
from reader.store.repository import Store
path = pathlib.Path(sys.argv[1])
store = Store.open(path) if sys.argv[2] == "later" else None
sys.dont_write_bytecode = True  # it would be cut, and fail every later import
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
store = store or Store.open(path)
try:
    for number in range(100):
        store.set_status(f"story {number}" * 100, ReadStatus.FINISHED)
except StateError as error:
    print(error)
print(store.notice.replace(sys.argv[1], "PATH"))
print(len(store.load_story_states()) > 0)
"""


def run_with_full_disk(path: Path, when: str) -> list[str]:
    argv = [sys.executable, "-c", FILL_DISK, str(path), when]
    ended = subprocess.run(argv, check=True, capture_output=True, encoding="utf-8")
    return ended.stdout.split("\n")


def test_a_disk_that_is_full_at_the_start_is_reported(path: Path) -> None:
    assert run_with_full_disk(path, "at the start")[:2] == [
        f"PATH: disk I/O error: {NOT_SAVED}",
        "True",
    ]


def test_a_disk_that_fills_up_later_is_reported_and_nothing_is_lost(store_path: Path) -> None:
    assert run_with_full_disk(store_path, "later")[:3] == ["disk I/O error", "", "True"]
    assert load_status_of_one(store_path) == (ReadStatus.FINISHED, "")


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_only_the_owner_can_read_the_store(umask: int, path: Path) -> None:
    before = os.umask(umask)
    store = Store.open(path)
    store.set_status("one", ReadStatus.FINISHED)
    os.umask(before)
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    store.close()
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_data_folder_has_the_name_of_the_package(home: Path) -> None:
    path = Paths.default().state
    assert path is not None
    assert path.is_relative_to(home)
    assert (path.parent.name, path.name) == ("essay-reader", "state.db")
