"""`reader doctor` says what is well and what is not, and changes nothing."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest
from populated_store import fill
from unprivileged import nobodys_folder, run_as_nobody

from reader.cli import main as cli
from reader.cli.doctor import run_checks
from reader.paths import Paths
from reader.store.database import back_up, open_database
from reader.store.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Return the places of a memory in which the story `one` is finished, with a backup."""
    found = Paths.under(tmp_path / "data")
    assert found.state is not None
    back_up(fill(found.state))
    return found


def state(paths: Paths) -> Path:
    assert paths.state is not None
    return paths.state


def wrong(paths: Paths) -> list[str]:
    """Return the lines that need attention."""
    lines, is_well = run_checks(paths)
    found = [line[2:].strip() for line in lines if line.startswith("!")]
    assert is_well is not bool(found)
    return found


def test_all_is_well(paths: Paths) -> None:
    lines, is_well = run_checks(paths)
    text = "\n".join(lines)
    assert is_well
    assert lines[-1] == "No problems found."
    assert f"data       {paths.state}: intact, " in text
    assert (
        "0 being read, 1 finished, 0 places, 0 highlights, 0 responses, 0 entries of history"
        in text
    )
    assert "stories    " in text
    assert " intact" in text


def test_versions_are_told(paths: Paths) -> None:
    import platform

    told = run_checks(paths)[0][0]
    versions = f"Python {platform.python_version()}, Textual 8."
    assert versions in told
    assert f"SQLite {sqlite3.sqlite_version}" in told


def test_where_nothing_is_remembered_yet_all_is_well(tmp_path: Path) -> None:
    assert wrong(Paths.under(tmp_path / "nothing")) == []
    assert list(tmp_path.glob("nothing")) == []


def test_without_a_home_nothing_is_kept(home: Path) -> None:
    assert wrong(Paths(None, None, None)) == [
        "settings   nowhere: there is no home folder",
        "data       nowhere: there is no home folder, so nothing is saved",
    ]


def change_version(path: Path, version: int) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {version}")
    db.close()


NEXT = "; the next start replaces it by the newest intact backup"
FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "garbage": (lambda p: p.write_bytes(b"garbage"), f"damaged (file is not a database){NEXT}"),
    "empty": (lambda p: p.write_bytes(b""), f"damaged (it is empty){NEXT}"),
    "newer": (lambda p: change_version(p, 99), "was written by a newer version of reader"),
    "half migrated": (
        lambda p: change_version(p, 1),
        f"damaged (a table or column is missing){NEXT}",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_memory_that_is_not_whole_needs_attention(fault: str, paths: Paths) -> None:
    damage, told = FAULTS[fault]
    damage(state(paths))
    before = {f: f.read_bytes() for f in state(paths).parent.rglob("*") if f.is_file()}
    assert [line.rpartition(f"{paths.state}")[2].lstrip(": ") for line in wrong(paths)] == [told]
    assert {f: f.read_bytes() for f in state(paths).parent.rglob("*") if f.is_file()} == before


def test_a_memory_of_the_first_version_is_well_and_not_migrated(tmp_path: Path) -> None:
    found = Paths.under(tmp_path / "data")
    open_database(found.state, MIGRATIONS[:1]).db.close()
    before = state(found).read_bytes()
    assert wrong(found) == []
    assert state(found).read_bytes() == before


def test_a_memory_that_is_held_needs_attention(paths: Paths) -> None:
    with sqlite3.connect(state(paths)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    holder = sqlite3.connect(state(paths), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    found = wrong(paths)
    holder.close()
    assert found in ([], [f"data       {paths.state}: another program is using it"])


def test_a_broken_backup_needs_attention(paths: Paths) -> None:
    copy = state(paths).parent / "backups" / "state-2026-01-02.db"
    copy.touch(0o600)
    assert wrong(paths) == [f"           2026-01-02 damaged: {copy}".strip()]


def test_what_others_may_read_needs_attention(paths: Paths) -> None:
    state(paths).chmod(0o644)
    state(paths).parent.chmod(0o755)
    assert wrong(paths) == [
        f"{state(paths).parent}: other users may read it; to prevent that: chmod 700 {state(paths).parent}",
        f"{state(paths)}: other users may read it; to prevent that: chmod 600 {state(paths)}",
    ]


def test_what_was_set_aside_is_told_and_needs_none(paths: Paths) -> None:
    state(paths).with_name("state.db.corrupt-1").touch(0o600)
    assert "state.db.corrupt-1 was damaged and set aside" in "\n".join(run_checks(paths)[0])
    assert wrong(paths) == []


def test_a_folder_that_cannot_be_written_needs_attention() -> None:
    with nobodys_folder() as folder:
        folder.chmod(0o500)
        source = """
from reader.cli import doctor
doctor.version = lambda name: "8"  # what says so is out of reach of nobody
lines, is_well = doctor.run_checks(Paths.under(pathlib.Path(sys.argv[1]) / "data"))
print(is_well, [line for line in lines if line.startswith("!")])
"""
        told = run_as_nobody(source, folder)
    assert told.startswith("False ")
    assert "can't be written, so nothing is saved" in told


def test_settings_that_are_none_need_attention(paths: Paths) -> None:
    assert paths.config is not None
    paths.config.write_text("theme = 5")
    assert 'theme must be a name in quotes, such as "night", not 5' in "\n".join(wrong(paths))


def test_the_command_ends_with_one_where_something_needs_attention(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["doctor"]) == 0
    path = state(Paths.default())
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_bytes(b"garbage")
    path.chmod(0o600)
    assert cli.main(["doctor"]) == 1
    assert capsys.readouterr().out.endswith("1 problem: see the lines that begin with !\n")
    assert os.listdir(path.parent) == ["state.db"]  # noqa: PTH208  its names are what is asked
