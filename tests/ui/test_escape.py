"""Escape clears one thing at a time, the innermost first, and then goes to the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, wait_until_idle

from reader.text.document import Place
from reader.text.places import Passage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ORDER = [
    "labels", "matches", "open footnote", "selection", "link cursor", "paragraph cursor", "page alone",
    "page",
]  # fmt: skip


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    return write(
        "a.md", f"A [link](#x) and a note.[^1]\n\n{make_numbered_story(9)}\n\n[^1]: The note."
    )


def list_clearable(stage: Stage) -> list[str]:
    """Return what Escape would clear, the innermost first."""
    page, decorations = stage.screen.page, stage.screen.page.decorations
    states = {
        "labels": decorations.has_labels,
        "matches": decorations.search_results is not None,
        "open footnote": any("┆" in line.text for _, line in page.viewport.visible.rows),
        "selection": page.selection is not None,
        "link cursor": decorations.link is not None,
        "paragraph cursor": decorations.paragraph is not None,
        "page alone": stage.screen.panes.is_page_alone,
        "page": page.has_focus,
    }
    return [name for name, is_present in states.items() if is_present]


async def test_escape_clears_the_innermost_first(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("z", "J", "tab", "tab", "enter")
        stage.screen.page.decorations.selection = Passage(Place(), Place(0, 1))
        await pilot.press("slash", *"word", "enter", "f")
        await wait_until_idle(pilot)
        steps = []
        for _ in ORDER:
            steps.append(list_clearable(stage))
            await pilot.press("escape")
            await pilot.pause()
        assert steps == [ORDER[number:] for number in range(len(ORDER))]
        assert stage.screen.shelf.has_focus


async def test_escape_in_the_search_bar_only_ends_the_search(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.run(size=(120, 24)) as pilot:
        await pilot.press("J", "slash", *"word", "escape")
        await pilot.pause()
        assert list_clearable(stage) == ["paragraph cursor", "page"]
