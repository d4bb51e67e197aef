"""Paragraph styles: justified, hyphenated, indented and spaced text.

The files in data/composed hold a title with a measure and a style, a source, and the expected
lines.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from case_files import load_cases
from hostile_markdown import HOSTILE_TEXTS
from hypothesis import given
from hypothesis import strategies as st
from text_lines import as_text_lines

from reader.layout.blocks import count_gap_rows, typeset
from reader.layout.galley import Galley
from reader.layout.lines import DEFAULT_STYLE, ParagraphStyle, offset_to_column
from reader.markdown.parser import parse
from reader.text.cells import count_cells
from reader.text.document import Block, Container, Kind, NestingLevel, Place, Role, Span

if TYPE_CHECKING:
    from reader.layout.lines import Line

STYLES = st.builds(
    ParagraphStyle,
    st.booleans(),
    st.sampled_from(["", "en_US", "de"]),
    st.booleans(),
    st.integers(1, 2),
)
MEASURES = st.integers(1, 40) | st.integers(1, 200)


def parse_style(words: str) -> ParagraphStyle:
    """Return the style that the title of a case names."""
    style = DEFAULT_STYLE
    for word in words.split():
        name, _, value = word.partition("=")
        style = {
            "justified": style._replace(justified=True),
            "hyphens": style._replace(hyphen_language=value),
            "indented": style._replace(indent=True),
            "spaced": style._replace(spacing=2),
        }[name]
    return style


@pytest.mark.parametrize(("title", "source", "expected"), load_cases("composed"))
def test_styled_text_is_set_in_the_expected_lines(title: str, source: str, expected: str) -> None:
    measure, _, words = title.rpartition("| ")[2].partition(" ")
    galley = Galley(parse(source), int(measure), (), parse_style(words))
    lines = [line.text for _, line in galley.draw_rows(galley.first_row, 1_000)]
    assert "\n".join(lines) == expected


def draw_lines(
    block: Block, measure: int, style: ParagraphStyle, before: Block | None
) -> list[Line]:
    layout = typeset(block, measure, style, before)
    return [layout.draw(index) for index in range(len(layout))]


@given(HOSTILE_TEXTS, MEASURES, STYLES)
def test_every_line_fits_its_measure(source: str, measure: int, style: ParagraphStyle) -> None:
    before = None
    for block in parse(source).blocks:
        for line in draw_lines(block, measure, style, before):
            cells = sum(count_cells(run.text) for run in line.runs)
            assert cells <= measure or (measure == 1 and cells == 2), line.text
        before = block


@given(HOSTILE_TEXTS, MEASURES, STYLES)
def test_unbalanced_layouts_have_as_many_lines(
    source: str, measure: int, style: ParagraphStyle
) -> None:
    before = None
    for block in parse(source).blocks:
        unbalanced = typeset(block, measure, style, before, balanced=False)
        assert len(unbalanced) == len(typeset(block, measure, style, before))
        before = block


@given(HOSTILE_TEXTS, MEASURES, STYLES)
def test_no_character_is_lost_or_repeated(source: str, measure: int, style: ParagraphStyle) -> None:
    before = None
    for block in parse(source).blocks:
        if block.columns is None:  # the text of columns isn't drawn in order
            lines = draw_lines(block, measure, style, before)
            shown = "".join(run.text for line in lines for run in line.runs if run.start >= 0)
            assert "".join(shown.split()) == "".join(block.text.split())
        before = block


@given(HOSTILE_TEXTS, MEASURES, STYLES)
def test_a_run_has_the_offset_of_its_text(source: str, measure: int, style: ParagraphStyle) -> None:
    before = None
    for block in parse(source).blocks:
        for line in draw_lines(block, measure, style, before):
            for run in line.runs:
                if run.start >= 0:
                    assert block.text[run.start : run.start + len(run.text)] == run.text
        before = block


@given(HOSTILE_TEXTS, st.integers(1, 80), STYLES)
def test_the_start_of_a_row_is_shown_by_that_row_or_a_later_one(
    source: str, measure: int, style: ParagraphStyle
) -> None:
    galley = Galley(parse(source), measure, (), style)
    for row, line in galley.draw_rows(galley.first_row, 10_000):
        shown_by = galley.place_to_row(galley.get_row_start(row))
        assert shown_by >= row
        assert galley.get_row_start(shown_by) == galley.get_row_start(row)
        if any(run.start >= 0 for run in line.runs):
            assert shown_by == row


@given(st.integers(20, 80), STYLES, st.integers(0, 199))
def test_every_character_is_in_the_row_of_its_place(
    measure: int, style: ParagraphStyle, offset: int
) -> None:
    text = " ".join(["considering extraordinary interviews"] * 8)
    galley = Galley(parse(f"First.\n\n{text}"), measure, (), style)
    line = galley.draw_row(galley.place_to_row(Place(1, offset)))
    column = offset_to_column(line, offset)
    if text[offset] == " " and column is None:
        return  # at a line's end
    assert column is not None
    assert "".join(run.text for run in line.runs)[column] == text[offset]


JUSTIFIED = ParagraphStyle(justified=True)
PROSE = (
    "The interview had lasted eleven minutes when he asked me what I was proud of. I said "
    "nothing, and I went on saying nothing until he looked at the clock."
)


def typeset_text(text: str, measure: int, style: ParagraphStyle) -> list[str]:
    return as_text_lines(typeset(Block(Kind.PARAGRAPH, text), measure, style))


@pytest.mark.parametrize("kind", [k for k in Kind if k is not Kind.PARAGRAPH])
def test_only_paragraphs_are_justified(kind: Kind) -> None:
    block = Block(
        kind, PROSE.replace(". ", ".\n") if kind is Kind.VERSE else PROSE, heading_level=2
    )
    assert as_text_lines(typeset(block, 30, JUSTIFIED)) == as_text_lines(typeset(block, 30))


@given(st.integers(30, 100))
def test_justified_lines_have_the_same_words_as_ragged_ones(measure: int) -> None:
    lines = [line.split() for line in typeset_text(PROSE, measure, JUSTIFIED)]
    assert lines == [line.split() for line in typeset_text(PROSE, measure, DEFAULT_STYLE)]


@given(st.integers(24, 100))
def test_a_justified_line_fills_the_measure_or_is_unchanged(measure: int) -> None:
    ragged = typeset_text(PROSE, measure, DEFAULT_STYLE)
    for line, plain in zip(typeset_text(PROSE, measure, JUSTIFIED)[:-1], ragged, strict=False):
        assert len(line) == measure or line == plain


def test_an_added_space_has_the_style_of_the_space_beside_it() -> None:
    spans = (Span(0, 7, Role.LINK, "x"),)
    line = typeset(Block(Kind.PARAGRAPH, "aaa bbb ccc dddddddd", spans), 13, JUSTIFIED).draw(0)
    assert [(run.text, run.roles, run.start, run.target) for run in line.runs] == [
        ("aaa ", Role.LINK, 0, "x"),
        (" ", Role.LINK, -1, "x"),
        ("bbb", Role.LINK, 4, "x"),
        (" ", Role.PLAIN, 7, ""),
        (" ", Role.PLAIN, -1, ""),
        ("ccc", Role.PLAIN, 8, ""),
    ]


def test_a_no_break_space_is_not_widened() -> None:
    assert (
        typeset_text("10\u00a0km to go, and more of it", 15, JUSTIFIED)[0] == "10\u00a0km  to   go,"
    )


HYPHENATED = ParagraphStyle(hyphen_language="en_US")


def test_a_hyphen_has_no_offset() -> None:
    line = typeset(Block(Kind.PARAGRAPH, "a consideration"), 10, HYPHENATED).draw(0)
    assert [(run.text, run.start) for run in line.runs] == [("a consid", 0), ("-", -1)]


@given(st.integers(8, 60))
def test_no_two_lines_in_a_row_end_in_a_hyphen(measure: int) -> None:
    text = " ".join(["an extraordinary consideration of hyphenation"] * 6)
    lines = typeset_text(text, measure, HYPHENATED)
    ends = [line.endswith("-") for line in lines]
    assert (True, True) not in set(pairwise(ends))


def test_code_is_not_hyphenated() -> None:
    block = Block(Kind.PARAGRAPH, "a consideration", (Span(2, 15, Role.CODE),))
    assert as_text_lines(typeset(block, 14, HYPHENATED)) == ["a", "consideration"]


INDENTED = ParagraphStyle(indent=True)
SPACED = ParagraphStyle(spacing=2)


def test_a_row_between_lines_belongs_to_the_line_below_it() -> None:
    layout = typeset(Block(Kind.PARAGRAPH, "aaaa bbbb cccc"), 4, SPACED)
    assert as_text_lines(layout) == ["aaaa", "", "bbbb", "", "cccc"]
    assert list(layout.starts) == [0, 5, 5, 10, 10]
    assert [layout.find_line(offset) for offset in (0, 4, 5, 9, 10, 13)] == [0, 0, 2, 2, 4, 4]


def test_the_lines_of_a_heading_are_not_spaced() -> None:
    block = Block(Kind.HEADING, "aaaa bbbb", heading_level=2)
    assert as_text_lines(typeset(block, 4, SPACED)) == ["aaaa", "bbbb"]


def test_spaced_paragraphs_have_more_rows_between_them_than_their_lines() -> None:
    one = Block(Kind.PARAGRAPH, "One.")
    assert count_gap_rows(one, one, SPACED) == 2
    assert count_gap_rows(one, one, ParagraphStyle(spacing=2, indent=True)) == 1
    assert count_gap_rows(one._replace(tight=True), one, SPACED) == 1


def test_the_head_of_a_story_is_not_spaced() -> None:
    title, deck = Block(Kind.TITLE, "T"), Block(Kind.DECK, "D")
    assert count_gap_rows(deck, title, SPACED) == count_gap_rows(deck, title) == 1


@pytest.mark.parametrize("kind", [k for k in Kind if k is not Kind.PARAGRAPH])
def test_a_paragraph_after_anything_else_is_not_indented(kind: Kind) -> None:
    block, before = Block(Kind.PARAGRAPH, "aaa bbb"), Block(kind, "x", heading_level=1)
    assert as_text_lines(typeset(block, 40, INDENTED, before)) == ["aaa bbb"]
    assert count_gap_rows(block, before, INDENTED) == count_gap_rows(block, before)


def test_an_item_and_a_paragraph_after_a_list_are_not_indented() -> None:
    item = Block(
        Kind.PARAGRAPH, "item", nesting=(NestingLevel(Container.LIST_ITEM, "•", 1, is_first=False),)
    )
    text = Block(Kind.PARAGRAPH, "text")
    assert as_text_lines(typeset(item, 40, INDENTED, item)) == ["  item"]
    assert as_text_lines(typeset(text, 40, INDENTED, item)) == ["text"]


def test_the_first_paragraph_of_a_text_is_not_indented() -> None:
    galley = Galley(parse("One.\n\nTwo."), 40, (), INDENTED)
    assert [line.text for _, line in galley.draw_rows(galley.first_row, 9)] == ["One.", "  Two."]
