"""Signals that end a program, also while it is stopped or in the background."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import PseudoTerminal

from reader.paths import Paths
from reader.signal_handlers import END_SIGNALS, install_handlers
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]


@pytest.fixture
def story(write: Callable[[str, str], object]) -> str:
    lines = "\n\n".join(f"Line {number} is told in a few words." for number in range(200))
    return str(write("story.md", f"# A story\n\n{lines}\n"))


def has_saved_place() -> bool:
    store = Store.open(Paths.default().state)
    (story,) = store.load_story_states().values()
    store.close()
    return story.anchor is not None and story.anchor.place.block > 5


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_signals_that_end_a_program_are_handled() -> None:
    names = {signal.Signals(number).name for number in END_SIGNALS if number < signal.SIGRTMIN}
    deadly = "HUP INT QUIT ABRT USR1 USR2 PIPE ALRM TERM XCPU XFSZ VTALRM PROF TRAP SYS"
    assert {f"SIG{name}" for name in deadly.split()} <= names
    harmless = "CHLD CONT STOP TSTP TTIN TTOU URG WINCH KILL SEGV BUS FPE ILL"
    assert {f"SIG{name}" for name in harmless.split()} & names == set()


def test_an_ignored_signal_stays_ignored() -> None:
    assert install_handlers({signal.SIGPIPE: lambda *_: None}) == {}
    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN


def test_a_deadly_signal_restores_the_terminal_and_saves_the_place(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        before = terminal.first_modes
        terminal.wait_for("Line 0 ")
        terminal.write(b" ")
        terminal.wait_for("Line 15 ")
        os.kill(terminal.pid, signal.SIGQUIT)
        assert terminal.wait() == 128 + signal.SIGQUIT
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)
    assert has_saved_place()


@pytest.mark.parametrize("stop", ["ctrl+z", "SIGSTOP"])
def test_a_stopped_program_that_is_killed_ends_in_the_background(stop: str, story: str) -> None:
    shell = ("bash", "--norc", "--noprofile", "-i")
    with PseudoTerminal([], argv=shell, env={"PS1": "ready> "}) as terminal:
        terminal.wait_for("ready>")
        before = terminal.modes()
        command = f"'{sys.executable}' -c 'import reader.__main__ as m; m.run()' '{story}'"
        terminal.write(f"{command} & echo pid=$!; fg\r".encode())
        terminal.wait_for("Line 0 ")
        terminal.write(b" ")
        terminal.wait_for("Line 15 ")
        match = re.search(rb"pid=(\d+)", terminal.output)
        assert match is not None
        pid = int(match[1])
        if stop == "ctrl+z":
            terminal.write(b"\x1a")
        else:
            os.kill(pid, signal.SIGSTOP)
        terminal.wait_for_bytes(b"Stopped")
        terminal.settle()
        terminal.write(b"kill %1\r")
        terminal.wait_until(lambda: not is_running(pid), "it does not end", 20)
        terminal.write(f"wait {pid}; echo ended $?\r".encode())
        terminal.wait_for_bytes(b"ended 143", 20)
        terminal.wait_for("ready>")
        assert terminal.list_unrestored() <= {"2004h"}  # bash's own prompt takes pastes
        terminal.settle()
        assert terminal.modes() == before
    assert has_saved_place()


def test_a_program_started_in_the_background_stops_until_it_has_the_terminal(story: str) -> None:
    shell = ("bash", "--norc", "--noprofile", "-i")
    with PseudoTerminal([], argv=shell, env={"PS1": "ready> "}) as terminal:
        terminal.wait_for("ready>")
        start = f"clear; '{sys.executable}' -m reader '{story}' & echo pid=$!\r".encode()
        terminal.write(start)
        pid = wait_for_stop(terminal)
        # As `kill %1` does with a stopped job; sent here, so that nothing depends on the shell.
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)
        terminal.wait_until(lambda: not is_running(pid), "it does not end", 20)
        terminal.write(f"wait {pid}; echo ended $?\r".encode())
        terminal.wait_for_bytes(b"ended 143", 20)
        terminal.write(start)
        wait_for_stop(terminal)
        terminal.write(b"fg\r")
        terminal.wait_for("Line 0 ")
        terminal.write(b"q")
        terminal.wait_for("ready>")
        terminal.write(b"clear; echo ended $?\r")
        terminal.wait_for("ended 0")


def wait_for_stop(terminal: PseudoTerminal) -> int:
    """Wait until the job that was started last has stopped; return its process id.

    The shell must have seen it too: only then `kill` continues the job, so that it can end.
    """
    sent = len(terminal.output)
    terminal.wait_until(
        lambda: re.search(rb"pid=(\d+)", terminal.output[sent:]) is not None, "no start"
    )
    pid = int(re.findall(rb"pid=(\d+)", terminal.output)[-1])
    terminal.wait_until(lambda: get_state(pid) == "T", "it does not stop")
    while b"Stopped" not in terminal.output[sent:]:
        terminal.write(b"jobs\r")
        terminal.settle()
    return pid


def get_state(pid: int) -> str:
    """Return the letter of a process's state: T for a stopped one."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
