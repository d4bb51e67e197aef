"""Notices are shown one after the other; that nothing is being saved is shown as long as it lasts."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from app_driver import Stage, render_rows, wait_until

from reader.reading.progress import ReadStatus
from reader.store.repository import Store
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


async def test_the_status_bar_says_that_nothing_is_being_saved_for_as_long_as_that_is_so(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    path, away = tmp_path / "data" / "state.db", tmp_path / "away"
    story = write("one.md", "# One\n\nWords of it.\n")
    stage = Stage(story.parent, file=story, store=Store.open(path))
    path.parent.rename(away)
    async with stage.run() as pilot:
        bar = stage.screen.status_bar
        for _ in range(2):
            stage.tick()
            assert bar.text.startswith(
                f"Nothing is being saved: the folder is gone: {path.parent}  "
            )
        stage.session.notify("Another notice.")
        stage.tick()
        assert bar.text == "Another notice.  not saved"
        await pilot.press("H")
        assert bar.text.startswith("Highlighted the paragraph, not saved yet: e adds a note")
        await pilot.press("m")
        assert bar.text.startswith("Finished, not saved yet: One")
        await pilot.press("U")
        assert bar.text.startswith("One: unread again, not saved yet.")
        await pilot.press("r", "w", "ctrl+s")
        await wait_until(pilot, lambda: "response" in bar.text)
        assert bar.text.startswith("The response is not saved yet: U undoes it")
        away.rename(path.parent)
        stage.tick()
        assert bar.text.startswith("Everything is saved now.")
        await pilot.press("H")
        assert bar.text.startswith("Already highlighted: e adds a note")


async def test_the_problem_is_cut_before_the_position_unless_the_terminal_is_narrow(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    path = tmp_path / "data" / "state.db"
    story = write("one.md", "# One\n\nWords of it.\n")
    stage = Stage(story.parent, file=story, store=Store.open(path))
    path.parent.rename(tmp_path / "away")
    async with stage.run((70, 10)) as pilot:
        stage.tick()
        row = render_rows(stage.screen.status_bar)[0]
        assert row.startswith(" Nothing is being saved: the folder is gone: ")
        assert "…  100 %" in row
        assert row.endswith("100 %")
        await pilot.resize_terminal(24, 10)
        assert render_rows(stage.screen.status_bar)[0] == " Nothing is being sa…"


async def test_data_that_another_program_has_changed_is_shown_with_the_file_again(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    path = tmp_path / "data" / "state.db"
    stage = Stage(write("one.md", "# One\n\nWords.\n").parent, store=Store.open(path))
    story = stage.session.catalog.find_story("one")
    async with stage.run():
        path.parent.rename(tmp_path / "away")
        with closing(Store.open(path)) as other:
            other.set_status(story.id, ReadStatus.FINISHED)
        stage.tick()
        assert "✓ One" in "\n".join(render_rows(stage.screen.shelf))
