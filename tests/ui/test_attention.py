"""On the screen: keys and the mouse say that somebody is there, and what was passed over is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app_driver import Stage, numbered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    Write = Callable[[str, str], Path]


async def test_every_key_and_every_move_of_the_mouse_says_that_somebody_is_there(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("s.md", numbered(30))
    stage = Stage(path.parent, file=path)
    touches: list[None] = []
    monkeypatch.setattr(stage.session.tracker, "record_activity", lambda: touches.append(None))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")  # what follows is typed under the help
        for key in ("down", "shift+f5", "mouse"):
            touches.clear()
            await (pilot.hover() if key == "mouse" else pilot.press(key))
            assert touches, key


async def test_the_end_says_which_parts_were_passed_over(write: Write) -> None:
    path = write("s.md", numbered(30))
    stage = Stage(path.parent, file=path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        for keys in ("space", "space", "space", "space", "G"):
            stage.clock.now += 60
            stage.session.tracker.tick()
            await pilot.press(keys)
        assert "skipped" not in stage.screen.status_bar.text
        stage.clock.now += 60
        stage.tick()
        await pilot.pause()
        assert "1 part skipped" in stage.screen.status_bar.text
        await pilot.press("b")
        assert "skipped" not in stage.screen.status_bar.text
