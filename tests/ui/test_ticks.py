"""Stories that are ticked on the shelf, and commands for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle

from reader.reading.progress import ReadStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    for name in ("Anna", "Bert", "Cleo", "Dora"):
        path = write(f"{name}.md", f"---\ntitle: {name}\n---\n{make_numbered_story(3)}")
    return Stage(path.parent)


def list_rows(stage: Stage, *, line: int = 0) -> list[str]:
    """Return the rows with the titles of the stories, or those with their details."""
    return [row for row in render_rows(stage.screen.shelf) if row][1:][line::2]


def get_status(stage: Stage) -> str:
    return stage.screen.status_bar.text


async def test_ticks_are_seen_and_counted_in_a_small_terminal(stage: Stage) -> None:
    async with stage.run(size=(60, 20)) as pilot:
        await pilot.press("v", "j", "v")
        assert list_rows(stage) == [" +○ Anna", "  ○ Bert", " +○ Cleo", "▸ ○ Dora"]
        assert get_status(stage) == "2 ticked · 4 stories  X hide · Esc untick · ? keys"
        await pilot.press("V")
        assert list_rows(stage) == [" +○ Anna", "  ○ Bert", " +○ Cleo", "▸+○ Dora"]
        await pilot.press("g", "v", "V")
        assert list_rows(stage) == ["  ○ Anna", "▸+○ Bert", " +○ Cleo", " +○ Dora"]
        await pilot.press("escape")
        assert list_rows(stage) == ["  ○ Anna", "▸ ○ Bert", "  ○ Cleo", "  ○ Dora"]
        assert get_status(stage).startswith("4 stories")


async def test_all_that_are_ticked_are_starred_tagged_and_undone(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("v", "v", "*", "#", *"work", "enter")
        assert list_rows(stage, line=1) == ["  ★ 1 min · #work"] * 2 + ["    1 min"] * 2
        assert get_status(stage).startswith("Tagged #work: 2 stories (U undoes it)")
        await pilot.press("U")
        assert get_status(stage).startswith("2 stories: the tags are changed back.")
        await pilot.press("U")
        assert list_rows(stage, line=1) == ["    1 min"] * 4
        assert list_rows(stage) == [" +○ Anna", " +○ Bert", "▸ ○ Cleo", "  ○ Dora"]


async def test_all_that_are_ticked_are_finished_or_unread_and_undone(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("m", "v", "v", "m")
        assert list_rows(stage) == [" +✓ Anna", " +✓ Bert", "▸ ○ Cleo", "  ○ Dora"]
        assert get_status(stage).startswith("Finished: Bert (U undoes it)")
        await pilot.press("m")
        assert list_rows(stage)[:2] == [" +○ Anna", " +○ Bert"]
        assert get_status(stage).startswith("Unread again: 2 stories (U undoes it)")
        await pilot.press("U")
        assert list_rows(stage)[:2] == [" +✓ Anna", " +✓ Bert"]
        assert get_status(stage).startswith("2 stories: as before.")
        await pilot.press("U", "U")
        assert list_rows(stage)[:2] == [" +○ Anna", " +○ Bert"]
        assert stage.session.list_entries()[0].status is ReadStatus.UNREAD
        assert stage.store.load_history() == []


async def test_all_that_are_ticked_are_hidden_and_come_back(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("j", "v", "v", "k", "X")
        assert list_rows(stage) == ["  ○ Anna", "▸ ○ Dora"]
        assert get_status(stage).startswith("Hidden: 2 stories (U undoes it)")
        await pilot.press("U")
        assert list_rows(stage) == ["  ○ Anna", "▸+○ Bert", " +○ Cleo", "  ○ Dora"]
        assert get_status(stage).startswith("2 stories: on the shelf again.")


async def test_a_command_is_only_for_what_can_be_seen(stage: Stage) -> None:
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("v", "v", "slash", *"anna", "enter", "*", "escape", "escape")
        assert list_rows(stage, line=1) == ["  ★ 1 min"] + ["    1 min"] * 3
        await pilot.press("G", "v", "enter")
        await wait_until_idle(pilot)
        await pilot.press("g", "*")
        assert list_rows(stage, line=1) == ["  ★ 1 min"] + ["    1 min"] * 2 + ["  ★ 1 min"]
