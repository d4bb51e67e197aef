"""The terminal's cursor, which screen readers follow, and the terminal's mouse."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story
from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    write("zoo.md", f"# Zoo\n\n{make_numbered_story(40)}")
    text = f"---\ntitle: A story\n---\nSee [a link](#x).\n\n## Part 1\n\n{make_numbered_story(40)}\n\n## Part 2\n\nEnd."
    return write("story.md", text)


def wait_for_cursor(terminal: PseudoTerminal, text: str) -> None:
    """Wait until the terminal's cursor is at `text`."""

    def is_at_text() -> bool:
        x, y = terminal.cursor
        return terminal.lines[y][x:].lstrip().startswith(text)

    terminal.wait_until(is_at_text, f"the cursor is not at {text!r}")


def wait_for_cursor_at(terminal: PseudoTerminal, cell: tuple[int, int]) -> None:
    terminal.wait_until(lambda: terminal.cursor == cell, "the cursor is elsewhere")


def test_the_cursor_follows_the_reader_on_the_page(story: Path) -> None:
    with PseudoTerminal([str(story)]) as terminal:
        terminal.wait_for("Paragraph 0 ")
        wait_for_cursor(terminal, "See a link.")  # the reader's place
        terminal.write(b"JJJJ")
        wait_for_cursor(terminal, "Paragraph 1 word")  # the paragraph cursor
        terminal.write(b"K")
        wait_for_cursor(terminal, "Paragraph 0 word")
        terminal.write(b"    ")  # the paragraph is not on the screen any more
        wait_for_cursor_at(terminal, (7, 1))
        terminal.write(b"g\t")
        wait_for_cursor(terminal, "a link.")  # the selected link
        terminal.write(b"J")
        wait_for_cursor(terminal, "Paragraph 1 word")  # what was pointed at last
        terminal.write(b"\t")
        wait_for_cursor(terminal, "a link.")
        assert terminal.cursor_is_hidden
        terminal.write(b"q")
        terminal.wait()
        assert not terminal.cursor_is_hidden


def test_the_cursor_follows_the_search_and_the_contents(story: Path) -> None:
    with PseudoTerminal([str(story)]) as terminal:
        terminal.wait_for("Paragraph 0 ")
        terminal.write(b"/")
        terminal.wait_for("  /")
        terminal.write(b"graph 7")

        def is_after_text() -> bool:
            x, y = terminal.cursor
            return terminal.lines[y][:x].rstrip() == "  / graph 7"

        terminal.wait_until(is_after_text, "the cursor is elsewhere")
        terminal.write(b"\r")
        wait_for_cursor(terminal, "graph 7 word")
        terminal.wait_for("1 of")  # else what follows escape could be taken as one key with it
        terminal.write(b"\x1b")
        terminal.wait_until(lambda: "1 of" not in terminal.text, "the search is still shown")
        terminal.write(b"t")
        terminal.wait_for("Part 2")
        terminal.write(b"\x1b[B")
        wait_for_cursor(terminal, "Part 2")


def test_the_cursor_follows_the_shelfs_cursor(story: Path) -> None:
    with PseudoTerminal([str(story.parent)], columns=120) as terminal:
        terminal.wait_for("A story")
        terminal.wait_for("Paragraph 0 ")
        wait_for_cursor(terminal, "A story")
        terminal.write(b"j")
        wait_for_cursor(terminal, "Zoo")


def test_the_cursor_is_at_the_line_or_the_beginning_of_a_dialog(
    write: Callable[[str, str], Path],
) -> None:
    with PseudoTerminal([str(write("a.md", "[Web](https://example.org).\n"))]) as terminal:
        terminal.wait_for("Web")
        terminal.write(b"?")
        wait_for_cursor(terminal, "j ↓")
        terminal.write(b"q")
        wait_for_cursor(terminal, "Web")
        terminal.write(b"\t\r")
        wait_for_cursor(terminal, "Open example.org?")


def make_mouse_report(button: int, x: int, y: int, *, up: bool = False) -> bytes:
    """Return the bytes that a terminal sends for a mouse button at a cell, counted from 0."""
    return f"\x1b[<{button};{x + 1};{y + 1}{'m' if up else 'M'}".encode()


def list_copied(terminal: PseudoTerminal) -> list[str]:
    """Return the texts that the program asked the terminal to put on its clipboard."""
    encoded = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)", bytes(terminal.output))
    return [base64.b64decode(words).decode() for words in encoded]


def test_a_mouse_selection_is_copied_by_the_terminal(story: Path) -> None:
    with PseudoTerminal([str(story)], env={"SSH_CONNECTION": "1 2 3 4"}) as terminal:
        terminal.wait_for("Paragraph 0 ")
        terminal.settle()
        y = next(n for n, line in enumerate(terminal.lines) if "Paragraph 0" in line)
        x = terminal.lines[y].index("Paragraph 0")
        end = terminal.lines[y + 1].index("word") + 3
        for data in (
            make_mouse_report(0, x, y),
            make_mouse_report(32, x + 9, y),
            make_mouse_report(32, end, y + 1),
        ):
            terminal.write(data)
            terminal.settle(0.1)
        terminal.write(make_mouse_report(0, end, y + 1, up=True))
        terminal.press("y", 0.3)
        terminal.wait_until(lambda: bool(list_copied(terminal)), "nothing is copied")
        assert list_copied(terminal) == [f"{terminal.lines[y].strip()} word"]


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (20, 5)])
async def test_the_cursor_is_on_the_screen_at_any_size(size: tuple[int, int], story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.app.run_test(size=size) as pilot:
        for key in ("J", "G", "h", "j"):
            await pilot.press(key)
            x, y = stage.app.cursor_position
            assert 0 <= x <= size[0]
            assert 0 <= y <= size[1]
