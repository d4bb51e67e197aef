"""The page widget: shows a story, and runs the commands and mouse events that move through it.

`Viewport` computes the rows, `RowRenderer` draws them, `Pointer` and `Mouse` point at the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Offset, Size
from textual.widget import Widget

from reader.drawing.opening import show_open_story
from reader.drawing.page import Decorations, RowRenderer
from reader.layout.lines import DEFAULT_MEASURE
from reader.layout.viewport import Scroller, Viewport
from reader.layout.viewport_rows import Cell
from reader.render.story_frame import build_head
from reader.text.document import Document, Place
from reader.ui.commands import PAGE, SCROLLS, Count, make_bindings
from reader.ui.page import (
    EndReached,
    FocusChanged,
    LinkFollowed,
    MeasureChanged,
    PageJumped,
    PageMoved,
    PageNotice,
    ShelfRequested,
)
from reader.ui.page.pointer import Mouse, Pointer
from reader.ui.theme import make_strip, make_styles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.binding import BindingType
    from textual.strip import Strip

    from reader.drawing.styles import Styles
    from reader.layout.lines import MeasureSettings, ParagraphStyle
    from reader.layout.viewport_rows import VisibleLink
    from reader.session.open_story import OpenStory
    from reader.text.document import Block
    from reader.text.links import Link
    from reader.text.places import Passage


WHEEL_ROWS: Final = 3
"""Rows that one step of the mouse wheel scrolls."""


class Page(Widget, can_focus=True):
    """The reading pane."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = make_bindings(PAGE)

    def __init__(self, paragraph_style: ParagraphStyle, measure_settings: MeasureSettings) -> None:
        super().__init__()
        self.count = Count()
        self.viewport = Viewport(DEFAULT_MEASURE)
        self.viewport.paragraph_style = paragraph_style
        self._scroller = self.viewport.scroller
        self.renderer = RowRenderer(self.viewport, measure_settings.has_position_mark)
        self.pointer = Pointer(self.viewport, self.renderer)
        self.mouse = Mouse(self)
        self.measure_settings = measure_settings
        self._open_story: OpenStory | None = None
        self._fitted_size = Size(0, 0)
        self._text_styles: Styles | None = None

    def show_story(self, open_story: OpenStory, tail: Sequence[Block] = ()) -> None:
        """Show `open_story` at its place, with `tail` below it if its document is complete."""
        self._open_story = open_story
        self.renderer.show_story(open_story)
        show_open_story(self.viewport, open_story, tail)
        self.redraw()

    def show_blocks(self, blocks: Sequence[Block]) -> None:
        """Show `blocks` instead of a story."""
        self._open_story = None
        self.viewport.show(Document(), blocks, (), Place())
        self.redraw()

    def show_new_blocks(self, tail: Sequence[Block] = ()) -> None:
        """Show the blocks added to the document, and `tail` if it is complete now."""
        is_full = len(self.viewport.visible.rows) >= self._scroller.height
        if self._open_story is not None:
            open_story = self._open_story
            head = build_head(open_story.story, open_story.pace, is_counted=bool(tail))
            self.viewport.update_content(head, tail)
        has_moved = self._scroller.catch_up()
        if tail or not is_full:  # otherwise the new blocks are below the visible rows
            self.redraw()
        if has_moved:
            self._report_move(True)

    def redraw(self) -> None:
        """Draw every row again, for example because other text is selected."""
        self.renderer.clear()
        self.refresh()
        self.post_message(PageMoved(by_reader=False))

    @property
    def decorations(self) -> Decorations:
        """The highlights, matches, selection, cursors and labels on the page."""
        return self.renderer.decorations

    @property
    def document(self) -> Document:
        """The document that is shown."""
        return self.viewport.document

    @property
    def place(self) -> Place:
        """The reader's current place."""
        return self._scroller.place

    @property
    def visible_range(self) -> Passage:
        """The first place of the visible text, and the one after its last."""
        self._fit_viewport()
        return self.viewport.visible.passage

    @property
    def selection(self) -> Passage | None:
        """The selected text."""
        return self.decorations.selection

    @property
    def measure(self) -> int:
        """The measure in cells that fits now."""
        return self.measure_settings.fit_to(self.size.width)

    @property
    def column(self) -> tuple[int, int]:
        """The first cell of the column in this widget, and its measure in cells."""
        return (self.size.width - self.measure) // 2, self.measure

    @property
    def terminal_cursor(self) -> Offset:
        """The cell of the screen where screen readers and magnifiers expect the cursor."""
        self._fit_viewport()
        return self.content_region.offset + Offset(self.column[0], 0) + self.pointer.cell

    def _fit_viewport(self) -> None:
        """Fit the viewport to the widget; Textual may draw before it reports a new size."""
        size = self.size
        if size != self._fitted_size and size.width:
            self._fitted_size = size
            self.viewport.resize(self.measure, size.height, size.width)
            self.renderer.clear()

    def on_resize(self) -> None:
        """Draw the page at its new size."""
        self._fit_viewport()
        self.redraw()

    def notify_style_update(self) -> None:
        """Use the colours of another theme."""
        super().notify_style_update()
        self._text_styles = None
        self.renderer.clear()

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of the viewport."""
        self._fit_viewport()
        self._text_styles = styles = self._text_styles or make_styles(self)
        left, cells = self.column[0], self.size.width
        return make_strip(self.renderer.draw_row(y, styles, left, cells, is_focused=self.has_focus))

    def go_to(self, place: Place, *, at_top: bool = False) -> None:
        """Jump to `place`, and show it in the top row if `at_top`."""
        self._jump(lambda: self._scroller.go_to(place, at_top=at_top))

    def return_to(self, place: Place) -> None:
        """Go back to `place` without adding to the jump list."""
        self._scroller.return_to(place)
        self._report_move(True)

    def accept_preview(self) -> None:
        """Make the previewed position current."""
        self._jump(self._scroller.accept_preview)

    def select(self, passage: Passage | None) -> None:
        """Select `passage`, or nothing."""
        self.decorations.selection = passage
        self.redraw()

    def scroll_rows(self, rows: int) -> None:
        """Scroll `rows` rows down, and extend the selection if a mouse button is down."""
        self._report_move(self._scroller.scroll(rows))
        self.mouse.extend_selection()

    def click_cell(self, cell: Cell) -> None:
        """Follow the link at a cell of the viewport, or move the paragraph cursor there."""
        link = self.viewport.visible.find_link_at(*cell)
        self.pointer.click_row(cell.y, at_link=link is not None)
        self._follow(link)
        self.redraw()

    def _jump(self, go: Callable[[], bool]) -> None:
        """Call `go`, and report the place before it if it moved the page."""
        before = self.place
        has_moved = go()
        if has_moved:
            self.post_message(PageJumped(before))
        self._report_move(has_moved)

    def _report_move(self, has_moved: bool) -> None:
        if has_moved:  # the screen refreshes the page together with the status bar
            self.post_message(PageMoved(by_reader=True))

    def _move(self, move: Callable[[Scroller, int], bool], step: int) -> bool:
        """Call `move` with `step` times the count; return whether the page moved."""
        has_moved = move(self._scroller, step * self.count.consume())
        self._report_move(has_moved)
        return has_moved

    def _point(
        self, step: int, point_at: Callable[[int], Place | None], show: Callable[[Place], None]
    ) -> None:
        """Point at what is `step` times the count further, and show its place."""
        place = point_at(step * self.count.consume())
        if place is not None:
            show(place)
        self.redraw()

    def _show_labels(self, links: Sequence[VisibleLink], kind: str) -> None:
        """Put a label over each of `links`."""
        if not self.pointer.show_labels(links, self.column[0]):
            self.post_message(PageNotice(f"There are no {kind} on the screen."))
        self.redraw()

    def _follow(self, link: Link | None) -> None:
        if link is not None:
            self.post_message(LinkFollowed(link))

    def _change_measure(self, step: int) -> None:
        """Widen or narrow the column by `step`; 0 chooses the preferred measure."""
        self.measure_settings.choose(step, self.size.width)
        self.post_message(MeasureChanged(self.measure_settings.chosen))
        self.viewport.resize(self.measure, self.size.height, self.size.width)
        self.redraw()

    def action_line_down(self) -> None:
        """Scroll one row down."""
        self._move(*SCROLLS["line-down"])

    def action_line_up(self) -> None:
        """Scroll one row up."""
        self._move(*SCROLLS["line-up"])

    def action_page_down(self) -> None:
        """Scroll a screenful down, or report that the end is reached."""
        has_moved = self._move(*SCROLLS["page-down"])
        if not has_moved and self._open_story and self._open_story.is_complete:
            self.post_message(EndReached())

    def action_page_up(self) -> None:
        """Scroll a screenful up."""
        self._move(*SCROLLS["page-up"])

    def action_half_down(self) -> None:
        """Scroll half a screenful down."""
        self._move(*SCROLLS["half-down"])

    def action_half_up(self) -> None:
        """Scroll half a screenful up."""
        self._move(*SCROLLS["half-up"])

    def action_start(self) -> None:
        """Jump to the first row."""
        self.count.consume()
        self._jump(self._scroller.go_to_start)

    def action_end(self) -> None:
        """Jump to the last screenful, again when the rest of the document is parsed."""
        self.count.consume()
        self._jump(self._scroller.go_to_end)

    def action_next_heading(self) -> None:
        """Scroll to the next heading."""
        self._move(Scroller.go_to_heading, 1)

    def action_previous_heading(self) -> None:
        """Scroll to the previous heading."""
        self._move(Scroller.go_to_heading, -1)

    def action_next_match(self) -> None:
        """Jump to the next match."""
        self._point(1, self.pointer.point_at_match, self.go_to)

    def action_previous_match(self) -> None:
        """Jump to the previous match."""
        self._point(-1, self.pointer.point_at_match, self.go_to)

    def action_next_link(self) -> None:
        """Jump to the next link."""
        self._point(1, self.pointer.point_at_link, self.go_to)

    def action_previous_link(self) -> None:
        """Jump to the previous link."""
        self._point(-1, self.pointer.point_at_link, self.go_to)

    def action_next_paragraph(self) -> None:
        """Move the paragraph cursor down."""
        self._point(1, self.pointer.point_at_paragraph, self._scroller.preview_place)

    def action_previous_paragraph(self) -> None:
        """Move the paragraph cursor up."""
        self._point(-1, self.pointer.point_at_paragraph, self._scroller.preview_place)

    def action_next_sentence(self) -> None:
        """Select the next sentence."""
        self._point(1, self.pointer.select_sentence, self._scroller.preview_place)

    def action_previous_sentence(self) -> None:
        """Select the previous sentence."""
        self._point(-1, self.pointer.select_sentence, self._scroller.preview_place)

    def action_focus_aid(self) -> None:
        """Dim everything but the paragraph at the cursor, or nothing."""
        self.pointer.toggle_focus_mode()
        self.redraw()

    def action_label_links(self) -> None:
        """Put a label over each link on the screen."""
        self._show_labels(self.viewport.visible.list_links(), "links")

    def action_picture(self) -> None:
        """Open the picture on the screen, or label the pictures if there are several."""
        pictures = self.viewport.visible.list_pictures()
        if len(pictures) == 1:
            self._follow(pictures[0].link)
            self.redraw()
        else:
            self._show_labels(pictures, "pictures")

    def action_follow(self) -> None:
        """Close the open footnote, or follow the link at the cursor."""
        self._follow(self.pointer.activate())
        self.redraw()

    def action_wider(self) -> None:
        """Widen the column."""
        self._change_measure(1)

    def action_narrower(self) -> None:
        """Narrow the column."""
        self._change_measure(-1)

    def action_preferred_measure(self) -> None:
        """Set the column to the preferred measure."""
        self._change_measure(0)

    def action_to_shelf(self) -> None:
        """Clear the innermost decoration, or go back to the shelf if there is none."""
        if self.pointer.clear_innermost():
            self.redraw()
        else:
            self.post_message(ShelfRequested())

    def on_key(self, event: events.Key) -> None:
        """Take the characters of a label, or the digits of a count."""
        if self.decorations.has_labels:
            event.stop()
            link = self.decorations.type_label_character(event.character or event.key)
            self.redraw()
            self._follow(link)
        elif self.count.add_digit(event.character):
            event.stop()
            self.post_message(PageMoved(by_reader=False))

    def _find_cell(self, event: events.MouseEvent) -> Cell:
        """Return the cell of the viewport that the mouse is at."""
        x, y = event.get_content_offset_capture(self)
        return Cell(x - self.column[0], y)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Start a selection."""
        self.mouse.press(event, self._find_cell(event))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Extend the selection while a button is down."""
        if self.app.mouse_captured is self:
            self.mouse.move(event, self._find_cell(event))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End the selection, or click."""
        self.mouse.release(self._find_cell(event))

    def on_mouse_release(self) -> None:
        """End a selection when a dialog opens while the button is down."""
        self.mouse.handle_capture_end(is_captured=self.app.mouse_captured is self)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down by the wheel."""
        event.stop()
        self.scroll_rows(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up by the wheel."""
        event.stop()
        self.scroll_rows(-WHEEL_ROWS)

    def on_focus(self) -> None:
        """Report a change of focus, show it, and drop a count that was typed."""
        self.count.consume()
        self.refresh()
        self.post_message(FocusChanged())

    on_blur = on_focus
