"""Escape codes: the colours of a terminal, and rows as the text that draws them."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem
from rich.console import Console
from textual.strip import Strip

from reader.drawing.escape_codes import Colours, encode_row, find_colours
from reader.drawing.pieces import Piece
from reader.drawing.styles import THEME_COLOURS, Styles, TextStyle
from reader.text.document import Role
from reader.ui.theme import make_rich_style


@pytest.mark.parametrize(
    ("environment", "colours"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, Colours.TRUE),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, Colours.TRUE),
        ({"TERM": "xterm-256color"}, Colours.EIGHT_BIT),
        ({"TERM": "xterm-kitty"}, Colours.EIGHT_BIT),
        ({"TERM": "linux"}, Colours.SIXTEEN),
        ({}, Colours.SIXTEEN),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, Colours.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Colours.EIGHT_BIT),
        ({"COLORTERM": "truecolor", "TEXTUAL_COLOR_SYSTEM": "256"}, Colours.EIGHT_BIT),
    ],
)
def test_the_colours_are_those_that_textual_finds(
    environment: dict[str, str], colours: Colours
) -> None:
    assert find_colours(environment) is colours
    if colours is not Colours.NONE and "TEXTUAL_COLOR_SYSTEM" not in environment:
        found = Console(_environ=environment, force_terminal=True)._color_system  # noqa: SLF001  Rich's number of it is not public
        assert found == ColorSystem(colours.value)


@pytest.mark.parametrize("role", [*Role, Role.CODE | Role.COMMENT], ids=str)
@pytest.mark.parametrize("colours", [Colours.EIGHT_BIT, Colours.TRUE])
def test_a_style_has_the_codes_that_textual_gives_it(role: Role, colours: Colours) -> None:
    theme = THEME_COLOURS[1]
    style = Styles(TextStyle(theme.foreground, theme.background), theme.text).get_style(role)
    expected = Strip.render_ansi(make_rich_style(style), ColorSystem(colours.value))
    assert encode_row(2, (Piece("text", style),), colours) == f"\x1b[3;1H\x1b[0;{expected}mtext"


def test_neighbours_in_one_style_are_one_text() -> None:
    row = (Piece("a", TextStyle()), Piece("b", TextStyle()), Piece("c", TextStyle(bold=True)))
    assert encode_row(0, row, Colours.TRUE) == "\x1b[1;1H\x1b[0mab\x1b[0;1mc"


def test_no_color_has_attributes_but_no_colours() -> None:
    style = TextStyle("#ffffff", "#000000", dim=True)
    assert encode_row(0, (Piece("a", style),), Colours.NONE) == "\x1b[1;1H\x1b[0;2ma"
