"""The end mark is centred on the text that it ends."""

from __future__ import annotations

import pytest

from reader.layout.galley import Galley
from reader.layout.linebreak import cut_lines
from reader.markdown.parser import parse
from reader.text.cells import count_cells
from reader.text.document import Block, Kind


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("Abcdefghi.", 4),
        ("Roses are red\\\nblue", 6),
        ("word " * 40 + "\n\nThe end.", 19),
        ("שלום עולם", 35),
        ("", 19),
    ],
)
def test_the_end_mark_is_in_the_middle_of_the_text(source: str, column: int) -> None:
    galley = Galley(parse(source), 40)
    galley.set_tail([Block(Kind.END, "")])
    assert galley.draw_row(galley.last_row).text == " " * column + "◆"


@pytest.mark.parametrize("text", ["ab  cd " * 30, "日本語の " * 30, "e\u0301" * 90, " " * 50 + "a"])
def test_folded_lines_fit_their_measure_and_lose_nothing(text: str) -> None:
    starts = cut_lines(text, 20, 2)
    lines = [text[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]
    assert "".join(lines) == text
    assert max(map(count_cells, lines[1:])) <= 18
    assert count_cells(lines[0]) <= 20
