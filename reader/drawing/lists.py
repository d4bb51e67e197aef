"""Lists with a cursor: which rows of a list are on the screen."""

from __future__ import annotations

from typing import NamedTuple


class EntryRow(NamedTuple):
    """A row of a list: the index of the entry that it shows, and which of its rows this is."""

    entry: int
    line: int


def compute_top_row(
    top_row: int, height: int, cursor_rows: range, context_row: int, row_count: int
) -> int:
    """Return the first visible row of a list, of `height` visible ones, that shows the cursor.

    It is as close to `top_row` as possible. `cursor_rows` are the rows of the entry at the
    cursor, and `context_row` is the row above or at it that should be seen too.
    """
    if cursor_rows.stop - context_row > height:
        context_row = cursor_rows.start
    top = min(max(top_row, cursor_rows.stop - height), context_row, row_count - height)
    return max(0, top)
