"""The program in a pseudo-terminal copies its memory once it is on the screen; a private one leaves none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from populated_store import fill_store
from pseudo_terminal import PseudoTerminal

from reader.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path


def memory() -> Path:
    path = Paths.default().state
    assert path is not None
    return path


def copies() -> list[Path]:
    return list(memory().parent.glob("backups/state-*.db"))


def test_the_memory_is_copied_once_the_first_screen_is_drawn() -> None:
    fill_store(memory())
    with PseudoTerminal([]) as terminal:
        terminal.wait_for("Forty Seconds")
        ends = time.monotonic() + 5
        while not copies() and time.monotonic() < ends:
            terminal.settle(0.1)
        assert len(copies()) == 1
        terminal.press("q")
        assert terminal.wait() == 0


def test_a_private_reader_says_so_and_leaves_no_file(home: Path) -> None:
    with PseudoTerminal(["--private", "forty"]) as terminal:
        terminal.wait_for("Private mode: nothing is saved")
        terminal.press(" m")
        terminal.settle(0.7)
        terminal.press("q")
        assert terminal.wait() == 0
    assert list(home.iterdir()) == []


def test_the_app_opens_at_an_address(write: object) -> None:
    assert callable(write)
    story = write("long.md", "\n\n".join(f"Paragraph {n} of many." for n in range(200)))
    with PseudoTerminal([f"{story}@150"]) as terminal:
        terminal.wait_for("Paragraph 149 of many.")
        assert "Paragraph 140 of many." not in "\n".join(terminal.lines)
        terminal.press("q")
        assert terminal.wait() == 0
