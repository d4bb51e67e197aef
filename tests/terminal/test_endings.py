"""However it ends, whatever it is doing: in time, with its place, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import READER, PseudoTerminal

from reader.paths import Paths
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable

IN_TIME: Final = 2.0
"""Seconds."""
LEAVING: Final = 0.6
"""Seconds of the processor that leaving may take; a program that spins takes all there are."""
LINE = "Line {} is told in a few words."
IGNORING_HUP = ("sh", "-c", 'trap "" HUP; exec "$0" "$@"', *READER)

DOING: Final = {
    "reading": ("", LINE[:4]),
    "loading 10 MB": ("", LINE[:4]),
    "in an overlay": ("?", "On the page"),
    "in the find line": ("/", "  /"),
}
"""What is struck to do it, and what the screen shows then."""
BEFORE_Q: Final = {"in an overlay": "q", "in the find line": "\x1b"}


@pytest.fixture(params=DOING)
def doing(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def story(doing: str, write: Callable[[str, str], Path]) -> str:
    lines = 320_000 if doing == "loading 10 MB" else 200
    text = "\n\n".join(LINE.format(number) for number in range(lines))
    return str(write("story.md", f"# A story\n\n{text}\n"))


def begin(terminal: PseudoTerminal, doing: str) -> int:
    """Turn a page, then do what is to be interrupted; return the line on top of the page."""
    terminal.wait_for("Line 0 ")
    terminal.write(b" ")
    terminal.wait_for("Line 15 ")
    top = re.search(r"Line (\d+) ", terminal.text)
    assert top is not None
    keys, shows = DOING[doing]
    terminal.write(keys.encode())
    terminal.wait_for(shows)
    return int(top[1])


def kept_line() -> int:
    """Return the line at which the only story there is will open."""
    state = Store.open(Paths.default().state)
    (memory,) = state.load_story_states().values()
    state.close()
    assert memory.anchor is not None
    return memory.anchor.place.block


def no_process_is_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


SIGNALS: Final = {"TERM": signal.SIGTERM, "HUP": signal.SIGHUP, "INT": signal.SIGINT}


def ends(terminal: PseudoTerminal, ending: str, doing: str) -> int:
    """Have the program end in some way; return the exit code it must have."""
    if ending in SIGNALS:
        os.kill(terminal.pid, SIGNALS[ending])
        return 128 + SIGNALS[ending]
    if ending == "ctrl+c":
        terminal.write(b"\x03")
        return 130
    if doing in BEFORE_Q:
        terminal.press(BEFORE_Q[doing], 0.3)
    terminal.write(b"q")
    return 0


@pytest.mark.parametrize("ending", ["q", "ctrl+c", "TERM", "HUP"])
def test_it_ends_in_time_with_its_place_and_the_terminal_as_it_was(
    ending: str, doing: str, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        before, group = terminal.modes(), terminal.pid
        line = begin(terminal, doing)
        code = ends(terminal, ending, doing)
        assert terminal.wait(IN_TIME) == code
        assert (terminal.left_behind(), terminal.modes()) == (set(), before)
    assert no_process_is_left(group)
    assert kept_line() == line


@pytest.mark.parametrize("argv", [READER, IGNORING_HUP], ids=["HUP", "no HUP"])
def test_when_the_window_is_closed_it_ends_in_time_with_its_place(
    argv: tuple[str, ...], doing: str, story: str
) -> None:
    with PseudoTerminal([story], argv=argv) as terminal:
        group = terminal.pid
        line = begin(terminal, doing)
        spent = processor_seconds(terminal.pid)
        terminal.close_window()
        assert terminal.wait(IN_TIME) == 129
        assert terminal.processor_seconds - spent < LEAVING
    assert no_process_is_left(group)
    assert kept_line() == line


def processor_seconds(pid: int) -> float:
    """Return what a process has used of the processor so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_it_stops_with_the_terminal_as_it_was_and_goes_on_with_its_screen(
    doing: str, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        before = terminal.modes()
        line = begin(terminal, doing)
        os.kill(terminal.pid, signal.SIGTSTP)
        assert stops(terminal)
        assert (terminal.left_behind(), terminal.modes()) == ({"title"}, before)
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for(DOING[doing][1])
        code = ends(terminal, "q", doing)
        assert terminal.wait(IN_TIME) == code
        assert (terminal.left_behind(), terminal.modes()) == (set(), before)
    assert kept_line() == line


def stops(terminal: PseudoTerminal) -> bool:
    """Tell whether the program stops, as for a shell."""
    ends = time.monotonic() + IN_TIME
    while time.monotonic() < ends:
        terminal.read(0.02)
        pid, status = os.waitpid(terminal.pid, os.WNOHANG | os.WUNTRACED)
        if pid:
            while terminal.read(0.05):
                pass
            return os.WIFSTOPPED(status)
    return False
