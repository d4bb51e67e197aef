"""The other widgets of the screen: shelf, status bar, search bar, lists and panes.

This module defines `CursorList`, on which the shelf and the lists in dialogs are built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Offset
from textual.widget import Widget

from reader.drawing.lists import EntryRow, compute_top_row
from reader.ui.theme import make_strip, make_styles

if TYPE_CHECKING:
    from textual import events
    from textual.strip import Strip

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles


class CursorList(Widget):
    """A list with a cursor on one of its entries; only the visible rows are drawn.

    All entries have the same height, unless a subclass counts their rows. A row is counted from the
    first row of the list, which may be above the visible ones. A subclass counts the entries, draws
    the rows and takes the clicks.
    """

    ALLOW_SELECT = False

    def __init__(self, entry_rows: int, wheel_entries: int, cursor_column: int = 0) -> None:
        super().__init__()
        self._entry_rows = entry_rows
        self._wheel_entries = wheel_entries
        """Entries that the cursor moves by one step of the mouse wheel."""
        self._cursor_column = cursor_column
        """The cell of an entry where screen readers and magnifiers expect the cursor."""
        self._cursor = 0
        self._top_row = 0
        self._text_styles: Styles | None = None

    @property
    def _entry_count(self) -> int:
        raise NotImplementedError

    def _draw_row(self, row: int, styles: Styles) -> Row:
        raise NotImplementedError

    def _click_entry(self, index: int, clicks: int) -> None:
        raise NotImplementedError

    def _find_row(self, index: int) -> int:
        """Return the first row of an entry."""
        return index * self._entry_rows

    def _count_rows(self, index: int) -> int:
        """Return the number of rows of an entry."""
        return self._entry_rows

    def _find_context_row(self, index: int) -> int:
        """Return the row that is shown above or at an entry when the cursor moves up to it."""
        return self._find_row(index)

    def _find_entry_row(self, row: int) -> EntryRow | None:
        """Return what `row` shows of which entry, or None if it shows none."""
        index, line = divmod(row, self._entry_rows)
        return EntryRow(index, line) if 0 <= index < self._entry_count else None

    @property
    def _visible_count(self) -> int:
        """The number of entries that fit, at least 1."""
        return max(1, self.size.height // self._entry_rows)

    @property
    def screenful(self) -> int:
        """The number of entries that a screenful moves the cursor."""
        return max(1, self._visible_count - 1)

    @property
    def terminal_cursor(self) -> Offset:
        """The cell of the screen where screen readers and magnifiers expect the cursor."""
        y = self._find_row(self._cursor) - self._top_row if self._entry_count else 0
        return self.content_region.offset + Offset(self._cursor_column, y)

    def move_cursor(self, step: int) -> None:
        """Move the cursor `step` entries down, at most to either end of the list."""
        if self._entry_count:
            self._go_to_entry(max(0, min(self._cursor + step, self._entry_count - 1)))

    def _go_to_entry(self, index: int) -> None:
        self._cursor = index
        self._scroll_to_cursor()
        self.refresh()

    def _scroll_to_cursor(self) -> None:
        """Scroll as little as makes the entry at the cursor visible."""
        if not self._entry_count:
            self._top_row = 0
            return
        row, last = self._find_row(self._cursor), self._entry_count - 1
        self._top_row = compute_top_row(
            self._top_row,
            max(1, self.size.height),
            range(row, row + self._count_rows(self._cursor)),
            self._find_context_row(self._cursor),
            self._find_row(last) + self._count_rows(last),
        )
        cut = self._find_entry_row(self._top_row)
        if cut is not None and cut.line and cut.entry != self._cursor:
            # no entry is cut in half at the top
            self._top_row += self._count_rows(cut.entry) - cut.line

    def _scroll_after_resize(self) -> None:
        self._scroll_to_cursor()

    def on_resize(self) -> None:
        """Keep the cursor visible."""
        self._scroll_after_resize()
        self.refresh()

    def notify_style_update(self) -> None:
        """Use the colours of another theme."""
        super().notify_style_update()
        self._text_styles = None

    def render_line(self, y: int) -> Strip:
        """Draw visible row `y`."""
        self._text_styles = styles = self._text_styles or make_styles(self)
        return make_strip(self._draw_row(self._top_row + y, styles))

    def on_click(self, event: events.Click) -> None:
        """Pass a click on an entry to the subclass."""
        y = event.get_content_offset_capture(self).y
        row = self._find_entry_row(self._top_row + y) if y >= 0 else None
        if row is not None:
            self._click_entry(row.entry, event.chain)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor down by the wheel."""
        event.stop()
        self.move_cursor(self._wheel_entries)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor up by the wheel."""
        event.stop()
        self.move_cursor(-self._wheel_entries)
