"""`reader` without arguments opens the story that was on the page before."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from app_driver import make_numbered_story
from pseudo_terminal import READER, PseudoTerminal

from reader.cli.context import open_session, reopen_last_story
from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    write("other.md", f"# Other\n\n{make_numbered_story()}")
    return write("own.md", f"---\ntitle: My own\n---\n{make_numbered_story()}")


@pytest.fixture
def read_story(story: Path) -> Path:
    """Return the story after a program has shown it."""
    with open_session() as session:
        open_story = session.open_file(story)
        session.enter(open_story)
        session.record_open_story(open_story.story)
    return story


def query(sql: str) -> list[tuple[object, ...]]:
    """Return the rows that a query of the saved reading data gives."""
    path = Paths.default().state
    assert path is not None
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as db:
        return db.execute(sql).fetchall()


def run_and_kill(*arguments: str, until: str, saved: str, keys: str = "") -> str:
    """Run the program and type `keys`; once the query `saved` gives a row, kill the program.

    Return the first screen with `until` on it.
    """
    with PseudoTerminal(list(arguments)) as terminal:
        terminal.wait_for(until)
        first = terminal.text
        terminal.press(keys)
        terminal.wait_until(lambda: bool(query(saved)), "nothing is saved")
        return first


IS_OPEN = "SELECT 1 FROM choice WHERE name = 'open' AND value != ''"
IS_CLOSED = "SELECT 1 FROM choice WHERE name = 'open' AND value = ''"
HAS_MOVED = "SELECT 1 FROM place WHERE block > 1"


def reopen(until: str, *arguments: str, columns: int = 80) -> str:
    """Return the screen that `reader` shows, without arguments unless there are some."""
    with PseudoTerminal(list(arguments), columns=columns) as terminal:
        terminal.wait_for(until)
        terminal.settle()
        return terminal.text


def load_reopened() -> tuple[str | None, str]:
    """Return the title of the story that `reader` would open, and the notice about it."""
    with open_session() as session:
        open_story = reopen_last_story(session)
        notice = session.next_notice() or ""
        return open_story.story.title if open_story is not None else None, notice


def test_the_story_opens_where_reading_stopped(story: Path) -> None:
    run_and_kill(str(story), keys="   ", until="Paragraph 0", saved=HAS_MOVED)
    make_places_older(120)
    rows = reopen("you stopped here").split("\n")
    line = next(
        y for y, row in enumerate(rows) if "you stopped here, just now · g starts over" in row
    )
    assert line == 3  # below a blank row and two rows of text


def make_places_older(seconds: int) -> None:
    """Make every saved place so many seconds older."""
    then = f"strftime('%Y-%m-%dT%H:%M:%f+00:00', changed_at, '-{seconds} seconds')"
    query(f"UPDATE place SET changed_at = {then}")  # noqa: S608  the number is the test's own


def test_the_story_on_the_page_is_opened_again_until_the_reader_leaves_it(story: Path) -> None:
    run_and_kill(str(story), until="My own", saved=IS_OPEN)
    text = run_and_kill(until="Paragraph 0", keys="h", saved=IS_CLOSED)
    assert "My own" in text.split("\n")[1]
    assert "Paragraph 0" not in reopen("Unread")


def test_a_folder_argument_shows_the_shelf(read_story: Path) -> None:
    assert "Other" in reopen("My own", str(read_story.parent))


def test_a_missing_file_shows_the_shelf_and_a_notice(read_story: Path) -> None:
    read_story.unlink()
    text = reopen("My own can't be opened again", columns=120)
    assert "there is no such file" in text
    assert "Unread" in text


def test_an_unreadable_file_is_reported(read_story: Path) -> None:
    read_story.write_bytes(bytes(range(256)) * 40)
    title, notice = load_reopened()
    assert title is None
    assert notice.startswith("My own can't be opened again, not text")


def test_another_story_in_the_same_file_is_not_opened(read_story: Path) -> None:
    read_story.write_text("---\ntitle: New\nid: new\n---\nNone of the words that were here.")
    assert load_reopened() == (None, "")


def test_a_story_read_in_private_mode_is_not_opened_again(read_story: Path) -> None:
    with PseudoTerminal(["--private", str(read_story.parent / "other.md")]) as terminal:
        terminal.wait_for("Paragraph 0")
        terminal.write(b"q")
        assert terminal.wait() == 0
    assert load_reopened() == ("My own", "")


def test_standard_input_is_not_opened_again(read_story: Path) -> None:
    argv = ("sh", "-c", 'cat "$0" | "$@"', str(read_story.parent / "other.md"), *READER)
    with PseudoTerminal([], argv=argv) as terminal:
        terminal.wait_for("Paragraph 0")
        terminal.write(b"q")
        assert terminal.wait() == 0
    assert load_reopened() == ("My own", "")
