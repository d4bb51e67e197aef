"""Seven days of the memory are kept beside it, and the newest good one takes a broken one's place."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from populated_store import fill, mark_of_one

from reader.errors import StateError
from reader.reading.progress import ReadStatus
from reader.store import database as backups
from reader.store import files as durable
from reader.store.database import back_up, find_newest_intact, get_backup_folder
from reader.store.repository import Store

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable
    from pathlib import Path

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "_today", lambda: TODAY)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return the path of a memory in which the story `one` is finished."""
    return fill(tmp_path / "data" / "state.db")


def copies(path: Path) -> list[str]:
    """Return the names of all files in the folder of backups."""
    folder = get_backup_folder(path)
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def day_before(days: int) -> str:
    return f"state-{TODAY - timedelta(days=days)}.db"


def pretend(path: Path, days: int) -> Path:
    """Make today's backup one of some days ago, and return its path."""
    made = back_up(path)
    assert made is not None
    return made.rename(made.with_name(day_before(days)))


# Making them ------------------------------------------------------------------------------


def test_a_backup_is_named_after_its_day_and_holds_what_the_memory_holds(filled: Path) -> None:
    made = back_up(filled)
    assert made == filled.parent / "backups" / "state-2026-11-22.db"
    assert copies(filled) == ["state-2026-11-22.db"]
    assert mark_of_one(made) == (ReadStatus.FINISHED, "")


def test_there_is_one_backup_a_day(filled: Path) -> None:
    back_up(filled)
    fill(filled)
    assert back_up(filled) is None


def test_what_another_program_has_open_and_not_yet_moved_from_its_log_is_backed_up(
    filled: Path,
) -> None:
    state = Store.open(filled)
    state.set_status("two", ReadStatus.FINISHED)
    made = back_up(filled)
    assert made is not None
    copy = Store.open(made)
    assert copy.load_story_state("two").status is ReadStatus.FINISHED
    copy.close()
    state.close()


def test_nobody_else_may_read_a_backup_whatever_the_umask(filled: Path) -> None:
    before = os.umask(0)
    try:
        made = back_up(filled)
    finally:
        os.umask(before)
    assert made is not None
    assert (made.stat().st_mode & 0o777, made.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_seven_days_are_kept(filled: Path) -> None:
    for days in range(9, 0, -1):
        pretend(filled, days)
    back_up(filled)
    assert copies(filled) == [day_before(days) for days in range(6, -1, -1)]


def test_a_day_yet_to_come_is_the_first_to_go(filled: Path) -> None:
    for days in (-400, 7, 6, 5, 4, 3, 2):
        pretend(filled, days)
    back_up(filled)
    assert copies(filled) == [day_before(days) for days in (7, 6, 5, 4, 3, 2, 0)]


def test_a_memory_in_which_nothing_is_remembered_is_not_backed_up(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    state = Store.open(path)
    state.save_choice("theme", "day")
    state.close()
    assert back_up(path) is None
    assert copies(path) == []


@pytest.mark.parametrize("data", [b"", b"garbage" * 1000], ids=["empty", "garbage"])
def test_a_broken_memory_pushes_no_backup_out(data: bytes, filled: Path) -> None:
    pretend(filled, 1)
    filled.write_bytes(data)
    with pytest.raises(StateError):
        back_up(filled)
    assert copies(filled) == [day_before(1)]


def test_of_no_memory_there_is_no_backup(tmp_path: Path) -> None:
    assert back_up(None) is None
    assert back_up(tmp_path / "state.db") is None
    assert list(tmp_path.glob("backups")) == []


FULL = """
import pathlib, resource, sys
from reader.store.database import back_up
from reader.errors import StateError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    back_up(pathlib.Path(sys.argv[1]))
except StateError as error:
    print("refused")
"""


def test_a_disk_that_is_full_leaves_no_half_of_a_backup(filled: Path) -> None:
    pretend(filled, 1)
    argv = [sys.executable, "-c", FULL, str(filled)]
    ended = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert (ended.stdout, copies(filled)) == ("refused\n", [day_before(1)])


def test_what_a_killed_program_left_of_a_backup_is_cleared_away_in_time(filled: Path) -> None:
    get_backup_folder(filled).mkdir()
    old, new = (get_backup_folder(filled) / f".state-2026-11-2{n}.db.77.part" for n in (0, 1))
    for left in (old, new):
        left.touch()
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    back_up(filled)
    assert copies(filled) == [new.name, "state-2026-11-22.db"]


def test_a_memory_that_is_held_for_ever_is_not_waited_for(filled: Path) -> None:
    with sqlite3.connect(filled) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    holder = sqlite3.connect(filled, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    back_up(filled)
    assert time.monotonic() - began < 2
    holder.close()


# Bringing one back ------------------------------------------------------------------------


def half_migrate(path: Path) -> None:
    """Leave the tables of the second version behind, and the number of the first."""
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 1")
    db.close()


BROKEN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "garbage": lambda path: path.write_bytes(b"garbage" * 1000),
    "half migrated": half_migrate,
}


@pytest.mark.parametrize("how", BROKEN)
def test_the_newest_good_backup_takes_the_place_of_a_broken_memory(how: str, filled: Path) -> None:
    pretend(filled, 2)
    pretend(filled, 1)
    BROKEN[how](filled)
    broken = filled.read_bytes()
    mark, notice = mark_of_one(filled)
    assert mark is ReadStatus.FINISHED
    assert notice.startswith("PATH is damaged (")
    assert notice.endswith(
        "); it was renamed to state.db.corrupt-1, and the backup of 21 November 2026 was restored"
    )
    assert filled.with_name("state.db.corrupt-1").read_bytes()[100:] == broken[100:]
    assert mark_of_one(filled) == (ReadStatus.FINISHED, "")


def test_a_broken_backup_is_passed_over_and_left_where_it_is(filled: Path) -> None:
    pretend(filled, 3)
    pretend(filled, 2).write_bytes(b"")
    pretend(filled, 1).write_bytes(b"garbage")
    filled.write_bytes(b"garbage")
    assert mark_of_one(filled)[1].endswith("the backup of 19 November 2026 was restored")
    assert copies(filled) == [day_before(3), day_before(2), day_before(1)]


def test_where_no_backup_is_good_the_memory_begins_anew(filled: Path) -> None:
    pretend(filled, 1).write_bytes(b"garbage")
    filled.write_bytes(b"garbage")
    mark, notice = mark_of_one(filled)
    assert mark is ReadStatus.UNREAD
    assert notice.endswith("; it was renamed to state.db.corrupt-1")


def test_a_backup_of_the_first_version_is_good(filled: Path) -> None:
    from reader.store.database import open_database
    from reader.store.schema import MIGRATIONS

    get_backup_folder(filled).mkdir()
    old = get_backup_folder(filled) / day_before(1)
    db = open_database(old, MIGRATIONS[:1]).db
    db.execute("INSERT INTO mark VALUES ('one', 'finished', 1, '2025-03-01T10:20:30+00:00', 'd')")
    db.close()
    filled.write_bytes(b"garbage")
    assert mark_of_one(filled)[0] is ReadStatus.FINISHED


def test_a_backup_of_a_later_version_is_not_brought_back(filled: Path) -> None:
    made = pretend(filled, 1)
    with sqlite3.connect(made) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert find_newest_intact(filled) is None


def test_the_log_of_a_broken_memory_is_not_played_into_the_backup(filled: Path) -> None:
    pretend(filled, 1)
    filled.write_bytes(b"")
    for suffix in ("-wal", "-shm"):
        filled.with_name(f"state.db{suffix}").write_bytes(suffix.encode())
    assert mark_of_one(filled)[0] is ReadStatus.FINISHED
    assert filled.with_name("state.db.corrupt-1-wal").read_bytes() == b"-wal"


def test_an_empty_file_without_backups_is_a_new_memory(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    assert mark_of_one(tmp_path / "state.db") == (ReadStatus.UNREAD, "")


def test_of_programs_that_start_at_once_on_a_broken_memory_one_sets_it_aside(filled: Path) -> None:
    pretend(filled, 1)
    filled.write_bytes(b"garbage" * 1000)
    source = """
import pathlib, sys
from reader.reading.progress import ReadStatus
from reader.store.repository import Store
input()
state = Store.open(pathlib.Path(sys.argv[1]))
while True:
    try:
        state.set_status(sys.argv[2], ReadStatus.READING)
        break
    except Exception as error:
        assert "locked" in str(error)
print(state.notice != "", state.is_persistent)
"""
    children = [
        subprocess.Popen(
            [sys.executable, "-c", source, filled, name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in ("a", "b", "c", "d")
    ]  # fmt: skip
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    told = sorted(child.communicate()[0].strip() for child in children)
    assert told == ["False True", "False True", "False True", "True True"]
    assert [file.name for file in filled.parent.glob("*corrupt*")] == ["state.db.corrupt-1"]
    state = Store.open(filled)
    assert sorted(state.load_story_states()) == ["a", "b", "c", "d", "one"]
    state.close()


def test_a_memory_that_another_program_just_sets_aside_is_not_begun_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there a moment ago: what is made in its place would be written over."""
    path = tmp_path / "state.db"
    made: list[bool] = []
    real = durable.lock_folder

    def alone(folder: Path) -> contextlib.AbstractContextManager[None]:
        made.append(path.exists())
        return real(folder)

    monkeypatch.setattr("reader.store.database._has_data", lambda _: True)
    monkeypatch.setattr("reader.store.database.lock_folder", alone)
    state = Store.open(path)
    assert (made, state.is_persistent) == ([False], True)
    state.close()
