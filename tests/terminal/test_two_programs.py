"""Two programs on one memory at the same time, as in two windows of a terminal."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from random import Random
from typing import TYPE_CHECKING, Final

import pytest
from kill_fuzzer import MARKS, NEWS
from pseudo_terminal import PseudoTerminal
from session_driver import Reader

from reader.paths import Paths
from reader.reading.progress import ReadStatus
from reader.store.files import migrate
from reader.store.repository import Store
from reader.store.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STEPS: Final = 24
TROUBLE: Final = re.compile(rb"locked|state\.db|another program|Traceback|can't be")


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    """Return a folder of two stories too long to be finished here by reading."""
    for title in ("Anna", "Bert"):
        lines = "\n\n".join(f"{title} {line} said." for line in range(2_000))
        path = write(f"{title}.md", f"# {title}\n\n{lines}\n")
    return path.parent


def told(terminal: PseudoTerminal, key: str, before: str) -> tuple[str, str] | None:
    """Wait for other news and return which story has which mark now, None if none has another.

    That a story is begun is told of itself, and answers no key.
    """
    ends = time.monotonic() + 5
    while (
        (news := NEWS.search(terminal.lines[-1])) is None
        or news[0] == before
        or news[1] == "Started"
    ):
        if key == "U" and news is not None and before.startswith("There is nothing"):
            return None  # for the second time
        assert time.monotonic() < ends, terminal.text
        terminal.read(0.02)
    if news[1]:
        return news[2], MARKS[news[1]]
    return (news[3], news[4]) if news[3] else None


def test_whatever_two_programs_do_in_turn_every_mark_told_is_there(folder: Path) -> None:
    seed = int(os.environ.get("READER_SEED") or int.from_bytes(os.urandom(3), "big"))
    random, struck = Random(seed), f"READER_SEED={seed}: "  # noqa: S311  no secret
    marks: dict[str, str] = {}
    with ExitStack() as stack:

        def fresh(title: str) -> PseudoTerminal:
            terminal = stack.enter_context(
                PseudoTerminal([str(folder / f"{title}.md")], columns=200)
            )
            terminal.wait_for("min left" if marks.get(title) != "finished" else "finished")
            return terminal

        terminals = [fresh("Anna"), fresh("Bert")]
        for _ in range(STEPS):
            who, key = random.randrange(2), random.choice("  jbmmmUUq")
            terminal, struck = terminals[who], f"{struck}{who}{key} "
            terminal.settle(0.03)
            news = NEWS.search(terminal.lines[-1])
            terminal.write(key.encode())
            if key == "q":
                assert terminal.wait() == 0, struck
                terminals[who] = fresh(random.choice(["Anna", "Bert"]))
            elif key in "mU":
                change = told(terminal, key, news[0] if news else "")
                marks |= [change] if change else []
            assert not TROUBLE.search(terminal.output), struck + terminal.lines[-1]
        for terminal in terminals:
            terminal.write(b"q")
            assert terminal.wait() == 0, struck
    for title, mark in kept(folder).items():
        assert (marks.get(title, "unread"), mark) in {(mark, mark), ("unread", "reading")}, struck


def kept(folder: Path) -> dict[str, str]:
    """Return the mark of each story."""
    with closing(Store.open(Paths.default().state)) as state:
        reader = Reader(folder, state)
        return {
            title: state.load_story_state(reader.story(title).id).status.value
            for title in ("Anna", "Bert")
        }


def test_two_programs_bring_a_memory_of_the_first_version_up_to_date_at_once(folder: Path) -> None:
    path = Paths.default().state
    assert path is not None
    path.parent.mkdir(parents=True)
    story = Reader(folder).story("Anna").id
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, "state.db", MIGRATIONS[:1])
        stamp = (1, "2025-01-02T03:04:05+00:00", "here")
        db.execute("INSERT INTO mark VALUES (?, 'finished', ?, ?, ?)", (story, *stamp))
    with ExitStack() as stack:
        argv = [str(folder / "Anna.md")]
        terminals = [stack.enter_context(PseudoTerminal(argv)) for _ in range(2)]
        for terminal in terminals:  # each asks its terminal something
            while b"\x1b[?1049h" not in terminal.output:
                for other in terminals:
                    other.read(0.02)
        for terminal in terminals:
            terminal.wait_for("· finished")
            terminal.write(b"q")
            assert terminal.wait() == 0
            assert not TROUBLE.search(terminal.output)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert db.execute("SELECT count(*) FROM history").fetchone() == (1,)
        assert db.execute("SELECT status FROM read_status").fetchall() == [(ReadStatus.FINISHED,)]
    assert list(path.parent.glob("*corrupt*")) == []


KILLED: Final = """
import os, pathlib, sys
from reader.store.database import back_up
from reader.reading.progress import ReadStatus
from reader.store.repository import Store
path = pathlib.Path(sys.argv[1])
state = Store.open(path)
state.set_status("one", ReadStatus.FINISHED)
back_up(path, in_use=True)
print("copied", flush=True)
sys.stdin.readline()
state.set_status("two", ReadStatus.FINISHED)
os._exit(9)
"""


def test_a_copy_made_while_the_memory_is_in_use_takes_no_lock_away(tmp_path: Path) -> None:
    """To close any handle of a file drops every lock a process has on it: see fcntl(2)."""
    path = tmp_path / "state.db"
    argv = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"copied\n"
        Store.open(path).close()  # the last to close removes the log
        other.communicate(b"\n")
    state = Store.open(path)
    assert sorted(state.load_story_states()) == ["one", "two"]
    state.close()
