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

from reader.text.cells import clean_line, fit
from reader.ui.theme import Look, look_of
from reader.ui.widgets.search_bar import TYPED
from reader.ui.widgets.status_bar import LASTING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer


WHEEL = 3
"""Rows that a turn of the wheel goes."""


class Menu(Widget):
    """Lines named by numbers, one of them under the cursor."""

    ALLOW_SELECT = False

    class Chosen(Message):
        """A line was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, line: Callable[[int, int | None], str], rows: int = 1) -> None:
        super().__init__()
        self._line = line
        """Returns the text of the line of a number, below that of another one; None on top."""
        self._rows = rows
        """Rows of each: its text has as many, parted by newlines. The first one stands out."""
        self._numbers: Sequence[int] = ()
        self._at = self._top = 0
        self._look: Look | None = None

    def put(self, numbers: Sequence[int], at: int) -> None:
        """Show the lines of those numbers, the cursor on the one at the index `at`."""
        is_other_height = len(numbers) != len(self._numbers)
        self._numbers, self._at = numbers, at
        self._reveal()
        self.refresh(layout=is_other_height)

    @property
    def number(self) -> int | None:
        """The number under the cursor, None in an empty list."""
        return self._numbers[self._at] if self._numbers else None

    @property
    def at(self) -> int:
        """The index of the line under the cursor."""
        return self._at

    @property
    def screenful(self) -> int:
        """How many lines a screenful goes on."""
        return max(1, self._seen - 1)

    @property
    def _seen(self) -> int:
        """How many lines are in view."""
        return max(1, self.size.height // self._rows)

    @property
    def terminal_cursor(self) -> Offset:
        """Where the cursor is on the screen, in cells."""
        return self.content_region.offset + Offset(0, (self._at - self._top) * self._rows)

    def move(self, by: int) -> None:
        """Move the cursor, no further than the list's ends."""
        self._at = max(0, min(self._at + by, len(self._numbers) - 1))
        self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        height = self._seen
        last = max(0, len(self._numbers) - height)
        self._top = max(self._at - height + 1, min(self._top, self._at, last))

    def on_resize(self) -> None:
        """Keep the cursor in view, in the middle where there is that much on both sides."""
        self._top = self._at - self._seen // 2
        self._top = max(0, min(self._top, len(self._numbers) - self._seen))
        self.refresh()

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._look = None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take the rows of each line."""
        return len(self._numbers) * self._rows

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of what is in view."""
        self._look = look = self._look or look_of(self)
        at, cells = self._top + y // self._rows, self.size.width
        if at >= len(self._numbers):
            return Strip.blank(cells, look.ink)
        above = self._numbers[at - 1] if at > self._top else None
        rows = self._line(self._numbers[at], above).split("\n")
        row = y % self._rows
        text = rows[row] if row < len(rows) else ""
        style = look.dim if row else look.ink
        if at == self._at:
            style = look.ink + Style(reverse=True)
        return Strip([Segment(fit(text, cells), style)]).adjust_cell_length(cells, style)

    def on_click(self, event: events.Click) -> None:
        """Choose the line that was clicked."""
        y = event.get_content_offset_capture(self).y
        at = self._top + y // self._rows
        if y >= 0 and at < len(self._numbers):
            self.post_message(self.Chosen(self._numbers[at]))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor three lines down."""
        event.stop()
        self.move(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor three lines up."""
        event.stop()
        self.move(-WHEEL)


class Listing(Vertical, can_focus=True):
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

    class Left(Message):
        """The reader wants no line."""

    def __init__(
        self, line: Callable[[int, int | None], str], *, keys: str, empty: str, rows: int = 1
    ) -> None:
        """Show what `line` says of a number, below another: see `Menu`; `empty` if there is none."""
        super().__init__()
        self._input = Input(placeholder="Words", compact=True, restrict=TYPED)
        self._menu = Menu(line, rows)
        self._foot = Static(markup=False)
        self._keys = keys
        self._empty = empty
        self._timer: Timer | None = None
        self.names: list[str] = []
        """What of each line can be found, in lower case."""
        self._hidden: set[int] = set()
        self._wanted: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out the line to type in, the list, and the keys that work here."""
        self._input.display = False
        yield self._input
        yield self._menu
        yield self._foot

    def on_mount(self) -> None:
        """Have the keys."""
        self._remind()
        self.focus()

    # Lines -----------------------------------------------------------------------------

    def extend(self, names: Iterable[str]) -> None:
        """Have more lines, which are found by these words."""
        was_empty = not self.names
        self.names += [name.casefold() for name in names]
        self._show()
        if was_empty and self._timer is None:
            self._remind()

    def change(self, number: int, name: str | None) -> None:
        """Find a line by other words from now on; None hides it."""
        if name is None:
            self._hidden.add(number)
        else:
            self._hidden.discard(number)
            self.names[number] = name.casefold()
        self._show()

    def clear(self) -> None:
        """Have no lines."""
        self.names, self._hidden = [], set()
        self._show()

    @property
    def number(self) -> int | None:
        """The line under the cursor, None in an empty list."""
        return self._menu.number

    @property
    def cells(self) -> int:
        """How wide a line may be."""
        return self._menu.size.width

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands: in the list, unless words are typed."""
        return None if self._input.has_focus else self._menu.terminal_cursor

    def say(self, words: str) -> None:
        """Say something below the list for a few seconds, in place of the keys."""
        self._foot.update(Content(clean_line(words)))
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(LASTING, self._remind)

    def _remind(self) -> None:
        self._timer = None
        self._foot.update(Content(self._keys if self.names else self._empty))

    def _show(self) -> None:
        shown = [
            number
            for number, name in enumerate(self.names)
            if number not in self._hidden and all(word in name for word in self._wanted)
        ]
        self._menu.put(shown, max(0, min(self._menu.at, len(shown) - 1)))

    # Keys ------------------------------------------------------------------------------

    def action_type(self) -> None:
        """Begin to type words."""
        self._input.display = True
        self._input.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._wanted = event.value.casefold().split()
        self._show()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus()

    def action_back(self) -> None:
        """Go back from the words to the list, from a narrowed list to all of it, and out."""
        if not self._wanted and not self._input.display:
            self.post_message(self.Left())
        elif not self._input.has_focus or not self._wanted:
            self._input.value = ""
            self._input.display = False
            self.focus()
        else:
            self.focus()

    def action_choose(self) -> None:
        """Choose the line under the cursor."""
        if self._menu.number is not None:
            self.post_message(self.Chosen(self._menu.number))

    @on(Menu.Chosen)
    def _clicked(self, message: Menu.Chosen) -> None:
        message.stop()
        self.post_message(self.Chosen(message.number))

    def action_move(self, by: int) -> None:
        """Move the cursor by lines; out of the words into the list."""
        self.focus()
        self._menu.move(by)

    def action_page(self, way: int) -> None:
        """Move the cursor by what the list shows at once."""
        self.action_move(way * self._menu.screenful)

    def action_end(self, way: int) -> None:
        """Move the cursor to the first line or the last."""
        self.action_move(way * len(self.names))
