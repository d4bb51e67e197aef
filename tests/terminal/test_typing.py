"""Keys that come in one packet are handled in their order; what is typed is stored."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import PseudoTerminal

from reader.paths import Paths
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]


@pytest.fixture
def path(write: Callable[[str, str], Path]) -> Path:
    paragraphs = "\n\n".join(f"Paragraph {number} of the story." for number in range(90))
    return write("story.md", f"# Story\n\n{paragraphs}\n")


def load_responses() -> list[str]:
    store = Store.open(Paths.default().state)
    responses = [response.text for response in store.annotation_store.load_responses()]
    store.close()
    return responses


def open_editor(terminal: PseudoTerminal, before: bytes = b"") -> None:
    """Press `r` after the keys `before`, and wait until the editor is on the screen."""
    terminal.write(before + b"r")
    terminal.wait_for("ctrl+s")


def test_words_and_the_key_that_follows_them_may_come_in_one_packet(path: Path) -> None:
    with PseudoTerminal([str(path)]) as terminal:
        terminal.wait_for("Paragraph 3 ")
        open_editor(terminal)
        terminal.write(b"hello brave new world\x13")
        terminal.wait_for("Saved the response")
        assert load_responses() == ["hello brave new world"]
        open_editor(terminal)
        terminal.write(b", two\x1b[27u")
        terminal.wait_until(lambda: "ctrl+s" not in terminal.text, "the editor is open")
        terminal.write(b"/Paragraph 60\r")
        terminal.wait_for("Paragraph 60 ")
        assert load_responses() == ["hello brave new world, two"]
        open_editor(terminal)
        terminal.write(b", three\x1a")
        terminal.wait_for_stop()
        assert load_responses() == ["hello brave new world, two, three"]
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.settle()
        terminal.write(b", four\x11")
        assert terminal.wait() == 0
        assert load_responses() == ["hello brave new world, two, three, four"]


@pytest.mark.parametrize("end", ["ctrl+q", "SIGTERM", "closed window"])
def test_words_typed_just_before_the_end_are_stored(path: Path, end: str) -> None:
    with PseudoTerminal([str(path)]) as terminal:
        terminal.wait_for("Paragraph 3 ")
        open_editor(terminal)
        terminal.write(b"words\x11" if end == "ctrl+q" else b"words")
        if end == "SIGTERM":
            os.kill(terminal.pid, signal.SIGTERM)
        elif end == "closed window":
            terminal.wait_for("words")
            terminal.close_window()
        terminal.wait()
        assert load_responses() == ["words"]
