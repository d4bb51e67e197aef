"""The rows of the shelf: two for each story, in sections with headings, which can be folded."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.lists import EntryRow, compute_top_row
from reader.drawing.pieces import Piece, blank_row, fit_pieces
from reader.drawing.status import format_story_count
from reader.layout.blocks import typeset
from reader.layout.lines import DEFAULT_MEASURE
from reader.reading.progress import ReadStatus
from reader.session.shelf.entries import TitleFacts, find_facts
from reader.session.shelf.sections import ShelfSection, describe_sort
from reader.text.cells import count_cells, sanitize_line, truncate
from reader.text.document import Block, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles, TextStyle
    from reader.finding.shelf_filter import ShelfFilter
    from reader.library.story import Story
    from reader.session.shelf.entries import ShelfEntry


STATUS_SYMBOLS: Final = {ReadStatus.UNREAD: "○", ReadStatus.READING: "◐", ReadStatus.FINISHED: "✓"}
STAR_SYMBOL: Final = "★"
"""Stands below the read status of a starred story."""
TICK_SYMBOL: Final = "+"
"""Stands before the read status of a story that is ticked."""
CURSOR_SYMBOL: Final = "▸"
IDLE_CURSOR_SYMBOL: Final = "▹"
"""Marks the entry at the cursor while another widget has the focus."""
BAR_CELLS: Final = 6
"""Width of the progress bar."""
ENTRY_ROWS: Final = 2
EMPTY_MARGIN_CELLS: Final = 2
_HEADING_CELLS: Final = 2
"""Cells before the heading of a section."""
_SHORTENED_CELLS: Final = 4
"""Cells of what stands for the folders above a folder."""
INDENT_CELLS: Final = 4
"""Cells before the title of an entry: its cursor and its read status."""


class ShelfRows:
    """The shelf as rows: those of its stories, and of the headings of its sections.

    A row is counted from the first one of the whole list. An item, on which the cursor can be, is a
    story with two rows, or the heading of a folded section with one.
    """

    def __init__(
        self,
        sections: Sequence[ShelfSection] = (),
        facts: TitleFacts | None = None,
        indices: Mapping[str, int] | None = None,
    ) -> None:
        """Take the sections of a shelf, or a part of them with the `facts` about all.

        `indices` say where each story is among all entries, by location. While no section is
        folded, these are the items, so that a large library doesn't need the numbers twice.
        """
        self.items: list[ShelfEntry | ShelfSection] = []
        is_any_folded = any(section.is_folded for section in sections)
        self.indices = (
            indices if indices is not None and not is_any_folded else _find_items(sections)
        )
        """The item of each story, by location; of a story in a folded section, that of its heading."""
        self.section_indices: dict[str, int] = {}
        """The first item of each section."""
        self._sections = sections
        self._firsts: list[int] = []
        """The first item of each section, in their order."""
        self._starts = array("I")
        """The first row of each item."""
        self._headings: dict[int, ShelfSection] = {}
        """The sections that are not folded, by the rows of their headings."""
        self._context_rows: dict[int, int] = {}
        """The row of the heading above an item that is the first of its section."""
        self._facts = facts or find_facts(e.story for part in sections for e in part.entries)
        row, was_folded = 0, True
        for section in sections:
            row += 1 if row and not (was_folded and section.is_folded) else 0
            was_folded = section.is_folded
            row = self._add_section(section, row)

    def _add_section(self, section: ShelfSection, row: int) -> int:
        """Add a section whose heading is in `row`; return the row after the section."""
        first = self.section_indices[section.name] = len(self.items)
        self._firsts.append(first)
        if section.is_folded:
            self.items.append(section)
            self._starts.append(row)
            return row + 1
        self._headings[row], self._context_rows[first] = section, row
        last = row + 1 + ENTRY_ROWS * len(section.entries)
        self._starts.extend(range(row + 1, last, ENTRY_ROWS))
        self.items += section.entries
        return last

    def count_among(self, files: Collection[str]) -> int:
        """Return how many of the files, by location, have a story that is not folded away."""
        indices = self.indices
        if len(self._headings) == len(self._sections):  # no section is folded
            return sum(map(indices.__contains__, files))
        return sum(1 for file in files if file in indices and self.get_entry(indices[file]))

    def get_entry(self, index: int) -> ShelfEntry | None:
        """Return the entry of an item; None for a heading, and for no item."""
        item = self.items[index] if index < len(self.items) else None
        return None if isinstance(item, ShelfSection) else item

    def find_section(self, index: int) -> ShelfSection | None:
        """Return the section that an item is in; None without sections."""
        number = bisect_right(self._firsts, index) - 1
        return self._sections[number] if number >= 0 else None

    def find_heading(self, row: int) -> str:
        """Return the name of the section whose heading is in `row`, empty if none is."""
        return self._headings[row].name if row in self._headings else ""

    def find_row(self, index: int) -> int:
        """Return the first row of an item."""
        return self._starts[index]

    def count_rows(self, index: int) -> int:
        """Return the number of rows of an item."""
        return 1 if isinstance(self.items[index], ShelfSection) else ENTRY_ROWS

    def find_context_row(self, index: int) -> int:
        """Return the row of the section's heading for its first item, else the item's own row."""
        return self._context_rows.get(index, self._starts[index])

    def find_entry_row(self, row: int) -> EntryRow | None:
        """Return what `row` shows of which item, or None if it shows none."""
        index = bisect_right(self._starts, row) - 1
        if index < 0 or row - self._starts[index] >= self.count_rows(index):
            return None
        return EntryRow(index, row - self._starts[index])

    def find_top_row(self, cursor: int, height: int) -> int:
        """Return the first of `height` visible rows when the shelf is shown for the first time."""
        if not self.items:
            return 0
        row, last = self.find_row(cursor), len(self.items) - 1
        count = self.find_row(last) + self.count_rows(last)
        rows = range(row, row + self.count_rows(cursor))
        context_row = self.find_context_row(cursor)
        top = compute_top_row(0, height, rows, context_row, count)
        cut = self.find_entry_row(top)
        is_cut = cut is not None and cut.line and cut.entry != cursor
        return top + 1 if is_cut else top  # no entry is cut in half at the top

    def draw_row(  # noqa: PLR0913  what is drawn, and how
        self,
        row: int,
        styles: Styles,
        cells: int,
        cursor: int,
        *,
        is_focused: bool,
        ticked: Collection[str] = (),
    ) -> Row:
        """Return a row `cells` wide. `cursor` is the index of the entry at the cursor."""
        entry_row, section = self.find_entry_row(row), self._headings.get(row)
        pieces: list[tuple[str, TextStyle]] = []
        if entry_row is not None:
            is_at_cursor = entry_row.entry == cursor
            pieces = self._draw_item_row(entry_row, styles, cells, is_at_cursor, is_focused, ticked)
        elif section is not None:
            pieces = _draw_heading(section, styles, cells)
        else:
            return blank_row(cells, styles.base)
        return fit_pieces((Piece(*piece) for piece in pieces), cells, styles.base)

    def _draw_item_row(  # noqa: PLR0913, PLR0917  as above
        self,
        row: EntryRow,
        styles: Styles,
        cells: int,
        is_at_cursor: bool,
        is_focused: bool,
        ticked: Collection[str],
    ) -> list[tuple[str, TextStyle]]:
        """Return a row of a story, with its title or its details, or the heading that is folded."""
        entry, room = self.items[row.entry], cells - INDENT_CELLS
        if isinstance(entry, ShelfSection):
            return _draw_folded(entry, styles, cells, is_at_cursor, is_focused)
        if row.line:
            path = self._facts.find_path(entry.story)
            details = format_details(entry, shows_author=self._facts.shows_authors, path=path)
            details = _cut_details(details, room)
            star = STAR_SYMBOL if entry.labels.is_starred else " "
            return [(f"  {star} ", styles.base), (details, styles.dim)]
        style = styles.base._replace(bold=is_at_cursor)
        cursor = CURSOR_SYMBOL if is_focused else IDLE_CURSOR_SYMBOL
        tick = TICK_SYMBOL if entry.story.location in ticked else " "
        symbols = f"{cursor if is_at_cursor else ' '}{tick}{STATUS_SYMBOLS[entry.status]} "
        title = truncate(sanitize_line(entry.story.title), room)
        title_style = style._replace(reverse=is_at_cursor and is_focused)
        return [(symbols, style), (title, title_style)]


def _draw_heading(section: ShelfSection, styles: Styles, cells: int) -> list[tuple[str, TextStyle]]:
    """Return the heading of a section, with the order of its stories if it has its own.

    Without room for the name of the folder itself, the order is left out.
    """
    room = cells - _HEADING_CELLS
    order = f" · {describe_sort(section.sort)}" if section.sort else ""
    above, _, last = section.name.rpartition(" / ")
    if count_cells(last + order) + (_SHORTENED_CELLS if above else 0) > room:
        order = ""
    name = _shorten(section.name, room - count_cells(order))
    bold = styles.dim._replace(bold=True)
    return [("  ", styles.base), (name, bold), (order, styles.dim)]


def _draw_folded(
    section: ShelfSection, styles: Styles, cells: int, is_at_cursor: bool, is_focused: bool
) -> list[tuple[str, TextStyle]]:
    """Return the heading of a folded section, with the number of its stories."""
    count = f" +{section.size}"
    name = _shorten(section.name, cells - _HEADING_CELLS - len(count))
    cursor = CURSOR_SYMBOL if is_focused else IDLE_CURSOR_SYMBOL
    style = styles.dim._replace(bold=True)
    name_style = style._replace(reverse=is_at_cursor and is_focused)
    return [
        (f"{cursor if is_at_cursor else ' '} ", styles.base),
        (name, name_style),
        (count, styles.dim),
    ]


def _shorten(name: str, cells: int) -> str:
    """Return the name of a section in that many cells; the last folder in it says most."""
    while count_cells(name) > cells and " / " in name:
        name = f"… / {name.removeprefix('… / ').partition(' / ')[2]}"
        if name.count(" / ") == 1 and count_cells(name) > cells:
            name = name.removeprefix("… / ")
    return truncate(name, cells)


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


def format_details(entry: ShelfEntry, *, shows_author: bool = True, path: str = "") -> str:
    """Return the second row of an entry: a bar if started, minutes, path, author, tags.

    A story that the shelf usually leaves out is called `hidden` or `draft` first.
    """
    story = entry.story
    if entry.status is ReadStatus.READING:
        time = f"{format_bar(entry.progress)} {entry.unread_time}"
    elif story.words or entry.status is ReadStatus.FINISHED:
        time = f"{entry.minutes} min"
    else:
        time = ""
    author = sanitize_line(story.author) if shows_author else ""
    author = author or ("" if story.words else sanitize_line(story.deck))
    tags = " ".join(f"#{sanitize_line(tag)}" for tag in entry.labels.tags)
    state = "hidden" if entry.is_hidden else "draft" if story.is_draft else ""
    return " · ".join(part for part in (state, time, path, author, tags) if part)


def _cut_details(details: str, cells: int) -> str:
    """Return the second row of an entry in so many cells; cut between two parts, it ends there."""
    cut = truncate(details, cells)
    kept = cut.removesuffix("…")
    is_between = kept.endswith("·") or details[len(kept) :].lstrip().startswith("·")
    return kept.rstrip(" ·") if cut != details and is_between else cut


def format_bar(progress: float) -> str:
    """Return a bar for `progress` from 0 to 1; in between it is neither empty nor full."""
    filled = (
        min(BAR_CELLS - 1, max(1, round(progress * BAR_CELLS)))
        if 0 < progress < 1
        else round(progress) * BAR_CELLS
    )
    return "▓" * filled + "░" * (BAR_CELLS - filled)


class ShownStories(NamedTuple):
    """What the shelf shows of the listed stories."""

    filter: ShelfFilter | None
    rows: ShelfRows
    entries: Sequence[ShelfEntry] | None
    """The entries that the filter has left; None without a filter."""
    order: Sequence[Story]
    """Their stories."""
    description: str
    """How many they are of all, in words; empty without a filter."""


def _find_items(sections: Iterable[ShelfSection]) -> Mapping[str, int]:
    """Return the item of each story of some sections; of a folded one, that of its heading."""
    items: dict[str, int] = {}
    first = 0
    for section in sections:
        files = [entry.story.location for entry in section.entries]
        if section.is_folded:
            items |= dict.fromkeys(files, first)
            first += 1
        else:
            items |= {file: index for index, file in enumerate(files, first)}
            first += len(files)
    return items


def filter_shelf(
    sections: Sequence[ShelfSection],
    shelf_filter: ShelfFilter | None,
    facts: TitleFacts | None = None,
    indices: Mapping[str, int] | None = None,
) -> ShownStories:
    """Return what a filter leaves of the listed stories; may run in a worker.

    `facts` are about all stories and `indices` are those of all, as `ShelfRows` takes them.
    """
    if shelf_filter is None:
        return ShownStories(None, ShelfRows(sections, facts, indices), None, (), "")
    left, are_near = shelf_filter.apply(sections)
    entries = [entry for section in left for entry in section.entries]
    count = sum(len(section.entries) for section in sections)
    from reader.finding.shelf_filter import STATES  # loaded by whoever made the filter

    state = f" {STATES[shelf_filter.state]}" if shelf_filter.state else ""
    description = f"{len(entries)}{state} of {format_story_count(count)}"
    if are_near:
        description = f"No match; {description} with similar titles"
    order = [entry.story for entry in entries]
    return ShownStories(shelf_filter, ShelfRows(left, facts), entries, order, description)
