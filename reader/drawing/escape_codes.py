"""Rows of pieces as the text that draws them on a terminal, and the colours that it has."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.styles import TERMINAL_COLOUR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reader.drawing.pieces import Row
    from reader.drawing.styles import TextStyle


class Colours(IntEnum):
    """The colours that a terminal has; the numbers are those of Rich's `ColorSystem`."""

    NONE = 0
    """NO_COLOR asks for none."""
    SIXTEEN = 1
    EIGHT_BIT = 2
    """256 colours."""
    TRUE = 3
    """Any `#rrggbb`."""


_COLOUR_NAMES: Final = {"yellow": 3, "blue": 4, "green": 2}
"""The terminal's own colours in `styles`, and their numbers (ECMA-48, 8.3.117)."""
_SETTINGS: Final = {
    "standard": Colours.SIXTEEN,
    "256": Colours.EIGHT_BIT,
    "truecolor": Colours.TRUE,
}
"""Values of TEXTUAL_COLOR_SYSTEM."""
_TERMINALS: Final = {"kitty": Colours.EIGHT_BIT, "256color": Colours.EIGHT_BIT}
"""The last part of TERM for terminals with 256 colours, as Rich has it."""
_ATTRIBUTE_CODES: Final = ("1", "2", "3", "4", "7", "9", "21")
"""The parameters of SGR for bold, dim, italic, underlined, reversed, struck, underlined twice."""


class Cell(NamedTuple):
    """A cell of the terminal; the first one is at column 0 and row 0."""

    column: int
    row: int


def find_colours(environment: Mapping[str, str]) -> Colours:
    """Return the colours of the terminal that the environment describes, as Textual finds them."""
    if environment.get("NO_COLOR"):
        return Colours.NONE
    setting = environment.get("TEXTUAL_COLOR_SYSTEM", "auto")
    if setting in _SETTINGS:
        return _SETTINGS[setting]
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return Colours.TRUE
    kind = environment.get("TERM", "").strip().lower().rpartition("-")[2]
    return _TERMINALS.get(kind, Colours.SIXTEEN)


def encode_row(number: int, row: Row, colours: Colours) -> str:
    """Return the text that draws a row of the screen; the first one has number 0."""
    parts = [f"{_make_sequence(style, colours)}{text}" for text, style in _join_pieces(row)]
    return f"\x1b[{number + 1};1H{''.join(parts)}"


def encode_cursor(cursor: Cell) -> str:
    """Return the text that ends the last style and puts the cursor there."""
    return f"\x1b[0m\x1b[{cursor.row + 1};{cursor.column + 1}H"


def _join_pieces(row: Row) -> Iterator[tuple[str, TextStyle]]:
    """Yield the texts of a row and their styles; neighbours in one style are one text."""
    text, current = "", None
    for piece in row:
        if current is not None and piece.style != current:
            yield text, current
            text = ""
        text, current = text + piece.text, piece.style
    if current is not None:
        yield text, current


@lru_cache
def _make_sequence(style: TextStyle, colours: Colours) -> str:
    """Return the sequence (SGR) that begins `style`, whatever the style before it was."""
    _, _, *switches = style  # the colours come first
    codes = zip(switches, _ATTRIBUTE_CODES, strict=True)
    parameters = ["0", *(code for is_on, code in codes if is_on)]
    if colours is not Colours.NONE:
        parameters += _list_colour_codes(style.foreground, colours, 30)
        parameters += _list_colour_codes(style.background, colours, 40)
    return f"\x1b[{';'.join(parameters)}m"


def _list_colour_codes(colour: str, colours: Colours, base: int) -> list[str]:
    """Return the parameters that set a colour; `base` is 30 for text and 40 for background."""
    if colour == TERMINAL_COLOUR:
        return []
    if colour in _COLOUR_NAMES:
        return [str(base + _COLOUR_NAMES[colour])]
    if colours is Colours.TRUE:
        return [str(base + 8), "2", *(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))]
    # Textual's own choice of the nearest colour; terminals with fewer colours are rare.
    from rich.color import Color, ColorSystem

    nearest = Color.parse(colour).downgrade(ColorSystem(int(colours)))
    return [*nearest.get_ansi_codes(foreground=base == 30)]
