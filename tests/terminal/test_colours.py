"""In a real pseudo-terminal: the colours that are sent, and what is told apart without them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

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


def found(folder: str, terminal: str) -> PseudoTerminal:
    """Return a terminal in which `text` was found in the story."""
    started = PseudoTerminal([folder], columns=120, rows=30, env=TERMINALS[terminal])
    try:
        started.wait_for("The end.")
        started.press("/text\r", 0.2)
        started.settle()
    except BaseException:
        started.kill()
        raise
    return started


def codes(terminal: PseudoTerminal) -> set[str]:
    """Return the SGR codes of colours that were sent."""
    sent = {
        part
        for parameters in re.findall(rb"\x1b\[([\d;]*)m", bytes(terminal.output))
        for part in re.findall(r"[34]8;2|[349]\d|10\d", parameters.decode())
    }
    return sent - {"39", "49"}


def test_a_theme_sends_its_own_colours(folder: str) -> None:
    with found(folder, "colours") as terminal:
        assert {"38;2", "48;2"} <= codes(terminal)


def test_a_transparent_ground_is_never_sent_while_the_ink_is_the_themes(folder: str) -> None:
    with found(folder, "transparent") as terminal:
        assert "38;2" in codes(terminal)
        assert "48;2" not in codes(terminal)


def test_no_colour_is_sent_where_none_is_wanted(folder: str) -> None:
    with found(folder, "no colour") as terminal:
        assert codes(terminal) == set()


def test_sixteen_colours_are_the_terminals_own(folder: str) -> None:
    with found(folder, "sixteen") as terminal:
        assert not codes(terminal) & {"38;2", "48;2"}


@pytest.mark.parametrize("name", ["transparent", "no colour", "sixteen"])
def test_what_is_kept_is_marked_and_underlined_twice_without_a_ground(
    folder: str, name: str
) -> None:
    with found(folder, name) as terminal:
        terminal.press("\x1bH", 0.3)
        terminal.settle()
        assert "❝" in terminal.text
        assert re.search(rb"\x1b\[(?:[\d;]*;)?21(?:;[\d;]*)?mSome ", bytes(terminal.output))


@pytest.mark.parametrize("name", ["transparent", "no colour", "sixteen"])
def test_everything_is_told_apart_by_more_than_colour(folder: str, name: str) -> None:
    with found(folder, name) as terminal:
        looks = {
            "text": terminal.look_of("Some "),
            "match": terminal.look_of("text."),
            "the match one is at": terminal.look_of("text with"),
            "link": terminal.look_of("a link"),
            "code": terminal.look_of("code,"),
        }
        assert len(set(looks.values())) == len(looks), looks
        assert "▸" in terminal.text
