"""`reader` without arguments opens the story that was on the page before."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from app_driver import make_numbered_story
from pseudo_terminal import READER, PseudoTerminal

from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.pty


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    write("other.md", f"# Other\n\n{make_numbered_story()}")
    return write("own.md", f"---\ntitle: My own\n---\n{make_numbered_story()}")


def run_and_kill(*arguments: str, keys: str = "", until: str = "Paragraph 0") -> None:
    """Run the program, type `keys` and kill it: nothing may depend on how it ends."""
    with PseudoTerminal(list(arguments)) as terminal:
        terminal.wait_for(until)
        terminal.press(keys)
        terminal.settle(0.9)


def reopen(until: str, *arguments: str, columns: int = 80) -> str:
    """Return the screen that `reader` shows, without arguments unless there are some."""
    with PseudoTerminal(list(arguments), columns=columns) as terminal:
        terminal.wait_for(until)
        terminal.settle(0.9)
        return terminal.text


def test_the_story_on_the_page_is_opened_again(story: Path) -> None:
    run_and_kill(str(story))
    assert "My own" in reopen("Paragraph 0").split("\n")[1]


def test_the_story_opens_where_reading_stopped(story: Path) -> None:
    run_and_kill(str(story), keys="   ")
    make_places_older(120)
    text = reopen("you stopped here").split("\n")
    line = next(
        y for y, row in enumerate(text) if "you stopped here, just now · g starts over" in row
    )
    assert line == 3  # below a blank row and two rows of text


def make_places_older(seconds: int) -> None:
    """Make every saved place so many seconds older."""
    path = Paths.default().state
    assert path is not None
    with sqlite3.connect(path) as db:
        then = f"strftime('%Y-%m-%dT%H:%M:%f+00:00', changed_at, '-{seconds} seconds')"
        db.execute(f"UPDATE place SET changed_at = {then}")  # noqa: S608  the number is the test's own


def test_a_story_of_a_folder_is_opened_again(story: Path) -> None:
    run_and_kill(str(story.parent), keys="\r", until="My own")
    assert "Paragraph 0" in reopen("My own")


def test_after_leaving_the_page_the_shelf_is_shown(story: Path) -> None:
    run_and_kill(str(story), keys="h")
    assert "Paragraph 0" not in reopen("Unread")


def test_a_folder_argument_shows_the_shelf(story: Path) -> None:
    run_and_kill(str(story))
    assert "Other" in reopen("My own", str(story.parent))


def test_a_missing_file_shows_the_shelf_and_a_notice(story: Path) -> None:
    run_and_kill(str(story))
    story.unlink()
    text = reopen("My own can't be opened again", columns=120)
    assert "there is no such file" in text
    assert "Unread" in text


def test_an_unreadable_file_shows_the_shelf_and_a_notice(story: Path) -> None:
    run_and_kill(str(story))
    story.write_bytes(bytes(range(256)) * 40)
    assert "not text" in reopen("My own can't be opened again", columns=120)


def test_another_story_in_the_same_file_is_not_opened(story: Path) -> None:
    run_and_kill(str(story))
    story.write_text(f"---\ntitle: New\nid: new\n---\n{make_numbered_story()}")
    assert "Paragraph 0" not in reopen("Unread")


def test_a_story_read_in_private_mode_is_not_opened_again(story: Path) -> None:
    run_and_kill(str(story))
    run_and_kill("--private", str(story.parent / "other.md"))
    assert "My own" in reopen("Paragraph 0")


def test_standard_input_is_not_opened_again(story: Path) -> None:
    run_and_kill(str(story))
    argv = ("sh", "-c", 'cat "$0" | "$@"', str(story.parent / "other.md"), *READER)
    with PseudoTerminal([], argv=argv) as terminal:
        terminal.wait_for("Paragraph 0")
        terminal.settle(0.9)
    assert "My own" in reopen("Paragraph 0")


def test_the_open_story_is_saved_by_the_next_tick(story: Path) -> None:
    run_and_kill(str(story.parent), keys="\r", until="My own")
    assert "My own" in reopen("Paragraph 0")
