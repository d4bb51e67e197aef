"""Whatever has become of home and memory, the program starts, says one line, and reads."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import READER, PseudoTerminal
from session_driver import Reader
from unprivileged import NOBODY_ID, PRELUDE, make_unprivileged_folder

from reader.paths import Paths
from reader.reading.progress import ReadStatus
from reader.store.database import back_up
from reader.store.repository import Store
from reader.store.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

AS_NOBODY: Final = f"""
import concurrent.futures.thread, importlib, pkgutil, resource
import textual.app, textual.drivers.linux_driver, reader.ui
for module in pkgutil.walk_packages(reader.ui.__path__, "reader.ui."):
    importlib.import_module(module.name)
{PRELUDE}
{{more}}
from reader.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""What the app needs is imported first: Python's own files may be out of reach afterwards."""
STRANGER: Final = "54321"
"""A user of whom no passwd file knows."""
FULL: Final = "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"


def as_nobody(more: str = "") -> Sequence[str]:
    """Return what runs the program as a user without privileges, after `more`."""
    return (sys.executable, "-c", AS_NOBODY.format(more=more))


TEXT: Final = "# A story\n\n" + "\n\n".join(f"Line {number} is told." for number in range(100))


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    return str(write("story.md", TEXT))


@pytest.fixture
def nobodys_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield the home of a user without privileges, with a story in it."""
    with make_unprivileged_folder() as folder:
        monkeypatch.setenv("HOME", str(folder))
        (folder / "story.md").write_text(TEXT)
        yield folder


def reads(story: str, line: str, argv: Sequence[str] = READER) -> None:
    """Read with keys, be told `line` and nothing worse."""
    with PseudoTerminal([story], argv=argv, columns=230) as terminal:
        terminal.wait_for("Line 0 ")
        terminal.wait_for(line)
        terminal.press(" ")
        terminal.wait_for("Line 14 ")
        terminal.write(b"q")
        assert terminal.wait() == 0
        assert b"Traceback" not in terminal.output


# Homes --------------------------------------------------------------------------------------


def test_in_a_home_that_cannot_be_written_it_reads(nobodys_home: Path) -> None:
    nobodys_home.chmod(0o555)
    story = str(nobodys_home / "story.md")
    reads(story, "permission denied: nothing will be saved", as_nobody())
    assert [path.name for path in nobodys_home.iterdir()] == ["story.md"]


def test_without_home_and_passwd_entry_it_reads(
    nobodys_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME")
    argv = [word.replace(str(NOBODY_ID), STRANGER) for word in as_nobody()]
    story = str(nobodys_home / "story.md")
    reads(story, "There is no home folder: nothing will be saved", argv)


def test_where_the_data_folder_is_a_file_it_reads(nobodys_home: Path) -> None:
    data = nobodys_home / ".local" / "share" / "essay-reader"
    data.parent.mkdir(parents=True)
    data.write_text("mine")
    story = str(nobodys_home / "story.md")
    reads(story, "file exists: nothing will be saved", as_nobody())
    assert data.read_text() == "mine"


def test_on_a_full_disk_it_reads(nobodys_home: Path) -> None:
    story = str(nobodys_home / "story.md")
    reads(story, "disk I/O error: nothing will be saved", as_nobody(FULL))


# Memories -----------------------------------------------------------------------------------


@pytest.fixture
def memory(story: str) -> Path:
    """Return the path of a memory in which the story is finished."""
    path = Paths.default().state
    assert path is not None
    session = Reader(store=Store.open(path)).session
    session.read_statuses.toggle_status(session.open_file(Path(story)).story)
    session.close()
    return path


def truncate(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def half_migrate(path: Path) -> None:
    """Leave what no migration leaves: the number of the last version, and a table missing."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE place")
        db.commit()


DAMAGE: Final[dict[str, Callable[[Path], object]]] = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": truncate,
    "garbage": lambda path: path.write_bytes(b"garbage" * 1000),
    "half migrated": half_migrate,
}


@pytest.fixture(params=DAMAGE)
def damage(request: pytest.FixtureRequest) -> Callable[[Path], object]:
    return DAMAGE[request.param]


def mark(memory: Path) -> ReadStatus:
    """Return the mark of the only story there is."""
    with closing(Store.open(memory)) as state:
        assert state.notice == ""
        return next(
            (found.status for found in state.load_story_states().values()), ReadStatus.UNREAD
        )


def aside(memory: Path) -> list[str]:
    return sorted(path.name for path in memory.parent.glob("*.corrupt-?"))


def test_a_damaged_memory_is_set_aside_and_its_backup_takes_its_place(
    damage: Callable[[Path], object], memory: Path, story: str
) -> None:
    assert back_up(memory) is not None
    damage(memory)
    broken = memory.read_bytes()
    reads(story, "it was renamed to state.db.corrupt-1, and the backup of ")
    assert mark(memory) is ReadStatus.FINISHED
    assert aside(memory) == ["state.db.corrupt-1"]
    assert memory.with_name("state.db.corrupt-1").read_bytes() == broken


def test_a_damaged_memory_without_a_backup_is_set_aside(
    damage: Callable[[Path], object], memory: Path, story: str
) -> None:
    damage(memory)
    broken = memory.read_bytes()
    if not broken:  # there is nothing to set aside, and nothing to say
        reads(story, "min left")
        assert aside(memory) == []
        return
    reads(story, "it was renamed to state.db.corrupt-1")
    assert aside(memory) == ["state.db.corrupt-1"]
    assert memory.with_name("state.db.corrupt-1").read_bytes() == broken


def test_a_memory_of_a_later_version_is_left_as_it_is(memory: Path, story: str) -> None:
    assert back_up(memory) is not None
    with closing(sqlite3.connect(memory)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        db.execute("PRAGMA journal_mode = DELETE")
    before = memory.read_bytes()
    reads(story, "was written by a newer version of reader: nothing will be saved")
    assert memory.read_bytes() == before
    assert aside(memory) == []
