"""Keep the shelf up to date, and show it: its entries, their order, what it says while it is empty."""

from __future__ import annotations

import asyncio
import time
from functools import cached_property
from typing import TYPE_CHECKING, Final

from reader.config import SORTS
from reader.drawing.shelf import ShelfRows
from reader.library.files import find_bundled_folder
from reader.ui import run_in_thread, start_worker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.shelf_list import ListJob, ShelfListing
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.adding import AddController
    from reader.ui.controllers.loader import Loader
    from reader.ui.widgets.panes import Panes


LISTING_PAUSE: Final = 3
"""How long a worker rests that has listed the stories, in parts of the time that it took."""


class ShelfController:
    """Fills the shelf with the stories of the session."""

    def __init__(
        self,
        parts: ScreenParts,
        panes: Panes,
        loader: Loader,
        pending_files: Sequence[File],
        keymap: Mapping[str, str],
    ) -> None:
        self._parts = parts
        self._panes = panes
        self._loader = loader
        self._keymap = keymap
        self._pending_files = pending_files
        """The files that are to be described."""
        self._folded = ""
        """The section that was just folded or unfolded."""
        self._is_listing = False
        """A worker lists the stories."""
        self._is_stale = False
        """Something has changed that the list it makes may lack."""

    @cached_property
    def adding(self) -> AddController:
        """The controller of stories that are brought in."""
        from reader.ui.controllers.adding import AddController

        return AddController(self._parts, self.update, self._keymap)

    def describe_pending(self) -> None:
        """Describe the files that are not in the index in a worker, and add their stories."""
        known = self._parts.session.known_stories
        known.merge_late()
        if known.has_imported():
            start_worker(self._parts.screen, "match", self._match_files)
        if self._pending_files:
            self._loader.describe_files(self._pending_files, self._add_stories)
        else:
            known.settle()

    async def _match_files(self) -> None:
        """Look in a worker for files that are stories of other devices."""
        known, stories = self._parts.session.known_stories, self._parts.session.order
        if known.match_indexed(await run_in_thread(known.find_indexed, stories)):
            self.update()

    def update(self) -> None:
        """List the stories again; next and previous story follow the new order.

        In a large library a worker does it, and the shelf changes a little later.
        """
        shelf_list = self._parts.session.shelf_list
        if not shelf_list.is_large and not self._is_listing:
            job = shelf_list.start_listing()
            self._show(job, *_run(job))
            return
        self._is_stale = True
        if not self._is_listing and self._parts.screen.is_attached:  # else the app is ending
            self._is_listing = True
            start_worker(self._parts.screen, "list", self._list_stories)

    async def _list_stories(self) -> None:
        """List the stories in a thread until nothing has changed meanwhile.

        It rests after that, so that keys and the worker that describes files get most of the time.
        """
        try:
            while self._is_stale:
                self._is_stale = False
                began = time.monotonic()
                job = self._parts.session.shelf_list.start_listing()
                self._show(job, *await run_in_thread(_run, job))
                await asyncio.sleep(LISTING_PAUSE * (time.monotonic() - began))
        finally:
            self._is_listing = False

    def _show(self, job: ListJob, listing: ShelfListing, rows: ShelfRows) -> None:
        """Show a new list; on an empty page, show the first story of it too."""
        session, shelf = self._parts.session, self._parts.shelf
        session.shelf_list.finish_listing(job, listing)
        if not rows.items:
            from reader.render.empty_shelf import explain_empty_shelf

            is_pending = bool(self._pending_files)
            shelf.empty_text = explain_empty_shelf(session.catalog.folders, is_pending=is_pending)
        before = shelf.story
        shelf.set_rows(rows, self._find_cursor(rows))
        is_empty = session.current is None and shelf.story != before
        is_new = is_empty or (self._follows_first and not self._has_chosen)
        if is_new and shelf.story is not None and not self._panes.is_on_page:
            self._loader.load(shelf.story)

    def change_view(self, section: str, order: str) -> None:
        """Fold or unfold a section, or without one show the stories in `order`, or the next one."""
        if section:
            self._fold(section)
        else:
            self._sort(order)

    def add_folder(self) -> None:
        """Add the folder that is shown to the library."""
        self._parts.status_bar.show_notice(self._parts.session.shelf_list.add_folder())

    def _fold(self, name: str) -> None:
        """Fold a section, or unfold it; the next run shows it so too."""
        shelf_list = self._parts.session.shelf_list
        shelf_list.save_view(shelf_list.view._replace(folded=shelf_list.view.folded ^ {name}))
        self._folded = name
        self.update()

    def _sort(self, order: str) -> None:
        """Show the stories in `order`, or in the one after the present one."""
        shelf_list = self._parts.session.shelf_list
        view = shelf_list.view
        order = order or SORTS[(SORTS.index(view.sort) + 1) % len(SORTS)]
        shelf_list.save_view(view._replace(sort=order))
        self.update()
        self._parts.status_bar.show_notice(f"Order: {order.replace('-', ' ')}.")

    def toggle_drafts(self) -> None:
        """Show drafts, or hide them again."""
        shelf_list = self._parts.session.shelf_list
        view = shelf_list.view
        shelf_list.view = view._replace(shows_drafts=not view.shows_drafts)
        self.update()
        state = "hidden" if view.shows_drafts else "shown"
        self._parts.status_bar.show_notice(f"Drafts are {state}.")

    def show_shelf(self) -> None:
        """Show the shelf beside the page if it was hidden, else sort it and focus it."""
        if self._panes.is_page_alone and self._panes.has_room_for_both:
            self.toggle_page_alone()
            return
        session = self._parts.session
        session.record_open_story(None)
        session.tracker.stop()
        self.update()
        self._panes.show_shelf()
        self._parts.shelf.focus()

    def toggle_page_alone(self) -> None:
        """Show the page alone, or with the shelf again."""
        session, page = self._parts.session, self._parts.page
        self._panes.toggle_page_alone()
        if self._panes.is_page_alone and not page.has_focus:
            current = session.current
            session.record_open_story(current.story if current else None)
            self._panes.show_page()
            page.focus()

    def _find_cursor(self, rows: ShelfRows) -> int:
        """Return the index of the item at which the cursor belongs.

        Stories that are described later may come before the one that the page shows. It stays, and
        the cursor with it: only the first of the bundled stories is meant to be seen first.
        """
        session, shelf = self._parts.session, self._parts.shelf
        folded, self._folded = self._folded, ""
        if not folded and shelf.story is None:
            folded = shelf.section
        if folded in rows.section_indices:
            return rows.section_indices[folded]
        if self._follows_first and not self._has_chosen:
            return 0
        for path in (
            session.current.story.path if session.current is not None else None,
            shelf.story.path if shelf.story is not None else None,
        ):
            if path is not None and path in rows.indices:
                return rows.indices[path]
        return 0

    @property
    def _follows_first(self) -> bool:
        return self._parts.session.catalog.folders == [find_bundled_folder()]

    @property
    def _has_chosen(self) -> bool:
        """The reader has gone to a story; until then the cursor stays on the first one."""
        is_on_page = self._panes.is_on_page or self._parts.page.has_focus
        return is_on_page or self._parts.shelf.is_cursor_set

    def show_counts(self, columns: int) -> None:
        """Show in the status bar, `columns` cells wide, how many stories there are."""
        stories = self._parts.session.shelf_list.list_shown()
        self._parts.status_bar.show_shelf(stories, columns, self._parts.page)

    def _add_stories(self, stories: list[tuple[File, Story]]) -> None:
        """Add stories that a worker has described."""
        self._parts.session.add_stories(stories)
        self.update()


def _run(job: ListJob) -> tuple[ShelfListing, ShelfRows]:
    """List the stories, and return their rows too; may run in a worker."""
    listing = job.run()
    return listing, ShelfRows(listing.sections)
