"""The page: the widget that draws a viewport's rows and takes the keys that move it.

Also the messages that it sends to the screen.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Offset, Size
from textual.message import Message
from textual.widget import Widget

from reader.layout.lines import DEFAULT_MEASURE, MeasureSettings
from reader.layout.viewport import Viewport
from reader.render.story_frame import build_head
from reader.text.document import Document, Place
from reader.ui.commands import PAGE, Count, make_bindings
from reader.ui.page.pointer import Pointer
from reader.ui.page.rendering import Decorations, RowRenderer
from reader.ui.theme import Styles, make_styles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.binding import BindingType
    from textual.strip import Strip

    from reader.session.open_story import OpenStory
    from reader.text.document import Block
    from reader.text.links import Link
    from reader.text.places import Passage
    from reader.ui.page.pointer import Mouse


class PageMoved(Message):
    """The page shows something else; `by_reader` if the reader went there."""

    def __init__(self, *, by_reader: bool) -> None:
        super().__init__()
        self.by_reader = by_reader


class PageJumped(Message):
    """The reader went far, from `place`."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class LinkFollowed(Message):
    """The reader wants to go where a link leads, or to see a picture."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class ShelfRequested(Message):
    """The reader wants to go back to the shelf."""


class EndReached(Message):
    """The reader turns the page where there is no more of it."""


class MeasureChanged(Message):
    """The reader chose a measure, or with None the preferred one."""

    def __init__(self, measure: int | None) -> None:
        super().__init__()
        self.measure = measure


class FocusChanged(Message):
    """The page got or lost the focus."""


class PageNotice(Message):
    """What the reader asked for is not on the page; `words` say so."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


WHEEL_ROWS: Final = 3
"""Rows that a turn of the wheel goes."""


class Page(Widget, can_focus=True):
    """The reading pane."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = make_bindings(PAGE)

    def __init__(self) -> None:
        super().__init__()
        self.measure_settings = MeasureSettings()
        self.count = Count()
        self.viewport = Viewport(DEFAULT_MEASURE)
        self.renderer = RowRenderer(self.viewport)
        self.pointer = Pointer(self.viewport, self.renderer)
        self._open_story: OpenStory | None = None
        self._fitted_size = Size(0, 0)
        self._is_end_pending = False
        self._text_styles: Styles | None = None

    # What is shown ---------------------------------------------------------------------

    def show_story(self, open_story: OpenStory, tail: Sequence[Block] = ()) -> None:
        """Show `visit` at its place, with `tail` if its document is complete."""
        self._open_story, self._is_end_pending, self.renderer.decorations = (
            open_story,
            False,
            Decorations(),
        )
        self.decorations.highlight_source = open_story.list_block_highlights
        story = open_story.story
        top = build_head(story, open_story.pace)
        self.viewport.show(open_story.document, top, tail, open_story.place, story.language)
        self.redraw()

    def show_blocks(self, blocks: Sequence[Block]) -> None:
        """Show `blocks` instead of a story."""
        self._open_story, self._is_end_pending = None, False
        self.viewport.show(Document(), blocks, (), Place())
        self.redraw()

    def show_new_blocks(self, tail: Sequence[Block] = ()) -> None:
        """Show what was added to the document, and `tail` if it is complete now."""
        is_full = len(self.viewport.visible.rows) >= self.viewport.scroller.height
        if self._open_story is not None:
            self.viewport.update_content(
                build_head(self._open_story.story, self._open_story.pace), tail
            )
        arrives = bool(tail) and self._is_end_pending and self.viewport.scroller.go_to_end()
        self._is_end_pending = self._is_end_pending and not tail
        if tail or not is_full:  # else what was added is out of sight
            self.redraw()
        if arrives:
            self._report_move(True)

    def redraw(self) -> None:
        """Draw every row anew, though the reader went nowhere: something else is lit up."""
        self.renderer.clear()
        self.refresh()
        self.post_message(PageMoved(by_reader=False))

    @property
    def decorations(self) -> Decorations:
        """What is lit up."""
        return self.renderer.decorations

    @property
    def place(self) -> Place:
        """The place where the reader is."""
        return self.viewport.scroller.place

    @property
    def visible_range(self) -> Passage:
        """The places between which the text on the screen stands."""
        self._fit_viewport()
        return self.viewport.visible.passage

    @property
    def measure(self) -> int:
        """The measure in cells as it fits now."""
        return self.measure_settings.fit_to(self.size.width)

    @property
    def column(self) -> tuple[int, int]:
        """Where the column begins in this widget, and its measure, in cells."""
        return (self.size.width - self.measure) // 2, self.measure

    def _fit_viewport(self) -> None:
        """Fit the window to the widget before a frame is drawn from an old size."""
        size = self.size
        if size != self._fitted_size and size.width:
            self._fitted_size = size
            self.viewport.resize(self.measure, size.height)
            self.renderer.clear()

    @property
    def terminal_cursor(self) -> Offset:
        """Where on the screen is what the reader points at, for what follows the terminal's cursor."""
        self._fit_viewport()
        x, y = self.pointer.cell
        return self.content_region.offset + Offset(self.column[0] + x, y)

    def on_resize(self) -> None:
        """Say that something else is seen."""
        self._fit_viewport()
        self.redraw()

    # Drawing ---------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._text_styles = None
        self.renderer.clear()

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of the window."""
        self._fit_viewport()
        self._text_styles = look = self._text_styles or make_styles(self)
        return self.renderer.draw_row(y, look, self.column[0], self.size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take all the height there is."""
        return container.height

    # Finding ---------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The document that is shown."""
        return self.viewport.document

    def accept_preview(self) -> None:
        """Be where a glance went."""
        self._jump_with(self.viewport.scroller.accept_preview)

    def go_to(self, place: Place) -> None:
        """Jump to `place`."""
        self._jump_with(partial(self.viewport.scroller.go_to, place))

    def return_to(self, place: Place) -> None:
        """Go back to `place`, without another jump to undo."""
        self.viewport.scroller.return_to(place)
        self._report_move(True)

    def action_point(self, at: str, way: int) -> None:
        """Point at the next match or link, or the one before, and go there."""
        place = getattr(self.pointer, at)(way * self.count.consume())
        if place is not None:
            self.go_to(place)
        self.redraw()

    def action_cursor(self, at: str, way: int) -> None:
        """Move the paragraph cursor, or the selection by sentences; the place stays where it is."""
        place = getattr(self.pointer, at)(way * self.count.consume())
        if place is not None:
            self.viewport.scroller.preview_place(place)
            self.redraw()

    def action_focus_aid(self) -> None:
        """Dim everything but the paragraph at the cursor, or nothing again."""
        self.pointer.toggle_focus_mode()
        self.redraw()

    def action_label(self, what: str) -> None:
        """Put a label over each of the links or pictures on the screen; a lone picture is shown."""
        shown = (
            self.viewport.visible.list_links()
            if what == "links"
            else self.viewport.visible.list_pictures()
        )
        if what == "pictures" and len(shown) == 1:
            self.post_message(LinkFollowed(shown[0].link))
        elif not self.pointer.show_labels(shown, self.column[0]):
            self.post_message(PageNotice(f"There are no {what} on the screen."))
        self.redraw()

    def action_follow(self) -> None:
        """Follow the link that is pointed at; a footnote that is open is closed."""
        link = self.pointer.activate()
        if link is not None:
            self.post_message(LinkFollowed(link))
        self.redraw()

    def _jump_with(self, go: Callable[[], bool]) -> None:
        """Go far, after saying from where."""
        before = self.place
        moved = go()
        if moved:
            self.post_message(PageJumped(before))
        self._report_move(moved)

    # Moving ----------------------------------------------------------------------------

    def _report_move(self, moved: bool) -> None:
        self._is_end_pending = False
        if moved:  # who hears of it draws the page, with what else there is to draw
            self.post_message(PageMoved(by_reader=True))

    def on_key(self, event: events.Key) -> None:
        """Collect the letters of a label, or the digits of a count."""
        if self.decorations.has_labels:
            event.stop()
            link = self.decorations.type_letter(event.character or event.key)
            self.redraw()
            if link is not None:
                self.post_message(LinkFollowed(link))
        elif self.count.add_digit(event.character):
            event.stop()
            self.post_message(PageMoved(by_reader=False))

    def action_go(self, unit: str, way: int) -> None:
        """Go by lines, pages, half pages or headings, down or up."""
        moves = {
            "scroll": self.viewport.scroller.scroll,
            "page": self.viewport.scroller.scroll_pages,
            "half": self.viewport.scroller.scroll_half_pages,
            "to_heading": self.viewport.scroller.go_to_heading,
        }
        moved = moves[unit](way * self.count.consume())
        self._report_move(moved)
        if (
            unit == "page"
            and way > 0
            and not moved
            and self._open_story
            and self.document.is_complete
        ):
            self.post_message(EndReached())

    def action_jump(self, where: str) -> None:
        """Go to the head, or to the last screenful as soon as it is parsed."""
        self.count.consume()
        self._jump_with(
            self.viewport.scroller.go_to_start
            if where == "start"
            else self.viewport.scroller.go_to_end
        )
        self._is_end_pending = where == "end" and not self.document.is_complete

    def scroll_rows(self, rows: int) -> None:
        """Go `rows` rows down, and select on what comes under a mouse that is held."""
        self._report_move(self.viewport.scroller.scroll(rows))
        self.mouse.extend_selection()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go three rows down."""
        event.stop()
        self.scroll_rows(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go three rows up."""
        event.stop()
        self.scroll_rows(-WHEEL_ROWS)

    # The mouse -------------------------------------------------------------------------

    @cached_property
    def mouse(self) -> Mouse:
        """What follows the mouse; the first screen needs none of it."""
        from reader.ui.page.pointer import Mouse

        return Mouse(self)

    @property
    def selection(self) -> Passage | None:
        """What the reader has selected."""
        return self.decorations.selection

    def deselect(self) -> None:
        """Select nothing."""
        self.decorations.selection = None
        self.redraw()

    def click_cell(self, x: int, y: int) -> None:
        """Follow the link at a cell of the window, else point at its paragraph."""
        link = self.viewport.visible.find_link_at(x, y)
        self.pointer.click_row(y, at_link=link is not None)
        if link is not None:
            self.post_message(LinkFollowed(link))
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
        self.measure_settings.choose(way, self.size.width)
        self.post_message(MeasureChanged(self.measure_settings.chosen))
        self.viewport.resize(self.measure, self.size.height)
        self.redraw()

    def action_to_shelf(self) -> None:
        """Put out what is lit up, the innermost first; else go back to the shelf."""
        if self.pointer.clear_innermost():
            self.redraw()
        else:
            self.post_message(ShelfRequested())

    def on_focus(self) -> None:
        """Say that the page is read now."""
        self.post_message(FocusChanged())

    def on_blur(self) -> None:
        """Say that it isn't."""
        self.count.consume()
        self.post_message(FocusChanged())
