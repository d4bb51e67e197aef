"""The themes: ink that can be read on its paper, and structure that needs no colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.style import Style
from textual.color import Color

from reader.document import Role
from reader.ui.look import THEMES, Look

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
    grounds = [theme.variables["code-ground"], theme.variables["match-ground"]]
    assert min(contrast(theme.foreground, ground) for ground in grounds) >= 5


@pytest.mark.parametrize("name", ["ink-dim", "ink-accent", "ink-link"])
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_dim_and_coloured_text_stands_out_four_and_a_half_to_one(theme: Theme, name: str) -> None:
    assert theme.background is not None
    assert contrast(theme.variables[name], theme.background) >= 4.5


def look() -> Look:
    return Look({"foreground": "#ffffff", "background": "#000000"}, Style(), ansi=False)


def test_roles_combine_into_one_style() -> None:
    style = look().style(Role.STRONG | Role.EMPHASIS | Role.LINK)
    assert (style.bold, style.italic, style.underline) == (True, True, True)


def test_the_terminals_own_colours_use_no_colours_of_ours() -> None:
    style = Look({}, Style(), ansi=True).style(Role.DIM)
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
    assert getattr(look().style(role), attribute)
