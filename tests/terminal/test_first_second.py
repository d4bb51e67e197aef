"""Keys and endings in the first second, from the first byte that is sent on.

READER_KEYS is the number of starts with keys, READER_STOPS of those that are ended or stopped, and
READER_SEED the seed of the random moments.
"""

from __future__ import annotations

import os
import random
import signal
import time
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

KEYS: Final = int(os.environ.get("READER_KEYS", "1"))
STOPS: Final = int(os.environ.get("READER_STOPS", "3"))
SEED: Final = int(os.environ.get("READER_SEED", "7"))
ENV: Final = {"READER_THEME": "night"}
KEY_SECONDS: Final = 0.001
"""Between two keys: faster than anybody types, as a program or a held key may send them."""
SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    """Return a story of paragraphs with numbers in words that no other number begins with."""
    paragraphs = [f"Paragraph x{number:03}y of many." for number in range(300)]
    return str(write("story.md", "# Story\n\n" + "\n\n".join(paragraphs)))


@pytest.mark.parametrize("run", range(KEYS))
def test_keys_from_the_first_byte_on_are_obeyed_in_their_order(run: int, story: str) -> None:
    number = random.Random(SEED + run).randrange(100, 300)  # noqa: S311  no secret
    with PseudoTerminal([story], env=ENV) as terminal:
        terminal.wait_until(lambda: bool(terminal.output), "nothing is sent")
        for key in f"/x{number}y\rjjkjk":
            terminal.write(key.encode())
            time.sleep(KEY_SECONDS)
        terminal.wait_for("1 of 1")
        terminal.settle()
        row = next(y for y, line in enumerate(terminal.lines) if f"x{number}y" in line)
        terminal.write(b"kj")
        terminal.settle()
        assert f"x{number}y" in terminal.lines[row]

        terminal.write(b"k")
        terminal.settle()
        assert f"x{number}y" in terminal.lines[row + 1]


@pytest.mark.parametrize("run", range(STOPS))
def test_an_ending_in_the_first_second_restores_the_terminal(run: int, story: str) -> None:
    chance = random.Random(SEED + run)  # noqa: S311  no secret
    number, moment = SIGNALS[run % len(SIGNALS)], chance.random()
    is_stopped = chance.random() < 0.5
    with PseudoTerminal([story], env=ENV) as terminal:
        before = terminal.modes()
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
