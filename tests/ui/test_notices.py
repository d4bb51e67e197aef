"""Notices are shown one after the other, each for its full time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app_driver import Stage, wait_until

from reader.ui.widgets import status_bar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


async def test_a_second_notice_waits_for_the_first_to_expire(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_bar, "NOTICE_SECONDS", 0.2)
    stage = Stage(write("one.md", "# One\n\nWords.\n").parent)
    async with stage.run() as pilot:
        stage.session.notify("The first.")
        stage.session.notify("The second.")
        for _ in range(2):
            stage.tick()
            assert stage.screen.status_bar.text.startswith("The first.")
        await wait_until(pilot, lambda: not stage.screen.status_bar.has_notice)
        stage.tick()
        assert stage.screen.status_bar.text.startswith("The second.")
