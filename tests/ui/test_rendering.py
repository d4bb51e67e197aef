"""Strips: what is lit up stays lit over what the setting added to a line."""

from __future__ import annotations

from rich.style import Style

from reader.layout.blocks import typeset
from reader.layout.lines import Line, ParagraphStyle, Run
from reader.text.document import Block, Kind, Role
from reader.ui.page.rendering import StyledRange, draw_line
from reader.ui.theme import Styles

LOOK = Styles({"foreground": "#ffffff", "background": "#000000"}, Style(), ansi=False)
FOUND = LOOK.get_style(Role.MATCH)


def lit(line: Line, *stretches: tuple[int, int, Role]) -> str:
    """Return the text of a line as it is drawn, with a `#` for what is lit."""
    strip = draw_line(line, LOOK, 0, 20, [StyledRange(*stretch) for stretch in stretches])
    return "".join("#" * len(s.text) if s.style == FOUND else s.text for s in strip).rstrip()


def test_a_match_over_a_widened_space_is_lit_without_a_hole() -> None:
    block = Block(Kind.PARAGRAPH, "aaa bbb ccc dddddddd")
    line = typeset(block, 14, ParagraphStyle(justified=True)).draw(0)
    assert line.text == "aaa  bbb   ccc"
    assert lit(line, (1, 6, Role.MATCH)) == "a######b   ccc"
    assert lit(line, (0, 3, Role.MATCH)) == "###  bbb   ccc"
    assert lit(line, (4, 7, Role.MATCH)) == "aaa  ###   ccc"


def test_the_hyphen_of_a_divided_word_is_not_lit() -> None:
    block = Block(Kind.PARAGRAPH, "a consideration")
    line = typeset(block, 10, ParagraphStyle(hyphen_language="en_US")).draw(0)
    assert lit(line, (2, 15, Role.MATCH)) == "a ######-"


def test_the_space_between_columns_is_not_lit() -> None:
    runs = (Run("ab", start=0), Run("  "), Run("cd", start=3))
    assert lit(Line(runs, 0, 5), (0, 5, Role.MATCH)) == "##  ##"
