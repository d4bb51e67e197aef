"""Clicks on the page follow links, open footnotes and move the paragraph cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle
from mouse import MouseDriver

from reader.ui.dialogs.confirm import ConfirmDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = (
    "---\ntitle: Links\n---\nSee [the heading](#far) and [another](other.md) and a note[^1] "
    "and [the web](https://user@example.org/a?b=c).\n\nA second paragraph.\n\n"
    f"{make_numbered_story(30)}\n\n## Far\n\nAt last.\n\n[^1]: Words of the note.\n"
)


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    write("other.md", f"---\ntitle: Other\n---\n{make_numbered_story()}")
    path = write("links.md", TEXT)
    return Stage(path.parent, file=path)


async def test_a_click_on_a_paragraph_moves_the_cursor_there(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        place = stage.screen.page.place
        await mouse.click(mouse.find_cell("second"))
        assert stage.screen.page.decorations.paragraph == 1
        assert stage.screen.page.place == place


async def test_a_click_beside_a_line_moves_the_cursor_to_its_paragraph(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.click((0, mouse.find_cell("second")[1]))
        assert stage.screen.page.decorations.paragraph == 1


@pytest.mark.parametrize("words", ["Links", ""])
async def test_a_click_outside_the_paragraphs_leaves_the_cursor(words: str, stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.click(mouse.find_cell("second"))
        await mouse.click(
            mouse.find_cell("Links") if words else (9, mouse.find_cell("second")[1] - 1)
        )
        assert stage.screen.page.decorations.paragraph == 1


async def test_a_click_on_a_link_follows_it(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.click(mouse.find_cell("heading"))
        assert "Far" in [row.strip() for row in render_rows(stage.screen.page)]
        await pilot.press("ctrl+o")
        await pilot.pause()
        await mouse.click(mouse.find_cell("another"))
        await wait_until_idle(pilot)
        assert stage.app.title == "Other"


async def test_a_click_on_a_web_link_asks_first(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.click(mouse.find_cell("the web"))
        assert isinstance(stage.app.screen, ConfirmDialog)
        assert stage.app.screen.text.startswith("Open example.org?")


async def test_a_click_on_a_footnote_number_opens_the_footnote(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        x, y = mouse.find_cell("a note")
        await mouse.click((x + len("a note"), y))
        assert "┆ ¹ Words of the note." in [row.strip() for row in render_rows(stage.screen.page)]


async def test_a_click_beside_a_link_follows_nothing(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        x, y = mouse.find_cell("the web", last=True)
        await mouse.click((x + 2, y))
        assert stage.app.screen is stage.screen
        assert stage.screen.page.decorations.paragraph == 0


async def test_a_drag_over_a_link_follows_nothing(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select(mouse.find_cell("another"), mouse.find_cell("another", last=True))
        await wait_until_idle(pilot)
        assert stage.app.title == "Links"


async def test_a_click_on_the_page_beside_the_shelf_focuses_the_page(stage: Stage) -> None:
    async with stage.run(size=(120, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert stage.screen.shelf.has_focus
        await mouse.click(mouse.find_cell("second"))
        assert stage.screen.page.has_focus


@pytest.mark.parametrize("cell", [(80, 5), (40, 24), (999, 499)])
async def test_the_mouse_outside_the_terminal_leaves_the_focus(
    cell: tuple[int, int], stage: Stage
) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        focused = stage.app.focused
        await mouse.press(cell)
        await mouse.release(cell)
        await mouse.drag(cell, button=0)
        assert stage.app.focused is focused is not None
