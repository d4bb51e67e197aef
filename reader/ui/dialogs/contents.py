"""Lists that are filtered by typing: the contents of a story, and the palette of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from reader.reading.progress import DEFAULT_PACE, estimate_minutes
from reader.text.cells import count_cells, sanitize_line, truncate
from reader.text.document import Place
from reader.text.search import fold_text
from reader.ui.dialogs import Dialog, Result
from reader.ui.widgets.filter_list import VirtualList
from reader.ui.widgets.search_bar import LineInput

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset

    from reader.text.links import Section


INDENT_CELLS: Final = 2
"""Cells by which a heading is indented for each level of depth."""


class TypingDialog(Dialog[Result]):
    """An input line above a list, which shows the lines that contain every typed word.

    A subclass says what the lines are, where the cursor starts, and what the result is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, placeholder: str, texts: Sequence[str]) -> None:
        super().__init__()
        self._search_texts = [fold_text(text) for text in texts]
        self._input = LineInput(placeholder)
        self._list = VirtualList(self._format_line)
        self._is_in_list = False
        """The reader moves in the list and does not type."""

    def _format_line(self, number: int, _above: int | None) -> str:
        raise NotImplementedError

    def _choose_line(self, number: int) -> None:
        raise NotImplementedError

    def _find_cursor(self, matches: Sequence[int]) -> int:
        """Return the index in `matches` where the cursor goes after the filter has changed."""
        return 0

    def compose(self) -> ComposeResult:
        """Lay out the input line above the list."""
        with Vertical():
            yield self._input
            yield self._list

    def on_mount(self) -> None:
        """Show all lines, and type in the input line."""
        self._filter_lines("")
        self._input.focus()

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor belongs; None while the input line has it."""
        return self._list.terminal_cursor if self._is_in_list else None

    @on(Input.Changed)
    def _update_filter(self, event: Input.Changed) -> None:
        self._filter_lines(event.value)

    def _filter_lines(self, words: str) -> None:
        wanted = fold_text(words).split()
        matches = [
            number
            for number, text in enumerate(self._search_texts)
            if all(word in text for word in wanted)
        ]
        self._is_in_list = False
        self._list.set_lines(matches, self._find_cursor(matches))

    def _fit_line(self, left: str, right: str) -> str:
        """Return a line of the list with `right` at its right end."""
        room = max(0, self._list.size.width - count_cells(right))
        left = truncate(left, room)
        return left + " " * (room - count_cells(left)) + right

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
            self._choose_line(self._list.number)

    @on(VirtualList.Chosen)
    def _choose_clicked(self, message: VirtualList.Chosen) -> None:
        self._choose_line(message.number)


class ContentsDialog(TypingDialog[Place]):
    """The list of headings, as a tree with minutes; its result is the place of the chosen one."""

    def __init__(self, sections: Sequence[Section], current: int, pace: int = DEFAULT_PACE) -> None:
        super().__init__("Contents", [section.title for section in sections])
        self._pace = pace
        self._sections = sections
        self._current = current

    def _find_cursor(self, matches: Sequence[int]) -> int:
        """Return the index of the current heading, or of the nearest one before it."""
        return max(0, sum(1 for number in matches if number <= self._current) - 1)

    def _format_line(self, number: int, _above: int | None) -> str:
        section = self._sections[number]
        marker = "▸ " if number == self._current else "  "
        minutes = f"{estimate_minutes(section.words, self._pace):>4} min"
        room = max(0, self._list.size.width - count_cells(marker + minutes))
        indent = " " * min(INDENT_CELLS * section.depth, room // 3)
        return self._fit_line(marker + indent + sanitize_line(section.title), minutes)

    def _choose_line(self, number: int) -> None:
        self.dismiss(self._sections[number].place)


class PaletteEntry(NamedTuple):
    """A command in the palette."""

    name: str
    keys: str
    run: Callable[[], Awaitable[object] | None]


class PaletteDialog(TypingDialog[PaletteEntry]):
    """The list of commands and themes; its result is the chosen one."""

    def __init__(self, entries: Sequence[PaletteEntry]) -> None:
        super().__init__("Commands and themes", [entry.name for entry in entries])
        self._entries = entries

    def _format_line(self, number: int, _above: int | None) -> str:
        entry = self._entries[number]
        return self._fit_line(f"  {sanitize_line(entry.name)}", f"  {entry.keys}  ")

    def _choose_line(self, number: int) -> None:
        self.dismiss(self._entries[number])
