"""Textual's themes and styles, made from the plain values of `drawing`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES, Theme

from reader.drawing.styles import (
    DEFAULT_THEME,
    TERMINAL,
    TERMINAL_COLOUR,
    THEME_COLOURS,
    Styles,
    TextColours,
    TextStyle,
)
from reader.text.cells import count_cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.color import Color as RichColor
    from textual.widget import Widget

    from reader.drawing.pieces import Row
    from reader.drawing.styles import ThemeColours


_MAX_STRIPS: Final = 2_000
"""Strips in the cache: many screenfuls, and a limit for long texts."""


def _make_theme(colours: ThemeColours) -> Theme:
    """Return Textual's theme in these colours, with variables for the roles of text."""
    text = colours.text
    return Theme(
        colours.name,
        dark=colours.is_dark,
        foreground=colours.foreground,
        background=colours.background,
        surface=colours.surface,
        panel=colours.surface,
        primary=colours.accent,
        accent=colours.accent,
        secondary=colours.link,
        variables={
            "dim-text": text.dim,
            "accent-text": text.accent,
            "link-text": text.link,
            "string-text": text.string,
            "code-background": text.code_background,
            "match-background": text.match_background,
            "highlight-background": text.highlight_background,
        },
    )


THEMES: Final = tuple(_make_theme(colours) for colours in THEME_COLOURS)


def is_theme(name: str) -> bool:
    """Return whether there is a theme of that name."""
    return name == TERMINAL or name in BUILTIN_THEMES or name in {own.name for own in THEMES}


def find_textual_name(name: str) -> str:
    """Return what Textual calls a theme; if there is no such theme, the default one."""
    return "ansi-dark" if name == TERMINAL else name if is_theme(name) else DEFAULT_THEME


def get_text_colours(variables: Mapping[str, str]) -> TextColours:
    """Return the colours of text in a theme of the program's own, or of Textual's."""
    return TextColours(
        _get_foreground(variables, ("dim-text",), 0.35),
        _get_foreground(variables, ("accent-text", "accent"), 0.0),
        _get_foreground(variables, ("link-text", "secondary"), 0.0),
        _get_foreground(variables, ("string-text", "success"), 0.2),
        _get_background(variables, "code-background"),
        _get_background(variables, "match-background"),
        _get_background(variables, "highlight-background"),
    )


def _get_foreground(variables: Mapping[str, str], names: Sequence[str], mix: float) -> str:
    """Return the first colour of `names` that the theme has.

    If it has none, as a theme of Textual's may, mix its foreground with `mix` of background.
    """
    colour = next((variables[name] for name in names if variables.get(name)), None)
    if colour:
        return Color.parse(colour).rich_color.name
    foreground, background = variables["foreground"], variables["background"]
    return Color.parse(foreground).blend(Color.parse(background), mix).rich_color.name


def _get_background(variables: Mapping[str, str], name: str) -> str:
    return Color.parse(variables.get(name) or variables.get("surface", "#808080")).rich_color.name


def make_styles(widget: Widget) -> Styles:
    """Return the styles of the app's theme on the background of `widget`."""
    app, rich_style = widget.app, widget.rich_style
    base = TextStyle(_get_name(rich_style.color), _get_name(rich_style.bgcolor))
    has_own_colours = not (app.current_theme.ansi or app.no_color)
    text_colours = get_text_colours(app.theme_variables) if has_own_colours else None
    return Styles(base, text_colours, transparent=app.native_ansi_color)


def _get_name(colour: RichColor | None) -> str:
    return TERMINAL_COLOUR if colour is None else colour.name


@lru_cache(maxsize=_MAX_STRIPS)
def make_strip(row: Row) -> Strip:
    """Return `row` as Textual draws it."""
    segments = [Segment(piece.text, make_rich_style(piece.style)) for piece in row]
    return Strip(segments, sum(count_cells(piece.text) for piece in row))


@lru_cache(maxsize=_MAX_STRIPS)
def make_rich_style(style: TextStyle) -> Style:
    """Return `style` as Rich has it."""
    return Style(
        color=style.foreground,
        bgcolor=style.background,
        bold=style.bold or None,
        dim=style.dim or None,
        italic=style.italic or None,
        underline=style.underline or None,
        reverse=style.reverse or None,
        strike=style.strike or None,
        underline2=style.underline2 or None,
    )
