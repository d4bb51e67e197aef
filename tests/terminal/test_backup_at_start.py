"""The program backs up the store after the first screen; private mode leaves no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from populated_store import fill_store
from pseudo_terminal import PseudoTerminal

from reader.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty


def get_store_path() -> Path:
    path = Paths.default().state
    assert path is not None
    return path


def list_backups() -> list[Path]:
    return list(get_store_path().parent.glob("backups/state-*.db"))


def test_the_store_is_backed_up_after_the_first_screen() -> None:
    fill_store(get_store_path())
    with PseudoTerminal([]) as terminal:
        terminal.wait_for("The Flat with the Shelf")
        terminal.wait_until(lambda: len(list_backups()) == 1, "there is no backup")
        terminal.write(b"q")
        assert terminal.wait() == 0


def test_private_mode_is_announced_and_leaves_no_file(home: Path) -> None:
    with PseudoTerminal(["--private", "forty"]) as terminal:
        terminal.wait_for("Private mode: nothing is saved")
        terminal.write(b" m")
        terminal.wait_for("· finished")
        terminal.write(b"q")
        assert terminal.wait() == 0
    assert list(home.iterdir()) == []


def test_the_app_opens_at_an_address(write: object) -> None:
    assert callable(write)
    story = write("long.md", "\n\n".join(f"Paragraph {n} of many." for n in range(200)))
    with PseudoTerminal([f"{story}@150"]) as terminal:
        terminal.wait_for("Paragraph 149 of many.")
        assert "Paragraph 140 of many." not in "\n".join(terminal.lines)
        terminal.write(b"q")
        assert terminal.wait() == 0
