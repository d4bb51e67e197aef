"""The window: the place moves when the reader does, and by nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.layout.lines import ParagraphStyle, load_hyphenation
from reader.layout.viewport import Viewport
from reader.markdown.parser import parse
from reader.text.document import Block, Kind, Place

HEAD = (Block(Kind.TITLE, "Title"), Block(Kind.BYLINE, "By Nobody"))
TAIL = (Block(Kind.END, ""),)
TEXT = "\n\n".join(f"Paragraph {n} {'word ' * 40}".strip() for n in range(120))
DOCUMENT = parse(TEXT)


START = Place()


def opened(place: Place = START, measure: int = 60, height: int = 20) -> Viewport:
    window = Viewport(measure)
    window.resize(measure, height)
    window.show(DOCUMENT, HEAD, TAIL, place)
    return window


def texts(window: Viewport) -> list[str]:
    return [line.text for _, line in window.visible.rows]


def test_a_story_that_was_not_begun_shows_its_head() -> None:
    assert texts(opened())[:4] == ["Title", "", "By Nobody", ""]


def test_a_saved_place_comes_on_top() -> None:
    assert texts(opened(Place(50)))[0].startswith("Paragraph 50 word")


def test_a_page_keeps_two_lines() -> None:
    window = opened(Place(50))
    before = texts(window)
    window.scroller.scroll_pages(1)
    assert texts(window)[:2] == before[-2:]


def test_a_page_of_spaced_lines_keeps_two_of_them() -> None:
    window = opened(Place(50))
    window.paragraph_style = ParagraphStyle(spacing=2)
    window.show(DOCUMENT, HEAD, TAIL, Place(50))
    for _ in range(5):
        before = texts(window)
        window.scroller.scroll_pages(1)
        assert texts(window)[:4] == before[-4:]  # two lines and the rows between


@pytest.mark.parametrize("spacing", [1, 2])
def test_a_line_down_is_a_row_down_whatever_the_spacing(spacing: int) -> None:
    window = opened(Place(50))
    window.paragraph_style = ParagraphStyle(spacing=spacing, indent=True)
    window.show(DOCUMENT, HEAD, TAIL, Place(50))
    for _ in range(12):
        before = texts(window)
        window.scroller.scroll(1)
        assert texts(window)[:-1] == before[1:]


def test_words_are_divided_in_the_language_of_the_story() -> None:
    document = parse("Eine Donaudampfschifffahrt.")
    window = Viewport(20)
    window.paragraph_style = ParagraphStyle(hyphen_language="en_US")
    window.show(document, (), (), START, "de")
    window.resize(20, 5)
    assert texts(window) == ["Eine Donaudampf-", "schifffahrt."]


def test_a_dictionary_is_loaded_before_the_text_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr("reader.layout.hyphenation.load_dictionary", loaded.append)
    load_hyphenation(ParagraphStyle(), "de")
    assert loaded == []
    style = ParagraphStyle(hyphen_language="en_US")
    load_hyphenation(style, "de")
    load_hyphenation(style, "")
    assert loaded == ["de", "en_US"]


def test_the_last_windowful_is_the_end() -> None:
    window = opened()
    window.scroller.go_to_end()
    assert texts(window)[-1].strip() == "◆"
    assert not window.scroller.scroll(1)


def test_back_from_the_end_is_the_way_it_came() -> None:
    window = opened()
    window.scroller.go_to_end()
    last = texts(window)
    window.scroller.scroll_pages(-1)
    window.scroller.scroll_pages(1)
    assert texts(window) == last


def test_a_glance_moves_nothing() -> None:
    window = opened(Place(50))
    before = texts(window)
    window.scroller.preview_place(Place(100))
    assert any("Paragraph 100" in text for text in texts(window))
    assert window.scroller.place == Place(50)
    window.scroller.scroll_to_place()
    assert texts(window) == before


def test_to_stay_at_a_glance_is_to_go_there() -> None:
    window = opened(Place(50))
    window.scroller.preview_place(Place(100))
    assert window.scroller.accept_preview()
    assert window.scroller.place > Place(97)


def test_what_is_in_the_window_is_glanced_at_where_it_is() -> None:
    window = opened(Place(50))
    before = texts(window)
    window.scroller.preview_place(Place(51))
    assert texts(window) == before


@pytest.mark.parametrize("measure", [1, 2, 7, 33, 300])
def test_any_measure_keeps_the_place_in_the_window(measure: int) -> None:
    window = opened(Place(50, 30))
    window.resize(measure, 20)
    first, behind = window.visible.passage
    assert first <= Place(50, 30) < behind


@given(
    st.lists(st.tuples(st.integers(1, 120), st.integers(1, 60)), max_size=6),
    st.integers(0, 119),
    st.integers(0, 200),
)
def test_resizes_never_move_the_place(
    sizes: list[tuple[int, int]], block: int, offset: int
) -> None:
    place = DOCUMENT.clamp(Place(block, offset))
    window = opened(place)
    before = texts(window)
    for measure, height in sizes:
        window.resize(measure, height)
        assert window.scroller.place == place
    window.resize(60, 20)
    assert texts(window) == before


@given(st.lists(st.sampled_from([1, -1, 3, -3, 10, -10, 18, -18, 500, -500]), max_size=12))
def test_the_place_is_always_in_the_window_or_at_the_head_or_end(moves: list[int]) -> None:
    window = opened(Place(50))
    for rows in moves:
        window.scroller.scroll(rows)
        first, behind = window.visible.passage
        assert first <= window.scroller.place <= behind or window.scroller.place == Place()


def test_headings_are_gone_to_by_number() -> None:
    window = Viewport(60)
    window.resize(60, 5)
    text = "\n\n".join(f"## Part {n}\n\n{TEXT[:400]}" for n in range(9))
    window.show(parse(text), HEAD, (), Place())
    window.scroller.go_to_heading(3)
    assert texts(window)[0] == "Part 2"
    window.scroller.go_to_heading(-1)
    assert texts(window)[0] == "Part 1"


def test_a_text_that_grows_leaves_the_window_as_it_is() -> None:
    document = parse(TEXT)
    blocks, document.blocks = list(document.blocks), document.blocks[:60]
    window = Viewport(60)
    window.resize(60, 20)
    window.show(document, HEAD, (), Place(10))
    before = texts(window)
    document.blocks.extend(blocks[60:])
    window.update_content(HEAD, TAIL)
    assert texts(window) == before
