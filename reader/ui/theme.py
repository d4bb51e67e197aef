"""The reading themes, and how each role of text is styled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget


HIGHLIGHT_TINT: Final = 0.08
"""How much of the accent is in the ground of what is kept; with more, dim text fades in it."""


class ThemeColours(NamedTuple):
    """The colours of a theme made for reading, from which Textual's are derived."""

    name: str
    is_dark: bool
    foreground: str
    background: str
    surface: str
    """What lies over the paper: an overlay, the ground of code."""
    dim: str
    accent: str
    link: str
    match_background: str
    """The ground of what was found."""
    string: str
    """What is quoted in code."""

    def make_theme(self) -> Theme:
        """Return the theme."""
        return Theme(
            self.name,
            dark=self.is_dark,
            foreground=self.foreground,
            background=self.background,
            surface=self.surface,
            panel=self.surface,
            primary=self.accent,
            accent=self.accent,
            secondary=self.link,
            variables={
                "ink-dim": self.dim,
                "ink-accent": self.accent,
                "ink-link": self.link,
                "ink-string": self.string,
                "code-ground": self.surface,
                "match-ground": self.match_background,
                "kept-ground": Color.parse(self.background)
                .blend(Color.parse(self.accent), HIGHLIGHT_TINT)
                .hex,
            },
        )


THEME_COLOURS: Final = (
    ThemeColours("day", False, "#33302a", "#f4efe4", "#e9e2d2", "#665f53", "#7c4a1e", "#2c5870", "#ecd9a8", "#4f6128"),
    ThemeColours("sepia", False, "#43331f", "#eadbbd", "#dfcda9", "#665439", "#7a3d16", "#33506b", "#d9b978", "#4a5420"),
    ThemeColours("dusk", True, "#c9cdd6", "#262a33", "#2f343f", "#989eac", "#c8a97e", "#9cb7d4", "#4a4636", "#a9bf93"),
    ThemeColours("night", True, "#d2cabc", "#1a1b1e", "#25262b", "#948d81", "#d0a56c", "#9bb8c9", "#4a3f24", "#a3b58a"),
)  # fmt: skip
TERMINAL: Final = "terminal"
"""The name of the theme in the terminal's own colours; dark and light look alike in it."""
THEMES: Final = tuple(paper.make_theme() for paper in THEME_COLOURS)
"""Soft ink on paper, from light to dark: text stands out 7 to 1 at least, the rest 4.5 to 1."""


class Styles:
    """The styles of one theme, each made when it is first asked for.

    With `ansi` the colours are the terminal's own. With that, or with `transparent`, nothing
    has a ground of ours: then code is bold, as in manuals, a match reversed, and what is kept
    underlined twice, so that all can be told without any colour.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        base: Style,
        *,
        ansi: bool,
        transparent: bool = False,
    ) -> None:
        self.base = base
        self._ansi = ansi
        self._cache: dict[Role, Style] = {}
        self._dim = self._make_foreground(variables, "ink-dim", Style(dim=True), 0.35)
        self._accent = self._make_foreground(
            variables, "ink-accent", Style(color="yellow"), 0.0, "accent"
        )
        self._link = self._make_foreground(
            variables, "ink-link", Style(color="blue"), 0.0, "secondary"
        )
        self._string = self._make_foreground(
            variables, "ink-string", Style(color="green"), 0.2, "success"
        )
        if ansi or transparent:
            self._code = Style(bold=True)
            self._match = Style(reverse=True)
            self._current = Style(reverse=True, bold=True, underline=True)
            self._highlight = Style(underline2=True)
        else:
            self._code = _make_background(variables, "code-ground")
            found = Style(color=base.color, underline=True)
            self._match = _make_background(variables, "match-ground") + found
            self._current = Style(reverse=True, bold=True)
            self._highlight = _make_background(variables, "kept-ground")

    def get_style(self, roles: Role) -> Style:
        """Return the style of text with all of `roles`."""
        style = self._cache.get(roles)
        if style is None:
            style = self._cache[roles] = self._make_style(roles)
        return style

    @property
    def dim(self) -> Style:
        """The style of what stands beside the text."""
        return self.get_style(Role.DIM)

    def _make_style(self, roles: Role) -> Style:
        style = self.base
        for role, added in (
            (Role.DIM | Role.MARKER, self._dim),
            (Role.ACCENT | Role.FOOTNOTE, self._accent),
            (Role.LINK, self._link + Style(underline=True)),
            (Role.CODE, self._code),
            (Role.KEYWORD, Style(bold=True)),
            (Role.STRING, self._string),
            (Role.COMMENT, self._dim + Style(italic=True, bold=False)),
            (Role.NUMBER, self._accent),
            (Role.NAME, self._link),
            (Role.STRONG | Role.HEADING | Role.TITLE, Style(bold=True)),
            (Role.EMPHASIS, Style(italic=True)),
            (Role.STRIKE, Style(strike=True)),
            (Role.HIGHLIGHT, self._highlight),
            (Role.MATCH, self._match),
            (Role.SELECTED, Style(reverse=True)),
            (Role.CURRENT, self._current),
        ):
            if roles & role:
                style += added
        return style

    def _make_foreground(
        self, variables: Mapping[str, str], name: str, ansi: Style, mix: float, fallback: str = ""
    ) -> Style:
        """Return a foreground: the theme's, another of its colours, or ink mixed with paper."""
        if self._ansi:
            return ansi
        found = variables.get(name) or variables.get(fallback)
        if found:
            return Style(color=Color.parse(found).rich_color)
        ink = Color.parse(variables["foreground"])
        return Style(color=ink.blend(Color.parse(variables["background"]), mix).rich_color)


def _make_background(variables: Mapping[str, str], name: str) -> Style:
    ground = variables.get(name) or variables.get("surface", "#808080")
    return Style(bgcolor=Color.parse(ground).rich_color)


def make_styles(widget: Widget) -> Styles:
    """Return the styles of the theme that `widget` is drawn in."""
    app = widget.app
    return Styles(
        app.theme_variables,
        widget.rich_style,
        ansi=app.current_theme.ansi or app.no_color,
        transparent=app.native_ansi_color,
    )
