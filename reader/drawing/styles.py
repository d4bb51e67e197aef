"""The colours of the reading themes as plain data, and the style of each role of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.text.cells import sanitize_line
from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Mapping


HIGHLIGHT_TINT: Final = 0.08
"""Share of the accent in the background of highlights; dim text needs it to be low."""
TERMINAL_COLOUR: Final = "default"
"""The terminal's own foreground or background."""


class TextStyle(NamedTuple):
    """How a piece of text looks.

    A colour is `#rrggbb`, the name of one of the terminal's sixteen colours, or `default`.
    """

    foreground: str = TERMINAL_COLOUR
    background: str = TERMINAL_COLOUR
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False
    underline2: bool = False
    """Underlined twice."""


class TextColours(NamedTuple):
    """The colours of text besides those of the widget that it is on, each as `#rrggbb`."""

    dim: str
    accent: str
    link: str
    string: str
    """The colour of string literals in code."""
    code_background: str
    match_background: str
    highlight_background: str


class ThemeColours(NamedTuple):
    """The colours of a reading theme, each as `#rrggbb`."""

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

    @property
    def text(self) -> TextColours:
        """The colours of text in this theme."""
        return TextColours(
            self.dim,
            self.accent,
            self.link,
            self.string,
            self.surface,
            self.match_background,
            blend(self.background, self.accent, HIGHLIGHT_TINT),
        )


THEME_COLOURS: Final = (
    ThemeColours("day", False, "#33302a", "#f4efe4", "#e9e2d2", "#665f53", "#7c4a1e", "#2c5870", "#ecd9a8", "#4f6128"),
    ThemeColours("sepia", False, "#43331f", "#eadbbd", "#dfcda9", "#665439", "#7a3d16", "#33506b", "#d9b978", "#4a5420"),
    ThemeColours("dusk", True, "#c9cdd6", "#262a33", "#2f343f", "#989eac", "#c8a97e", "#9cb7d4", "#4a4636", "#a9bf93"),
    ThemeColours("night", True, "#d2cabc", "#1a1b1e", "#25262b", "#948d81", "#d0a56c", "#9bb8c9", "#4a3f24", "#a3b58a"),
)  # fmt: skip
"""From light to dark. The contrast of text is 7 to 1 or more, of dim and coloured text 4.5."""
TERMINAL: Final = "terminal"
"""The name of the theme that uses the terminal's own colours, dark or light."""
DEFAULT_THEME: Final = "night"
"""The theme if none that is chosen exists."""
TEXTUAL_THEMES: Final = (
    "ansi-dark", "ansi-light", "atom-one-dark", "atom-one-light", "catppuccin-frappe",
    "catppuccin-latte", "catppuccin-macchiato", "catppuccin-mocha", "dracula", "flexoki",
    "gruvbox", "monokai", "nord", "rose-pine", "rose-pine-dawn", "rose-pine-moon",
    "solarized-dark", "solarized-light", "textual-dark", "textual-light", "tokyo-night",
)  # fmt: skip
"""The names of Textual's own themes, so that they are known before it is loaded."""


def format_unknown_theme(name: str) -> str:
    """Return the notice that there is no theme `name`."""
    names = ", ".join([*(colours.name for colours in THEME_COLOURS), TERMINAL])
    return f"There is no theme '{sanitize_line(name, 200)}'; the themes are: {names}."


def blend(colour: str, other: str, share: float) -> str:
    """Return `colour` mixed with a share (0 to 1) of `other`."""
    parts = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{int(one + (two - one) * share):02x}" for one, two in parts)


_Change = dict[str, Any]
"""Fields of a `TextStyle` and their new values."""


class Styles:
    """The styles of text on one background, each made on first use.

    Without `colours`, the colours are the terminal's own. Then, or if it is `transparent`, no
    text has a background: code is bold instead, matches are reversed and highlights are
    underlined twice, so that they differ without colour.
    """

    def __init__(
        self, base: TextStyle, colours: TextColours | None, *, transparent: bool = False
    ) -> None:
        self.base = base
        self._cache: dict[Role, TextStyle] = {}
        self._changes = _list_changes(_make_changes(base, colours, transparent))

    def get_style(self, roles: Role) -> TextStyle:
        """Return the style of text with all of `roles`."""
        style = self._cache.get(roles)
        if style is None:
            style = self.base
            for role, change in self._changes:
                if roles & role:
                    style = style._replace(**change)
            self._cache[roles] = style
        return style

    @property
    def dim(self) -> TextStyle:
        """The style of dimmed text."""
        return self.get_style(Role.DIM)


def _make_changes(
    base: TextStyle, colours: TextColours | None, transparent: bool
) -> Mapping[str, _Change]:
    """Return what each kind of text changes in the style of plain text."""
    if colours is None:
        changes: dict[str, _Change] = {
            "dim": {"dim": True},
            "accent": {"foreground": "yellow"},
            "link": {"foreground": "blue"},
            "string": {"foreground": "green"},
        }
    else:
        names = ("dim", "accent", "link", "string")
        changes = {
            name: {"foreground": colour} for name, colour in zip(names, colours[:4], strict=True)
        }
    if colours is None or transparent:
        return changes | {
            "code": {"bold": True},
            "match": {"reverse": True},
            "current": {"reverse": True, "bold": True, "underline": True},
            "highlight": {"underline2": True},
        }
    return changes | {
        "code": {"background": colours.code_background},
        "match": {
            "background": colours.match_background,
            "foreground": base.foreground,
            "underline": True,
        },
        "current": {"reverse": True, "bold": True},
        "highlight": {"background": colours.highlight_background},
    }


def _list_changes(changes: Mapping[str, _Change]) -> tuple[tuple[Role, _Change], ...]:
    """Return what each role changes; later ones win."""
    return (
        (Role.DIM | Role.MARKER, changes["dim"]),
        (Role.ACCENT | Role.FOOTNOTE, changes["accent"]),
        (Role.LINK, changes["link"] | {"underline": True}),
        (Role.CODE, changes["code"]),
        (Role.KEYWORD, {"bold": True}),
        (Role.STRING, changes["string"]),
        (Role.COMMENT, changes["dim"] | {"italic": True, "bold": False}),
        (Role.NUMBER, changes["accent"]),
        (Role.NAME, changes["link"]),
        (Role.STRONG | Role.HEADING | Role.TITLE, {"bold": True}),
        (Role.EMPHASIS, {"italic": True}),
        (Role.STRIKE, {"strike": True}),
        (Role.HIGHLIGHT, changes["highlight"]),
        (Role.MATCH, changes["match"]),
        (Role.SELECTED, {"reverse": True}),
        (Role.CURRENT, changes["current"]),
    )
