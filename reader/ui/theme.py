"""The reading themes, and the style of each role of text in a theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from reader.text.cells import sanitize_line
from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.widget import Widget


HIGHLIGHT_TINT: Final = 0.08
"""Share of the accent in the background of highlights; dim text needs it to be low."""


class ThemeColours(NamedTuple):
    """The colours of a reading theme, from which Textual's theme is made."""

    name: str
    is_dark: bool
    foreground: str
    background: str
    surface: str
    """The background of dialogs and of code."""
    dim: str
    accent: str
    link: str
    match_background: str
    """The background of matches."""
    string: str
    """The colour of string literals in code."""

    def make_theme(self) -> Theme:
        """Return Textual's theme in these colours, with variables for the roles of text."""
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
                "dim-text": self.dim,
                "accent-text": self.accent,
                "link-text": self.link,
                "string-text": self.string,
                "code-background": self.surface,
                "match-background": self.match_background,
                "highlight-background": Color.parse(self.background)
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
"""The name of the theme that uses the terminal's own colours, dark or light."""
THEMES: Final = tuple(colours.make_theme() for colours in THEME_COLOURS)
"""From light to dark. The contrast of text is 7 to 1 or more, of dim and coloured text 4.5."""


class Styles:
    """The styles of one theme, each made on first use.

    With `ansi`, the colours are the terminal's own. With `ansi` or `transparent`, no text has a
    background: code is bold instead, matches are reversed and highlights are underlined twice,
    so that they differ without colour.
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
        self._dim = self._make_foreground(variables, ("dim-text",), Style(dim=True), 0.35)
        self._accent = self._make_foreground(
            variables, ("accent-text", "accent"), Style(color="yellow"), 0.0
        )
        self._link = self._make_foreground(
            variables, ("link-text", "secondary"), Style(color="blue"), 0.0
        )
        self._string = self._make_foreground(
            variables, ("string-text", "success"), Style(color="green"), 0.2
        )
        if ansi or transparent:
            self._code = Style(bold=True)
            self._match = Style(reverse=True)
            self._current = Style(reverse=True, bold=True, underline=True)
            self._highlight = Style(underline2=True)
        else:
            self._code = _make_background(variables, "code-background")
            self._match = _make_background(variables, "match-background")
            self._match += Style(color=base.color, underline=True)
            self._current = Style(reverse=True, bold=True)
            self._highlight = _make_background(variables, "highlight-background")

    def get_style(self, roles: Role) -> Style:
        """Return the style of text with all of `roles`."""
        style = self._cache.get(roles)
        if style is None:
            style = self._cache[roles] = self._make_style(roles)
        return style

    @property
    def dim(self) -> Style:
        """The style of dimmed text."""
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
        self, variables: Mapping[str, str], names: Sequence[str], ansi: Style, mix: float
    ) -> Style:
        """Return the first colour of `names` that the theme has.

        If it has none, as a theme of Textual's may, mix its foreground with `mix` of background.
        """
        if self._ansi:
            return ansi
        colour = next((variables[name] for name in names if variables.get(name)), None)
        if colour:
            return Style(color=Color.parse(colour).rich_color)
        foreground = Color.parse(variables["foreground"])
        background = Color.parse(variables["background"])
        return Style(color=foreground.blend(background, mix).rich_color)


def is_theme(name: str) -> bool:
    """Return whether there is a theme of that name."""
    return name == TERMINAL or name in BUILTIN_THEMES or name in {own.name for own in THEMES}


def format_unknown_theme(name: str) -> str:
    """Return the notice that there is no theme `name`."""
    names = ", ".join([*(colours.name for colours in THEME_COLOURS), TERMINAL])
    return f"There is no theme '{sanitize_line(name, 200)}'; the themes are: {names}."


def _make_background(variables: Mapping[str, str], name: str) -> Style:
    background = variables.get(name) or variables.get("surface", "#808080")
    return Style(bgcolor=Color.parse(background).rich_color)


def make_styles(widget: Widget) -> Styles:
    """Return the styles of the app's theme on the background of `widget`."""
    app = widget.app
    return Styles(
        app.theme_variables,
        widget.rich_style,
        ansi=app.current_theme.ansi or app.no_color,
        transparent=app.native_ansi_color,
    )
