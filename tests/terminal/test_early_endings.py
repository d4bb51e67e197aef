"""Signals while the program starts, or while its terminal takes no output: it ends anyway."""

from __future__ import annotations

import os
import signal
import sys
import time
from itertools import cycle
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import LIMIT, READER, PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

MOMENTS: Final = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
"""Seconds after the start: before Python runs, during imports, during the first frame."""
SIGNALS: Final = {"TERM": signal.SIGTERM, "HUP": signal.SIGHUP, "INT": signal.SIGINT}
EXEC: Final = "exec('os.kill(os.getpid(), signal.SIGINT)')"
WEAK_REFERENCE: Final = (
    "weakref.finalize(set(), os.kill, os.getpid(), signal.SIGINT)\n    return run(**options)"
)
SET_NAME: Final = """
    class Descriptor:
        def __set_name__(self, owner, name):
            os.kill(os.getpid(), signal.SIGINT)
    class Owner:
        attribute = Descriptor()
"""
INTERRUPTED: Final = """
import os, signal, sys, weakref
import reader.cli.main

run = reader.cli.main.open_session

def interrupt(**options):
    {}

reader.cli.main.open_session = interrupt
sys.exit(reader.cli.main.main())
"""
"""A program: the reader, which gets SIGINT at a certain moment of the start."""


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    return str(write("story.md", "# A story\n\n" + "Words.\n\n" * 200))


@pytest.fixture
def number(request: pytest.FixtureRequest) -> signal.Signals:
    return SIGNALS[request.param]


@pytest.mark.parametrize(
    ("theme", "number"),
    [("night", "TERM"), ("night", "INT"), (None, "HUP"), (None, "INT")],
    indirect=["number"],
    ids=["given TERM", "given INT", "detected HUP", "detected INT"],
)
def test_a_signal_is_handled_from_the_first_byte_on(
    theme: str | None, number: signal.Signals, story: str
) -> None:
    arguments = ["--theme", theme] if theme else []
    with PseudoTerminal([*arguments, story], argv=READER) as terminal:
        before = terminal.first_modes
        terminal.wait_until(lambda: bool(terminal.output), "nothing is sent")
        os.kill(terminal.pid, number)
        assert terminal.wait() == 128 + number
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)


@pytest.mark.parametrize("moment", [EXEC, WEAK_REFERENCE, SET_NAME], ids=["exec", "weak", "set"])
def test_an_interrupt_during_an_import_gives_exit_code_130(
    moment: str, story: str, tmp_path: Path
) -> None:
    """Python handles an exception differently at each of these moments."""
    (tmp_path / "interrupted.py").write_text(INTERRUPTED.format(moment))
    argv = (sys.executable, "-m", "interrupted", "--theme", "night")
    with PseudoTerminal([story], argv=argv, env={"PYTHONPATH": str(tmp_path)}) as terminal:
        assert terminal.wait() == 130
        assert terminal.output == b""


def test_an_interrupt_before_the_program_handles_signals_ends_it_without_a_traceback(
    story: str, tmp_path: Path
) -> None:
    (tmp_path / "contextvars.py").write_text(
        "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)"
    )
    with PseudoTerminal([story], env={"PYTHONPATH": str(tmp_path)}) as terminal:
        assert terminal.wait() == 130
        assert terminal.output == b""


def test_a_signal_at_any_moment_of_the_start_restores_the_terminal(story: str) -> None:
    """The signals take turns: one function handles all three, before the app and in it."""
    for moment, number in zip(MOMENTS, cycle(SIGNALS.values()), strict=False):
        with PseudoTerminal([story], argv=READER) as terminal:
            before = terminal.first_modes
            while time.monotonic() < terminal.started + moment:
                terminal.read(0.005)
            os.kill(terminal.pid, number)
            code = terminal.wait()
            result = (code, terminal.list_unrestored(), terminal.modes())
            is_before_start = code in (-number, 1) and not terminal.output.startswith(b"\x1b")
            assert result == (code if is_before_start else 128 + number, set(), before), moment


def test_a_signal_ends_the_program_while_the_terminal_takes_no_output(story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        before = terminal.first_modes
        terminal.wait_for("minute to go")
        for _ in range(200):  # more output than the terminal and Textual's queue hold
            terminal.write(b" b")
            time.sleep(0.005)
        os.kill(terminal.pid, signal.SIGTERM)
        deadline = time.monotonic() + LIMIT
        pid = 0
        while not pid and time.monotonic() < deadline:  # reading would take the output
            time.sleep(0.02)
            pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        assert pid, "it still runs"
        terminal.pid = 0
        assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGTERM
        assert terminal.modes() == before
