"""Tables of enormous rows or cells are set in pieces, without a word lost or said twice."""

from __future__ import annotations

import pytest

from reader.layout.galley import Galley
from reader.layout.pieces import MAX_PIECE_CHARACTERS, PIECE_CELLS, BlockPieces, find_cuts
from reader.markdown.parser import parse
from reader.text.document import Place

WORDS = " ".join(f"w{number}" for number in range(8_000))
COLUMNS = 3_000


def draw_lines(source: str, measure: int = 60) -> list[str]:
    """Return all rows of a text as plain text."""
    galley = Galley(parse(source), measure)
    count = galley.count_rows(galley.first_row, galley.last_row) + 1
    return [drawn.line.text for drawn in galley.draw_rows(galley.first_row, count)]


TABLES = {
    "one cell": f"|left|right|\n|-|-|\n|{WORDS}|end|\n|x|y|\n",
    "one header cell": f"|left {WORDS}|right|\n|-|-|\n|x|y|\n",
    "columns": "\n".join(["|a" * COLUMNS, "|-" * COLUMNS, "|b" * COLUMNS]),
    "long rows": "|a|b|\n|-|-|\n" + ("|" + "word " * 90 + "|" + "text " * 60 + "|\n") * 66,
    "marked cells": "|a|b|\n|-|-|\n" + ("|" + "*a* b " * 10 + "|" + "*x* " * 10 + "|\n") * 66,
    "one cell of marks": "|a|b|\n|-|-|\n|" + "*a* b " * 4_000 + "|x|",
}
ROWS = "marked cells", "long rows"


@pytest.mark.parametrize("name", TABLES)
def test_a_piece_of_a_table_is_set_in_less_than_a_frame(name: str) -> None:
    document = parse(TABLES[name])
    pieces = BlockPieces(document)
    for part in range(len(document.blocks) + pieces.extra_parts):
        piece = pieces.get_block(part)
        body = piece.text.split("\n", 1)[-1]
        assert len(body) <= MAX_PIECE_CHARACTERS
        assert body.count("\t") + body.count("\n") <= 2 * PIECE_CELLS


def test_each_word_of_an_enormous_cell_is_drawn_once() -> None:
    words = " ".join(draw_lines(TABLES["one cell"])).split()
    assert words == ["left", *WORDS.split(), "right", "end", "left", "x", "right", "y"]


def test_an_enormous_header_cell_is_drawn_once_and_shortened_as_a_title() -> None:
    lines = draw_lines(TABLES["one header cell"])
    words = " ".join(lines).split()
    assert words[:8_002] == ["left", *WORDS.split(), "right"]
    assert words[-4].endswith("…")
    assert words[-3:] == ["x", "right", "y"]
    assert len(lines) < 8_000 * 6 // 50 + 30


def test_each_cell_of_an_enormous_row_has_its_title() -> None:
    assert draw_lines(TABLES["columns"]) == ["a", "b"] * COLUMNS


def test_rows_in_pieces_are_drawn_as_in_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    in_pieces = [draw_lines(TABLES[name]) for name in ROWS]
    assert all(len(find_cuts(parse(TABLES[name]).blocks[0])) > 2 for name in ROWS)
    monkeypatch.setattr("reader.layout.pieces.find_cuts", lambda block: [0, len(block.text)])
    assert in_pieces == [draw_lines(TABLES[name]) for name in ROWS]


def test_a_place_in_a_piece_of_a_cell_is_found() -> None:
    document = parse(TABLES["one cell"])
    offset = document.blocks[0].text.index("w7654")
    galley = Galley(document, 60)
    galley.scan_new_blocks()
    line = galley.draw_row(galley.place_to_row(Place(0, offset)))
    assert "w7654" in line.text.split()
    assert line.start <= offset < line.end
