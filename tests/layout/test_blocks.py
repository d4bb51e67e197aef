"""Typesetting: the lines of every kind of block at a measure, with the blank rows between.

The files in data/typeset hold a title with a measure, a source, and the expected lines.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from case_files import load_cases
from hostile_markdown import HOSTILE_TEXTS
from hypothesis import given
from hypothesis import strategies as st
from text_lines import as_text_lines

from reader.layout.blocks import TYPESETTERS, typeset
from reader.layout.galley import Galley, Row
from reader.library.story import Story
from reader.markdown.parser import parse
from reader.reading.annotations import Highlight
from reader.render.story_frame import build_head, build_tail
from reader.session.shelf.end_card import EndCard, EndCardKeys, Suggestion
from reader.session.shelf.entries import make_entry
from reader.store.repository import StoryState
from reader.text.cells import count_cells, sanitize
from reader.text.document import Anchor, Block, Container, Kind, NestingLevel, Place, Role, Span

if TYPE_CHECKING:
    from reader.layout.lines import Line
    from reader.text.document import Document


def draw_lines(document: Document, measure: int) -> list[Line]:
    galley = Galley(document, measure)
    galley.set_tail(document.footnotes)
    return [line for _, line in galley.draw_rows(galley.first_row, 1_000_000)]


@pytest.mark.parametrize(("title", "source", "expected"), load_cases("typeset"))
def test_a_source_is_set_in_the_expected_lines(title: str, source: str, expected: str) -> None:
    measure = int(title.rpartition("|")[2])
    assert "\n".join(line.text for line in draw_lines(parse(source), measure)) == expected


NARROW_MEASURES = st.integers(1, 30)


@given(HOSTILE_TEXTS, NARROW_MEASURES | st.integers(1, 120))
def test_every_line_fits_its_measure(source: str, measure: int) -> None:
    for line in draw_lines(parse(source), measure):
        cells = sum(count_cells(run.text) for run in line.runs)
        # A wide character never fits one cell.
        assert cells <= measure or (measure == 1 and cells == 2), line.text


@given(HOSTILE_TEXTS, NARROW_MEASURES)
def test_lines_have_no_tabs_line_ends_or_control_characters(source: str, measure: int) -> None:
    for line in draw_lines(parse(source), measure):
        assert sanitize(line.text) == line.text
        assert "\n" not in line.text
        assert "\t" not in line.text


@given(HOSTILE_TEXTS, NARROW_MEASURES | st.integers(1, 120))
def test_unbalanced_layouts_have_as_many_lines(source: str, measure: int) -> None:
    for block in parse(source).blocks:
        assert len(typeset(block, measure, balanced=False)) == len(typeset(block, measure))


@given(HOSTILE_TEXTS, NARROW_MEASURES | st.integers(1, 120))
def test_line_starts_never_fall(source: str, measure: int) -> None:
    for block in parse(source).blocks:
        layout = typeset(block, measure)
        assert list(layout.starts) == sorted(layout.starts)
        for index, start in enumerate(layout.starts):
            line = layout.draw(index)
            assert line.start == start
            assert line.start <= line.end <= len(block.text)


@given(HOSTILE_TEXTS)
def test_every_word_is_drawn_once(source: str) -> None:
    drawn = "\n".join(line.text for line in draw_lines(parse(source), 120))
    assert sorted(re.findall(r"w\d+w", drawn)) == sorted(re.findall(r"w\d+w", source))


@given(HOSTILE_TEXTS, NARROW_MEASURES)
def test_no_character_of_a_block_is_lost_or_repeated(source: str, measure: int) -> None:
    for block in parse(source).blocks:
        if block.columns is not None:
            continue  # the text of columns isn't drawn in order
        layout = typeset(block, measure)
        lines = [layout.draw(index) for index in range(len(layout))]
        drawn = "".join(run.text for line in lines for run in line.runs if run.start >= 0)
        assert "".join(drawn.split()) == "".join(block.text.split())


@given(HOSTILE_TEXTS, NARROW_MEASURES)
def test_a_run_has_the_offset_of_its_text(source: str, measure: int) -> None:
    for block in parse(source).blocks:
        layout = typeset(block, measure)
        for index in range(len(layout)):
            for run in layout.draw(index).runs:
                if run.start >= 0:
                    assert block.text[run.start : run.start + len(run.text)] == run.text


def test_every_kind_of_block_has_a_typesetter() -> None:
    assert set(TYPESETTERS) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("measure", [0, 1, 2, 300])
def test_an_empty_block_of_any_kind_can_be_set(kind: Kind, measure: int) -> None:
    assert len(typeset(Block(kind, ""), measure)) == 1


def test_runs_have_the_roles_of_their_spans() -> None:
    line = draw_lines(parse("a *b **c*** d"), 40)[0]
    assert [(run.text, run.roles) for run in line.runs] == [
        ("a ", Role.PLAIN),
        ("b ", Role.EMPHASIS),
        ("c", Role.EMPHASIS | Role.STRONG),
        (" d", Role.PLAIN),
    ]


def test_a_link_has_its_target_on_every_line() -> None:
    lines = draw_lines(parse("[four words of link](https://example.org)"), 10)
    assert [(run.text, run.target) for line in lines for run in line.runs] == [
        ("four words", "https://example.org"),
        ("of link", "https://example.org"),
    ]


def test_overlapping_spans_combine_their_roles() -> None:
    spans = (Span(0, 4, Role.EMPHASIS), Span(2, 6, Role.STRONG), Span(9, 99, Role.CODE))
    line = typeset(Block(Kind.PARAGRAPH, "abcdefgh", spans), 40).draw(0)
    assert [(run.text, run.roles) for run in line.runs] == [
        ("ab", Role.EMPHASIS),
        ("cd", Role.EMPHASIS | Role.STRONG),
        ("ef", Role.STRONG),
        ("gh", Role.PLAIN),
    ]


def test_a_line_of_code_is_filled_up_to_the_measure() -> None:
    line = typeset(Block(Kind.CODE, "ab"), 5).draw(0)
    assert [(run.text, run.roles) for run in line.runs] == [("ab", Role.CODE), ("   ", Role.CODE)]


def test_a_cell_of_a_table_in_a_quotation_is_found_in_its_line() -> None:
    block = parse("> | a | b |\n> |---|---|\n> | c | long long long long |").blocks[0]
    layout = typeset(block, 16)
    rows = [layout.find_line(block.text.index(word)) for word in ("a", "b", "c", "long")]
    assert rows == [0, 0, 2, 2]
    assert layout.find_line(len(block.text) - 1) == len(layout) - 1


def test_a_label_is_on_the_first_line_only() -> None:
    level = NestingLevel(Container.LIST_ITEM, "7.", 3, is_first=True)
    block = Block(Kind.PARAGRAPH, "aaaa bbbbb", (), (level,))
    assert as_text_lines(typeset(block, 12)) == [" 7. aaaa", "    bbbbb"]


def test_a_later_block_of_an_item_has_no_label() -> None:
    level = NestingLevel(Container.LIST_ITEM, "7.", 2, is_first=False)
    assert as_text_lines(typeset(Block(Kind.PARAGRAPH, "aaa", (), (level,)), 12)) == ["   aaa"]


@pytest.mark.slow
def test_head_and_tail_fit_at_any_measure() -> None:
    story = Story(
        id="x",
        location="x.md",
        title="A title of floccinaucinihilipilification",
        deck="And a deck that goes on for rather longer than the title itself",
        kicker="Essays",
        author="Ann With A Name",
        about="About her.",
        credit="Drawing: herself",
        published=date(2021, 6, 12),
        series="A series",
        part=2,
        words=1200,
    )
    document = parse("Text.[^1]\n\n[^1]: Note.")
    anchor = Anchor(Place(), "", "")
    highlight = Highlight(
        "q", "x", anchor, "word " * 300, "A note of some words.", datetime.now(UTC)
    )
    suggestions = [
        Suggestion(
            make_entry(story, StoryState()), "next in A series of floccinaucinihilipilifications"
        )
    ]
    end_card = EndCard(
        "2 parts skipped: about 4 min", True, [highlight], "Oh.\n\nWell.", suggestions, story
    )
    for measure in range(1, 121):
        galley = Galley(document, measure, build_head(story))
        galley.set_tail(build_tail(story, document, end_card, EndCardKeys("Space", "]", "r")))
        for _, line in galley.draw_rows(galley.first_row, 10_000):
            assert sum(count_cells(run.text) for run in line.runs) <= measure


@pytest.mark.parametrize("author", ["", "Ann"])
def test_the_text_does_not_move_when_its_words_are_counted(author: str) -> None:
    story = Story(id="s", location="s.md", title="Title", author=author)
    document = parse("Text.")
    rows = [
        [line.text for _, line in Galley(document, 40, head).draw_rows(Row(0, 0), 20)]
        for head in (
            build_head(story, is_counted=False),
            build_head(dataclasses.replace(story, words=1200)),
        )
    ]
    assert [row.index("Text.") for row in rows] == [5, 5]


def test_the_byline_below_a_right_to_left_title_is_on_the_right() -> None:
    byline, title = Block(Kind.BYLINE, "By Ann"), Block(Kind.TITLE, "שלום")
    assert as_text_lines(typeset(byline, 30, before=title)) == [" " * 24 + "By Ann"]
    assert as_text_lines(typeset(byline, 30, before=title._replace(text="Abc"))) == ["By Ann"]
