"""The shelf: the list of stories, two rows for each, in groups with headings."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual.message import Message

from reader.drawing.pieces import Piece, blank_row, fit_pieces
from reader.layout.blocks import typeset
from reader.layout.lines import DEFAULT_MEASURE
from reader.reading.progress import ReadStatus
from reader.text.cells import sanitize_line, truncate
from reader.text.document import Block, Kind
from reader.ui.commands import SHELF, Count, make_bindings
from reader.ui.widgets import CursorList, EntryRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from textual import events
    from textual.binding import BindingType

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles, TextStyle
    from reader.library.story import Story
    from reader.session.reading_list import ShelfEntry


STATUS_SYMBOLS: Final = {ReadStatus.UNREAD: "○", ReadStatus.READING: "◐", ReadStatus.FINISHED: "✓"}
CURSOR_SYMBOL: Final = "▸"
IDLE_CURSOR_SYMBOL: Final = "▹"
"""Marks the entry at the cursor while another widget has the focus."""
BAR_CELLS: Final = 6
"""Width of the progress bar."""
_ENTRY_ROWS: Final = 2
_INDENT_CELLS: Final = 4
_EMPTY_MARGIN_CELLS: Final = 2
_WHEEL_ENTRIES: Final = 1


class GroupHeading(NamedTuple):
    """A group of entries: the row of its heading, its first entry, and its name."""

    row: int
    first: int
    name: str


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
        super().__init__(_ENTRY_ROWS, _WHEEL_ENTRIES, _INDENT_CELLS)
        self.count = Count()
        self.is_cursor_set = False
        """The reader moved the cursor, or it is at the open story."""
        self._entries: list[ShelfEntry] = []
        self._shows_authors = True
        """Authors are shown if they tell stories apart."""
        self._headings: list[GroupHeading] = []
        self.empty_text: Sequence[str] = ()
        """The paragraphs that are shown while there are no entries."""

    def set_entries(self, entries: Sequence[ShelfEntry], cursor_path: Path | None = None) -> None:
        """Show `entries` in their order, with the cursor on the story of file `cursor_path`.

        Without a path, the cursor stays on its story if it was set, else it goes to the first.
        """
        if cursor_path is None and self.story is not None and self.is_cursor_set:
            cursor_path = self.story.path
        self._entries = list(entries)
        self._shows_authors = len({entry.story.author for entry in entries}) > 1
        self._headings = _list_headings(entries)
        paths = [entry.story.path for entry in entries]
        self._cursor = paths.index(cursor_path) if cursor_path in paths else 0
        self._scroll_to_cursor()
        self.refresh()

    def update_entry(self, entry: ShelfEntry) -> None:
        """Replace the entry of the same story, and draw it again if it looks different."""
        for index, old in enumerate(self._entries):
            if old.story.path == entry.story.path:
                self._entries[index] = entry
                if (entry.status, format_details(entry)) != (old.status, format_details(old)):
                    self.refresh()
                return

    def set_cursor(self, path: Path) -> None:
        """Move the cursor to the story of file `path`, without a message."""
        for index, entry in enumerate(self._entries):
            if entry.story.path == path:
                self.is_cursor_set = True
                super()._go_to_entry(index)

    @property
    def story(self) -> Story | None:
        """The story at the cursor."""
        return self._entries[self._cursor].story if self._entries else None

    @property
    def _entry_count(self) -> int:
        return len(self._entries)

    def _find_group(self, index: int) -> GroupHeading:
        """Return the group of an entry."""
        number = bisect_right(self._headings, index, key=lambda heading: heading.first) - 1
        return self._headings[number]

    def _find_row(self, index: int) -> int:
        group = self._find_group(index)
        return group.row + 1 + _ENTRY_ROWS * (index - group.first)

    def _find_context_row(self, index: int) -> int:
        """Return the row of the group's heading for its first entry, else the entry's own row."""
        group = self._find_group(index)
        return group.row if group.first == index else self._find_row(index)

    def _find_heading(self, row: int) -> GroupHeading | None:
        """Return the last group that begins at or above `row`."""
        number = bisect_right(self._headings, row, key=lambda heading: heading.row) - 1
        return self._headings[number] if number >= 0 else None

    def _find_entry_row(self, row: int) -> EntryRow | None:
        group = self._find_heading(row)
        if group is None or row == group.row:
            return None
        offset, line = divmod(row - group.row - 1, _ENTRY_ROWS)
        index = group.first + offset
        # the blank row below a group has the index of the next group's first entry
        is_in_group = index < self._entry_count and self._find_group(index) is group
        return EntryRow(index, line) if is_in_group else None

    def _draw_row(self, row: int, styles: Styles) -> Row:
        if not self._entries:
            lines = set_paragraphs(self.empty_text, self.size.width - _EMPTY_MARGIN_CELLS)
            text = " " * _EMPTY_MARGIN_CELLS + lines[row] if row < len(lines) else ""
            return self._draw_pieces([(text, styles.base)], styles)
        entry_row, group = self._find_entry_row(row), self._find_heading(row)
        if entry_row is not None:
            return self._draw_entry_row(entry_row, styles)
        if group is not None and group.row == row:
            return self._draw_pieces([(f"  {group.name}", styles.dim._replace(bold=True))], styles)
        return blank_row(self.size.width, styles.base)

    def _draw_entry_row(self, row: EntryRow, styles: Styles) -> Row:
        """Draw the row of an entry with its title, or the one with its details."""
        entry = self._entries[row.entry]
        room = self.size.width - _INDENT_CELLS
        if row.line:
            details = truncate(format_details(entry, shows_author=self._shows_authors), room)
            return self._draw_pieces(
                [(" " * _INDENT_CELLS, styles.base), (details, styles.dim)], styles
            )
        is_at_cursor = row.entry == self._cursor
        style = styles.base._replace(bold=is_at_cursor)
        cursor = CURSOR_SYMBOL if self.has_focus else IDLE_CURSOR_SYMBOL
        symbols = f"{cursor if is_at_cursor else ' '} {STATUS_SYMBOLS[entry.status]} "
        title = truncate(sanitize_line(entry.story.title), room)
        title_style = style._replace(reverse=is_at_cursor and self.has_focus)
        return self._draw_pieces([(symbols, style), (title, title_style)], styles)

    def _draw_pieces(self, pieces: Sequence[tuple[str, TextStyle]], styles: Styles) -> Row:
        return fit_pieces((Piece(*piece) for piece in pieces), self.size.width, styles.base)

    def _go_to_entry(self, index: int) -> None:
        """Move the cursor by a command, and report the story that it moved to."""
        self.is_cursor_set = True
        if index != self._cursor:
            super()._go_to_entry(index)
            self.post_message(self.CursorMoved(self._entries[index].story))

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


def set_paragraphs(paragraphs: Iterable[str], room: int) -> list[str]:
    """Return `paragraphs` as lines in `room` cells, with a blank line between two of them."""
    lines: list[str] = []
    for text in paragraphs:
        layout = typeset(Block(Kind.PARAGRAPH, text), max(1, min(room, DEFAULT_MEASURE)))
        lines += ["", *(layout.draw(number).text for number in range(len(layout.starts)))]
    return lines[1:]


def _list_headings(entries: Sequence[ShelfEntry]) -> list[GroupHeading]:
    """Return the headings of the groups, with a blank row above each but the first."""
    headings = []
    row = 0
    for index, entry in enumerate(entries):
        if index == 0 or entry.group is not entries[index - 1].group:
            row += 1 if index else 0
            headings.append(GroupHeading(row, index, entry.group.value))
            row += 1
        row += _ENTRY_ROWS
    return headings


def format_details(entry: ShelfEntry, *, shows_author: bool = True) -> str:
    """Return the second row of an entry: the minutes, a progress bar if started, the author."""
    story = entry.story
    if entry.status is ReadStatus.READING:
        time = f"{format_bar(entry.progress)} {entry.unread_time}"
    elif story.words or entry.status is ReadStatus.FINISHED:
        time = f"{entry.minutes} min"
    else:
        time = ""
    author = sanitize_line(story.author) if shows_author else ""
    author = author or ("" if story.words else sanitize_line(story.deck))
    return " · ".join(part for part in (time, author) if part)


def format_bar(progress: float) -> str:
    """Return a bar for `progress` from 0 to 1; in between it is neither empty nor full."""
    filled = (
        min(BAR_CELLS - 1, max(1, round(progress * BAR_CELLS)))
        if 0 < progress < 1
        else round(progress) * BAR_CELLS
    )
    return "▓" * filled + "░" * (BAR_CELLS - filled)
