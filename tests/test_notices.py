"""What went wrong is told one line after the other, so that none is gone before it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens import Stage

from reader.ui.status import LASTING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def test_a_second_line_waits_until_the_first_was_read(
    write: Callable[[str, str], Path],
) -> None:
    stage = Stage(write("one.md", "# One\n\nWords.\n").parent)
    async with stage.app.run_test() as pilot:
        stage.session.notices += ["The first.", "The second."]
        told = []
        for _ in range(2):
            await pilot.pause(0.7)
            told.append(stage.screen.status.text.partition("  ")[0])
        assert told == ["The first.", "The first."]
        await pilot.pause(LASTING)
        assert stage.screen.status.text.startswith("The second.")
