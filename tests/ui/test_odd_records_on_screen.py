"""Whatever a store holds, the app starts and shows it in all its lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app_driver import Stage, render_rows, wait_until, wait_until_idle
from odd_records import fill_with_odd_records

from reader.ui.dialogs.annotations import AnnotationsDialog
from reader.ui.dialogs.history import HistoryDialog
from reader.ui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot
    from textual.screen import Screen


async def look_through(pilot: Pilot[None], key: str, dialog: type[Screen[Any]]) -> None:
    """Open a list with `key`, look at three screenfuls of it, and close it."""
    main_screen = pilot.app.screen
    await pilot.press(key)
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, dialog))
    await wait_until_idle(pilot)
    for _ in range(3):
        rows = render_rows(pilot.app.screen.query_one(VirtualList))
        assert any(rows)
        assert all(row.isprintable() for row in rows)
        await pilot.press("pagedown")
    await pilot.press("escape")
    await wait_until(pilot, lambda: pilot.app.screen is main_screen)


async def test_the_app_shows_odd_records(write: Callable[[str, str], Path]) -> None:
    path = write("odd.md", "---\nid: odd\ntitle: Odd\n---\n\nOne paragraph.\n\nAnother.\n")
    stage = Stage(path.parent)
    fill_with_odd_records(stage.store, str(path).encode())
    stage = Stage(path.parent, file=path, store=stage.store)
    async with stage.run() as pilot:
        stage.tick()
        await look_through(pilot, "Q", AnnotationsDialog)
        await look_through(pilot, "R", HistoryDialog)
        await pilot.press("space", "end", "r", "x", "ctrl+s")
        await wait_until_idle(pilot)
        rows = render_rows(stage.screen.page)
        assert all(row.isprintable() for row in rows)
