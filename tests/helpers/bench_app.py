"""Run the app on a folder, and print what that took as a line of JSON: for `bench_library`.

Arguments: the folder, the file of the index, and how many stories there are. Times are in seconds,
memory in bytes.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app_driver import wait_until

from reader.config import Config
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store
from reader.ui.app import ReaderApp

if TYPE_CHECKING:
    from collections.abc import Callable

POLL_SECONDS = 0.02
KEYS = 120
LIMIT = 3_600
"""Seconds after which a library is not described."""


def read_memory() -> int:
    """Return the resident memory of this process; 0 where there is no /proc."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def read_children_time() -> float:
    """Return the processor time of the processes that this one has started; 0 without /proc."""
    try:
        tasks = Path("/proc/self/task").glob("*/children")
        children = " ".join(task.read_text() for task in tasks).split()
        stats = [Path(f"/proc/{child}/stat").read_text() for child in children]
    except OSError:
        return 0.0
    # proc(5): the 14th and 15th fields; the second is a name in parentheses
    times = [stat.rpartition(")")[2].split()[11:13] for stat in stats]
    return sum(int(ticks) for pair in times for ticks in pair) / os.sysconf("SC_CLK_TCK")


async def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until `condition` is true. Unlike a pause of the pilot, a look costs next to nothing."""
    async with asyncio.timeout(LIMIT):
        while not condition():  # noqa: ASYNC110  nothing tells how long an order is
            await asyncio.sleep(POLL_SECONDS)


def has_heads_only(session: Session) -> bool:
    """Return whether the words of any of the last hundred rows are not counted yet."""
    return any(story.is_head_only for story in session.order[-100:])


async def measure(folder: Path, index: Path, count: int) -> dict[str, float]:
    """Return the times until all rows are there, until all words are counted, and of keys."""
    before, processor, began = read_memory(), time.process_time(), time.monotonic()
    session = Session(Catalog(), Store.open_in_memory(), Index.open(index), TextCache(None))
    files = session.scan_folders([folder])
    app = ReaderApp(session, Config(), pending_files=files, theme="night")
    result: dict[str, float] = {}
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for(lambda: len(session.catalog) >= count)
        others = read_children_time()  # later the process counts words
        await wait_for(lambda: len(session.order) >= count)
        result["rows"] = time.process_time() - processor
        result["rows, both processes"] = result["rows"] + others
        result["rows, by the clock"] = time.monotonic() - began
        await wait_for(lambda: not has_heads_only(session))
        result["words, by the clock"] = time.monotonic() - began
        times = []
        for key in ("j", "k", "j", "space") * (KEYS // 4):
            began = time.perf_counter()
            await pilot.press(key)
            times.append(time.perf_counter() - began)
        result["a key, 95th percentile"] = sorted(times)[len(times) * 95 // 100]
        result["memory"] = read_memory() - before
        path = session.order[-1].path
        app.reading_screen._tick()  # noqa: SLF001  in tests no timer does
        app.reading_screen._tick()  # noqa: SLF001
        await asyncio.sleep(5)  # the first look at all files, after which the system tells
        began = time.monotonic()
        title = f"Changed {time.time_ns()}"
        path.write_text(f"---\ntitle: {title}\n---\n\nText.\n")

        def is_noticed() -> bool:
            app.reading_screen._tick()  # noqa: SLF001
            story = session.catalog.get(path)
            return story is not None and story.title == title

        await wait_until(pilot, is_noticed)
        result["a written file, by the clock"] = time.monotonic() - began
    session.close()
    return result


if __name__ == "__main__":
    figures = asyncio.run(measure(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
    sys.stdout.write(json.dumps(figures))
