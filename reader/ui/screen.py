"""The main screen: shelf, page and status bar, and the wiring between them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.screen import Screen

from reader.ui.commands import SCREEN, bindings, key_of
from reader.ui.controllers.annotations import Marker
from reader.ui.controllers.loader import Opener
from reader.ui.controllers.navigation import Onward
from reader.ui.dialogs.help import Help
from reader.ui.page.page import (
    Attention,
    Ended,
    Followed,
    Jumped,
    Left,
    Measured,
    Missed,
    Moved,
    Page,
)
from reader.ui.widgets.panes import BOTH, Panes
from reader.ui.widgets.shelf import Shelf
from reader.ui.widgets.status_bar import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset

    from reader.library.files import File
    from reader.library.story import Story
    from reader.reading.annotations import Quote
    from reader.session.session import Session
    from reader.text.document import Place
    from reader.ui.controllers.annotations import Margin
    from reader.ui.controllers.desktop import Copier
    from reader.ui.controllers.navigation import Guide
    from reader.ui.widgets.search_bar import Finder


TICK: Final = 0.5
"""Seconds between two looks at what was read, and so between two writes."""
READY: Final = 0.3
"""Seconds after the first screen in which what is asked for first is made ready."""


class ReadingScreen(Screen[None]):
    """Shelf and page."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(SCREEN)
    AUTO_FOCUS = None

    def __init__(
        self, session: Session, waiting: Sequence[File], keymap: Mapping[str, str], *, on_page: bool
    ) -> None:
        super().__init__()
        self.session = session
        self.shelf = Shelf()
        self.page = Page()
        self.panes = Panes(self.shelf, self.page, on_page=on_page)
        self.status = Status()
        self.finder: Finder | None = None
        self._accent = False
        """One backtick was typed; a second one goes to the place before."""
        self._opener = Opener(self, session, self.page, keymap, self._shown)
        self._onward = Onward(self.status, self._read_next)
        self.marker = Marker(session, self.shelf, self.status)
        self._waiting = waiting
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """Lay out the shelf beside the page, and the status line below."""
        yield self.panes
        yield self.status

    def on_mount(self) -> None:
        """Show the first screen: the story asked for, or the shelf and the story on top."""
        self.panes.lay_out(self.app.size)
        self._arrange()
        visit = self.session.visit
        if visit is not None:
            self.shelf.move_to(visit.story.path)
            self._opener.show(visit)
            self.session.goes_to(visit.story)
        elif self.shelf.story is not None:
            self._opener.now(self.shelf.story)
        (self.page if self.panes.on_page else self.shelf).focus()
        self.set_interval(TICK, self._tick)
        self.set_timer(READY, self._make_finder)  # or what is typed behind the slash would be keys
        if self._waiting:
            self._opener.describe(self._waiting, self._described)

    @cached_property
    def guide(self) -> Guide:
        """What takes the reader far; the first screen needs none of it."""
        from reader.ui.controllers.navigation import Guide

        return Guide(self, self._read)

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands, or None where a line to type in says so."""
        panes = (self.page, self.shelf)
        return next((pane.terminal_cursor for pane in panes if pane.has_focus), None)

    # The shelf -------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Put every story in its group; what next and previous walk along is that list."""
        entries = self.session.entries()
        self.session.order = [entry.story for entry in entries]
        visit = self.session.visit
        self.shelf.put(entries, visit.story.path if visit and self._settled else None)

    @property
    def _settled(self) -> bool:
        """The reader has gone to a story; until then the cursor is on the first, whichever it is."""
        return self.panes.on_page or self.page.has_focus or self.shelf.moved

    @on(Shelf.Highlighted)
    def _highlighted(self, message: Shelf.Highlighted) -> None:
        self._opener.soon(message.story)

    @on(Shelf.Chosen)
    def _chosen(self, message: Shelf.Chosen) -> None:
        self._read(message.story)

    def _read(self, story: Story, goal: Place | Quote | None = None) -> None:
        """Go to the page, with `story` on it; at a place or quote, else where reading stopped."""
        self.shelf.move_to(story.path)
        self._opener.now(story, goal)
        self.session.goes_to(story)
        self.panes.to_page()
        self.page.focus()

    @on(Left)
    def _left(self) -> None:
        """Show the shelf beside the page again, or go back to it, arranged anew."""
        if self.panes.alone and self.size.width >= BOTH:
            self.action_page_alone()
            return
        self.session.goes_to(None)
        self.session.ignore()
        self._arrange()
        self.panes.to_shelf()
        self.shelf.focus()

    def _described(self, stories: list[tuple[File, Story]]) -> None:
        """Show stories that a worker described."""
        self.session.learn(stories)
        top = self.shelf.story
        self._arrange()
        if self.shelf.story is not None and self.shelf.story != top:
            self._opener.now(self.shelf.story)

    # The page --------------------------------------------------------------------------

    def _shown(self) -> None:
        """Take note that the page shows another story."""
        visit = self.session.visit
        if visit is not None:
            self.app.title = visit.story.title
            if self.page.has_focus:
                self.session.attend()
        self._say()

    @on(Moved)
    def _moved(self, message: Moved) -> None:
        if message.by_reader:
            self._onward.forget()
        if message.by_reader and self.page.has_focus:
            self._opener.give_way()
            self.session.moved(self.page.place)
        if self.session.visit is not None:
            self.session.shows(*self.page.in_view)
        if message.by_reader:
            self._say()
            self.page.refresh()  # here and not sooner: text and status line are one frame
        else:
            self.call_after_refresh(self._say)  # the column may just have moved

    @on(Ended)
    def _ended(self) -> None:
        self._onward.ended(self._opener.ending.following, key_of("page-down", self._keymap))

    def _read_next(self, story: Story) -> None:
        self.guide.leave()
        self._read(story)

    def refresh_ending(self) -> None:
        """Show anew what stands below the text: a quote or a response is new, or gone."""
        self._opener.refresh_ending()

    @on(Jumped)
    def _jumped(self, message: Jumped) -> None:
        self.guide.leave(message.place)

    @on(Missed)
    def _missed(self, message: Missed) -> None:
        self.status.tell(message.words)

    @on(Followed)
    def _followed(self, message: Followed) -> None:
        self.guide.follow(message.link)

    def on_finder_closed(self) -> None:
        """Go back from the search line to the page."""
        self.status.display = True
        self.page.focus()

    @on(Attention)
    @on(events.AppFocus)
    @on(events.ScreenResume)
    def heed(self) -> None:
        """Count as read what the page shows, while it and this window have the focus."""
        heeded = self.page.has_focus and self.is_current and self.app.app_focus
        if heeded and self.session.visit is not None:
            self.session.moved(self.page.place)
            self.session.attend()
        else:
            self.session.ignore()

    @on(Measured)
    def _measured(self, message: Measured) -> None:
        self.session.choose("measure", str(message.measure or ""))

    @on(events.AppBlur)
    @on(events.ScreenSuspend)
    def _look_away(self) -> None:
        """Count nothing under an overlay, or while another window has the keys."""
        self.session.ignore()

    def _tick(self) -> None:
        self.marker.tick()
        self._opener.check_standing()
        if self.session.visit is not None and self.page.has_focus:
            self.shelf.update_entry(self.session.entry(self.session.visit.story))
        if self.session.notices and not self.status.is_telling:  # one after the other
            self.status.tell(self.session.notices.pop(0))
        self._say()

    # The way there and back ------------------------------------------------------------

    async def action_find(self) -> None:
        """Open the line to type words in."""
        self.to_page()
        self.status.display = False
        (await self._make_finder()).open()

    async def _make_finder(self) -> Finder:
        """Return the line to type words in, made once; the first screen needs none of it."""
        if self.finder is None:
            from reader.ui.widgets.search_bar import Finder

            self.finder = Finder(self.page)
            # unlike `mount`, this raises nothing once the app ends
            await self.mount_all([self.finder], before=self.status)
        return self.finder

    def to_page(self) -> None:
        """Have the page read, with the story under the shelf's cursor if it isn't."""
        if not self.page.has_focus and self.shelf.story is not None:
            self._read(self.shelf.story)

    def action_jump(self, way: str) -> None:
        """Go back to where the last jump began, or forward again; or toggle between the two."""
        if way == "toggle":
            self._accent = not self._accent
            if self._accent:
                return  # the first of two backticks
        self.guide.jump(way)

    @cached_property
    def copier(self) -> Copier:
        """What copies; the first screen needs none of it."""
        from reader.ui.controllers.desktop import Copier

        return Copier(self)

    @cached_property
    def margin(self) -> Margin:
        """What keeps and writes; the first screen needs none of it."""
        from reader.ui.controllers.annotations import Margin

        return Margin(self, self._read)

    def action_ask(self, whom: str, what: str, *values: object) -> None:
        """Have the guide, the copier or the margin do something."""
        getattr(getattr(self, whom), what)(*values)

    def on_key(self, event: events.Key) -> None:
        """Forget a backtick that something else follows."""
        if event.key != "grave_accent":
            self._accent = False

    # What can be asked for -------------------------------------------------------------

    def action_toggle_mark(self) -> None:
        """Mark the story on the page, or under the cursor, finished or unread."""
        visit = self.session.visit
        story = visit.story if self.page.has_focus and visit else self.shelf.story
        if story is not None:
            self.marker.toggle(story)
            self.refresh_ending()

    def action_undo(self) -> None:
        """Take back what was done last."""
        self.marker.undo()
        self.refresh_ending()
        self.page.redraw()

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help(self._keymap))

    def action_page_alone(self) -> None:
        """Show the page alone, or with the shelf again."""
        self.panes.toggle_alone()
        if self.panes.alone and not self.page.has_focus:
            self.session.goes_to(self.session.visit.story if self.session.visit else None)
            self.panes.to_page()
            self.page.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Show both panes where there is room."""
        self.panes.lay_out(event.size)

    def _say(self) -> None:
        """Say in the status line where the reader is."""
        visit = self.session.visit
        if self.page.display and visit is not None:
            entry = self.session.entry(visit.story)
            self.status.follow(visit, entry, self.page, self.size.width)
        else:
            self.status.put(f"{len(self.session.library)} stories", "? help", (2, 2))
