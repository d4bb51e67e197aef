"""Bring the files of the library in while the app runs: scan, describe, and match them in workers."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import events

from reader.garbage import return_memory, settle_objects
from reader.ui import run_in_thread, start_worker
from reader.ui.controllers.library.describing import LibraryDescriber

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.library.files import File
    from reader.session.open_story import OpenStory
    from reader.session.shelf.sections import ShelfListing
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.loader import Loader
    from reader.ui.controllers.pacing import ListingTurns


KEEP_ORDER_SECONDS: Final = 5.0
"""Seconds after a change of the library until its order is kept: more changes may follow."""


class LibraryFiles:
    """The files of the library that are not in the catalog yet."""

    def __init__(
        self,
        parts: ScreenParts,
        loader: Loader,
        pending: Sequence[File],
        update_shelf: Callable[..., None],
        turns: ListingTurns,
    ) -> None:
        """Take what lists the stories, `ShelfController.update`, and when it does."""
        self._parts = parts
        self._loader = loader
        self._pending = pending
        """The files that are to be described."""
        self._update_shelf = update_shelf
        self._turns = turns
        self.finish: Callable[[], None] = lambda: None
        """Called when all files are described."""
        self.all_listed = asyncio.Event()
        """Set when all stories are listed after a part of them."""
        self._waiting: OpenStory | None = None
        """The story whose end card suggests nothing until the reader does something."""
        loader.has_to_wait = lambda open_story: open_story is self._waiting
        self._has_kept_order = False
        """An order was kept since the start."""

    @property
    def is_pending(self) -> bool:
        """There are files that are to be described."""
        return bool(self._pending) or self._parts.session.scanning.is_pending

    @property
    def are_incomplete(self) -> bool:
        """There are files that the catalog doesn't have yet."""
        session = self._parts.session
        return session.scanning.is_pending or len(session.catalog) < len(session.watch.files)

    def start(self) -> None:
        """Scan a large library that was not scanned yet; describe what is not in the index."""
        session = self._parts.session
        session.known_stories.merge_late()
        if session.scanning.is_pending:
            start_worker(self._parts.screen, "scan", self._scan)
        else:
            self._describe()

    async def _scan(self) -> None:
        """Scan the library in a worker, and show all of it in place of the part that is shown."""
        scanning = self._parts.session.scanning
        scanned = await run_in_thread(scanning.make_scan_job().run)
        for files in scanning.add_scanned(scanned):
            self._pending = files
            await asyncio.sleep(0)  # keys come first
        settle_objects()
        self._update_shelf()
        self._describe()

    def _describe(self) -> None:
        """Describe the files that are not in the index in a worker, and add their stories."""
        known = self._parts.session.known_stories
        if known.take_imported() or known.has_imported():
            start_worker(self._parts.screen, "match", self._match)
        if self._pending:
            session = self._parts.session
            update_later = partial(self._update_shelf, is_urgent=False)
            put_off = self._turns.put_off
            describer = LibraryDescriber(session, self._list_all, update_later, put_off)
            start_worker(self._parts.screen, "describe", self._describe_with, describer)
        else:
            known.settle()

    async def _describe_with(self, describer: LibraryDescriber) -> None:
        await describer.describe(self._pending)
        self._pending = ()
        self.finish()
        await run_in_thread(return_memory)

    async def _list_all(self) -> None:
        """List all stories, and wait until the shelf shows them."""
        self._update_shelf()
        await self._turns.wait()

    def check(self) -> None:
        """Look for files that have changed, and for stories that another program has imported."""
        if self._parts.session.known_stories.take_imported():
            start_worker(self._parts.screen, "match", self._match)
        self._loader.check_files(self._update_shelf)

    async def _match(self) -> None:
        """Look in a worker for files that are stories of other devices."""
        known = self._parts.session.known_stories
        # Not the shelf's order: in a large library the first list isn't made yet.
        stories = [*self._parts.session.catalog.list_all()]
        if known.match_indexed(await run_in_thread(known.find_indexed, stories)):
            self._update_shelf()

    def finish_listing(self, listing: ShelfListing, *, had_part: bool) -> None:
        """Keep the order of a large library for the next start, as it was just listed.

        `had_part` says whether the shelf has shown a part of it until now.
        """
        if had_part:
            self.all_listed.set()
            self._suggest_when_unseen()
            start_worker(self._parts.screen, "memory", run_in_thread, return_memory)
        if self._parts.session.scanning.orders is not None:
            start_worker(self._parts.screen, "order", self._keep_order, listing)

    def _suggest_when_unseen(self) -> None:
        """Let the end card suggest stories of all, later if it is on the screen.

        What is read there doesn't change by itself.
        """
        open_story, page = self._parts.session.current, self._parts.page
        if open_story is not None and page.visible_range.end >= open_story.document.end:
            self._waiting = open_story
        else:
            self._loader.refresh_end_card()

    def note_input(self, event: events.InputEvent) -> None:
        """Let an end card that has waited suggest stories, if `event` is a key or a scrolling.

        A click would be on a suggestion that wasn't there before.
        """
        moves = isinstance(event, (events.Key, events.MouseScrollDown, events.MouseScrollUp))
        if self._waiting is not None and moves:
            self._waiting = None
            self._loader.refresh_end_card()

    async def _keep_order(self, listing: ShelfListing) -> None:
        """Keep the order in a thread, unless another list follows soon."""
        if self._has_kept_order:
            await asyncio.sleep(KEEP_ORDER_SECONDS)
        job = self._parts.session.scanning.make_order_job(listing)
        if job is not None:
            self._has_kept_order = True
            await run_in_thread(job.run)
