"""Stars and tags on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle
from textual.widgets import Input

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    for name in ("Anna", "Bert", "Cleo"):
        path = write(
            f"{name}.md", f"---\ntitle: {name}\ntags: [sea]\n---\n{make_numbered_story(3)}"
        )
    return Stage(path.parent)


def list_rows(stage: Stage) -> list[str]:
    """Return the rows of the stories, without the heading."""
    return [row for row in render_rows(stage.screen.shelf) if row][1:]


async def test_a_star_stands_below_the_status_in_a_small_terminal(stage: Stage) -> None:
    async with stage.run(size=(60, 20)) as pilot:
        await pilot.press("j", "*")
        assert list_rows(stage) == [
            "  ○ Anna", "    1 min", "▸ ○ Bert", "  ★ 1 min", "  ○ Cleo", "    1 min",
        ]  # fmt: skip
        assert stage.screen.status_bar.text.startswith("Starred: Bert (U undoes it)")
        await pilot.press("slash", *"is:starred", "enter")
        await wait_until_idle(pilot)
        assert [story.title for story in stage.session.order] == ["Bert"]
        await pilot.press("escape", "U")
        assert "★" not in "".join(list_rows(stage))
        assert stage.screen.status_bar.text.startswith("Bert: the star is removed.")


async def test_the_story_on_the_page_is_starred(stage: Stage) -> None:
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("enter", "*")
        await wait_until_idle(pilot)
        assert list_rows(stage)[1] == "  ★ 1 min"
        assert stage.screen.status_bar.text.startswith("Starred: Anna (U undoes it)")
        await pilot.press("space", "*")
        assert list_rows(stage)[1] == "    1 min"
        assert stage.screen.status_bar.text.startswith("Star removed: Anna (U undoes it)")


async def test_tags_are_typed_completed_saved_and_undone(stage: Stage) -> None:
    async with stage.run(size=(60, 20)) as pilot:
        await pilot.press("#")
        hints = "Enter save · Tab complete · Esc cancel"
        assert stage.screen.status_bar.text == f"Tags of Anna  {hints}"
        await pilot.press(*"work, Night", "enter")
        assert list_rows(stage)[1] == "    1 min · #Night #work"
        assert stage.screen.status_bar.text.startswith("Tagged #work #Night: Anna (U undoes it)")
        assert stage.screen.shelf.has_focus
        await pilot.press("j", "#", "tab")
        assert get_typed(stage) == "Night"
        await pilot.press("tab")
        assert get_typed(stage) == "sea"
        await pilot.press("comma", "w", "tab", "enter")
        assert list_rows(stage)[3] == "    1 min · #sea #work"
        await pilot.press("#", "ctrl+u", *"work", "enter")
        assert list_rows(stage)[3] == "    1 min · #work"
        assert stage.screen.status_bar.text.startswith("Without #sea: Bert")
        await pilot.press("#", *"x", "escape", "slash", *"tag:wor", "tab")
        assert get_typed(stage) == "tag:work"
        await pilot.press("enter")
        assert [story.title for story in stage.session.order] == ["Anna", "Bert"]
        await pilot.press("escape", "U", "U", "U")
        assert "#" not in "".join(list_rows(stage))
        assert stage.screen.status_bar.text.startswith("Anna: the tags are changed back.")


async def test_tags_are_typed_on_the_page_which_gets_the_focus_back(stage: Stage) -> None:
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("enter", "#")
        assert stage.screen.status_bar.text.startswith("Tags of Anna · in its file: sea  Enter")
        await pilot.press(*"zzz", "tab")
        assert stage.screen.status_bar.text.startswith("No tag begins with that.")
        await pilot.press(*["backspace"] * 3, *"late", "enter")
        await wait_until_idle(pilot)
        assert stage.screen.page.has_focus
        assert list_rows(stage)[1] == "    1 min · #late"
        await pilot.press("#", "enter")
        assert stage.screen.status_bar.text.startswith("The tags are unchanged.")


async def test_the_palette_shows_the_stories_with_a_tag(stage: Stage) -> None:
    async with stage.run(size=(120, 30)) as pilot:
        await pilot.press("#", *"work sea", "enter", "enter", "ctrl+p", *"tag:")
        await wait_until_idle(pilot)
        rows = render_rows(stage.app.screen.query_one("VirtualList"))
        assert [" ".join(row.split()) for row in rows[:2]] == [
            "Tag: sea 3 stories",
            "Tag: work 1 story",
        ]
        await pilot.press("down", "down", "enter")
        await wait_until_idle(pilot)
        assert stage.screen.shelf.has_focus
        assert [story.title for story in stage.session.order] == ["Anna"]


def get_typed(stage: Stage) -> str:
    focused = stage.app.focused
    assert isinstance(focused, Input)
    return focused.value
