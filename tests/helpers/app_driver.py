"""Run the app on the stories of a test, with a clock that only the test moves."""

from __future__ import annotations

import inspect
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from reader.cli.start import list_warnings
from reader.config import Config
from reader.library.catalog import Catalog
from reader.library.describing import describe_files
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store
from reader.ui.app import ReaderApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from textual.pilot import Pilot
    from textual.widget import Widget

    from reader.ui.screen import ReadingScreen


POLL_SECONDS = 0.005
"""Seconds between two looks at a condition."""
IDLE_CHECKS = 4
"""Times in a row that the app must be found idle."""


class Clock:
    """A clock in seconds that stops until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Stage:
    """An app ready to run, with its session, store and clock."""

    def __init__(
        self,
        folder: Path,
        *,
        file: Path | None = None,
        store: Store | None = None,
        config: Config | None = None,
    ) -> None:
        self.clock = Clock()
        self.store = store or Store.open_in_memory()
        self.session = Session(Catalog(), self.store, Index.open(None), TextCache(None), self.clock)
        self.session.add_stories(list(describe_files(self.session.scan_folders([folder]))))
        if file is not None:
            self.session.enter(self.session.open_file(file))
        for notice in list_warnings(config) if config is not None else ():
            self.session.notify(notice)
        # without the mark of the position, so that rows are text alone
        self.app = ReaderApp(self.session, config or Config(scrollbar=False), theme="night")

    @property
    def screen(self) -> ReadingScreen:
        """The main screen."""
        return self.app.reading_screen

    @asynccontextmanager
    async def run(self, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
        """Run the app in a terminal of that many columns and rows; begin once it is idle."""
        async with self.app.run_test(size=size) as pilot:
            await wait_until_idle(pilot)
            yield pilot

    def tick(self) -> None:
        """Do what the screen does every half second. In tests its timer never fires."""
        self.screen._tick()  # noqa: SLF001  its only other caller is the timer


async def wait_until(
    pilot: Pilot[None], condition: Callable[[], bool], seconds: float = 120
) -> None:
    """Wait until `condition` is true.

    Raises an AssertionError with the source of the condition if that takes over `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            source = " ".join(inspect.getsource(condition).split())
            raise AssertionError(f"after {seconds} seconds still not true: {source}")
        await pilot.pause(POLL_SECONDS)


async def wait_until_idle(pilot: Pilot[None]) -> None:
    """Wait until no worker runs, the open story is parsed, and all messages are handled."""
    app = pilot.app
    assert isinstance(app, ReaderApp)

    def is_idle() -> bool:
        open_story = app.session.current
        is_parsed = open_story is None or open_story.document.is_complete
        return is_parsed and all(worker.is_finished for worker in app.workers)

    # What one worker leaves to be done after the next refresh may start another one.
    for _ in range(IDLE_CHECKS):
        await pilot.pause(POLL_SECONDS)
        await wait_until(pilot, is_idle)


def render_rows(widget: Widget) -> list[str]:
    """Return the rows that a widget draws, as plain text."""
    rows = range(widget.size.height)
    return ["".join(s.text for s in widget.render_line(y)).rstrip() for y in rows]


def make_numbered_story(paragraphs: int = 60, words: int = 30) -> str:
    """Return a story whose paragraphs each begin with their number, from 0."""
    filler = " ".join(["word"] * words)
    return "\n\n".join(f"Paragraph {n} {filler}." for n in range(paragraphs))
