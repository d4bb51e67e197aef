"""The keys `1` to `5` of the shelf, which show the stories of a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until

from reader.reading.progress import ReadStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TAGS = {"Anna": "sea", "Bert": "land", "Cleo": "sea", "Dora": "sea"}


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    for name, tag in TAGS.items():
        path = write(
            f"{name}.md", f"---\ntitle: {name}\ntags: [{tag}]\n---\n{make_numbered_story(9)}"
        )
    stage = Stage(path.parent)
    stories = {story.title: story for story in stage.session.catalog.list_stories()}
    stage.store.raise_status(stories["Bert"].id, ReadStatus.READING)
    stage.store.set_status(stories["Cleo"].id, ReadStatus.FINISHED)
    stage.session.labels.toggle_star([stories["Dora"]])
    return stage


def list_titles(stage: Stage) -> list[str]:
    return [s.title for s in stage.session.order]


async def test_each_key_shows_the_stories_of_a_state(stage: Stage) -> None:
    found = {}
    async with stage.run() as pilot:
        for key in "234512":
            await pilot.press(key)
            stage.tick()
            status = stage.screen.status_bar.text.partition("  ")[0]
            found[key] = " ".join(list_titles(stage)), status
        await pilot.press("escape")
        stage.tick()
        assert list_titles(stage) == ["Bert", "Anna", "Dora", "Cleo"]
        assert stage.screen.status_bar.text.startswith("4 stories")
    assert found == {
        "2": ("Anna Dora", "2 unread of 4 stories"),
        "3": ("Bert", "1 begun of 4 stories"),
        "4": ("Cleo", "1 finished of 4 stories"),
        "5": ("Dora", "1 starred of 4 stories"),
        "1": ("Bert Anna Dora Cleo", "4 stories"),
    }


async def test_a_state_and_what_is_typed_are_met_both(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("slash", *"tag:sea", "enter", "2")
        assert list_titles(stage) == ["Anna", "Dora"]
        await pilot.press("slash", "end", *" dora")
        assert list_titles(stage) == ["Dora"]
        assert stage.screen.status_bar.text.startswith("1 unread of 4 stories")
        await pilot.press("enter", "1")
        assert list_titles(stage) == ["Dora"]
        await pilot.press("slash", *"tag:land", "enter", "5")
        assert "No story matches." in "\n".join(render_rows(stage.screen.shelf))
        await pilot.press("escape")
        assert len(list_titles(stage)) == 4


async def test_the_cursor_stays_near_and_the_page_follows_it(stage: Stage) -> None:
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("j", "j", "4")
        shelf, session = stage.screen.shelf, stage.session
        assert shelf.story is not None
        assert shelf.story.title == "Cleo"
        await wait_until(
            pilot, lambda: session.current is not None and session.current.story == shelf.story
        )
        await pilot.press("1")
        assert shelf.story.title == "Cleo"
        assert list_titles(stage) == ["Bert", "Anna", "Dora", "Cleo"]


async def test_a_status_that_was_just_changed_counts(stage: Stage) -> None:
    async with stage.run() as pilot:
        await pilot.press("j", "m", "4")
        assert list_titles(stage) == ["Anna", "Cleo"]
        await pilot.press("3", "m", "3")
        assert list_titles(stage) == ["Bert"]  # it stays until the shelf is listed again
        await pilot.press("1", "3")
        rows = "\n".join(render_rows(stage.screen.shelf))
        assert "No story is begun." in rows
        assert "Esc shows all stories" in rows


async def test_digits_on_the_page_are_a_count(stage: Stage) -> None:
    async with stage.run(size=(60, 12)) as pilot:
        await pilot.press("enter", "5")
        assert stage.screen.page.count.number == 5
        assert len(list_titles(stage)) == 4
