"""The mark in the last column: where it is, that it touches no text, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows

from reader.config import Config
from reader.drawing.page import find_mark_row, overlay_position_mark
from reader.drawing.pieces import Piece, fit_pieces
from reader.drawing.styles import THEME_COLOURS, Styles, TextStyle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STYLES = Styles(TextStyle(), THEME_COLOURS[0].text)


@pytest.mark.parametrize(
    ("first", "end", "row"),
    [
        (0.0, 0.1, 0),
        (0.45, 0.55, 9),
        (0.89, 0.99, 18),
        (0.9, 1.0, 19),
        (1.0, 1.0, 19),
        (0.0, 0.0, 0),
        (0.0, 1.0, None),
    ],
)
def test_the_mark_is_as_far_down_the_screen_as_the_screen_is_in_the_story(
    first: float, end: float, row: int | None
) -> None:
    assert find_mark_row(first, end, 20) == row


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("seven c", "seven c  ┃"), ("eight ce", "eight ce ┃"), ("nine cell", "nine cell ")],
)
def test_the_mark_never_touches_text(text: str, drawn: str) -> None:
    row = fit_pieces([Piece(text, TextStyle())], 10, TextStyle())
    assert "".join(piece.text for piece in overlay_position_mark(row, "┃", STYLES)) == drawn


def find_marks(stage: Stage) -> list[tuple[int, int]]:
    """Return the marks on the page as (row, column)."""
    rows = enumerate(render_rows(stage.screen.page))
    return [(y, row.index("┃")) for y, row in rows if "┃" in row]


@pytest.mark.parametrize(("columns", "measure"), [(40, 66), (80, 120)])
async def test_the_mark_moves_from_the_first_row_to_the_last(
    columns: int, measure: int, write: Callable[[str, str], Path]
) -> None:
    text = "".join(f"{make_numbered_story(9)}\n\n    {'code ' * 40}\n\n" for _ in range(4))
    path = write("a.md", text)
    config = Config(measure=measure, justified=True)
    stage = Stage(path.parent, file=path, config=config)
    async with stage.run((columns, 24)) as pilot:
        last = stage.screen.page.size.height - 1
        assert find_marks(stage) == [(0, columns - 1)]
        await pilot.press("space", "space")
        ((row, column),) = find_marks(stage)
        assert (0 < row < last, column) == (True, columns - 1)
        assert render_rows(stage.screen.page)[row][-2] == " "
        await pilot.press("G")
        assert find_marks(stage) == [(last, columns - 1)]


async def test_a_short_story_and_a_reader_who_wants_no_mark_get_none(
    write: Callable[[str, str], Path],
) -> None:
    short, long = write("a.md", "Three short words."), write("b.md", make_numbered_story(40))
    for stage in (
        Stage(short.parent, file=short, config=Config()),
        Stage(long.parent, file=long, config=Config(scrollbar=False)),
    ):
        async with stage.run():
            assert find_marks(stage) == []


async def test_a_move_draws_only_the_rows_that_are_new(write: Callable[[str, str], Path]) -> None:
    path = write("a.md", make_numbered_story(60))
    stage = Stage(path.parent, file=path, config=Config())
    async with stage.run() as pilot:
        await pilot.press("space", "j")
        before = stage.screen.page.renderer.drawn_count
        await pilot.press("j")
        await pilot.pause()
        assert stage.screen.page.renderer.drawn_count - before == 1
