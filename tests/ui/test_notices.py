"""What went wrong is told one line after the other, so that none is gone before it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app_driver import Stage

from reader.ui.widgets import status_bar as status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

LOOKS = 200
"""Each of a twentieth of a second."""


async def test_a_second_line_waits_until_the_first_was_read(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "NOTICE_SECONDS", 0.7)
    stage = Stage(write("one.md", "# One\n\nWords.\n").parent)
    async with stage.app.run_test() as pilot:
        stage.session.notify("The first.")
        stage.session.notify("The second.")
        told: list[str] = []
        for _ in range(LOOKS):
            await pilot.pause(0.05)
            news = stage.screen.status_bar.text.partition("  ")[0]
            told += [news] if news.startswith("The") and news not in told else []
            if len(told) == 2:
                break
    assert told == ["The first.", "The second."]
