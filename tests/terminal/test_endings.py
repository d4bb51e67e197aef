"""Every way to end, in every state: the place is saved and the terminal restored."""

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

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

MAX_PROCESSOR_SECONDS: Final = 1.0
END_SECONDS: Final = 20.0
"""Processor time that ending may take. A program in an endless loop takes more: it is forced to
end after 1.5 seconds."""
LINE = "Line {} is told in a few words."
IGNORING_HUP = ("sh", "-c", 'trap "" HUP; exec "$0" "$@"', *READER)

STATES: Final = {
    "reading": ("", LINE[:4]),
    "loading 3 MB": ("", LINE[:4]),
    "in the help": ("?", "On the page"),
    "in the search bar": ("/", "  /"),
}
"""The keys that lead to a state, and the text that the screen shows then."""
BEFORE_QUIT: Final = {"in the help": "q", "in the search bar": "\x1b"}


@pytest.fixture
def state(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def story(state: str, write: Callable[[str, str], Path]) -> str:
    lines = 90_000 if state == "loading 3 MB" else 200
    text = "\n\n".join(LINE.format(number) for number in range(lines))
    return str(write("story.md", f"# A story\n\n{text}\n"))


def enter_state(terminal: PseudoTerminal, state: str) -> int:
    """Turn a page, then enter a state; return the line at the top of the page."""
    terminal.wait_for("Line 0 ")
    terminal.write(b" ")
    terminal.wait_for("Line 15 ")
    top = re.search(r"Line (\d+) ", terminal.text)
    assert top is not None
    keys, text = STATES[state]
    terminal.write(keys.encode())
    terminal.wait_for(text)
    return int(top[1])


def load_saved_line() -> int:
    """Return the line at which the only story will open."""
    store = Store.open(Paths.default().state)
    (story,) = store.load_story_states().values()
    store.close()
    assert story.anchor is not None
    return story.anchor.place.block


def has_ended(group: int) -> bool:
    """Return whether all processes of a group end; one that counts words may do so a little later.

    It ends once its input is closed.
    """
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


SIGNALS: Final = {"TERM": signal.SIGTERM, "HUP": signal.SIGHUP, "INT": signal.SIGINT}


def end(terminal: PseudoTerminal, ending: str, state: str) -> int:
    """Make the program end; return the exit code that it must have."""
    if ending in SIGNALS:
        os.kill(terminal.pid, SIGNALS[ending])
        return 128 + SIGNALS[ending]
    if ending == "ctrl+c":
        terminal.write(b"\x03")
        return 130
    if state in BEFORE_QUIT:
        terminal.write(BEFORE_QUIT[state].encode())
        terminal.wait_until(
            lambda: STATES[state][1] not in terminal.text, f"the program stays {state}"
        )
    terminal.write(b"q")
    return 0


ENDINGS: Final = [
    *(("ctrl+c", state) for state in STATES),  # a key goes to what has the focus
    *(("TERM", state) for state in list(STATES)[1:]),  # a signal does not
    ("HUP", "reading"),
    ("q", "reading"),
    ("q", "loading 3 MB"),  # in the other states: after a stop, below
]


@pytest.mark.parametrize(("ending", "state"), ENDINGS, indirect=["state"])
def test_every_ending_saves_the_place_and_restores_the_terminal(
    ending: str, state: str, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        before, group = terminal.first_modes, terminal.pid
        line = enter_state(terminal, state)
        code = end(terminal, ending, state)
        assert terminal.wait() == code
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)
    assert has_ended(group)
    assert load_saved_line() == line


@pytest.mark.parametrize(
    ("argv", "state"),
    [(READER, "reading"), (READER, "loading 3 MB"), (IGNORING_HUP, "in the help")],
    indirect=["state"],
    ids=["HUP", "HUP while loading", "no HUP, in the help"],
)
def test_closing_the_window_ends_the_program_and_saves_the_place(
    argv: tuple[str, ...], state: str, story: str
) -> None:
    with PseudoTerminal([story], argv=argv) as terminal:
        group = terminal.pid
        line = enter_state(terminal, state)
        before = get_processor_seconds(terminal.pid)
        terminal.close_window()
        assert terminal.wait() == 129
        assert terminal.processor_seconds - before < MAX_PROCESSOR_SECONDS
    assert has_ended(group)
    assert load_saved_line() == line


def get_processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("state", list(STATES)[1:], indirect=True)
def test_a_stop_restores_the_terminal_and_a_continue_redraws_the_screen(
    state: str, story: str
) -> None:
    with PseudoTerminal([story]) as terminal:
        before = terminal.first_modes
        line = enter_state(terminal, state)
        os.kill(terminal.pid, signal.SIGTSTP)
        terminal.wait_for_stop()
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for(STATES[state][1])
        code = end(terminal, "q", state)
        assert terminal.wait() == code
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)
    assert load_saved_line() == line
