"""The galley: places to rows and back, lazily and without counting what is not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.layout.galley import Galley, Row
from reader.markdown.parser import parse
from reader.text.document import Block, Document, Kind, Place

if TYPE_CHECKING:
    import random

HEAD = (Block(Kind.TITLE, "Title"),)
PIECES = (
    "A paragraph of ordinary words that is long enough to take several lines at any measure.",
    "## A heading",
    "- an item\n- another item with more words than fit in a line\n\n  and a paragraph of its own",
    "> a quote that is said by somebody at some length\n>\n> — Somebody",
    "```\ncode that is longer than a narrow measure would hold in one line\nand more\n```",
    "| a | b |\n|---|---|\n| one cell | another cell with words |",
    "* * *",
    "a verse\\\nof two lines",
    "日本語の文章。「かぎ括弧」もある。👩‍👩‍👧 e\u0301",
)
DOCUMENTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map(
    lambda pieces: parse("\n\n".join(pieces))
)
MEASURES = st.integers(1, 100)


def galley_of(text: str, measure: int = 40) -> Galley:
    return Galley(parse(text), measure, HEAD)


def rows_of(galley: Galley) -> list[Row]:
    return [row for row, _ in galley.draw_rows(galley.first_row, 10_000)]


@given(DOCUMENTS, MEASURES, st.randoms())
def test_rows_in_any_order_are_the_rows_from_top_to_bottom(
    document: Document, measure: int, order: random.Random
) -> None:
    eager = [line.text for _, line in Galley(document, measure, HEAD).draw_rows(Row(0), 10_000)]
    lazy = Galley(document, measure, HEAD)
    rows = list(enumerate(rows_of(lazy)))
    order.shuffle(rows)
    found = {number: lazy.draw_row(row).text for number, row in rows}
    assert [found[number] for number in range(len(eager))] == eager


@given(DOCUMENTS, MEASURES)
def test_a_row_of_text_goes_to_a_place_and_back(document: Document, measure: int) -> None:
    galley = Galley(document, measure, HEAD)
    for row in rows_of(galley):
        there = galley.place_to_row(galley.get_row_start(row))
        line = galley.draw_row(row)
        if galley.is_in_body(row) and line.start < line.end:  # a cell's title is none of the text
            assert galley.get_row_start(there) == galley.get_row_start(row)


@given(DOCUMENTS, MEASURES)
def test_walking_and_distance_agree(document: Document, measure: int) -> None:
    galley = Galley(document, measure, HEAD)
    rows = rows_of(galley)
    for number, row in enumerate(rows):
        assert galley.shift_row(galley.first_row, number) == row
        assert galley.count_rows(galley.first_row, row) == number
        assert galley.shift_row(row, -number) == galley.first_row


def test_walking_stops_at_both_ends() -> None:
    galley = galley_of("One.\n\nTwo.")
    assert galley.shift_row(galley.first_row, -5) == galley.first_row
    assert galley.shift_row(galley.first_row, 500) == galley.last_row


@pytest.mark.parametrize("offset", [0, 1, 37, 199, 200])
def test_a_places_letter_is_on_its_row_at_every_measure(offset: int) -> None:
    text = " ".join(f"word{n:02}" for n in range(40))
    for measure in (60, 33, 71, 40, 22, 60):
        galley = galley_of(text, measure)
        line = galley.draw_row(galley.place_to_row(Place(0, offset)))
        assert line.start <= offset <= line.end


def test_the_head_belongs_to_the_beginning_and_the_tail_to_the_end() -> None:
    galley = galley_of("One.\n\nTwo.")
    galley.set_tail((Block(Kind.END, ""),))
    assert galley.get_row_start(galley.first_row) == Place()
    assert galley.get_row_start(galley.last_row) == Place(1, 4)


def test_the_bar_of_a_quote_goes_on_between_its_paragraphs() -> None:
    galley = Galley(parse("> One.\n>\n> Two."), 40)
    assert [line.text for _, line in galley.draw_rows(Row(0), 9)] == ["│ One.", "│", "│ Two."]


def test_a_screenful_in_the_middle_of_a_long_text_sets_few_blocks() -> None:
    galley = Galley(parse("\n\n".join(["Some words of prose."] * 5_000)), 60)
    list(galley.draw_rows(galley.place_to_row(Place(2_500)), 40))
    assert galley.typeset_count < 30


def test_blocks_that_stay_set_are_bounded() -> None:
    galley = Galley(parse("\n\n".join(["Some words of prose."] * 1_000)), 60)
    list(galley.draw_rows(galley.first_row, 2_000))
    before = galley.typeset_count
    galley.draw_row(galley.first_row)
    assert galley.typeset_count == before + 1
