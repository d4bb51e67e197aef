"""The two panes: side by side, or one at a time in a narrow terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal
from textual.geometry import Size

if TYPE_CHECKING:
    from textual.widget import Widget


MIN_SIDE_BY_SIDE_COLUMNS: Final = 100
"""Columns from which shelf and page stand side by side."""
MIN_PADDED_ROWS: Final = 16
"""Rows below which no row is left blank above and below the text."""
SHELF_WIDTHS: Final = range(32, 45)
"""How wide the shelf may be beside the page, in cells."""


class Panes(Horizontal):
    """Shelf and page."""

    def __init__(self, shelf: Widget, page: Widget, *, is_on_page: bool) -> None:
        super().__init__(shelf, page)
        self._shelf = shelf
        self._page = page
        self._terminal_size = Size(0, 0)
        self.is_on_page = is_on_page
        """The reader is on the page: in a narrow window it is the one that is seen."""
        self.is_page_alone = False
        """The page is wanted alone however wide the window is."""

    def fit_terminal(self, terminal_size: Size) -> None:
        """Show both panes where there is room in a `window` of that size."""
        self._terminal_size = terminal_size
        self.set_class(terminal_size.height < MIN_PADDED_ROWS, "-low")
        self._update_display()

    def show_page(self) -> None:
        """Show the page, with the shelf beside it or without."""
        self.is_on_page = True
        self._update_display()

    def show_shelf(self) -> None:
        """Show the shelf, with the page beside it or without."""
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
        cells = min(SHELF_WIDTHS[-1], max(SHELF_WIDTHS[0], columns * 3 // 10))
        self._shelf.styles.width = cells if both else "1fr"
        self._shelf.set_class(both, "-beside")
