"""Before the app has the terminal: whether its ground is light, and that it is left as it was."""

from __future__ import annotations

import sys

import pytest
from pseudo_terminal import PseudoTerminal

ASK = (
    "from reader.cli import terminal; print('light' if terminal.has_light_background() else 'dark')"
)
ATTRIBUTES = b"\x1b[?62;22c"


class Coloured(PseudoTerminal):
    """A terminal that gives one answer to being asked for its background."""

    def __init__(self, answer: bytes, source: str = ASK, **environ: str) -> None:
        self.answer = answer
        super().__init__([], env=environ, argv=[sys.executable, "-c", source])

    def _answer(self, data: bytes) -> None:
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
def test_a_ground_is_light_or_dark_by_what_the_terminal_says(answer: str) -> None:
    data, ground = ANSWERS[answer]
    with Coloured(data) as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[0].endswith(ground)


@pytest.mark.parametrize(
    ("environ", "ground"),
    [("0;15", "light"), ("15;0", "dark"), ("0;default;7", "light"), ("x", "dark")],
)
def test_a_silent_terminal_may_have_said_it_in_the_environment(environ: str, ground: str) -> None:
    with Coloured(ATTRIBUTES, COLORFGBG=environ) as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[0] == ground


def test_asking_leaves_the_terminal_as_it_was() -> None:
    source = f"import termios; before = termios.tcgetattr(0)\n{ASK}\n"
    source += "print('same' if termios.tcgetattr(0) == before else 'changed')"
    with Coloured(ATTRIBUTES, source) as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[:2] == ["dark", "same"]


def child(source: str, **more: str) -> str:
    """Return a program that runs another one, whose streams are no terminal."""
    options = "".join(f", {name}={value}" for name, value in more.items())
    return f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {source!r}]{options})"


def test_a_process_without_a_terminal_takes_its_ground_for_dark() -> None:
    with Coloured(b"", child(ASK, start_new_session="True")) as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[0] == "dark"


TAKE = """
import os
from reader.cli import terminal
terminal.attach_terminal()
kind = "tty" if os.isatty(0) and os.isatty(2) else "pipe"
os.write(2, f"{kind} {'COLUMNS' in os.environ or 'LINES' in os.environ}".encode())
"""


def test_the_terminal_is_taken_back_from_a_pipe_and_its_size_is_its_own() -> None:
    source = child(TAKE, stdin="subprocess.DEVNULL", stderr="subprocess.DEVNULL")
    with Coloured(b"", source, COLUMNS="50", LINES="5") as terminal:
        assert terminal.wait(20) == 0
        assert terminal.lines[0] == "tty False"
