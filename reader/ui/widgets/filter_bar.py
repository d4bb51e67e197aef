"""The filter line of the shelf: a text field above the status bar; the shelf follows the typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Static

from reader.ui.widgets.search_bar import LineInput

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType


class FilterBar(Horizontal):
    """The filter line. It tells what is typed, and how the reader leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "cancel", show=False),
        Binding("down", "keep", show=False),
        Binding("tab", "complete", show=False),
    ]

    def __init__(
        self,
        narrow: Callable[[str], None],
        keep: Callable[[str], Awaitable[None]],
        complete: Callable[[str], Awaitable[str]],
        leave: Callable[[bool], None],
    ) -> None:
        """Make a line that is not shown yet.

        `narrow` is called with each text that is typed, and `keep` with the one that is to stay.
        `complete` returns a text with its last word completed, each time in the next way. `leave`
        is called when the line is left: with true the filter is to be dropped.
        """
        super().__init__()
        self.display = False
        self._narrow, self._keep, self._complete = narrow, keep, complete
        self._leave = leave
        self._input = LineInput()

    def compose(self) -> ComposeResult:
        """Lay out a slash and the text field."""
        yield Static("/", markup=False, classes="-slash")
        yield self._input

    def open(self, text: str) -> None:
        """Show the line with `text`, selected so that typing replaces it."""
        with self.prevent(Input.Changed):
            self._input.value = text
        self.display = True
        self._input.focus()
        self._input.select_all()

    def close(self) -> None:
        """Hide the line."""
        self.display = False

    @on(Input.Changed)
    def _follow_input(self, event: Input.Changed) -> None:
        event.stop()
        if self.display:
            self._narrow(event.value)

    @on(Input.Submitted)
    async def _keep_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        await self.action_keep()

    async def action_keep(self) -> None:
        """Leave the line, and keep the filter."""
        await self._keep(self._input.value)

    def action_cancel(self) -> None:
        """Leave the line without a filter."""
        self._leave(True)

    def on_descendant_blur(self) -> None:
        """Leave the line when another widget was clicked; not when another window has the focus."""
        if self.display and self.app.app_focus and self.screen.focused is not self._input:
            self._leave(False)

    async def action_complete(self) -> None:
        """Complete the last word; again: in the next way."""
        self._input.value = await self._complete(self._input.value)
        self._input.cursor_position = len(self._input.value)
