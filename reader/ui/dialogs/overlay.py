"""The screen of all lists over the main one: contents, palette, highlights, history and help.

The frame with its title, keys, narrowing line and messages is `widgets.filter_list`. What differs
is a `ListLook` and what a line stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from reader.ui.dialogs import Dialog, Result
from reader.ui.widgets.filter_list import FilterList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Offset

    from reader.ui.widgets.filter_list import ListLook


class Overlay(Dialog[Result]):
    """A list to choose from; its result is what the chosen line stands for."""

    AUTO_FOCUS = ""  # the list takes the focus itself, or its narrowing line does

    def __init__(self, look: ListLook) -> None:
        super().__init__()
        self.filter_list = FilterList(look)

    def get_result(self, number: int) -> Result | None:
        """Return what a line stands for; None if it can't be chosen."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield self.filter_list

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor belongs; None while the narrowing line has it."""
        return self.filter_list.terminal_cursor

    @on(FilterList.Chosen)
    def _choose(self, message: FilterList.Chosen) -> None:
        result = self.get_result(message.number)
        if result is not None:
            self.dismiss(result)

    @on(FilterList.Closed)
    def _close(self) -> None:
        self.dismiss(None)
