"""The loop that takes the keys is never held for long while a large library is described."""

from __future__ import annotations

import os
import time
from asyncio.events import Handle
from typing import TYPE_CHECKING

from app_driver import wait_until, wait_until_idle

from reader.config import Config
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store
from reader.ui.app import ReaderApp

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

COUNT = int(os.environ.get("READER_STORIES", "1000"))
"""Stories in the library."""
MAX_SECONDS = 0.03
"""Processor time that one callback of the loop may take: two frames."""
KEYS = ("j", "j", "k", "end", "k", "home", "space", "j")


def write_library(folder: Path) -> None:
    for number in range(COUNT):
        path = folder / f"part-{number % 20}" / f"{number * 7919 % COUNT:06}-story.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"---\ntitle: Story {number}\ndate: 2020-01-{number % 28 + 1:02}\n---\n\nText.\n"
        )


async def test_no_callback_holds_the_loop_while_files_are_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_library(tmp_path)
    session = Session(Catalog(), Store.open_in_memory(), Index.open(None), TextCache(None))
    files = session.scan_folders([tmp_path])
    app = ReaderApp(session, Config(), pending_files=files, theme="night")
    seconds: list[float] = []
    run = Handle._run  # noqa: SLF001  the loop offers no hook that gives processor time

    def run_measured(handle: Handle) -> None:
        began = time.thread_time()
        run(handle)
        seconds.append(time.thread_time() - began)

    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: session.current is not None)
        monkeypatch.setattr(Handle, "_run", run_measured)
        while len(session.catalog) < COUNT:
            for key in KEYS:
                await pilot.press(key)
        await wait_until_idle(pilot)
        monkeypatch.undo()
        assert len(session.order) == COUNT
    assert max(seconds) < MAX_SECONDS
