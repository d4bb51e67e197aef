"""Lists of lines to choose from, drawn when visible, and narrowed by typed words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Offset, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from reader.text.cells import sanitize_line, truncate
from reader.ui.theme import Styles, make_styles
from reader.ui.widgets.search_bar import ALLOWED_INPUT
from reader.ui.widgets.status_bar import NOTICE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer


WHEEL_ROWS = 3
"""Rows that a turn of the wheel goes."""


class VirtualList(Widget):
    """Lines named by numbers, one of them under the cursor."""

    ALLOW_SELECT = False

    class Chosen(Message):
        """A line was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, format_line: Callable[[int, int | None], str], rows: int = 1) -> None:
        super().__init__()
        self._format_line = format_line
        """Returns the text of the line of a number, below that of another one; None on top."""
        self._rows_per_line = rows
        """Rows of each: its text has as many, parted by newlines. The first one stands out."""
        self._numbers: Sequence[int] = ()
        self._cursor = self._top = 0
        self._text_styles: Styles | None = None

    def set_lines(self, numbers: Sequence[int], cursor: int) -> None:
        """Show the lines of those numbers, the cursor on the one at the index `at`."""
        is_other_height = len(numbers) != len(self._numbers)
        self._numbers, self._cursor = numbers, cursor
        self._scroll_to_cursor()
        self.refresh(layout=is_other_height)

    @property
    def number(self) -> int | None:
        """The number under the cursor, None in an empty list."""
        return self._numbers[self._cursor] if self._numbers else None

    @property
    def cursor(self) -> int:
        """The index of the line under the cursor."""
        return self._cursor

    @property
    def screenful(self) -> int:
        """How many lines a screenful goes on."""
        return max(1, self._visible_count - 1)

    @property
    def _visible_count(self) -> int:
        """How many lines are in view."""
        return max(1, self.size.height // self._rows_per_line)

    @property
    def terminal_cursor(self) -> Offset:
        """Where the cursor is on the screen, in cells."""
        return self.content_region.offset + Offset(
            0, (self._cursor - self._top) * self._rows_per_line
        )

    def move_cursor(self, by: int) -> None:
        """Move the cursor, no further than the list's ends."""
        self._cursor = max(0, min(self._cursor + by, len(self._numbers) - 1))
        self._scroll_to_cursor()
        self.refresh()

    def _scroll_to_cursor(self) -> None:
        height = self._visible_count
        last = max(0, len(self._numbers) - height)
        self._top = max(self._cursor - height + 1, min(self._top, self._cursor, last))

    def on_resize(self) -> None:
        """Keep the cursor in view, in the middle where there is that much on both sides."""
        self._top = self._cursor - self._visible_count // 2
        self._top = max(0, min(self._top, len(self._numbers) - self._visible_count))
        self.refresh()

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._text_styles = None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take the rows of each line."""
        return len(self._numbers) * self._rows_per_line

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of what is in view."""
        self._text_styles = look = self._text_styles or make_styles(self)
        at, cells = self._top + y // self._rows_per_line, self.size.width
        if at >= len(self._numbers):
            return Strip.blank(cells, look.base)
        above = self._numbers[at - 1] if at > self._top else None
        rows = self._format_line(self._numbers[at], above).split("\n")
        row = y % self._rows_per_line
        text = rows[row] if row < len(rows) else ""
        style = look.dim if row else look.base
        if at == self._cursor:
            style = look.base + Style(reverse=True)
        return Strip([Segment(truncate(text, cells), style)]).adjust_cell_length(cells, style)

    def on_click(self, event: events.Click) -> None:
        """Choose the line that was clicked."""
        y = event.get_content_offset_capture(self).y
        at = self._top + y // self._rows_per_line
        if y >= 0 and at < len(self._numbers):
            self.post_message(self.Chosen(self._numbers[at]))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor three lines down."""
        event.stop()
        self.move_cursor(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor three lines up."""
        event.stop()
        self.move_cursor(-WHEEL_ROWS)


class FilterList(Vertical, can_focus=True):
    """Lines to choose from, named by their numbers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,h,left", "back", show=False),
        Binding("slash", "type", show=False),
        Binding("enter,l,right", "choose", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown,space,ctrl+f", "page(1)", show=False),
        Binding("pageup,b,ctrl+b", "page(-1)", show=False),
        Binding("home,g", "end(-1)", show=False),
        Binding("end,G", "end(1)", show=False),
    ]

    class Chosen(Message):
        """The reader chose the line of that number."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Closed(Message):
        """The reader wants no line."""

    def __init__(
        self,
        format_line: Callable[[int, int | None], str],
        *,
        key_hints: str,
        empty_text: str,
        rows: int = 1,
    ) -> None:
        """Show what `line` says of a number, below another: see `Menu`; `empty` if there is none."""
        super().__init__()
        self._input = Input(placeholder="Words", compact=True, restrict=ALLOWED_INPUT)
        self._list = VirtualList(format_line, rows)
        self._footer = Static(markup=False)
        self._key_hints = key_hints
        self._empty_text = empty_text
        self._timer: Timer | None = None
        self.search_texts: list[str] = []
        """What of each line can be found, in lower case."""
        self._hidden: set[int] = set()
        self._filter_words: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out the line to type in, the list, and the keys that work here."""
        self._input.display = False
        yield self._input
        yield self._list
        yield self._footer

    def on_mount(self) -> None:
        """Have the keys."""
        self._show_key_hints()
        self.focus()

    # Lines -----------------------------------------------------------------------------

    def add_lines(self, search_texts: Iterable[str]) -> None:
        """Have more lines, which are found by these words."""
        was_empty = not self.search_texts
        self.search_texts += [name.casefold() for name in search_texts]
        self._update_list()
        if was_empty and self._timer is None:
            self._show_key_hints()

    def update_line(self, number: int, search_text: str | None) -> None:
        """Find a line by other words from now on; None hides it."""
        if search_text is None:
            self._hidden.add(number)
        else:
            self._hidden.discard(number)
            self.search_texts[number] = search_text.casefold()
        self._update_list()

    def clear_lines(self) -> None:
        """Have no lines."""
        self.search_texts, self._hidden = [], set()
        self._update_list()

    @property
    def number(self) -> int | None:
        """The line under the cursor, None in an empty list."""
        return self._list.number

    @property
    def line_cells(self) -> int:
        """How wide a line may be."""
        return self._list.size.width

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands: in the list, unless words are typed."""
        return None if self._input.has_focus else self._list.terminal_cursor

    def show_notice(self, words: str) -> None:
        """Say something below the list for a few seconds, in place of the keys."""
        self._footer.update(Content(sanitize_line(words)))
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(NOTICE_SECONDS, self._show_key_hints)

    def _show_key_hints(self) -> None:
        self._timer = None
        self._footer.update(Content(self._key_hints if self.search_texts else self._empty_text))

    def _update_list(self) -> None:
        shown = [
            number
            for number, name in enumerate(self.search_texts)
            if number not in self._hidden and all(word in name for word in self._filter_words)
        ]
        self._list.set_lines(shown, max(0, min(self._list.cursor, len(shown) - 1)))

    # Keys ------------------------------------------------------------------------------

    def action_type(self) -> None:
        """Begin to type words."""
        self._input.display = True
        self._input.focus()

    @on(Input.Changed)
    def _update_filter(self, event: Input.Changed) -> None:
        event.stop()
        self._filter_words = event.value.casefold().split()
        self._update_list()

    @on(Input.Submitted)
    def _focus_list(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus()

    def action_back(self) -> None:
        """Go back from the words to the list, from a narrowed list to all of it, and out."""
        if not self._filter_words and not self._input.display:
            self.post_message(self.Closed())
        elif not self._input.has_focus or not self._filter_words:
            self._input.value = ""
            self._input.display = False
            self.focus()
        else:
            self.focus()

    def action_choose(self) -> None:
        """Choose the line under the cursor."""
        if self._list.number is not None:
            self.post_message(self.Chosen(self._list.number))

    @on(VirtualList.Chosen)
    def _choose_clicked(self, message: VirtualList.Chosen) -> None:
        message.stop()
        self.post_message(self.Chosen(message.number))

    def action_move(self, by: int) -> None:
        """Move the cursor by lines; out of the words into the list."""
        self.focus()
        self._list.move_cursor(by)

    def action_page(self, way: int) -> None:
        """Move the cursor by what the list shows at once."""
        self.action_move(way * self._list.screenful)

    def action_end(self, way: int) -> None:
        """Move the cursor to the first line or the last."""
        self.action_move(way * len(self.search_texts))
