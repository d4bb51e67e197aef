"""`reader doctor` reports problems and changes nothing."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest
from populated_store import fill_store
from unprivileged import make_unprivileged_folder, run_unprivileged

from reader.cli.doctor import run_checks
from reader.cli.main import main
from reader.paths import Paths
from reader.store.database import back_up, open_database
from reader.store.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Return the paths of a database with a finished story and a backup."""
    paths = Paths.under(tmp_path / "data")
    assert paths.state is not None
    back_up(fill_store(paths.state))
    return paths


def get_database(paths: Paths) -> Path:
    assert paths.state is not None
    return paths.state


def list_problems(paths: Paths) -> list[str]:
    """Return the lines that are problems."""
    lines, is_well = run_checks(paths)
    problems = [line[2:].strip() for line in lines if line.startswith("!")]
    assert is_well is not bool(problems)
    return problems


def test_intact_data_has_no_problems(paths: Paths) -> None:
    lines, is_well = run_checks(paths)
    text = "\n".join(lines)
    assert is_well
    assert lines[-1] == "No problems found."
    assert f"data       {paths.state}: intact, " in text
    assert (
        "0 being read, 1 finished, 0 places, 0 highlights, 0 responses, 0 entries of history, 0 stars,"
        " 0 tags, 0 feeds" in text
    )
    assert "stories    " in text
    assert " intact" in text


def test_versions_are_reported(paths: Paths) -> None:
    import platform

    first_line = run_checks(paths)[0][0]
    versions = f"Python {platform.python_version()}, Textual 8."
    assert versions in first_line
    assert f"SQLite {sqlite3.sqlite_version}" in first_line


def test_missing_data_is_no_problem(tmp_path: Path) -> None:
    assert list_problems(Paths.under(tmp_path / "nothing")) == []
    assert list(tmp_path.glob("nothing")) == []


def test_a_missing_home_folder_is_a_problem(home: Path) -> None:
    assert list_problems(Paths(None, None, None)) == [
        "settings   nowhere: there is no home folder",
        "data       nowhere: there is no home folder, so nothing is saved",
    ]


def change_version(path: Path, version: int) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {version}")
    db.close()


NEXT = "; the next start renames it and recovers what it can"
FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "garbage": (lambda p: p.write_bytes(b"garbage"), f"is damaged (file is not a database){NEXT}"),
    "empty": (lambda p: p.write_bytes(b""), f"is damaged (it is empty){NEXT}"),
    "newer": (lambda p: change_version(p, 99), "was written by a newer version of reader"),
    "half migrated": (
        lambda p: change_version(p, 1),
        f"is damaged (a table or column is missing){NEXT}",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_database_is_a_problem(fault: str, paths: Paths) -> None:
    damage, message = FAULTS[fault]
    damage(get_database(paths))
    before = {f: f.read_bytes() for f in get_database(paths).parent.rglob("*") if f.is_file()}
    assert list_problems(paths) == [f"data       {paths.state} {message}"]
    assert {
        f: f.read_bytes() for f in get_database(paths).parent.rglob("*") if f.is_file()
    } == before


def test_a_database_of_the_first_version_is_not_migrated(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path / "data")
    open_database(paths.state, MIGRATIONS[:1]).db.close()
    before = get_database(paths).read_bytes()
    assert list_problems(paths) == []
    assert get_database(paths).read_bytes() == before


def test_a_locked_database_is_a_problem(paths: Paths) -> None:
    with sqlite3.connect(get_database(paths)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    locker = sqlite3.connect(get_database(paths), isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    problems = list_problems(paths)
    locker.close()
    assert problems in ([], [f"data       {paths.state}: another program is using it"])


def test_a_damaged_backup_is_a_problem(paths: Paths) -> None:
    copy = get_database(paths).parent / "backups" / "state-2026-01-02.db"
    copy.touch(0o600)
    assert list_problems(paths) == [f"           2026-01-02 damaged: {copy}".strip()]


def test_files_that_others_may_read_are_a_problem(paths: Paths) -> None:
    get_database(paths).chmod(0o644)
    get_database(paths).parent.chmod(0o755)
    assert list_problems(paths) == [
        f"{get_database(paths).parent}: other users may read it; to prevent that: chmod 700 {get_database(paths).parent}",
        f"{get_database(paths)}: other users may read it; to prevent that: chmod 600 {get_database(paths)}",
    ]


def test_a_damaged_file_that_was_set_aside_is_no_problem(paths: Paths) -> None:
    get_database(paths).with_name("state.db.corrupt-1").touch(0o600)
    assert "state.db.corrupt-1: damaged, so it was renamed" in "\n".join(run_checks(paths)[0])
    assert list_problems(paths) == []


def test_a_read_only_folder_is_a_problem() -> None:
    with make_unprivileged_folder() as folder:
        folder.chmod(0o500)
        source = """
from reader.cli import doctor
doctor.version = lambda name: "8"  # package metadata is not readable for this user
lines, is_well = doctor.run_checks(Paths.under(pathlib.Path(sys.argv[1]) / "data"))
print(is_well, [line for line in lines if line.startswith("!")])
"""
        output = run_unprivileged(source, folder)
    assert output.startswith("False ")
    assert "can't be written, so nothing is saved" in output


def test_folders_without_permission_are_problems() -> None:
    with make_unprivileged_folder() as folder:
        source = """
from reader.cli import doctor
doctor.version = lambda name: "8"  # package metadata is not readable for this user
root = pathlib.Path(sys.argv[1])
os.umask(0o077)
(root / "data" / "backups").mkdir(parents=True)
for name in ("data/backups", "data"):
    (root / name).chmod(0)
    paths = Paths(root / "config.toml", root / "data" / "state.db", root / "index.db")
    lines, is_well = doctor.run_checks(paths)
    print(is_well, [line for line in lines if line.startswith("!")])
    (root / name).chmod(0o700)
"""
        output = run_unprivileged(source, folder).replace(str(folder), "FOLDER")
    assert output.split("\n") == [
        "False ['! backups    FOLDER/data/backups: permission denied']",
        'False ["!            FOLDER/data: can\'t be written, so nothing is saved"]',
    ]


def test_wrong_settings_are_a_problem(paths: Paths) -> None:
    assert paths.config is not None
    paths.config.write_text("theme = 5")
    assert 'theme must be a name in quotes, such as "night", not 5' in "\n".join(
        list_problems(paths)
    )


def test_every_problem_of_theme_and_keys_is_reported(paths: Paths) -> None:
    assert paths.config is not None
    paths.config.write_text(
        'theme = "nosuch"\nmeasure = 5\n[keys]\nline-down = "q"\nline-dwn = "w"\n'
    )
    starts = [
        problem.split("; ")[0].removeprefix(f"{paths.config}: ") for problem in list_problems(paths)
    ]
    assert starts == [
        "measure must be a whole number from 20 to 120, not 5",
        "config.toml: keys: there is no command 'line-dwn'",
        "config.toml: keys: line-down takes q from leave",
        "There is no theme 'nosuch'",
    ]


def test_a_settings_file_that_is_a_link_to_itself_is_a_problem(paths: Paths) -> None:
    assert paths.config is not None
    paths.config.symlink_to(paths.config)
    assert "Too many levels of symbolic links" in list_problems(paths)[0]


def test_the_exit_code_is_one_after_a_problem(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor"]) == 0
    path = get_database(Paths.default())
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_bytes(b"garbage")
    path.chmod(0o600)
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.endswith("1 problem: see the lines that begin with !\n")
    assert os.listdir(path.parent) == ["state.db"]  # noqa: PTH208  names, not paths


def test_the_folders_of_the_library_are_looked_at(
    write: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (write(f"{name}.md", f"---\nid: twin\n---\n{name}") for name in ("one", "two"))
    missing = one.parent.parent / "away"
    config = Paths.default().config
    assert config is not None
    config.parent.mkdir(parents=True)
    config.write_text(f'library = ["{one.parent}", "{missing}"]\n')
    assert list_problems(Paths.default()) == [
        f"folder     {missing}: there is no such folder",
        (
            f"{one}, {two}: all have the id 'twin'; each keeps its own reading data;"
            " give each an id of its own"
        ),
    ]
    assert main(["doctor"]) == 1
    assert f"\n  folder     {one.parent}: 2 of 2 readable\n" in capsys.readouterr().out


def test_files_that_share_an_id_are_a_problem(write: Callable[[str, str], Path]) -> None:
    one, two = (write(f"{name}.md", f"---\nid: twin\n---\n{name}") for name in ("one", "two"))
    write("three.md", "---\nid: other\n---\nthree")
    for path in (one, two, one.with_name("three.md")):
        assert main(["mark", str(path), "finished"]) == 0
    assert list_problems(Paths.default()) == [
        (
            f"{one}, {two}: all have the id 'twin'; each keeps its own reading data;"
            " give each an id of its own"
        )
    ]
