"""Selecting text with the mouse, and copying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle
from mouse import MouseDriver

from reader.text.document import Place
from reader.text.places import Passage
from reader.ui.page.pointer import EDGE_SCROLL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = (
    "---\ntitle: Title\nauthor: Nobody\n---\nAlpha bravo charlie delta echo foxtrot golf hotel "
    "india juliet kilo lima mike november.[^1]\n\n- one item\n- another one\n\n"
    f"{make_numbered_story(30)}\n\n[^1]: Below the text.\n"
)


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    path = write("story.md", TEXT)
    return Stage(path.parent, file=path)


def read_selected(stage: Stage) -> str:
    """Return the text that is drawn as selected, its rows joined."""
    page = stage.screen.page
    rows = ([s.text for s in page.render_line(y) if s.style and s.style.reverse] for y in range(20))
    return " ".join("".join(row) for row in rows if row)


async def test_a_drag_selects_over_rows_and_blocks(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select(mouse.find_cell("juliet"), mouse.find_cell("another", last=True))
        assert stage.screen.page.selection == (Place(0, 56), Place(2, 7))
        assert read_selected(stage) == "juliet kilo lima mike november.¹ one item another"
        await pilot.press("y")
        await wait_until_idle(pilot)
        assert stage.app.clipboard == "juliet kilo lima mike november.\n\none item\nanother"
        assert stage.screen.status_bar.text.startswith("Copied the selection.")


async def test_a_drag_upwards_selects_the_same(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select(mouse.find_cell("another", last=True), mouse.find_cell("juliet"))
        assert stage.screen.page.selection == (Place(0, 56), Place(2, 7))


async def test_a_drag_from_the_margin_starts_at_the_line_start(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select((0, mouse.find_cell("juliet")[1]), mouse.find_cell("lima", last=True))
        await pilot.press("y")
        await wait_until_idle(pilot)
        line = next(row.strip() for row in render_rows(stage.screen.page) if "juliet" in row)
        assert stage.app.clipboard == line[: line.index("lima") + 4]


async def test_a_line_break_of_the_layout_is_copied_as_a_space(stage: Stage) -> None:
    async with stage.run(size=(30, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        rows = [row.strip() for row in render_rows(stage.screen.page)]
        first = next(n for n, row in enumerate(rows) if row.startswith("Alpha"))
        top = stage.screen.page.content_region.y + first
        await mouse.select((0, top), (29, top + 1))
        await pilot.press("y")
        await wait_until_idle(pilot)
        assert stage.app.clipboard == f"{rows[first]} {rows[first + 1]}"


@pytest.mark.parametrize(
    ("times", "text"),
    [(2, "charlie"), (3, ("Alpha bravo charlie delta echo foxtrot golf hotel "
     "india juliet kilo lima mike november."))],
)  # fmt: skip
async def test_two_clicks_select_a_word_and_three_a_paragraph(
    times: int, text: str, stage: Stage
) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.click(mouse.find_cell("charlie"), times)
        await pilot.press("y")
        await wait_until_idle(pilot)
        assert stage.app.clipboard == text


async def test_a_drag_after_two_clicks_selects_by_words(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        cell = mouse.find_cell("rlie")
        await mouse.click(cell)
        await mouse.press(cell)
        await mouse.drag(mouse.find_cell("avo"))
        await mouse.release(mouse.find_cell("avo"))
        assert read_selected(stage) == "bravo charlie"


async def test_a_click_clears_the_selection(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select(mouse.find_cell("bravo"), mouse.find_cell("delta"))
        await mouse.click(mouse.find_cell("one item"))
        assert stage.screen.page.selection is None


async def test_the_selection_survives_scrolling_and_resizing(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select(mouse.find_cell("bravo"), mouse.find_cell("delta", last=True))
        await pilot.press("space", "space")
        await pilot.resize_terminal(33, 20)
        await pilot.press("g")
        assert read_selected(stage) == "bravo charlie delta"
        await pilot.press("y")
        await wait_until_idle(pilot)
        assert stage.app.clipboard == "bravo charlie delta"


async def test_a_drag_over_the_edge_scrolls_and_extends_the_selection(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.press(mouse.find_cell("bravo"))
        await mouse.drag((20, 23))
        await wait_until(pilot, lambda: stage.screen.page.place > Place(2))
        await mouse.release((20, 23))
        assert stage.screen.page.place > Place(2)
        selection = stage.screen.page.selection
        assert selection is not None
        assert selection.start == Place(0, 6)
        assert selection.end > stage.screen.page.place
        place = stage.screen.page.place
        calls: list[None] = []
        stage.screen.set_interval(EDGE_SCROLL_SECONDS, lambda: calls.append(None))
        await wait_until(pilot, lambda: len(calls) >= 3)  # the page would have scrolled by now
        assert stage.screen.page.place == place


async def test_the_wheel_extends_the_selection_while_a_button_is_down(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.press(mouse.find_cell("bravo"))
        await mouse.drag(mouse.find_cell("delta"))
        before = stage.screen.page.selection
        stage.screen.page.scroll_rows(6)
        assert before is not None
        assert stage.screen.page.selection != before


async def test_a_button_released_outside_ends_the_drag(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.press(mouse.find_cell("bravo"))
        await mouse.drag(mouse.find_cell("delta"))
        before = stage.screen.page.selection
        await mouse.drag(mouse.find_cell("golf"), button=0)
        await mouse.drag(mouse.find_cell("hotel"))
        assert stage.screen.page.selection == before
        assert stage.app.mouse_captured is None


async def test_the_footnotes_at_the_end_can_be_selected(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await pilot.press("G")
        await pilot.pause()
        await mouse.select(mouse.find_cell("Below"), mouse.find_cell("the text", last=True))
        await pilot.press("y")
        await wait_until_idle(pilot)
        assert stage.app.clipboard == "Below the text"


async def test_a_code_block_is_copied_alone_and_as_it_is(write: Callable[[str, str], Path]) -> None:
    path = write("code.md", "Before.\n\n```make\n\n\tall:\t x \n  \n\tcc\n```\n\nAfter.")
    stage = Stage(path.parent, file=path)
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("J", "J", "y")
        await wait_until_idle(pilot)
        assert stage.app.clipboard == "\n\tall:\t x \n  \n\tcc"


async def test_a_copied_paragraph_has_no_footnote_number(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        await pilot.press("J", "y")
        await wait_until_idle(pilot)
        assert stage.app.clipboard.endswith("kilo lima mike november.\n— Nobody, Title")


async def test_the_head_can_not_be_selected(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select(mouse.find_cell("Title"), mouse.find_cell("Nobody"))
        assert stage.screen.page.selection is None


async def test_ctrl_c_copies_the_selection_and_then_quits(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select(mouse.find_cell("bravo"), mouse.find_cell("delta", last=True))
        await pilot.press("ctrl+c")
        await wait_until_idle(pilot)
        assert stage.app.clipboard == "bravo charlie delta"
        assert stage.screen.page.selection is None
        await pilot.press("ctrl+c")
    assert stage.app.return_code == 130


async def test_the_address_of_a_selection_is_that_of_its_start(stage: Stage) -> None:
    async with stage.run(size=(60, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.select(mouse.find_cell("another"), mouse.find_cell("Paragraph 0"))
        await pilot.press("Y")
        await wait_until_idle(pilot)
        assert stage.app.clipboard.endswith("@3.0.b2aaa6531bb3")


async def test_another_story_has_no_selection(
    stage: Stage, write: Callable[[str, str], Path]
) -> None:
    other = write("zoo.md", make_numbered_story())
    stage.session.enter(stage.session.open_file(other))
    stage.screen.page.decorations.selection = Passage(Place(), Place(0, 3))
    async with stage.run(size=(60, 24)):
        assert stage.screen.page.selection is None


async def test_a_dialog_that_opens_during_a_selection_ends_it(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        mouse = MouseDriver(stage, pilot)
        await mouse.press((20, 10))
        await mouse.drag((20, 23))
        await pilot.press("question_mark")
        await mouse.release((20, 23))
        await pilot.press("escape")
        place = stage.screen.page.place
        await pilot.pause(3 * EDGE_SCROLL_SECONDS)
        assert stage.screen.page.place == place
        assert stage.app.mouse_captured is None
