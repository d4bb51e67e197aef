"""The contents: a story's headings as a tree with minutes, filtered by typing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from reader.reading.progress import DEFAULT_PACE, estimate_minutes
from reader.text.cells import count_cells, sanitize_line, truncate
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


INDENT_CELLS: Final = 2
"""Cells by which a heading is indented for each level of depth."""


class ContentsDialog(ModalScreen[Place | None]):
    """The list of headings; its result is the place of the chosen one."""

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
        """The reader moves in the list and does not type."""

    def compose(self) -> ComposeResult:
        """Lay out an input line above the list."""
        with Vertical():
            yield Input(placeholder="Contents", compact=True, restrict=ALLOWED_INPUT)
            yield self._list

    def on_mount(self) -> None:
        """Show all headings, with the cursor on the current one."""
        self._filter_headings("")

    def on_resize(self, event: events.Resize) -> None:
        """Remove the padding in a low terminal."""
        self.set_class(event.size.height < MIN_PADDED_ROWS, "-low")

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor belongs; None while the input line has it."""
        return self._list.terminal_cursor if self._is_in_list else None

    @on(Input.Changed)
    def _update_filter(self, event: Input.Changed) -> None:
        self._filter_headings(event.value)

    def _filter_headings(self, words: str) -> None:
        """Show the headings that contain every word; put the cursor on the nearest one before."""
        wanted = words.casefold().split()
        matches = [
            number
            for number, text in enumerate(self._search_texts)
            if all(word in text for word in wanted)
        ]
        cursor = sum(1 for number in matches if number <= self._current) - 1
        self._is_in_list = False
        self._list.set_lines(matches, max(0, cursor))

    def _format_line(self, number: int, _above: int | None) -> str:
        section = self._sections[number]
        marker = "▸ " if number == self._current else "  "
        minutes = f"{estimate_minutes(section.words, self._pace):>4} min"
        room = max(0, self._list.size.width - count_cells(marker + minutes))
        indent = " " * min(INDENT_CELLS * section.depth, room // 3)
        title = truncate(indent + sanitize_line(section.title), room)
        return marker + title + " " * (room - count_cells(title)) + minutes

    def action_move(self, lines: int) -> None:
        """Move the cursor by so many lines down."""
        self._is_in_list = True
        self._list.move_cursor(lines)

    def action_page(self, direction: int) -> None:
        """Move the cursor a screenful down (1) or up (-1)."""
        self.action_move(direction * max(1, self._list.size.height - 1))

    @on(Input.Submitted)
    def _choose(self) -> None:
        if self._list.number is not None:
            self.dismiss(self._sections[self._list.number].place)

    @on(VirtualList.Chosen)
    def _choose_clicked(self, message: VirtualList.Chosen) -> None:
        self.dismiss(self._sections[message.number].place)

    async def action_leave(self) -> None:
        """Close the list: in a dialog, the key that quits closes the dialog."""
        self.dismiss(None)
