"""Cells of the window as places in the text: what a pointer is at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.layout.lines import Line, Run, column_to_offsets
from reader.layout.viewport import Viewport
from reader.library.story import Story
from reader.markdown.parser import parse
from reader.render.story_frame import build_tail
from reader.text.document import Document, Place
from reader.text.links import Link

TEXT = """\
One two three four five six.

- An item[^1] and [a link](#x).

| Name | Age |
|------|-----|
| Ann  | 7   |

[^1]: The note.
"""
LINE = Line((Run("• "), Run("a中e\u0301b", start=3), Run("  "), Run("cd", start=9)), 3, 12)


@pytest.mark.parametrize(
    ("x", "offsets"),
    [
        (-1, (3, 3)), (0, (3, 3)), (1, (3, 3)), (2, (3, 4)), (3, (4, 5)), (4, (4, 5)), (5, (5, 7)),
        (6, (7, 8)), (7, (9, 8)), (8, (9, 8)), (9, (9, 10)), (10, (10, 11)), (11, (12, 11)),
        (99, (12, 11)),
    ],
)  # fmt: skip
def test_a_cell_is_before_and_behind_a_character(x: int, offsets: tuple[int, int]) -> None:
    assert column_to_offsets(LINE, x) == offsets


def opened(text: str = TEXT, height: int = 30) -> tuple[Viewport, Document]:
    document = parse(text)
    window = Viewport(20)
    window.resize(20, height)
    window.show(document, (), build_tail(Story("", __file__, "Title"), document), Place())  # type: ignore[arg-type]
    return window, document


def row(window: Viewport, words: str) -> int:
    """Return the row of the window that shows `words`."""
    return next(y for y, (_, line) in enumerate(window.visible.rows) if words in line.text)


def test_a_character_of_a_footnote_at_the_end_is_behind_the_text() -> None:
    window, document = opened()
    assert window.visible.find_character(3, row(window, "The note")) == (
        Place(len(document.blocks), 1),
        Place(len(document.blocks), 2),
    )


def test_a_blank_row_is_behind_one_paragraph_and_before_the_next() -> None:
    window, _ = opened()
    assert window.visible.find_character(3, row(window, "An item") - 1) == (Place(1), Place(0, 28))


def test_below_the_text_is_behind_it() -> None:
    window, document = opened()
    last = document.get_block_end(document.last_block)
    assert window.visible.find_character(3, 29) == (Place(document.last_block + 1), last)


def test_above_the_window_is_before_its_first_line() -> None:
    window, _ = opened()
    assert window.visible.find_character(3, -1) == (Place(), Place())


def test_an_open_note_belongs_to_the_line_that_calls_it() -> None:
    window, _ = opened()
    window.open_footnote(Link(1, 7, 8, "1", is_footnote=True))
    y = row(window, "┆")
    assert window.visible.find_character(3, y) == window.visible.find_character(99, y - 1)


def test_an_empty_window_has_no_place_but_the_first() -> None:
    window = Viewport(20)
    assert window.visible.find_character(3, 3) == (Place(), Place())


@pytest.mark.parametrize(("x", "target"), [(8, None), (9, "1"), (10, None), (16, "#x"), (19, "#x")])
def test_a_link_is_at_every_cell_of_its_text(x: int, target: str | None) -> None:
    window, _ = opened("- An item[^1] and [a link](#x).\n\n[^1]: The note.\n")
    window.resize(40, 30)
    found = window.visible.find_link_at(x, 0)
    assert (found.target if found else None) == target


def test_a_picture_is_where_it_is_stood_in_for() -> None:
    window, _ = opened("![alt](a.png)")
    assert window.visible.list_pictures() == [(Link(0, 0, 5, "a.png", is_picture=True), 0, 0)]
    assert window.visible.find_link_at(2, 0) == Link(0, 0, 5, "a.png", is_picture=True)


def test_a_place_is_seen_at_its_cell() -> None:
    window, _ = opened()
    assert window.visible.find_cell(Place(0, 4)) == (4, 0)


def test_a_place_above_the_window_is_seen_where_its_block_goes_on() -> None:
    window, _ = opened(f"{'word ' * 60}")
    window.resize(20, 5)
    window.scroller.scroll(2)
    assert window.visible.find_cell(Place()) == (0, 0)


def test_a_place_out_of_the_window_is_seen_nowhere() -> None:
    window, _ = opened(f"{TEXT}\n{'word ' * 60}", height=3)
    assert window.visible.find_cell(Place(3)) is None


@given(st.integers(-2, 25), st.integers(-2, 32))
def test_a_spot_is_one_character_or_the_gap_between_two(x: int, y: int) -> None:
    window, document = opened()
    first, behind = window.visible.find_character(x, y)
    if first < behind:
        assert first.block == behind.block
        assert len(document.get_block(first.block).text[first.offset : behind.offset]) == 1
