"""What each role of text looks like, and the themes made for reading.

Owns colours: soft ink on paper, by day and by night, and the terminal's own. Turns a
combination of roles into one style, once a theme. Knows no widgets and no text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from ..document import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

DAY: Final = Theme(
    name="day",
    dark=False,
    foreground="#33302a",
    background="#f4efe4",
    surface="#ece6d8",
    panel="#e4dccb",
    primary="#7c4a1e",
    accent="#7c4a1e",
    secondary="#2c5870",
    warning="#8a5200",
    error="#9b2c2c",
    success="#3f6b35",
    variables={
        "ink-dim": "#665f53",
        "ink-accent": "#7c4a1e",
        "ink-link": "#2c5870",
        "code-ground": "#e9e2d2",
        "match-ground": "#ecd9a8",
    },
)
NIGHT: Final = Theme(
    name="night",
    dark=True,
    foreground="#d2cabc",
    background="#1a1b1e",
    surface="#222327",
    panel="#2a2b30",
    primary="#d0a56c",
    accent="#d0a56c",
    secondary="#9bb8c9",
    warning="#d9a441",
    error="#d98080",
    success="#9dbb8a",
    variables={
        "ink-dim": "#948d81",
        "ink-accent": "#d0a56c",
        "ink-link": "#9bb8c9",
        "code-ground": "#25262b",
        "match-ground": "#4a3f24",
    },
)
TERMINAL: Final = "terminal"
"""The name of the theme in the terminal's own colours; dark and light look alike in it."""
THEMES: Final = (DAY, NIGHT)


class Look:
    """The styles of one theme, each made when it is first asked for."""

    def __init__(self, variables: Mapping[str, str], ink: Style, *, ansi: bool) -> None:
        self.ink = ink
        self._ansi = ansi
        self._styles: dict[Role, Style] = {}
        self._dim = self._colour(variables, "ink-dim", Style(dim=True), 0.35)
        self._accent = self._colour(variables, "ink-accent", Style(color="yellow"), 0.0, "accent")
        self._link = self._colour(variables, "ink-link", Style(color="blue"), 0.0, "secondary")
        self._ground = self._surface(variables, "code-ground")
        self._match = self._surface(variables, "match-ground") + Style(underline=True)

    def style(self, roles: Role) -> Style:
        """Return the style of text with all of `roles`."""
        style = self._styles.get(roles)
        if style is None:
            style = self._styles[roles] = self._made(roles)
        return style

    @property
    def dim(self) -> Style:
        """The style of what stands beside the text."""
        return self.style(Role.DIM)

    def _made(self, roles: Role) -> Style:
        style = self.ink
        for role, added in (
            (Role.DIM | Role.MARKER, self._dim),
            (Role.ACCENT | Role.NOTE, self._accent),
            (Role.LINK, self._link + Style(underline=True)),
            (Role.CODE, self._ground),
            (Role.STRONG | Role.HEADING | Role.TITLE, Style(bold=True)),
            (Role.EMPHASIS, Style(italic=True)),
            (Role.STRIKE, Style(strike=True)),
            (Role.MATCH, self._match),
            (Role.HERE, Style(reverse=True, bold=True)),
        ):
            if roles & role:
                style += added
        return style

    def _colour(
        self, variables: Mapping[str, str], name: str, ansi: Style, mix: float, other: str = ""
    ) -> Style:
        """Return a foreground: the theme's, another of its colours, or ink mixed with paper."""
        if self._ansi:
            return ansi
        found = variables.get(name) or variables.get(other)
        if found:
            return Style(color=Color.parse(found).rich_color)
        ink = Color.parse(variables["foreground"])
        return Style(color=ink.blend(Color.parse(variables["background"]), mix).rich_color)

    def _surface(self, variables: Mapping[str, str], name: str) -> Style:
        if self._ansi:
            return Style()
        ground = variables.get(name) or variables.get("surface", "#808080")
        return Style(bgcolor=Color.parse(ground).rich_color)


def look_of(widget: Widget) -> Look:
    """Return the styles of the theme that `widget` is drawn in."""
    app = widget.app
    return Look(app.theme_variables, widget.rich_style, ansi=app.native_ansi_color)
