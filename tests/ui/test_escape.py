"""Esc: undoes the innermost of what is lit up or open, and then goes to the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, numbered, wait_until_idle

from reader.text.document import Place
from reader.text.places import Passage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ORDER = [
    "labels", "find", "open note", "selection", "link cursor", "paragraph cursor", "page alone",
    "page",
]  # fmt: skip


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    return write("a.md", f"A [link](#x) and a note.[^1]\n\n{numbered(9)}\n\n[^1]: The note.")


def there_is(stage: Stage) -> list[str]:
    """Return what there is to be undone."""
    page, lights = stage.screen.page, stage.screen.page.decorations
    found = {
        "labels": lights.has_labels,
        "find": lights.search_results is not None,
        "open note": any("┆" in line.text for _, line in page.viewport.visible.rows),
        "selection": page.selection is not None,
        "link cursor": lights.link is not None,
        "paragraph cursor": lights.paragraph is not None,
        "page alone": stage.screen.panes.is_page_alone,
        "page": page.has_focus,
    }
    return [name for name, is_there in found.items() if is_there]


async def test_escape_undoes_the_innermost_first(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.app.run_test(size=(120, 24)) as pilot:
        await pilot.press("z", "J", "tab", "tab", "enter")
        stage.screen.page.decorations.selection = Passage(Place(), Place(0, 1))
        await pilot.press("slash", *"word", "enter", "f")
        await wait_until_idle(pilot)
        met = []
        for _ in ORDER:
            met.append(there_is(stage))
            await pilot.press("escape")
            await pilot.pause()
        assert met == [ORDER[at:] for at in range(len(ORDER))]
        assert stage.screen.shelf.has_focus


async def test_escape_in_the_search_line_ends_the_search_alone(story: Path) -> None:
    stage = Stage(story.parent, file=story)
    async with stage.app.run_test(size=(120, 24)) as pilot:
        await pilot.press("J", "slash", *"word", "escape")
        await pilot.pause()
        assert there_is(stage) == ["paragraph cursor", "page"]
