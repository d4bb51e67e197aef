"""A page from the web in a real terminal, from the address that is pasted to reading on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import make_numbered_story
from pseudo_terminal import PseudoTerminal
from web_server import Answer, serve

from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]


def make_page() -> bytes:
    """Return a page with a long article and a link to another page below it."""
    paragraphs = "".join(f"<p>{text}</p>" for text in make_numbered_story().split("\n\n"))
    head = '<title>Rain</title><meta name="author" content="Ann Lee">'
    body = f"<article><h1>Rain</h1>{paragraphs}<nav><a href='/'>Home again</a></nav></article>"
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def test_a_pasted_address_is_previewed_edited_saved_read_and_resumed(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    folder = write("salt.md", "---\ntitle: Salt\n---\nThe sea.").parent
    with (
        serve({"/rain": Answer(make_page())}) as server,
        PseudoTerminal([str(folder)]) as terminal,
    ):
        terminal.wait_for("Salt")
        terminal.wait_for_bytes(b"\x1b[?2004h")
        terminal.write(f"\x1b[200~{server.url}/rain\x1b[201~".encode())
        terminal.wait_for("Enter fetches the page from 127.0.0.1")
        terminal.write(b"\r")
        terminal.wait_for("Not saved yet")
        terminal.wait_for("x 1 left out")
        terminal.write(b"x")
        terminal.wait_for("after:")
        terminal.write(b"\r")
        terminal.wait_for("Put back (U undoes it): Home again")
        terminal.write(b"s")
        terminal.wait_for("Added: Rain")
        terminal.write(b"\r")
        terminal.wait_for("Paragraph 0")
        terminal.write(b"  ")
        terminal.wait_for("Paragraph 11 word")
        terminal.write(b"q")
        assert terminal.wait() == 0
    own = Paths.default().stories
    assert own is not None
    assert (own / "rain.md").read_text().endswith("\n\nHome again\n")
    with PseudoTerminal([]) as terminal:
        terminal.wait_for("Paragraph 11 word")
        assert "Paragraph 4 word" not in terminal.text
        terminal.write(b"q")
        assert terminal.wait() == 0
