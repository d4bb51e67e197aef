"""The program in a real terminal: start, resize, kill, reopen, and hostile text.

The ways to end are in `test_endings`, stops for the shell in `test_stop_and_continue`.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import READER, PseudoTerminal

from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

WORDS = [
    "alpha",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "golf",
    "hotel",
    "india",
    "juliet",
    "kilo",
    "lima",
    "mike",
]


@pytest.fixture
def long_story(write: Callable[[str, str], Path]) -> str:
    """Return a story of 400 paragraphs in which every sentence is its own."""
    paragraphs = [
        " ".join(f"Sentence {number}.{part} says {' '.join(WORDS[part:])}." for part in range(6))
        for number in range(400)
    ]
    return str(write("long.md", "# A long story\n\n" + "\n\n".join(paragraphs)))


def list_page_rows(terminal: PseudoTerminal) -> list[str]:
    """Return the rows of the page, without shelf, mark of the position and status bar."""
    left = 40 if terminal.columns >= 108 else 0
    return [line[left:].strip(" ┃") for line in terminal.lines[:-1]]


def get_first_sentence(terminal: PseudoTerminal) -> str:
    """Return the beginning of the first sentence that begins on the page. Each is unique."""
    match = re.search(r"Sentence \d+\.\d+ says", join_words(" ".join(list_page_rows(terminal))))
    assert match is not None
    return match[0]


def join_words(text: str) -> str:
    """Return `text` with single spaces between its words."""
    return re.sub(r"\s+", " ", text).strip()


def turn_pages(terminal: PseudoTerminal, count: int) -> None:
    """Turn so many pages forward, and wait for each."""
    for _ in range(count):
        before = get_first_sentence(terminal)
        terminal.write(b" ")
        terminal.wait_until(
            lambda: get_first_sentence(terminal) != before,  # noqa: B023  called in this round
            "the page does not turn",
        )
    terminal.settle(0.1)  # a frame may have come in part


def load_saved_block() -> int:
    """Return the block of the only place that is saved, or -1."""
    path = Paths.default().state
    assert path is not None
    with closing(sqlite3.connect(path, timeout=60)) as db:
        return int(db.execute("SELECT ifnull(max(block), -1) FROM place").fetchone()[0])


def find_row(terminal: PseudoTerminal, words: str) -> int | None:
    """Return the row on which `words` begin; they may continue on the next rows."""
    lines = list_page_rows(terminal)
    for row, line in enumerate(lines):
        after = join_words(" ".join(lines[row : row + 4]))
        if words in after and words not in join_words(" ".join(lines[row + 1 : row + 5])):
            return row if line else None
    return None


def test_after_a_kill_the_place_is_in_the_upper_third_at_another_size(
    long_story: str,
) -> None:
    with PseudoTerminal([long_story], columns=120, rows=40) as terminal:
        terminal.wait_for("Sentence 0.1")
        turn_pages(terminal, 9)
        words = get_first_sentence(terminal)
        paragraph = int(words.split()[1].partition(".")[0])
        terminal.wait_until(lambda: load_saved_block() >= paragraph - 1, "no place is saved")
    with PseudoTerminal([long_story], columns=73, rows=31) as terminal:
        terminal.wait_for("% ·")
        terminal.wait_until(lambda: find_row(terminal, words) is not None, f"{words} is not shown")
        row = find_row(terminal, words)
        assert row is not None
        assert row <= 31 // 3


def resize(terminal: PseudoTerminal, columns: int, rows: int) -> None:
    """Resize the terminal, and wait until the program has drawn the screen again."""
    sent = len(terminal.output)
    terminal.resize(columns, rows)
    status = f"\x1b[{rows};".encode()
    terminal.wait_until(lambda: status in terminal.output[sent:], "the screen is not drawn again")
    terminal.settle()


def test_the_sentence_is_shown_at_every_size(long_story: str) -> None:
    with PseudoTerminal([long_story], columns=60, rows=24) as terminal:
        terminal.wait_for("Sentence 0.1")
        turn_pages(terminal, 3)
        words = get_first_sentence(terminal)
        for columns in (33, 71, 40, 60):
            resize(terminal, columns, 24)
            terminal.wait_until(
                lambda: find_row(terminal, words) is not None, f"{words} is not shown"
            )


def test_resizes_that_end_at_the_first_size_end_on_the_same_screen(long_story: str) -> None:
    with PseudoTerminal([long_story], columns=60, rows=24) as terminal:
        terminal.wait_for("Sentence 0.1")
        turn_pages(terminal, 3)
        terminal.settle()
        before = list_page_rows(terminal)
        for columns in (33, 71, 40, 22, 60):
            resize(terminal, columns, 24)
        terminal.wait_until(lambda: list_page_rows(terminal) == before, "the page differs")


def test_a_story_that_is_only_opened_stays_unread(long_story: str) -> None:
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.write(b"q")
        assert terminal.wait() == 0
    assert list_started_stories() == []


def list_started_stories() -> list[str]:
    """Return the lines of `reader list` for the stories that are started or finished."""
    listed = subprocess.run([*READER, "list"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.split("\n") if line[:1] in ("◐", "✓")]


def test_a_wide_terminal_shows_shelf_and_page() -> None:
    with PseudoTerminal([], columns=120, rows=40) as terminal:
        terminal.wait_for("Forty Seconds")
        terminal.wait_for("By The Reader Project")
        assert "Unread" in terminal.text


def test_a_piped_text_is_read_with_keys_from_the_terminal(long_story: str) -> None:
    argv = ("sh", "-c", 'cat "$0" | "$@"', long_story, *READER)
    with PseudoTerminal([], argv=argv) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.write(b" q")
        assert terminal.wait() == 0


def test_standard_error_may_be_a_file(long_story: str, tmp_path: Path) -> None:
    argv = ("sh", "-c", f'exec "$@" 2>{tmp_path / "log"}', "sh", *READER)
    with PseudoTerminal([long_story], argv=argv) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.write(b"q")
        assert terminal.wait() == 0


def test_columns_in_the_environment_are_ignored(long_story: str) -> None:
    with PseudoTerminal([long_story], env={"COLUMNS": "80", "LINES": "24"}) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.resize(50, 20)
        terminal.wait_until(
            lambda: max(len(line) for line in terminal.lines) <= 50 and "%" in terminal.lines[19],
            "the screen is not drawn at the new size",
        )


def test_an_idle_program_sends_nothing(long_story: str) -> None:
    with PseudoTerminal([long_story], columns=120, rows=40) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.wait_until(lambda: not terminal.read(2.0), "each tick sends something")


def test_an_unknown_theme_is_reported_by_the_first_frame_and_not_saved(long_story: str) -> None:
    start_of_app = b"\x1b[?2004h"
    with PseudoTerminal(["--theme", "[/red]", long_story]) as terminal:
        terminal.wait_for_bytes(start_of_app)
        terminal.write(b"q")
        terminal.wait()
        assert b"There is no theme '[/red]'" in terminal.output.partition(start_of_app)[0]
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("min to go")
        assert b"There is no theme" not in terminal.output


HOSTILE = (
    '---\ntitle: "x\\e]0;PWNED\\a [/red] \\u202e"\nauthor: "[@click=app.bell]a[/]"\n---\n'
    "Body \x1b]52;c;UFdORUQ=\x07 \x1b[31m \x9b31m &#x1b;]2;PWNED&#7; &#x202e; end.\n\n"
    "**[/]** `\x1b]8;;http://x\x1b\\`\n"
)


def test_a_late_reply_of_the_terminal_is_not_taken_for_keys(long_story: str) -> None:
    with PseudoTerminal([long_story], reply_delay=0.5) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.settle(0.5)
        assert "62" not in terminal.lines[-1]
        assert "On the page" not in terminal.text


def test_no_control_character_of_a_story_reaches_the_terminal(
    write: Callable[[str, str], Path],
) -> None:
    name = "evil\x1b]0;PWNED\x07 [/red].md"
    folder = write(name, HOSTILE).parent
    with PseudoTerminal([str(folder)], columns=120, rows=30) as terminal:
        terminal.wait_for("end.")
        terminal.press("\rm?\x1b", 0.2)
        terminal.write(b"q")
        terminal.wait()
        sent = bytes(terminal.output)
    assert b"PWNED\x07" not in sent
    assert b"\x1b]52" not in sent
    assert b"\x1b]8;" not in sent
    assert "\u202e".encode() not in sent
    assert b"\xc2\x9b" not in sent


def test_keys_work_while_a_large_text_is_parsed(
    write: Callable[[str, str], Path],
) -> None:
    paragraph = 'The quick *brown* fox said "hello" to the lazy dog, and it wasn\'t amused. ' * 8
    text = "\n\n".join(f"Paragraph {n}. {paragraph}" for n in range(5_000))
    with PseudoTerminal([str(write("large.md", text))]) as terminal:
        terminal.wait_for("Paragraph 0.")
        assert "min to go" not in terminal.text  # the minutes are known once all is parsed
        terminal.write(b" ")
        terminal.wait_for("Paragraph 2.")
        assert "min to go" not in terminal.text
