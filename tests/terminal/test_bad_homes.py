"""The program starts and reports one line, whatever the state of the home folder and the store."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import PseudoTerminal
from session_driver import Reader, toggle_status
from unprivileged import NOBODY_ID, PRELUDE, give_to_unprivileged, make_unprivileged_folder

from reader.paths import Paths
from reader.reading.progress import ReadStatus
from reader.store.database import back_up
from reader.store.migrations import MIGRATIONS
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.pty


RUN_UNPRIVILEGED: Final = f"""
import concurrent.futures.thread, importlib, pkgutil, resource
import textual.app, textual.drivers.linux_driver, reader.ui
for module in pkgutil.walk_packages(reader.ui.__path__, "reader.ui."):
    importlib.import_module(module.name)
{PRELUDE}
{{more}}
from reader.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""Imports everything first: the user may not be able to read the files of Python."""
UNKNOWN_USER_ID: Final = "54321"
"""A user without an entry in the passwd file."""
FILL_DISK: Final = (
    "sys.dont_write_bytecode = True\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"
)
"""Without the first line, incomplete bytecode of later imports would be left for other tests."""


def make_source(more: str = "") -> str:
    """Return the source that runs `more` and then the program as an unprivileged user."""
    return RUN_UNPRIVILEGED.format(more=more)


TEXT: Final = "# A story\n\n" + "\n\n".join(f"Line {number} is here." for number in range(100))


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    return str(write("story.md", TEXT))


@pytest.fixture
def unprivileged_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield the home folder of an unprivileged user, with a story in it."""
    with make_unprivileged_folder() as folder:
        monkeypatch.setenv("HOME", str(folder))
        (folder / "story.md").write_text(TEXT)
        yield folder


def read_story(story: str, line: str, source: str | None = None) -> str:
    """Start the program, see `line`, scroll, and quit; return what it sent after its screen.

    The exit code is 1 if `line` says that nothing is saved.
    """
    with PseudoTerminal([story], source=source, columns=230) as terminal:
        terminal.wait_for("Line 0 ")
        terminal.wait_for(line)
        terminal.press(" ")
        terminal.wait_for("Line 14 ")
        terminal.write(b"q")
        assert terminal.wait() == int(line.startswith("Nothing is being saved: "))
        assert b"Traceback" not in terminal.output
        return bytes(terminal.output).split(b"\x1b[?1049l")[-1].decode()


def test_a_read_only_home_is_reported(unprivileged_home: Path) -> None:
    unprivileged_home.chmod(0o555)
    story = str(unprivileged_home / "story.md")
    read_story(story, "Nothing is being saved: permission denied", make_source())
    assert [path.name for path in unprivileged_home.iterdir()] == ["story.md"]


def test_a_missing_home_is_reported(
    unprivileged_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME")
    source = make_source().replace(str(NOBODY_ID), UNKNOWN_USER_ID)
    story = str(unprivileged_home / "story.md")
    read_story(story, "Nothing is being saved: there is no home folder", source)


def test_a_file_instead_of_the_data_folder_is_reported(unprivileged_home: Path) -> None:
    data = unprivileged_home / ".local" / "share" / "essay-reader"
    data.parent.mkdir(parents=True)
    data.write_text("mine")
    story = str(unprivileged_home / "story.md")
    read_story(story, "Nothing is being saved: not a directory", make_source())
    assert data.read_text() == "mine"


def test_a_full_disk_is_reported(unprivileged_home: Path) -> None:
    story = str(unprivileged_home / "story.md")
    read_story(story, "Nothing is being saved: disk I/O error", make_source(FILL_DISK))


@pytest.fixture
def store_path(story: str) -> Path:
    """Return the path of a store in which the story is finished."""
    path = Paths.default().state
    assert path is not None
    session = Reader(store=Store.open(path)).session
    toggle_status(session, session.open_file(Path(story)).story)
    session.close()
    return path


def truncate(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def drop_table(path: Path) -> None:
    """Leave the number of the last version, without one of its tables."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE place")
        db.commit()


DAMAGE: Final[dict[str, Callable[[Path], object]]] = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": truncate,
    "garbage": lambda path: path.write_bytes(b"garbage" * 1000),
    "table missing": drop_table,
}


@pytest.fixture(params=DAMAGE)
def damage(request: pytest.FixtureRequest) -> Callable[[Path], object]:
    return DAMAGE[request.param]


def load_status(store_path: Path) -> ReadStatus:
    """Return the status of the only story."""
    with closing(Store.open(store_path)) as store:
        assert store.notice == ""
        return next(
            (story.status for story in store.load_story_states().values()), ReadStatus.UNREAD
        )


def list_renamed(store_path: Path) -> list[str]:
    return sorted(path.name for path in store_path.parent.glob("*.corrupt-?"))


def open_and_close(store_path: Path) -> str:
    """Open the store as the program does, and return the notice."""
    with closing(Store.open(store_path)) as store:
        return store.notice


def test_the_program_starts_with_a_damaged_store(store_path: Path, story: str) -> None:
    assert back_up(store_path) is not None
    truncate(store_path)
    read_story(story, "the backup of ")
    assert load_status(store_path) is ReadStatus.FINISHED


def test_the_program_starts_with_a_damaged_store_without_a_backup(
    store_path: Path, story: str
) -> None:
    truncate(store_path)
    read_story(story, "it was renamed to state.db.corrupt-1")


def test_a_backup_replaces_a_damaged_store(
    damage: Callable[[Path], object], store_path: Path
) -> None:
    assert back_up(store_path) is not None
    damage(store_path)
    broken = store_path.read_bytes()
    notice = open_and_close(store_path)
    assert "it was renamed to state.db.corrupt-1" in notice
    assert "the backup of " in notice
    assert load_status(store_path) is ReadStatus.FINISHED
    assert list_renamed(store_path) == ["state.db.corrupt-1"]
    assert store_path.with_name("state.db.corrupt-1").read_bytes() == broken


def test_a_damaged_store_without_a_backup_is_renamed(
    damage: Callable[[Path], object], store_path: Path
) -> None:
    damage(store_path)
    broken = store_path.read_bytes()
    if not broken:  # an empty file is a new store
        assert open_and_close(store_path) == ""
        assert list_renamed(store_path) == []
        return
    assert "it was renamed to state.db.corrupt-1" in open_and_close(store_path)
    assert list_renamed(store_path) == ["state.db.corrupt-1"]
    assert store_path.with_name("state.db.corrupt-1").read_bytes() == broken


def test_a_store_of_a_newer_version_is_not_changed(store_path: Path, story: str) -> None:
    assert back_up(store_path) is not None
    with closing(sqlite3.connect(store_path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        db.execute("PRAGMA journal_mode = DELETE")
    before = store_path.read_bytes()
    problem = "the file was written by a newer version of reader"
    last = read_story(story, f"Nothing is being saved: {problem}")
    end = re.escape(f": {problem}: {store_path}")
    assert re.search(f"reader: not saved: [^:]*1 place[^:]*{end}", last)
    assert store_path.read_bytes() == before
    assert list_renamed(store_path) == []


def test_a_folder_of_backups_that_cannot_be_read_is_reported(
    unprivileged_home: Path,
) -> None:
    data = unprivileged_home / ".local" / "share" / "essay-reader"
    with closing(Store.open(data / "state.db")) as store:
        store.set_status("one", ReadStatus.FINISHED)
    (data / "backups").mkdir(mode=0)
    for each in (data / "backups", *data.iterdir(), data, data.parent, data.parent.parent):
        give_to_unprivileged(each)
    story = str(unprivileged_home / "story.md")
    read_story(story, "Your reading data can't be backed up: ", make_source())
