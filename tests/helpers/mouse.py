"""Mouse events for tests: press, drag and release at text on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app_driver import render_rows
from textual import events

from reader.text.cells import count_cells

if TYPE_CHECKING:
    from app_driver import Stage
    from textual.pilot import Pilot

Cell = tuple[int, int]


class MouseDriver:
    """Sends mouse events to the app of a stage."""

    def __init__(self, stage: Stage, pilot: Pilot[None]) -> None:
        self._stage = stage
        self._pilot = pilot

    def find_cell(self, text: str, last: bool = False) -> Cell:
        """Return the cell of the screen where `text` begins on the page, or with `last` ends."""
        page = self._stage.screen.page
        for y, row in enumerate(render_rows(page)):
            if text in row:
                x = count_cells(row[: row.index(text)]) + (count_cells(text) - 1 if last else 0)
                return page.content_region.x + x, page.content_region.y + y
        raise AssertionError(text)

    async def press(self, cell: Cell) -> None:
        """Press the left button."""
        await self._send(events.MouseDown, cell, 1)

    async def drag(self, cell: Cell, button: int = 1) -> None:
        """Move the mouse."""
        await self._send(events.MouseMove, cell, button)

    async def release(self, cell: Cell) -> None:
        """Release the left button."""
        await self._send(events.MouseUp, cell, 1)

    async def click(self, cell: Cell, times: int = 1) -> None:
        """Press and release at `cell`, `times` times."""
        for _ in range(times):
            await self.press(cell)
            await self.release(cell)

    async def select(self, first: Cell, last: Cell) -> None:
        """Drag from `first` to `last`."""
        await self.press(first)
        await self.drag(last)
        await self.release(last)

    async def _send(self, event: type[events.MouseEvent], cell: Cell, button: int) -> None:
        x, y = cell
        self._stage.app.post_message(
            event(None, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y)
        )
        await self._pilot.pause()
