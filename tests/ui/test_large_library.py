"""The loop that takes the keys is never held for long while a large library is described."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app_driver import wait_until, wait_until_idle
from library_home import Home, make_text
from loop_times import ATTEMPTS, find_longest, measured_callbacks

from reader.config import Config
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store
from reader.ui.app import ReaderApp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pytest

    from reader.library.files import File
    from reader.library.story import Story

COUNT = int(os.environ.get("READER_STORIES", "1000"))
"""Stories in the library."""
MAX_SECONDS = 0.03
"""Processor time that one callback of the loop may take: two frames. `MAX_CALLS` is another limit."""
KEYS = ("j", "j", "k", "end", "k", "home", "space", "j")


def write_library(folder: Path) -> None:
    for number in range(COUNT):
        path = folder / f"part-{number % 20}" / f"{number * 7919 % COUNT:06}-story.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"---\ntitle: Story {number}\ndate: 2020-01-{number % 28 + 1:02}\n---\n\nText.\n"
        )


async def measure_longest_callback(folder: Path) -> float:
    """Describe the library while keys are pressed; return the seconds of the longest callback."""
    session = Session(Catalog(), Store.open_in_memory(), Index.open(None), TextCache(None))
    files = session.scan_folders([folder])
    app = ReaderApp(session, Config(), pending_files=files, theme="night")
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: bool(session.order))
        with measured_callbacks() as callbacks:
            while len(session.catalog) < COUNT or any(s.is_head_only for s in session.order):
                for key in KEYS:
                    await pilot.press(key)
            await wait_until_idle(pilot)
        assert [story.words for story in session.order] == [1] * COUNT
    return find_longest(callbacks)


async def test_no_callback_holds_the_loop_while_files_are_described(tmp_path: Path) -> None:
    write_library(tmp_path)
    longest: list[float] = []
    while not longest or (longest[-1] >= MAX_SECONDS and len(longest) < ATTEMPTS):
        longest.append(await measure_longest_callback(tmp_path))
    assert min(longest) < MAX_SECONDS


async def test_all_rows_of_a_new_library_come_before_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.session.shelf.shelf_list.MAX_LISTED_AT_ONCE", 0)
    monkeypatch.setattr("reader.ui.controllers.library.describing.MAX_COUNTED_AT_ONCE", 0)
    for name in ("a.md", "b.md", "c.md"):
        (tmp_path / name).write_text("Words.")
    session = Session(Catalog(), Store.open_in_memory(), Index.open(None), TextCache(None))
    saved: list[tuple[int, int]] = []
    index_stories = session.index_stories

    def note_saved(stories: Iterable[tuple[File, Story]]) -> None:
        saved.append((len([*stories]), len(session.order)))
        index_stories(stories)

    session.index_stories = note_saved
    files = session.scan_folders([tmp_path])
    app = ReaderApp(session, Config(), pending_files=files, theme="night")
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: bool(saved))
    assert saved[0] == (3, 3)


async def test_stories_of_another_device_are_found_before_the_first_list_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.session.shelf.shelf_list.MAX_LISTED_AT_ONCE", 0)
    home, other = Home(tmp_path / "home"), Home(tmp_path / "laptop")
    paths = [folder / "stories" / "a.md" for folder in (tmp_path / "home", tmp_path / "laptop")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(make_text("a"))
    home.list_responses(paths[0].parent)  # it is in the index
    other.respond(paths[1], "read elsewhere")
    home.import_export(other.export())
    with home.run() as session:
        files = session.scan_folders([paths[0].parent])
        app = ReaderApp(session, Config(), pending_files=files, theme="night")

        def load_response() -> str:
            story = session.catalog.get(paths[0])
            return session.annotations.load_response(story.id) if story else ""

        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda: load_response() == "read elsewhere")
