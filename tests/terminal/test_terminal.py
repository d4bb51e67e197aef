"""The program in a real pseudo-terminal: start, resize, kill, reopen, and every ending."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import READER, PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.pty

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


def page_lines(terminal: PseudoTerminal) -> list[str]:
    """Return the rows of the page, without the shelf beside it and the status line."""
    left = 36 if terminal.columns >= 100 else 0
    return [line[left:].strip() for line in terminal.lines[:-1]]


def top_sentence(terminal: PseudoTerminal) -> str:
    """Return the beginning of the first sentence that begins on the page; each is unique."""
    found = re.search(r"Sentence \d+\.\d+ says", flat(" ".join(page_lines(terminal))))
    assert found is not None
    return found[0]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def row_of(terminal: PseudoTerminal, words: str) -> int | None:
    """Return the row on which `words` begin, over line ends as well."""
    lines = page_lines(terminal)
    for row, line in enumerate(lines):
        after = flat(" ".join(lines[row : row + 4]))
        if words in after and words not in flat(" ".join(lines[row + 1 : row + 5])):
            return row if line else None
    return None


def test_the_top_sentence_is_in_the_upper_third_after_kill_9_and_another_window_size(
    long_story: str,
) -> None:
    with PseudoTerminal([long_story], columns=120, rows=40) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.press(" " * 9)
        words = top_sentence(terminal)
        terminal.settle(1.0)
    with PseudoTerminal([long_story], columns=73, rows=31) as terminal:
        terminal.wait_for("% ·")
        terminal.settle()
        row = row_of(terminal, words)
        assert row is not None
        assert row <= 31 // 3


def test_every_frame_of_a_resize_shows_the_sentence(long_story: str) -> None:
    with PseudoTerminal([long_story], columns=60, rows=24) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.press("   ")
        words = top_sentence(terminal)
        found = []
        for columns in (33, 71, 40, 60):
            terminal.resize(columns, 24)
            terminal.settle()
            found.append(row_of(terminal, words) is not None)
        assert found == [True, True, True, True]


def test_a_resize_there_and_back_ends_on_the_same_screen(long_story: str) -> None:
    with PseudoTerminal([long_story], columns=60, rows=24) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.press("   ")
        before = terminal.text
        for columns in (33, 71, 40, 22, 60):
            terminal.resize(columns, 24)
            terminal.settle()
        assert terminal.text == before


def test_opened_and_closed_at_once_leaves_a_story_unread(long_story: str) -> None:
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.press("q")
        assert terminal.wait() == 0
    assert states() == []


def states() -> list[str]:
    """Return the ids of the stories the plain library has under Continue or Finished."""
    listed = subprocess.run([*READER, "list"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.split("\n") if line[:1] in ("◐", "✓")]


def test_the_library_shows_shelf_and_page() -> None:
    with PseudoTerminal([], columns=120, rows=40) as terminal:
        terminal.wait_for("Forty Seconds")
        terminal.wait_for("By The Reader Project")
        assert "Unread" in terminal.text


ENDINGS = {"quit": (None, 0), "TERM": (signal.SIGTERM, 143), "HUP": (signal.SIGHUP, 129)}
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l")


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_terminal_is_as_it_was_however_it_ends(ending: str, long_story: str) -> None:
    number, code = ENDINGS[ending]
    with PseudoTerminal([long_story]) as terminal:
        before = terminal.modes()
        terminal.wait_for("Sentence 0.1")
        if number is None:
            terminal.press("q")
        else:
            os.kill(terminal.pid, number)
        assert terminal.wait() == code
        assert terminal.modes() == before
        assert all(sequence in terminal.output for sequence in RESTORED)


def test_ctrl_c_ends_it_as_interrupted(long_story: str) -> None:
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.press("\x03")
        assert terminal.wait() == 130


def test_it_comes_back_from_the_shell_with_its_screen(long_story: str) -> None:
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("min left")
        before = terminal.text
        terminal.press("\x1a", 0.3)
        assert b"\x1b[?1049l" in terminal.output
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.settle(1.0)
        assert terminal.text == before


@pytest.mark.parametrize("ignored", [False, True])
def test_no_process_is_left_when_the_window_is_closed(ignored: bool, long_story: str) -> None:
    argv = ("sh", "-c", 'trap "" HUP; exec "$0" "$@"', *READER) if ignored else READER
    with PseudoTerminal([long_story], argv=argv) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.press(" ")
        terminal.close_window()
        assert terminal.wait(4) in (129, 0, 1)


def test_a_place_is_kept_when_the_window_is_closed(long_story: str) -> None:
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.press("    ")
        words = top_sentence(terminal)
        terminal.close_window()
        terminal.wait(4)
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("% ·")
        terminal.settle()
        assert row_of(terminal, words) is not None


def test_a_text_from_a_pipe_is_read_with_keys_from_the_terminal(long_story: str) -> None:
    argv = ("sh", "-c", 'cat "$0" | "$@"', long_story, *READER)
    with PseudoTerminal([], argv=argv) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.press(" q")
        assert terminal.wait() == 0


def test_errors_may_go_to_a_file_while_the_screen_is_drawn(long_story: str, tmp_path: Path) -> None:
    argv = ("sh", "-c", f'exec "$@" 2>{tmp_path / "log"}', "sh", *READER)
    with PseudoTerminal([long_story], argv=argv) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.press("q")
        assert terminal.wait() == 0


def test_columns_in_the_environment_do_not_stop_a_resize(long_story: str) -> None:
    with PseudoTerminal([long_story], env={"COLUMNS": "80", "LINES": "24"}) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.resize(50, 20)
        terminal.settle()
        assert max(len(line) for line in terminal.lines) <= 50
        assert "%" in terminal.lines[19]


def test_nothing_is_sent_while_nobody_does_anything(long_story: str) -> None:
    with PseudoTerminal([long_story], columns=120, rows=40) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.settle(1.5)
        sent = len(terminal.output)
        for _ in range(15):
            terminal.read(0.1)
        assert len(terminal.output) == sent


def test_a_theme_that_there_is_not_is_told_and_not_remembered(long_story: str) -> None:
    with PseudoTerminal(["--theme", "[/red]", long_story]) as terminal:
        terminal.wait_for("There is no theme '[/red]'")
        terminal.press("q")
        terminal.wait()
    with PseudoTerminal([long_story]) as terminal:
        terminal.wait_for("min left")
        terminal.settle(0.8)
        assert "There is no theme" not in terminal.text


HOSTILE = (
    '---\ntitle: "x\\e]0;PWNED\\a [/red] \\u202e"\nauthor: "[@click=app.bell]a[/]"\n---\n'
    "Body \x1b]52;c;UFdORUQ=\x07 \x1b[31m \x9b31m &#x1b;]2;PWNED&#7; &#x202e; end.\n\n"
    "**[/]** `\x1b]8;;http://x\x1b\\`\n"
)


def test_what_a_terminal_far_away_answers_is_not_taken_for_keys(long_story: str) -> None:
    with PseudoTerminal([long_story], reply_delay=0.5) as terminal:
        terminal.wait_for("Sentence 0.1")
        terminal.settle(0.5)
        assert "62" not in terminal.lines[-1]
        assert "On the page" not in terminal.text


def test_no_byte_of_a_story_reaches_the_terminal_as_a_control(
    write: Callable[[str, str], Path],
) -> None:
    name = "evil\x1b]0;PWNED\x07 [/red].md"
    folder = write(name, HOSTILE).parent
    with PseudoTerminal([str(folder)], columns=120, rows=30) as terminal:
        terminal.wait_for("end.")
        terminal.press("\rm?\x1b", 0.2)
        terminal.press("q")
        terminal.wait()
        sent = bytes(terminal.output)
    assert b"PWNED\x07" not in sent
    assert b"\x1b]52" not in sent
    assert b"\x1b]8;" not in sent
    assert "\u202e".encode() not in sent
    assert b"\xc2\x9b" not in sent


def test_keys_are_answered_while_a_large_text_is_being_parsed(
    write: Callable[[str, str], Path],
) -> None:
    paragraph = 'The quick *brown* fox said "hello" to the lazy dog, and it wasn\'t amused. ' * 8
    text = "\n\n".join(f"Paragraph {n}. {paragraph}" for n in range(5_000))
    with PseudoTerminal([str(write("large.md", text))]) as terminal:
        terminal.wait_for("Paragraph 0.")
        pressed = time.monotonic()
        terminal.write(b" ")
        terminal.wait_for("Paragraph 2.", 2)
        assert time.monotonic() - pressed < 1.0
