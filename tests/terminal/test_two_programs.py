"""Two programs use one store at the same time."""

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
from kill_fuzzer import NOTICE, STATUSES
from pseudo_terminal import PseudoTerminal
from seeds import choose_seed
from session_driver import Reader

from reader.paths import Paths
from reader.reading.progress import ReadStatus
from reader.store.files import migrate
from reader.store.migrations import MIGRATIONS
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]


STEPS: Final = int(os.environ.get("READER_STEPS", "14"))
"""Keys that are pressed, in either program."""
ERRORS: Final = re.compile(rb"locked|state\.db|another program|Traceback|can't be")


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    """Return a folder of two stories that are too long to be finished here by reading."""
    for title in ("Anna", "Bert"):
        lines = "\n\n".join(f"{title} {line} said." for line in range(2_000))
        path = write(f"{title}.md", f"# {title}\n\n{lines}\n")
    return path.parent


def wait_for_notice(terminal: PseudoTerminal, key: str, before: str) -> tuple[str, str] | None:
    """Wait for a new notice; return the story and its new status, or None if none has changed.

    The notice that a story was started answers no key, and is skipped.
    """
    deadline = time.monotonic() + 60
    while (
        (notice := NOTICE.search(terminal.lines[-1])) is None
        or notice[0] == before
        or notice[1] == "Started"
    ):
        if key == "U" and notice is not None and before.startswith("There is nothing"):
            return None  # the notice is shown a second time
        assert time.monotonic() < deadline, terminal.text
        terminal.read(0.02)
    if notice[1]:
        return notice[2], STATUSES[notice[1]]
    return (notice[3], notice[4]) if notice[3] else None


def test_every_status_that_either_program_reported_is_saved(folder: Path) -> None:
    seed = choose_seed()
    random, keys = Random(seed), f"READER_SEED={seed}: "  # noqa: S311  not for secrets
    statuses: dict[str, str] = {}
    with ExitStack() as stack:

        def start(title: str) -> PseudoTerminal:
            terminal = stack.enter_context(
                PseudoTerminal([str(folder / f"{title}.md")], columns=200)
            )
            terminal.wait_for("min to go" if statuses.get(title) != "finished" else "finished")
            return terminal

        terminals = [start("Anna"), start("Bert")]
        for _ in range(STEPS):
            who, key = random.randrange(2), random.choice("  jbmmmUUq")
            terminal, keys = terminals[who], f"{keys}{who}{key} "
            terminal.settle(0.03)
            notice = NOTICE.search(terminal.lines[-1])
            terminal.write(key.encode())
            if key == "q":
                assert terminal.wait() == 0, keys
                terminals[who] = start(random.choice(["Anna", "Bert"]))
            elif key in "mU":
                change = wait_for_notice(terminal, key, notice[0] if notice else "")
                statuses |= [change] if change else []
            assert not ERRORS.search(terminal.output), keys + terminal.lines[-1]
        for terminal in terminals:
            terminal.write(b"q")
            assert terminal.wait() == 0, keys
    for title, status in load_statuses(folder).items():
        assert (statuses.get(title, "unread"), status) in {
            (status, status),
            ("unread", "reading"),
        }, keys


def load_statuses(folder: Path) -> dict[str, str]:
    """Return the status of each story."""
    with closing(Store.open(Paths.default().state)) as store:
        reader = Reader(folder, store)
        return {
            title: store.load_story_state(reader.story(title).id).status.value
            for title in ("Anna", "Bert")
        }


def test_two_programs_migrate_a_store_of_version_1_at_once(folder: Path) -> None:
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
        for terminal in terminals:  # each sends queries to its terminal, which must be answered
            while b"\x1b[?1049h" not in terminal.output:
                for other in terminals:
                    other.read(0.02)
        for terminal in terminals:
            terminal.wait_for("· finished")
            terminal.write(b"q")
            assert terminal.wait() == 0
            assert not ERRORS.search(terminal.output)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert db.execute("SELECT count(*) FROM history").fetchone() == (1,)
        assert db.execute("SELECT status FROM read_status").fetchall() == [(ReadStatus.FINISHED,)]
    assert list(path.parent.glob("*corrupt*")) == []


USE_TWICE_AND_DIE: Final = """
import os, pathlib, sys
from reader.cli.context import open_session
from reader.store.database import back_up
from reader.reading.progress import ReadStatus
from reader.store.repository import Store
path = pathlib.Path(sys.argv[1])
store = Store.open(path)
store.set_status("one", ReadStatus.FINISHED)
exec(sys.argv[2])
print("used", flush=True)
sys.stdin.readline()
store.set_status("two", ReadStatus.FINISHED)
os._exit(9)
"""


@pytest.mark.parametrize(
    "use",
    [
        "back_up(path, in_use=True)",
        "Store.open_copy(path, in_use=True).close()",
        "Store.open_again(path).close()",
        "with open_session(reads_only=True, is_trial=True): pass",
    ],
)
def test_using_a_store_that_is_open_a_second_time_keeps_its_locks(use: str, home: Path) -> None:
    """Closing any handle of a file drops all locks that the process has on it: see fcntl(2)."""
    path = Paths.default().state
    assert path is not None
    assert path.is_relative_to(home)
    argv = [sys.executable, "-c", USE_TWICE_AND_DIE, str(path), use]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"used\n"
        Store.open(path).close()  # the last to close removes the log
        other.communicate(b"\n")
    store = Store.open(path)
    assert sorted(store.load_story_states()) == ["one", "two"]
    store.close()
