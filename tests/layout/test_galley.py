"""The galley: rows and places of small documents, and how few blocks are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.layout.galley import Galley, Row
from reader.layout.pieces import find_cuts
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


def make_galley(text: str, measure: int = 40) -> Galley:
    return Galley(parse(text), measure, HEAD)


def list_rows(galley: Galley) -> list[Row]:
    return [row for row, _ in galley.draw_rows(galley.first_row, 10_000)]


@given(DOCUMENTS, MEASURES, st.randoms())
def test_rows_are_the_same_in_any_order_of_drawing(
    document: Document, measure: int, order: random.Random
) -> None:
    expected = [line.text for _, line in Galley(document, measure, HEAD).draw_rows(Row(0), 10_000)]
    galley = Galley(document, measure, HEAD)
    rows = list(enumerate(list_rows(galley)))
    order.shuffle(rows)
    drawn = {number: galley.draw_row(row).text for number, row in rows}
    assert [drawn[number] for number in range(len(expected))] == expected


@given(DOCUMENTS, MEASURES)
def test_the_start_of_a_row_is_shown_by_a_row_with_that_start(
    document: Document, measure: int
) -> None:
    galley = Galley(document, measure, HEAD)
    for row in list_rows(galley):
        shown_by = galley.place_to_row(galley.get_row_start(row))
        line = galley.draw_row(row)
        if galley.is_in_body(row) and line.start < line.end:  # not the title of a record's cell
            assert galley.get_row_start(shown_by) == galley.get_row_start(row)


@given(DOCUMENTS, MEASURES)
def test_shift_row_and_count_rows_agree(document: Document, measure: int) -> None:
    galley = Galley(document, measure, HEAD)
    rows = list_rows(galley)
    for number, row in enumerate(rows):
        assert galley.shift_row(galley.first_row, number) == row
        assert galley.count_rows(galley.first_row, row) == number
        assert galley.shift_row(row, -number) == galley.first_row


def test_shift_row_stops_at_both_ends() -> None:
    galley = make_galley("One.\n\nTwo.")
    assert galley.shift_row(galley.first_row, -5) == galley.first_row
    assert galley.shift_row(galley.first_row, 500) == galley.last_row


@pytest.mark.parametrize("offset", [0, 1, 37, 199, 200])
def test_a_place_is_in_the_range_of_its_row_at_any_measure(offset: int) -> None:
    text = " ".join(f"word{n:02}" for n in range(40))
    for measure in (60, 33, 71, 40, 22, 60):
        galley = make_galley(text, measure)
        line = galley.draw_row(galley.place_to_row(Place(0, offset)))
        assert line.start <= offset <= line.end


def test_the_head_has_the_place_of_the_beginning_and_the_tail_of_the_end() -> None:
    galley = make_galley("One.\n\nTwo.")
    galley.set_tail((Block(Kind.END, ""),))
    assert galley.get_row_start(galley.first_row) == Place()
    assert galley.get_row_start(galley.last_row) == Place(1, 4)


def test_the_bar_of_a_quote_continues_between_its_paragraphs() -> None:
    galley = Galley(parse("> One.\n>\n> Two."), 40)
    assert [line.text for _, line in galley.draw_rows(Row(0), 9)] == ["│ One.", "│", "│ Two."]


def test_a_screenful_in_the_middle_of_a_long_text_sets_few_blocks() -> None:
    galley = Galley(parse("\n\n".join(["Some words of prose."] * 5_000)), 60)
    list(galley.draw_rows(galley.place_to_row(Place(2_500)), 40))
    assert galley.typeset_count < 30


def test_the_number_of_cached_layouts_is_bounded() -> None:
    galley = Galley(parse("\n\n".join(["Some words of prose."] * 1_000)), 60)
    list(galley.draw_rows(galley.first_row, 2_000))
    before = galley.typeset_count
    galley.draw_row(galley.first_row)
    assert galley.typeset_count == before + 1


PIECES_SOURCE = """\
Some words *of a paragraph that is* set in pieces, **with a [link in](it) bold**.

- An item that is longer than a piece of it, and its label stands once.

> A line of verse\\
> another line of verse\\
> the last line of verse

```
one line of code

one more line of code
```

aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

Short.
"""


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.text.document.LARGE_CHARACTERS", 24)
    monkeypatch.setattr("reader.layout.pieces.MAX_PIECE_CHARACTERS", 24)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("measure", [1, 7, 40])
def test_blocks_in_pieces_show_all_text_once(measure: int) -> None:
    document = parse(PIECES_SOURCE)
    galley = Galley(document, measure)
    drawn = dict.fromkeys(range(len(document.blocks)), "")
    for row, line in galley.draw_rows(galley.first_row, 10_000):
        number = galley.get_document_block_number(row)
        assert number is not None
        text = document.blocks[number].text
        for run in line.runs:
            if run.start >= 0:
                assert text.startswith(run.text, run.start)
                drawn[number] += run.text
    expected = ["".join(block.text.split()) for block in document.blocks]
    assert ["".join(text.split()) for text in drawn.values()] == expected


@pytest.mark.usefixtures("small_pieces")
def test_places_in_pieces_go_to_a_row_and_back() -> None:
    document = parse(PIECES_SOURCE)
    galley = Galley(document, 20)
    for number, block in enumerate(document.blocks):
        for offset in range(len(block.text)):
            place = Place(number, offset)
            row = galley.place_to_row(place)
            assert galley.get_row_start(row) <= place <= galley.get_row_end(row)
            assert galley.get_document_block_number(row) == number


@pytest.mark.usefixtures("small_pieces")
def test_a_document_of_pieces_may_grow_and_get_a_tail() -> None:
    whole = parse(PIECES_SOURCE + "\nA call.[^1]\n\n[^1]: The footnote.\n")
    document = Document()
    galley = Galley(document, 20)
    for block in whole.blocks:
        document.extend([block])
        assert galley.last_row.part >= len(document.blocks) - 1
    document.finish(whole.footnotes)
    galley.set_tail(whole.footnotes)
    row = galley.place_to_row(Place(len(whole.blocks), 0))
    assert row == galley.last_row
    assert galley.draw_row(row).text.endswith("The footnote.")


@pytest.mark.usefixtures("small_pieces")
def test_only_the_first_piece_of_an_item_has_its_label_and_no_blank_row_follows() -> None:
    galley = Galley(parse("- An item that is longer than a piece of it."), 20)
    assert [line.text for _, line in galley.draw_rows(galley.first_row, 9)] == [
        "• An item that is",
        "  longer",
        "  than a piece",
        "  of it.",
    ]


def test_a_screenful_of_an_enormous_paragraph_sets_a_small_part_of_it() -> None:
    galley = make_galley("Some words of prose. " * 20_000, 40)
    list(galley.draw_rows(galley.place_to_row(Place(0, 200_000)), 40))
    assert galley.typeset_count <= 2


@pytest.mark.slow
def test_a_paragraph_of_many_links_is_set_in_pieces() -> None:
    galley = make_galley("[a](b) " * 8_000, 40)
    assert galley.last_row.part == 16  # the title, and sixteen pieces of 500 links
    assert galley.place_to_row(Place(0, 15_000)).part == 16


def test_each_block_is_scanned_for_cuts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scanned: list[Block] = []

    def count(block: Block) -> list[int]:
        scanned.append(block)
        return find_cuts(block)

    monkeypatch.setattr("reader.layout.pieces.find_cuts", count)
    document = Document()
    galley = Galley(document, 60)
    for _ in range(3):
        document.extend([Block(Kind.PARAGRAPH, "word " * 20_000)] * 2)
        galley.scan_new_blocks()
    other = Galley(document, 40)
    other.reuse_cuts(galley)
    assert (other.part_count, len(scanned)) == (galley.part_count, 6)
