"""Cells of the screen and places in the text: characters, links, pictures and footnotes."""

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
def test_a_column_has_the_offsets_of_its_character(x: int, offsets: tuple[int, int]) -> None:
    assert column_to_offsets(LINE, x) == offsets


def open_viewport(text: str = TEXT, height: int = 30) -> tuple[Viewport, Document]:
    document = parse(text)
    viewport = Viewport(20)
    viewport.resize(20, height)
    tail = build_tail(Story("", "title.md", "Title"), document)
    viewport.show(document, (), tail, Place())
    return viewport, document


def find_row(viewport: Viewport, text: str) -> int:
    """Return the row of the screen that shows `text`."""
    return next(y for y, (_, line) in enumerate(viewport.visible.rows) if text in line.text)


def test_a_character_of_a_footnote_has_a_place_behind_the_text() -> None:
    viewport, document = open_viewport()
    assert viewport.visible.find_character(3, find_row(viewport, "The note")) == (
        Place(len(document.blocks), 1),
        Place(len(document.blocks), 2),
    )


def test_a_blank_row_is_after_one_paragraph_and_before_the_next() -> None:
    viewport, _ = open_viewport()
    assert viewport.visible.find_character(3, find_row(viewport, "An item") - 1) == (
        Place(1),
        Place(0, 28),
    )


def test_a_cell_below_the_text_is_after_its_end() -> None:
    viewport, document = open_viewport()
    last = document.get_block_end(document.last_block)
    assert viewport.visible.find_character(3, 29) == (Place(document.last_block + 1), last)


def test_a_cell_above_the_screen_is_before_its_first_line() -> None:
    viewport, _ = open_viewport()
    assert viewport.visible.find_character(3, -1) == (Place(), Place())


def test_an_open_footnote_belongs_to_the_line_of_its_reference() -> None:
    viewport, _ = open_viewport()
    viewport.open_footnote(Link(1, 7, 8, "1", is_footnote=True))
    y = find_row(viewport, "┆")
    assert viewport.visible.find_character(3, y) == viewport.visible.find_character(99, y - 1)


def test_a_cell_of_an_empty_viewport_is_the_first_place() -> None:
    viewport = Viewport(20)
    assert viewport.visible.find_character(3, 3) == (Place(), Place())


@pytest.mark.parametrize(("x", "target"), [(8, None), (9, "1"), (10, None), (16, "#x"), (19, "#x")])
def test_a_link_is_found_at_every_cell_of_its_text(x: int, target: str | None) -> None:
    viewport, _ = open_viewport("- An item[^1] and [a link](#x).\n\n[^1]: The note.\n")
    viewport.resize(40, 30)
    link = viewport.visible.find_link_at(x, 0)
    assert (link.target if link else None) == target


def test_a_picture_is_found_at_its_placeholder() -> None:
    viewport, _ = open_viewport("![alt](a.png)")
    assert viewport.visible.list_pictures() == [(Link(0, 0, 5, "a.png", is_picture=True), 0, 0)]
    assert viewport.visible.find_link_at(2, 0) == Link(0, 0, 5, "a.png", is_picture=True)


def test_a_visible_place_has_a_cell() -> None:
    viewport, _ = open_viewport()
    assert viewport.visible.find_cell(Place(0, 4)) == (4, 0)


def test_a_place_above_the_screen_has_the_first_visible_cell_of_its_block() -> None:
    viewport, _ = open_viewport(f"{'word ' * 60}")
    viewport.resize(20, 5)
    viewport.scroller.scroll(2)
    assert viewport.visible.find_cell(Place()) == (0, 0)


def test_a_place_whose_block_is_not_visible_has_no_cell() -> None:
    viewport, _ = open_viewport(f"{TEXT}\n{'word ' * 60}", height=3)
    assert viewport.visible.find_cell(Place(3)) is None


@given(st.integers(-2, 25), st.integers(-2, 32))
def test_a_cell_has_one_character_or_the_gap_between_two(x: int, y: int) -> None:
    viewport, document = open_viewport()
    start, end = viewport.visible.find_character(x, y)
    if start < end:
        assert (start.block, start.offset + 1) == (end.block, end.offset)
        assert end.offset <= len(document.get_block(end.block).text)
