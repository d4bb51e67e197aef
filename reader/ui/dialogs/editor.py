"""The editor for a note on a highlight, or a response to a story."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from reader.session.annotations import LONGEST
from reader.text.cells import clean, clean_line
from reader.ui.widgets.panes import LOW

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from reader.session.annotations import Draft


KEYS: Final = "ctrl+s or Esc keeps it"


class Editor(ModalScreen[None]):
    """Writes in a draft."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "dismiss(None)", show=False, priority=True),
    ]

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self._area = Words(draft.text)

    def compose(self) -> ComposeResult:
        """Lay out what is written on, and the lines to write in."""
        on = self._draft.on
        kind = "Your response to" if on.quote is None else "A remark, in"
        with Vertical() as frame:
            if on.quote is not None:
                yield Static(Content(f"❝ {clean_line(on.quote.text, 400)}"))
            yield self._area
        frame.border_title = Content(f"{kind} {clean_line(on.title, 200)}")
        frame.border_subtitle = KEYS

    def on_mount(self) -> None:
        """Begin to write behind what is there."""
        self._area.move_cursor(self._area.document.end)
        self._area.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Leave the words the rows of a low window."""
        self.set_class(event.size.height < LOW, "-low")

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self._draft.text = self._area.text

    async def action_leave(self) -> None:
        """Close the editor, as Esc does."""
        self.dismiss(None)


class Words(TextArea):
    """Lines of text, harmless and not too many."""

    def __init__(self, text: str) -> None:
        super().__init__(_harmless(text), compact=True, highlight_cursor_line=False)

    async def _on_paste(self, event: events.Paste) -> None:
        """Insert what of the pasted text is harmless and has room; Textual would take all."""
        event.prevent_default()
        room = max(0, LONGEST - len(self.text) + len(self.selected_text))
        self.replace(_harmless(event.text[: 2 * LONGEST])[:room], *self.selection)


def _harmless(text: str) -> str:
    """Return `text` as a terminal may show it, its line ends those of the house."""
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"))
