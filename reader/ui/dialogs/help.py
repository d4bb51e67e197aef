"""The help, and the question before something is opened outside the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from reader.text.cells import sanitize_line
from reader.ui.commands import COMMANDS, SCOPES, format_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset


INTRODUCTION = """\
A story counts as read by the time its words stand on the screen, not by being opened. \
Your place is kept to the letter, whatever happens to the window.
"""


class HelpDialog(ModalScreen[None]):
    """The keys, by where they work."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", show=False),
        Binding("j,down", "scroll('down')", show=False),
        Binding("k,up", "scroll('up')", show=False),
        Binding("space,pagedown", "scroll('page_down')", show=False),
        Binding("b,pageup", "scroll('page_up')", show=False),
    ]

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """Lay the list out in a frame that scrolls."""
        with VerticalScroll():
            yield Static(Content(self.format_text()))

    @property
    def terminal_cursor(self) -> Offset:
        """Where the terminal's cursor stands: at the beginning of what is to be read."""
        return self.query_one(VerticalScroll).content_region.offset

    def format_text(self) -> str:
        """Return the help as plain text."""
        lines = [INTRODUCTION]
        for title in dict.fromkeys(SCOPES.values()):
            lines.append(title)
            lines += [
                f"  {format_keys(command, self._keymap):<27} {command.help}"
                for command in COMMANDS
                if SCOPES[command.scope] == title
            ]
            lines.append("")
        lines.append("A number before a key repeats it: 10j. Other keys: [keys] in config.toml.")
        return "\n".join(lines)

    def action_scroll(self, way: str) -> None:
        """Scroll the list."""
        scroll = self.query_one(VerticalScroll)
        getattr(scroll, f"scroll_{way}")(animate=False)

    async def action_leave(self) -> None:
        """Close the overlay: what `q` does everywhere else is to leave, too."""
        self.dismiss()


class ConfirmDialog(ModalScreen[bool]):
    """Asks whether something is to be opened outside the program."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y,o", "dismiss(True)", show=False),
        Binding("escape,n,q", "dismiss(False)", show=False),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        """Lay the question out in a frame."""
        with VerticalScroll():
            yield Static(Content(self.text))

    @property
    def terminal_cursor(self) -> Offset:
        """Where the terminal's cursor stands: at the beginning of what is to be read."""
        return self.query_one(VerticalScroll).content_region.offset

    async def action_leave(self) -> None:
        """Stay here."""
        self.dismiss(False)


def format_address_question(address: str) -> str:
    """Return the question before an address is opened, the host that it really names first."""
    parts = urlsplit(address)
    return f"Open {parts.hostname or parts.path}?\n\n{address}\n\n{_ANSWER_HINTS}"


def format_picture_question(path: str) -> str:
    """Return the question before the picture in a file is opened."""
    return f"Open this picture?\n\n{sanitize_line(path, 2_000)}\n\n{_ANSWER_HINTS}"


_ANSWER_HINTS: Final = "Enter opens it, Esc stays here."
