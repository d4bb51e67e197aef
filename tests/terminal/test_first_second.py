"""Keys and endings in the first second, from the first byte that is sent on.

READER_KEYS is the number of starts with keys, READER_STOPS of those that are ended or stopped, and
READER_SEED the seed of the random moments.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from kept_frames import keep_next_frame
from pseudo_terminal import READER, PseudoTerminal

from reader.cli.context import open_session

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

KEYS: Final = int(os.environ.get("READER_KEYS", "2"))
STOPS: Final = int(os.environ.get("READER_STOPS", "2"))
SEED: Final = int(os.environ.get("READER_SEED", "7"))
ENV: Final = {"READER_THEME": "night"}
FIRST_ROW: Final = 6
"""The row of the first paragraph where the story is not scrolled."""
PARAGRAPH_ROWS: Final = 2
KEY_SECONDS: Final = 0.001
"""Between two keys: faster than anybody types, as a program or a held key may send them."""
SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    """Return a story of numbered paragraphs of one row each."""
    paragraphs = [f"Paragraph x{number:03}y of many." for number in range(300)]
    return str(write("story.md", "# Story\n\n" + "\n\n".join(paragraphs)))


def keep_every_second(run: int, story: str, patch: pytest.MonkeyPatch) -> None:
    """Keep a frame for the start of every second run."""
    if run % 2:
        with open_session() as session:
            session.index_story(session.open_file(Path(story))).run()
        keep_next_frame(Path(story), (80, 24), patch)


@pytest.mark.parametrize("run", range(KEYS))
def test_keys_from_the_first_byte_on_are_obeyed_in_their_order(
    run: int, story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is lost, or comes twice or too late, makes another number of rows."""
    keep_every_second(run, story, monkeypatch)
    chance = random.Random(SEED + run)  # noqa: S311  no secret
    down, up, more = chance.sample(range(11, 99), 3)
    # Held keys scroll before the app is loaded, a count is for the app.
    first = chance.choice(("99j", "j" * 99))
    with PseudoTerminal([story], argv=READER, env=ENV) as terminal:
        terminal.wait_until(lambda: bool(terminal.output), "nothing is sent")
        for key in f"{first}{down}j{'k' * up}{more}j":
            terminal.write(key.encode())
            time.sleep(KEY_SECONDS)
        expected = 99 + down - up + more
        terminal.wait_until(
            lambda: count_scrolled_rows(terminal) == expected,
            f"it is not scrolled by {expected} rows",
        )


def test_enter_that_is_typed_before_the_first_frame_opens_a_story(story: str) -> None:
    """Until then the terminal is in the shell's mode, and turns Enter into a line feed."""
    with PseudoTerminal([str(Path(story).parent)], argv=READER, env=ENV) as terminal:
        terminal.write(b"\r")
        terminal.wait_until(lambda: "x000y" in terminal.text, "the story is not shown")


def count_scrolled_rows(terminal: PseudoTerminal) -> int | None:
    """Return by how many rows the story is scrolled; None while none of its text is shown."""
    found = ((y, re.search(r"x(\d+)y", line)) for y, line in enumerate(terminal.lines))
    rows = (FIRST_ROW + PARAGRAPH_ROWS * int(match[1]) - y for y, match in found if match)
    return next(rows, None)


@pytest.mark.parametrize("run", range(STOPS))
def test_an_ending_in_the_first_second_restores_the_terminal(
    run: int, story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_every_second(run, story, monkeypatch)
    chance = random.Random(SEED + run)  # noqa: S311  no secret
    number, moment = SIGNALS[run % len(SIGNALS)], chance.random()
    is_stopped = chance.random() < 0.5
    with PseudoTerminal([story], argv=READER, env=ENV) as terminal:
        before = terminal.first_modes
        terminal.wait_until(lambda: bool(terminal.output), "nothing is sent")
        end = time.monotonic() + moment
        while time.monotonic() < end:
            terminal.read(0.005)
        if is_stopped:
            os.kill(terminal.pid, signal.SIGTSTP)
            terminal.wait_for_stop()
            assert (terminal.list_unrestored(), terminal.modes()) == (set(), before), moment
            os.kill(terminal.pid, signal.SIGCONT)
        os.kill(terminal.pid, number)
        assert terminal.wait() == 128 + number
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before), moment
