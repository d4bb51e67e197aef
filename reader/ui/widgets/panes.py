"""The two panes: side by side, or one at a time in a narrow terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal
from textual.geometry import Size

if TYPE_CHECKING:
    from textual.widget import Widget


BOTH: Final = 100
"""Columns from which shelf and page stand side by side."""
LOW: Final = 16
"""Rows below which no row is left blank above and below the text."""
SHELF: Final = range(32, 45)
"""How wide the shelf may be beside the page, in cells."""


class Panes(Horizontal):
    """Shelf and page."""

    def __init__(self, shelf: Widget, page: Widget, *, on_page: bool) -> None:
        super().__init__(shelf, page)
        self._shelf = shelf
        self._page = page
        self._window = Size(0, 0)
        self.on_page = on_page
        """The reader is on the page: in a narrow window it is the one that is seen."""
        self.alone = False
        """The page is wanted alone however wide the window is."""

    def lay_out(self, window: Size) -> None:
        """Show both panes where there is room in a `window` of that size."""
        self._window = window
        self.set_class(window.height < LOW, "-low")
        self._show()

    def to_page(self) -> None:
        """Show the page, with the shelf beside it or without."""
        self.on_page = True
        self._show()

    def to_shelf(self) -> None:
        """Show the shelf, with the page beside it or without."""
        self.on_page = self.alone = False
        self._show()

    def toggle_alone(self) -> None:
        """Show the page alone, or with the shelf again."""
        self.alone = not self.alone
        self._show()

    def _show(self) -> None:
        columns = self._window.width
        both = columns >= BOTH and not self.alone
        self._shelf.display = both or not (self.on_page or self.alone)
        self._page.display = both or self.on_page or self.alone
        cells = min(SHELF[-1], max(SHELF[0], columns * 3 // 10))
        self._shelf.styles.width = cells if both else "1fr"
        self._shelf.set_class(both, "-beside")
