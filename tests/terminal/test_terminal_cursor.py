"""The terminal's own cursor, and its mouse, in a real pseudo-terminal."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, numbered
from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.pty


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    write("zoo.md", f"# Zoo\n\n{numbered(40)}")
    text = f"---\ntitle: A story\n---\nSee [a link](#x).\n\n## Part 1\n\n{numbered(40)}\n\n## Part 2\n\nEnd."
    return write("story.md", text)


def at_cursor(terminal: PseudoTerminal) -> str:
    """Return what stands on the screen from the terminal's cursor on."""
    terminal.settle()
    x, y = terminal.cursor
    return terminal.lines[y][x:]


def test_it_stands_where_the_reader_is(story: Path) -> None:
    with PseudoTerminal([str(story)]) as terminal:
        terminal.wait_for("Paragraph 0 ")
        assert at_cursor(terminal) == "See a link."
        terminal.press(" ")
        x, y = terminal.cursor
        assert (x, y) == (7, 1)


def test_it_follows_the_paragraph_cursor(story: Path) -> None:
    with PseudoTerminal([str(story)]) as terminal:
        terminal.wait_for("Paragraph 0 ")
        terminal.press("JJJJ")
        assert at_cursor(terminal).startswith("Paragraph 1 word")
        terminal.press("K")
        assert at_cursor(terminal).startswith("Paragraph 0 word")
        terminal.press("    ")  # the paragraph is not on the screen any more
        assert terminal.cursor == (7, 1)


def test_it_stands_at_the_link_that_is_pointed_at(story: Path) -> None:
    with PseudoTerminal([str(story)]) as terminal:
        terminal.wait_for("Paragraph 0 ")
        terminal.press("\t")
        assert at_cursor(terminal) == "a link."


def test_it_stands_behind_what_is_typed_and_then_at_what_was_found(story: Path) -> None:
    with PseudoTerminal([str(story)]) as terminal:
        terminal.wait_for("Paragraph 0 ")
        terminal.press("/graph 7")
        terminal.settle()
        x, y = terminal.cursor
        assert terminal.lines[y][:x].rstrip() == "  / graph 7"
        terminal.press("\r")
        assert at_cursor(terminal).startswith("graph 7 word")


def test_it_follows_the_shelfs_cursor(story: Path) -> None:
    with PseudoTerminal([str(story.parent)], columns=120) as terminal:
        terminal.wait_for("A story")
        terminal.wait_for("Paragraph 0 ")
        assert at_cursor(terminal).startswith("A story")
        terminal.press("j")
        assert at_cursor(terminal).startswith("Zoo")


def test_it_follows_the_contents_once_the_reader_moves_there(story: Path) -> None:
    with PseudoTerminal([str(story)]) as terminal:
        terminal.wait_for("Paragraph 0 ")
        terminal.press("t", 0.3)
        terminal.press("\x1b[B")
        terminal.settle()
        assert at_cursor(terminal).strip().startswith("Part 2")


@pytest.mark.parametrize(
    ("keys", "text"), [("?", "A story counts as read"), ("\t\r", "Open example.org?")]
)
def test_it_stands_where_an_overlay_begins(
    keys: str, text: str, write: Callable[[str, str], Path]
) -> None:
    with PseudoTerminal([str(write("a.md", "[Web](https://example.org).\n"))]) as terminal:
        terminal.wait_for("Web")
        terminal.press(keys, 0.3)
        assert at_cursor(terminal).startswith(text)


def test_it_stays_hidden_and_comes_back_at_the_end(story: Path) -> None:
    with PseudoTerminal([str(story)]) as terminal:
        terminal.wait_for("Paragraph 0 ")
        terminal.press("J ")
        assert terminal.cursor_is_hidden
        terminal.press("q")
        terminal.wait()
        assert not terminal.cursor_is_hidden


def mouse(button: int, x: int, y: int, *, up: bool = False) -> bytes:
    """Return what a terminal sends for the mouse at a cell, counted from 0."""
    return f"\x1b[<{button};{x + 1};{y + 1}{'m' if up else 'M'}".encode()


def copied(terminal: PseudoTerminal) -> list[str]:
    """Return what the terminal was asked to put on its clipboard."""
    found = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)", bytes(terminal.output))
    return [base64.b64decode(words).decode() for words in found]


def test_what_the_mouse_selects_is_copied_by_the_terminal(story: Path) -> None:
    with PseudoTerminal([str(story)], env={"SSH_CONNECTION": "1 2 3 4"}) as terminal:
        terminal.wait_for("Paragraph 0 ")
        terminal.settle()
        y = next(n for n, line in enumerate(terminal.lines) if "Paragraph 0" in line)
        x = terminal.lines[y].index("Paragraph 0")
        end = terminal.lines[y + 1].index("word") + 3
        for data in (mouse(0, x, y), mouse(32, x + 9, y), mouse(32, end, y + 1)):
            terminal.write(data)
            terminal.settle(0.1)
        terminal.write(mouse(0, end, y + 1, up=True))
        terminal.press("y", 0.3)
        assert copied(terminal) == [f"{terminal.lines[y].strip()} word"]


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (20, 5)])
async def test_it_stands_on_the_screen_however_small_that_is(
    size: tuple[int, int], story: Path
) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.app.run_test(size=size) as pilot:
        for key in ("J", "G", "h", "j"):
            await pilot.press(key)
            x, y = stage.app.cursor_position
            assert 0 <= x <= size[0]
            assert 0 <= y <= size[1]
