"""Copying: what is selected, a paragraph with where it is from, or an address.

Says what is copied and in what words; by a program where there is one, else by the
terminal. What can be selected is the page's business.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..addresses import address
from ..anchors import anchor_at
from ..document import Place
from ..passage import text_between
from .outside import copy

if TYPE_CHECKING:
    from .screen import ReadingScreen


class Copier:
    """Copies from the page of a screen."""

    def __init__(self, screen: ReadingScreen) -> None:
        self._screen = screen

    def copy(self, what: str) -> None:
        """Copy the selection, or the paragraph at the cursor where there is none; or an address."""
        if what == "address":
            self._address()
        elif not self.selection():
            self._paragraph()

    def selection(self) -> bool:
        """Copy what is selected; tell whether anything is."""
        page = self._screen.page
        if page.selection is None:
            return False
        self.hand_over(text_between(page.document, *page.selection), "selection")
        return True

    def _paragraph(self) -> None:
        visit, block = self._screen.session.visit, self._screen.page.pointer.block
        if visit is not None and block < len(visit.document.blocks):
            story = visit.story
            by = ", ".join(part for part in (story.author, story.title) if part)
            self.hand_over(f"{visit.document.blocks[block].text}\n— {by}", "paragraph")

    def _address(self) -> None:
        """Copy where the selection begins, or where the paragraph is."""
        page, visit = self._screen.page, self._screen.session.visit
        place = page.selection.first if page.selection else Place(page.pointer.block)
        if visit is not None and place.block < len(visit.document.blocks):
            here = address(anchor_at(visit.document, place))
            self.hand_over(f"{visit.story.id or visit.story.path}@{here}", "address")

    def hand_over(self, words: str, what: str) -> None:
        """Copy `words`, and say of `what` that it was."""
        self._screen.run_worker(self._hand_over(words, what), exclusive=True, group="copy")

    async def _hand_over(self, words: str, what: str) -> None:
        """Copy by a program where there is one, else by the terminal (OSC 52)."""
        if not await asyncio.to_thread(copy, words):
            self._screen.app.copy_to_clipboard(words)
        self._screen.status.tell(f"Copied the {what}.")
