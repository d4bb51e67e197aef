"""Keep the shelf up to date, and show it: its entries, their order, what is said without any."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from reader.drawing.shelf import ShelfRows, ShownStories, filter_shelf
from reader.drawing.status import format_story_count
from reader.session.shelf.entries import WORD_SORTS
from reader.session.shelf.shelf_list import MAX_LISTED_AT_ONCE
from reader.ui import run_in_thread, start_worker
from reader.ui.commands import format_first_key
from reader.ui.controllers.library import LibraryFiles
from reader.ui.controllers.pacing import ListingTurns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reader.finding.shelf_filter import ShelfFilter
    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.shelf.entries import ShelfEntry
    from reader.session.shelf.sections import ListJob, ShelfListing, ShelfSection
    from reader.store.stories import LabelEdit
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.loader import Loader
    from reader.ui.widgets.panes import Panes
    from reader.ui.widgets.shelf import Shelf


MANY_STORIES: Final = 20
"""Stories of which each is read from the reading data in a frame."""


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
        self._turns = ListingTurns()
        self.files = LibraryFiles(parts, loader, pending_files, self.update, self._turns)
        self.files.finish = self._show_first
        self._awaits_first = True
        """The page is empty until all stories are known that may come first."""
        self._folded = ""
        """The section that was just folded or unfolded."""
        self._sections: Sequence[ShelfSection] = ()
        """All stories as they were listed last."""
        self._filter: ShelfFilter | None = None
        self._description = ""
        """How many stories the filter has left, in words; empty without one."""
        self._is_filtering = False
        """A worker filters the stories."""
        self._story_after: Story | None = None
        """Where the cursor belongs once all stories are shown again."""
        self._filtered = asyncio.Event()
        """Set when that worker ends."""
        self.show_typed: Callable[[], None] | None = None
        """Shows in the status bar what is typed in a line; None while none is open."""

    def update(self, *, is_urgent: bool = True) -> None:
        """List the stories again; next and previous story follow the new order.

        In a large library a worker does it, and the shelf changes a little later, or some time
        later if that isn't urgent.
        """
        session, shelf_list = self._parts.session, self._parts.session.shelf_list
        if session.scanning.is_pending:
            self._show_part()
            return
        if not shelf_list.is_large and not self._turns.is_running:
            job = shelf_list.start_listing()
            self._show(job, *_run(job, self._load_filter()))
            return
        screen = self._parts.screen
        if screen.is_attached and self._turns.request(is_urgent=is_urgent):  # else it is ending
            start_worker(screen, "list", self._turns.run, self._list_stories)

    def update_entries(self, stories: Sequence[Story]) -> None:
        """Show what has changed about some stories; their rows stay where they are."""
        self._parts.shelf.is_cursor_set = True  # one of them was at the cursor
        for story in stories:
            self._update_entry(self._parts.session.get_entry(story))
        self._turns.note_change()

    def update_labels(self, edits: Sequence[LabelEdit], stories: Sequence[Story]) -> None:
        """Show stars and tags that have just been changed; the rows stay where they are."""
        session, shelf_list = self._parts.session, self._parts.session.shelf_list
        self._parts.shelf.is_cursor_set = True  # as above
        shelf_list.edit_labels(edits)
        for story in stories:
            entry = shelf_list.find_labelled(story) if len(stories) > MANY_STORIES else None
            self._update_entry(entry or session.get_entry(story))
        self._turns.note_change()

    def _update_entry(self, entry: ShelfEntry) -> None:
        self._parts.session.shelf_list.replace_entry(entry)
        self._parts.shelf.update_entry(entry)

    def _show_part(self) -> None:
        """Show the stories round the current one, or the first ones, until all are scanned."""
        session, shelf = self._parts.session, self._parts.shelf
        current = session.current.story if session.current is not None else shelf.story
        session.scanning.read_part(current, MAX_LISTED_AT_ONCE)
        part = session.shelf_list.part
        if part is not None:
            rows, self._sections = ShelfRows(part.sections, part.facts), part.sections
            self._show_stories(ShownStories(None, rows, None, (), ""), self._find_cursor(rows))
            if session.current is None and shelf.story is not None and not self._panes.is_on_page:
                self._loader.load(shelf.story)

    async def _list_stories(self) -> None:
        """List the stories in a thread, and show the list."""
        job = self._parts.session.shelf_list.start_listing()
        self._show(job, *await run_in_thread(_run, job, self._load_filter()))

    def _show(self, job: ListJob, listing: ShelfListing, shown: ShownStories) -> None:
        """Show a new list; on an empty page, show the first story of it too."""
        session, shelf = self._parts.session, self._parts.shelf
        had_part = session.shelf_list.part is not None
        session.shelf_list.finish_listing(job, listing)
        self._sections = listing.sections
        before = shelf.story
        if shown.filter == self._filter:
            self._show_stories(shown, self._find_cursor(shown.rows))
        else:  # it has changed meanwhile
            self._apply_filter()
        if had_part:
            shelf.go_to_end_again()
        if session.current is None and (shelf.story != before or self._awaits_first):
            self._show_first()
        self.files.finish_listing(listing, had_part=had_part)

    def _show_first(self) -> None:
        """Show the story at the cursor on an empty page, once no other one can come before it."""
        session, story = self._parts.session, self._parts.shelf.story
        self._awaits_first = self._is_settling
        is_empty = session.current is None and not self._panes.is_on_page
        if is_empty and story is not None and not self._awaits_first:
            self._loader.load(story)

    @property
    def _is_settling(self) -> bool:
        """Files are still described that may come first on the shelf, and no story is chosen."""
        session, files = self._parts.session, self.files
        needs_words = session.shelf_list.view.sort in WORD_SORTS
        is_incomplete = files.is_pending and (files.are_incomplete or needs_words)
        return is_incomplete and session.current is None and not self._has_chosen

    def _show_stories(self, shown: ShownStories, cursor: int) -> None:
        """Show the rows of what is listed and left by the filter, with the cursor on an item."""
        session, shelf = self._parts.session, self._parts.shelf
        session.shelf_list.show_only(shown.entries, shown.order, shown.rows.indices)
        self._description = shown.description
        if shown.filter is not None:
            keys = [format_first_key(name, self._keymap) for name in ("clear-filter", "find")]
            advice = f"{keys[0]} shows all stories; {keys[1]} changes the filter."
            shelf.empty_text = [
                shown.filter.explain_none(is_reading=self.files.are_incomplete),
                advice,
            ]
        elif not shown.rows.items:
            from reader.render.empty_shelf import explain_empty_shelf

            folders = session.catalog.list_present_folders()
            shelf.empty_text = explain_empty_shelf(folders, is_pending=self.files.is_pending)
        shelf.set_rows(shown.rows, cursor)

    @property
    def filter(self) -> ShelfFilter | None:
        """What the stories on the shelf must meet; None for nothing."""
        return self._filter

    def set_filter(self, shelf_filter: ShelfFilter | None, story: Story | None = None) -> None:
        """Show only the stories that meet a filter, None: all.

        The cursor is on `story`, or one near it, if that is given; else on the first one. In a
        large library a worker finds them; `wait_for_filter` waits for it.
        """
        self._filter = shelf_filter.follow(self._filter) if shelf_filter is not None else None
        self._parts.shelf.is_cursor_set = True
        self._story_after = story
        self._apply_filter()

    def choose_state(self, state: str) -> None:
        """Show only the stories of a state, one of `STATES`, of those that the filter leaves."""
        from reader.finding.shelf_filter import change_state

        before = self._filter.state if self._filter is not None else ""
        if state != before:
            self.set_filter(change_state(self._filter, state), self._parts.shelf.story)

    def _apply_filter(self) -> None:
        """Show what the filter leaves, in a large library a little later."""
        if self._parts.session.shelf_list.part is not None:  # what is shown when all are listed
            return
        if not self._parts.session.shelf_list.is_large and not self._is_filtering:
            facts = self._parts.session.shelf_list.facts
            self._show_filtered(filter_shelf(self._sections, self._load_filter(), facts))
        elif not self._is_filtering:
            self._is_filtering = True
            self._filtered.clear()
            start_worker(self._parts.screen, "filter", self._filter_stories)

    async def _filter_stories(self) -> None:
        """Filter the stories in a thread until neither they nor the filter change meanwhile."""
        try:
            is_stale = True
            while is_stale:
                sections, facts = self._sections, self._parts.session.shelf_list.facts
                shown = await run_in_thread(filter_shelf, sections, self._load_filter(), facts)
                self._show_filtered(shown)
                is_stale = shown.filter != self._filter or sections is not self._sections
        finally:
            self._is_filtering = False
            self._filtered.set()

    def _show_filtered(self, shown: ShownStories) -> None:
        shelf, after = self._parts.shelf, self._story_after
        before = shelf.story
        cursor = shown.rows.indices.get(after.location) if after is not None else 0
        if cursor is None:
            cursor = shelf.find_nearest(shown.rows)
        self._show_stories(shown, cursor)
        if self.show_typed is not None:
            self.show_typed()
        elif shelf.story not in (None, before):
            shelf.report_cursor()

    async def wait_for_filter(self) -> None:
        """Wait until the shelf shows what the filter has left."""
        await self.wait_for_list()
        if self._is_filtering:
            await self._filtered.wait()

    async def wait_for_list(self) -> None:
        """Wait until all stories are listed."""
        if self._parts.session.shelf_list.part is not None:
            await self.files.all_listed.wait()

    def _load_filter(self) -> ShelfFilter | None:
        """Return the filter with what the reading data has now."""
        session = self._parts.session
        if self._filter is not None:
            self._filter = self._filter.look_inside([*map(str, session.catalog.folders)])
        if self._filter is not None and self._filter.asks_for_annotations:
            annotated = session.annotations.list_annotated()
            self._filter = self._filter._replace(annotated=annotated)
        return self._filter

    def change_view(self, message: Shelf.ViewRequested) -> None:
        """Fold or unfold a section, show other stories, or show them in another order."""
        if message.section:
            self._fold(message.section)
        elif message.state is not None:
            self.choose_state(message.state)
        elif message.tag:
            self._show_tag(message.tag)
        else:
            self._change_what_is_shown(message)

    def _change_what_is_shown(self, message: Shelf.ViewRequested) -> None:
        """Show other stories, or all in another order."""
        from reader.session.shelf.view import choose_order, toggle_drafts, toggle_hidden

        shelf_list = self._parts.session.shelf_list
        if message.others == "drafts":
            notice = toggle_drafts(shelf_list)
        elif message.others:
            notice = toggle_hidden(shelf_list, format_first_key("hide", self._keymap))
        else:
            section = None if message.is_whole else self._parts.shelf.section
            notice = choose_order(shelf_list, message.order, section)
        self.update()
        self._parts.status_bar.show_notice(notice)

    def _show_tag(self, tag: str) -> None:
        """Show the shelf, and on it only the stories with a tag."""
        from reader.finding.completion import make_tag_query
        from reader.finding.shelf_filter import parse_filter

        if not self._parts.shelf.has_focus:
            if self._panes.is_page_alone and self._panes.has_room_for_both:
                self.toggle_page_alone()
            self.show_shelf()
        self.set_filter(parse_filter(make_tag_query(tag)))

    def add_folder(self) -> None:
        """Add the folder that is shown to the library."""
        self._parts.status_bar.show_notice(self._parts.session.shelf_list.add_folder())

    def _fold(self, name: str) -> None:
        """Fold a section, or unfold it; the next run shows it so too."""
        if self._filter is not None:
            self._parts.status_bar.show_notice("While the shelf is filtered, no section is folded.")
            return
        shelf_list = self._parts.session.shelf_list
        shelf_list.save_view(shelf_list.view._replace(folded=shelf_list.view.folded ^ {name}))
        self._folded, self._parts.shelf.is_cursor_set = name, True
        self.update()

    def follow_cursor(self) -> None:
        """Show the story at the cursor on the page at once, and none that is still being opened."""
        story = self._parts.shelf.story
        if story is not None:
            self._loader.load(story)
        else:
            self._loader.stop_opening()

    def go_to(self, story: Story) -> None:
        """Move the cursor to a story, and show it, unless the page has the focus.

        In a large library it may not be listed yet: the cursor stays where it is then.
        """
        shelf = self._parts.shelf
        if not self._parts.page.has_focus:
            shelf.set_cursor(story.path)
            self.follow_cursor()
            if shelf.story is not None:  # else the notice goes with the story before
                self._parts.status_bar.follow_story(shelf.story.path)

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

        A story that the page shows stays there, and the cursor with it, though others come before
        it now. Until the page shows one, the cursor is on the first one.
        """
        session, shelf = self._parts.session, self._parts.shelf
        folded, self._folded = self._folded, ""
        if not folded and shelf.story is None and shelf.section is not None:
            folded = shelf.section.name
        if folded in rows.section_indices:
            return rows.section_indices[folded]
        if self._awaits_first and session.current is None and not self._has_chosen:
            return 0
        files = [
            session.current.story.location if session.current is not None else None,
            shelf.story.location if shelf.story is not None else None,
        ]
        if shelf.has_focus and shelf.is_cursor_set:  # the page may not have followed it yet
            files.reverse()
        for file in files:
            if file is not None and file in rows.indices:
                return rows.indices[file]
        moved = shelf.find_moved(rows)
        return moved if moved is not None else shelf.find_nearest(rows)

    @property
    def _has_chosen(self) -> bool:
        """The reader has gone to a story; until then the cursor stays on the first one."""
        is_on_page = self._panes.is_on_page or self._parts.page.has_focus
        return is_on_page or self._parts.shelf.is_cursor_set

    def describe_filtered(self) -> str:
        """Return how many stories the filter has left, in words; without one, how many exist."""
        count = sum(section.size for section in self._sections)
        return self._description or format_story_count(count)

    def show_counts(self, columns: int) -> None:
        """Show in the status bar, `columns` cells wide, how many stories there are."""
        if self.show_typed is not None:
            self.show_typed()
            return
        session = self._parts.session
        self._parts.status_bar.show_shelf(
            session.shelf_list.count_shown(),
            columns,
            self._parts.page,
            self._description,
            self._parts.shelf.tick_count,
        )


def _run(job: ListJob, shelf_filter: ShelfFilter | None) -> tuple[ShelfListing, ShownStories]:
    """List the stories, and return what is shown of them too; may run in a worker."""
    listing = job.run()
    is_new = listing.suggester is not job.before.suggester  # else the screen uses it meanwhile
    if is_new and len(listing.entries) > MAX_LISTED_AT_ONCE:
        listing.suggester.build()
    return listing, filter_shelf(listing.sections, shelf_filter, listing.facts, listing.indices)
