"""Themes: enough contrast on every background, and structure that needs no colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from reader.cli.start import find_theme, list_themes, list_warnings
from reader.config import Config
from reader.drawing.styles import (
    TEXTUAL_THEMES,
    THEME_COLOURS,
    Styles,
    TextStyle,
    format_unknown_theme,
)
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store
from reader.text.document import Role
from reader.ui.theme import THEMES, get_text_colours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.theme import Theme

    from reader.drawing.styles import TextColours, ThemeColours


def compute_luminance(colour: str) -> float:
    """Return the relative luminance as WCAG 2.2 defines it."""
    parts = [part / 255 for part in Color.parse(colour).rgb]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def compute_contrast(one: str, other: str) -> float:
    lighter, darker = sorted((compute_luminance(one), compute_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_contrast_of_text_is_seven_to_one(theme: Theme) -> None:
    assert theme.foreground is not None
    assert theme.background is not None
    assert compute_contrast(theme.foreground, theme.background) >= 7


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_has_contrast_on_every_background(theme: Theme) -> None:
    assert theme.foreground is not None
    names = ("code-background", "match-background", "highlight-background")
    assert min(compute_contrast(theme.foreground, theme.variables[name]) for name in names) >= 5


@pytest.mark.parametrize("name", ["dim-text", "accent-text", "link-text", "string-text"])
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_contrast_of_dim_and_coloured_text_is_four_and_a_half_to_one(
    theme: Theme, name: str
) -> None:
    assert theme.background is not None
    assert compute_contrast(theme.variables[name], theme.background) >= 4.5
    assert compute_contrast(theme.variables[name], theme.variables["code-background"]) >= 4.5
    assert compute_contrast(theme.variables[name], theme.variables["highlight-background"]) >= 4.5


ROLES = [role for role in Role if role not in (Role.MATCH, Role.CURRENT)]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: str(role.name))
@pytest.mark.parametrize("theme", THEME_COLOURS, ids=lambda theme: theme.name)
def test_a_match_has_contrast_in_every_role(theme: ThemeColours, role: Role) -> None:
    base = TextStyle(theme.foreground, theme.background)
    style = Styles(base, theme.text).get_style(role | Role.MATCH)
    assert compute_contrast(style.foreground, style.background) >= 5


PLAIN = get_text_colours({"foreground": "#ffffff", "background": "#000000"})
PLAIN_STYLES = Styles(TextStyle(), PLAIN)


@pytest.mark.parametrize("number", range(len(THEMES)), ids=lambda number: THEMES[number].name)
def test_the_widgets_have_the_colours_of_the_first_frame(number: int) -> None:
    assert get_text_colours(THEMES[number].variables) == THEME_COLOURS[number].text


def test_roles_combine_into_one_style() -> None:
    style = PLAIN_STYLES.get_style(Role.STRONG | Role.EMPHASIS | Role.LINK)
    assert (style.bold, style.italic, style.underline) == (True, True, True)


CODE = [Role.KEYWORD, Role.STRING, Role.COMMENT, Role.NUMBER, Role.NAME]


def test_the_parts_of_code_have_six_different_styles() -> None:
    theme = THEME_COLOURS[0]
    styles = Styles(TextStyle(theme.foreground), theme.text)
    assert len({styles.get_style(Role.CODE | role) for role in [*CODE, Role.PLAIN]}) == 6


@pytest.mark.parametrize(("colours", "transparent"), [(None, False), (PLAIN, True), (None, True)])
def test_without_backgrounds_code_matches_and_highlights_differ_by_shape(
    colours: TextColours | None, transparent: bool
) -> None:
    styles = Styles(TextStyle(), colours, transparent=transparent)
    assert styles.get_style(Role.CODE).bold
    assert styles.get_style(Role.MATCH).reverse
    assert styles.get_style(Role.HIGHLIGHT).underline2
    assert not styles.get_style(Role.CODE | Role.COMMENT).bold
    assert all(styles.get_style(role).background == "default" for role in Role)


def test_the_names_of_textuals_own_themes_are_known_without_it() -> None:
    assert sorted(TEXTUAL_THEMES) == sorted(BUILTIN_THEMES)


@pytest.mark.parametrize(
    ("requested", "variable", "chosen", "setting", "found", "unknown"),
    [
        (None, None, None, None, None, []),
        ("day", "odd", "odder", "night", "day", []),
        ("odd", "nord", "day", "night", "nord", ["odd"]),
        ("odd", "odd", "odder", "terminal", "terminal", ["odd", "odder"]),
        (None, None, "day", "odd", "day", ["odd"]),
        (None, None, None, "odd", "night", ["odd"]),
    ],
)
def test_the_first_theme_that_exists_is_taken_and_unknown_ones_are_named(  # noqa: PLR0917  the four places of a theme
    requested: str | None,
    variable: str | None,
    chosen: str | None,
    setting: str | None,
    found: str | None,
    unknown: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Session(Catalog(), Store.open_in_memory(), Index.open(None), TextCache(None))
    if chosen is not None:
        session.save_choice("theme", chosen)
    monkeypatch.setenv("READER_THEME", variable or "")
    config = Config(theme=setting)
    themes = list_themes(session, config, requested)
    assert find_theme(session, config, requested) == found
    assert list_warnings(config, themes) == [format_unknown_theme(name) for name in unknown]


def test_the_terminal_theme_uses_no_colours_of_its_own() -> None:
    style = Styles(TextStyle(), None).get_style(Role.DIM)
    assert (style.foreground, style.dim) == ("default", True)


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
def test_structure_is_visible_without_colour(role: Role, attribute: str) -> None:
    # the attribute is a parameter of the test
    assert getattr(PLAIN_STYLES.get_style(role), attribute)


def test_an_empty_no_color_keeps_the_colours(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write("one.md", "# One\n").parent
    for value, has_none in [("", False), ("1", True)]:
        monkeypatch.setenv("NO_COLOR", value)
        assert Stage(folder).app.no_color is has_none
