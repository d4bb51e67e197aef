"""While another program locks the store, keys are answered and one line reports the lock."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import sys
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


def has_open(pid: int, path: Path) -> bool:
    """Return whether a program has opened a file."""
    with contextlib.suppress(FileNotFoundError):  # it closes files meanwhile
        return any(link.resolve() == path for link in Path(f"/proc/{pid}/fd").iterdir())
    return False


def test_keys_are_answered_during_a_lock_and_the_place_is_saved_after_it(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        terminal.wait_for("min left")
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


def test_marking_is_refused_during_a_lock(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        terminal.wait_for("min left")
        terminal.settle()
        locker.execute("BEGIN EXCLUSIVE")
        assert press_and_wait(terminal, "m") < ANSWER_SECONDS
        terminal.wait_for(f"Can't save that now: a{LOCKED}")
        assert "finished" not in terminal.text.lower()
        locker.execute("ROLLBACK")
        terminal.press("m")
        terminal.wait_for("Finished: A story")
        terminal.press("q")
        assert terminal.wait(END_SECONDS) == 0
    assert load_state(store_path)[0] is ReadStatus.FINISHED


def test_a_lock_that_stays_is_reported_and_the_program_can_end(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    with PseudoTerminal([story], columns=120) as terminal:
        terminal.wait_for("min left")
        terminal.settle()
        locker.execute("BEGIN EXCLUSIVE")
        for key in " j?q":
            assert press_and_wait(terminal, key) < ANSWER_SECONDS, key
        terminal.wait_for("is using your reading data: what you read is not saved yet.", 20)
        terminal.write(b"q")
        assert terminal.wait(END_SECONDS) == 0
        assert b"is using your reading data: what you read last was not saved." in terminal.output
    locker.execute("ROLLBACK")
    assert load_state(store_path) == (ReadStatus.UNREAD, None)


def test_a_lock_at_the_start_is_reported_and_the_store_is_read(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    locker.execute("BEGIN EXCLUSIVE")
    with PseudoTerminal([story], columns=200) as terminal:
        terminal.wait_for(f"a{LOCKED} it: nothing will be saved")
        assert press_and_wait(terminal, " ") < ANSWER_SECONDS
        terminal.write(b"q")
        assert terminal.wait(END_SECONDS) == 0
    locker.execute("ROLLBACK")
    assert load_state(store_path) == (ReadStatus.UNREAD, None)


def test_a_short_lock_at_the_start_is_waited_for(
    store_path: Path, locker: sqlite3.Connection, story: str
) -> None:
    locker.execute("BEGIN EXCLUSIVE")
    argv = (sys.executable, "-c", WAIT_LONG)
    with PseudoTerminal([story], argv=argv, columns=200) as terminal:
        terminal.wait_until(lambda: has_open(terminal.pid, store_path), "the store is not opened")
        locker.execute("ROLLBACK")
        terminal.wait_for("min left")
        terminal.press(" ")
        line = get_top_line(terminal)
        terminal.write(b"q")
        assert terminal.wait(END_SECONDS) == 0
        assert LOCKED not in terminal.text
    assert load_state(store_path)[1] == line
