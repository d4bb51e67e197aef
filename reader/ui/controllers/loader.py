"""Open stories, parse the rest of their text and describe files, in workers."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from reader.config import to_local
from reader.errors import ReaderError
from reader.layout.lines import load_hyphenation
from reader.render.story_frame import EMPTY_END_CARD, build_tail, format_stop_messages
from reader.session.reading_list import EndCardKeys, summarize_reading
from reader.session.session import describe_files
from reader.text.document import Block, Kind
from reader.ui.commands import format_first_key

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from textual.screen import Screen
    from textual.timer import Timer

    from reader.library.files import File
    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.open_story import OpenStory
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.page.page import Page


PARSE_PAUSE_SECONDS: Final = 0.03
"""Seconds that parsing waits behind a key: two frames. It goes on however long a key is held."""
PREVIEW_DELAY_SECONDS: Final = 0.15
"""Seconds the cursor rests on a story before the page shows it."""

BATCH_SIZE: Final = 50
"""Stories described before the shelf shows them."""


class Loader:
    """Opens one story at a time on the page of a screen."""

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
        """Called when the page shows another story, or that there is none to show."""
        self.end_card = EMPTY_END_CARD
        """What is said below the text that is shown, once all of it is."""
        self._timer: Timer | None = None
        self._resume_parsing_at = 0.0
        """Until when what is still to be parsed gives way to the keys."""
        self._is_opening = False

    def pause_parsing(self) -> None:
        """Let the reader who has just moved have the processor."""
        self._resume_parsing_at = time.monotonic() + PARSE_PAUSE_SECONDS

    def schedule_load(self, story: Story) -> None:
        """Open `story` if the cursor rests on it."""
        self._cancel_timer()
        self._timer = self._screen.set_timer(PREVIEW_DELAY_SECONDS, partial(self.load, story))

    def load(self, story: Story, goal: Place | Highlight | None = None) -> None:
        """Open `story` at a place or a quote, else where reading stopped, unless it is open."""
        self._cancel_timer()
        visit = self._session.current
        if visit is None or visit.story.path != story.path:
            self._is_opening = True
            self._start_worker(self._load_story(story, goal))

    def show_story(self, open_story: OpenStory) -> None:
        """Show a visit that the session is in, and parse what is left of its text."""
        complete, self.end_card = open_story.document.is_complete, EMPTY_END_CARD
        self._page.show_story(open_story, self._make_tail(open_story) if complete else ())
        if open_story.stopped_at is not None:
            self._page.viewport.show_stop_line(
                self._format_stop_notice(open_story.stopped_at, open_story)
            )
        self._after_show()
        if complete:
            self._finish_parsing(open_story)
        else:  # the first screen is drawn before anything competes with it
            self._screen.call_after_refresh(self._continue_parsing, open_story)

    def _continue_parsing(self, open_story: OpenStory) -> None:
        """Parse what is left, unless another story is being opened by now: that goes first."""
        if not self._is_opening:
            self._start_worker(self._parse_rest(open_story))

    def describe_files(
        self, files: Sequence[File], add_stories: Callable[[list[tuple[File, Story]]], None]
    ) -> None:
        """Describe `files` in a worker and hand them to `learn` a batch at a time."""
        self._screen.run_worker(
            self._describe_files(files, add_stories), exclusive=True, group="describe"
        )

    async def _describe_files(
        self, files: Sequence[File], add_stories: Callable[[list[tuple[File, Story]]], None]
    ) -> None:
        waiting = describe_files(files)
        while batch := await asyncio.to_thread(lambda: list(islice(waiting, BATCH_SIZE))):
            add_stories(batch)

    def _start_worker(self, work: Coroutine[None, None, None]) -> None:
        if self._screen.is_attached:
            self._screen.run_worker(work, exclusive=True, group="open")
        else:  # the app ends
            work.close()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()

    async def _load_story(self, story: Story, goal: Place | Highlight | None) -> None:
        try:
            visit = await asyncio.to_thread(self._session.make_opener(story))
            style = self._page.viewport.paragraph_style
            if style.hyphen_language:
                await asyncio.to_thread(load_hyphenation, style, visit.story.language)
            if goal is not None:
                await asyncio.to_thread(visit.parse_to, goal)
        except ReaderError as error:
            self._is_opening = False
            self._session.leave()
            self._page.show_blocks(
                (Block(Kind.TITLE, story.title), Block(Kind.PLACEHOLDER, str(error)))
            )
            self._after_show()
            return
        self._is_opening = False
        self._session.enter(visit)
        self.show_story(visit)

    async def _parse_rest(self, open_story: OpenStory) -> None:
        while open_story is self._session.current and not open_story.document.is_complete:
            piece = await asyncio.to_thread(open_story.parse_next)
            if piece is None or open_story is not self._session.current:
                return
            open_story.add_slice(piece)
            if piece.is_last:
                self._finish_parsing(open_story)
            self._page.show_new_blocks(self._make_tail(open_story) if piece.is_last else ())
            await asyncio.sleep(max(0.0, self._resume_parsing_at - time.monotonic()))

    def _finish_parsing(self, open_story: OpenStory) -> None:
        """Keep what the whole text tells, and when the screen is drawn the text itself."""
        keep = self._session.index_story(open_story)
        self._screen.call_after_refresh(self._keep, keep)

    def _keep(self, keep: Callable[[], None]) -> None:
        if self._screen.is_attached:  # else the app ends
            self._screen.run_worker(asyncio.to_thread(keep), group="keep")

    def _format_stop_notice(self, then: datetime, open_story: OpenStory) -> list[str]:
        """Return how it is said that reading stopped `then` at the place of a visit."""
        now, key = to_local(datetime.now(UTC)), format_first_key("start", self._keymap)
        return format_stop_messages(then, now, changed=open_story.is_text_changed, key=key)

    def _make_tail(self, open_story: OpenStory) -> tuple[Block, ...]:
        self.end_card = self._session.make_end_card(open_story)
        keys = EndCardKeys(
            format_first_key("page-down", self._keymap),
            format_first_key("next-story", self._keymap),
            format_first_key("respond", self._keymap) if open_story.story.is_persistent else "",
        )
        return build_tail(open_story.story, open_story.document, self.end_card, keys)

    def refresh_end_card(self) -> None:
        """Show anew what stands below the text, if all of that is there."""
        visit = self._session.current
        if visit is not None and visit.document.is_complete:
            link = self._page.decorations.link
            if link is not None and link.block > visit.document.last_block:
                self._page.decorations.link = None  # it may stand elsewhere now
            self._page.viewport.replace_tail(self._make_tail(visit))
            self._page.redraw()

    def check_end_card(self) -> None:
        """Say anew how the story was read, if that has changed."""
        visit = self._session.current
        if visit is not None and visit.document.is_complete:
            now, _ = summarize_reading(visit, self._session.get_entry(visit.story))
            if now != self.end_card.reading_summary:
                self.refresh_end_card()
