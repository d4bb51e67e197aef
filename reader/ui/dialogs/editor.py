"""The editor for a note on a highlight, or a response to a story."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from reader.session.annotations import MAX_CHARACTERS
from reader.text.cells import sanitize, sanitize_line
from reader.ui.widgets.panes import MIN_PADDED_ROWS

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from reader.session.annotations import AnnotationDraft


KEY_HINTS: Final = "ctrl+s or Esc keeps it"


class EditorDialog(ModalScreen[None]):
    """Writes in a draft."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "dismiss(None)", show=False, priority=True),
    ]

    def __init__(self, draft: AnnotationDraft) -> None:
        super().__init__()
        self._draft = draft
        self._text_area = SafeTextArea(draft.text)

    def compose(self) -> ComposeResult:
        """Lay out what is written on, and the lines to write in."""
        on = self._draft.annotation
        kind = "Your response to" if on.highlight is None else "A remark, in"
        with Vertical() as frame:
            if on.highlight is not None:
                yield Static(Content(f"❝ {sanitize_line(on.highlight.text, 400)}"))
            yield self._text_area
        frame.border_title = Content(f"{kind} {sanitize_line(on.title, 200)}")
        frame.border_subtitle = KEY_HINTS

    def on_mount(self) -> None:
        """Begin to write behind what is there."""
        self._text_area.move_cursor(self._text_area.document.end)
        self._text_area.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Leave the words the rows of a low window."""
        self.set_class(event.size.height < MIN_PADDED_ROWS, "-low")

    @on(TextArea.Changed)
    def _update_draft(self) -> None:
        self._draft.text = self._text_area.text

    async def action_leave(self) -> None:
        """Close the editor, as Esc does."""
        self.dismiss(None)


class SafeTextArea(TextArea):
    """Lines of text, harmless and not too many."""

    def __init__(self, text: str) -> None:
        super().__init__(_sanitize_text(text), compact=True, highlight_cursor_line=False)

    async def _on_paste(self, event: events.Paste) -> None:
        """Insert what of the pasted text is harmless and has room; Textual would take all."""
        event.prevent_default()
        room = max(0, MAX_CHARACTERS - len(self.text) + len(self.selected_text))
        self.replace(_sanitize_text(event.text[: 2 * MAX_CHARACTERS])[:room], *self.selection)


def _sanitize_text(text: str) -> str:
    """Return `text` as a terminal may show it, its line ends those of the house."""
    return sanitize(text.replace("\r\n", "\n").replace("\r", "\n"))
