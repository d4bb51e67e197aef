"""The one screen: shelf, page and status line, and who tells whom what.

Only wires: messages come up from the widgets, decisions are the session's, and what they
are goes down again. Workers open and parse; handlers change. A message that arrives for a
story the reader has left is nobody's.
"""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.containers import Horizontal
from textual.screen import Screen

from ..apparatus import tail
from ..document import Block, Kind
from ..errors import ReaderError
from ..evidence import Mark
from ..session import described
from .commands import SCREEN, bindings
from .overlays import Help
from .page import Page
from .shelf import Shelf
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from ..library import File
    from ..session import Change, Session
    from ..story import Story
    from ..visit import Visit

BOTH: Final = 100
"""Columns from which shelf and page stand side by side."""
LOW: Final = 16
"""Rows below which no row is left blank above and below the text."""
PREVIEW: Final = 0.15
"""Seconds the cursor rests on a story before the page shows it."""
TICK: Final = 0.5
"""Seconds between two looks at what was read, and so between two writes."""
BATCH: Final = 50
"""Stories described before the shelf shows them."""


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
        self.status = Status()
        self._waiting = waiting
        self._keymap = keymap
        self._on_page = on_page
        self._alone = False
        self._preview: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the shelf beside the page, and the status line below."""
        with Horizontal():
            yield self.shelf
            yield self.page
        yield self.status

    def on_mount(self) -> None:
        """Show the first screen: the story asked for, or the shelf and the story on top."""
        self._lay_out(self.app.size.width)
        self._arrange()
        visit = self.session.visit
        if visit is not None:
            self.shelf.move_to(visit.story.path)
            self._show(visit)
        elif self.shelf.story is not None:
            self._open(self.shelf.story)
        (self.page if self._on_page else self.shelf).focus()
        self.set_interval(TICK, self._tick)
        if self._waiting:
            self._describe()

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
        return self._on_page or self.page.has_focus or self.shelf.moved

    @on(Shelf.Highlighted)
    def _highlighted(self, message: Shelf.Highlighted) -> None:
        if self._preview is not None:
            self._preview.stop()
        self._preview = self.set_timer(PREVIEW, lambda: self._open(message.story))

    @on(Shelf.Chosen)
    def _chosen(self, message: Shelf.Chosen) -> None:
        self._read(message.story)

    def _read(self, story: Story) -> None:
        """Go to the page, with `story` on it."""
        if self._preview is not None:
            self._preview.stop()
        visit = self.session.visit
        if visit is None or visit.story.path != story.path:
            self._open(story)
        self._on_page = True
        self._lay_out()
        self.page.focus()

    @on(Page.Left)
    def _left(self) -> None:
        """Go back to the shelf, arranged anew."""
        self._alone, self._on_page = False, False
        self.session.ignore()
        self._arrange()
        self._lay_out()
        self.shelf.focus()

    @work(exclusive=True, group="describe")
    async def _describe(self) -> None:
        """Describe the files that changed, and show them a batch at a time."""
        work_left = described(self._waiting)
        while True:
            batch = await asyncio.to_thread(_some, work_left)
            if not batch:
                return
            self.session.learn(batch)
            top = self.shelf.story
            self._arrange()
            if self.shelf.story is not None and self.shelf.story != top:
                self._open(self.shelf.story)

    # The page --------------------------------------------------------------------------

    @work(exclusive=True, group="open")
    async def _open(self, story: Story) -> None:
        """Open `story` in a worker, show it, and parse what is left of it."""
        try:
            visit = await asyncio.to_thread(self.session.opening(story))
        except ReaderError as error:
            self.session.leave()
            self.page.say((Block(Kind.TITLE, story.title), Block(Kind.STAND_IN, str(error))))
            self._say()
            return
        self.session.enter(visit)
        self._show(visit)

    def _show(self, visit: Visit) -> None:
        complete = visit.document.complete
        self.page.show(visit, self._tail(visit) if complete else ())
        if self.page.has_focus:
            self.session.attend()
        self.app.title = visit.story.title
        if not complete:
            self._parse(visit)

    @work(exclusive=True, group="open")
    async def _parse(self, visit: Visit) -> None:
        """Parse the rest of a long text, slice after slice, in a worker."""
        while visit is self.session.visit and not visit.document.complete:
            piece = await asyncio.to_thread(visit.more)
            if piece is None or visit is not self.session.visit:
                return
            visit.take(piece)
            self.page.grow(self._tail(visit) if piece.last else ())

    def _tail(self, visit: Visit) -> tuple[Block, ...]:
        return tail(visit.story, visit.document, self.session.following())

    @on(Page.Moved)
    def _moved(self, message: Page.Moved) -> None:
        if message.by_reader and self.page.has_focus:
            self.session.moved(self.page.place)
        if self.session.visit is not None:
            self.session.shows(*self.page.in_view)
        if message.by_reader:
            self._say()
        else:
            self.call_after_refresh(self._say)  # the column may just have moved

    @on(Page.Attention)
    def _attention(self, message: Page.Attention) -> None:
        if message.focused and self.app.app_focus and self.session.visit is not None:
            self.session.moved(self.page.place)
            self.session.attend()
        else:
            self.session.ignore()

    @on(Page.Measured)
    def _measured(self, message: Page.Measured) -> None:
        self.session.choose("measure", str(message.measure or ""))

    def on_app_blur(self) -> None:
        """Nothing is read while another window has the keys."""
        self.session.ignore()

    def on_app_focus(self) -> None:
        """Go on reading."""
        if self.page.has_focus:
            self.session.attend()

    def on_screen_suspend(self) -> None:
        """Nothing is read under an overlay."""
        self.session.ignore()

    def on_screen_resume(self) -> None:
        """Go on reading."""
        if self.page.has_focus and self.session.visit is not None:
            self.session.attend()

    def _tick(self) -> None:
        change = self.session.tick()
        if change is not None:
            self._tell(change)
        if self.session.visit is not None and self.page.has_focus:
            self.shelf.update_entry(self.session.entry(self.session.visit.story))
        for notice in self.session.notices:
            self.status.tell(notice)
        self.session.notices.clear()
        self._say()

    # What can be asked for -------------------------------------------------------------

    def action_next_story(self) -> None:
        """Read the next story of the list."""
        self._step(1)

    def action_previous_story(self) -> None:
        """Read the story before in the list."""
        self._step(-1)

    def _step(self, way: int) -> None:
        number = (self.page if self.page.has_focus else self.shelf).count.taken()
        story = self.session.neighbour(way * number)
        if story is None:
            self.status.tell(
                "There is no story after this one." if way > 0 else "This is the first story."
            )
            return
        self.shelf.move_to(story.path)
        self._read(story)

    def action_toggle_mark(self) -> None:
        """Mark the story on the page, or under the cursor, finished or unread."""
        visit = self.session.visit
        story = visit.story if self.page.has_focus and visit else self.shelf.story
        if story is not None:
            self._try(lambda: self._tell(self.session.toggle_mark(story)))

    def action_undo(self) -> None:
        """Take back the last mark."""
        self._try(self._undo)

    def _undo(self) -> None:
        change = self.session.undo()
        if change is None:
            self.status.tell("There is nothing to take back.")
            return
        self.shelf.update_entry(self.session.entry(change.story))
        self.status.tell(f"{change.story.title}: {change.before} again.")

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except ReaderError as error:
            self.status.tell(f"That can't be written down just now: {error}")

    def _tell(self, change: Change) -> None:
        """Say that a mark was set, and how to take it back."""
        self.shelf.update_entry(self.session.entry(change.story))
        words = {Mark.FINISHED: "Finished", Mark.READING: "Begun", Mark.UNREAD: "Unread again"}
        self.status.tell(f"{words[change.mark]}: {change.story.title} (U takes it back)")

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(Help(self._keymap))

    def action_page_alone(self) -> None:
        """Show the page alone, or with the shelf again."""
        self._alone = not self._alone
        self._lay_out()
        if self._alone and not self.page.has_focus:
            self._on_page = True
            self.page.focus()

    # Layout ----------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Show both panes where there is room."""
        self.set_class(event.size.height < LOW, "-low")
        self._lay_out(event.size.width)

    def _lay_out(self, columns: int | None = None) -> None:
        columns = columns if columns is not None else self.size.width
        both = columns >= BOTH and not self._alone
        self.shelf.display = both or not (self._on_page or self._alone)
        self.page.display = both or self._on_page or self._alone
        self.shelf.styles.width = min(44, max(32, columns * 3 // 10)) if both else "1fr"
        self.shelf.set_class(both, "-beside")

    def _say(self) -> None:
        """Say in the status line where the reader is."""
        visit = self.session.visit
        if self.page.display and visit is not None:
            entry = self.session.entry(visit.story)
            self.status.follow(visit, entry, self.page, self.size.width)
        else:
            self.status.put(f"{len(self.session.library)} stories", "? help", (2, 2))


def _some(work_left: Iterator[tuple[File, Story]]) -> list[tuple[File, Story]]:
    return list(islice(work_left, BATCH))
