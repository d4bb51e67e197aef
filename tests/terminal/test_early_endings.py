"""Signals while the program starts, or while its terminal takes no output: it ends anyway."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import LIMIT, PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.pty

MOMENTS: Final = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
"""Seconds after the start: before Python runs, during imports, during the first frame."""
SIGNALS: Final = {"TERM": signal.SIGTERM, "HUP": signal.SIGHUP, "INT": signal.SIGINT}


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    return str(write("story.md", "# A story\n\n" + "Words.\n\n" * 200))


@pytest.fixture(params=SIGNALS)
def number(request: pytest.FixtureRequest) -> signal.Signals:
    return SIGNALS[request.param]


@pytest.mark.parametrize("theme", ["night", None], ids=["given", "detected"])
def test_a_signal_is_handled_from_the_first_byte_on(
    theme: str | None, number: signal.Signals, story: str
) -> None:
    arguments = ["--theme", theme] if theme else []
    with PseudoTerminal([*arguments, story]) as terminal:
        before = terminal.modes()
        terminal.wait_until(lambda: bool(terminal.output), "nothing is sent")
        os.kill(terminal.pid, number)
        assert terminal.wait() == 128 + number
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)


def test_a_signal_at_any_moment_of_the_start_restores_the_terminal(
    number: signal.Signals, story: str
) -> None:
    for moment in MOMENTS:
        with PseudoTerminal([story]) as terminal:
            before = terminal.modes()
            while time.monotonic() < terminal.started + moment:
                terminal.read(0.005)
            os.kill(terminal.pid, number)
            code = terminal.wait()
            result = (code, terminal.list_unrestored(), terminal.modes())
            is_before_start = code in (-number, 1) and not terminal.output.startswith(b"\x1b")
            assert result == (code if is_before_start else 128 + number, set(), before), moment


@pytest.mark.parametrize("name", ["TERM", "HUP"])
def test_a_signal_ends_the_program_while_the_terminal_takes_no_output(
    name: str, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        before = terminal.modes()
        terminal.wait_for("minute left")
        for _ in range(200):  # more output than the terminal and Textual's queue hold
            terminal.write(b" b")
            time.sleep(0.005)
        os.kill(terminal.pid, SIGNALS[name])
        deadline = time.monotonic() + LIMIT
        pid = 0
        while not pid and time.monotonic() < deadline:  # reading would take the output
            time.sleep(0.02)
            pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        assert pid, "it still runs"
        terminal.pid = 0
        assert os.waitstatus_to_exitcode(status) == 128 + SIGNALS[name]
        assert terminal.modes() == before
