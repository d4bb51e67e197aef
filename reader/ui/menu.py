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

    def __init__(self, line: Callable[[int], str]) -> None:
        super().__init__()
        self._line = line
        """Returns the text of the line of that number."""
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
    def terminal_cursor(self) -> Offset:
        """Where the cursor is on the screen, in cells."""
        return self.content_region.offset + Offset(0, self._at - self._top)

    def move(self, by: int) -> None:
        """Move the cursor, no further than the list's ends."""
        self._at = max(0, min(self._at + by, len(self._numbers) - 1))
        self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        height = max(1, self.size.height)
        last = max(0, len(self._numbers) - height)
        self._top = max(self._at - height + 1, min(self._top, self._at, last))

    def on_resize(self) -> None:
        """Keep the cursor in view, in the middle where there is that much on both sides."""
        self._top = self._at - self.size.height // 2
        self._top = max(0, min(self._top, len(self._numbers) - self.size.height))
        self.refresh()

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._look = None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take a row for each line."""
        return len(self._numbers)

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of what is in view."""
        self._look = look = self._look or look_of(self)
        at, cells = self._top + y, self.size.width
        if at >= len(self._numbers):
            return Strip.blank(cells, look.ink)
        text = fit(self._line(self._numbers[at]), cells)
        style = look.ink + Style(reverse=True) if at == self._at else look.ink
        return Strip([Segment(text, style)]).adjust_cell_length(cells, style)

    def on_click(self, event: events.Click) -> None:
        """Choose the line that was clicked."""
        y = event.get_content_offset_capture(self).y
        if 0 <= self._top + y < len(self._numbers):
            self.post_message(self.Chosen(self._numbers[self._top + y]))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor three lines down."""
        event.stop()
        self.move(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor three lines up."""
        event.stop()
        self.move(-WHEEL)
