"""Where shelf and page are on the screen, and their rows joined to those of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.pieces import blank_row
from reader.layout.lines import DEFAULT_MEASURE, MARGIN_CELLS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.drawing.pieces import Piece, Row
    from reader.drawing.styles import TextStyle


GUTTER_CELLS: Final = 4
"""Blank cells between the shelf and the page; they are the shelf's padding (see `reader.tcss`)."""
MIN_PAGE_CELLS: Final = DEFAULT_MEASURE + 2 * MARGIN_CELLS
"""Cells of the page beside the shelf, at least."""
SHELF_WIDTHS: Final = range(30, 45)
"""Widths of the shelf beside the page, in cells, without the gutter."""
MIN_SIDE_BY_SIDE_COLUMNS: Final = SHELF_WIDTHS[0] + GUTTER_CELLS + MIN_PAGE_CELLS
"""Columns of the terminal from which shelf and page are side by side: 108."""
MIN_PADDED_ROWS: Final = 16
"""Rows of the terminal from which a row above and one below the text are blank."""


class Region(NamedTuple):
    """A rectangle of cells on the screen, without padding."""

    x: int
    y: int
    width: int
    height: int


class PaneLayout(NamedTuple):
    """Where the text of shelf and page is; None for a pane that isn't shown."""

    shelf: Region | None
    page: Region | None


def compute_shelf_width(columns: int) -> int:
    """Return the cells of the shelf and the gutter beside the page, in a terminal of `columns`."""
    room = columns - GUTTER_CELLS - MIN_PAGE_CELLS
    cells = min(SHELF_WIDTHS[-1], columns * 3 // 10, room)
    return max(SHELF_WIDTHS[0], cells) + GUTTER_CELLS


def lay_out_panes(columns: int, rows: int, *, is_on_page: bool) -> PaneLayout:
    """Return where the panes are in a terminal of that size, above the row of the status bar.

    `reader.tcss` says the same to Textual; a test compares them.
    """
    padding = 1 if rows >= MIN_PADDED_ROWS else 0
    height = max(0, rows - 1 - 2 * padding)
    if columns >= MIN_SIDE_BY_SIDE_COLUMNS:
        cells = compute_shelf_width(columns)
        shelf = Region(padding, padding, cells - GUTTER_CELLS - padding, height)
        return PaneLayout(shelf, Region(cells, padding, columns - cells, height))
    if is_on_page:
        return PaneLayout(None, Region(0, padding, columns, height))
    return PaneLayout(Region(padding, padding, columns - padding, height), None)


class DrawnPane(NamedTuple):
    """The rows of a pane, each as wide as its region, and one for each row of the region."""

    region: Region
    rows: Sequence[Row]


def join_panes(panes: Sequence[DrawnPane], columns: int, rows: int, base: TextStyle) -> list[Row]:
    """Return `rows` rows of a screen with `panes`, from left to right, and blank cells around."""
    return [join_row(panes, y, columns, base) for y in range(rows)]


def join_row(panes: Sequence[DrawnPane], y: int, columns: int, base: TextStyle) -> Row:
    """Return row `y` of such a screen."""
    return tuple(_list_pieces(panes, y, columns, base))


def _list_pieces(
    panes: Sequence[DrawnPane], y: int, columns: int, base: TextStyle
) -> Iterator[Piece]:
    column = 0
    for region, rows in panes:
        if 0 <= y - region.y < region.height:
            if region.x > column:
                yield from blank_row(region.x - column, base)
            yield from rows[y - region.y]
            column = region.x + region.width
    if columns > column:
        yield from blank_row(columns - column, base)
