"""Drawing lines: ranges cover the spaces of justified text, but not hyphens or column gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.drawing.hints import Hint, fit_hints
from reader.drawing.lists import compute_top_row
from reader.drawing.page import Decorations, StyledRange, draw_line, overlay_labels
from reader.drawing.pieces import Piece, Row, fit_pieces
from reader.drawing.status import StatusNotice, StatusText, draw_notice
from reader.drawing.styles import THEME_COLOURS, Styles, TextStyle
from reader.layout.blocks import typeset
from reader.layout.lines import Line, ParagraphStyle, Run
from reader.text.cells import count_cells
from reader.text.document import Block, Kind, Place, Role
from reader.text.search import Match, SearchResults

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLES = Styles(TextStyle(), THEME_COLOURS[0].text)
MATCH_STYLE = STYLES.get_style(Role.MATCH)


def get_text(row: Row) -> str:
    return "".join(piece.text for piece in row)


def draw_marked(line: Line, *ranges: tuple[int, int, Role]) -> str:
    """Return the text of a line as it is drawn, with `#` for each cell of a match."""
    row = draw_line(line, STYLES, 0, 20, [StyledRange(*styled) for styled in ranges])
    return "".join("#" * len(s.text) if s.style == MATCH_STYLE else s.text for s in row).rstrip()


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


def find_nothing(_blocks: Sequence[Block], _first: int) -> list[Match]:
    return []


def test_a_line_gets_the_ranges_in_it_alone() -> None:
    decorations = Decorations(lambda _block: [(0, 4), (8, 12), (30, 31)])
    decorations.search_results = SearchResults(
        find_nothing, [Match(Place(2, start), start + 3) for start in (1, 10, 20)]
    )
    line = Line((Run("cde", start=2), Run("  "), Run("klm", start=10)), 2, 13)
    assert decorations.list_ranges(2, line) == [
        (2, 4, Role.MATCH),
        (10, 13, Role.MATCH),
    ]


def test_a_line_of_a_block_with_very_many_matches_is_drawn_at_once() -> None:
    decorations = Decorations()
    matches = [Match(Place(0, 3 * n), 3 * n + 2) for n in range(100_000)]
    decorations.search_results = SearchResults(find_nothing, matches)
    line = Line((Run("ab cd", start=150_000),), 150_000, 150_005)
    ranges = decorations.list_ranges(0, line)  # in quadratic time it would take hours
    assert [(start, end) for start, end, _ in ranges] == [(150_000, 150_002), (150_003, 150_005)]


TAMIL = "தமிழ் கொ"
"""Seven cells, of which Rich counts five."""


def test_a_row_with_spacing_marks_is_as_wide_as_the_terminal_draws_it() -> None:
    line = Line((Run(TAMIL, start=0),), 0, len(TAMIL))
    for cells in range(3, 12):
        assert count_cells(get_text(draw_line(line, STYLES, 2, cells))) == cells


def test_a_label_is_drawn_at_the_column_that_the_terminal_draws_it_at() -> None:
    row = fit_pieces([Piece(TAMIL, TextStyle())], 10, TextStyle())
    assert get_text(overlay_labels(row, [(5, "a")], STYLES)) == "தமிழ் a    "


def test_a_wide_character_that_is_cut_in_two_becomes_spaces() -> None:
    pieces = [Piece("日本\u0301語", TextStyle())]
    assert get_text(fit_pieces(pieces, 3, TextStyle())) == "日 "
    row = fit_pieces(pieces, 7, TextStyle())
    assert get_text(overlay_labels(row, [(3, "a")], STYLES)) == "日 a語 "


def test_a_heading_is_shown_above_the_cursor_if_there_is_just_room_for_both() -> None:
    rows, heading = range(6, 8), 5
    assert [compute_top_row(10, height, rows, heading, 20) for height in (2, 3, 4)] == [6, 5, 5]
    assert [compute_top_row(0, height, rows, heading, 20) for height in (2, 3, 4)] == [6, 5, 4]


def test_the_last_hints_are_left_out_first_but_those_that_are_kept_at_last() -> None:
    one, two, six = (Hint(word[0], word, "") for word in ("one", "two", "six"))
    hints = (one, two, six)  # each takes five cells, and each separator three
    assert [fit_hints(hints, cells) for cells in (21, 20, 12, 4)] == [
        [*hints],
        [one, two],
        [one],
        [],
    ]
    assert [fit_hints(hints, cells, [six]) for cells in (20, 12, 4)] == [[one, six], [six], []]


def test_the_folders_of_a_notice_are_dropped_only_if_there_is_no_room_for_it() -> None:
    notice, texts = StatusNotice("Gone: /notes/sea/a.md", ""), StatusText("Title", "7 %", "7 %")
    needed = len(notice.text) + len("  ") + len("7 %") + 3  # and blank cells at both ends
    rows = [
        "".join(piece.text for piece in draw_notice(notice, texts, TextStyle(), cells, (2, 2)))
        for cells in (needed, needed - 1)
    ]
    assert rows == ["  Gone: /notes/sea/a.md  7 % ", "  Gone: a.md           7 %  "]
