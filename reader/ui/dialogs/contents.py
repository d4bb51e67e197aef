"""The contents: a story's headings as a tree with minutes, narrowed by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from reader.reading.progress import DEFAULT_PACE, estimate_minutes
from reader.text.cells import cell_width, sanitize_line, truncate
from reader.text.document import Place
from reader.ui.widgets.filter_list import VirtualList
from reader.ui.widgets.panes import MIN_PADDED_ROWS
from reader.ui.widgets.search_bar import ALLOWED_INPUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset

    from reader.text.links import Section


INDENT_CELLS = 2
"""Cells by which a heading under another is set in."""


class ContentsDialog(ModalScreen[Place | None]):
    """The list of headings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, sections: Sequence[Section], current: int, pace: int = DEFAULT_PACE) -> None:
        super().__init__()
        self._pace = pace
        self._sections = sections
        self._search_texts = [section.title.casefold() for section in sections]
        self._current = current
        self._list = VirtualList(self._format_line)
        self._is_in_list = False
        """The reader is moving in the list and not typing."""

    def compose(self) -> ComposeResult:
        """Lay out a line to type in above the list."""
        with Vertical():
            yield Input(placeholder="Contents", compact=True, restrict=ALLOWED_INPUT)
            yield self._list

    def on_mount(self) -> None:
        """Show every heading, the cursor where the reader is."""
        self._filter_headings("")

    def on_resize(self, event: events.Resize) -> None:
        """Leave no row blank in a low window."""
        self.set_class(event.size.height < MIN_PADDED_ROWS, "-low")

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands: in the list once the reader moves there."""
        return self._list.terminal_cursor if self._is_in_list else None

    @on(Input.Changed)
    def _update_filter(self, event: Input.Changed) -> None:
        self._filter_headings(event.value)

    def _filter_headings(self, words: str) -> None:
        wanted = words.casefold().split()
        names = enumerate(self._search_texts)
        shown = [number for number, name in names if all(word in name for word in wanted)]
        at = sum(1 for number in shown if number <= self._current) - 1
        self._is_in_list = False
        self._list.set_lines(shown, max(0, at))

    def _format_line(self, number: int, _above: int | None) -> str:
        section = self._sections[number]
        mark = "▸ " if number == self._current else "  "
        time = f"{estimate_minutes(section.words, self._pace):>4} min"
        room = max(0, self._list.size.width - cell_width(mark + time))
        indent = " " * min(INDENT_CELLS * section.depth, room // 3)
        title = truncate(indent + sanitize_line(section.title), room)
        return mark + title + " " * (room - cell_width(title)) + time

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self._is_in_list = True
        self._list.move_cursor(by)

    def action_page(self, way: int) -> None:
        """Move the cursor by what the list shows at once."""
        self.action_move(way * max(1, self._list.size.height - 1))

    @on(Input.Submitted)
    def _choose(self) -> None:
        if self._list.number is not None:
            self.dismiss(self._sections[self._list.number].place)

    @on(VirtualList.Chosen)
    def _choose_clicked(self, message: VirtualList.Chosen) -> None:
        self.dismiss(self._sections[message.number].place)

    async def action_leave(self) -> None:
        """Close the list: what leaves everywhere else leaves it, too."""
        self.dismiss(None)
