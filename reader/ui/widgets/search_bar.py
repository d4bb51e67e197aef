"""The search bar: a line to type in; matches show on the page while typing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from reader.text.search import STRETCH, Search, matches

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from reader.text.document import Block
    from reader.text.search import Match
    from reader.ui.page.page import Page

    Stretch = tuple[int, list[Block]]
    """A block's number, and the blocks from it on."""


AT_ONCE: Final = 2 * STRETCH
"""Letters that are searched while a key is answered; more are a worker's job."""
WAIT: Final = 0.05
"""Seconds between two looks at whether more of the text is parsed."""
TYPED: Final = r"[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*"
"""What may be typed or pasted: nothing a terminal could obey."""


class Finder(Horizontal):
    """The search line of a page."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "cancel", show=False)]

    class Closed(Message):
        """The reader is done typing."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.display = False
        self._page = page
        self._input = Input(compact=True, restrict=TYPED)
        self._said = Static(markup=False)
        self._search: Search | None = None
        self._is_stay = False
        """The reader stays at the first match, wherever it will be found."""

    def compose(self) -> ComposeResult:
        """Lay out the line: a slash, what is typed, how many matches there are."""
        yield Static("/", markup=False, classes="-slash")
        yield self._input
        yield self._said

    def open(self) -> None:
        """Begin a search; the words of the last one stand there to be typed over."""
        self.display = True
        self._said.update("")
        self._input.focus()
        self._input.select_all()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """Light up what is found, and show the first match from the reader's place on."""
        self._begin(event.value)

    def _begin(self, words: str) -> None:
        self._search, self._is_stay = None, False
        if not words.strip():
            self._put_out()
            return
        search = self._search = Search(self._page.document, words, self._page.place)
        self._page.lights.finding = search.finding
        stretch, letters = search.stretch(), 0
        while stretch is not None and stretch[1]:
            letters += sum(len(block.text) for block in stretch[1])
            if letters > AT_ONCE:
                break
            self._take(search, stretch, _found(stretch, words))
            stretch = search.stretch()
        if stretch is None:
            self._end(search)
        else:
            self.run_worker(self._go_on(search, stretch), exclusive=True, group="find")

    async def _go_on(self, search: Search, stretch: Stretch | None) -> None:
        """Look through the rest of the text, unless something else is looked for meanwhile."""
        while stretch is not None:
            if stretch[1]:
                found = await asyncio.to_thread(_found, stretch, search.finding.words)
            else:  # the rest of the text is being parsed
                found = []
                await asyncio.sleep(WAIT)
            if self._page.lights.finding is not search.finding:
                return
            self._take(search, stretch, found)
            stretch = search.stretch()
        self._end(search)

    def _take(self, search: Search, stretch: Stretch, found: list[Match]) -> None:
        self._said.update(Content(str(search.finding)))
        is_first = search.take(found)
        first, behind = self._page.in_view
        if is_first:
            self._show(search)
        elif stretch[0] <= behind.block and first.block < stretch[0] + len(stretch[1]):
            self._page.redraw()

    def _end(self, search: Search) -> None:
        if search.take(()):
            self._show(search)
        elif search.finding.match is None:
            self._page.window.settle()
        self._said.update(Content(str(search.finding)))
        self._page.redraw()

    def _show(self, search: Search) -> None:
        """Show the match the reader is at, or go there if they want to stay."""
        match = search.finding.match
        if match is not None and self._is_stay:
            if self._page.place == search.place:  # the reader hasn't gone on meanwhile
                self._page.go_to(match.start)
        elif match is not None:
            self._page.window.glance(match.start)
        self._page.redraw()

    @on(Input.Submitted)
    def _stay(self) -> None:
        """Stay at the match, or go to the first one as soon as it is found."""
        if self._page.lights.finding is None:  # the words of the last search stand there yet
            self._begin(self._input.value)
        finding = self._search.finding if self._search is not None else None
        if finding is not None and finding.match is None and not finding.complete:
            self._is_stay = True
        else:
            self._page.stay()
        self._close()

    def action_cancel(self) -> None:
        """Go back to where the search began."""
        self._put_out()
        self._close()

    def _put_out(self) -> None:
        """Show the place where the reader is, and nothing lit up."""
        self._page.lights.finding = None
        self._page.window.settle()
        self._said.update("")
        self._page.redraw()

    def _close(self) -> None:
        self.display = False
        self.post_message(self.Closed())


def _found(stretch: Stretch, words: str) -> list[Match]:
    first, blocks = stretch
    return list(matches(blocks, words, first))
