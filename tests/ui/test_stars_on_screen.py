"""Stars and tags on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def stage(write: Callable[[str, str], Path]) -> Stage:
    for name in ("Anna", "Bert", "Cleo"):
        path = write(f"{name}.md", f"---\ntitle: {name}\n---\n{make_numbered_story(3)}")
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
