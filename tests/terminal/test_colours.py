"""The colours that are sent to a terminal, and what distinguishes styles without colours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

STORY = """# Title

Some *text* with `code`, [a link](#title), **strong** words, more text.

```python
def f(x):
    return "s"
```

The end.
"""
RICH = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
TERMINALS: dict[str, Mapping[str, str]] = {
    "colours": RICH,
    "transparent": {**RICH, "READER_TRANSPARENT": "true"},
    "no colour": {**RICH, "NO_COLOR": "1"},
    "sixteen": {"TERM": "xterm", "COLORTERM": ""},
}


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> str:
    return str(write("story.md", STORY).parent)


def start_search(folder: str, name: str) -> PseudoTerminal:
    """Return a terminal that shows the matches of `text` in the story."""
    terminal = PseudoTerminal([folder], columns=120, rows=30, env=TERMINALS[name])
    try:
        terminal.wait_for("The end.")
        terminal.press("/text\r", 0.2)
        terminal.wait_for("1 of 2")
        terminal.settle()
    except BaseException:
        terminal.kill()
        raise
    return terminal


def list_colour_codes(terminal: PseudoTerminal) -> set[str]:
    """Return the codes of the colours that were sent (SGR parameters)."""
    sent = {
        part
        for parameters in re.findall(rb"\x1b\[([\d;]*)m", bytes(terminal.output))
        for part in re.findall(r"[34]8;2|[349]\d|10\d", parameters.decode())
    }
    return sent - {"39", "49"}


def test_a_theme_sends_its_own_colours(folder: str) -> None:
    with start_search(folder, "colours") as terminal:
        assert {"38;2", "48;2"} <= list_colour_codes(terminal)


def test_a_transparent_theme_sends_text_colours_but_no_background(folder: str) -> None:
    with start_search(folder, "transparent") as terminal:
        assert "38;2" in list_colour_codes(terminal)
        assert "48;2" not in list_colour_codes(terminal)


def test_no_color_sends_no_colour(folder: str) -> None:
    with start_search(folder, "no colour") as terminal:
        assert list_colour_codes(terminal) == set()


def test_a_terminal_of_sixteen_colours_keeps_its_own(folder: str) -> None:
    with start_search(folder, "sixteen") as terminal:
        assert not list_colour_codes(terminal) & {"38;2", "48;2"}


@pytest.mark.parametrize("name", ["transparent", "no colour", "sixteen"])
def test_a_highlight_without_background_has_a_symbol_and_a_double_underline(
    folder: str, name: str
) -> None:
    with start_search(folder, name) as terminal:
        terminal.press("\x1bH", 0.3)
        terminal.wait_for("❝")
        terminal.settle()
        assert re.search(rb"\x1b\[(?:[\d;]*;)?21(?:;[\d;]*)?mSome ", bytes(terminal.output))


@pytest.mark.parametrize("name", ["transparent", "no colour", "sixteen"])
def test_styles_differ_by_more_than_colour(folder: str, name: str) -> None:
    with start_search(folder, name) as terminal:
        styles = {
            "text": terminal.get_style("Some "),
            "match": terminal.get_style("text."),
            "current match": terminal.get_style("text with"),
            "link": terminal.get_style("a link"),
            "code": terminal.get_style("code,"),
        }
        assert len(set(styles.values())) == len(styles), styles
        assert "▸" in terminal.text
