"""Dialogs in terminals that are too small for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, wait_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DIALOGS = {
    "contents": ["t"],
    "help": ["question_mark"],
    "address": ["tab", "enter"],
    "search": ["slash", "1"],
    "palette": ["ctrl+p"],
    "note": ["H", "e", "w"],
    "response": ["r", "w", "enter", "w"],
    "highlights": ["H", "Q"],
    "history": ["R"],
}


SIZES = [(20, 5), (1, 1)]
MORE_SIZES = {"note": [(60, 20), (3, 2)], "palette": [(60, 20)], "contents": [(3, 2)]}
"""For one dialog with a text field, one of the app, and one with a list."""


@pytest.mark.parametrize("dialog", DIALOGS)
async def test_a_dialog_opens_and_closes_in_a_terminal_of_any_size(
    dialog: str, write: Callable[[str, str], Path]
) -> None:
    path = write("a.md", f"[Web](https://example.org)\n\n## Part\n\n{make_numbered_story(9)}")
    stage = Stage(path.parent, file=path)
    async with stage.run(size=SIZES[0]) as pilot:
        for columns, rows in SIZES + MORE_SIZES.get(dialog, []):
            await pilot.resize_terminal(columns, rows)
            await pilot.press(*DIALOGS[dialog])
            await pilot.pause()
            await pilot.resize_terminal(columns + 1, rows + 1)
            if stage.app.screen is not stage.screen or dialog == "search":
                await pilot.press("down", "escape")
            await wait_until_idle(pilot)
            assert stage.app.screen is stage.screen
            assert stage.screen.page.has_focus
