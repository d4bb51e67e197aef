"""A list of lines to choose one from, drawn when they are seen; twenty thousand open like ten.

Owns the cursor and what of the list is in view. What the lines say and what choosing one
does are its owner's business; the keys come from there, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..cells import fit
from .look import Look, look_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

WHEEL = 3
"""Rows that a turn of the wheel goes."""


class Menu(Widget):
    """Lines named by numbers, one of them under the cursor."""

    ALLOW_SELECT = False

    class Chosen(Message):
        """A line was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, line: Callable[[int, int | None], str], rows: int = 1) -> None:
        super().__init__()
        self._line = line
        """Returns the text of the line of a number, below that of another one; None on top."""
        self._rows = rows
        """Rows of each: its text has as many, parted by newlines. The first one stands out."""
        self._numbers: Sequence[int] = ()
        self._at = self._top = 0
        self._look: Look | None = None

    def put(self, numbers: Sequence[int], at: int) -> None:
        """Show the lines of those numbers, the cursor on the one at the index `at`."""
        is_other_height = len(numbers) != len(self._numbers)
        self._numbers, self._at = numbers, at
        self._reveal()
        self.refresh(layout=is_other_height)

    @property
    def number(self) -> int | None:
        """The number under the cursor, None in an empty list."""
        return self._numbers[self._at] if self._numbers else None

    @property
    def at(self) -> int:
        """The index of the line under the cursor."""
        return self._at

    @property
    def screenful(self) -> int:
        """How many lines a screenful goes on."""
        return max(1, self._seen - 1)

    @property
    def _seen(self) -> int:
        """How many lines are in view."""
        return max(1, self.size.height // self._rows)

    @property
    def terminal_cursor(self) -> Offset:
        """Where the cursor is on the screen, in cells."""
        return self.content_region.offset + Offset(0, (self._at - self._top) * self._rows)

    def move(self, by: int) -> None:
        """Move the cursor, no further than the list's ends."""
        self._at = max(0, min(self._at + by, len(self._numbers) - 1))
        self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        height = self._seen
        last = max(0, len(self._numbers) - height)
        self._top = max(self._at - height + 1, min(self._top, self._at, last))

    def on_resize(self) -> None:
        """Keep the cursor in view, in the middle where there is that much on both sides."""
        self._top = self._at - self._seen // 2
        self._top = max(0, min(self._top, len(self._numbers) - self._seen))
        self.refresh()

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._look = None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take the rows of each line."""
        return len(self._numbers) * self._rows

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of what is in view."""
        self._look = look = self._look or look_of(self)
        at, cells = self._top + y // self._rows, self.size.width
        if at >= len(self._numbers):
            return Strip.blank(cells, look.ink)
        above = self._numbers[at - 1] if at > self._top else None
        rows = self._line(self._numbers[at], above).split("\n")
        row = y % self._rows
        text = rows[row] if row < len(rows) else ""
        style = look.dim if row else look.ink
        if at == self._at:
            style = look.ink + Style(reverse=True)
        return Strip([Segment(fit(text, cells), style)]).adjust_cell_length(cells, style)

    def on_click(self, event: events.Click) -> None:
        """Choose the line that was clicked."""
        y = event.get_content_offset_capture(self).y
        at = self._top + y // self._rows
        if y >= 0 and at < len(self._numbers):
            self.post_message(self.Chosen(self._numbers[at]))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor three lines down."""
        event.stop()
        self.move(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor three lines up."""
        event.stop()
        self.move(-WHEEL)
