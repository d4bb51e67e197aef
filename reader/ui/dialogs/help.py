"""The help, and the question before a web address or a picture is opened outside the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from reader.ui.commands import COMMANDS, SCOPES, format_keys
from reader.ui.dialogs import Dialog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset

    from reader.session.session import Session


INTRODUCTION: Final = """\
A story counts as read once its words have been on the screen long enough, not when it is opened. \
Your exact place is saved, whatever happens to the terminal.
"""
CLOSING: Final = (
    "A number before a key repeats the command: 10j. To change keys, use [keys] in config.toml."
)
TITLE: Final = "Help"
KEY_CELLS: Final = 22
"""Cells of the column of keys."""
_ANSWER_HINTS: Final = "Enter opens it, Esc cancels."


class HelpDialog(Dialog[None]):
    """The list of commands and their keys, by where they work."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1", "dismiss", show=False),
        Binding("j,down", "line_down", show=False),
        Binding("k,up", "line_up", show=False),
        Binding("space,pagedown", "page_down", show=False),
        Binding("b,pageup", "page_up", show=False),
    ]

    def __init__(self, keymap: Mapping[str, str], session: Session) -> None:
        super().__init__()
        self._keymap = keymap
        self._session = session
        self._frame = VerticalScroll()

    def compose(self) -> ComposeResult:
        """Lay out the text in a frame that scrolls."""
        with self._frame:
            yield Static(Group(*self._list_sections()), markup=False)

    def on_mount(self) -> None:
        """Remember that the help was opened: the hint on the page is no longer needed."""
        if not self._session.get_choice("help"):
            self._session.save_choice("help", "seen")

    @property
    def terminal_cursor(self) -> Offset:
        """Where the terminal's cursor belongs: at the beginning of the text."""
        return self._frame.content_region.offset

    def _list_sections(self) -> Iterator[RenderableType]:
        """Yield the introduction, and a heading and a table of keys for each scope."""
        yield Text(f"{TITLE}\n", style="bold")
        yield Text(INTRODUCTION)
        for title in dict.fromkeys(SCOPES.values()):
            yield Text(title, style="bold")
            table = Table.grid(padding=(0, 2, 0, 0))  # a long help text wraps in its own column
            table.add_column(width=KEY_CELLS)
            table.add_column()
            for command in COMMANDS:
                if SCOPES[command.scope] == title:
                    table.add_row(Text(format_keys(command, self._keymap)), Text(command.help))
            yield table
            yield Text()
        yield Text(CLOSING)

    def action_line_down(self) -> None:
        """Scroll a line down."""
        self._frame.scroll_down(animate=False)

    def action_line_up(self) -> None:
        """Scroll a line up."""
        self._frame.scroll_up(animate=False)

    def action_page_down(self) -> None:
        """Scroll a screenful down."""
        self._frame.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll a screenful up."""
        self._frame.scroll_page_up(animate=False)


class ConfirmDialog(Dialog[bool]):
    """Asks whether to open something outside the program; its result is the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y,o", "dismiss(True)", show=False),
        Binding("escape,n", "dismiss(False)", show=False),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self._frame = VerticalScroll()

    def compose(self) -> ComposeResult:
        """Lay out the question in a frame that scrolls."""
        with self._frame:
            yield Static(Content(self.text))

    @property
    def terminal_cursor(self) -> Offset:
        """Where the terminal's cursor belongs: at the beginning of the text."""
        return self._frame.content_region.offset


def format_link_question(address: str, host: str) -> str:
    """Return the question before a web address is opened. Its real `host` comes first."""
    has_user = "@" in address.partition("//")[2].partition("/")[0]
    warning = "\n\nWhat is before the @ is a user name, not the host." if has_user else ""
    return f"Open {host}?\n\n{address}{warning}\n\n{_ANSWER_HINTS}"


def format_picture_question(path: str) -> str:
    """Return the question before the picture in a file is opened."""
    return f"Open this picture?\n\n{path}\n\n{_ANSWER_HINTS}"
