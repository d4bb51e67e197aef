"""The app on a large shelf whose order was kept, before all of its files are scanned."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from app_driver import render_rows, wait_until, wait_until_idle
from kept_frames import keep_order

from reader.cli.context import open_session
from reader.cli.start import enter_start
from reader.config import Config
from reader.session.jobs import ScanJob
from reader.ui.app import ReaderApp
from reader.ui.controllers import shelf

if TYPE_CHECKING:
    from pathlib import Path

    from reader.session.jobs import Scanned

pytestmark = pytest.mark.usefixtures("home")

STORIES = 30
SHOWN = 12
"""Stories of the part that is shown at first."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder whose order is kept, and of which a start shows the first stories."""
    folder = tmp_path / "large"
    folder.mkdir()
    for number in range(STORIES):
        (folder / f"{number:02}.md").write_text(f"# Story {number:02}\n\nWords of it.\n")
    keep_order(folder, monkeypatch)
    monkeypatch.setattr(shelf, "MAX_LISTED_AT_ONCE", SHOWN)
    return folder


async def test_keys_are_obeyed_on_the_part_and_hold_for_all_stories(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_released, run = threading.Event(), ScanJob.run

    def run_late(job: ScanJob) -> Scanned:
        assert is_released.wait(60)
        return run(job)

    monkeypatch.setattr(ScanJob, "run", run_late)
    with open_session() as session:
        assert enter_start(session, [str(folder)], folder, None) == []
        app = ReaderApp(session, Config(scrollbar=False), theme="night")
        screen = app.reading_screen
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda: screen.shelf.is_listed)
            assert screen.status_bar.text.startswith(f"{STORIES} stories")
            await pilot.press("j", "j")
            assert "▸ ○ Story 02" in "\n".join(render_rows(screen.shelf))
            await pilot.press("G")
            assert f"▸ ○ Story {SHOWN - 1}" in "\n".join(render_rows(screen.shelf))
            is_released.set()
            await wait_until(pilot, lambda: len(session.order) == STORIES)
            await wait_until_idle(pilot)
            assert f"▸ ○ Story {STORIES - 1}" in "\n".join(render_rows(screen.shelf))
            await pilot.press("slash", *"03", "enter")
            assert [story.title for story in session.order] == ["Story 03"]


async def test_a_filter_typed_before_the_scan_is_applied_to_all_stories(folder: Path) -> None:
    with open_session() as session:
        assert enter_start(session, [str(folder)], folder, None) == []
        app = ReaderApp(session, Config(scrollbar=False), theme="night")
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("slash", *"29", "enter")
            await wait_until_idle(pilot)
            assert [story.title for story in session.order] == ["Story 29"]
