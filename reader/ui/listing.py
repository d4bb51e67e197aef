"""A list that words narrow: what stands on a screen of quotes, or of what was finished.

A slash begins to type, Enter chooses, Esc goes back a step. Owns which lines are shown; what
they say, and what else a key does, is the screen's. Lines may come bit by bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from ..cells import clean_line
from .finder import TYPED
from .menu import Menu
from .status import LASTING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset
    from textual.timer import Timer


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
