"""Keep the shelf up to date: its entries, their order, and what it says while it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.ui import run_in_thread, start_worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.library.files import File
    from reader.library.story import Story
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.loader import Loader
    from reader.ui.widgets.panes import Panes


class ShelfController:
    """Fills the shelf with the stories of the session."""

    def __init__(
        self, parts: ScreenParts, panes: Panes, loader: Loader, pending_files: Sequence[File]
    ) -> None:
        self._parts = parts
        self._panes = panes
        self._loader = loader
        self._pending_files = pending_files
        """The files that are to be described."""

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
        """Sort the shelf again; next and previous story follow its new order."""
        session, shelf = self._parts.session, self._parts.shelf
        entries = session.list_entries()
        session.set_order([entry.story for entry in entries])
        if not entries:
            from reader.library.empty_library import explain_empty_shelf

            is_pending = bool(self._pending_files)
            shelf.empty_text = explain_empty_shelf(session.catalog.folders, is_pending=is_pending)
        current = session.current
        shelf.set_entries(entries, current.story.path if current and self._has_chosen else None)

    @property
    def _has_chosen(self) -> bool:
        """The reader has gone to a story; until then the cursor stays on the first one."""
        is_on_page = self._panes.is_on_page or self._parts.page.has_focus
        return is_on_page or self._parts.shelf.is_cursor_set

    def show_counts(self, columns: int) -> None:
        """Show in the status bar, `columns` cells wide, how many stories there are."""
        self._parts.status_bar.show_shelf(self._parts.session.catalog.list_all(), columns)

    def _add_stories(self, stories: list[tuple[File, Story]]) -> None:
        """Add stories that a worker has described."""
        shelf = self._parts.shelf
        self._parts.session.add_stories(stories)
        first = shelf.story
        self.update()
        if shelf.story is not None and shelf.story != first:
            self._loader.load(shelf.story)
