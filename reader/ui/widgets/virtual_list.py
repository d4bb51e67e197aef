"""A list of numbered lines that are formatted when they are drawn."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.message import Message

from reader.drawing.hints import Run, draw_runs
from reader.drawing.lists import EntryRow
from reader.drawing.pieces import blank_row
from reader.text.document import Role
from reader.ui.widgets import CursorList

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.strip import Strip

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles


WHEEL_LINES: Final = 3
"""Lines that one step of the mouse wheel moves the cursor."""


class ListEntry(NamedTuple):
    """What is shown of a line."""

    rows: Sequence[Sequence[Run]]
    heading: Sequence[Sequence[Run]] = ()
    """Rows above the line that don't belong to it. Only in a list whose lines vary in height."""


class VirtualList(CursorList):
    """A list of numbered lines, or a text while there are none."""

    class Chosen(Message):
        """A line was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(
        self, format_line: Callable[[int, int | None], ListEntry], rows: int | None = 1
    ) -> None:
        """Make a list of lines of `rows` rows each; None if their heights vary.

        `format_line` gets a line's number and that of the line above it, None for the first
        visible one. Lines of varying heights are all formatted when the list or its width
        changes.
        """
        super().__init__(rows or 1, WHEEL_LINES)
        self._format_line = format_line
        self._has_fixed_height = rows is not None
        self._numbers: Sequence[int] = ()
        self._heights: list[tuple[int, int]] = []
        """The first row of each line's heading, and of the line itself, if heights vary."""
        self._row_count = 0
        self._measured_cells = 0
        """The width for which the rows were found."""
        self.empty_text = ""
        """Shown while there are no lines."""

    def set_lines(self, numbers: Sequence[int], cursor: int) -> None:
        """Show the lines of `numbers`, with the cursor on the one at index `cursor`."""
        self._numbers, self._cursor = numbers, cursor
        self._measure_lines()
        self._scroll_to_cursor()
        self.refresh()

    def _measure_lines(self) -> None:
        """Find the rows of all lines."""
        self._heights, self._row_count = [], len(self._numbers) * self._entry_rows
        self._measured_cells = self.size.width
        if self._has_fixed_height:
            return
        row = 0
        for index in range(len(self._numbers)):
            entry = self._format_entry(index)
            self._heights.append((row, row + len(entry.heading)))
            row += len(entry.heading) + len(entry.rows)
        self._row_count = row

    def _format_entry(self, index: int) -> ListEntry:
        is_first = index == 0 or (
            self._has_fixed_height and index <= self._top_row // self._entry_rows
        )
        return self._format_line(
            self._numbers[index], None if is_first else self._numbers[index - 1]
        )

    @property
    def number(self) -> int | None:
        """The number of the line at the cursor, None if the list is empty."""
        return self._numbers[self._cursor] if self._numbers else None

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._numbers)

    @property
    def visible_numbers(self) -> Sequence[int]:
        """The numbers of the lines that are seen, of a list whose lines have one height."""
        first = self._top_row // self._entry_rows
        return self._numbers[first : first + self._visible_count + 1]

    @property
    def cursor(self) -> int:
        """The index of the line at the cursor."""
        return self._cursor

    @property
    def row_count(self) -> int:
        """The number of rows of all lines."""
        return self._row_count

    @property
    def _entry_count(self) -> int:
        return len(self._numbers)

    def _find_row(self, index: int) -> int:
        return self._heights[index][1] if self._heights else super()._find_row(index)

    def _count_rows(self, index: int) -> int:
        if not self._heights:
            return super()._count_rows(index)
        is_last = index + 1 == len(self._heights)
        return (self._row_count if is_last else self._heights[index + 1][0]) - self._find_row(index)

    def _find_context_row(self, index: int) -> int:
        return self._heights[index][0] if self._heights else super()._find_context_row(index)

    def _find_index(self, row: int) -> int:
        """Return the index of the line that has that row, in its heading or in itself."""
        if not self._heights:
            return row // self._entry_rows
        return bisect_right(self._heights, row, key=lambda height: height[0]) - 1

    def _find_entry_row(self, row: int) -> EntryRow | None:
        if not 0 <= row < self._row_count:
            return None
        index = self._find_index(row)
        line = row - self._find_row(index)
        return EntryRow(index, line) if line >= 0 else None

    def move_screenful(self, direction: int) -> None:
        """Move cursor and list a screenful down (1) or up (-1), which keeps a line."""
        step = direction * self.screenful
        if self._heights:
            row = self._find_row(self._cursor) + direction * max(1, self.size.height - 1)
            step = self._find_index(max(0, min(row, self._row_count - 1))) - self._cursor
        self._top_row = max(0, self._top_row + direction * self.screenful * self._entry_rows)
        self.move_cursor(step or direction)

    def _scroll_after_resize(self) -> None:
        """Put the cursor in the middle, unless it is close to either end."""
        self._measure_lines()
        if self._heights:
            self._scroll_to_cursor()
            return
        last_top = len(self._numbers) - self._visible_count
        top = max(0, min(self._cursor - self._visible_count // 2, last_top))
        self._top_row = top * self._entry_rows

    def render_line(self, y: int) -> Strip:
        """Draw visible row `y`. Textual may draw before it reports a new size."""
        if self.size.width != self._measured_cells:
            self._scroll_after_resize()
        return super().render_line(y)

    def _draw_row(self, row: int, styles: Styles) -> Row:
        cells = self.size.width
        if not self._numbers and row == 0:
            return draw_runs([Run(self.empty_text, Role.DIM)], styles, cells)
        if not 0 <= row < self._row_count:
            return blank_row(cells, styles.base)
        index = self._find_index(row)
        entry, line = self._format_entry(index), row - self._find_row(index)
        if line < 0:
            return draw_runs(entry.heading[line], styles, cells)
        if line >= len(entry.rows):
            return blank_row(cells, styles.base)
        return draw_runs(entry.rows[line], styles, cells, is_at_cursor=index == self._cursor)

    def _click_entry(self, index: int, clicks: int) -> None:
        self.post_message(self.Chosen(self._numbers[index]))
