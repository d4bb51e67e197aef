"""The contents: a story's headings as a tree with minutes, narrowed by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from reader.reading.progress import ORDINARY, minutes
from reader.text.cells import clean_line, fit, width
from reader.text.document import Place
from reader.ui.widgets.filter_list import Menu
from reader.ui.widgets.panes import LOW
from reader.ui.widgets.search_bar import TYPED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset

    from reader.text.links import Section


STEP = 2
"""Cells by which a heading under another is set in."""


class Contents(ModalScreen[Place | None]):
    """The list of headings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, sections: Sequence[Section], here: int, pace: int = ORDINARY) -> None:
        super().__init__()
        self._pace = pace
        self._sections = sections
        self._names = [section.title.casefold() for section in sections]
        self._here = here
        self._menu = Menu(self._line)
        self._moved = False
        """The reader is moving in the list and not typing."""

    def compose(self) -> ComposeResult:
        """Lay out a line to type in above the list."""
        with Vertical():
            yield Input(placeholder="Contents", compact=True, restrict=TYPED)
            yield self._menu

    def on_mount(self) -> None:
        """Show every heading, the cursor where the reader is."""
        self._narrow("")

    def on_resize(self, event: events.Resize) -> None:
        """Leave no row blank in a low window."""
        self.set_class(event.size.height < LOW, "-low")

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands: in the list once the reader moves there."""
        return self._menu.terminal_cursor if self._moved else None

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def _narrow(self, words: str) -> None:
        wanted = words.casefold().split()
        names = enumerate(self._names)
        shown = [number for number, name in names if all(word in name for word in wanted)]
        at = sum(1 for number in shown if number <= self._here) - 1
        self._moved = False
        self._menu.put(shown, max(0, at))

    def _line(self, number: int, _above: int | None) -> str:
        section = self._sections[number]
        mark = "▸ " if number == self._here else "  "
        time = f"{minutes(section.words, self._pace):>4} min"
        room = max(0, self._menu.size.width - width(mark + time))
        indent = " " * min(STEP * section.depth, room // 3)
        title = fit(indent + clean_line(section.title), room)
        return mark + title + " " * (room - width(title)) + time

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self._moved = True
        self._menu.move(by)

    def action_page(self, way: int) -> None:
        """Move the cursor by what the list shows at once."""
        self.action_move(way * max(1, self._menu.size.height - 1))

    @on(Input.Submitted)
    def _go(self) -> None:
        if self._menu.number is not None:
            self.dismiss(self._sections[self._menu.number].place)

    @on(Menu.Chosen)
    def _clicked(self, message: Menu.Chosen) -> None:
        self.dismiss(self._sections[message.number].place)

    async def action_leave(self) -> None:
        """Close the list: what leaves everywhere else leaves it, too."""
        self.dismiss(None)
