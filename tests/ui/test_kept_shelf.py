"""The app on a large shelf whose order was kept, before all of its files are scanned."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from app_driver import render_rows, wait_until, wait_until_idle
from kept_frames import keep_order

from reader.cli.context import open_session
from reader.cli.start import enter_start
from reader.config import Config
from reader.paths import Paths
from reader.session.jobs import ScanJob
from reader.session.scanning import ORDER_NAMES
from reader.session.shelf.rows import MAX_DESCRIBED_BYTES
from reader.ui.app import ReaderApp
from reader.ui.controllers import library, shelf
from reader.ui.controllers.pacing import ListingTurns

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from reader.session.jobs import Scanned

    Work = Coroutine[None, None, None]

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


@pytest.fixture
def is_released(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return an event for which the scan of the files waits."""
    is_released, run = threading.Event(), ScanJob.run

    def run_late(job: ScanJob) -> Scanned:
        assert is_released.wait(60)
        return run(job)

    monkeypatch.setattr(ScanJob, "run", run_late)
    return is_released


async def test_keys_are_obeyed_on_the_part_and_hold_for_all_stories(
    folder: Path, is_released: threading.Event
) -> None:
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


def test_an_order_that_knows_later_changes_than_the_reading_data_is_not_used(folder: Path) -> None:
    order = Paths.default().index
    assert order is not None
    with open_session() as session, sqlite3.connect(order.with_name(ORDER_NAMES[1])) as db:
        serial = session.known_stories.load_version()[1]
        (data,) = db.execute("SELECT data FROM header").fetchone()
        for later, is_used in ((0, True), (1, False)):  # the data was restored from a backup
            header = json.dumps(json.loads(data) | {"serial": serial + later})
            db.execute("UPDATE header SET data = ?", (header,))
            db.commit()
            assert session.scanning.enter_kept_shelf(folder) is is_used


@pytest.mark.parametrize(("size", "is_shown"), [(10, True), (MAX_DESCRIBED_BYTES, False)])
def test_a_part_is_shown_if_the_files_that_have_changed_are_quickly_read(
    folder: Path, size: int, is_shown: bool
) -> None:
    for name, characters in (("01", 10), ("02", size)):
        (folder / f"{name}.md").write_text(f"# Story {name}\n\n{characters * 'x'}\n")
    with open_session() as session:
        assert session.scanning.enter_kept_shelf(folder)
        assert session.scanning.read_part(None, STORIES) is is_shown


async def test_a_filter_typed_before_the_scan_is_applied_to_all_stories(folder: Path) -> None:
    with open_session() as session:
        assert enter_start(session, [str(folder)], folder, None) == []
        app = ReaderApp(session, Config(scrollbar=False), theme="night")
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("slash", *"29", "enter")
            await wait_until_idle(pilot)
            assert [story.title for story in session.order] == ["Story 29"]


async def test_below_a_short_story_suggestions_appear_with_a_key_not_by_themselves(
    folder: Path, is_released: threading.Event
) -> None:
    with open_session() as session:
        assert enter_start(session, [str(folder)], folder, None) == []
        app = ReaderApp(session, Config(scrollbar=False), theme="night")
        screen = app.reading_screen
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda: screen.shelf.is_listed)
            await pilot.press("enter")
            await wait_until(pilot, lambda: "Not read yet" in "\n".join(render_rows(screen.page)))
            before = render_rows(screen.page)
            is_released.set()
            await wait_until(pilot, lambda: len(session.order) == STORIES)
            await wait_until_idle(pilot)
            assert render_rows(screen.page) == before
            await pilot.click(screen.page, offset=(40, 20))
            screen.refresh_page()
            assert "Next" not in "\n".join(render_rows(screen.page))
            await pilot.press("space")
            await wait_until_idle(pilot)
            assert "Next · Space reads the first" in "\n".join(render_rows(screen.page))
            assert "Story 01" in screen.status_bar.text
            await pilot.press("space")
            await wait_until(pilot, lambda: session.current is not None)
            assert "Next · Space reads the first" in "\n".join(render_rows(screen.page))


async def test_the_first_order_is_kept_at_once_and_later_ones_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[object] = []

    async def note_sleep(seconds: float) -> None:
        done.append(seconds)

    def note_work(_screen: object, _name: str, function: Callable[..., Work], listing: int) -> None:
        works.append(function(listing))

    works: list[Work] = []
    jobs = {n: SimpleNamespace(run=partial(done.append, f"list {n}")) for n in (2, 3, 5)}
    scanning = SimpleNamespace(make_order_job=jobs.get, orders=Path("orders"))
    parts: Any = SimpleNamespace(session=SimpleNamespace(scanning=scanning), screen=None)
    loader: Any = SimpleNamespace()
    monkeypatch.setattr(library, "start_worker", note_work)
    monkeypatch.setattr(asyncio, "sleep", note_sleep)
    files = library.LibraryFiles(parts, loader, (), list[Any]().clear, ListingTurns())
    for number in range(1, 6):  # of the first and the fourth list no order need be kept
        listing: Any = number
        files.finish_listing(listing, had_part=False)
        await works.pop()
    assert done == ["list 2", 5.0, "list 3", 5.0, 5.0, "list 5"]
