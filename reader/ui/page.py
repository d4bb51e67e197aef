"""The page: the rows of a window, drawn when they are seen, and the keys that move it.

Owns the measure that fits, the column's position and the strips drawn so far. What place is
where is the window's business; what is remembered is nobody's here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..apparatus import head
from ..config import MEASURE, NARROWEST, WIDEST
from ..document import Document, Place
from ..window import Window
from .commands import PAGE, Count, bindings
from .look import Look, look_of
from .strips import strip_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

    from ..document import Block
    from ..galley import Row
    from ..visit import Visit

WHEEL: Final = 3
"""Rows that a turn of the wheel goes."""
STEP: Final = 2
"""Cells by which the measure changes."""
MARGIN: Final = 1
"""Cells left free on each side of the column where there is room."""
KEPT: Final = 2_000
"""Strips kept: many screenfuls, and bounded however long the text."""


class Page(Widget, can_focus=True):
    """The reading pane."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings(PAGE)

    class Moved(Message):
        """The page shows something else; `by_reader` if the reader went there."""

        def __init__(self, *, by_reader: bool) -> None:
            super().__init__()
            self.by_reader = by_reader

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
        self.count = Count()
        self.window = Window(MEASURE)
        self.drawn = 0
        """How many strips were made: a figure for tests."""
        self._visit: Visit | None = None
        self._fitted = Size(0, 0)
        self._to_end = False
        self._strips: dict[Row, Strip] = {}
        self._look: Look | None = None

    # What is shown ---------------------------------------------------------------------

    def show(self, visit: Visit, tail: Sequence[Block] = ()) -> None:
        """Show `visit` at its place, with `tail` if its document is complete."""
        self._visit, self._to_end = visit, False
        self.window.show(visit.document, head(visit.story), tail, visit.place)
        self._anew()

    def say(self, blocks: Sequence[Block]) -> None:
        """Show `blocks` instead of a story."""
        self._visit, self._to_end = None, False
        self.window.show(Document(), blocks, (), Place())
        self._anew()

    def grow(self, tail: Sequence[Block] = ()) -> None:
        """Show what was added to the document, and `tail` if it is complete now."""
        if self._visit is not None:
            self.window.grow(head(self._visit.story), tail)
        if self._to_end:
            self.window.to_end()
        self._to_end = self._to_end and not tail
        self._anew()

    def _anew(self) -> None:
        """Draw everything anew, though the reader did nothing."""
        self._strips.clear()
        self.refresh()
        self.post_message(self.Moved(by_reader=False))

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
        width = self.size.width
        margin = MARGIN if width > 16 * MARGIN else 0
        return max(1, min(self.chosen or self.preferred, width - 2 * margin))

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
            self._strips.clear()

    def on_resize(self) -> None:
        """Say that something else is seen."""
        self._fit()
        self._anew()

    # Drawing ---------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._look = None
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of the window."""
        self._fit()
        self._look = look = self._look or look_of(self)
        if y >= len(self.window.rows):
            return Strip.blank(self.size.width, look.ink)
        row, line = self.window.rows[y]
        strip = self._strips.get(row)
        if strip is None:
            if len(self._strips) >= KEPT:
                self._strips.clear()
            strip = strip_of(line, look, self.column[0], self.size.width)
            self._strips[row] = strip
            self.drawn += 1
        return strip

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take all the height there is."""
        return container.height

    # Moving ----------------------------------------------------------------------------

    def _moved(self, moved: bool) -> None:
        self._to_end = False
        if moved:
            self.refresh()
            self.post_message(self.Moved(by_reader=True))

    def on_key(self, event: events.Key) -> None:
        """Collect the digits of a count."""
        if self.count.takes(event.character):
            event.stop()
            self.post_message(self.Moved(by_reader=False))

    def action_line_down(self) -> None:
        """Go down by lines."""
        self._moved(self.window.scroll(self.count.taken()))

    def action_line_up(self) -> None:
        """Go up by lines."""
        self._moved(self.window.scroll(-self.count.taken()))

    def action_page_down(self) -> None:
        """Go down by screenfuls."""
        self._moved(self.window.page(self.count.taken()))

    def action_page_up(self) -> None:
        """Go up by screenfuls."""
        self._moved(self.window.page(-self.count.taken()))

    def action_half_down(self) -> None:
        """Go down by half screenfuls."""
        self._moved(self.window.half(self.count.taken()))

    def action_half_up(self) -> None:
        """Go up by half screenfuls."""
        self._moved(self.window.half(-self.count.taken()))

    def action_start(self) -> None:
        """Go to the head."""
        self.count.taken()
        self._moved(self.window.to_start())

    def action_end(self) -> None:
        """Go to the last screenful, or as soon as it is parsed."""
        self.count.taken()
        self._moved(self.window.to_end())
        self._to_end = self._visit is not None and not self._visit.document.complete

    def action_next_heading(self) -> None:
        """Put the next heading on top."""
        self._moved(self.window.to_heading(self.count.taken()))

    def action_previous_heading(self) -> None:
        """Put the heading before on top."""
        self._moved(self.window.to_heading(-self.count.taken()))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go three rows down."""
        event.stop()
        self._moved(self.window.scroll(WHEEL))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go three rows up."""
        event.stop()
        self._moved(self.window.scroll(-WHEEL))

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
        self.window.fit(self.measure, self.size.height)
        self._anew()

    def action_to_shelf(self) -> None:
        """Go back to the shelf."""
        self.post_message(self.Left())

    def on_focus(self) -> None:
        """Say that the page is read now."""
        self.post_message(self.Attention(focused=True))

    def on_blur(self) -> None:
        """Say that it isn't."""
        self.count.taken()
        self.post_message(self.Attention(focused=False))
