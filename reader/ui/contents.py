"""The contents: a story's headings as a tree, with minutes, to go to one by name.

Typing narrows the list; Enter goes to the heading, Esc back. Changes nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from ..cells import clean_line, fit
from ..document import Place
from ..pace import ORDINARY, minutes
from .finder import TYPED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ..outline import Section

WIDTH = 60
"""Cells of the list."""


class Contents(ModalScreen[Place | None]):
    """The list of headings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(self, sections: Sequence[Section], here: int, pace: int = ORDINARY) -> None:
        super().__init__()
        self._pace = pace
        self._sections = sections
        self._here = here
        self._list = OptionList(markup=False, compact=True)

    def compose(self) -> ComposeResult:
        """Lay out a line to type in above the list."""
        with Vertical():
            yield Input(placeholder="Contents", compact=True, restrict=TYPED)
            yield self._list

    def on_mount(self) -> None:
        """Show every heading, the cursor where the reader is."""
        self._list.can_focus = False
        self._narrow("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def _narrow(self, words: str) -> None:
        wanted = words.casefold().split()
        shown = [
            number
            for number, section in enumerate(self._sections)
            if all(word in section.title.casefold() for word in wanted)
        ]
        self._list.set_options(
            Option(Content(self._line(number)), id=str(number)) for number in shown
        )
        at = max((i for i, number in enumerate(shown) if number <= self._here), default=0)
        self._list.highlighted = at if shown else None

    def _line(self, number: int) -> str:
        section = self._sections[number]
        mark = "▸ " if number == self._here else "  "
        title = fit("  " * section.depth + clean_line(section.title), WIDTH - 12)
        return f"{mark}{title.ljust(WIDTH - 12)} {minutes(section.words, self._pace):>3} min"

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        if by > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    @on(Input.Submitted)
    def _go(self) -> None:
        if self._list.highlighted is not None:
            option = self._list.get_option_at_index(self._list.highlighted)
            self.dismiss(self._sections[int(option.id or 0)].place)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._sections[int(event.option.id or 0)].place)

    async def action_leave(self) -> None:
        """Close the list: what leaves everywhere else leaves it, too."""
        self.dismiss(None)
