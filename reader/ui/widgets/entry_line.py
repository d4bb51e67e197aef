"""A line for a short text above the status bar: the filter of the shelf, tags, minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Static

from reader.ui.widgets.search_bar import LineInput

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType


class LineActions(NamedTuple):
    """What is done with the text of a line."""

    follow: Callable[[str], None]
    """Is called with each text that is typed."""
    keep: Callable[[str], Awaitable[None]]
    """Is called with the text that is to stay."""
    leave: Callable[[bool], None]
    """Is called when the line is left: with true what was typed is to be dropped."""
    complete: Callable[[str], Awaitable[str]] | None = None
    """Returns a text with its last word completed, each time in the next way."""


class EntryLine(Horizontal):
    """A text field behind a prompt. It tells what is typed, and how the reader leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "cancel", show=False),
        Binding("down", "keep", show=False),
        Binding("tab", "complete", show=False),
    ]

    def __init__(self, prompt: str, actions: LineActions) -> None:
        """Make a line that is not shown yet."""
        super().__init__()
        self.display = False
        self._prompt, self._actions = prompt, actions
        self._input = LineInput()

    def compose(self) -> ComposeResult:
        """Lay out the prompt and the text field."""
        yield Static(self._prompt, markup=False, classes="-prompt")
        yield self._input

    def open(self, text: str, *, is_selected: bool = True) -> None:
        """Show the line with `text`; if it `is_selected`, typing replaces it."""
        with self.prevent(Input.Changed):
            self._input.value = text
        self.display = True
        self._input.focus()
        if is_selected:
            self._input.select_all()
        else:
            self._input.cursor_position = len(text)

    @property
    def text(self) -> str:
        """What is typed."""
        return self._input.value

    def close(self) -> None:
        """Hide the line."""
        self.display = False

    @on(Input.Changed)
    def _follow_input(self, event: Input.Changed) -> None:
        event.stop()
        if self.display:
            self._actions.follow(event.value)

    @on(Input.Submitted)
    async def _keep_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        await self.action_keep()

    async def action_keep(self) -> None:
        """Leave the line, and keep what was typed."""
        await self._actions.keep(self._input.value)

    def action_cancel(self) -> None:
        """Leave the line, and drop what was typed."""
        self._actions.leave(True)

    def on_descendant_blur(self) -> None:
        """Leave the line when another widget was clicked; not when another window has the focus."""
        if self.display and self.app.app_focus and self.screen.focused is not self._input:
            self._actions.leave(False)

    async def action_complete(self) -> None:
        """Complete the last word; again: in the next way."""
        if self._actions.complete is not None:
            self._input.value = await self._actions.complete(self._input.value)
            self._input.cursor_position = len(self._input.value)
