"""The frame of an overlay: title, narrowing line, list, and the row of hints and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from reader.drawing.hints import (
    Hint,
    Run,
    draw_runs,
    find_hint,
    fit_hints,
    format_hints,
)
from reader.text.cells import sanitize_line, truncate
from reader.text.document import Role
from reader.ui.theme import make_strip, make_styles
from reader.ui.widgets.narrowing import Narrowing
from reader.ui.widgets.search_bar import LineInput
from reader.ui.widgets.status_bar import NOTICE_SECONDS
from reader.ui.widgets.virtual_list import ListEntry, VirtualList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset
    from textual.strip import Strip
    from textual.timer import Timer

    from reader.drawing.styles import Styles
    from reader.ui.widgets.narrowing import SearchText


LIST_HINTS: Final = (Hint("/", "narrow", "type"), Hint("q", "close", "close"))
"""The last hints of each overlay, which are never left out before others."""
SEARCH_HINTS: Final = (Hint("/", "type", "type"), LIST_HINTS[1])
"""The same where the narrowing line takes a query."""
TYPING_HINTS: Final = (
    Hint("Enter", "go", "choose"),
    Hint("↓", "list", "line_down"),
    Hint("Esc", "back", "back"),
)
"""The hints while the narrowing line has the focus."""
_FRAME_ROWS: Final = 5
"""Rows of a frame that aren't the list's: border, narrowing line, a blank row, and the hints."""
_MIN_LIST_ROWS: Final = 5
_MAX_ROWS: Final = 1_000
"""Rows that are more than any terminal has, so that more lines change nothing."""
_NO_MATCH: Final = "No match"


class ListLook(NamedTuple):
    """What differs between the overlays."""

    title: str
    format_line: Callable[[int, int | None], ListEntry]
    """See `VirtualList`."""
    hints: Sequence[Hint]
    """Shown before `LIST_HINTS`, in the order in which they are left out of a narrow frame."""
    empty_text: str
    """Shown in the list while it has no lines."""
    rows: int | None = 1
    """Rows of a line, None if that varies."""
    is_ranked: bool = False
    """Typed words put the best lines first."""
    opens_typing: bool = False
    """The narrowing line has the focus first; Esc closes the overlay while it is empty."""
    search: Callable[[str], None] | None = None
    """Takes what is typed, and finds other lines for it later; the lines aren't narrowed. Esc
    closes the overlay."""
    typing_hints: Sequence[Hint] = TYPING_HINTS


class MessageLine(Widget):
    """One row of hints that can be clicked, or a message."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._hints: Sequence[Hint] = ()
        self._message = ""
        self._timer: Timer | None = None
        self._text_styles: Styles | None = None

    def set_hints(self, hints: Sequence[Hint]) -> None:
        """Show `hints` while there is no message."""
        self._hints = hints
        self.refresh()

    def show_message(self, text: str) -> None:
        """Show `text` for `NOTICE_SECONDS`."""
        self._message = text
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(NOTICE_SECONDS, self._clear_message)
        self.refresh()

    def _clear_message(self) -> None:
        self._message, self._timer = "", None
        self.refresh()

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        if self._message:
            return truncate(sanitize_line(self._message), self.size.width)
        return format_hints(fit_hints(self._hints, self.size.width, LIST_HINTS))

    def notify_style_update(self) -> None:
        """Use the colours of another theme."""
        super().notify_style_update()
        self._text_styles = None

    def render_line(self, y: int) -> Strip:
        """Draw the row."""
        self._text_styles = styles = self._text_styles or make_styles(self)
        run = Run(self.text, Role.PLAIN if self._message else Role.DIM)
        return make_strip(draw_runs([run], styles, self.size.width))

    async def on_click(self, event: events.Click) -> None:
        """Do what the key of the clicked hint does."""
        hint = find_hint(self.text, self._hints, event.get_content_offset_capture(self).x)
        if hint is not None:
            event.stop()
            await self.app.run_action(hint.action, self.parent)


class FilterList(Vertical, can_focus=True):
    """The frame of an overlay. Letters narrow the list only while its narrowing line is focused."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("q,h,left", "close", show=False),
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

    def __init__(self, look: ListLook) -> None:
        """Make an empty list."""
        super().__init__()
        self._look = look
        self.border_title = Content(look.title)
        self._input = LineInput()
        self._count = Static(markup=False, classes="-count")
        self._line = Horizontal(Static("/", markup=False), self._input, self._count)
        self._list = VirtualList(look.format_line, look.rows)
        self._message_line = MessageLine()
        self.narrowing = Narrowing(is_ranked=look.is_ranked)
        self._is_pending = False
        """What is typed was not found yet."""
        self._chooses_later = False
        """The first line of what will be found is chosen already."""

    def compose(self) -> ComposeResult:
        """Lay out the narrowing line, the list, and the row of hints and messages."""
        yield self._line
        yield self._list
        yield self._message_line

    def on_mount(self) -> None:
        """Take the focus."""
        self._update_list(self._list.cursor)
        if self._look.opens_typing:
            self.action_type()
        else:
            self.focus()
            self._show_hints()

    def _fit_height(self) -> None:
        """Make the frame as high as all lines need, however they are narrowed."""
        if self._look.rows is None or self._look.search is not None:
            self.styles.height = "100%"
        else:
            rows = max(_MIN_LIST_ROWS, self.narrowing.count * self._look.rows)
            self.styles.height = min(_MAX_ROWS, rows + _FRAME_ROWS)

    def add_lines(self, texts: Iterable[SearchText], cursor: int | None = None) -> None:
        """Add a line for each of `texts`; put the cursor on the line numbered `cursor`."""
        self.narrowing.texts += texts
        self._update_list(self._list.cursor if cursor is None else cursor)
        self._fit_height()

    def update_line(self, number: int, text: SearchText | None) -> None:
        """Change what is searched of a line; None hides the line."""
        self.narrowing.replace_text(number, text)
        self._update_list(self._list.cursor)

    def show_found(self, count: int, cursor: int, empty_text: str) -> None:
        """Show so many lines that were found, or `empty_text` if there are none."""
        self._list.empty_text = empty_text
        self._list.set_lines(range(count), max(0, min(cursor, count - 1)))
        self._is_pending = False
        if self._chooses_later:
            self._chooses_later = False
            self.action_choose()

    def show_count(self, text: str) -> None:
        """Show how many lines there are, in 17 cells at most."""
        self._count.update(text, layout=False)

    def set_typed(self, text: str) -> None:
        """Type `text` in the place of what is typed, without searching for it; select it."""
        with self.prevent(Input.Changed):
            self._input.value = text
        self._input.select_all()

    @property
    def typed(self) -> str:
        """What is typed."""
        return self._input.value

    def complete(self, text: str) -> None:
        """Type `text` in the place of what is typed; it is searched for."""
        self._input.value = text
        self._input.cursor_position = len(text)

    @property
    def visible_numbers(self) -> Sequence[int]:
        """The numbers of the lines that are seen."""
        return self._list.visible_numbers

    def redraw_lines(self) -> None:
        """Format the lines again that are seen."""
        self._list.refresh()

    def clear_lines(self) -> None:
        """Remove all lines."""
        self.narrowing.clear()
        self._update_list(0)

    @property
    def number(self) -> int | None:
        """The number of the line at the cursor, None if the list is empty."""
        return self._list.number

    @property
    def line_cells(self) -> int:
        """The width of a line in cells."""
        return self._list.size.width

    @property
    def message(self) -> str:
        """The text of the last row."""
        return self._message_line.text

    @property
    def terminal_cursor(self) -> Offset | None:
        """The cell of the cursor, None while the narrowing line shows its own."""
        return None if self._is_typing else self._list.terminal_cursor

    @property
    def _is_typing(self) -> bool:
        """Whether the narrowing line has the focus, or is about to be told so."""
        return self.app.focused is self._input

    def show_notice(self, text: str) -> None:
        """Show `text` instead of the hints for `NOTICE_SECONDS`."""
        self._message_line.show_message(text)

    def _show_hints(self) -> None:
        """Show what can be done where the focus is."""
        is_typing = self._is_typing
        last_hints = LIST_HINTS if self._look.search is None else SEARCH_HINTS
        self._message_line.set_hints(
            self._look.typing_hints if is_typing else (*self._look.hints, *last_hints)
        )
        is_shown = is_typing or self.narrowing.is_active or self._look.search is not None
        self._line.visible = is_shown
        self._line.set_class(not is_shown, "-unused")

    def _update_list(self, cursor: int) -> None:
        """Find the lines that contain all words again, and put the cursor at that index."""
        self._show_lines(self.narrowing.find_lines(), cursor)

    def _show_lines(self, shown: Sequence[int], cursor: int) -> None:
        count = self.narrowing.count
        is_empty = not count and not self.narrowing.is_active
        self._list.empty_text = self._look.empty_text if is_empty else _NO_MATCH
        self._list.set_lines(shown, max(0, min(cursor, len(shown) - 1)))
        text = f"{len(shown):,} of {count:,}" if self.narrowing.is_active else ""
        self._count.update(text, layout=False)  # its width is fixed: a layout takes a frame

    def on_descendant_focus(self) -> None:
        """Show the hints of the narrowing line."""
        self._show_hints()

    def on_focus(self) -> None:
        """Show the hints of the list."""
        self._show_hints()

    def action_type(self) -> None:
        """Type words in the narrowing line."""
        self._line.visible = True
        self._line.remove_class("-unused")
        self._input.focus()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        """Show the lines with the typed words; the cursor goes to the best or stays on its line."""
        event.stop()
        if self._look.search is not None:
            self._is_pending, self._chooses_later = True, False
            self._look.search(event.value)
            return
        number = self._list.number
        self.narrowing.set_query(event.value)
        shown = self.narrowing.find_lines()
        stays = not self._look.is_ranked and number is not None and number in shown
        self._show_lines(shown, shown.index(number) if stays and number is not None else 0)

    @on(Input.Submitted)
    def _choose_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose()

    def action_back(self) -> None:
        """Go back a step: from the narrowing line to the list of all lines, then out."""
        is_typing, is_narrowed = self._is_typing, self.narrowing.is_active
        is_last_step = not is_narrowed and (not is_typing or self._look.opens_typing)
        if is_last_step or self._look.search is not None:
            self.action_close()
        else:
            self.focus()
            self._input.value = ""

    def action_close(self) -> None:
        """Close the overlay."""
        self.post_message(self.Closed())

    def action_choose(self) -> None:
        """Choose the line at the cursor; of what is still being searched for, the first one."""
        if self._is_pending:
            self._chooses_later = True
        elif self._list.number is not None:
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
        self.focus()
        self._list.move_screenful(1)

    def action_page_up(self) -> None:
        """Move the cursor a screenful up."""
        self.focus()
        self._list.move_screenful(-1)

    def action_first_line(self) -> None:
        """Move the cursor to the first line."""
        self._move_cursor(-self._list.line_count)

    def action_last_line(self) -> None:
        """Move the cursor to the last line."""
        self._move_cursor(self._list.line_count)

    def _move_cursor(self, step: int) -> None:
        """Move the cursor by `step` lines, and the focus from the narrowing line to the list."""
        self.focus()
        self._list.move_cursor(step)
