"""What the screen has workers do: open a story, parse what is left of it, describe files.

Owns the preview's delay and the one story that is being opened, which is shown as soon as a
screenful is parsed. What arrives for a story that was left meanwhile is nobody's. Decides
nothing about what is remembered.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from ..apparatus import stopped_here, tail
from ..document import Block, Kind
from ..errors import ReaderError
from ..session import described
from .commands import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from textual.screen import Screen
    from textual.timer import Timer

    from ..document import Place
    from ..library import File
    from ..session import Session
    from ..story import Story
    from ..visit import Visit
    from .page import Page

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
        self._timer: Timer | None = None

    def soon(self, story: Story) -> None:
        """Open `story` if the cursor rests on it."""
        self._stop()
        self._timer = self._screen.set_timer(PREVIEW, partial(self.now, story))

    def now(self, story: Story, place: Place | None = None) -> None:
        """Open `story` at `place`, else where reading stopped, unless it is open."""
        self._stop()
        visit = self._session.visit
        if visit is None or visit.story.path != story.path:
            self._run(self._open(story, place))

    def show(self, visit: Visit) -> None:
        """Show a visit that the session is in, and parse what is left of its text."""
        complete = visit.document.complete
        self._page.show(visit, self._tail(visit) if complete else (), self._stopped(visit))
        self._shown()
        if complete:
            self._session.know(visit)
        else:  # the first screen is drawn before anything competes with it
            self._screen.call_after_refresh(lambda: self._run(self._parse(visit)))

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
        self._screen.run_worker(work, exclusive=True, group="open")

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()

    async def _open(self, story: Story, place: Place | None) -> None:
        try:
            visit = await asyncio.to_thread(self._session.opening(story))
            if self._page.window.composition.hyphens:
                await asyncio.to_thread(self._page.window.prepare, visit.story.language)
            if place is not None:
                await asyncio.to_thread(visit.reach, place)
        except ReaderError as error:
            self._session.leave()
            self._page.say((Block(Kind.TITLE, story.title), Block(Kind.STAND_IN, str(error))))
            self._shown()
            return
        self._session.enter(visit)
        self.show(visit)

    async def _parse(self, visit: Visit) -> None:
        while visit is self._session.visit and not visit.document.complete:
            piece = await asyncio.to_thread(visit.more)
            if piece is None or visit is not self._session.visit:
                return
            visit.take(piece)
            if piece.last:
                self._session.know(visit)
            self._page.grow(self._tail(visit) if piece.last else ())

    def _stopped(self, visit: Visit) -> list[str] | None:
        """Return how it is said that reading stopped at the place of a visit, if it did."""
        if visit.stopped is None:
            return None
        now, key = datetime.now(UTC).astimezone(), key_of("start", self._keymap)
        return stopped_here(visit.stopped, now, changed=visit.changed, key=key)

    def _tail(self, visit: Visit) -> tuple[Block, ...]:
        following = [self._session.entry(story) for story in self._session.following()]
        is_next = [e.story for e in following[:1]] == [self._session.neighbour(1)]
        return tail(visit.story, visit.document, following, is_next=is_next)
