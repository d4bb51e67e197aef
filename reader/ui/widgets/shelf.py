"""The shelf: the list of stories. `drawing.shelf` draws its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.message import Message

from reader.drawing.shelf import (
    ENTRY_ROWS,
    INDENT_CELLS,
    ShelfRows,
    draw_empty_row,
    format_details,
)
from reader.ui.commands import SHELF, Count, make_bindings
from reader.ui.widgets import CursorList

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual import events
    from textual.binding import BindingType

    from reader.drawing.lists import EntryRow
    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles
    from reader.library.story import Story
    from reader.session.reading_list import ShelfEntry


_WHEEL_ENTRIES: Final = 1


class Shelf(CursorList, can_focus=True):
    """The list of stories."""

    BINDINGS: ClassVar[list[BindingType]] = make_bindings(SHELF)

    class CursorMoved(Message):
        """The cursor moved to a story."""

        def __init__(self, story: Story) -> None:
            super().__init__()
            self.story = story

    class Chosen(Message):
        """The reader chose a story to read."""

        def __init__(self, story: Story) -> None:
            super().__init__()
            self.story = story

    def __init__(self) -> None:
        super().__init__(ENTRY_ROWS, _WHEEL_ENTRIES, INDENT_CELLS)
        self.count = Count()
        self.is_cursor_set = False
        """The reader moved the cursor, or it is at the open story."""
        self._rows = ShelfRows()
        self.empty_text: Sequence[str] = ()
        """The paragraphs that are shown while there are no entries."""

    @property
    def rows(self) -> ShelfRows:
        """The entries as rows."""
        return self._rows

    def set_rows(self, rows: ShelfRows, cursor: int) -> None:
        """Show `rows`, with the cursor on the entry at index `cursor`.

        If that is the story at the cursor already, it stays in its row of the screen.
        """
        is_same = bool(rows.entries) and self.story == rows.entries[cursor].story
        before = self._find_row(self._cursor) if is_same else 0
        self._rows, self._cursor = rows, cursor
        if is_same and self._top_row:
            self._top_row += self._find_row(cursor) - before
        self._scroll_to_cursor()
        self.refresh()

    def update_entry(self, entry: ShelfEntry) -> None:
        """Replace the entry of the same story, and draw it again if it looks different."""
        for index, old in enumerate(self._rows.entries):
            if old.story.path == entry.story.path:
                self._rows.entries[index] = entry
                if (entry.status, format_details(entry)) != (old.status, format_details(old)):
                    self.refresh()
                return

    def set_cursor(self, path: Path) -> None:
        """Move the cursor to the story of file `path`, without a message."""
        for index, entry in enumerate(self._rows.entries):
            if entry.story.path == path:
                self.is_cursor_set = True
                super()._go_to_entry(index)

    @property
    def story(self) -> Story | None:
        """The story at the cursor."""
        return self._rows.entries[self._cursor].story if self._rows.entries else None

    @property
    def _entry_count(self) -> int:
        return len(self._rows.entries)

    def _find_row(self, index: int) -> int:
        return self._rows.find_row(index)

    def _find_context_row(self, index: int) -> int:
        return self._rows.find_context_row(index)

    def _find_entry_row(self, row: int) -> EntryRow | None:
        return self._rows.find_entry_row(row)

    def _draw_row(self, row: int, styles: Styles) -> Row:
        cells, is_focused = self.size.width, self.has_focus
        if not self._rows.entries:
            return draw_empty_row(row, self.empty_text, styles, cells)
        return self._rows.draw_row(row, styles, cells, self._cursor, is_focused=is_focused)

    def _scroll_to_cursor(self) -> None:
        """Scroll only once the height is known: else the list would not begin at its top."""
        if self.size.height:
            super()._scroll_to_cursor()

    def _go_to_entry(self, index: int) -> None:
        """Move the cursor by a command, and report the story that it moved to."""
        self.is_cursor_set = True
        if index != self._cursor:
            super()._go_to_entry(index)
            self.post_message(self.CursorMoved(self._rows.entries[index].story))

    def on_key(self, event: events.Key) -> None:
        """Take the digits of a count."""
        if self.count.add_digit(event.character):
            event.stop()

    def action_row_down(self) -> None:
        """Move the cursor to the next story."""
        self.move_cursor(self.count.consume())

    def action_row_up(self) -> None:
        """Move the cursor to the previous story."""
        self.move_cursor(-self.count.consume())

    def action_rows_down(self) -> None:
        """Move the cursor a screenful down."""
        self.move_cursor(self.screenful)

    def action_rows_up(self) -> None:
        """Move the cursor a screenful up."""
        self.move_cursor(-self.screenful)

    def action_first_row(self) -> None:
        """Move the cursor to the first story."""
        self.move_cursor(-self._entry_count)

    def action_last_row(self) -> None:
        """Move the cursor to the last story."""
        self.move_cursor(self._entry_count)

    def action_to_page(self) -> None:
        """Read the story at the cursor."""
        if self.story is not None:
            self.post_message(self.Chosen(self.story))

    def _click_entry(self, index: int, clicks: int) -> None:
        """Move the cursor to the story, or read it if the cursor is there or at a double click."""
        if index == self._cursor or clicks > 1:
            self._cursor = index
            self.action_to_page()
        else:
            self._go_to_entry(index)

    def on_focus(self) -> None:
        """Draw the cursor and its title so that they show where keys go."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw the cursor hollow, and its title like the others."""
        self.refresh()
