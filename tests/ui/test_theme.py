"""The themes: ink that can be read on its paper, and structure that needs no colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.style import Style
from textual.color import Color

from reader.text.document import Role
from reader.ui.theme import THEMES, Styles

if TYPE_CHECKING:
    from textual.theme import Theme


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [part / 255 for part in Color.parse(colour).rgb]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_stands_out_seven_to_one(theme: Theme) -> None:
    assert theme.foreground is not None
    assert theme.background is not None
    assert contrast(theme.foreground, theme.background) >= 7


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_stands_out_on_every_ground(theme: Theme) -> None:
    assert theme.foreground is not None
    grounds = [theme.variables[f"{name}-ground"] for name in ("code", "match", "kept")]
    assert min(contrast(theme.foreground, ground) for ground in grounds) >= 5


@pytest.mark.parametrize("name", ["ink-dim", "ink-accent", "ink-link", "ink-string"])
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_dim_and_coloured_text_stands_out_four_and_a_half_to_one(theme: Theme, name: str) -> None:
    assert theme.background is not None
    assert contrast(theme.variables[name], theme.background) >= 4.5
    assert contrast(theme.variables[name], theme.variables["code-ground"]) >= 4.5
    assert contrast(theme.variables[name], theme.variables["kept-ground"]) >= 4.5


ROLES = [role for role in Role if role not in (Role.MATCH, Role.CURRENT)]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: str(role.name))
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_what_is_found_can_be_read_whatever_it_is(theme: Theme, role: Role) -> None:
    ink = Style(color=theme.foreground, bgcolor=theme.background)
    style = Styles(theme.variables, ink, ansi=False).get_style(role | Role.MATCH)
    assert style.color is not None
    assert style.bgcolor is not None
    assert contrast(style.color.name, style.bgcolor.name) >= 5


def look() -> Styles:
    return Styles({"foreground": "#ffffff", "background": "#000000"}, Style(), ansi=False)


def test_roles_combine_into_one_style() -> None:
    style = look().get_style(Role.STRONG | Role.EMPHASIS | Role.LINK)
    assert (style.bold, style.italic, style.underline) == (True, True, True)


CODE = [Role.KEYWORD, Role.STRING, Role.COMMENT, Role.NUMBER, Role.NAME]


def test_what_code_is_made_of_has_five_looks() -> None:
    theme = THEMES[0]
    made = Styles(theme.variables, Style(color=theme.foreground), ansi=False)
    assert len({made.get_style(Role.CODE | role) for role in [*CODE, Role.PLAIN]}) == 6


@pytest.mark.parametrize(("ansi", "transparent"), [(True, False), (False, True), (True, True)])
def test_without_a_ground_of_ours_each_of_them_is_told_by_its_shape(
    ansi: bool, transparent: bool
) -> None:
    variables = {"foreground": "#ffffff", "background": "#000000"}
    bare = Styles(variables, Style(), ansi=ansi, transparent=transparent)
    assert bare.get_style(Role.CODE).bold
    assert bare.get_style(Role.MATCH).reverse
    assert bare.get_style(Role.HIGHLIGHT).underline2
    assert not bare.get_style(Role.CODE | Role.COMMENT).bold
    assert all(bare.get_style(role).bgcolor is None for role in Role)


def test_the_terminals_own_colours_use_no_colours_of_ours() -> None:
    style = Styles({}, Style(), ansi=True).get_style(Role.DIM)
    assert (style.color, style.dim) == (None, True)


@pytest.mark.parametrize(
    ("role", "attribute"),
    [
        (Role.HEADING, "bold"),
        (Role.TITLE, "bold"),
        (Role.STRONG, "bold"),
        (Role.EMPHASIS, "italic"),
        (Role.LINK, "underline"),
        (Role.STRIKE, "strike"),
    ],
)
def test_structure_is_told_without_colour(role: Role, attribute: str) -> None:
    assert getattr(look().get_style(role), attribute)
