"""The jump list: every jump can be undone, in this story or another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, wait_until_idle
from mouse import MouseDriver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from reader.text.document import Place

LINKS = "Before. [Far](#last) and [away](zoo.md) are links."


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    """Return a story with links on every screen, open beside another one."""
    write("zoo.md", f"---\ntitle: Zoo\n---\n{make_numbered_story()}")
    parts = make_numbered_story().split("\n\n")
    text = "\n\n".join(f"{part}\n\n{LINKS}" for part in parts)
    path = write("apt.md", f"---\ntitle: Apt\n---\n## First\n\n{text}\n\n## Last\n\nEnd.")
    return Stage(path.parent, file=path)


def get_position(stage: Stage) -> tuple[str, Place]:
    return stage.app.title, stage.screen.page.place


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, and wait until a story that they lead to is open."""
    for key in keys:
        await pilot.press(key)
        await wait_until_idle(pilot)


JUMPS = {
    "the end": ["G"],
    "the beginning": ["g"],
    "a match": ["slash", *"paragraph 50", "enter"],
    "the next match": ["slash", *"paragraph 5", "enter", "ctrl+o", "n"],
    "a heading": ["t", *"last", "enter"],
    "a label": ["f", "a"],
    "a link": ["tab", "enter"],
    "another story": ["right_square_bracket"],
    "a link to another story": ["f", "s"],
}


@pytest.mark.parametrize("name", JUMPS)
async def test_ctrl_o_undoes_every_jump_and_alt_o_repeats_it(name: str, stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await press(pilot, "space", "space", "j")
        before = get_position(stage)
        await press(pilot, *JUMPS[name])
        after = get_position(stage)
        assert after != before
        await press(pilot, "ctrl+o")
        assert get_position(stage) == before
        await press(pilot, "alt+o")
        assert get_position(stage) == after


async def test_a_clicked_link_is_a_jump(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await press(pilot, "space", "space")
        before = get_position(stage)
        mouse = MouseDriver(stage, pilot)
        await mouse.click(mouse.find_cell("away"))
        await wait_until_idle(pilot)
        assert get_position(stage)[0] == "Zoo"
        await press(pilot, "ctrl+o")
        assert get_position(stage) == before


async def test_ctrl_o_goes_back_through_stories_one_by_one(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await press(pilot, "space")
        first = get_position(stage)
        await press(pilot, "right_square_bracket", "space")
        second = get_position(stage)
        await press(pilot, "G")
        third = get_position(stage)
        await press(pilot, "ctrl+o")
        assert get_position(stage) == second
        await press(pilot, "ctrl+o")
        assert get_position(stage) == first
        await press(pilot, "alt+o", "alt+o")
        assert get_position(stage) == third


async def test_two_backticks_toggle_between_two_stories(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await press(pilot, "space", "space")
        first = get_position(stage)
        await press(pilot, "right_square_bracket", "space")
        second = get_position(stage)
        await press(pilot, "grave_accent", "grave_accent")
        assert get_position(stage) == first
        await press(pilot, "grave_accent", "grave_accent")
        assert get_position(stage) == second


async def test_scrolling_is_no_jump(stage: Stage) -> None:
    async with stage.run(size=(80, 24)) as pilot:
        await press(pilot, "space", "d", "j", "b", "ctrl+o")
        assert stage.screen.status_bar.text.startswith("There is no place to go to.")
