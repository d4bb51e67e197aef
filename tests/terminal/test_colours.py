"""The colours that are sent to a terminal, and what distinguishes styles without colours."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from operator import ne
from typing import TYPE_CHECKING, NamedTuple

import pytest
from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.pty

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


class Shown(NamedTuple):
    """What a terminal was sent and shows while the matches of `text` are shown."""

    colours: set[str]
    """The codes of the colours that were sent (SGR parameters)."""
    styles: dict[str, tuple[bool, ...]]
    """By its purpose, whether a text is bold, italic, underlined and reversed."""
    screen: str
    highlighted: bytes
    """All that was sent once the sentence is highlighted."""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Shown]:
    """Return a function that gives what a kind of terminal shows; each is started once."""
    folder = tmp_path_factory.mktemp("stories")
    (folder / "story.md").write_text(STORY)

    @cache
    def start(name: str) -> Shown:
        env = {**TERMINALS[name], "HOME": str(tmp_path_factory.mktemp("home"))}
        with PseudoTerminal([str(folder)], columns=120, rows=30, env=env) as terminal:
            terminal.wait_for("The end.")
            terminal.write(b"\r/")  # on the shelf, the slash filters
            terminal.wait_for("  /")
            matches = TEXTS["match"], TEXTS["current match"]
            before = [find_cells(terminal, text) for text in matches]
            terminal.write(b"text\r")
            terminal.wait_for("1 of 2")
            terminal.wait_until(
                lambda: all(map(ne, before, (find_cells(terminal, text) for text in matches))),
                "the matches look as they did before",
            )
            terminal.settle()
            colours, screen = list_colour_codes(terminal), terminal.text
            styles = {purpose: terminal.get_style(text) for purpose, text in TEXTS.items()}
            terminal.write(b"\x1b")
            terminal.wait_until(lambda: "1 of 2" not in terminal.text, "matches are still shown")
            terminal.write(b"H")
            terminal.wait_for("❝")
            terminal.settle()
            return Shown(colours, styles, screen, bytes(terminal.output))

    return start


TEXTS = {
    "text": "Some ",
    "match": "text.",
    "current match": "text with",
    "link": "a link",
    "code": "code,",
}


Cells = list[tuple[object, ...]]


def find_cells(terminal: PseudoTerminal, text: str) -> Cells:
    """Return the cells of a text that is on the screen once."""
    row, line = next((n, line) for n, line in enumerate(terminal.lines) if text in line)
    return terminal.cells[row][line.index(text) :][: len(text)]


def list_colour_codes(terminal: PseudoTerminal) -> set[str]:
    """Return the codes of the colours that were sent (SGR parameters)."""
    sent = {
        part
        for parameters in re.findall(rb"\x1b\[([\d;]*)m", bytes(terminal.output))
        for part in re.findall(r"[34]8;2|[349]\d|10\d", parameters.decode())
    }
    return sent - {"39", "49"}


Start = Callable[[str], Shown]


def test_a_theme_sends_its_own_colours(start: Start) -> None:
    assert {"38;2", "48;2"} <= start("colours").colours


def test_a_transparent_theme_sends_text_colours_but_no_background(start: Start) -> None:
    assert "38;2" in start("transparent").colours
    assert "48;2" not in start("transparent").colours


def test_no_color_sends_no_colour(start: Start) -> None:
    assert start("no colour").colours == set()


def test_a_terminal_of_sixteen_colours_keeps_its_own(start: Start) -> None:
    assert not start("sixteen").colours & {"38;2", "48;2"}


@pytest.mark.parametrize("name", ["transparent", "no colour", "sixteen"])
def test_a_highlight_without_background_has_a_symbol_and_a_double_underline(
    name: str, start: Start
) -> None:
    sent = start(name).highlighted
    assert re.search(rb"\x1b\[(?:[\d;]*;)?21(?:;[\d;]*)?mSome ", sent)


@pytest.mark.parametrize("name", ["transparent", "no colour", "sixteen"])
def test_styles_differ_by_more_than_colour(name: str, start: Start) -> None:
    styles = start(name).styles
    assert len(set(styles.values())) == len(styles), styles
    assert "▹" in start(name).screen
