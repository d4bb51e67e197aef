"""The editor for a note on a highlight, or a response to a story."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.document._document import Document
from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument
from textual.message import Message
from textual.widgets import Static, TextArea

from reader.session.annotations import MAX_CHARACTERS
from reader.text.cells import sanitize, sanitize_line
from reader.ui.dialogs import Dialog

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from reader.session.annotations import AnnotationDraft


LIMIT_HINT: Final = f"No more than {MAX_CHARACTERS:,} characters can be added"
KEY_HINTS: Final = "ctrl+s or Esc saves"
MAX_EXCERPT_CHARACTERS: Final = 400
"""Characters of the highlighted text that are shown above the note."""
MANY_LINES: Final = 1_000
"""Lines that no terminal shows at once, and that take some milliseconds to wrap."""
MAX_TITLE_CHARACTERS: Final = 200
"""Characters of the story's title that are shown."""


class WrappedText(WrappedDocument):
    """The text with its line breaks; Textual counts all lines again for each row that it draws."""

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self._offset_to_line_info)


class SafeTextArea(TextArea):
    """A text area that sanitises pasted text and takes `MAX_CHARACTERS` more than it begins with."""

    class Full(Message):
        """Something was typed or pasted that there was no room for."""

    _wrapped_width = 0
    """The width in cells that the text was wrapped at last."""

    def __init__(self, text: str) -> None:
        super().__init__(compact=True, highlight_cursor_line=False)
        # Textual's own `__init__` would wrap the text three times, each in one piece.
        self.document = Document(_sanitize_text(text))
        self.wrapped_document = WrappedText(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._length = len(self.text)
        """The characters of the text, or more: deleted ones are counted until the limit."""
        self._limit = self._length + MAX_CHARACTERS
        if self.document.line_count > MANY_LINES:
            self.styles.scrollbar_gutter = "stable"  # its scroll bar doesn't change the width

    def _rewrap_and_refresh_virtual_size(self) -> None:
        """Wrap the text if its width has changed. Textual would do it again and again at opening.

        It wraps in one piece: 100,000 lines take half a second.
        """
        if self.wrap_width != self._wrapped_width and self.wrap_width:
            self._wrapped_width = self.wrap_width
            super()._rewrap_and_refresh_virtual_size()

    def _take_room(self, characters: int) -> int:
        """Return how many of so many new characters there is room for."""
        if self._length + characters > self._limit:
            self._length = len(self.text)
        room = min(characters, self._limit - self._length)
        self._length += room
        if room < characters:
            self.post_message(self.Full())
        return room

    async def _on_key(self, event: events.Key) -> None:
        """Take a character if there is room for it; Textual's own handler inserts it."""
        is_text = event.is_printable or event.key == "enter"
        if is_text and not self.selected_text and not self._take_room(1):
            event.prevent_default()
            event.stop()

    async def _on_paste(self, event: events.Paste) -> None:
        """Insert as much of the pasted text as there is room for, sanitised."""
        event.prevent_default()
        event.stop()
        text = _sanitize_text(event.text[: 2 * MAX_CHARACTERS])
        self._length -= len(self.selected_text)
        self.replace(text[: self._take_room(len(text))], *self.selection)


class EditorDialog(Dialog[None]):
    """Edits a draft, which reads the text here; closing the editor discards nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "dismiss(None)", show=False, priority=True),
    ]

    def __init__(self, draft: AnnotationDraft) -> None:
        super().__init__()
        self._draft = draft
        self._text_area = SafeTextArea(draft.text)
        self._text_at_opening = self._text_area.text
        draft.read_text = self._read_text

    def compose(self) -> ComposeResult:
        """Lay out the highlighted text and the text area."""
        annotation = self._draft.annotation
        kind = "Your response to" if annotation.highlight is None else "Your note in"
        with Vertical() as frame:
            if annotation.highlight is not None:
                text = sanitize_line(annotation.highlight.text, MAX_EXCERPT_CHARACTERS)
                yield Static(Content(f"❝ {text}"))
            yield self._text_area
        title = sanitize_line(annotation.title, MAX_TITLE_CHARACTERS)
        frame.border_title = Content(f"{kind} {title}")
        frame.border_subtitle = KEY_HINTS

    def on_mount(self) -> None:
        """Put the cursor at the end of the text."""
        self._text_area.move_cursor(self._text_area.document.end)
        self._text_area.focus()

    @on(SafeTextArea.Full)
    def _show_limit(self) -> None:
        self.query_one(Vertical).border_subtitle = f"{LIMIT_HINT} · {KEY_HINTS}"

    def _read_text(self) -> str:
        """Return the text as it is now; unchanged, as the draft has it, which isn't sanitised."""
        text = self._text_area.text
        return text if text != self._text_at_opening else self._draft.text


def _sanitize_text(text: str) -> str:
    """Return `text` sanitised, with every line end a line feed."""
    return sanitize(text.replace("\r\n", "\n").replace("\r", "\n"))
