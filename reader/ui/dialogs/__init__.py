"""Screens that open over the main one: contents, palette, annotations, history, editor and help.

This module defines `Dialog`, on which they are built. It opens and closes each of them once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.screen import ModalScreen

from reader.drawing.panes import MIN_PADDED_ROWS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual import events
    from textual.app import App
    from textual.binding import BindingType
    from textual.geometry import Offset


Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A screen over the main one, with a result."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "leave", show=False, id="leave")]

    def __init__(self) -> None:
        super().__init__()
        self._is_laid_out = False
        """It knows its size, and so do the widgets in it."""

    def open_over(
        self,
        app: App[None],
        take_result: Callable[[Result | None], Awaitable[None]]
        | Callable[[Result | None], None]
        | None = None,
    ) -> None:
        """Open the dialog; `take_result` gets its result once it is closed.

        Do nothing if the app has ended or a dialog of the same kind is open.
        """
        stack = app.screen_stack
        if stack and not any(isinstance(screen, type(self)) for screen in stack):
            app.push_screen(self, take_result)

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close the dialog with `result`; do nothing unless it is the topmost screen.

        Textual's own closes whatever is topmost, and sets the result again. A key, a click or
        a message can come when the dialog is closed already or another one has opened over it.
        """
        stack = self.app.screen_stack
        if not stack or stack[-1] is not self:
            return AwaitComplete()
        return super().dismiss(result)

    def is_too_early(self, event: events.Event) -> bool:
        """Return whether `event` came before the dialog could be seen, and must be dropped."""
        return False

    def take_interrupt(self) -> bool:
        """Do what ctrl+c does in this dialog; return whether it does anything but quit."""
        return False

    async def action_leave(self) -> None:
        """Close the dialog without a result, by the key that quits on the main screen."""
        self.dismiss()

    def on_click(self, event: events.Click) -> None:
        """Close the dialog without a result by a click beside it."""
        if event.widget is self:
            self.dismiss()

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor belongs on the screen; None while an input line has it."""
        return None

    def _compositor_refresh(self) -> None:
        """Draw a frame, but not before the size is known, nor while widgets are being removed.

        Textual would: a removed text area raises an error in the terminal's own colours.
        """
        if self._is_laid_out and all(each.is_attached for each in self._compositor.widgets):
            super()._compositor_refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Remove the padding in a low terminal."""
        self._is_laid_out = True
        self.set_class(event.size.height < MIN_PADDED_ROWS, "-low")
