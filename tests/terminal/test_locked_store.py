"""While the store can't be written, keys are answered, a line says so, and nothing is lost."""

from __future__ import annotations

import contextlib
import re
import resource
import shutil
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import PseudoTerminal

from reader.paths import Paths
from reader.reading.progress import ReadStatus
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]


ANSWER_SECONDS: Final = 3.0
"""Seconds of reading the screen within which a key is answered; the lock stays much longer."""
READ_SECONDS: Final = 0.01
"""Seconds of one read of the screen; a read that takes longer on a busy machine counts as much."""
END_SECONDS: Final = 60.0
"""Seconds within which the program ends."""
WAIT_LONG: Final = """
import sys
from reader.cli.main import main
from reader.store import database

database.OPEN_TIMEOUT_SECONDS = 120
sys.exit(main())
"""
LOCKED: Final = "nother program is using"


@pytest.fixture
def store_path() -> Path:
    """Return the path of a store that exists."""
    path = Paths.default().state
    assert path is not None
    Store.open(path).close()
    return path


@pytest.fixture
def locker(store_path: Path) -> Iterator[sqlite3.Connection]:
    """Yield the connection of another program, which may lock the store."""
    with contextlib.closing(sqlite3.connect(store_path, isolation_level=None)) as db:
        yield db


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    lines = "\n\n".join(f"Line {number} is here." for number in range(300))
    return str(write("story.md", f"# A story\n\n{lines}\n"))


def get_top_line(terminal: PseudoTerminal) -> int:
    match = re.search(r"Line (\d+) is", terminal.text)
    assert match is not None
    return int(match[1])


def press_and_wait(terminal: PseudoTerminal, key: str) -> float:
    """Press a key and return the seconds until the screen changes."""
    before, waited = terminal.text, 0.0
    terminal.write(key.encode())
    while terminal.text == before and waited < END_SECONDS:
        began = time.monotonic()
        terminal.read(READ_SECONDS)
        waited += min(READ_SECONDS, time.monotonic() - began)
    while terminal.read(0.03):
        pass
    return waited


def load_state(store_path: Path) -> tuple[ReadStatus, int | None]:
    """Return the status and the line of the only story."""
    store = Store.open(store_path)
    states = list(store.load_story_states().values())
    store.close()
    assert store.notice == ""
    assert list(store_path.parent.glob("*corrupt*")) == []
    if not states:
        return ReadStatus.UNREAD, None
    anchor = states[0].anchor
    return states[0].status, anchor.place.block if anchor else None


def load_highlights(store_path: Path) -> list[str]:
    with contextlib.closing(Store.open(store_path)) as store:
        return [highlight.text for highlight in store.annotation_store.load_highlights()]


def has_open(pid: int, path: Path) -> bool:
    """Return whether a program has opened a file."""
    with contextlib.suppress(FileNotFoundError):  # it closes files meanwhile
        return any(link.resolve() == path for link in Path(f"/proc/{pid}/fd").iterdir())
    return False


def test_keys_are_answered_during_a_lock_and_the_place_is_saved_after_it(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        terminal.wait_for("min to go")
        terminal.settle()
        locker.execute("BEGIN EXCLUSIVE")
        for _ in range(8):
            assert press_and_wait(terminal, " ") < ANSWER_SECONDS
        line = get_top_line(terminal)
        locker.execute("ROLLBACK")
        terminal.press("q")
        assert terminal.wait(END_SECONDS) == 0
        assert "locked" not in terminal.text
        assert LOCKED not in terminal.text
    assert load_state(store_path)[1] == line


def test_a_change_during_a_lock_is_called_unsaved_until_it_is_saved(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        terminal.wait_for("min to go")
        terminal.settle()
        locker.execute("BEGIN EXCLUSIVE")
        assert press_and_wait(terminal, "m") < ANSWER_SECONDS
        terminal.wait_for("Finished, not saved yet: A story")
        locker.execute("ROLLBACK")
        terminal.wait_for("Everything is saved now.")
        assert load_state(store_path)[0] is ReadStatus.FINISHED
        terminal.press("q")
        assert terminal.wait(END_SECONDS) == 0


def test_a_lock_that_stays_is_shown_and_the_last_line_says_what_is_not_saved(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    with PseudoTerminal([story], columns=120) as terminal:
        terminal.wait_for("min to go")
        terminal.settle()
        locker.execute("BEGIN EXCLUSIVE")
        for key in " j?q":
            assert press_and_wait(terminal, key) < ANSWER_SECONDS, key
        terminal.wait_for("Nothing is being saved: another program is using the file", 20)
        terminal.write(b"q")
        assert terminal.wait(END_SECONDS) == 1
        last = bytes(terminal.output).split(b"\x1b[?1049l")[-1].decode()
        assert re.search(r"reader: not saved: [^:]*1 place[^:]*: another program is using", last)
        assert f"the file ({store_path})\r\n" in last
        assert b"closed database" not in terminal.output
    locker.execute("ROLLBACK")
    assert load_state(store_path) == (ReadStatus.UNREAD, None)


def test_what_is_made_during_a_lock_at_the_start_is_saved_after_it(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    locker.execute("BEGIN EXCLUSIVE")
    with PseudoTerminal([story]) as terminal:
        terminal.wait_for("Nothing is being saved: another program is using the file")
        assert press_and_wait(terminal, " ") < ANSWER_SECONDS
        line = get_top_line(terminal)
        assert press_and_wait(terminal, "H") < ANSWER_SECONDS
        terminal.wait_for("not saved yet")
        locker.execute("ROLLBACK")
        terminal.wait_for("Everything is saved now.")
        terminal.kill()
    assert load_state(store_path)[1] == line
    assert load_highlights(store_path) == [f"Line {line} is here."]


def test_a_short_lock_at_the_start_is_waited_for(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    locker.execute("BEGIN EXCLUSIVE")
    with PseudoTerminal([story], source=WAIT_LONG, columns=200) as terminal:
        terminal.wait_until(lambda: has_open(terminal.pid, store_path), "the store is not opened")
        locker.execute("ROLLBACK")
        terminal.wait_for("min to go")
        first = get_top_line(terminal)
        terminal.write(b" ")
        terminal.wait_until(lambda: get_top_line(terminal) > first, "the page does not turn")
        line = get_top_line(terminal)
        terminal.write(b"q")
        assert terminal.wait(END_SECONDS) == 0
        assert LOCKED not in terminal.text
    assert load_state(store_path)[1] == line


def test_what_is_made_while_the_data_folder_is_away_is_saved_when_it_is_back(
    store_path: Path, story: str
) -> None:
    folder, away = store_path.parent, store_path.parent.with_name("away")
    with PseudoTerminal([story]) as terminal:
        terminal.wait_for("min to go")
        terminal.press("H")
        terminal.wait_for("Highlighted the paragraph: ")
        folder.rename(away)
        terminal.wait_for("not saved")
        terminal.press(" H")
        terminal.wait_for("Highlighted the paragraph, not saved yet")
        line = get_top_line(terminal)
        away.rename(folder)
        terminal.wait_for("Everything is saved now.")
        shutil.rmtree(folder)
        terminal.wait_until(store_path.exists, "the store is not made again")
        terminal.write(b"q")
        assert terminal.wait(END_SECONDS) == 0
    assert load_highlights(store_path) == ["Line 0 is here.", f"Line {line} is here."]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit of Linux")
def test_what_is_made_while_the_disk_is_full_is_saved_later(store_path: Path, story: str) -> None:
    # Python would leave incomplete bytecode of what it imports meanwhile, for other tests.
    with PseudoTerminal([story], env={"PYTHONDONTWRITEBYTECODE": "1"}) as terminal:
        terminal.wait_for("min to go")
        terminal.settle()
        resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        terminal.press("H")
        terminal.wait_for("Highlighted the paragraph, not saved yet")
        assert load_highlights(store_path) == []
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE, unlimited)
        terminal.wait_for("Everything is saved now.")
        terminal.kill()
    assert load_highlights(store_path) == ["Line 0 is here."]
