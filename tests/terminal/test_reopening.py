"""`reader` alone begins with the story that was on the page when the reader left."""

from __future__ import annotations

import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest
from app_driver import numbered
from pseudo_terminal import READER, PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.pty


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    write("other.md", f"# Other\n\n{numbered()}")
    return write("own.md", f"---\ntitle: My own\n---\n{numbered()}")


def read(*arguments: str, keys: str = "", until: str = "Paragraph 0") -> None:
    """Start the program, type `keys` and kill it: nothing may depend on how it ends."""
    with PseudoTerminal(list(arguments)) as terminal:
        terminal.wait_for(until)
        terminal.press(keys)
        terminal.settle(0.9)


def reopened(until: str, *arguments: str, columns: int = 80) -> str:
    """Return what the screen shows when `reader` is started alone."""
    with PseudoTerminal(list(arguments), columns=columns) as terminal:
        terminal.wait_for(until)
        terminal.settle(0.9)
        return terminal.text


def test_it_opens_the_story_that_was_open_on_the_page(story: Path) -> None:
    read(str(story))
    assert "My own" in reopened("Paragraph 0").split("\n")[1]


def test_it_opens_where_reading_stopped(story: Path) -> None:
    read(str(story), keys="   ")
    age(120)
    text = reopened("you stopped here").split("\n")
    line = next(
        y for y, row in enumerate(text) if "you stopped here, just now · g starts over" in row
    )
    assert line == 3  # below the blank row above the page, and two rows of text


def age(seconds: int) -> None:
    """Make every place that is remembered so many seconds older."""
    found = subprocess.run([*READER, "where"], capture_output=True, text=True, check=True).stdout
    path = next(line[10:] for line in found.split("\n") if line.startswith("data"))
    with sqlite3.connect(path) as db:
        then = f"strftime('%Y-%m-%dT%H:%M:%f+00:00', changed_at, '-{seconds} seconds')"
        db.execute(f"UPDATE place SET changed_at = {then}")  # noqa: S608  a number of ours


def test_it_opens_a_story_of_a_folder(story: Path) -> None:
    read(str(story.parent), keys="\r", until="My own")
    assert "Paragraph 0" in reopened("My own")


def test_from_the_shelf_it_begins_on_the_shelf(story: Path) -> None:
    read(str(story), keys="h")
    assert "Paragraph 0" not in reopened("Unread")


def test_a_folder_is_shown_on_the_shelf(story: Path) -> None:
    read(str(story))
    assert "Other" in reopened("My own", str(story.parent))


def test_a_story_whose_file_is_gone_leaves_the_shelf_and_a_line(story: Path) -> None:
    read(str(story))
    story.unlink()
    text = reopened("My own can't be opened again", columns=120)
    assert "there is no such file" in text
    assert "Unread" in text


def test_a_story_that_can_no_longer_be_read_leaves_the_shelf_and_a_line(story: Path) -> None:
    read(str(story))
    story.write_bytes(bytes(range(256)) * 40)
    assert "not text" in reopened("My own can't be opened again", columns=120)


def test_another_story_in_the_same_file_is_not_opened(story: Path) -> None:
    read(str(story))
    story.write_text(f"---\ntitle: New\nid: new\n---\n{numbered()}")
    assert "Paragraph 0" not in reopened("Unread")


def test_what_is_read_privately_is_not_opened_again(story: Path) -> None:
    read(str(story))
    read("--private", str(story.parent / "other.md"))
    assert "My own" in reopened("Paragraph 0")


def test_standard_input_is_not_opened_again(story: Path) -> None:
    read(str(story))
    argv = ("sh", "-c", 'cat "$0" | "$@"', str(story.parent / "other.md"), *READER)
    with PseudoTerminal([], argv=argv) as terminal:
        terminal.wait_for("Paragraph 0")
        terminal.settle(0.9)
    assert "My own" in reopened("Paragraph 0")


def test_it_is_written_by_the_next_tick_and_not_at_the_end(story: Path) -> None:
    read(str(story.parent), keys="\r", until="My own")  # `read` kills it
    assert "My own" in reopened("Paragraph 0")
