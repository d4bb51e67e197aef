"""The panes: shelf and page side by side, or one at a time in a narrow terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal
from textual.geometry import Size

from reader.layout.lines import DEFAULT_MEASURE, MARGIN_CELLS

if TYPE_CHECKING:
    from textual.widget import Widget


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


class Panes(Horizontal):
    """Shelf and page."""

    def __init__(self, shelf: Widget, page: Widget, *, is_on_page: bool) -> None:
        super().__init__(shelf, page)
        self._shelf = shelf
        self._page = page
        self._terminal_size = Size(0, 0)
        self.is_on_page = is_on_page
        """The reader is on the page, which is the visible pane in a narrow terminal."""
        self.is_page_alone = False
        """The reader hid the shelf, however wide the terminal is."""

    def fit_terminal(self, terminal_size: Size) -> None:
        """Show both panes if they fit a terminal of `terminal_size`."""
        self._terminal_size = terminal_size
        self.set_class(terminal_size.height < MIN_PADDED_ROWS, "-low")
        self._update_display()

    def show_page(self) -> None:
        """Show the page, and the shelf beside it if both fit."""
        self.is_on_page = True
        self._update_display()

    def show_shelf(self) -> None:
        """Show the shelf, and the page beside it if both fit."""
        self.is_on_page = self.is_page_alone = False
        self._update_display()

    def toggle_page_alone(self) -> None:
        """Show the page alone, or with the shelf again."""
        self.is_page_alone = not self.is_page_alone
        self._update_display()

    def _update_display(self) -> None:
        columns = self._terminal_size.width
        both = columns >= MIN_SIDE_BY_SIDE_COLUMNS and not self.is_page_alone
        self._shelf.display = both or not (self.is_on_page or self.is_page_alone)
        self._page.display = both or self.is_on_page or self.is_page_alone
        self._shelf.styles.width = compute_shelf_width(columns) if both else "1fr"
        self._shelf.set_class(both, "-beside")


def compute_shelf_width(columns: int) -> int:
    """Return the cells of the shelf and the gutter beside the page, in a terminal of `columns`."""
    room = columns - GUTTER_CELLS - MIN_PAGE_CELLS
    cells = min(SHELF_WIDTHS[-1], columns * 3 // 10, room)
    return max(SHELF_WIDTHS[0], cells) + GUTTER_CELLS
