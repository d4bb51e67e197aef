"""The terminal's background colour is queried without changing the terminal."""

from __future__ import annotations

import sys

import pytest
from pseudo_terminal import PseudoTerminal

pytestmark = pytest.mark.pty


PRINT_BACKGROUND = (
    "from reader.cli.terminal import query_background;"
    "background = query_background(); print('light' if background.is_light else 'dark')"
)
ATTRIBUTES = b"\x1b[?62;22c"


class AnsweringTerminal(PseudoTerminal):
    """A terminal with a fixed answer to the query for its background."""

    def __init__(self, answer: bytes, source: str = PRINT_BACKGROUND, **environ: str) -> None:
        self.answer = answer
        super().__init__([], env=environ, argv=[sys.executable, "-c", source])

    def _reply(self, data: bytes) -> None:
        if b"\x1b]11;?" in data:
            self.write(self.answer)


ANSWERS = {
    "white": (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\" + ATTRIBUTES, "light"),
    "paper": (b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\" + ATTRIBUTES, "light"),
    "black": (b"\x1b]11;rgb:0000/0000/0000\x1b\\" + ATTRIBUTES, "dark"),
    "dark blue": (b"\x1b]11;rgb:0000/0000/ffff\x1b\\" + ATTRIBUTES, "dark"),
    "two digits and a bell": (b"\x1b]11;rgb:ff/ff/ff\x07" + ATTRIBUTES, "light"),
    "with opacity": (b"\x1b]11;rgba:ffff/ffff/ffff/8000\x1b\\" + ATTRIBUTES, "light"),
    "no colour": (ATTRIBUTES, "dark"),
    "nonsense": (b"\x1b]11;rgb:zz/zz\x1b\\" + ATTRIBUTES, "dark"),
    "keys in between": (b"jj\x1b]11;rgb:ffff/ffff/ffff\x1b\\q" + ATTRIBUTES, "light"),
    "nothing at all": (b"", "dark"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_answer_decides_between_light_and_dark(answer: str) -> None:
    data, background = ANSWERS[answer]
    with AnsweringTerminal(data) as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[0].endswith(background)


@pytest.mark.parametrize(
    ("environ", "background"),
    [("0;15", "light"), ("15;0", "dark"), ("0;default;7", "light"), ("x", "dark")],
)
def test_the_environment_decides_for_a_silent_terminal(environ: str, background: str) -> None:
    with AnsweringTerminal(ATTRIBUTES, COLORFGBG=environ) as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[0] == background


def test_the_query_leaves_the_terminal_settings_unchanged() -> None:
    source = f"import termios; before = termios.tcgetattr(0)\n{PRINT_BACKGROUND}\n"
    source += "print('same' if termios.tcgetattr(0) == before else 'changed')"
    with AnsweringTerminal(ATTRIBUTES, source) as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[:2] == ["dark", "same"]


def run_in_child(source: str, **more: str) -> str:
    """Return a program that runs `source` in a child process without a terminal."""
    options = "".join(f", {name}={value}" for name, value in more.items())
    return f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {source!r}]{options})"


def test_without_a_terminal_the_background_counts_as_dark() -> None:
    with AnsweringTerminal(
        b"", run_in_child(PRINT_BACKGROUND, start_new_session="True")
    ) as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[0] == "dark"


ATTACH = """
import os
from reader.cli import terminal
with terminal.attach_terminal():
    kind = "tty" if os.isatty(0) and os.isatty(2) else "pipe"
    os.write(2, f"{kind} {'COLUMNS' in os.environ or 'LINES' in os.environ}".encode())
"""


def test_attaching_the_terminal_replaces_pipes_and_removes_its_size() -> None:
    source = run_in_child(ATTACH, stdin="subprocess.DEVNULL", stderr="subprocess.DEVNULL")
    with AnsweringTerminal(b"", source, COLUMNS="50", LINES="5") as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[0] == "tty False"
