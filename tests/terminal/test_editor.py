"""`E` runs an editor on the terminal as a shell does, and shows what it has changed."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

EDITOR = """#!/bin/sh
cd "$(dirname "$0")"
printf '%s\\n' "$*" >> arguments
echo "THE EDITOR RUNS"
read what
case $what in
    edit) sed -i '/^Line 3 /s/$/ It is new./' "$3" ;;
    fail) exit 3 ;;
    die) stty raw -echo; kill -9 $$ ;;
    stop) kill -STOP $$; echo "GOES ON"; read what ;;
    all) kill -STOP 0; echo "ALL GO ON"; read what ;;
esac
exit 0
"""


def start_editor(terminal: PseudoTerminal) -> None:
    """Press `E`, and wait until the editor has the terminal."""
    sent = len(terminal.output)
    terminal.write(b"E")
    terminal.wait_until(lambda: b"EDITOR RUNS" in terminal.output[sent:], "no editor runs")
    assert terminal.list_unrestored() == set()


def finish_editor(terminal: PseudoTerminal, typed: bytes, shown: bytes) -> None:
    """Type something into the editor, and wait until the reader shows something after that."""
    sent = len(terminal.output)
    terminal.write(typed)
    terminal.wait_until(
        lambda: shown in terminal.output[sent:].partition(b"\x1b[?1049h")[2], "it isn't shown"
    )


def test_an_editor_has_the_terminal_and_what_it_writes_is_shown_at_the_same_place(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    lines = "\n\n".join(f"Line {number} is told in a few words." for number in range(40))
    story = write("story.md", f"---\ntitle: A story\n---\n\n{lines}\n")
    editor = tmp_path / "vim"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    with PseudoTerminal([str(story)], env={"EDITOR": f"{editor} -n"}) as terminal:
        modes = terminal.first_modes
        terminal.wait_for("Line 0 ")
        terminal.wait_for("% ·")
        terminal.write(b"jjjjjj")
        terminal.wait_until(lambda: "Line 0 " not in terminal.text, "the page isn't scrolled")
        top = terminal.lines[:4]
        start_editor(terminal)
        assert terminal.modes() == modes
        finish_editor(terminal, b"edit\n", b"It is new.")
        assert terminal.lines[:4] == top
        start_editor(terminal)
        finish_editor(terminal, b"fail\n", b"ended with exit code 3.")
        start_editor(terminal)
        finish_editor(terminal, b"\x03", b"was ended by signal 2;")
        start_editor(terminal)
        terminal.write(b"stop\n")
        terminal.wait_for_stop()
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait_for("GOES ON")
        finish_editor(terminal, b"\n", b"%")
        start_editor(terminal)
        terminal.write(b"all\n")  # as an editor stops itself and the reader at ctrl+z
        terminal.wait_for_stop()
        os.killpg(terminal.pid, signal.SIGCONT)
        terminal.wait_for("ALL GO ON")
        finish_editor(terminal, b"\n", b"%")
        start_editor(terminal)
        finish_editor(terminal, b"die\n", b"was ended by signal 9;")
        terminal.write(b"q")
        assert terminal.wait() == 0
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), modes)
    arguments = (tmp_path / "arguments").read_text().split("\n")
    assert arguments[0] == f"-n +7 {story}"
