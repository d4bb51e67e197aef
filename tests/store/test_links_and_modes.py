"""Links and other users' folders are refused, nothing foreign is deleted, all files are private."""

from __future__ import annotations

import os
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from populated_store import fill_store, load_status_of_one
from unprivileged import NOBODY_ID

from reader.cli.main import main
from reader.errors import StateError
from reader.library import text_cache
from reader.paths import LINK_MESSAGE, Paths
from reader.reading.progress import ReadStatus
from reader.store.database import MAX_BACKUPS, back_up
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Write = Callable[[str, str], Path]


@pytest.fixture
def state() -> Path:
    """Return the path of a store in which the story `one` is finished."""
    path = Paths.default().state
    assert path is not None
    return fill_store(path)


@pytest.fixture
def cache() -> Path:
    """Return the cache folder, which is empty."""
    index = Paths.default().index
    assert index is not None
    index.parent.mkdir(parents=True)
    return index.parent


def list_tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("target", ["missing", "foreign.db", "notes.txt", "folder"])
def test_a_link_as_state_db_is_refused_and_its_target_unchanged(
    target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = tmp_path / "foreign"
    (foreign / "folder").mkdir(parents=True)
    fill_store(foreign / "foreign.db")
    (foreign / "notes.txt").write_text("mine")
    path = Paths.default().state
    assert path is not None
    path.parent.mkdir(parents=True)
    path.symlink_to(foreign / target)
    before = list_tree(foreign)
    with closing(Store.open(path)) as store:
        assert store.notice == f"{path}: {LINK_MESSAGE}: nothing will be saved"
        assert store.load_story_state("one").status is ReadStatus.UNREAD
        store.set_status("one", ReadStatus.FINISHED)
    assert main(["doctor"]) == 1
    assert f"! data       {path}: {LINK_MESSAGE}" in capsys.readouterr().out
    assert (list_tree(foreign), path.is_symlink()) == (before, True)
    assert back_up(path) is None


def test_a_linked_folder_of_backups_is_refused(state: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for day in range(1, 20):
        (foreign / f"state-2020-01-{day:02}.db").write_text("mine")
        (foreign / f".state-2020-01-{day:02}.db.1.part").touch()
        os.utime(foreign / f".state-2020-01-{day:02}.db.1.part", (0, 0))
    (state.parent / "backups").symlink_to(foreign)
    with pytest.raises(StateError, match=LINK_MESSAGE):
        back_up(state)
    assert len(list(foreign.iterdir())) == 38
    state.write_bytes(b"garbage")
    assert "backup" not in load_status_of_one(state)[1]


def test_pruning_backups_deletes_only_files_of_the_program(state: Path) -> None:
    folder = state.parent / "backups"
    folder.mkdir()
    foreign = [
        "state-2020-01-01.db.txt", "state-2020.db", "my state-2020-01-01.db", ".state-mine.part",
        ".state-2020-01-01.db.part", "notes.part",
    ]  # fmt: skip
    for name in foreign:
        (folder / name).touch()
        os.utime(folder / name, (0, 0))
    (folder / "state-2020-02-02.db").mkdir()
    (folder / "state-2020-02-03.db").symlink_to(state)
    for day in range(1, 10):
        (folder / f"state-2020-01-{day:02}.db").touch()
    assert back_up(state) is not None
    left = {path.name for path in folder.iterdir()}
    assert left >= {*foreign, "state-2020-02-02.db", "state-2020-02-03.db"}
    assert len(left) == len(foreign) + 2 + MAX_BACKUPS


def show(write: Write, capsys: pytest.CaptureFixture[str]) -> str:
    """Show a story through the caches, and return the errors."""
    assert main(["show", str(write("story.md", "# Title\n\nWords."))]) == 0
    return capsys.readouterr().err


def save_a_text(write: Write) -> None:
    """Save the text of a story in the cache, as the app does."""
    from reader.cli.context import open_session

    with open_session() as session:
        open_story = session.open_file(write("story.md", "# Title\n\nWords."))
        open_story.parse_all()
        session.index_story(open_story).run()


def test_a_linked_text_cache_is_refused_and_nothing_in_it_deleted(
    cache: Path, tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(text_cache, "MAX_FILES", 5)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for number in range(20):
        (foreign / f"{number:024x}.jsonl").touch()
    (cache / "texts").symlink_to(foreign)
    save_a_text(write)
    assert len(list(foreign.iterdir())) == 20
    assert f"{cache / 'texts'}: {LINK_MESSAGE}: this cache is not used" in show(write, capsys)


def test_pruning_texts_deletes_only_files_of_the_program(
    cache: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_cache, "MAX_FILES", 2)
    texts = cache / "texts"
    texts.mkdir()
    foreign = ["notes.txt", "notes.jsonl", f"{1:024x}.txt", f"x{1:024x}.jsonl", f"{1:024X}A.jsonl"]
    own = [f"{number:024x}.jsonl" for number in range(5)]
    for name in (*foreign, *own):
        (texts / name).touch()
        os.utime(texts / name, (0, 0))
    (texts / f"{9:024x}.jsonl").mkdir()
    save_a_text(write)
    left = {path.name for path in texts.iterdir()}
    assert left >= {*foreign, f"{9:024x}.jsonl"}
    assert len(left) == len(foreign) + 1 + 2


def test_a_linked_index_is_refused(
    cache: Path, tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (cache / "index.db").symlink_to(tmp_path / "notes.txt")
    assert f"{cache / 'index.db'}: {LINK_MESSAGE}: this cache is not used" in show(write, capsys)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    (cache / "index.db").unlink()
    (cache / "index.db").symlink_to(tmp_path / "missing")
    show(write, capsys)
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("kind", ["data", "cache"])
def test_a_linked_data_folder_of_the_user_is_used(kind: str, tmp_path: Path, home: Path) -> None:
    """Managers of settings link whole folders to a repository."""
    paths = Paths.default()
    path = paths.state if kind == "data" else paths.index
    assert path is not None
    real = tmp_path / "dotfiles"
    real.mkdir()
    path.parent.parent.mkdir(parents=True)
    path.parent.symlink_to(real)
    assert main(["mark", "forty", "finished"]) == 0
    assert (real / path.name).is_file()
    assert path.parent.is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
@pytest.mark.parametrize("target", ["missing", "other"])
def test_a_data_folder_linked_elsewhere_is_refused(target: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    os.chown(tmp_path / "other", NOBODY_ID, NOBODY_ID)
    path = Paths.default().state
    assert path is not None
    path.parent.parent.mkdir(parents=True)
    path.parent.symlink_to(tmp_path / target)
    with closing(Store.open(path)) as store:
        assert "is a link, but not to a folder of yours: nothing will be saved" in store.notice
    assert list((tmp_path / "other").iterdir()) == []


@pytest.fixture
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("umask", [0o000, 0o777], indirect=True)
@pytest.mark.usefixtures("umask")
def test_whatever_the_umask_is_all_files_are_private(home: Path) -> None:
    home.chmod(0o700)
    assert main(["mark", "forty", "finished"]) == 0
    assert main(["export", str(home / "all.json")]) == 0
    modes = {
        str(path.relative_to(home)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in home.rglob("*")
    }
    assert len(modes) >= 8
    files = {name for name in modes if (home / name).is_file()}
    assert {modes[name] for name in files} == {"0o600"}
    assert {modes[name] for name in modes.keys() - files} == {"0o700"}


@pytest.fixture
def sticky(tmp_path: Path, state: Path) -> Path:
    """Return a folder in which everybody may create files, as `/tmp`."""
    folder = tmp_path / "sticky"
    folder.mkdir()
    folder.chmod(0o1777)
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "mine.json").write_text("mine")
    return folder


def test_an_export_follows_no_link_in_a_sticky_folder(
    sticky: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "real" / "mine.json"
    (sticky / "file.json").symlink_to(mine)
    (sticky / "dangling.json").symlink_to(tmp_path / "real" / "new.json")
    (sticky / "folder").symlink_to(tmp_path / "real")
    (tmp_path / "chain.json").symlink_to(sticky / "file.json")
    (sticky / "device.json").symlink_to("/dev/null")
    for path in ("sticky/file.json", "sticky/dangling.json", "sticky/folder/mine.json",
                 "sticky/folder/new.json", "chain.json", "real/../sticky/file.json",
                 "sticky/device.json"):  # fmt: skip
        assert main(["export", str(tmp_path / path)]) == 1
        assert "is a link that anybody could have made" in capsys.readouterr().err
    assert mine.read_text() == "mine"
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["mine.json"]


def test_an_export_to_a_sticky_folder_is_written(sticky: Path) -> None:
    assert main(["export", str(sticky / "all.json")]) == 0
    assert (sticky / "all.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in sticky.iterdir()] == ["all.json"]


def test_a_link_to_itself_is_reported(
    sticky: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert main(["export", str(tmp_path / "loop")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_only_the_newest_error_logs_are_deleted_and_no_other_file(cache: Path) -> None:
    from reader.cli.context import KEPT_LOGS, report_failures

    foreign = ["error-apache.log", "error-2026.log", "error-20260101T000000.000000.log.txt"]
    for name in foreign:
        (cache / name).touch()
    for second in range(6):
        (cache / f"error-20260101T00000{second}.000000.log").touch()
    assert report_failures([ValueError("x")], private=False) == 1
    left = {path.name for path in cache.iterdir()}
    assert left >= set(foreign)
    assert len(left) == len(foreign) + KEPT_LOGS
