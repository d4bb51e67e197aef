"""The viewport: only the reader moves the place; resizes and previews don't."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.layout.blocks import typeset
from reader.layout.lines import BlockLayout, ParagraphStyle, load_hyphenation
from reader.layout.viewport import Viewport
from reader.markdown.parser import parse
from reader.text.document import Block, Document, Kind, Place

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = (Block(Kind.TITLE, "Title"), Block(Kind.BYLINE, "By Ann"))
TAIL = (Block(Kind.END, ""),)
TEXT = "\n\n".join(f"Paragraph {n} {'word ' * 40}".strip() for n in range(120))
DOCUMENT = parse(TEXT)

START = Place()


def open_viewport(place: Place = START, measure: int = 60, height: int = 20) -> Viewport:
    viewport = Viewport(measure)
    viewport.resize(measure, height)
    viewport.show(DOCUMENT, HEAD, TAIL, place)
    return viewport


def get_lines(viewport: Viewport) -> list[str]:
    return [line.text for _, line in viewport.visible.rows]


def test_at_the_start_the_head_is_shown() -> None:
    assert get_lines(open_viewport())[:4] == ["Title", "", "By Ann", ""]


def test_a_story_opens_with_its_place_in_the_top_row() -> None:
    assert get_lines(open_viewport(Place(50)))[0].startswith("Paragraph 50 word")


def test_a_page_down_keeps_two_lines() -> None:
    viewport = open_viewport(Place(50))
    before = get_lines(viewport)
    viewport.scroller.scroll_pages(1)
    assert get_lines(viewport)[:2] == before[-2:]


def test_a_page_down_keeps_two_spaced_lines() -> None:
    viewport = open_viewport(Place(50))
    viewport.paragraph_style = ParagraphStyle(spacing=2)
    viewport.show(DOCUMENT, HEAD, TAIL, Place(50))
    for _ in range(5):
        before = get_lines(viewport)
        viewport.scroller.scroll_pages(1)
        assert get_lines(viewport)[:4] == before[-4:]  # two lines and the two blank rows


@pytest.mark.parametrize("spacing", [1, 2])
def test_a_line_down_is_one_row_at_any_spacing(spacing: int) -> None:
    viewport = open_viewport(Place(50))
    viewport.paragraph_style = ParagraphStyle(spacing=spacing, indent=True)
    viewport.show(DOCUMENT, HEAD, TAIL, Place(50))
    for _ in range(12):
        before = get_lines(viewport)
        viewport.scroller.scroll(1)
        assert get_lines(viewport)[:-1] == before[1:]


def test_words_are_hyphenated_in_the_language_of_the_story() -> None:
    document = parse("Eine Donaudampfschifffahrt.")
    viewport = Viewport(20)
    viewport.paragraph_style = ParagraphStyle(hyphen_language="en_US")
    viewport.show(document, (), (), START, "de")
    viewport.resize(20, 5)
    assert get_lines(viewport) == ["Eine Donaudampf-", "schifffahrt."]


def test_a_dictionary_is_loaded_only_for_a_style_that_hyphenates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[str] = []
    monkeypatch.setattr("reader.layout.hyphenation.load_dictionary", loaded.append)
    load_hyphenation(ParagraphStyle(), "de")
    assert loaded == []
    style = ParagraphStyle(hyphen_language="en_US")
    load_hyphenation(style, "de")
    load_hyphenation(style, "")
    assert loaded == ["de", "en_US"]


def test_the_end_is_the_last_screenful() -> None:
    viewport = open_viewport()
    viewport.scroller.go_to_end()
    assert get_lines(viewport)[-1].strip() == "◆"
    assert not viewport.scroller.scroll(1)


def test_a_page_up_and_down_returns_to_the_end() -> None:
    viewport = open_viewport()
    viewport.scroller.go_to_end()
    last = get_lines(viewport)
    viewport.scroller.scroll_pages(-1)
    viewport.scroller.scroll_pages(1)
    assert get_lines(viewport) == last


def test_a_preview_leaves_the_place() -> None:
    viewport = open_viewport(Place(50))
    before = get_lines(viewport)
    viewport.scroller.preview_place(Place(100))
    assert any("Paragraph 100" in text for text in get_lines(viewport))
    assert viewport.scroller.place == Place(50)
    viewport.scroller.scroll_to_place()
    assert get_lines(viewport) == before


def test_an_accepted_preview_moves_the_place() -> None:
    viewport = open_viewport(Place(50))
    viewport.scroller.preview_place(Place(100))
    assert viewport.scroller.accept_preview()
    assert viewport.scroller.place > Place(97)


def test_a_preview_of_a_visible_place_does_not_scroll() -> None:
    viewport = open_viewport(Place(50))
    before = get_lines(viewport)
    viewport.scroller.preview_place(Place(51))
    assert get_lines(viewport) == before


@pytest.mark.parametrize("measure", [1, 2, 7, 33, 300])
def test_the_place_is_visible_at_any_measure(measure: int) -> None:
    viewport = open_viewport(Place(50, 30))
    viewport.resize(measure, 20)
    start, end = viewport.visible.passage
    assert start <= Place(50, 30) < end


@given(
    st.lists(st.tuples(st.integers(1, 120), st.integers(1, 60)), max_size=6),
    st.integers(0, 119),
    st.integers(0, 200),
)
def test_resizes_never_change_the_place(
    sizes: list[tuple[int, int]], block: int, offset: int
) -> None:
    place = DOCUMENT.clamp(Place(block, offset))
    viewport = open_viewport(place)
    before = get_lines(viewport)
    for measure, height in sizes:
        viewport.resize(measure, height)
        assert viewport.scroller.place == place
    viewport.resize(60, 20)
    assert get_lines(viewport) == before


@given(st.lists(st.sampled_from([1, -1, 3, -3, 10, -10, 18, -18, 500, -500]), max_size=12))
def test_after_scrolling_the_place_is_visible_or_the_start(steps: list[int]) -> None:
    viewport = open_viewport(Place(50))
    for rows in steps:
        viewport.scroller.scroll(rows)
        start, end = viewport.visible.passage
        assert start <= viewport.scroller.place <= end or viewport.scroller.place == Place()


def test_go_to_heading_counts_headings_in_both_directions() -> None:
    viewport = Viewport(60)
    viewport.resize(60, 5)
    text = "\n\n".join(f"## Part {n}\n\n{TEXT[:400]}" for n in range(9))
    viewport.show(parse(text), HEAD, (), Place())
    viewport.scroller.go_to_heading(3)
    assert get_lines(viewport)[0] == "Part 2"
    viewport.scroller.go_to_heading(-1)
    assert get_lines(viewport)[0] == "Part 1"


@given(st.lists(st.tuples(st.integers(-20, 60), st.integers(0, 30)), max_size=8))
def test_scrolling_over_the_end_of_what_is_parsed_goes_on_when_there_is_more(
    steps: list[tuple[int, int]],
) -> None:
    """After each step some blocks are parsed. All of the text has 500 rows."""
    expected, growing = open_viewport(), Viewport(60)
    growing.resize(60, 20)
    document = Document()
    growing.show(document, HEAD, (), START)
    for rows, count in [*steps, (0, 120)]:
        expected.scroller.scroll(rows)
        growing.scroller.scroll(rows)
        blocks = len(document.blocks)
        document.extend(DOCUMENT.blocks[blocks : blocks + count])
        growing.update_content(HEAD, ())
        growing.scroller.catch_up()
    assert growing.scroller.top_row == expected.scroller.top_row
    assert growing.scroller.place == expected.scroller.place


@pytest.mark.parametrize("movement", ["go_to_start", "go_to", "return_to", "restore_view", "end"])
def test_a_jump_takes_the_place_of_the_rows_that_are_missing(movement: str) -> None:
    viewport, document = Viewport(60), Document()
    viewport.resize(60, 20)
    document.extend(DOCUMENT.blocks[:30])
    viewport.show(document, HEAD, (), Place(8))
    scroller = viewport.scroller
    view = scroller.view
    scroller.scroll(400)
    moves: dict[str, Callable[[], object]] = {
        "go_to_start": scroller.go_to_start,
        "go_to": lambda: scroller.go_to(Place(10)),
        "return_to": lambda: scroller.return_to(Place(10)),
        "restore_view": lambda: scroller.restore_view(view),
        "end": scroller.go_to_end,
    }
    moves[movement]()
    place = scroller.place
    document.extend(DOCUMENT.blocks[30:])
    viewport.update_content(HEAD, ())
    assert not scroller.catch_up()
    assert scroller.place == place


def test_what_is_added_below_a_full_screen_draws_nothing_again() -> None:
    viewport, document = Viewport(60), Document()
    viewport.resize(60, 20)
    document.extend(DOCUMENT.blocks[:2])
    viewport.show(document, HEAD, (), START)
    short = viewport.visible
    for end in (30, 60):
        document.extend(DOCUMENT.blocks[len(document.blocks) : end])
        viewport.update_content(HEAD, ())
        full, short = short, viewport.visible
    assert len(full.rows) == 20
    assert short is full


def test_the_end_is_shown_once_it_is_parsed() -> None:
    viewport, document = Viewport(60), Document()
    viewport.resize(60, 20)
    document.extend(DOCUMENT.blocks[:30])
    viewport.show(document, HEAD, (), START)
    viewport.scroller.go_to_end()
    document.extend(DOCUMENT.blocks[30:60])
    viewport.update_content(HEAD, ())
    moves = [viewport.scroller.catch_up()]
    document.extend(DOCUMENT.blocks[60:])
    document.is_complete = True
    viewport.update_content(HEAD, TAIL)
    moves.append(viewport.scroller.catch_up())
    assert moves == [False, True]
    assert get_lines(viewport)[-1] == get_lines(open_viewport(Place(119)))[-1]


def test_a_growing_document_does_not_scroll() -> None:
    document = parse(TEXT)
    blocks, shown = document.blocks, [*document.blocks[:60]]
    document.blocks = shown
    viewport = Viewport(60)
    viewport.resize(60, 20)
    viewport.show(document, HEAD, (), Place(10))
    before = get_lines(viewport)
    shown.extend(blocks[60:])
    viewport.update_content(HEAD, TAIL)
    assert get_lines(viewport) == before


def open_footnotes(height: int = 10) -> Viewport:
    """Return a viewport at the end of a text with 500 footnotes."""
    source = "text[^1]\n\n" + "".join(f"[^{n}]: footnote {n}\n" for n in range(1, 501))
    document = parse(source)
    viewport = Viewport(60)
    viewport.resize(60, height)
    viewport.show(document, HEAD, [*document.footnotes, *TAIL], START)
    viewport.scroller.go_to_end()
    return viewport


def test_a_jump_to_the_end_sets_few_of_the_footnotes_above_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_blocks: list[Block] = []

    def count(block: Block, *arguments: object, **options: object) -> BlockLayout:
        set_blocks.append(block)
        return typeset(block, *arguments, **options)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr("reader.layout.galley.typeset", count)
    viewport = open_footnotes()
    viewport.resize(50, 10)
    assert get_lines(viewport)[0].split()[1:] == ["footnote", "493"]
    assert len(set_blocks) < 100


def test_a_row_among_the_footnotes_stays_when_the_width_or_the_tail_changes() -> None:
    viewport = open_footnotes()
    first = get_lines(viewport)[0]
    viewport.resize(12, 10)
    viewport.replace_tail([*viewport.document.footnotes, *TAIL])
    viewport.resize(60, 10)
    assert get_lines(viewport)[0] == first


def test_a_new_version_of_the_text_is_shown_at_the_same_row_of_its_footnotes() -> None:
    viewport = open_footnotes()
    first, view = get_lines(viewport)[0], viewport.scroller.view
    document = parse("a new line\n\ntext[^1]\n\n[^1]: footnote 1\n")
    viewport.show(viewport.document, HEAD, [*viewport.document.footnotes, *TAIL], START)
    viewport.scroller.restore_view(view)
    assert get_lines(viewport)[0] == first
    viewport.show(document, HEAD, [*document.footnotes, *TAIL], START)
    viewport.scroller.restore_view(view)
    assert viewport.scroller.top_row == viewport.galley.last_row


def test_the_stop_line_of_one_story_is_not_on_the_page_of_the_next() -> None:
    viewport = open_viewport(Place(50))
    viewport.show_stop_line(["You stopped here"])
    assert viewport.visible.find_stop_row() is not None
    viewport.show(parse(TEXT), HEAD, TAIL, Place(50))
    viewport.scroller.scroll(-5)
    assert viewport.visible.find_stop_row() is None
