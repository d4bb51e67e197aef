"""Another program holds the memory: keys answer, one line says so, nothing is taken for damaged."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import PseudoTerminal

from reader.paths import Paths
from reader.reading.progress import ReadStatus
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ANSWERS: Final = 0.3
"""Seconds within which a key is answered."""
LOOK: Final = 0.01
"""Seconds between two looks; one that comes late counts for no more."""
IN_TIME: Final = 2.0
"""Seconds."""
HELD: Final = "nother program is using"


@pytest.fixture
def memory() -> Path:
    """Return the path of a memory that there is already."""
    path = Paths.default().state
    assert path is not None
    Store.open(path).close()
    return path


@pytest.fixture
def holder(memory: Path) -> Iterator[sqlite3.Connection]:
    """Yield somebody who may hold the memory."""
    with contextlib.closing(sqlite3.connect(memory, isolation_level=None)) as db:
        yield db


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    lines = "\n\n".join(f"Line {number} is told." for number in range(300))
    return str(write("story.md", f"# A story\n\n{lines}\n"))


def top(terminal: PseudoTerminal) -> int:
    found = re.search(r"Line (\d+) is", terminal.text)
    assert found is not None
    return int(found[1])


def answer_to(terminal: PseudoTerminal, key: str) -> float:
    """Strike a key and return the seconds until the screen is another."""
    before, waited = terminal.text, 0.0
    terminal.write(key.encode())
    while terminal.text == before and waited < IN_TIME:
        began = time.monotonic()
        terminal.read(LOOK)
        waited += min(LOOK, time.monotonic() - began)
    while terminal.read(0.03):
        pass
    return waited


def kept(memory: Path) -> tuple[ReadStatus, int | None]:
    """Return the mark and the line of the only story."""
    state = Store.open(memory)
    found = list(state.load_story_states().values())
    state.close()
    assert state.notice == ""
    assert list(memory.parent.glob("*corrupt*")) == []
    if not found:
        return ReadStatus.UNREAD, None
    return found[0].status, found[0].anchor.place.block if found[0].anchor else None


def test_keys_answer_while_the_memory_is_held_and_all_is_there_afterwards(
    memory: Path, holder: sqlite3.Connection, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        terminal.wait_for("min left")
        terminal.settle()
        holder.execute("BEGIN EXCLUSIVE")
        ends = time.monotonic() + 0.5
        while time.monotonic() < ends:
            assert answer_to(terminal, " ") < ANSWERS
        line = top(terminal)
        holder.execute("ROLLBACK")
        terminal.press("q")
        assert terminal.wait(IN_TIME) == 0
        assert "locked" not in terminal.text
        assert HELD not in terminal.text
    assert kept(memory) == (ReadStatus.UNREAD, line)


def test_what_the_hand_does_while_the_memory_is_held_is_refused_in_a_line(
    memory: Path, holder: sqlite3.Connection, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        terminal.wait_for("min left")
        terminal.settle()
        holder.execute("BEGIN EXCLUSIVE")
        assert answer_to(terminal, "m") < ANSWERS
        terminal.wait_for(f"That can't be written down just now: a{HELD}")
        assert "finished" not in terminal.text.lower()
        holder.execute("ROLLBACK")
        terminal.press("m")
        terminal.wait_for("Finished: A story")
        terminal.press("q")
        assert terminal.wait(IN_TIME) == 0
    assert kept(memory)[0] is ReadStatus.FINISHED


def test_a_memory_that_is_held_for_ever_is_told_in_one_line_and_keeps_nobody(
    memory: Path, holder: sqlite3.Connection, story: str
) -> None:
    with PseudoTerminal([story], columns=120) as terminal:
        terminal.wait_for("min left")
        terminal.settle()
        holder.execute("BEGIN EXCLUSIVE")
        for key in " j?q":
            assert answer_to(terminal, key) < ANSWERS, key
        terminal.wait_for("is using your reading data: what you read is not saved yet.", 20)
        terminal.write(b"q")
        assert terminal.wait(IN_TIME) == 0
        assert b"is using your reading data: what you read last was not saved." in terminal.output
    holder.execute("ROLLBACK")
    assert kept(memory) == (ReadStatus.UNREAD, None)


def test_a_memory_that_is_held_at_the_start_is_read_and_told(
    memory: Path, holder: sqlite3.Connection, story: str
) -> None:
    holder.execute("BEGIN EXCLUSIVE")
    with PseudoTerminal([story], columns=200) as terminal:
        terminal.wait_for(f"a{HELD} it: nothing will be saved")
        assert answer_to(terminal, " ") < ANSWERS
        terminal.write(b"q")
        assert terminal.wait(IN_TIME) == 0
    holder.execute("ROLLBACK")
    assert kept(memory) == (ReadStatus.UNREAD, None)


def test_a_memory_that_is_held_for_a_moment_at_the_start_is_waited_for(
    memory: Path, holder: sqlite3.Connection, story: str
) -> None:
    holder.execute("BEGIN EXCLUSIVE")
    with PseudoTerminal([story], columns=200) as terminal:
        time.sleep(0.5)
        holder.execute("ROLLBACK")
        terminal.wait_for("min left")
        terminal.press(" ")
        line = top(terminal)
        terminal.write(b"q")
        assert terminal.wait(IN_TIME) == 0
        assert HELD not in terminal.text
    assert kept(memory) == (ReadStatus.UNREAD, line)
