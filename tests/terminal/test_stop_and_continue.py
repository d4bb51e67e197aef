"""Stops for the shell at any moment: the terminal is restored, and the program continues."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import LIMIT, PseudoTerminal

from reader.paths import Paths
from reader.reading.progress import MAX_WORDS_PER_SECOND, count_range_words
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

STOPS: Final = int(os.environ.get("READER_STOPS", "20"))
"""How often the program is stopped and continued."""
STOPPED_SECONDS: Final = 60
"""Seconds that the program's clock goes on while it is stopped, in the tests of reading time."""
MOVED_CLOCK: Final = """
import os, sys, time
monotonic = time.monotonic
time.monotonic = lambda: monotonic() + os.stat(os.environ["CLOCK"]).st_size
from reader.cli.main import main
sys.exit(main())
"""
"""A program: the reader, whose clock is ahead by a second for each byte of a file."""
ENTER_SCREEN: Final = b"\x1b[?1049h"
"""What the program sends when it takes the terminal: the switch to the alternate screen."""
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
"""A program: the reader, which gets SIGTSTP while it puts a frame into the writer's queue."""


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    lines = "\n\n".join(f"Line {number} is told in a few words." for number in range(400))
    return str(write("story.md", f"# A story\n\n{lines}\n"))


def wait_for_screen(terminal: PseudoTerminal, sent: int) -> None:
    """Wait until the program has taken the terminal and drawn, after `sent` bytes of output."""
    terminal.wait_until(
        lambda: b"% \xc2\xb7" in terminal.output[sent:].partition(ENTER_SCREEN)[2],
        "the screen is not drawn",
    )


def continue_reader(terminal: PseudoTerminal, modes: list[int]) -> None:
    """Continue the program, and wait until it has taken the terminal and drawn the screen."""
    sent = len(terminal.output)
    os.kill(terminal.pid, signal.SIGCONT)
    wait_for_screen(terminal, sent)
    assert terminal.modes() != modes


def quit_reader(terminal: PseudoTerminal, modes: list[int]) -> None:
    terminal.write(b"q")
    assert terminal.wait() == 0
    assert (terminal.list_unrestored(), terminal.modes()) == (set(), modes)


def test_many_stops_never_hang(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.first_modes
        terminal.wait_for("Line 0 ")
        for number in range(STOPS):
            terminal.write(b" " * 5 if number % 2 else b"b" * 5)
            for _ in range(number % 7):
                terminal.read(0.002)
            os.kill(terminal.pid, signal.SIGTSTP)
            terminal.wait_for_stop()
            assert (terminal.list_unrestored(), terminal.modes()) == (set(), modes)
            continue_reader(terminal, modes)
        quit_reader(terminal, modes)


def test_a_stop_while_a_frame_is_queued_does_not_hang(story: str) -> None:
    with PseudoTerminal([story], source=STOPPED_IN_WRITE) as terminal:
        modes = terminal.first_modes
        terminal.wait_for("Line 0 ")
        terminal.write(b"  ")
        terminal.wait_for_stop()
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), modes)
        continue_reader(terminal, modes)
        quit_reader(terminal, modes)


def test_ctrl_z_stops_and_a_continue_restores_the_screen(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.first_modes
        terminal.wait_for("Line 0 ")
        terminal.wait_for("% ·")
        before = terminal.text
        terminal.write(b"\x1a")
        terminal.wait_for_stop()
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), modes)
        continue_reader(terminal, modes)
        terminal.wait_until(lambda: terminal.text == before, "the screen differs")
        quit_reader(terminal, modes)


@pytest.mark.parametrize("reads", [0, 2, 5])
def test_a_stop_works_during_the_start(reads: int, story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.first_modes
        terminal.wait_for_bytes(b"\x1b[22;2t")
        for _ in range(reads):
            terminal.read(0.02)
        os.kill(terminal.pid, signal.SIGTSTP)
        terminal.wait_for_stop()
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), modes)
        continue_reader(terminal, modes)
        terminal.wait_for("Line 0 ")
        quit_reader(terminal, modes)


@pytest.mark.parametrize("name", ["SIGSTOP", "ctrl+z"])
def test_stopped_time_is_not_reading_time(name: str, story: str, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.touch()
    argv, env = (sys.executable, "-c", MOVED_CLOCK), {"CLOCK": str(clock)}
    with PseudoTerminal([story], argv=argv, env=env, columns=120, rows=60) as terminal:
        modes = terminal.first_modes
        terminal.wait_for("Line 0 ")
        terminal.wait_for("% ·")
        if name == "ctrl+z":
            terminal.write(b"\x1a")
        else:
            os.kill(terminal.pid, getattr(signal, name))
        terminal.wait_for_stop()
        clock.write_bytes(bytes(STOPPED_SECONDS))
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.settle()
        quit_reader(terminal, modes)
        elapsed = time.monotonic() - terminal.started
    store = Store.open(Paths.default().state)
    (story_state,) = store.load_story_states().values()
    store.close()
    assert count_range_words(story_state.ranges) <= MAX_WORDS_PER_SECOND * elapsed + 1


def test_a_continue_after_sigstop_starts_no_second_input_thread(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.first_modes
        terminal.wait_for("Line 0 ")
        terminal.wait_for("min to go")
        threads = Path(f"/proc/{terminal.pid}/task")
        before = len(list(threads.iterdir()))
        for _ in range(5):
            os.kill(terminal.pid, signal.SIGSTOP)
            terminal.wait_for_stop()
            continue_reader(terminal, modes)
        assert len(list(threads.iterdir())) <= before + 1  # a worker may have started a thread
        quit_reader(terminal, modes)


def test_a_stop_works_while_the_terminal_takes_no_output(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        modes = terminal.first_modes
        terminal.wait_for("Line 0 ")
        for _ in range(200):  # more output than the terminal and Textual's queue hold
            terminal.write(b" b")
            time.sleep(0.005)
        os.kill(terminal.pid, signal.SIGTSTP)
        deadline = time.monotonic() + LIMIT
        pid = 0
        while not pid:  # reading would take the output
            assert time.monotonic() < deadline, "it does not stop"
            time.sleep(0.02)
            pid, status = os.waitpid(terminal.pid, os.WNOHANG | os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert terminal.modes() == modes
        continue_reader(terminal, modes)
        quit_reader(terminal, modes)


def test_bg_stops_the_program_again_until_fg(story: str) -> None:
    shell = ("bash", "--norc", "--noprofile", "-i")
    with PseudoTerminal([], argv=shell, env={"PS1": "ready> "}) as terminal:
        terminal.wait_for("ready>")
        terminal.write(f"'{sys.executable}' -m reader '{story}'\r".encode())
        terminal.wait_for("Line 0 ")
        terminal.wait_for("% ·")
        terminal.write(b"\x1a")
        terminal.wait_for("Stopped")
        terminal.write(b"clear; bg; sleep 1; jobs\r")
        terminal.wait_for("Stopped")
        terminal.settle()
        sent = len(terminal.output)
        terminal.write(b"fg\r")
        wait_for_screen(terminal, sent)
        terminal.write(b"q")
        terminal.wait_for("ready>")
        terminal.write(b"clear; echo ended $?\r")
        terminal.wait_for("ended 0")
