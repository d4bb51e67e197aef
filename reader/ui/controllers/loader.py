"""Open stories, parse the rest of their text, and read changed files again, in workers.

A worker computes a value; the page and the session change on the UI loop only. A result for a
story that is no longer open is dropped.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.drawing.opening import show_stop_line
from reader.errors import ReaderError
from reader.finding.describing_apart import LARGE_BYTES
from reader.layout.lines import load_hyphenation
from reader.library.files import find_file
from reader.library.watch import NO_CHANGES, format_changes
from reader.render.story_frame import EMPTY_END_CARD, build_tail
from reader.session.shelf.end_card import summarize_reading
from reader.text.cells import sanitize_line
from reader.text.document import Block, Kind
from reader.ui import call_if_true, run_in_thread, start_worker
from reader.ui.commands import format_first_key, make_end_card_keys
from reader.ui.controllers.pacing import (
    add_described,
    describe_moved,
    describe_open_file,
    find_changes,
    parse_next,
    prepare_code,
    read_next,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path

    from textual.screen import Screen
    from textual.timer import Timer

    from reader.library.files import File
    from reader.library.story import Story
    from reader.library.watch import Changes, Differences
    from reader.reading.annotations import Highlight
    from reader.session.jobs import SaveBeginningJob, SaveTextJob
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.text.document import Document, Place
    from reader.ui.page.page import Page


PARSE_PAUSE_SECONDS: Final = 0.03
"""Seconds that parsing pauses after a move, two frames. It goes on while a key is held down."""
WAIT_SECONDS: Final = 0.01
"""Seconds between two checks whether parsing may begin."""
PREVIEW_DELAY_SECONDS: Final = 0.15
"""Seconds that the cursor must rest on a story until the page shows it."""
CHECK_TICKS: Final = 2
"""Ticks of the screen between two checks of the files."""
ADDED_AT_ONCE: Final = 100
"""Changed stories that are added in one piece; keys come between two."""
_MAX_NAME_CHARACTERS: Final = 200
"""Characters of a heading's name that a message shows."""


class Loader:
    """Opens stories on the page, one at a time, and keeps their end card up to date."""

    def __init__(
        self,
        screen: Screen[None],
        session: Session,
        page: Page,
        keymap: Mapping[str, str],
        after_show: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._session = session
        self._page = page
        self._keymap = keymap
        self._after_show = after_show
        """Called when the page shows another story, or the reason why it can't be read."""
        self.must_wait: Callable[[], bool] = bool
        """The app takes over the screen: that, and keys typed before, come before parsing."""
        self.end_card = EMPTY_END_CARD
        """The end card of the open story; empty until its text is complete."""
        self.has_to_wait: Callable[[OpenStory], bool] = lambda _: False
        """Tells whether the end card of a story suggests nothing yet."""
        self._timer: Timer | None = None
        self._resume_parsing_at = 0.0
        """The time, as of `time.monotonic`, until which parsing pauses."""
        self._is_checking = False
        """A worker looks for changed files."""
        self._is_requested = False
        """The reader wants to know what has changed."""
        self._tick_count = 0
        self._changed_path: Path | None = None
        """The open file, while it is to be read again."""
        self._is_opening = False
        """A worker is opening a story that the page doesn't show yet."""
        self._is_following = False
        """A worker shows what comes through the pipe."""

    def pause_parsing(self) -> None:
        """Pause parsing for a moment, so that the page draws the move at once."""
        self._resume_parsing_at = time.monotonic() + PARSE_PAUSE_SECONDS

    def schedule_load(self, story: Story) -> None:
        """Open `story` once the cursor has rested on it for `PREVIEW_DELAY_SECONDS`."""
        self._cancel_timer()
        self._timer = self._screen.set_timer(PREVIEW_DELAY_SECONDS, partial(self.load, story))

    def load(self, story: Story, goal: Place | Highlight | str | None = None) -> None:
        """Open `story`, unless it is open.

        It is shown at a place, at a highlight, at the heading of a name, or without a goal where
        reading stopped.
        """
        self._cancel_timer()
        current = self._session.current
        if current is not None and current.story.path == story.path:
            self.stop_opening()
            return
        preview, self._session.preview = self._session.preview, None
        if goal is None and preview is not None and preview.story == story:
            self._session.enter(preview)
            self.show_story(preview)
        else:
            self._is_opening = True
            self._start_opening(self._load_story, story, goal)

    def stop_opening(self) -> None:
        """Go on with the open story, if there is one, in place of one that is being opened."""
        if self._is_opening:
            self._is_opening = False
            self._screen.workers.cancel_group(self._screen, "open")
            if self._session.current is not None:
                self._continue_parsing(self._session.current)

    def show_story(self, open_story: OpenStory) -> None:
        """Show the session's open story, and parse the rest of its text."""
        story = open_story.story
        # As it was before it was read: a change since then is noticed.
        file = open_story.text.file or (find_file(story.path) if story.is_persistent else None)
        self._session.watch.add_files([file] if file is not None else [])
        complete, self.end_card = open_story.document.is_complete, EMPTY_END_CARD
        self._page.show_story(open_story, self._make_tail(open_story) if complete else ())
        start_key = format_first_key("start", self._keymap)
        show_stop_line(self._page.viewport, open_story, start_key)
        self._after_show()
        self._screen.call_after_refresh(self._start_loading_lexers, open_story.document)
        if open_story.is_growing:
            self._follow_pipe()
        elif complete:
            self._finish_parsing(open_story)
            if open_story.document.read_next is not None:
                self._screen.call_after_refresh(self._continue_parsing, open_story)
        else:  # draw the first screen before parsing competes with it
            self._screen.call_after_refresh(self._continue_parsing, open_story)
            if file is not None and file.size >= LARGE_BYTES and not story.fingerprint:
                start_worker(self._screen, "describe open", describe_open_file, open_story, file)

    def _start_loading_lexers(self, document: Document) -> None:
        # Others are loaded with the blocks.
        if self._screen.is_attached and document.read_next is None:  # else the app is ending
            start_worker(self._screen, "lexers", run_in_thread, prepare_code, document.blocks[:])

    def _follow_pipe(self) -> None:
        """Show what comes through the pipe from now on. A second call does nothing."""
        if self._session.pipe is not None and not self._is_following:
            from reader.ui.controllers.piped_story import PipedStoryFollower

            self._is_following = True
            follower = PipedStoryFollower(
                self._session,
                self._session.pipe,
                self._page,
                self.can_replace_text,
                self.replace_text,
            )
            start_worker(self._screen, "pipe", follower.follow)

    def _continue_parsing(self, open_story: OpenStory) -> None:
        """Parse the rest of the text, unless another story is being opened by now."""
        if not self._is_opening:
            self._start_opening(self._parse_rest, open_story)

    def _start_opening(
        self, function: Callable[..., Coroutine[None, None, None]], *arguments: object
    ) -> None:
        if self._screen.is_attached:  # else the app is ending
            start_worker(self._screen, "open", function, *arguments)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()

    async def _load_story(self, story: Story, goal: Place | Highlight | str | None) -> None:
        try:
            story = await describe_moved(self._session, story)
            open_story = await run_in_thread(self._session.make_open_job(story).run)
            style = self._page.viewport.paragraph_style
            if style.hyphen_language:
                await run_in_thread(load_hyphenation, style, open_story.story.language)
            is_found = goal is None or await run_in_thread(open_story.parse_to, goal)
        except ReaderError as error:
            self._is_opening = False
            self._session.leave()
            self._page.show_blocks(
                (Block(Kind.TITLE, story.title), Block(Kind.PLACEHOLDER, str(error)))
            )
            self._after_show()
            return
        self._is_opening = False
        self._session.enter(open_story)
        self.show_story(open_story)
        if not is_found:
            name = sanitize_line(str(goal), _MAX_NAME_CHARACTERS)
            self._session.notify(f"This story has no heading '{name}'.", is_about_story=True)

    async def _parse_rest(self, open_story: OpenStory) -> None:
        while self.must_wait():  # noqa: ASYNC110  an event would tie the screen to its loader
            await asyncio.sleep(WAIT_SECONDS)
        while open_story is self._session.current:
            if not await run_in_thread(read_next, open_story.document):
                break
            await asyncio.sleep(max(0.0, self._resume_parsing_at - time.monotonic()))
        while open_story is self._session.current and not open_story.document.is_complete:
            self._run_job(self._session.make_beginning_job(open_story))
            try:
                parsed = await run_in_thread(parse_next, open_story)
            except ReaderError as error:  # the cache is damaged, and the file is gone
                text = f"The rest of this story can't be shown. {error}"
                self._session.notify(text, is_about_story=True)
                return
            if parsed is None or open_story is not self._session.current:
                return
            open_story.add_slice(parsed)
            is_last = parsed.slice.is_last
            if is_last:
                self._finish_parsing(open_story)
            self._page.show_new_blocks(self._make_tail(open_story) if is_last else ())
            await asyncio.sleep(max(0.0, self._resume_parsing_at - time.monotonic()))

    def _finish_parsing(self, open_story: OpenStory) -> None:
        """Index the complete story, and save its text in the text cache after the next frame."""
        job = self._session.index_story(open_story)
        self._screen.call_after_refresh(self._run_job, job)

    def _run_job(self, job: SaveTextJob | SaveBeginningJob | None) -> None:
        if job is not None and self._screen.is_attached:  # else the app is ending
            start_worker(self._screen, "save", run_in_thread, job.run, exclusive=False)

    def _make_tail(self, open_story: OpenStory) -> tuple[Block, ...]:
        if open_story.is_growing:
            return ()
        self.end_card = self._session.make_end_card(open_story)
        if self.has_to_wait(open_story):
            self.end_card = self.end_card._replace(suggestions=())
        keys = make_end_card_keys(self._keymap, can_respond=open_story.story.is_persistent)
        return build_tail(open_story.story, open_story.document, self.end_card, keys)

    def refresh_end_card(self) -> None:
        """Rebuild the end card after reading data has changed, if the text is complete."""
        open_story = self._session.current
        if open_story is not None and open_story.is_complete:
            link = self._page.decorations.link
            if link is not None and link.block > open_story.document.last_block:
                self._page.decorations.link = None  # links of the end card may move
            self._page.viewport.replace_tail(self._make_tail(open_story))
            self._page.redraw()

    def check_end_card(self) -> None:
        """Rebuild the end card if its summary of the reading is out of date."""
        open_story = self._session.current
        if open_story is not None and open_story.is_complete:
            summary, _ = summarize_reading(open_story, self._session.get_entry(open_story.story))
            if summary != self.end_card.reading_summary:
                self.refresh_end_card()

    def check_files(self, update_shelf: Callable[[], None], *, is_requested: bool = False) -> None:
        """Look for changed files in a thread, at each second call or if that is requested.

        The loop is woken only if there are any.
        """
        self._tick_count += 1
        self._is_requested = self._is_requested or is_requested
        if self._is_checking or not self._screen.is_attached:  # it isn't once the app is ending
            return
        start = partial(self._start_check, update_shelf)
        if self._is_requested or self._changed_path is not None:
            start()
        elif self._tick_count % CHECK_TICKS == 0:
            call_if_true(partial(self._session.watch.find_differences, self._file_path), start)

    @property
    def _file_path(self) -> Path | None:
        """The path of the open story's file."""
        story = self._session.current.story if self._session.current is not None else None
        return story.path if story is not None and story.is_persistent else None

    def _start_check(self, update_shelf: Callable[[], None]) -> None:
        if self._screen.is_attached and not self._is_checking:
            self._is_checking = True
            start_worker(
                self._screen, "watch", self._check_until_done, update_shelf, exclusive=False
            )

    async def _check_until_done(self, update_shelf: Callable[[], None]) -> None:
        """Look for changes, and once more if that is requested meanwhile."""
        try:
            await self._check_files(update_shelf)
            while self._is_requested:
                await self._check_files(update_shelf)
        finally:
            self._is_checking = False

    async def _check_files(self, update_shelf: Callable[[], None]) -> None:
        """Find changes and show them. A requested check says so if there are none."""
        is_requested, self._is_requested = self._is_requested, False
        path, watch = self._file_path, self._session.watch
        has_changed = False
        find_open = partial(watch.find_open_difference, path)
        finds: list[Callable[[], Differences]] = [find_open, watch.find_reported_differences]
        find_all = partial(watch.find_differences, path, is_thorough=True)
        if is_requested or watch.is_scan_needed:  # which takes seconds in a large library
            finds.append(find_all)
        for find in finds:
            changes, described = await find_changes(self._session, find, find_all)
            await self._show_changes(changes, described, path, update_shelf)
            is_reloaded = self._changed_path is not None and await self._reload()
            has_changed = has_changed or is_reloaded or changes != NO_CHANGES
        if is_requested and not has_changed:
            self._session.notify("No file has changed.")

    async def _show_changes(
        self,
        changes: Changes,
        described: list[tuple[File, Story]],
        open_path: Path | None,
        update_shelf: Callable[[], None],
    ) -> None:
        """Update the shelf, and say what has changed except in the open file."""
        if changes == NO_CHANGES:
            return
        if open_path in {file.path for file in changes.changed}:
            self._changed_path = open_path
        shown = open_path if self._page.has_focus else None
        catalog = self._session.catalog
        known = {file.path for file in changes.changed if file.path in catalog}
        ids = {story.id for path in changes.removed if (story := catalog.get(path)) is not None}
        for start in range(0, len(described), ADDED_AT_ONCE):
            batch = described[start : start + ADDED_AT_ONCE]
            added = await add_described(self._session, batch)
            await run_in_thread(self._session.index_stories, added)
        self._session.remove_stories(changes.removed)
        self._session.known_stories.settle()
        update_shelf()
        stories = [story for file, _ in described if (story := catalog.get(file.path)) is not None]
        renamed = [story.path for story in stories if story.path not in known and story.id in ids]
        if shown is not None and shown in changes.removed:
            name = self._file_path.name if self._file_path not in (None, shown) else ""
            now = f"{sanitize_line(name)} now" if name else "gone; its text stays open"
            self._session.notify(f"The file of this story is {now}.", is_about_story=True)
        if text := format_changes(changes, known, renamed, shown):
            self._session.notify(text)

    async def _reload(self) -> bool:
        """Show the changed text of the open story, with the same words in view.

        Return whether that was done. It waits while a dialog or a text field is open.
        """
        current, page = self._session.current, self._page
        if current is None or current.story.path != self._changed_path:
            self._changed_path = None
            return False
        if not self.can_replace_text():
            return False
        self._changed_path = None
        place = page.place
        try:
            open_story = await run_in_thread(self._session.make_reload_job(current, place).run)
        except ReaderError as error:
            self._session.notify(
                f"The file of this story has changed, but it can't be read: {error}"
            )
            return False
        if self._session.current is not current or page.place != place:
            self._changed_path = current.story.path  # try again at the next tick
            return False
        self.replace_text(open_story)
        if page.has_focus:
            self._session.notify("The file has changed; this is the new text.", is_about_story=True)
        return True

    def can_replace_text(self) -> bool:
        """Return whether no dialog or text field is open, and no story is being opened."""
        focused = self._screen.focused
        is_typing = focused is not None and focused.check_consume_key("a", "a")
        return self._screen.is_current and not (is_typing or self._is_opening)

    def replace_text(self, open_story: OpenStory) -> None:
        """Show a new version of the open story, with the same words in view."""
        page, scroller = self._page, self._page.viewport.scroller
        view = scroller.view
        self._session.enter(open_story)
        self.show_story(open_story)
        if not view.is_at_start:
            scroller.restore_view(view)
            page.redraw()
