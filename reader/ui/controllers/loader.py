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
from reader.render.story_frame import NOTHING, stopped_here, tail
from reader.session.reading_list import Keys, standing
from reader.session.session import described
from reader.text.document import Block, Kind
from reader.ui.commands import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from textual.screen import Screen
    from textual.timer import Timer

    from reader.library.files import File
    from reader.library.story import Story
    from reader.reading.annotations import Quote
    from reader.session.open_story import Visit
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.page.page import Page


GIVES_WAY: Final = 0.03
"""Seconds that parsing waits behind a key: two frames. It goes on however long a key is held."""
PREVIEW: Final = 0.15
"""Seconds the cursor rests on a story before the page shows it."""

BATCH: Final = 50
"""Stories described before the shelf shows them."""


class Opener:
    """Opens one story at a time on the page of a screen."""

    def __init__(
        self,
        screen: Screen[None],
        session: Session,
        page: Page,
        keymap: Mapping[str, str],
        shown: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._session = session
        self._page = page
        self._keymap = keymap
        self._shown = shown
        """Called when the page shows another story, or that there is none to show."""
        self.ending = NOTHING
        """What is said below the text that is shown, once all of it is."""
        self._timer: Timer | None = None
        self._way = 0.0
        """Until when what is still to be parsed gives way to the keys."""
        self._is_opening = False

    def give_way(self) -> None:
        """Let the reader who has just moved have the processor."""
        self._way = time.monotonic() + GIVES_WAY

    def soon(self, story: Story) -> None:
        """Open `story` if the cursor rests on it."""
        self._stop()
        self._timer = self._screen.set_timer(PREVIEW, partial(self.now, story))

    def now(self, story: Story, goal: Place | Quote | None = None) -> None:
        """Open `story` at a place or a quote, else where reading stopped, unless it is open."""
        self._stop()
        visit = self._session.visit
        if visit is None or visit.story.path != story.path:
            self._is_opening = True
            self._run(self._open(story, goal))

    def show(self, visit: Visit) -> None:
        """Show a visit that the session is in, and parse what is left of its text."""
        complete, self.ending = visit.document.complete, NOTHING
        self._page.show(visit, self._tail(visit) if complete else ())
        if visit.stopped is not None:
            self._page.window.stop_here(self._stopped(visit.stopped, visit))
        self._shown()
        if complete:
            self._know(visit)
        else:  # the first screen is drawn before anything competes with it
            self._screen.call_after_refresh(self._go_on, visit)

    def _go_on(self, visit: Visit) -> None:
        """Parse what is left, unless another story is being opened by now: that goes first."""
        if not self._is_opening:
            self._run(self._parse(visit))

    def describe(
        self, files: Sequence[File], learn: Callable[[list[tuple[File, Story]]], None]
    ) -> None:
        """Describe `files` in a worker and hand them to `learn` a batch at a time."""
        self._screen.run_worker(self._describe(files, learn), exclusive=True, group="describe")

    async def _describe(
        self, files: Sequence[File], learn: Callable[[list[tuple[File, Story]]], None]
    ) -> None:
        waiting = described(files)
        while batch := await asyncio.to_thread(lambda: list(islice(waiting, BATCH))):
            learn(batch)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        if self._screen.is_attached:
            self._screen.run_worker(work, exclusive=True, group="open")
        else:  # the app ends
            work.close()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()

    async def _open(self, story: Story, goal: Place | Quote | None) -> None:
        try:
            visit = await asyncio.to_thread(self._session.opening(story))
            if self._page.window.composition.hyphens:
                await asyncio.to_thread(self._page.window.prepare, visit.story.language)
            if goal is not None:
                await asyncio.to_thread(visit.reach, goal)
        except ReaderError as error:
            self._is_opening = False
            self._session.leave()
            self._page.say((Block(Kind.TITLE, story.title), Block(Kind.STAND_IN, str(error))))
            self._shown()
            return
        self._is_opening = False
        self._session.enter(visit)
        self.show(visit)

    async def _parse(self, visit: Visit) -> None:
        while visit is self._session.visit and not visit.document.complete:
            piece = await asyncio.to_thread(visit.more)
            if piece is None or visit is not self._session.visit:
                return
            visit.take(piece)
            if piece.last:
                self._know(visit)
            self._page.grow(self._tail(visit) if piece.last else ())
            await asyncio.sleep(max(0.0, self._way - time.monotonic()))

    def _know(self, visit: Visit) -> None:
        """Keep what the whole text tells, and when the screen is drawn the text itself."""
        keep = self._session.know(visit)
        self._screen.call_after_refresh(self._keep, keep)

    def _keep(self, keep: Callable[[], None]) -> None:
        if self._screen.is_attached:  # else the app ends
            self._screen.run_worker(asyncio.to_thread(keep), group="keep")

    def _stopped(self, then: datetime, visit: Visit) -> list[str]:
        """Return how it is said that reading stopped `then` at the place of a visit."""
        now, key = to_local(datetime.now(UTC)), key_of("start", self._keymap)
        return stopped_here(then, now, changed=visit.changed, key=key)

    def _tail(self, visit: Visit) -> tuple[Block, ...]:
        self.ending = self._session.ending(visit)
        keys = Keys(
            key_of("page-down", self._keymap),
            key_of("next-story", self._keymap),
            key_of("respond", self._keymap) if visit.story.kept else "",
        )
        return tail(visit.story, visit.document, self.ending, keys)

    def refresh_ending(self) -> None:
        """Show anew what stands below the text, if all of that is there."""
        visit = self._session.visit
        if visit is not None and visit.document.complete:
            link = self._page.lights.link
            if link is not None and link.block > visit.document.last:
                self._page.lights.link = None  # it may stand elsewhere now
            self._page.window.end_with(self._tail(visit))
            self._page.redraw()

    def check_standing(self) -> None:
        """Say anew how the story was read, if that has changed."""
        visit = self._session.visit
        if visit is not None and visit.document.complete:
            now, _ = standing(visit, self._session.entry(visit.story))
            if now != self.ending.standing:
                self.refresh_ending()
