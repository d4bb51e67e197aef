"""A line to type words in, and the page lighting up as they are typed.

Owns one search in the text on the page: Enter stays at the match, Esc goes back to where
the reader was. Speaks to the page alone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from ..find import Finding, Match, matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ..document import Block
    from .page import Page

AT_ONCE: Final = 200_000
"""Letters that are searched within a frame; more are a worker's job."""
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
    @work(exclusive=True)
    async def _typed(self, event: Input.Changed) -> None:
        """Light up what is found, and show the first match from the reader's place on."""
        words = event.value
        document = self._page.document
        blocks = list(document.blocks)
        if document.letters > AT_ONCE:
            found = await asyncio.to_thread(_found, blocks, words)
        else:
            found = _found(blocks, words)
        if not self.display:
            return
        finding = Finding(words, found)
        match = finding.at(self._page.place)
        self._light(finding if words.strip() else None, match)
        self._said.update(Content(str(finding) if words.strip() else ""))

    @on(Input.Submitted)
    def _stay(self) -> None:
        """Stay at the match."""
        self._page.stay()
        self._close()

    def action_cancel(self) -> None:
        """Go back to where the search began."""
        self._light(None, None)
        self._close()

    def _light(self, finding: Finding | None, match: Match | None) -> None:
        """Light up what was found, and show one match, or the place where the reader is."""
        self._page.lights.finding = finding
        if match is None:
            self._page.window.settle()
        else:
            self._page.window.glance(match.start)
        self._page.redraw()

    def _close(self) -> None:
        self.display = False
        self.post_message(self.Closed())


def _found(blocks: Sequence[Block], words: str) -> list[Match]:
    return list(matches(blocks, words))
