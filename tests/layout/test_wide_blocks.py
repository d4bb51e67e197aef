"""Code and tables that are wider than the column take the free cells of the page."""

from __future__ import annotations

import pytest

from reader.layout.galley import Galley
from reader.layout.lines import column_to_offsets, offset_to_column
from reader.layout.viewport import Viewport
from reader.markdown.parser import parse
from reader.text.document import OffsetRange, Place

CODE = "```\n" + "x" * 30 + "\n```"
TABLE = "| aaaaaaaa | bbbbbbbbb | ccccccccc |\n|---|---|---|\n| one | two | three |"


def draw(source: str, room: int) -> list[tuple[int, str]]:
    galley = Galley(parse(source), 20)
    galley.room = room
    rows = galley.draw_rows(galley.first_row, 100)
    return [(line.overhang, line.text) for _, line in rows]


@pytest.mark.parametrize(
    ("room", "lines"),
    [
        (40, [(5, "x" * 30)]),
        (26, [(3, "x" * 26), (3, "↪ xxxx")]),
        (20, [(0, "x" * 20), (0, "↪ " + "x" * 10)]),
    ],
)
def test_wide_code_is_centred_on_the_column(room: int, lines: list[tuple[int, str]]) -> None:
    assert draw(CODE, room) == lines


def test_a_wide_table_is_set_side_by_side_where_there_is_room() -> None:
    assert draw(TABLE, 30)[0] == (5, "aaaaaaaa  bbbbbbbbb  ccccccccc")
    assert draw(TABLE, 20)[0] == (0, "aaaaaaaa")


def test_wide_code_in_a_list_grows_to_the_right_only() -> None:
    source = "- a\n\n  ```\n  " + "x" * 30 + "\n  ```"
    assert draw(source, 30)[-2:] == [(0, "  " + "x" * 23), (0, "  ↪ " + "x" * 7)]


def test_code_that_fits_stays_in_the_column() -> None:
    assert draw("```\nabc\n```", 60) == [(0, "abc")]


def test_the_cells_of_a_wide_line_count_from_the_column() -> None:
    galley = Galley(parse(CODE), 20)
    galley.room = 40
    line = galley.draw_row(galley.first_row)
    assert [offset_to_column(line, offset) for offset in (0, 5, 29)] == [-5, 0, 24]
    assert column_to_offsets(line, -5) == OffsetRange(0, 1)
    assert column_to_offsets(line, 24) == OffsetRange(29, 30)


def test_a_wider_screen_gives_code_more_cells() -> None:
    viewport = Viewport(20)
    viewport.show(parse(CODE), (), (), Place())
    heights = []
    for width in (20, 34, 60):
        viewport.resize(20, 10, width)
        heights.append(len(viewport.visible.rows))
    assert heights == [2, 1, 1]


def test_each_piece_of_long_wide_code_is_as_wide_as_the_whole() -> None:
    lines = ["x"] * 15_000 + ["y" * 30]
    source = "\n".join(("```", *lines, "```"))
    galley = Galley(parse(source), 20)
    galley.room = 40
    rows = [line for _, line in galley.draw_rows(galley.first_row, 20_000)]
    assert {line.overhang for line in rows} == {5}
    assert [line.text for line in rows] == lines
