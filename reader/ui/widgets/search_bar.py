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

from reader.text.search import CHUNK_CHARACTERS, Search, find_matches

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from reader.text.document import Block
    from reader.text.search import Match
    from reader.ui.page.page import Page

    BlockSlice = tuple[int, list[Block]]
    """A block's number, and the blocks from it on."""


MAX_INLINE_CHARACTERS: Final = 2 * CHUNK_CHARACTERS
"""Letters that are searched while a key is answered; more are a worker's job."""
POLL_SECONDS: Final = 0.05
"""Seconds between two looks at whether more of the text is parsed."""
ALLOWED_INPUT: Final = r"[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*"
"""What may be typed or pasted: nothing a terminal could obey."""


class SearchBar(Horizontal):
    """The search line of a page."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "cancel", show=False)]

    class Closed(Message):
        """The reader is done typing."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.display = False
        self._page = page
        self._input = Input(compact=True, restrict=ALLOWED_INPUT)
        self._count_label = Static(markup=False)
        self._search: Search | None = None
        self._is_match_awaited = False
        """The reader stays at the first match, wherever it will be found."""

    def compose(self) -> ComposeResult:
        """Lay out the line: a slash, what is typed, how many matches there are."""
        yield Static("/", markup=False, classes="-slash")
        yield self._input
        yield self._count_label

    def open(self) -> None:
        """Begin a search; the words of the last one stand there to be typed over."""
        self.display = True
        self._count_label.update("")
        self._input.focus()
        self._input.select_all()

    @on(Input.Changed)
    def _search_input(self, event: Input.Changed) -> None:
        """Light up what is found, and show the first match from the reader's place on."""
        self._start_search(event.value)

    def _start_search(self, words: str) -> None:
        self._search, self._is_match_awaited = None, False
        if not words.strip():
            self._clear_search()
            return
        search = self._search = Search(self._page.document, words, self._page.place)
        self._page.decorations.search_results = search.results
        stretch, letters = search.next_chunk(), 0
        while stretch is not None and stretch[1]:
            letters += sum(len(block.text) for block in stretch[1])
            if letters > MAX_INLINE_CHARACTERS:
                break
            self._add_matches(search, stretch, _find_in_slice(stretch, words))
            stretch = search.next_chunk()
        if stretch is None:
            self._finish_search(search)
        else:
            self.run_worker(self._search_rest(search, stretch), exclusive=True, group="find")

    async def _search_rest(self, search: Search, block_slice: BlockSlice | None) -> None:
        """Look through the rest of the text, unless something else is looked for meanwhile."""
        while block_slice is not None:
            if block_slice[1]:
                found = await asyncio.to_thread(_find_in_slice, block_slice, search.results.query)
            else:  # the rest of the text is being parsed
                found = []
                await asyncio.sleep(POLL_SECONDS)
            if self._page.decorations.search_results is not search.results:
                return
            self._add_matches(search, block_slice, found)
            block_slice = search.next_chunk()
        self._finish_search(search)

    def _add_matches(self, search: Search, block_slice: BlockSlice, found: list[Match]) -> None:
        self._count_label.update(Content(str(search.results)))
        is_first = search.add_matches(found)
        first, behind = self._page.visible_range
        if is_first:
            self._show_match(search)
        elif block_slice[0] <= behind.block and first.block < block_slice[0] + len(block_slice[1]):
            self._page.redraw()

    def _finish_search(self, search: Search) -> None:
        if search.add_matches(()):
            self._show_match(search)
        elif search.results.current_match is None:
            self._page.viewport.scroller.scroll_to_place()
        self._count_label.update(Content(str(search.results)))
        self._page.redraw()

    def _show_match(self, search: Search) -> None:
        """Show the match the reader is at, or go there if they want to stay."""
        match = search.results.current_match
        if match is not None and self._is_match_awaited:
            if self._page.place == search.place:  # the reader hasn't gone on meanwhile
                self._page.go_to(match.start)
        elif match is not None:
            self._page.viewport.scroller.preview_place(match.start)
        self._page.redraw()

    @on(Input.Submitted)
    def _accept_match(self) -> None:
        """Stay at the match, or go to the first one as soon as it is found."""
        if (
            self._page.decorations.search_results is None
        ):  # the words of the last search stand there yet
            self._start_search(self._input.value)
        finding = self._search.results if self._search is not None else None
        if finding is not None and finding.current_match is None and not finding.is_complete:
            self._is_match_awaited = True
        else:
            self._page.accept_preview()
        self._close()

    def action_cancel(self) -> None:
        """Go back to where the search began."""
        self._clear_search()
        self._close()

    def _clear_search(self) -> None:
        """Show the place where the reader is, and nothing lit up."""
        self._page.decorations.search_results = None
        self._page.viewport.scroller.scroll_to_place()
        self._count_label.update("")
        self._page.redraw()

    def _close(self) -> None:
        self.display = False
        self.post_message(self.Closed())


def _find_in_slice(block_slice: BlockSlice, words: str) -> list[Match]:
    first, blocks = block_slice
    return list(find_matches(blocks, words, first))
