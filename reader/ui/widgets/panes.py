"""The panes: shelf and page side by side, or one at a time in a narrow terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.geometry import Size

from reader.drawing.panes import MIN_PADDED_ROWS, MIN_SIDE_BY_SIDE_COLUMNS, compute_shelf_width

if TYPE_CHECKING:
    from textual.widget import Widget


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

    @property
    def has_room_for_both(self) -> bool:
        """Whether the terminal is wide enough for shelf and page."""
        return self._terminal_size.width >= MIN_SIDE_BY_SIDE_COLUMNS

    def _update_display(self) -> None:
        columns, both = self._terminal_size.width, self.has_room_for_both and not self.is_page_alone
        self._shelf.display = both or not (self.is_on_page or self.is_page_alone)
        self._page.display = both or self.is_on_page or self.is_page_alone
        self._shelf.styles.width = compute_shelf_width(columns) if both else "1fr"
        self._shelf.set_class(both, "-beside")
