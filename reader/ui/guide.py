"""Going far: contents, links and the way back, across stories.

Owns the list of jumps. Asks the session for stories and the page for places; what is shown
of another story is the screen's to do.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from ..addresses import address
from ..document import Place
from ..jumps import Jumps, Stop
from ..links import Lead, destination
from ..outline import section_at, sections
from .contents import Contents
from .outside import can_open, copy, open_address
from .overlays import Address

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..links import Link
    from ..story import Story
    from .screen import ReadingScreen


class Guide:
    """Takes the reader of a screen somewhere, and back."""

    def __init__(self, screen: ReadingScreen, read: Callable[[Story, Place | None], None]) -> None:
        self._screen = screen
        self._read = read
        """Shows a story on the page, at a place or where reading stopped."""
        self._jumps = Jumps()

    def leave(self, place: Place | None = None) -> None:
        """Remember `place`, or where the reader is, before a jump."""
        visit = self._screen.session.visit
        if visit is not None:
            self._jumps.push(Stop(visit.story.path, place or self._screen.page.place))

    def jump(self, way: str) -> None:
        """Go back to where the last jump began, or forward again; or toggle between the two."""
        visit, page = self._screen.session.visit, self._screen.page
        here = Stop(visit.story.path, page.place) if visit is not None else None
        stop = getattr(self._jumps, way)(here) if here is not None else None
        story = self._screen.session.library.get(stop.path) if stop is not None else None
        if here is None or stop is None or story is None:
            self._screen.status.tell("There is no such place yet.")
        elif stop.path == here.path:
            page.return_to(stop.place)
        else:
            self._read(story, stop.place)

    def contents(self) -> None:
        """Show the headings, and go to one."""
        page = self._screen.page
        found = sections(page.document)
        if not found:
            self._screen.status.tell("This story has no headings.")
            return
        here = section_at(found, page.place)
        visit = self._screen.session.visit
        contents = Contents(found, here, visit.pace) if visit else Contents(found, here)
        self._screen.app.push_screen(contents, self._go_to)

    def _go_to(self, place: Place | None) -> None:
        if place is not None:
            self._screen.page.go_to(place)

    def follow(self, link: Link) -> None:
        """Go where `link` leads: a note, a heading, another story, or out, after asking."""
        screen, visit = self._screen, self._screen.session.visit
        if visit is None:
            return
        if link.is_note:
            if not screen.page.window.unfold(link):
                screen.status.tell("That note is not read in yet.")
            screen.page.redraw()
            return
        aim = destination(link.target, visit.story, visit.document, screen.session.library)
        if aim.lead is Lead.WEB:
            screen.app.push_screen(Address(aim.words), partial(self._open_outside, aim.words))
        elif aim.place is not None:
            screen.page.go_to(aim.place)
        elif aim.story is not None:
            self.leave()
            self._read(aim.story, None)
        else:
            screen.status.tell(aim.words)

    def copy(self, what: str) -> None:
        """Copy the paragraph at the cursor with where it is from, or its address."""
        screen, visit = self._screen, self._screen.session.visit
        block = screen.page.pointer.block
        if visit is None or block >= len(visit.document.blocks):
            return
        story = visit.story
        if what == "paragraph":
            by = ", ".join(part for part in (story.author, story.title) if part)
            words = f"{visit.document.blocks[block].text}\n— {by}"
        else:
            anchor = visit.document.anchor(Place(block))
            words = f"{story.id or story.path}@{address(anchor)}"
        screen.run_worker(self._copy(words, what), exclusive=True, group="copy")

    async def _copy(self, words: str, what: str) -> None:
        """Copy by a program where there is one, else by the terminal (OSC 52)."""
        if not await asyncio.to_thread(copy, words):
            self._screen.app.copy_to_clipboard(words)
        self._screen.status.tell(f"Copied the {what}.")

    def _open_outside(self, address: str, wanted: bool | None) -> None:
        """Open an address in the browser, or copy it where none would be seen."""
        if wanted and not (can_open() and open_address(address)):
            self._screen.app.copy_to_clipboard(address)
            self._screen.status.tell(f"Copied: {address}")
