"""Stories with the same title are told apart wherever stories are listed or named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle

from reader.drawing.lists import format_line_end
from reader.ui.controllers.text_search import controller
from reader.ui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def stage(write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(controller, "KEY_REST_SECONDS", 0.0)
    for name in ("a.md", "b.md"):
        path = write(name, f"---\ntitle: Draft\nauthor: Ann\n---\n{make_numbered_story(9)}")
    return Stage(path.parent)


async def test_lists_and_notices_show_the_end_of_the_path(stage: Stage) -> None:
    async with stage.run(size=(90, 24)) as pilot:

        def list_rows() -> list[str]:
            rows = render_rows(stage.app.screen.query_one(VirtualList))
            return [" ".join(row.split()) for row in rows if row.strip()]

        await pilot.press("T", "enter")
        await wait_until_idle(pilot)
        assert list_rows() == ["○ Draft Ann a.md · 1 min", "○ Draft Ann b.md · 1 min"]
        await pilot.press("escape", "ctrl+p", *"dr")
        await wait_until_idle(pilot)
        assert list_rows()[-2:] == ["Draft Ann a.md · story", "Draft Ann b.md · story"]
        await pilot.press("escape", "escape", "S", *"par")
        await wait_until(pilot, lambda: len(list_rows()) == 4)
        assert sorted(list_rows()[::2]) == ["Draft a.md · Ann", "Draft b.md · Ann"]
        await pilot.press("escape", "escape", "m")
        assert stage.screen.status_bar.text.startswith("Finished: Draft · a.md (U")
        await pilot.press("R")
        await pilot.pause()
        assert list_rows()[0].endswith("Draft 1 min")  # it is the only one that was finished
        await pilot.press("escape", "U")
        assert stage.screen.status_bar.text.startswith("Draft · a.md: unread again.")
        await pilot.press("enter", "]")
        assert stage.screen.status_bar.text.startswith("On the shelf: Draft · b.md")
        await pilot.press("G")
        await wait_until(pilot, lambda: "Draft · a.md · 1 min" in get_page_text(stage))


def get_page_text(stage: Stage) -> str:
    return "\n".join(render_rows(stage.screen.page))


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("", "  2 min"),
        ("notes/b.md", "  notes/b.md · 2 min"),
        ("a long folder/notes/b.md", "  …/notes/b.md · 2 min"),
        ("a long folder/notes of a year.md", "  notes of a year.md · 2 min"),
        ("notes of a year and more.md", "  notes of a year an… · 2 min"),
    ],
)
def test_a_path_takes_half_of_a_line_at_most(path: str, end: str) -> None:
    assert format_line_end(path, "2 min", 38) == end
