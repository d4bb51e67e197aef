"""The search bar: a text field below the page; matches are shown on the page while typing."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from reader.finding.document_search import BLOCK_CHARACTERS, CHUNK_CHARACTERS, Search
from reader.text.cells import sanitize
from reader.text.search import TypedQuery
from reader.ui import run_in_thread, start_worker

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from reader.finding.document_search import Chunk
    from reader.text.document import Place
    from reader.text.search import Find, Match
    from reader.ui.page.page import Page


MAX_INLINE_CHARACTERS: Final = 2 * CHUNK_CHARACTERS
"""Characters that are searched while a key is handled; a worker searches the rest."""
POLL_SECONDS: Final = 0.05
"""Seconds to wait for more of a story that is still being parsed."""
MAX_QUERY_CHARACTERS: Final = 200
"""Characters of a query or a filter: more than a sentence, so the beginning of a pasted paragraph
finds the paragraph. The pattern of so long a query is made in 7 ms."""
MAX_INLINE_QUERY: Final = 20
"""Characters of a query that is searched for while a key is handled: 1 ms for its pattern."""
_WHITE_SPACE: Final = re.compile(r"\s+")
ALLOWED_INPUT: Final = r"[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*"
"""What may be typed: no control characters, and none that change the text direction."""


class LineInput(Input):
    """A text field for a query or a filter, which takes `MAX_QUERY_CHARACTERS` at most."""

    def __init__(self) -> None:
        super().__init__(compact=True, restrict=ALLOWED_INPUT, max_length=MAX_QUERY_CHARACTERS)

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be typed: what was pasted may have been longer."""
        return len(self.value) >= MAX_QUERY_CHARACTERS

    def restricted(self) -> None:
        """Ring no bell for a character that was not taken."""

    def _on_paste(self, event: events.Paste) -> None:
        """Insert the beginning of the pasted text, as one line."""
        event.prevent_default()
        event.stop()
        room = MAX_QUERY_CHARACTERS - len(self.value) + len(self.selected_text)
        text = _WHITE_SPACE.sub(" ", event.text[: 4 * MAX_QUERY_CHARACTERS])
        self.replace(sanitize(text)[:room], *self.selection)


class SearchBar(Horizontal):
    """The search bar of a page."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "cancel", show=False)]

    class Closed(Message):
        """The search bar was closed."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.display = False
        self._page = page
        self._input = LineInput()
        self._count_label = Static(markup=False)
        self._search: Search | None = None
        self._is_match_awaited = False
        """The reader pressed Enter before a match was found; the page goes to the first one."""
        self._only_marks = False
        """What is searched for was not typed here, and the page stays where it is."""

    def compose(self) -> ComposeResult:
        """Lay out a slash, the text field and the number of matches."""
        yield Static("/", markup=False, classes="-slash")
        yield self._input
        yield self._count_label

    def open(self) -> None:
        """Show the search bar, with the previous query selected so that typing replaces it."""
        self.display = True
        self._count_label.update("")
        self._input.focus()
        self._input.select_all()

    @on(Input.Changed)
    def _search_input(self, event: Input.Changed) -> None:
        self._start_search(event.value)

    def _start_search(self, query: str) -> None:
        """Search for `query`, and preview the first match at or after the current place."""
        self._search, self._is_match_awaited = None, False
        if not query.strip():
            self._clear_search()
            return
        self._only_marks = False
        is_inline = len(query) <= MAX_INLINE_QUERY
        self._run_search(TypedQuery(query), self._page.place, is_inline=is_inline)

    def mark(self, find: Find, place: Place) -> None:
        """Mark on the page what `find` finds; the first match from `place` on is the current one.

        The bar stays closed, and the page where it is.
        """
        self._is_match_awaited, self._only_marks = False, True
        self._run_search(find, place, is_inline=True)

    def _run_search(self, find: Find, place: Place, *, is_inline: bool) -> None:
        """Show what `find` finds, near matches first; much text is searched in a worker."""
        page = self._page
        search = self._search = Search(page.document, find, place, page.viewport.head)
        self._page.decorations.search_results = search.results
        chunk, characters = search.next_chunk(), 0
        while chunk is not None and chunk.blocks and is_inline:
            characters += sum(BLOCK_CHARACTERS + len(block.text) for block in chunk.blocks)
            if characters > MAX_INLINE_CHARACTERS:
                break
            self._add_matches(search, chunk, _find_in_chunk(chunk, find))
            chunk = search.next_chunk()
        if chunk is None:
            self._finish_search(search)
        else:
            start_worker(self, "find", self._search_rest, search, chunk)

    async def _search_rest(self, search: Search, chunk: Chunk | None) -> None:
        """Search `chunk` and those after it, until another search starts."""
        while chunk is not None:
            if chunk.blocks:
                matches = await run_in_thread(_find_in_chunk, chunk, search.results.find)
            else:  # the rest of the text is still being parsed
                matches = []
                await asyncio.sleep(POLL_SECONDS)
            if self._page.decorations.search_results is not search.results:
                return
            self._add_matches(search, chunk, matches)
            chunk = search.next_chunk()
        self._finish_search(search)

    def _add_matches(self, search: Search, chunk: Chunk, matches: list[Match]) -> None:
        """Add the matches of `chunk`, and redraw the page if it shows some of the chunk."""
        self._show_count(search)
        is_first = search.add_matches(matches)
        start, end = self._page.visible_range
        if is_first:
            self._show_match(search)
        elif chunk.first_block <= end.block and start.block < chunk.first_block + len(chunk.blocks):
            self._page.redraw()

    def _show_count(self, search: Search) -> None:
        limit = f" first {MAX_QUERY_CHARACTERS} characters · " if self._input.is_full else ""
        self._count_label.update(Content(f"{limit}{search.results}"))

    def _finish_search(self, search: Search) -> None:
        if search.add_matches(()):
            self._show_match(search)
        elif search.results.current_match is None and not self._only_marks:
            self._page.viewport.scroller.scroll_to_place()
        self._show_count(search)
        self._page.redraw()

    def _show_match(self, search: Search) -> None:
        """Preview the current match, or go to it if the reader has pressed Enter."""
        match = search.results.current_match
        if match is not None and self._is_match_awaited:
            if self._page.place == search.place:  # the reader hasn't moved since
                self._page.go_to(match.start)
        elif match is not None and not self._only_marks:
            self._page.viewport.scroller.preview_place(match.start)
        self._page.redraw()

    @on(Input.Submitted)
    def _accept_match(self) -> None:
        """Go to the previewed match, or to the first one as soon as it is found."""
        if self._page.decorations.search_results is None or self._only_marks:
            # the previous query was not edited
            self._start_search(self._input.value)
        results = self._search.results if self._search is not None else None
        if results is not None and results.current_match is None and not results.is_complete:
            self._is_match_awaited = True
        else:
            self._page.accept_preview()
        self._close()

    def action_cancel(self) -> None:
        """Clear the matches, and go back to the place where the search started."""
        self._clear_search()
        self._close()

    def _clear_search(self) -> None:
        """Clear the matches, and show the current place."""
        self._page.decorations.search_results = None
        self._page.viewport.scroller.scroll_to_place()
        self._count_label.update("")
        self._page.redraw()

    def _close(self) -> None:
        self.display = False
        self.post_message(self.Closed())


def _find_in_chunk(chunk: Chunk, find: Find) -> list[Match]:
    return list(find(chunk.blocks, chunk.first_block))
