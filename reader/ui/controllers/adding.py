"""Bring a story in: ask for it, show it before it is saved, and put it on the shelf."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError, StateError
from reader.session.adding.feed import FoundFeed
from reader.session.adding.jobs import describe_saved, format_result
from reader.text.cells import sanitize_line
from reader.ui import run_in_thread, start_worker
from reader.ui.commands import format_first_key
from reader.ui.dialogs.adding import AddDialog
from reader.ui.dialogs.preview import PreviewDialog
from reader.ui.widgets.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reader.library.story import Story
    from reader.session.adding.jobs import SaveResult
    from reader.session.adding.pending import PendingStories
    from reader.ui.controllers import ScreenParts

LISTING_CHECKS: Final = 200
"""Times that the shelf is looked at until it lists a new story: a worker lists a large library."""
LISTING_CHECK_SECONDS: Final = 0.05


class AddController:
    """Adds stories to the reader's own folder, from an address, a file or pasted text."""

    def __init__(
        self, parts: ScreenParts, update_shelf: Callable[[], None], keymap: Mapping[str, str]
    ) -> None:
        """`update_shelf` lists the stories of the shelf again."""
        self._parts = parts
        self._update_shelf = update_shelf
        self._keymap = keymap
        self._adding = parts.session.adding

    def open(self, pasted: str = "") -> None:
        """Open the line for what to add, with `pasted` in it or with what was entered last."""
        if self._adding.problem:
            self._parts.status_bar.show_notice(self._adding.problem)
            return
        if pasted.strip():
            self._adding.keep(pasted)
        AddDialog(self._adding).open_over(self._parts.screen.app, self._preview)

    def _preview(self, read: PendingStories | FoundFeed | None) -> None:
        """Show what was read."""
        if read is None:
            self._say_kept()
        elif isinstance(read, FoundFeed):
            self._list_feed(read)
        else:
            self._show_preview(read, self._finish)

    def _show_preview(self, stories: PendingStories, finish: Callable[[str], None]) -> None:
        """Show stories before they are saved; call `finish` with what is said of the result.

        It is called with nothing if they were not saved.
        """

        def take_result(result: SaveResult | None) -> None:
            notice = format_result(result, stories) if result is not None else ""
            if result is not None and self._parts.screen.is_attached:  # else the app is ending
                screen = self._parts.screen
                start_worker(screen, "added", self._show, result, notice, exclusive=False)
            finish(notice)

        feeds = self._parts.session.followed_feeds
        dialog = PreviewDialog(self._adding, stories, self._parts.page, feeds)
        dialog.open_over(self._parts.screen.app, take_result)

    def _finish(self, notice: str) -> None:
        if notice:
            self._adding.forget()
        else:
            self._say_kept()

    def _list_feed(self, found: FoundFeed) -> None:
        """Let stories of a feed be chosen; the feed is followed once one of them is saved."""
        from reader.ui.dialogs.feed import FeedDialog

        with contextlib.suppress(StateError):  # it can be chosen from all the same
            found = self._parts.session.followed_feeds.find_new(found)
        dialog = FeedDialog(found, self._show_preview)

        def finish(_: str | None) -> None:
            if not dialog.saved:
                self._say_kept()
                return
            self._adding.forget()
            count = len(dialog.saved)
            notice = f"Added {count} {'story' if count == 1 else 'stories'} of {found.title}."
            self._follow(found, notice)

        dialog.open_over(self._parts.screen.app, finish)

    def _follow(self, found: FoundFeed, notice: str) -> None:
        try:
            self._parts.session.followed_feeds.follow(found)
        except ReaderError as error:
            notice = f"{notice} {error}"
        else:
            if found.content.address:
                notice += " `reader update` brings what is new."
        self._parts.status_bar.show_notice(sanitize_line(notice))

    def _say_kept(self) -> None:
        """Say how to get back what was entered and not added."""
        if self._adding.text.strip():
            key = format_first_key("add", self._keymap)
            text = f"Not added; press {key} to see it again." if key else "Not added; it is kept."
            self._parts.status_bar.show_notice(text)

    async def _show(self, result: SaveResult, notice: str) -> None:
        """List the stories on the shelf, with the cursor at the first one."""
        session = self._parts.session
        files = await run_in_thread(result.list_files)
        batches = describe_saved(files)
        while batch := await run_in_thread(next, batches, None):
            session.watch.add_files(file for file, _ in batch)
            session.add_stories(batch)
        session.known_stories.settle()
        self._update_shelf()
        story = session.catalog.get(files[0].path) if files else None
        if story is not None:
            await self._go_to(story)
        self._parts.status_bar.show_notice(notice)

    async def _go_to(self, story: Story) -> None:
        """Move the shelf's cursor to `story` once it is listed, and show it beside the shelf."""
        shelf = self._parts.shelf
        for _ in range(LISTING_CHECKS):
            shelf.set_cursor(story.path)
            is_there = shelf.story is not None and shelf.story.path == story.path
            if is_there or not self._parts.session.shelf_list.is_large:
                break
            await asyncio.sleep(LISTING_CHECK_SECONDS)
        self._parts.status_bar.follow_story(story.path)
        if shelf.has_focus:
            shelf.post_message(Shelf.CursorMoved(story))
