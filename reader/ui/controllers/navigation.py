"""Jumps: contents, links, pictures, headings, the jump list and the next story."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.library.catalog import Lead, destination, picture
from reader.render.story_frame import SKIPPED
from reader.session.jumplist import Jumps, Stop
from reader.text.cells import clean_line
from reader.text.links import section_at, sections
from reader.ui.controllers.desktop import can_open, open_outside
from reader.ui.dialogs.contents import Contents
from reader.ui.dialogs.help import Question, about_address, about_picture
from reader.ui.widgets.status_bar import LASTING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.library.story import Story
    from reader.session.reading_list import Next
    from reader.text.document import Place
    from reader.text.links import Link
    from reader.ui.screen import ReadingScreen
    from reader.ui.widgets.status_bar import Status


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

    def along(self, way: int) -> None:
        """Go on along the list the reader came by, or back: matches that are lit, else stories."""
        screen = self._screen
        if screen.page.has_focus and screen.page.lights.finding:
            screen.page.action_point("match", way)
            return
        way *= (screen.page if screen.page.has_focus else screen.shelf).count.taken()
        story = screen.session.neighbour(way)
        if story is None:
            end = "There is no story after this one." if way > 0 else "This is the first story."
            screen.status.tell(end)
            return
        if screen.page.has_focus:
            self.leave()
        screen.status.tell(screen.session.trail.told(story))
        self._read(story, None)

    def contents(self) -> None:
        """Show the headings, and go to one."""
        self._screen.to_page()
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
        """Go where `link` leads: a note, a heading, another story; or out, after asking."""
        screen, visit = self._screen, self._screen.session.visit
        if visit is None:
            return
        if link.is_note:
            if not screen.page.window.unfold(link):
                screen.status.tell("That note is not read in yet.")
            screen.page.redraw()
            return
        if link.target == SKIPPED and visit.skipped():
            screen.page.go_to(visit.skipped()[0][0])
            return
        if link.is_picture:
            self._picture(link.target, visit.story)
            return
        aim = destination(link.target, visit.story, visit.document, screen.session.library)
        if aim.lead is Lead.WEB:
            screen.app.push_screen(
                Question(about_address(aim.words)), partial(self._open_outside, aim.words)
            )
        elif aim.place is not None:
            screen.page.go_to(aim.place)
        elif aim.story is not None:
            self.leave()
            self._read(aim.story, None)
        else:
            screen.status.tell(aim.words)

    def _picture(self, target: str, story: Story) -> None:
        """Ask whether the picture that `target` names is to be opened, if there is such."""
        screen = self._screen
        path = picture(target, story, screen.session.library.folders)
        if path is None:
            screen.status.tell(f"There is no such picture beside the story: {clean_line(target)}")
        else:
            aim = str(path)
            screen.app.push_screen(Question(about_picture(aim)), partial(self._open_outside, aim))

    def _open_outside(self, aim: str, wanted: bool | None) -> None:
        """Open an address or a file outside, or copy it where that would not be seen."""
        if wanted and not (can_open() and open_outside(aim)):
            self._screen.app.copy_to_clipboard(aim)
            self._screen.status.tell(f"Copied: {clean_line(aim, 2_000)}")


REPEATED: Final = 0.4
"""Seconds. A key that comes again sooner is held, or struck by a skimmer: terminals repeat one
every thirtieth of a second, and nobody who has read which story comes next is as quick."""


class Onward:
    """The way from the end of one story to the next."""

    def __init__(
        self,
        status: Status,
        read: Callable[[Story], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._status = status
        self._read = read
        """Shows a story on the page, with a way back."""
        self._clock = clock
        self._struck = self._told = float("-inf")
        """When the page was last turned at the end, and when it was said what comes next."""

    def forget(self) -> None:
        """Begin anew: the reader went elsewhere in the text."""
        self._struck = self._told = float("-inf")

    def ended(self, following: Sequence[Next], key: str) -> None:
        """Say which story comes next, and that `key` leads there; said already, go there."""
        now, before = self._clock(), self._struck
        self._struck = now
        if now - self._told > LASTING or not following:
            self._told = now
            self._status.tell(told(following, key))
        elif now - before >= REPEATED:
            self.forget()
            story, reason = following[0].entry.story, following[0].reason
            self._status.tell(f"{story.title}: {reason}")
            self._read(story)


def told(following: Sequence[Next], key: str) -> str:
    """Return how it is said what comes after the end."""
    if not following:
        return "There is no story left to read."
    return f"{key or 'The same key'} again reads {following[0].entry.story.title}"
