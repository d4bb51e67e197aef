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


TINT: Final = 0.08
"""How much of the accent is in the ground of what is kept; with more, dim text fades in it."""


class Paper(NamedTuple):
    """The colours of a theme made for reading, from which Textual's are derived."""

    name: str
    is_dark: bool
    ink: str
    paper: str
    raised: str
    """What lies over the paper: an overlay, the ground of code."""
    dim: str
    accent: str
    link: str
    match: str
    """The ground of what was found."""
    string: str
    """What is quoted in code."""

    def theme(self) -> Theme:
        """Return the theme."""
        return Theme(
            self.name,
            dark=self.is_dark,
            foreground=self.ink,
            background=self.paper,
            surface=self.raised,
            panel=self.raised,
            primary=self.accent,
            accent=self.accent,
            secondary=self.link,
            variables={
                "ink-dim": self.dim,
                "ink-accent": self.accent,
                "ink-link": self.link,
                "ink-string": self.string,
                "code-ground": self.raised,
                "match-ground": self.match,
                "kept-ground": Color.parse(self.paper).blend(Color.parse(self.accent), TINT).hex,
            },
        )


PAPERS: Final = (
    Paper("day", False, "#33302a", "#f4efe4", "#e9e2d2", "#665f53", "#7c4a1e", "#2c5870", "#ecd9a8", "#4f6128"),
    Paper("sepia", False, "#43331f", "#eadbbd", "#dfcda9", "#665439", "#7a3d16", "#33506b", "#d9b978", "#4a5420"),
    Paper("dusk", True, "#c9cdd6", "#262a33", "#2f343f", "#989eac", "#c8a97e", "#9cb7d4", "#4a4636", "#a9bf93"),
    Paper("night", True, "#d2cabc", "#1a1b1e", "#25262b", "#948d81", "#d0a56c", "#9bb8c9", "#4a3f24", "#a3b58a"),
)  # fmt: skip
TERMINAL: Final = "terminal"
"""The name of the theme in the terminal's own colours; dark and light look alike in it."""
THEMES: Final = tuple(paper.theme() for paper in PAPERS)
"""Soft ink on paper, from light to dark: text stands out 7 to 1 at least, the rest 4.5 to 1."""


class Look:
    """The styles of one theme, each made when it is first asked for.

    With `ansi` the colours are the terminal's own. With that, or with `transparent`, nothing
    has a ground of ours: then code is bold, as in manuals, a match reversed, and what is kept
    underlined twice, so that all can be told without any colour.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        ink: Style,
        *,
        ansi: bool,
        transparent: bool = False,
    ) -> None:
        self.ink = ink
        self._ansi = ansi
        self._styles: dict[Role, Style] = {}
        self._dim = self._colour(variables, "ink-dim", Style(dim=True), 0.35)
        self._accent = self._colour(variables, "ink-accent", Style(color="yellow"), 0.0, "accent")
        self._link = self._colour(variables, "ink-link", Style(color="blue"), 0.0, "secondary")
        self._string = self._colour(variables, "ink-string", Style(color="green"), 0.2, "success")
        if ansi or transparent:
            self._ground = Style(bold=True)
            self._match = Style(reverse=True)
            self._here = Style(reverse=True, bold=True, underline=True)
            self._kept = Style(underline2=True)
        else:
            self._ground = _surface(variables, "code-ground")
            found = Style(color=ink.color, underline=True)
            self._match = _surface(variables, "match-ground") + found
            self._here = Style(reverse=True, bold=True)
            self._kept = _surface(variables, "kept-ground")

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
            (Role.KEYWORD, Style(bold=True)),
            (Role.STRING, self._string),
            (Role.COMMENT, self._dim + Style(italic=True, bold=False)),
            (Role.NUMBER, self._accent),
            (Role.NAME, self._link),
            (Role.STRONG | Role.HEADING | Role.TITLE, Style(bold=True)),
            (Role.EMPHASIS, Style(italic=True)),
            (Role.STRIKE, Style(strike=True)),
            (Role.KEPT, self._kept),
            (Role.MATCH, self._match),
            (Role.SELECTED, Style(reverse=True)),
            (Role.HERE, self._here),
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


def _surface(variables: Mapping[str, str], name: str) -> Style:
    ground = variables.get(name) or variables.get("surface", "#808080")
    return Style(bgcolor=Color.parse(ground).rich_color)


def look_of(widget: Widget) -> Look:
    """Return the styles of the theme that `widget` is drawn in."""
    app = widget.app
    return Look(
        app.theme_variables,
        widget.rich_style,
        ansi=app.current_theme.ansi or app.no_color,
        transparent=app.native_ansi_color,
    )
