"""The editor for a note on a highlight, or a response to a story."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.document._document import Document
from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument
from textual.message import Message
from textual.widgets import Static, TextArea

from reader.drawing.hints import Hint
from reader.errors import StateError
from reader.session.annotations import MAX_CHARACTERS
from reader.text.cells import sanitize, sanitize_line
from reader.ui.dialogs import Dialog
from reader.ui.widgets.filter_list import MessageLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.strip import Strip

    from reader.session.annotations import AnnotationDraft


LIMIT_MESSAGE: Final = f"No more than {MAX_CHARACTERS:,} characters can be added."
HINTS: Final = (
    Hint("Esc", "keep", "screen.dismiss(None)"),
    Hint("ctrl+s", "keep", "screen.dismiss(None)"),
    Hint("ctrl+c", "discard", "screen.discard"),
)
MAX_EXCERPT_CHARACTERS: Final = 400
"""Characters of the highlighted text that are shown above the note."""
MANY_LINES: Final = 1_000
"""Lines that no terminal shows at once, and that take some milliseconds to wrap."""
MAX_TITLE_CHARACTERS: Final = 200
"""Characters of the story's title that are shown."""


MAX_OPENING_SECONDS: Final = 0.5
"""Seconds after which a terminal without room for a row of text takes text all the same."""
_EDITING_KEYS: Final = {"enter", "tab", "ctrl+u"} | {
    key
    for binding in TextArea.BINDINGS
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
    if key != "ctrl+c"
}
"""The keys that change the text or move in it, besides those that type characters."""


class WrappedText(WrappedDocument):
    """The text with its line breaks; Textual counts all lines again for each row that it draws."""

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self._offset_to_line_info)


class SafeTextArea(TextArea):
    """A text area that sanitises pasted text and takes `MAX_CHARACTERS` beyond its first text."""

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
        self.drawn_at = math.inf
        """When a row was drawn first, in seconds of the monotonic clock."""
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

    def render_line(self, y: int) -> Strip:
        """Draw a row, and record when the first one was drawn."""
        self.drawn_at = min(self.drawn_at, time.monotonic())
        return super().render_line(y)

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


class EditorDialog(Dialog[str]):
    """Edits a draft, which reads the text here.

    Closing the editor keeps what was typed. The result is a notice if it was discarded instead.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "dismiss(None)", show=False, priority=True),
        Binding("ctrl+u", "discard", show=False, priority=True),
    ]

    def __init__(self, draft: AnnotationDraft, discard: Callable[[], str]) -> None:
        """Make the editor; `discard` closes the draft without its text and returns the notice."""
        super().__init__()
        self._draft = draft
        self._discard = discard
        self._text_area = SafeTextArea(draft.text)
        self._text_at_opening = self._text_area.text
        self._message_line = MessageLine()
        self._opened_at = time.monotonic()
        draft.read_text = self._read_text

    def compose(self) -> ComposeResult:
        """Lay out the highlighted text, the text area, and the row of hints and messages."""
        annotation = self._draft.annotation
        kind = "Your response to" if annotation.highlight is None else "Your note in"
        with Vertical() as frame:
            if annotation.highlight is not None:
                text = sanitize_line(annotation.highlight.text, MAX_EXCERPT_CHARACTERS)
                yield Static(Content(f"❝ {text}"))
            yield self._text_area
            yield self._message_line
        title = sanitize_line(annotation.title, MAX_TITLE_CHARACTERS)
        frame.border_title = Content(f"{kind} {title}")

    def on_mount(self) -> None:
        """Put the cursor at the end of the text."""
        self._message_line.set_hints(HINTS)
        self._text_area.move_cursor(self._text_area.document.end)
        self._text_area.focus()

    @property
    def is_drawn(self) -> bool:
        """Whether the editor is on the screen, so that what is typed now is for it."""
        return self._drawn_at < math.inf

    @property
    def _drawn_at(self) -> float:
        """When the editor was drawn first; a terminal too low for a row of text shows the frame."""
        has_no_row = self.is_mounted and not self._text_area.size.height
        return min(
            self._text_area.drawn_at,
            self._opened_at + MAX_OPENING_SECONDS if has_no_row else math.inf,
        )

    def is_too_early(self, event: events.Event) -> bool:
        """Return whether `event` is text, or a key that edits, from before the first frame.

        A key pressed twice, or one for the page, must not become text. The other keys, such as
        those that close the editor or end the program, are obeyed.
        """
        if event.time >= self._drawn_at:
            return False
        is_edit = isinstance(event, events.Key) and (
            event.is_printable or event.key in _EDITING_KEYS
        )
        return is_edit or isinstance(event, events.Paste)

    @on(SafeTextArea.Full)
    def _show_limit(self) -> None:
        self._message_line.show_message(LIMIT_MESSAGE)

    def action_discard(self) -> None:
        """Close the editor without what was typed."""
        try:
            notice = self._discard()
        except StateError as error:
            self._message_line.show_message(f"Can't discard it now: {error}")
        else:
            self.dismiss(notice)

    def take_interrupt(self) -> bool:
        """Copy the selected text and end the selection; without one, discard what was typed."""
        if text := self._text_area.selected_text:
            self.app.copy_to_clipboard(text)
            self._text_area.move_cursor(self._text_area.cursor_location)
            self._message_line.show_message("Copied the selected text.")
        else:
            self.action_discard()
        return True

    def _read_text(self) -> str:
        """Return the text as it is now; unchanged, as the draft has it, which isn't sanitised."""
        text = self._text_area.text
        return text if text != self._text_at_opening else self._draft.text


def _sanitize_text(text: str) -> str:
    """Return `text` sanitised, with every line end a line feed."""
    return sanitize(text.replace("\r\n", "\n").replace("\r", "\n"))
