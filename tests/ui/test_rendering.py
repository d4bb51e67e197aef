"""Drawing lines: ranges cover the spaces of justified text, but not hyphens or column gaps."""

from __future__ import annotations

from rich.style import Style

from reader.layout.blocks import typeset
from reader.layout.lines import Line, ParagraphStyle, Run
from reader.text.document import Block, Kind, Role
from reader.ui.page.rendering import StyledRange, draw_line
from reader.ui.theme import Styles

STYLES = Styles({"foreground": "#ffffff", "background": "#000000"}, Style(), ansi=False)
MATCH_STYLE = STYLES.get_style(Role.MATCH)


def draw_marked(line: Line, *ranges: tuple[int, int, Role]) -> str:
    """Return the text of a line as it is drawn, with `#` for each cell of a match."""
    strip = draw_line(line, STYLES, 0, 20, [StyledRange(*styled) for styled in ranges])
    return "".join("#" * len(s.text) if s.style == MATCH_STYLE else s.text for s in strip).rstrip()


def test_a_match_covers_a_widened_space() -> None:
    block = Block(Kind.PARAGRAPH, "aaa bbb ccc dddddddd")
    line = typeset(block, 14, ParagraphStyle(justified=True)).draw(0)
    assert line.text == "aaa  bbb   ccc"
    assert draw_marked(line, (1, 6, Role.MATCH)) == "a######b   ccc"
    assert draw_marked(line, (0, 3, Role.MATCH)) == "###  bbb   ccc"
    assert draw_marked(line, (4, 7, Role.MATCH)) == "aaa  ###   ccc"


def test_a_match_does_not_cover_a_hyphen_of_the_layout() -> None:
    block = Block(Kind.PARAGRAPH, "a consideration")
    line = typeset(block, 10, ParagraphStyle(hyphen_language="en_US")).draw(0)
    assert draw_marked(line, (2, 15, Role.MATCH)) == "a ######-"


def test_a_match_does_not_cover_the_gap_between_columns() -> None:
    runs = (Run("ab", start=0), Run("  "), Run("cd", start=3))
    assert draw_marked(Line(runs, 0, 5), (0, 5, Role.MATCH)) == "##  ##"
