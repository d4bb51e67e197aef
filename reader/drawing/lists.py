"""Lists with a cursor: which rows are on the screen, and the right ends of the lines of stories."""

from __future__ import annotations

import os
from typing import NamedTuple

from reader.text.cells import count_cells, truncate


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


def format_line_end(path: str, detail: str, cells: int) -> str:
    """Return the right end of a story's line of so many `cells`; empty if there is nothing to show.

    `path` is what tells the story from others with its title, and takes half of the line at most;
    the names of the first folders are left out.
    """
    room = cells // 2
    while count_cells(path) > room and os.sep in path:
        path = f"…{os.sep}{path.removeprefix('…' + os.sep).partition(os.sep)[2]}"
        if path.count(os.sep) == 1 and count_cells(path) > room:
            path = path.removeprefix(f"…{os.sep}")
    text = " · ".join(part for part in (truncate(path, room), detail) if part)
    return f"  {text}" if text else ""
