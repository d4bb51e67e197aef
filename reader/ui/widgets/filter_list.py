"""Lists of lines to choose from, and the list that is filtered by typed words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from reader.drawing.pieces import Piece, blank_row, fit_pieces
from reader.text.cells import sanitize_line, truncate
from reader.text.search import fold_text
from reader.ui.widgets import CursorList
from reader.ui.widgets.search_bar import LineInput
from reader.ui.widgets.status_bar import NOTICE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset, Size
    from textual.timer import Timer

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles


WHEEL_LINES: Final = 3
"""Lines that one step of the mouse wheel moves the cursor."""


class VirtualList(CursorList):
    """A list of numbered lines; the text of a line is formatted when it is drawn."""

    class Chosen(Message):
        """A line was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, format_line: Callable[[int, int | None], str], rows: int = 1) -> None:
        """Make a list of lines of `rows` rows each.

        `format_line` gets a line's number and that of the visible line above it, None for the
        first visible one. It returns up to `rows` rows separated by newlines. All but the first
        row are dimmed.
        """
        super().__init__(rows, WHEEL_LINES)
        self._format_line = format_line
        self._numbers: Sequence[int] = ()

    def set_lines(self, numbers: Sequence[int], cursor: int) -> None:
        """Show the lines of `numbers`, with the cursor on the one at index `cursor`."""
        has_other_height = len(numbers) != len(self._numbers)
        self._numbers, self._cursor = numbers, cursor
        self._scroll_to_cursor()
        self.refresh(layout=has_other_height)

    @property
    def number(self) -> int | None:
        """The number of the line at the cursor, None if the list is empty."""
        return self._numbers[self._cursor] if self._numbers else None

    @property
    def cursor(self) -> int:
        """The index of the line at the cursor."""
        return self._cursor

    @property
    def _entry_count(self) -> int:
        return len(self._numbers)

    def _scroll_after_resize(self) -> None:
        """Put the cursor in the middle, unless it is close to either end."""
        last_top = len(self._numbers) - self._visible_count
        top = max(0, min(self._cursor - self._visible_count // 2, last_top))
        self._top_row = top * self._entry_rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the height of all lines."""
        return len(self._numbers) * self._entry_rows

    def _draw_row(self, row: int, styles: Styles) -> Row:
        entry_row, cells = self._find_entry_row(row), self.size.width
        if entry_row is None:
            return blank_row(cells, styles.base)
        index, line = entry_row
        is_first = index <= self._top_row // self._entry_rows
        above = None if is_first else self._numbers[index - 1]
        rows = self._format_line(self._numbers[index], above).split("\n")
        text = rows[line] if line < len(rows) else ""
        style = styles.dim if line else styles.base
        if index == self._cursor:
            style = styles.base._replace(reverse=True)
        return fit_pieces([Piece(truncate(text, cells), style)], cells, style)

    def _click_entry(self, index: int, clicks: int) -> None:
        self.post_message(self.Chosen(self._numbers[index]))


class FilterList(Vertical, can_focus=True):
    """A list of numbered lines, a text field that filters them, and a footer with key hints."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,h,left", "back", show=False),
        Binding("slash", "type", show=False),
        Binding("enter,l,right", "choose", show=False),
        Binding("down,j", "line_down", show=False),
        Binding("up,k", "line_up", show=False),
        Binding("pagedown,space,ctrl+f", "page_down", show=False),
        Binding("pageup,b,ctrl+b", "page_up", show=False),
        Binding("home,g", "first_line", show=False),
        Binding("end,G", "last_line", show=False),
    ]

    class Chosen(Message):
        """The reader chose the line of that number."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Closed(Message):
        """The reader closed the list without a choice."""

    def __init__(
        self,
        format_line: Callable[[int, int | None], str],
        *,
        key_hints: str,
        empty_text: str,
        rows: int = 1,
    ) -> None:
        """Make an empty list; for `format_line` and `rows` see `VirtualList`.

        `empty_text` replaces `key_hints` while there are no lines.
        """
        super().__init__()
        self._input = LineInput("Words")
        self._list = VirtualList(format_line, rows)
        self._footer = Static(markup=False)
        self._key_hints = key_hints
        self._empty_text = empty_text
        self._timer: Timer | None = None
        self.search_texts: list[str] = []
        """The text of each line that the filter searches, folded."""
        self._hidden: set[int] = set()
        self._filter_words: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out the text field, the list and the footer."""
        self._input.display = False
        yield self._input
        yield self._list
        yield self._footer

    def on_mount(self) -> None:
        """Take the focus."""
        self._show_key_hints()
        self.focus()

    def add_lines(self, search_texts: Iterable[str]) -> None:
        """Add a line for each of `search_texts`."""
        was_empty = not self.search_texts
        self.search_texts += [fold_text(text) for text in search_texts]
        self._update_list()
        if was_empty and self._timer is None:
            self._show_key_hints()

    def update_line(self, number: int, search_text: str | None) -> None:
        """Change the search text of a line; None hides the line."""
        if search_text is None:
            self._hidden.add(number)
        else:
            self._hidden.discard(number)
            self.search_texts[number] = fold_text(search_text)
        self._update_list()

    def clear_lines(self) -> None:
        """Remove all lines."""
        self.search_texts, self._hidden = [], set()
        self._update_list()

    @property
    def number(self) -> int | None:
        """The number of the line at the cursor, None if the list is empty."""
        return self._list.number

    @property
    def line_cells(self) -> int:
        """The width of a line in cells."""
        return self._list.size.width

    @property
    def terminal_cursor(self) -> Offset | None:
        """The cell of the cursor, None while the text field shows its own."""
        return None if self._input.has_focus else self._list.terminal_cursor

    def show_notice(self, text: str) -> None:
        """Show `text` in the footer instead of the key hints for `NOTICE_SECONDS`."""
        self._footer.update(Content(sanitize_line(text)))
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(NOTICE_SECONDS, self._show_key_hints)

    def _show_key_hints(self) -> None:
        self._timer = None
        self._footer.update(Content(self._key_hints if self.search_texts else self._empty_text))

    def _update_list(self) -> None:
        shown = [
            number
            for number, text in enumerate(self.search_texts)
            if number not in self._hidden and all(word in text for word in self._filter_words)
        ]
        self._list.set_lines(shown, max(0, min(self._list.cursor, len(shown) - 1)))

    def action_type(self) -> None:
        """Show the text field, and type in it."""
        self._input.display = True
        self._input.focus()

    @on(Input.Changed)
    def _update_filter(self, event: Input.Changed) -> None:
        event.stop()
        self._filter_words = fold_text(event.value).split()
        self._update_list()

    @on(Input.Submitted)
    def _focus_list(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus()

    def action_back(self) -> None:
        """Go back a step: from the text field to the list, then to all lines, then out."""
        if not self._filter_words and not self._input.display:
            self.post_message(self.Closed())
        elif not self._input.has_focus or not self._filter_words:
            self._input.value = ""
            self._input.display = False
            self.focus()
        else:
            self.focus()

    def action_choose(self) -> None:
        """Choose the line at the cursor."""
        if self._list.number is not None:
            self.post_message(self.Chosen(self._list.number))

    @on(VirtualList.Chosen)
    def _choose_clicked(self, message: VirtualList.Chosen) -> None:
        message.stop()
        self.post_message(self.Chosen(message.number))

    def action_line_down(self) -> None:
        """Move the cursor to the next line."""
        self._move_cursor(1)

    def action_line_up(self) -> None:
        """Move the cursor to the previous line."""
        self._move_cursor(-1)

    def action_page_down(self) -> None:
        """Move the cursor a screenful down."""
        self._move_cursor(self._list.screenful)

    def action_page_up(self) -> None:
        """Move the cursor a screenful up."""
        self._move_cursor(-self._list.screenful)

    def action_first_line(self) -> None:
        """Move the cursor to the first line."""
        self._move_cursor(-len(self.search_texts))

    def action_last_line(self) -> None:
        """Move the cursor to the last line."""
        self._move_cursor(len(self.search_texts))

    def _move_cursor(self, step: int) -> None:
        """Move the cursor by `step` lines, and the focus from the text field to the list."""
        self.focus()
        self._list.move_cursor(step)
