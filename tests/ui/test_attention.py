"""Keys and mouse moves count as activity; skipped parts are shown at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app_driver import Stage, make_numbered_story, wait_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    Write = Callable[[str, str], Path]


async def test_every_key_and_mouse_move_counts_as_activity(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("s.md", make_numbered_story(30))
    stage = Stage(path.parent, file=path)
    calls: list[None] = []
    monkeypatch.setattr(stage.session.tracker, "record_activity", lambda: calls.append(None))
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("question_mark")  # the next keys are typed in the help dialog
        for key in ("down", "shift+f5", "mouse"):
            calls.clear()
            await (pilot.hover() if key == "mouse" else pilot.press(key))
            assert calls, key


async def test_the_end_shows_how_many_parts_were_skipped(write: Write) -> None:
    path = write("s.md", make_numbered_story(30))
    stage = Stage(path.parent, file=path)
    async with stage.run(size=(80, 24)) as pilot:
        for keys in ("space", "space", "space", "space", "G"):
            stage.clock.now += 60
            stage.session.tracker.tick()
            await pilot.press(keys)
            await wait_until_idle(pilot)
        assert "skipped" not in stage.screen.status_bar.text
        stage.clock.now += 60
        stage.tick()
        await pilot.pause()
        assert "1 part skipped" in stage.screen.status_bar.text
        await pilot.press("b")
        assert "skipped" not in stage.screen.status_bar.text
