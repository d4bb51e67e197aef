"""The question before a web address or a picture is opened outside the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from reader.ui.dialogs import Dialog

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset


_ANSWER_HINTS: Final = "Enter opens it, Esc cancels."


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
