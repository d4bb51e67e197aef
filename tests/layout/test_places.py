"""Places and rows of any document, with tables, and how few blocks are set for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hostile_markdown import HOSTILE_TEXTS
from hypothesis import given
from hypothesis import strategies as st

from reader.layout.galley import Galley, Row
from reader.markdown.parser import parse
from reader.text.document import Block, Kind, Place

if TYPE_CHECKING:
    import random

    from reader.layout.lines import Line
    from reader.text.document import Document

HEAD = (Block(Kind.TITLE, "A title"), Block(Kind.BYLINE, "By somebody"))
TAIL = (Block(Kind.END, ""),)
MEASURES = st.integers(1, 80)


def make_galley(document: Document, measure: int) -> Galley:
    galley = Galley(document, measure, HEAD)
    galley.set_tail(TAIL)
    return galley


def list_rows(galley: Galley) -> list[tuple[Row, Line]]:
    return list(galley.draw_rows(galley.first_row, 1_000_000))


def shows_text(line: Line) -> bool:
    """Return whether a line shows text of its block, and not only rules or titles."""
    return any(run.start >= 0 and run.text for run in line.runs)


@given(HOSTILE_TEXTS, MEASURES)
def test_the_start_of_a_row_with_text_is_shown_by_that_row(source: str, measure: int) -> None:
    galley = make_galley(parse(source), measure)
    for row, line in list_rows(galley):
        if galley.is_in_body(row) and shows_text(line):
            assert galley.place_to_row(galley.get_row_start(row)) == row


@given(HOSTILE_TEXTS, st.randoms(use_true_random=False))
def test_the_character_of_a_place_is_in_its_row_at_any_measure(
    source: str, order: random.Random
) -> None:
    document = parse(source)
    places = [
        Place(index, offset)
        for index, block in enumerate(document.blocks)
        for offset, character in enumerate(block.text)
        # In records, the header's cells are drawn as titles, without places.
        if not character.isspace() and (block.columns is None or "\n" in block.text[:offset])
    ]
    for place in order.sample(places, min(10, len(places))):
        for measure in (60, 33, 71, 40, 22, 60):
            galley = make_galley(document, measure)
            runs = galley.draw_row(galley.place_to_row(place)).runs
            assert any(0 <= run.start <= place.offset < run.start + len(run.text) for run in runs)


@given(HOSTILE_TEXTS, MEASURES)
def test_last_row_is_the_last_drawn_row(source: str, measure: int) -> None:
    galley = make_galley(parse(source), measure)
    assert galley.last_row == list_rows(galley)[-1][0]


@given(HOSTILE_TEXTS, MEASURES)
def test_the_end_of_a_row_is_never_before_its_start(source: str, measure: int) -> None:
    galley = make_galley(parse(source), measure)
    for row, _ in list_rows(galley):
        assert galley.get_row_start(row) <= galley.get_row_end(row)


TABLE = "| Name | Said |\n|---|---|\n| Ann | some words that are folded |\n| Bob | no |\n"


def list_row_places(measure: int) -> list[tuple[str, Place, bool]]:
    """Return each row's text, its start, and whether that place is shown by the row."""
    galley = Galley(parse(TABLE), measure)
    return [
        (
            line.text,
            galley.get_row_start(row),
            galley.place_to_row(galley.get_row_start(row)) == row,
        )
        for row, line in list_rows(galley)
    ]


def test_every_line_of_a_tables_row_has_its_own_place() -> None:
    assert list_row_places(18) == [
        ("Name  Said", Place(0, 0), True),
        ("────  ────────────", Place(0, 9), True),
        ("Ann   some words", Place(0, 10), True),
        ("      that are", Place(0, 25), True),
        ("      folded", Place(0, 34), True),
        ("Bob   no", Place(0, 41), True),
    ]


def test_every_line_of_a_record_but_titles_has_its_own_place() -> None:
    assert list_row_places(8) == [
        ("Name", Place(0, 0), True),
        ("Ann", Place(0, 10), True),
        ("Said", Place(0, 14), False),
        ("some", Place(0, 14), True),
        ("words", Place(0, 19), True),
        ("that are", Place(0, 25), True),
        ("folded", Place(0, 34), True),
        ("", Place(0, 40), True),
        ("Name", Place(0, 41), False),
        ("Bob", Place(0, 41), True),
        ("Said", Place(0, 45), False),
        ("no", Place(0, 45), True),
    ]


def test_a_word_of_a_cell_is_shown_by_its_line() -> None:
    galley = Galley(parse(TABLE), 18)
    for word, row in (("Ann", 2), ("some", 2), ("that", 3), ("folded", 4), ("Bob", 5), ("no", 5)):
        offset = galley.document.blocks[0].text.index(word)
        assert galley.place_to_row(Place(0, offset)) == Row(0, row)


@pytest.mark.slow
def test_the_first_screenful_of_a_long_text_sets_few_blocks() -> None:
    document = parse("A paragraph of a few words, as there are many.\n\n" * 6_000)
    assert document.characters > 270_000
    galley = make_galley(document, 66)
    list(galley.draw_rows(galley.first_row, 50))
    assert galley.typeset_count < 30


@pytest.mark.slow
def test_the_last_screenful_of_a_long_table_sets_few_blocks() -> None:
    galley = make_galley(parse("|a|b|\n|-|-|\n" + "|one|two|\n" * 3_000), 66)
    list(galley.draw_rows(galley.shift_row(galley.last_row, -50), 51))
    assert galley.typeset_count < 5


def test_drawing_rows_again_sets_no_blocks() -> None:
    galley = make_galley(parse("Some words.\n\n" * 300), 66)
    list(galley.draw_rows(galley.first_row, 400))
    count = galley.typeset_count
    list(galley.draw_rows(galley.first_row, 400))
    assert galley.typeset_count == count


@pytest.mark.parametrize("head", [(), HEAD])
@pytest.mark.parametrize("tail", [(), TAIL])
@pytest.mark.parametrize("measure", [-1, 0, 1, 300])
def test_an_empty_document_has_a_first_and_a_last_row(
    head: tuple[Block, ...], tail: tuple[Block, ...], measure: int
) -> None:
    galley = Galley(parse(""), measure, head)
    galley.set_tail(tail)
    assert galley.place_to_row(Place(5, 5)) == galley.first_row == Row(0, 0)
    assert galley.get_row_start(galley.last_row) == Place()
    assert galley.shift_row(galley.last_row, 700) == galley.last_row
    assert galley.shift_row(galley.last_row, -700) == galley.first_row


def test_a_galley_grows_with_its_document() -> None:
    document = parse("One.")
    document.is_complete = False
    galley = Galley(document, 40, HEAD)
    last = galley.last_row
    document.extend(parse("Two.").blocks)
    assert galley.count_rows(last, galley.last_row) == 2
    assert [line.text for _, line in galley.draw_rows(last, 9)] == ["One.", "", "Two."]
