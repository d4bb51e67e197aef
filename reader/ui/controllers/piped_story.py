"""Show a story while it comes through a pipe: it grows at its end, and the words in view stay."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.session.piped_story import PIPED_PATH, count_shared_blocks, format_end
from reader.text.search import search_again
from reader.ui import run_in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.library.pipe import Pipe
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.text.search import SearchResults
    from reader.ui.page.page import Page

QUIET_SECONDS: Final = 0.3
"""Seconds without anything new after which the last paragraph is shown, complete or not."""
MAX_WAIT_SECONDS: Final = 1.0
"""Seconds after which complete paragraphs are shown although more is coming all the time."""
REST_SHARE: Final = 10
"""How many times as long as it took to parse the text it is not parsed again: a tenth of a core."""


class PipedStoryFollower:
    """Shows what comes through the pipe until it ends."""

    def __init__(
        self,
        session: Session,
        pipe: Pipe,
        page: Page,
        can_replace_text: Callable[[], bool],
        replace_text: Callable[[OpenStory], None],
    ) -> None:
        self._session = session
        self._pipe = pipe
        self._page = page
        self._can_replace_text = can_replace_text
        self._replace_text = replace_text
        self._has_changed = asyncio.Event()
        self._has_failed = False
        """What came isn't text."""
        self._seconds = 0.0
        """How long the last version took to parse."""

    async def follow(self) -> None:
        """Show each version of the text, until the pipe has ended and all of it is shown."""
        loop = asyncio.get_running_loop()
        self._pipe.call_on_change(partial(_set_in_loop, loop, self._has_changed))
        self._has_changed.set()  # something may have come before the line above
        has_ended = False
        while not (has_ended or self._has_failed):
            if not self._pipe.is_ended:
                await self._has_changed.wait()
            is_quiet = await self._wait_for_quiet()
            has_ended = self._pipe.is_ended
            await self._show_when_possible(has_tail=is_quiet)

    async def _wait_for_quiet(self) -> bool:
        """Wait until nothing more comes for a moment, at most `MAX_WAIT_SECONDS`.

        Return whether nothing comes. A long text is waited for longer.
        """
        end = time.monotonic() + max(MAX_WAIT_SECONDS, REST_SHARE * self._seconds)
        earliest = end - MAX_WAIT_SECONDS
        while not self._pipe.is_ended and (now := time.monotonic()) < end:
            self._has_changed.clear()
            try:
                await asyncio.wait_for(self._has_changed.wait(), max(QUIET_SECONDS, earliest - now))
            except TimeoutError:
                return True
        self._has_changed.clear()
        return self._pipe.is_ended

    async def _show_when_possible(self, *, has_tail: bool) -> None:
        """Show what has come, once no dialog is open and the reader isn't moving."""
        is_done = await self._show(has_tail=has_tail)
        while not is_done:
            await asyncio.sleep(QUIET_SECONDS)
            is_done = await self._show(has_tail=True)

    async def _show(self, *, has_tail: bool) -> bool:
        """Show what has come, if the story is open; return False if it must be tried again."""
        current, page = self._session.current, self._page
        if not self._can_show(current):
            return False
        if current is None or current.story.path != PIPED_PATH or not current.is_growing:
            return True  # it is opened with all that has come
        began, place, results = time.monotonic(), page.place, page.decorations.search_results
        job = self._session.make_piped_job(self._pipe, has_tail=has_tail, parses_all=True)
        try:
            open_story = await run_in_thread(job.run)
        except ReaderError as error:
            self._pipe.stop()
            self._session.notify(f"What came last can't be shown. {error}")
            current.is_growing, self._has_failed = False, True
            return True
        before, after = current.document, open_story.document
        shared = await run_in_thread(count_shared_blocks, before.blocks, after.blocks)
        if results is not None:
            results = await run_in_thread(search_again, results, after)
        self._seconds = time.monotonic() - began
        is_kept = page.place.block < shared  # else the job has located it
        if not self._can_show(current) or not (is_kept or page.place == place):
            return False
        if is_kept:
            open_story.set_place(page.place)
        self._replace(open_story, shared, results)
        return True

    def _can_show(self, current: OpenStory | None) -> bool:
        """Return whether `current` is still open and its text can be replaced now."""
        is_open = current is self._session.current
        return is_open and self._can_replace_text() and not self._page.viewport.has_open_footnote

    def _replace(self, open_story: OpenStory, shared: int, results: SearchResults | None) -> None:
        """Show another version of the text, of which `shared` blocks are the same."""
        decorations = self._page.decorations
        is_searched = decorations.search_results is not None
        self._session.catalog.add(open_story.story)
        self._replace_text(open_story)
        self._page.decorations.keep(decorations, shared)
        self._page.decorations.search_results = results if is_searched else None
        self._page.redraw()
        if not open_story.is_growing and (reason := format_end(self._pipe)):
            self._session.notify(reason.strip("[]"))


def _set_in_loop(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Set `event` from another thread, unless the program has ended."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(event.set)
