"""Stopped for the shell at any moment: it stops, gives the terminal back, and goes on."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import PseudoTerminal

from reader.paths import Paths
from reader.reading.progress import MAX_WORDS_PER_SECOND, count_range_words
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT: Final = 60.0
"""Seconds after which a program is taken to hang."""
STOPS: Final = int(os.environ.get("READER_STOPS", "40"))
AWAY: Final = 6.0
"""Seconds that it is stopped where no time may be counted."""
TAKEN: Final = b"\x1b[?1049h"
"""What the program sends when it takes the terminal."""
STOPPED_IN_WRITE: Final = """
import os, signal, sys
from textual.drivers._writer_thread import WriterThread
from reader.cli.main import main
write = WriterThread.write
frames = []
def stop_in_write(self, text):
    if "Line 20 " in text and not frames:
        frames.append(text)
        with self._queue.mutex:
            os.kill(os.getpid(), signal.SIGTSTP)
            sum(range(100))
    write(self, text)
WriterThread.write = stop_in_write
sys.exit(main())
"""
"""The reader, which gets SIGTSTP while it puts a frame into the writer's queue."""


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    lines = "\n\n".join(f"Line {number} is told in a few words." for number in range(2_000))
    return str(write("story.md", f"# A story\n\n{lines}\n"))


def wait_for_stop(terminal: PseudoTerminal) -> None:
    """Wait until the program is stopped, and take in what it sent."""
    ends = time.monotonic() + LIMIT
    while time.monotonic() < ends:
        terminal.read(0.01)
        pid, status = os.waitpid(terminal.pid, os.WNOHANG | os.WUNTRACED)
        if pid:
            assert os.WIFSTOPPED(status), f"it ended: {status}\n{terminal.text}"
            while terminal.read(0.0):
                pass
            return
    raise AssertionError(f"it does not stop:\n{terminal.text}")


def go_on(terminal: PseudoTerminal, modes: list[int]) -> None:
    """Have the program go on, and wait until it has taken the terminal."""
    sent = len(terminal.output)
    os.kill(terminal.pid, signal.SIGCONT)
    ends = time.monotonic() + LIMIT
    while b"% \xc2\xb7" not in terminal.output[sent:].partition(TAKEN)[2]:
        terminal.read(0.01)
        assert time.monotonic() < ends, f"it does not go on:\n{terminal.text}"
    assert terminal.modes() != modes


def quit_reader(terminal: PseudoTerminal, modes: list[int]) -> None:
    terminal.write(b"q")
    assert terminal.wait(LIMIT) == 0
    assert (terminal.left_behind(), terminal.modes()) == (set(), modes)


def test_it_never_hangs_however_often_it_is_stopped(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.modes()
        terminal.wait_for("Line 0 ", LIMIT)
        for number in range(STOPS):
            terminal.write(b" " * 5 if number % 2 else b"b" * 5)
            for _ in range(number % 7):
                terminal.read(0.002)
            os.kill(terminal.pid, signal.SIGTSTP)
            wait_for_stop(terminal)
            assert (terminal.left_behind(), terminal.modes()) == ({"title"}, modes)
            go_on(terminal, modes)
        quit_reader(terminal, modes)


def test_a_stop_while_a_frame_is_put_into_the_queue_does_not_hang(story: str) -> None:
    argv = (sys.executable, "-c", STOPPED_IN_WRITE)
    with PseudoTerminal([story], argv=argv) as terminal:
        modes = terminal.modes()
        terminal.wait_for("Line 0 ", LIMIT)
        terminal.write(b"  ")
        wait_for_stop(terminal)
        assert (terminal.left_behind(), terminal.modes()) == ({"title"}, modes)
        go_on(terminal, modes)
        quit_reader(terminal, modes)


def test_ctrl_z_stops_it_and_it_goes_on_with_its_screen(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.modes()
        terminal.wait_for("Line 0 ", LIMIT)
        terminal.wait_for("% ·", LIMIT)
        before = terminal.text
        terminal.write(b"\x1a")
        wait_for_stop(terminal)
        assert (terminal.left_behind(), terminal.modes()) == ({"title"}, modes)
        go_on(terminal, modes)
        terminal.settle()
        assert terminal.text == before
        quit_reader(terminal, modes)


@pytest.mark.parametrize("reads", [0, 1, 2, 3, 5, 8])
def test_it_stops_while_it_starts(reads: int, story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.modes()
        terminal.wait_for_bytes(b"\x1b[22;2t", LIMIT)
        for _ in range(reads):
            terminal.read(0.02)
        os.kill(terminal.pid, signal.SIGTSTP)
        wait_for_stop(terminal)
        assert (terminal.left_behind(), terminal.modes()) == ({"title"}, modes)
        go_on(terminal, modes)
        terminal.wait_for("Line 0 ", LIMIT)
        quit_reader(terminal, modes)


@pytest.mark.parametrize("name", ["SIGTSTP", "SIGSTOP", "ctrl+z"])
def test_the_time_it_is_stopped_is_not_reading_time(name: str, story: str) -> None:
    with PseudoTerminal([story], columns=120, rows=60) as terminal:
        modes = terminal.modes()
        terminal.wait_for("Line 0 ", LIMIT)
        terminal.wait_for("% ·", LIMIT)
        if name == "ctrl+z":
            terminal.write(b"\x1a")
        else:
            os.kill(terminal.pid, getattr(signal, name))
        wait_for_stop(terminal)
        stopped = time.monotonic()
        time.sleep(AWAY)
        away = time.monotonic() - stopped
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.settle()
        quit_reader(terminal, modes)
        ran = time.monotonic() - terminal.started - away
    state = Store.open(Paths.default().state)
    (memory,) = state.load_story_states().values()
    state.close()
    assert count_range_words(memory.ranges) <= MAX_WORDS_PER_SECOND * ran + 1


def test_it_goes_on_after_sigstop_with_one_reader_of_the_keys(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.modes()
        terminal.wait_for("Line 0 ", LIMIT)
        threads = Path(f"/proc/{terminal.pid}/task")
        terminal.settle(1.0)
        before = len(list(threads.iterdir()))
        for _ in range(5):
            os.kill(terminal.pid, signal.SIGSTOP)
            wait_for_stop(terminal)
            go_on(terminal, modes)
        terminal.settle(1.0)
        assert len(list(threads.iterdir())) <= before + 1  # a worker's thread may be new
        quit_reader(terminal, modes)


def test_it_stops_while_its_terminal_takes_nothing(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.modes()
        terminal.wait_for("Line 0 ", LIMIT)
        for _ in range(200):  # more than the terminal and Textual's queue hold
            terminal.write(b" b")
            time.sleep(0.005)
        os.kill(terminal.pid, signal.SIGTSTP)
        ends = time.monotonic() + LIMIT
        pid = 0
        while not pid:
            assert time.monotonic() < ends, "it does not stop"
            time.sleep(0.02)
            pid, status = os.waitpid(terminal.pid, os.WNOHANG | os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert terminal.modes() == modes
        go_on(terminal, modes)
        quit_reader(terminal, modes)


def test_in_the_background_it_stops_again_until_it_has_the_terminal(story: str) -> None:
    shell = ("bash", "--norc", "--noprofile", "-i")
    with PseudoTerminal([], argv=shell, env={"PS1": "ready> "}) as terminal:
        terminal.wait_for("ready>", LIMIT)
        terminal.write(f"'{sys.executable}' -m reader '{story}'\r".encode())
        terminal.wait_for("Line 0 ", LIMIT)
        terminal.wait_for("% ·", LIMIT)
        terminal.write(b"\x1a")
        terminal.wait_for("Stopped", LIMIT)
        terminal.write(b"clear; bg; sleep 1; jobs\r")
        terminal.wait_for("Stopped", LIMIT)
        terminal.settle()
        sent = len(terminal.output)
        terminal.write(b"fg\r")
        ends = time.monotonic() + LIMIT
        while b"% \xc2\xb7" not in terminal.output[sent:].partition(TAKEN)[2]:
            terminal.read(0.01)
            assert time.monotonic() < ends, terminal.text
        terminal.write(b"q")
        terminal.wait_for("ready>", LIMIT)
        terminal.write(b"clear; echo ended $?\r")
        terminal.wait_for("ended 0", LIMIT)
