"""The page: the widget that draws a viewport's rows and takes the keys that move it.

Also the messages that it sends to the screen.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Offset, Size
from textual.message import Message
from textual.widget import Widget

from reader.layout.lines import MEASURE, Measures
from reader.layout.viewport import Window
from reader.render.story_frame import head
from reader.text.document import Document, Place
from reader.ui.commands import PAGE, Count, bindings
from reader.ui.page.pointer import Pointer
from reader.ui.page.rendering import Lights, Sheet
from reader.ui.theme import Look, look_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.binding import BindingType
    from textual.strip import Strip

    from reader.session.open_story import Visit
    from reader.text.document import Block
    from reader.text.links import Link
    from reader.text.places import Passage
    from reader.ui.page.pointer import Mouse


class Moved(Message):
    """The page shows something else; `by_reader` if the reader went there."""

    def __init__(self, *, by_reader: bool) -> None:
        super().__init__()
        self.by_reader = by_reader


class Jumped(Message):
    """The reader went far, from `place`."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class Followed(Message):
    """The reader wants to go where a link leads, or to see a picture."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class Left(Message):
    """The reader wants to go back to the shelf."""


class Ended(Message):
    """The reader turns the page where there is no more of it."""


class Measured(Message):
    """The reader chose a measure, or with None the preferred one."""

    def __init__(self, measure: int | None) -> None:
        super().__init__()
        self.measure = measure


class Attention(Message):
    """The page got or lost the focus."""


class Missed(Message):
    """What the reader asked for is not on the page; `words` say so."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


WHEEL: Final = 3
"""Rows that a turn of the wheel goes."""


class Page(Widget, can_focus=True):
    """The reading pane."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings(PAGE)

    def __init__(self) -> None:
        super().__init__()
        self.measures = Measures()
        self.count = Count()
        self.window = Window(MEASURE)
        self.sheet = Sheet(self.window)
        self.pointer = Pointer(self.window, self.sheet)
        self._visit: Visit | None = None
        self._fitted = Size(0, 0)
        self._to_end = False
        self._look: Look | None = None

    # What is shown ---------------------------------------------------------------------

    def show(self, visit: Visit, tail: Sequence[Block] = ()) -> None:
        """Show `visit` at its place, with `tail` if its document is complete."""
        self._visit, self._to_end, self.sheet.lights = visit, False, Lights()
        self.lights.kept = visit.kept_in
        story = visit.story
        top = head(story, visit.pace)
        self.window.show(visit.document, top, tail, visit.place, story.language)
        self.redraw()

    def say(self, blocks: Sequence[Block]) -> None:
        """Show `blocks` instead of a story."""
        self._visit, self._to_end = None, False
        self.window.show(Document(), blocks, (), Place())
        self.redraw()

    def grow(self, tail: Sequence[Block] = ()) -> None:
        """Show what was added to the document, and `tail` if it is complete now."""
        is_full = len(self.window.rows) >= self.window.height
        if self._visit is not None:
            self.window.grow(head(self._visit.story, self._visit.pace), tail)
        arrives = bool(tail) and self._to_end and self.window.to_end()
        self._to_end = self._to_end and not tail
        if tail or not is_full:  # else what was added is out of sight
            self.redraw()
        if arrives:
            self._moved(True)

    def redraw(self) -> None:
        """Draw every row anew, though the reader went nowhere: something else is lit up."""
        self.sheet.clear()
        self.refresh()
        self.post_message(Moved(by_reader=False))

    @property
    def lights(self) -> Lights:
        """What is lit up."""
        return self.sheet.lights

    @property
    def place(self) -> Place:
        """The place where the reader is."""
        return self.window.place

    @property
    def in_view(self) -> tuple[Place, Place]:
        """The places between which the text on the screen stands."""
        self._fit()
        return self.window.visible

    @property
    def measure(self) -> int:
        """The measure in cells as it fits now."""
        return self.measures.fitting(self.size.width)

    @property
    def column(self) -> tuple[int, int]:
        """Where the column begins in this widget, and its measure, in cells."""
        return (self.size.width - self.measure) // 2, self.measure

    def _fit(self) -> None:
        """Fit the window to the widget before a frame is drawn from an old size."""
        size = self.size
        if size != self._fitted and size.width:
            self._fitted = size
            self.window.fit(self.measure, size.height)
            self.sheet.clear()

    @property
    def terminal_cursor(self) -> Offset:
        """Where on the screen is what the reader points at, for what follows the terminal's cursor."""
        self._fit()
        x, y = self.pointer.cell
        return self.content_region.offset + Offset(self.column[0] + x, y)

    def on_resize(self) -> None:
        """Say that something else is seen."""
        self._fit()
        self.redraw()

    # Drawing ---------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._look = None
        self.sheet.clear()

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of the window."""
        self._fit()
        self._look = look = self._look or look_of(self)
        return self.sheet.strip(y, look, self.column[0], self.size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take all the height there is."""
        return container.height

    # Finding ---------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The document that is shown."""
        return self.window.document

    def stay(self) -> None:
        """Be where a glance went."""
        self._jump(self.window.stay)

    def go_to(self, place: Place) -> None:
        """Jump to `place`."""
        self._jump(partial(self.window.go_to, place))

    def return_to(self, place: Place) -> None:
        """Go back to `place`, without another jump to undo."""
        self.window.return_to(place)
        self._moved(True)

    def action_point(self, at: str, way: int) -> None:
        """Point at the next match or link, or the one before, and go there."""
        place = getattr(self.pointer, at)(way * self.count.taken())
        if place is not None:
            self.go_to(place)
        self.redraw()

    def action_cursor(self, at: str, way: int) -> None:
        """Move the paragraph cursor, or the selection by sentences; the place stays where it is."""
        place = getattr(self.pointer, at)(way * self.count.taken())
        if place is not None:
            self.window.glance(place)
            self.redraw()

    def action_focus_aid(self) -> None:
        """Dim everything but the paragraph at the cursor, or nothing again."""
        self.pointer.toggle_focus()
        self.redraw()

    def action_label(self, what: str) -> None:
        """Put a label over each of the links or pictures on the screen; a lone picture is shown."""
        shown = getattr(self.window, what)()
        if what == "pictures" and len(shown) == 1:
            self.post_message(Followed(shown[0][0]))
        elif not self.pointer.label(shown, self.column[0]):
            self.post_message(Missed(f"There are no {what} on the screen."))
        self.redraw()

    def action_follow(self) -> None:
        """Follow the link that is pointed at; a footnote that is open is closed."""
        link = self.pointer.follow()
        if link is not None:
            self.post_message(Followed(link))
        self.redraw()

    def _jump(self, go: Callable[[], bool]) -> None:
        """Go far, after saying from where."""
        before = self.place
        moved = go()
        if moved:
            self.post_message(Jumped(before))
        self._moved(moved)

    # Moving ----------------------------------------------------------------------------

    def _moved(self, moved: bool) -> None:
        self._to_end = False
        if moved:  # who hears of it draws the page, with what else there is to draw
            self.post_message(Moved(by_reader=True))

    def on_key(self, event: events.Key) -> None:
        """Collect the letters of a label, or the digits of a count."""
        if self.lights.labelled:
            event.stop()
            link = self.lights.typed(event.character or event.key)
            self.redraw()
            if link is not None:
                self.post_message(Followed(link))
        elif self.count.takes(event.character):
            event.stop()
            self.post_message(Moved(by_reader=False))

    def action_go(self, unit: str, way: int) -> None:
        """Go by lines, pages, half pages or headings, down or up."""
        moved = getattr(self.window, unit)(way * self.count.taken())
        self._moved(moved)
        if unit == "page" and way > 0 and not moved and self._visit and self.document.complete:
            self.post_message(Ended())

    def action_jump(self, where: str) -> None:
        """Go to the head, or to the last screenful as soon as it is parsed."""
        self.count.taken()
        self._jump(self.window.to_start if where == "start" else self.window.to_end)
        self._to_end = where == "end" and not self.document.complete

    def scroll(self, rows: int) -> None:
        """Go `rows` rows down, and select on what comes under a mouse that is held."""
        self._moved(self.window.scroll(rows))
        self.mouse.select()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go three rows down."""
        event.stop()
        self.scroll(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go three rows up."""
        event.stop()
        self.scroll(-WHEEL)

    # The mouse -------------------------------------------------------------------------

    @cached_property
    def mouse(self) -> Mouse:
        """What follows the mouse; the first screen needs none of it."""
        from reader.ui.page.pointer import Mouse

        return Mouse(self)

    @property
    def selection(self) -> Passage | None:
        """What the reader has selected."""
        return self.lights.selection

    def let_go(self) -> None:
        """Select nothing."""
        self.lights.selection = None
        self.redraw()

    def click(self, x: int, y: int) -> None:
        """Follow the link at a cell of the window, else point at its paragraph."""
        link = self.window.link_at(x, y)
        self.pointer.click(y, at_link=link is not None)
        if link is not None:
            self.post_message(Followed(link))
        self.redraw()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to select."""
        self.mouse.press(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select on, if the mouse is held."""
        if self.app.mouse_captured is self:
            self.mouse.move(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End the selection, or click."""
        self.mouse.release(event)

    # The measure and the focus ---------------------------------------------------------

    def action_measure(self, way: int) -> None:
        """Widen the column or narrow it; 0 sets it as wide as the settings say."""
        self.measures.choose(way, self.size.width)
        self.post_message(Measured(self.measures.chosen))
        self.window.fit(self.measure, self.size.height)
        self.redraw()

    def action_to_shelf(self) -> None:
        """Put out what is lit up, the innermost first; else go back to the shelf."""
        if self.pointer.put_out():
            self.redraw()
        else:
            self.post_message(Left())

    def on_focus(self) -> None:
        """Say that the page is read now."""
        self.post_message(Attention())

    def on_blur(self) -> None:
        """Say that it isn't."""
        self.count.taken()
        self.post_message(Attention())
