"""Choose a story by the minutes that the reader has, or at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle
from textual.events import Paste
from textual.widgets import Input

from reader.reading.progress import ReadStatus
from reader.ui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reader.library.story import Story

PARAGRAPHS = {"Anna": 9, "Bert": 42, "Cleo": 26, "Dora": 26, "Emma": 17}
"""By title: a paragraph has 32 words, and a minute 265."""


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    for name, count in PARAGRAPHS.items():
        head = f"---\ntitle: {name}\nauthor: {name[0]}.\n---\n"
        path = write(f"{name}.md", head + make_numbered_story(count))
    stage = Stage(path.parent)
    stories = {story.title: story for story in stage.session.catalog.list_stories()}
    stage.store.raise_status(stories["Dora"].id, ReadStatus.READING)
    stage.store.set_status(stories["Emma"].id, ReadStatus.FINISHED)
    return stage


def list_rows(stage: Stage) -> list[str]:
    rows = render_rows(stage.app.screen.query_one(VirtualList))
    return [" ".join(row.split()) for row in rows if row.strip()]


async def test_stories_that_fit_are_listed_the_longest_first(stage: Stage) -> None:
    async with stage.run(size=(60, 20)) as pilot:
        await pilot.press("T")
        assert get_typed(stage) == "15"
        await pilot.press("x", "0", "enter")
        text = "Type 1 to 9999 minutes, such as 90 or 1h30."
        assert stage.screen.status_bar.text.startswith(text)
        await pilot.press("backspace", "backspace", "4", "enter")
        await wait_until_idle(pilot)
        assert list_rows(stage) == ["◐ Dora D. 3 min", "○ Cleo C. 3 min", "○ Anna A. 1 min"]
        await pilot.press("escape", "T")
        assert get_typed(stage) == "4"
        stage.app.post_message(Paste("1h30"))
        await wait_until(pilot, lambda: get_typed(stage) == "1h30")
        await pilot.press("enter")
        await wait_until_idle(pilot)
        assert len(list_rows(stage)) == 4
        await pilot.press("escape", "T")
        assert get_typed(stage) == "90"
        await pilot.press("escape")
        assert stage.screen.shelf.has_focus


async def test_a_story_that_fits_is_opened_or_the_page_is_there_again(stage: Stage) -> None:
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("enter", "T", "1", "enter")
        await wait_until_idle(pilot)
        await pilot.press("escape")
        assert stage.screen.page.has_focus
        await pilot.press("T", "enter")
        await wait_until_idle(pilot)
        await pilot.press("enter")
        await wait_until(pilot, lambda: get_title(stage) == "Anna")
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: get_title(stage) == "Dora")


async def test_a_random_story_is_one_that_the_filter_has_left(stage: Stage) -> None:
    offered: list[list[str]] = []

    def choose(stories: Sequence[Story]) -> Story:
        offered.append([story.title for story in stories])
        return stories[-1]

    async with stage.run() as pilot:
        stage.screen.late.chooser.choose = choose
        stage.screen.action_random()
        await wait_until(pilot, lambda: get_title(stage) == "Cleo")
        await pilot.press("escape", "slash", *"author:e", "enter")
        stage.screen.action_random()
        await wait_until(pilot, lambda: get_title(stage) == "Emma")
        await wait_until(pilot, lambda: stage.screen.page.has_focus)  # else escape drops the filter
        await pilot.press("escape")
        stage.screen.action_random()
        await pilot.pause()
        assert stage.screen.status_bar.text.startswith("There is no other story on the shelf.")
    assert offered == [["Anna", "Bert", "Cleo"], ["Emma"]]


def get_typed(stage: Stage) -> str:
    focused = stage.app.focused
    assert isinstance(focused, Input)
    return focused.value


def get_title(stage: Stage) -> str:
    current = stage.session.current
    return current.story.title if current is not None else ""
