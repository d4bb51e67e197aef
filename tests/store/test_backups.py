"""The store is backed up once a day, and the newest intact backup replaces a damaged store."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from populated_store import fill_store, load_status_of_one

from reader.errors import StateError
from reader.reading.progress import ReadStatus
from reader.store import database, files
from reader.store.database import back_up, find_newest_intact, get_backup_folder
from reader.store.repository import Store

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable
    from pathlib import Path

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "get_today", lambda: TODAY)


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """Return the path of a store in which the story `one` is finished."""
    return fill_store(tmp_path / "data" / "state.db")


def list_names(path: Path) -> list[str]:
    """Return the names of all files in the backup folder."""
    folder = get_backup_folder(path)
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def make_name(days: int) -> str:
    return f"state-{TODAY - timedelta(days=days)}.db"


def back_up_days_ago(path: Path, days: int) -> Path:
    """Make a backup with the date of some days ago, and return its path."""
    backup = back_up(path)
    assert backup is not None
    return backup.rename(backup.with_name(make_name(days)))


def test_a_backup_has_its_date_as_name_and_the_content_of_the_store(store_path: Path) -> None:
    backup = back_up(store_path)
    assert backup == store_path.parent / "backups" / "state-2026-11-22.db"
    assert list_names(store_path) == ["state-2026-11-22.db"]
    assert load_status_of_one(backup) == (ReadStatus.FINISHED, "")


def test_there_is_one_backup_a_day(store_path: Path) -> None:
    back_up(store_path)
    fill_store(store_path)
    assert back_up(store_path) is None


def test_a_backup_includes_the_log_of_a_store_that_is_open(
    store_path: Path,
) -> None:
    store = Store.open(store_path)
    store.set_status("two", ReadStatus.FINISHED)
    backup = back_up(store_path)
    assert backup is not None
    copy = Store.open(backup)
    assert copy.load_story_state("two").status is ReadStatus.FINISHED
    copy.close()
    store.close()


def test_only_the_owner_can_read_a_backup(store_path: Path) -> None:
    before = os.umask(0)
    try:
        backup = back_up(store_path)
    finally:
        os.umask(before)
    assert backup is not None
    assert (backup.stat().st_mode & 0o777, backup.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_only_seven_backups_are_kept(store_path: Path) -> None:
    for days in range(9, 0, -1):
        back_up_days_ago(store_path, days)
    back_up(store_path)
    assert list_names(store_path) == [make_name(days) for days in range(6, -1, -1)]


def test_a_backup_of_a_future_date_is_deleted_first(store_path: Path) -> None:
    for days in (-400, 7, 6, 5, 4, 3, 2):
        back_up_days_ago(store_path, days)
    back_up(store_path)
    assert list_names(store_path) == [make_name(days) for days in (7, 6, 5, 4, 3, 2, 0)]


def test_a_store_without_reading_data_is_not_backed_up(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = Store.open(path)
    store.save_choice("theme", "day")
    store.close()
    assert back_up(path) is None
    assert list_names(path) == []


@pytest.mark.parametrize("data", [b"", b"garbage" * 1000], ids=["empty", "garbage"])
def test_a_damaged_store_replaces_no_backup(data: bytes, store_path: Path) -> None:
    back_up_days_ago(store_path, 1)
    store_path.write_bytes(data)
    with pytest.raises(StateError):
        back_up(store_path)
    assert list_names(store_path) == [make_name(1)]


def test_a_missing_store_is_not_backed_up(tmp_path: Path) -> None:
    assert back_up(None) is None
    assert back_up(tmp_path / "state.db") is None
    assert list(tmp_path.glob("backups")) == []


FULL = """
import pathlib, resource, sys
from reader.store.database import back_up
from reader.errors import StateError
sys.dont_write_bytecode = True  # it would be cut, and fail every later import
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    back_up(pathlib.Path(sys.argv[1]))
except StateError as error:
    print("refused")
"""


def test_a_full_disk_leaves_no_partial_backup(store_path: Path) -> None:
    back_up_days_ago(store_path, 1)
    argv = [sys.executable, "-c", FULL, str(store_path)]
    ended = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert (ended.stdout, list_names(store_path)) == ("refused\n", [make_name(1)])


def test_an_old_partial_backup_is_deleted(store_path: Path) -> None:
    get_backup_folder(store_path).mkdir()
    paths = (f".state-2026-11-2{n}.db.77.part" for n in range(3))
    old, new, future = (get_backup_folder(store_path) / path for path in paths)
    for left in (old, new, future):
        left.touch()
    for left, seconds in ((old, -7200), (future, 7200)):  # the clock was wrong, or is
        os.utime(left, (time.time() + seconds, time.time() + seconds))
    back_up(store_path)
    assert list_names(store_path) == [new.name, "state-2026-11-22.db"]


def test_a_locked_store_is_not_waited_for(store_path: Path) -> None:
    with sqlite3.connect(store_path) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    locker = sqlite3.connect(store_path, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    thread = threading.Thread(target=back_up, args=(store_path,), daemon=True)
    thread.start()
    thread.join(120)  # the store stays locked until then
    assert not thread.is_alive()
    locker.close()


def lower_version(path: Path) -> None:
    """Write the number of version 1 into a database with the tables of the last one."""
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 1")
    db.close()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "garbage": lambda path: path.write_bytes(b"garbage" * 1000),
    "wrong version": lower_version,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_newest_backup_replaces_a_damaged_store(damage: str, store_path: Path) -> None:
    back_up_days_ago(store_path, 2)
    back_up_days_ago(store_path, 1)
    DAMAGE[damage](store_path)
    broken = store_path.read_bytes()
    status, notice = load_status_of_one(store_path)
    assert status is ReadStatus.FINISHED
    assert notice.startswith("PATH is damaged (")
    result = notice.partition("); it was renamed to state.db.corrupt-1, ")[2].removeprefix("and ")
    assert result.startswith("the backup of 21 November 2026 was restored")
    assert store_path.with_name("state.db.corrupt-1").read_bytes()[100:] == broken[100:]
    assert load_status_of_one(store_path) == (ReadStatus.FINISHED, "")


def test_a_damaged_backup_is_skipped_and_not_deleted(store_path: Path) -> None:
    back_up_days_ago(store_path, 3)
    back_up_days_ago(store_path, 2).write_bytes(b"")
    back_up_days_ago(store_path, 1).write_bytes(b"garbage")
    store_path.write_bytes(b"garbage")
    assert load_status_of_one(store_path)[1].endswith("the backup of 19 November 2026 was restored")
    assert list_names(store_path) == [make_name(3), make_name(2), make_name(1)]


def test_without_an_intact_backup_an_empty_store_is_opened(store_path: Path) -> None:
    back_up_days_ago(store_path, 1).write_bytes(b"garbage")
    store_path.write_bytes(b"garbage")
    status, notice = load_status_of_one(store_path)
    assert status is ReadStatus.UNREAD
    assert notice.endswith("; it was renamed to state.db.corrupt-1")


def test_a_backup_of_an_older_version_is_restored_and_migrated(store_path: Path) -> None:
    from reader.store.database import open_database
    from reader.store.migrations import MIGRATIONS

    get_backup_folder(store_path).mkdir()
    old = get_backup_folder(store_path) / make_name(1)
    db = open_database(old, MIGRATIONS[:1]).db
    db.execute("INSERT INTO mark VALUES ('one', 'finished', 1, '2025-03-01T10:20:30+00:00', 'd')")
    db.close()
    store_path.write_bytes(b"garbage")
    assert load_status_of_one(store_path)[0] is ReadStatus.FINISHED


def test_a_backup_of_a_newer_version_is_not_restored(store_path: Path) -> None:
    backup = back_up_days_ago(store_path, 1)
    with sqlite3.connect(backup) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert find_newest_intact(store_path) is None


def test_the_log_of_the_damaged_store_is_not_applied_to_the_backup(store_path: Path) -> None:
    back_up_days_ago(store_path, 1)
    store_path.write_bytes(b"")
    for suffix in ("-wal", "-shm"):
        store_path.with_name(f"state.db{suffix}").write_bytes(suffix.encode())
    assert load_status_of_one(store_path)[0] is ReadStatus.FINISHED
    assert store_path.with_name("state.db.corrupt-1-wal").read_bytes() == b"-wal"


def test_an_empty_file_without_backups_is_a_new_store(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    assert load_status_of_one(tmp_path / "state.db") == (ReadStatus.UNREAD, "")


def test_only_one_of_several_programs_replaces_a_damaged_store(store_path: Path) -> None:
    back_up_days_ago(store_path, 1)
    store_path.write_bytes(b"garbage" * 1000)
    source = """
import pathlib, sys
from reader.reading.progress import ReadStatus
from reader.store import database, files
from reader.store.repository import Store
database.OPEN_TIMEOUT_SECONDS = files.LOCK_TIMEOUT_SECONDS = 60.0  # also on a slow disk
input()
store = Store.open(pathlib.Path(sys.argv[1]))
while True:
    try:
        store.set_status(sys.argv[2], ReadStatus.READING)
        break
    except Exception as error:
        assert "locked" in str(error)
print(store.notice != "", store.is_persistent, "" if store.is_persistent else store.notice)
"""
    children = [
        subprocess.Popen(
            [sys.executable, "-c", source, store_path, name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in ("a", "b", "c", "d")
    ]  # fmt: skip
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    results = sorted(child.communicate()[0].strip() for child in children)
    assert results == ["False True", "False True", "False True", "True True"]
    assert [file.name for file in store_path.parent.glob("*corrupt*")] == ["state.db.corrupt-1"]
    store = Store.open(store_path)
    assert sorted(store.load_story_states()) == ["a", "b", "c", "d", "one"]
    store.close()


def test_while_another_program_holds_the_lock_no_store_is_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be about to put a backup there, and would replace a store that was created."""
    monkeypatch.setattr("reader.store.files.LOCK_TIMEOUT_SECONDS", 0.05)
    with files.lock_folder(tmp_path):
        store = Store.open(tmp_path / "state.db")
    assert not store.is_persistent
    assert store.notice.endswith("another program is using it: nothing will be saved")
    assert list(tmp_path.glob("state.db*")) == []
    store.close()


def test_a_store_that_another_program_replaces_is_not_created_without_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file was there before and is missing now: another program may be replacing it."""
    path = tmp_path / "state.db"
    backup: list[bool] = []
    lock_folder = files.lock_folder

    def record_and_lock(
        folder: Path, *, is_patient: bool
    ) -> contextlib.AbstractContextManager[None]:
        backup.append(path.exists())
        return lock_folder(folder, is_patient=is_patient)

    monkeypatch.setattr("reader.store.database._has_data", lambda _: True)
    monkeypatch.setattr("reader.store.database.lock_folder", record_and_lock)
    store = Store.open(path)
    assert (backup, store.is_persistent) == ([False], True)
    store.close()
