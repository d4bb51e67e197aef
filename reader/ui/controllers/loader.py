"""Open stories, parse the rest of their text and describe files, in workers.

A worker computes a value; the page and the session change on the UI loop only. A result for a
story that is no longer open is dropped.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Final

from reader.config import to_local
from reader.errors import ReaderError
from reader.layout.lines import load_hyphenation
from reader.library.story import describe_files
from reader.render.story_frame import EMPTY_END_CARD, build_tail, format_stop_messages
from reader.session.reading_list import EndCardKeys, summarize_reading
from reader.text.cells import sanitize_line
from reader.text.document import Block, Kind
from reader.ui import run_in_thread, start_worker
from reader.ui.commands import format_first_key

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence

    from textual.screen import Screen
    from textual.timer import Timer

    from reader.library.files import File
    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.open_story import OpenStory, SaveTextJob
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.page.page import Page


PARSE_PAUSE_SECONDS: Final = 0.03
"""Seconds that parsing pauses after a move, two frames. It goes on while a key is held down."""
PREVIEW_DELAY_SECONDS: Final = 0.15
"""Seconds that the cursor must rest on a story until the page shows it."""
BATCH_SIZE: Final = 50
"""Files described in one step of a worker; the shelf shows their stories together."""
BATCH_SECONDS: Final = 0.5
"""Seconds after which a step ends sooner. What it described is saved, even if the program ends."""


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
        self.end_card = EMPTY_END_CARD
        """The end card of the open story; empty until its text is complete."""
        self._timer: Timer | None = None
        self._resume_parsing_at = 0.0
        """The time, as of `time.monotonic`, until which parsing pauses."""
        self._is_opening = False
        """A worker is opening a story that the page doesn't show yet."""

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
        if current is None or current.story.path != story.path:
            self._is_opening = True
            self._start_opening(self._load_story, story, goal)

    def show_story(self, open_story: OpenStory) -> None:
        """Show the session's open story, and parse the rest of its text."""
        complete, self.end_card = open_story.document.is_complete, EMPTY_END_CARD
        self._page.show_story(open_story, self._make_tail(open_story) if complete else ())
        if open_story.stopped_at is not None:
            self._page.viewport.show_stop_line(
                self._format_stop_messages(open_story.stopped_at, open_story)
            )
        self._after_show()
        if complete:
            self._finish_parsing(open_story)
        else:  # draw the first screen before parsing competes with it
            self._screen.call_after_refresh(self._continue_parsing, open_story)

    def _continue_parsing(self, open_story: OpenStory) -> None:
        """Parse the rest of the text, unless another story is being opened by now."""
        if not self._is_opening:
            self._start_opening(self._parse_rest, open_story)

    def describe_files(
        self, files: Sequence[File], add_stories: Callable[[list[tuple[File, Story]]], None]
    ) -> None:
        """Describe `files` in a worker; pass them to `add_stories` in batches."""
        start_worker(self._screen, "describe", self._describe_files, files, add_stories)

    async def _describe_files(
        self, files: Sequence[File], add_stories: Callable[[list[tuple[File, Story]]], None]
    ) -> None:
        is_cancelled = Event()
        described = describe_files(files, must_stop=is_cancelled.is_set)
        try:
            while batch := await run_in_thread(_take_batch, described):
                add_stories(batch)
        finally:
            is_cancelled.set()

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
            self._session.notify(f"This story has no heading '{name}'.")

    async def _parse_rest(self, open_story: OpenStory) -> None:
        while open_story is self._session.current and not open_story.document.is_complete:
            try:
                parsed = await run_in_thread(open_story.parse_next)
            except ReaderError as error:  # the cache is damaged, and the file is gone
                self._session.notify(f"The rest of this story can't be shown. {error}")
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
        self._screen.call_after_refresh(self._run_save_job, job)

    def _run_save_job(self, job: SaveTextJob) -> None:
        if self._screen.is_attached:  # else the app is ending
            start_worker(self._screen, "save", run_in_thread, job.run, exclusive=False)

    def _format_stop_messages(self, stopped_at: datetime, open_story: OpenStory) -> list[str]:
        """Return the texts of the stop line, longest first; none if reading stopped just now."""
        now, key = to_local(datetime.now(UTC)), format_first_key("start", self._keymap)
        return format_stop_messages(stopped_at, now, changed=open_story.is_text_changed, key=key)

    def _make_tail(self, open_story: OpenStory) -> tuple[Block, ...]:
        self.end_card = self._session.make_end_card(open_story)
        keys = EndCardKeys(
            format_first_key("page-down", self._keymap),
            format_first_key("next-story", self._keymap),
            format_first_key("respond", self._keymap) if open_story.story.is_persistent else "",
        )
        return build_tail(open_story.story, open_story.document, self.end_card, keys)

    def refresh_end_card(self) -> None:
        """Rebuild the end card after reading data has changed, if the text is complete."""
        open_story = self._session.current
        if open_story is not None and open_story.document.is_complete:
            link = self._page.decorations.link
            if link is not None and link.block > open_story.document.last_block:
                self._page.decorations.link = None  # links of the end card may move
            self._page.viewport.replace_tail(self._make_tail(open_story))
            self._page.redraw()

    def check_end_card(self) -> None:
        """Rebuild the end card if its summary of the reading is out of date."""
        open_story = self._session.current
        if open_story is not None and open_story.document.is_complete:
            summary, _ = summarize_reading(open_story, self._session.get_entry(open_story.story))
            if summary != self.end_card.reading_summary:
                self.refresh_end_card()


def _take_batch(described: Iterator[tuple[File, Story]]) -> list[tuple[File, Story]]:
    """Return the next stories of `described`, as many as one step describes."""
    batch: list[tuple[File, Story]] = []
    end = time.monotonic() + BATCH_SECONDS
    for item in described:
        batch.append(item)
        if len(batch) == BATCH_SIZE or time.monotonic() >= end:
            break
    return batch
