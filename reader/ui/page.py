"""The page: rows of a galley, drawn when they are seen.

Owns the view of one visit: its measure, which row is on top, and the place that is. The
place changes only when the reader moves, never by a repaint, a resize or a restore. Rows
stay in here. Saves nothing and knows no other widget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..apparatus import head
from ..config import MEASURE, NARROWEST, WIDEST
from ..document import Document, Kind, Place
from ..galley import Galley, Row
from .commands import PAGE, bindings
from .look import Look
from .strips import strip_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

    from ..document import Block
    from ..lines import Line
    from ..visit import Visit

CONTEXT: Final = 2
"""Lines that page-down keeps."""
WHEEL: Final = 3
STEP: Final = 2
"""Cells by which the measure changes."""
MARGIN: Final = 1
"""Cells left free beside the column where there is room."""
_MOST_COUNT: Final = 99_999


class Page(Widget, can_focus=True):
    """The reading pane."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings(PAGE)

    class Moved(Message):
        """The page shows something else; `by_reader` if the reader went there."""

        def __init__(self, page: Page, *, by_reader: bool) -> None:
            super().__init__()
            self.page = page
            self.by_reader = by_reader

        @property
        def control(self) -> Page:
            """The page."""
            return self.page

    class Left(Message):
        """The reader wants to go back to the shelf."""

    class Measured(Message):
        """The reader chose a measure, or with None the preferred one."""

        def __init__(self, measure: int | None) -> None:
            super().__init__()
            self.measure = measure

    class Attention(Message):
        """The page got or lost the focus."""

        def __init__(self, *, focused: bool) -> None:
            super().__init__()
            self.focused = focused

    def __init__(self) -> None:
        super().__init__()
        self.preferred = MEASURE
        """The measure from settings, in cells; what fits now may be less."""
        self.chosen: int | None = None
        self.place = Place()
        self.count = 0
        """A number typed before a command."""
        self._visit: Visit | None = None
        self._head: Sequence[Block] = ()
        self._tail: Sequence[Block] = ()
        self._galley = Galley(Document(), MEASURE)
        self._top = Row(0)
        self._lead = 0
        """Rows between the top and the row of the place."""
        self._at_head = True
        """The first row is on top, and stays there at any width."""
        self._fitted = Size(0, 0)
        self._to_end = False
        self._rows: list[tuple[Row, Line]] | None = None
        self._strips: dict[Row, Strip] = {}
        self._look: Look | None = None

    # What is shown ---------------------------------------------------------------------

    def show(self, visit: Visit, tail: Sequence[Block] = ()) -> None:
        """Show `visit` at its place, or from its head where nothing was read yet."""
        self._visit, self._tail, self._to_end = visit, tail, False
        self._head = head(visit.story)
        self.place, self._lead = visit.place, 0
        self._at_head = self.place == Place()
        self._set()
        self._settle()
        self.post_message(self.Moved(self, by_reader=False))

    def say(self, blocks: Sequence[Block]) -> None:
        """Show `blocks` instead of a story."""
        self._visit, self._head, self._tail = None, blocks, ()
        self.place, self._lead, self._to_end = Place(), 0, False
        self._at_head = True
        self._set()
        self._settle()

    def grow(self, tail: Sequence[Block] = ()) -> None:
        """Show what was added to the document, and `tail` if it is complete now."""
        if tail:
            self._tail = tail
            self._galley.finish(tail)
            if self._at_head:
                self._refresh_head()
        self._rows = None
        self.refresh()
        if self._to_end and tail:
            self.action_end()
        self.post_message(self.Moved(self, by_reader=False))

    def _refresh_head(self) -> None:
        """Set the head again: minutes are known once a text is complete."""
        if self._visit is not None and head(self._visit.story) != self._head:
            self._head = head(self._visit.story)
            self._set()
            self._settle()

    @property
    def measure(self) -> int:
        """The measure in cells as it fits now."""
        width = self.size.width
        margin = MARGIN if width > 8 * MARGIN else 0
        return max(1, min(self.chosen or self.preferred, width - 2 * margin))

    @property
    def column(self) -> tuple[int, int]:
        """Where the column begins in this widget, and its measure, in cells."""
        return (self.size.width - self.measure) // 2, self.measure

    @property
    def visible(self) -> tuple[Place, Place]:
        """The places between which the text on the screen stands."""
        rows = [row for row, _ in self._screenful() if self._galley.is_body(row)]
        if not rows:
            end = self._galley.place_at(self._top)
            return end, end
        return self._galley.place_at(rows[0]), self._galley.place_behind(rows[-1])

    def _set(self) -> None:
        """Make the galley for the measure that fits now."""
        document = self._visit.document if self._visit is not None else Document()
        self._galley = Galley(document, self.measure, self._head)
        if document.complete and self._visit is not None:
            self._galley.finish(self._tail)
        self._strips.clear()
        self._rows = None

    def _settle(self) -> None:
        """Put the place where it was on the screen, in its upper third at the lowest."""
        if self._at_head:
            self._top = self._galley.first
            self._lead = self._galley.distance(self._top, self._galley.row_of(self.place))
        else:
            lead = max(0, min(self._lead, self._height // 3))
            self._top = self._galley.walk(self._galley.row_of(self.place), -lead)
        self._rows = None
        self.refresh()

    def _fit(self) -> None:
        """Set the text anew if the window's width asks for it, before any frame is drawn."""
        size = self.size
        if size == self._fitted or not size.width:
            return
        self._fitted = size
        if self.measure != self._galley.measure:
            self._set()
        self._strips.clear()
        self._settle()

    def on_resize(self, event: events.Resize) -> None:
        """Say that something else is seen; the text is set anew when it is drawn."""
        self._fit()
        self.post_message(self.Moved(self, by_reader=False))

    # Drawing ---------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._look = None
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of the window."""
        rows = self._screenful()
        if y >= len(rows):
            return Strip.blank(self.size.width, self.look.ink)
        row, line = rows[y]
        strip = self._strips.get(row)
        if strip is None:
            if len(self._strips) > 2_000:
                self._strips.clear()
            strip = strip_of(line, self.look, self.column[0], self.size.width)
            self._strips[row] = strip
        return strip

    @property
    def look(self) -> Look:
        """The styles of the theme."""
        if self._look is None:
            app = self.app
            self._look = Look(app.theme_variables, self.rich_style, ansi=app.native_ansi_color)
        return self._look

    @property
    def _height(self) -> int:
        return max(1, self.size.height)

    def _screenful(self) -> list[tuple[Row, Line]]:
        self._fit()
        if self._rows is None:
            self._rows = list(self._galley.lines(self._top, self._height))
        return self._rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take all the height there is."""
        return container.height

    # Moving ----------------------------------------------------------------------------

    def _go(self, row: Row) -> None:
        """Put `row` on top because the reader asked for it: its place is the place now."""
        if row == self._top:
            return
        self._top, self._rows = row, None
        self.place = self._galley.place_at(row)
        self._lead = self._galley.distance(row, self._galley.row_of(self.place))
        self._at_head = row == self._galley.first
        self.refresh()
        self.post_message(self.Moved(self, by_reader=True))

    def _scroll(self, rows: int) -> None:
        """Go `rows` rows down (up, if negative), no further than the last screenful."""
        target = self._galley.walk(self._top, rows)
        if rows > 0:
            target = max(self._top, min(target, self._last_top()))
        self._to_end = False
        self._go(target)

    def _last_top(self) -> Row:
        return self._galley.walk(self._galley.last, 1 - self._height)

    def _counted(self) -> int:
        """Return the number typed before the command, or 1, and forget it."""
        number, self.count = self.count or 1, 0
        return number

    def on_key(self, event: events.Key) -> None:
        """Collect the digits of a count."""
        digit = event.character if event.character and event.character in "0123456789" else ""
        if digit and (self.count or digit != "0"):
            self.count = min(_MOST_COUNT, self.count * 10 + int(digit))
            event.stop()
            self.post_message(self.Moved(self, by_reader=False))

    def action_line_down(self) -> None:
        """Go down by lines."""
        self._scroll(self._counted())

    def action_line_up(self) -> None:
        """Go up by lines."""
        self._scroll(-self._counted())

    def action_page_down(self) -> None:
        """Go down by screenfuls, each keeping two lines of the one before."""
        self._scroll(max(1, self._height - CONTEXT) * self._counted())

    def action_page_up(self) -> None:
        """Go up by screenfuls."""
        self._scroll(-max(1, self._height - CONTEXT) * self._counted())

    def action_half_down(self) -> None:
        """Go down by half screenfuls."""
        self._scroll(max(1, self._height // 2) * self._counted())

    def action_half_up(self) -> None:
        """Go up by half screenfuls."""
        self._scroll(-max(1, self._height // 2) * self._counted())

    def action_start(self) -> None:
        """Go to the head."""
        self.count, self._to_end = 0, False
        self._go(self._galley.first)

    def action_end(self) -> None:
        """Go to the last screenful, as soon as it is parsed."""
        self.count = 0
        self._to_end = self._visit is not None and not self._visit.document.complete
        self._go(max(self._top, self._last_top()))

    def action_next_heading(self) -> None:
        """Put the next heading on top."""
        self._to_heading(1)

    def action_previous_heading(self) -> None:
        """Put the heading before on top."""
        self._to_heading(-1)

    def _to_heading(self, step: int) -> None:
        blocks = self._galley.document.blocks
        at = -1 if self._at_head else self.place.block + (step < 0 < self.place.offset)
        for _ in range(self._counted()):
            at += step
            while 0 <= at < len(blocks) and blocks[at].kind is not Kind.HEADING:
                at += step
        if 0 <= at < len(blocks):
            self._go(self._galley.row_of(Place(at)))
        elif step < 0:
            self._go(self._galley.first)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go three rows down."""
        event.stop()
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go three rows up."""
        event.stop()
        self._scroll(-WHEEL)

    # The measure and the focus ---------------------------------------------------------

    def action_wider(self) -> None:
        """Widen the column, as far as the window allows."""
        self._measure(min(WIDEST, self.measure + STEP))

    def action_narrower(self) -> None:
        """Narrow the column."""
        self._measure(max(NARROWEST, self.measure - STEP))

    def action_preferred_measure(self) -> None:
        """Set the column as wide as the settings say."""
        self._measure(None)

    def _measure(self, measure: int | None) -> None:
        self.chosen = measure
        self.post_message(self.Measured(measure))
        self._set()
        self._settle()

    def action_to_shelf(self) -> None:
        """Go back to the shelf."""
        self.post_message(self.Left())

    def on_focus(self) -> None:
        """Say that the page is read now."""
        self.post_message(self.Attention(focused=True))

    def on_blur(self) -> None:
        """Say that it isn't."""
        self.count = 0
        self.post_message(self.Attention(focused=False))
