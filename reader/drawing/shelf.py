"""The rows of the shelf: two for each story, in groups with headings."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.lists import EntryRow, compute_top_row
from reader.drawing.pieces import Piece, blank_row, fit_pieces
from reader.layout.blocks import typeset
from reader.layout.lines import DEFAULT_MEASURE
from reader.reading.progress import ReadStatus
from reader.text.cells import sanitize_line, truncate
from reader.text.document import Block, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles, TextStyle
    from reader.session.reading_list import ShelfEntry


STATUS_SYMBOLS: Final = {ReadStatus.UNREAD: "○", ReadStatus.READING: "◐", ReadStatus.FINISHED: "✓"}
CURSOR_SYMBOL: Final = "▸"
IDLE_CURSOR_SYMBOL: Final = "▹"
"""Marks the entry at the cursor while another widget has the focus."""
BAR_CELLS: Final = 6
"""Width of the progress bar."""
ENTRY_ROWS: Final = 2
EMPTY_MARGIN_CELLS: Final = 2
INDENT_CELLS: Final = 4
"""Cells before the title of an entry: its cursor and its read status."""


class GroupHeading(NamedTuple):
    """A group of entries: the row of its heading, its first entry, and its name."""

    row: int
    first: int
    name: str


class ShelfRows:
    """The entries of the shelf as rows. A row is counted from the first one of the whole list."""

    def __init__(self, entries: Sequence[ShelfEntry] = ()) -> None:
        self.entries = list(entries)
        self._shows_authors = len({entry.story.author for entry in entries}) > 1
        """Authors are shown if they tell stories apart."""
        self._headings = _list_headings(entries)

    def _find_group(self, index: int) -> GroupHeading:
        """Return the group of an entry."""
        number = bisect_right(self._headings, index, key=lambda heading: heading.first) - 1
        return self._headings[number]

    def find_row(self, index: int) -> int:
        """Return the first row of an entry."""
        group = self._find_group(index)
        return group.row + 1 + ENTRY_ROWS * (index - group.first)

    def find_context_row(self, index: int) -> int:
        """Return the row of the group's heading for its first entry, else the entry's own row."""
        group = self._find_group(index)
        return group.row if group.first == index else self.find_row(index)

    def _find_heading(self, row: int) -> GroupHeading | None:
        """Return the last group that begins at or above `row`."""
        number = bisect_right(self._headings, row, key=lambda heading: heading.row) - 1
        return self._headings[number] if number >= 0 else None

    def find_entry_row(self, row: int) -> EntryRow | None:
        """Return what `row` shows of which entry, or None if it shows none."""
        group = self._find_heading(row)
        if group is None or row == group.row:
            return None
        offset, line = divmod(row - group.row - 1, ENTRY_ROWS)
        index = group.first + offset
        # the blank row below a group has the index of the next group's first entry
        is_in_group = index < len(self.entries) and self._find_group(index) is group
        return EntryRow(index, line) if is_in_group else None

    def find_top_row(self, cursor: int, height: int) -> int:
        """Return the first of `height` visible rows when the shelf is shown for the first time."""
        if not self.entries:
            return 0
        row, last = self.find_row(cursor), len(self.entries) - 1
        count = self.find_row(last) + ENTRY_ROWS
        context_row, rows = self.find_context_row(cursor), range(row, row + ENTRY_ROWS)
        top = compute_top_row(0, height, rows, context_row, count)
        cut = self.find_entry_row(top)
        is_cut = cut is not None and cut.line and cut.entry != cursor
        return top + 1 if is_cut else top  # no entry is cut in half at the top

    def draw_row(
        self, row: int, styles: Styles, cells: int, cursor: int, *, is_focused: bool
    ) -> Row:
        """Return a row `cells` wide. `cursor` is the index of the entry at the cursor."""
        entry_row, group = self.find_entry_row(row), self._find_heading(row)
        pieces: list[tuple[str, TextStyle]] = []
        if entry_row is not None:
            is_at_cursor = entry_row.entry == cursor
            pieces = self._draw_entry_row(entry_row, styles, cells, is_at_cursor, is_focused)
        elif group is not None and group.row == row:
            pieces = [(f"  {group.name}", styles.dim._replace(bold=True))]
        else:
            return blank_row(cells, styles.base)
        return fit_pieces((Piece(*piece) for piece in pieces), cells, styles.base)

    def _draw_entry_row(
        self, row: EntryRow, styles: Styles, cells: int, is_at_cursor: bool, is_focused: bool
    ) -> list[tuple[str, TextStyle]]:
        """Return the row of an entry with its title, or the one with its details."""
        entry, room = self.entries[row.entry], cells - INDENT_CELLS
        if row.line:
            details = truncate(format_details(entry, shows_author=self._shows_authors), room)
            return [(" " * INDENT_CELLS, styles.base), (details, styles.dim)]
        style = styles.base._replace(bold=is_at_cursor)
        cursor = CURSOR_SYMBOL if is_focused else IDLE_CURSOR_SYMBOL
        symbols = f"{cursor if is_at_cursor else ' '} {STATUS_SYMBOLS[entry.status]} "
        title = truncate(sanitize_line(entry.story.title), room)
        title_style = style._replace(reverse=is_at_cursor and is_focused)
        return [(symbols, style), (title, title_style)]


def draw_empty_row(row: int, paragraphs: Iterable[str], styles: Styles, cells: int) -> Row:
    """Return a row of the text that says why the shelf has no entries."""
    lines = set_paragraphs(paragraphs, cells - EMPTY_MARGIN_CELLS)
    text = " " * EMPTY_MARGIN_CELLS + lines[row] if row < len(lines) else ""
    return fit_pieces([Piece(text, styles.base)], cells, styles.base)


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
    status = None
    for index, entry in enumerate(entries):
        if entry.status is not status:
            status = entry.status
            row += 1 if index else 0
            headings.append(GroupHeading(row, index, entry.group.value))
            row += 1
        row += ENTRY_ROWS
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
