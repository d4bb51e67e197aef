"""Shelf and page side by side: their widths and margins, and which one has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows

from reader.config import Config
from reader.drawing.panes import GUTTER_CELLS, compute_shelf_width, lay_out_panes
from reader.layout.lines import MeasureSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    """Return a folder of one story that has a long title and a long text."""
    text = f"---\ntitle: {'A Title That Is Long ' * 4}\n---\n{make_numbered_story()}"
    return write("long.md", text).parent


@pytest.mark.parametrize(
    ("columns", "cells"), [(108, 34), (109, 35), (112, 37), (120, 40), (140, 46), (200, 48)]
)
def test_the_shelf_is_as_wide_as_leaves_the_page_its_margins(columns: int, cells: int) -> None:
    assert compute_shelf_width(columns) == cells
    assert columns - cells >= 66 + 2 * 4


@pytest.mark.parametrize(
    ("room", "preferred", "cells"),
    [
        (16, 66, 16), (17, 66, 15), (40, 66, 38), (68, 66, 66), (80, 66, 66), (200, 66, 66),
        (68, 90, 66), (71, 90, 66), (74, 90, 66), (80, 90, 72), (98, 90, 90), (200, 120, 120),
    ],
)  # fmt: skip
def test_margins_grow_to_four_cells_before_the_measure_exceeds_the_default(
    room: int, preferred: int, cells: int
) -> None:
    settings = MeasureSettings()
    settings.preferred = preferred
    assert settings.fit_to(room) == cells


@pytest.mark.parametrize(
    ("room", "cells"), [(16, 16), (17, 14), (40, 37), (68, 65), (69, 66), (80, 66)]
)
def test_the_mark_of_the_position_has_a_blank_cell_before_it(room: int, cells: int) -> None:
    settings = MeasureSettings()
    settings.has_position_mark = True
    assert settings.fit_to(room) == cells


async def test_a_gutter_and_a_margin_of_four_cells_separate_shelf_and_page(folder: Path) -> None:
    stage = Stage(folder, config=Config(measure=120))
    async with stage.run(size=(108, 24)):
        shelf, page = stage.screen.shelf, stage.screen.page
        assert page.region.x - shelf.content_region.right == GUTTER_CELLS
        assert (page.column, page.size.width) == ((4, 66), 74)
        assert render_rows(shelf)[1] == "▸ ○ A Title That Is Long A T…"


async def test_the_focus_is_visible_without_colour(folder: Path) -> None:
    stage = Stage(folder, config=Config())
    async with stage.run(size=(120, 24)) as pilot:
        shelf, page = stage.screen.shelf, stage.screen.page

        def list_marks() -> tuple[str, bool, str]:
            title = next(s for s in shelf.render_line(1) if "Title" in s.text)
            mark = next(row[-1] for row in render_rows(page) if row[-1:] in "┃│" and row)
            return render_rows(shelf)[1][0], bool(title.style and title.style.reverse), mark

        assert list_marks() == ("▸", True, "│")
        await pilot.press("enter")
        await pilot.pause()
        assert list_marks() == ("▹", False, "┃")


@pytest.mark.parametrize("size", [(60, 12), (80, 24), (107, 40), (108, 15), (108, 16), (200, 50)])
@pytest.mark.parametrize("is_on_page", [False, True])
async def test_the_first_frame_has_the_panes_where_textual_has_them(
    folder: Path, size: tuple[int, int], is_on_page: bool
) -> None:
    stage = Stage(folder)
    async with stage.run(size=size) as pilot:
        if is_on_page:
            await pilot.press("enter")
        shelf, page = lay_out_panes(*size, is_on_page=is_on_page)
        screen = stage.app.reading_screen
        for pane, region in ((screen.shelf, shelf), (screen.page, page)):
            shown = tuple(pane.content_region) if pane.display else None
            assert shown == region
