"""Told to end while it starts, or while its terminal takes nothing: it ends all the same."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IN_TIME: Final = 2.0
"""Seconds."""
MOMENTS: Final = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
"""Seconds after the start: before Python is there, while it imports, while it draws."""
SIGNALS: Final = {"TERM": signal.SIGTERM, "HUP": signal.SIGHUP, "INT": signal.SIGINT}


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    return str(write("story.md", "# A story\n\n" + "Words.\n\n" * 200))


@pytest.fixture(params=SIGNALS)
def number(request: pytest.FixtureRequest) -> signal.Signals:
    return SIGNALS[request.param]


@pytest.mark.parametrize("theme", ["night", None], ids=["known", "asked for"])
def test_a_signal_at_the_first_byte_finds_its_handler(
    theme: str | None, number: signal.Signals, story: str
) -> None:
    arguments = ["--theme", theme] if theme else []
    with PseudoTerminal([*arguments, story]) as terminal:
        before = terminal.modes()
        while not terminal.output:
            terminal.read(0.01)
        os.kill(terminal.pid, number)
        assert terminal.wait(IN_TIME) == 128 + number
        assert (terminal.left_behind(), terminal.modes()) == (set(), before)


def test_a_signal_at_any_moment_of_the_start_leaves_the_terminal_as_it_was(
    number: signal.Signals, story: str
) -> None:
    for moment in MOMENTS:
        with PseudoTerminal([story]) as terminal:
            before = terminal.modes()
            while time.monotonic() < terminal.started + moment:
                terminal.read(0.005)
            os.kill(terminal.pid, number)
            code = terminal.wait(IN_TIME)
            seen = (code, terminal.left_behind(), terminal.modes())
            silently = code in (-number, 1) and not terminal.output.startswith(b"\x1b")
            assert seen == (code if silently else 128 + number, set(), before), moment


@pytest.mark.parametrize("name", ["TERM", "HUP"])
def test_a_terminal_that_takes_nothing_keeps_nobody_from_ending_it(name: str, story: str) -> None:
    with PseudoTerminal([story]) as terminal:
        before = terminal.modes()
        terminal.wait_for("minute left")
        for _ in range(200):  # more than the terminal and Textual's queue hold
            terminal.write(b" b")
            time.sleep(0.005)
        os.kill(terminal.pid, SIGNALS[name])
        ends = time.monotonic() + IN_TIME
        pid = 0
        while not pid and time.monotonic() < ends:
            time.sleep(0.02)
            pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        assert pid, "it still runs"
        terminal.pid = 0
        assert os.waitstatus_to_exitcode(status) == 128 + SIGNALS[name]
        assert terminal.modes() == before
