"""The shelf: two lines for each story, in groups, drawn when visible."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from reader.reading.progress import ReadStatus
from reader.text.cells import sanitize_line, truncate
from reader.ui.commands import SHELF, Count, make_bindings
from reader.ui.page.page import WHEEL_ROWS
from reader.ui.theme import Styles, make_styles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual import events
    from textual.binding import BindingType

    from reader.library.story import Story
    from reader.session.reading_list import ShelfEntry


STATUS_SYMBOLS: Final = {ReadStatus.UNREAD: "○", ReadStatus.READING: "◐", ReadStatus.FINISHED: "✓"}
CURSOR_SYMBOL: Final = "▸"
BAR_CELLS: Final = 6
"""Cells of the bar that shows progress."""
_ENTRY_ROWS: Final = 2
"""Rows of an entry."""
_INDENT_CELLS: Final = 4


class Shelf(Widget, can_focus=True):
    """The list of stories."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = make_bindings(SHELF)

    class CursorMoved(Message):
        """The cursor came to a story."""

        def __init__(self, story: Story) -> None:
            super().__init__()
            self.story = story

    class Chosen(Message):
        """The reader wants to read a story."""

        def __init__(self, story: Story) -> None:
            super().__init__()
            self.story = story

    def __init__(self) -> None:
        super().__init__()
        self.count = Count()
        self.is_cursor_set = False
        """The cursor was put where it is, by the reader or for a story that is open."""
        self._entries: list[ShelfEntry] = []
        self._headings: list[tuple[int, int, str]] = []
        """Where a group begins: its heading's row, its first entry's index, its name."""
        self._group_starts: list[int] = []
        self._cursor = 0
        self._top = 0
        self._text_styles: Styles | None = None

    # What is shown ---------------------------------------------------------------------

    def set_entries(self, entries: Sequence[ShelfEntry], cursor_path: Path | None = None) -> None:
        """Show `entries` in their order, with the cursor on the story of the file `at`."""
        paths = [entry.story.path for entry in entries]
        cursor_path = cursor_path or (
            self.story.path if self.story and self.is_cursor_set else None
        )
        self._entries = list(entries)
        self._headings = []
        row = 0
        for index, entry in enumerate(self._entries):
            if index == 0 or entry.group is not self._entries[index - 1].group:
                row += 1 if index else 0
                self._headings.append((row, index, entry.group.value))
                row += 1
            row += _ENTRY_ROWS
        self._group_starts = [index for _, index, _ in self._headings]
        self._cursor = paths.index(cursor_path) if cursor_path in paths else 0
        self._scroll_to_cursor()
        self.refresh()

    def update_entry(self, entry: ShelfEntry) -> None:
        """Show what became of a story, in its row."""
        for index, old in enumerate(self._entries):
            if old.story.path == entry.story.path:
                self._entries[index] = entry
                if (entry.status, format_details(entry)) != (old.status, format_details(old)):
                    self.refresh()
                return

    def set_cursor(self, path: Path) -> None:
        """Put the cursor on the story of a file, without a message."""
        for index, entry in enumerate(self._entries):
            if entry.story.path == path:
                self._cursor, self.is_cursor_set = index, True
                self._scroll_to_cursor()
                self.refresh()

    @property
    def story(self) -> Story | None:
        """The story under the cursor."""
        return self._entries[self._cursor].story if self._entries else None

    @property
    def terminal_cursor(self) -> Offset:
        """Where on the screen the cursor's story is, for what follows the terminal's cursor."""
        y = self._find_row(self._cursor) - self._top if self._entries else 0
        return self.content_region.offset + Offset(_INDENT_CELLS, y)

    # Rows ------------------------------------------------------------------------------

    def _find_row(self, index: int) -> int:
        """Return the row of an entry's first line."""
        group = bisect_right(self._group_starts, index) - 1
        row, first, _ = self._headings[group]
        return row + 1 + _ENTRY_ROWS * (index - first)

    def _find_entry(self, row: int) -> tuple[int, int] | str | None:
        """Return the entry and its line in a row, a heading's text, or None for a blank."""
        group = bisect_right(self._headings, (row, len(self._entries), "")) - 1
        if group < 0:
            return None
        begins, first, name = self._headings[group]
        if row == begins:
            return name
        index, line = divmod(row - begins - 1, _ENTRY_ROWS)
        ends = (
            self._group_starts[group + 1]
            if group + 1 < len(self._group_starts)
            else len(self._entries)
        )
        return (first + index, line) if first + index < ends else None

    @property
    def _height(self) -> int:
        return max(1, self.size.height)

    def _scroll_to_cursor(self) -> None:
        """Scroll as little as shows the cursor's entry, with its group's heading if it is first."""
        if not self._entries:
            self._top = 0
            return
        row = self._find_row(self._cursor)
        above = row - 1 if self._cursor in self._group_starts else row
        last = self._find_row(len(self._entries) - 1) + _ENTRY_ROWS
        self._top = max(self._top, row + _ENTRY_ROWS - self._height)
        self._top = max(0, min(self._top, above, max(0, last - self._height)))
        begins = self._find_entry(self._top)
        if isinstance(begins, tuple) and begins[1]:
            self._top += 1  # no entry is cut in half at the top

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._scroll_to_cursor()
        self.refresh()

    def notify_style_update(self) -> None:
        """Take the theme's colours anew."""
        super().notify_style_update()
        self._text_styles = None

    def render_line(self, y: int) -> Strip:
        """Draw row `y` of the window."""
        self._text_styles = self._text_styles or make_styles(self)
        what = self._find_entry(self._top + y)
        if isinstance(what, str):
            return self._draw_strip([(f"  {what}", self._text_styles.dim + Style(bold=True))])
        if what is None:
            return Strip.blank(self.size.width, self._text_styles.base)
        index, line = what
        return self._draw_entry(index, line, self._text_styles)

    def _draw_entry(self, index: int, line: int, styles: Styles) -> Strip:
        entry = self._entries[index]
        here = index == self._cursor
        ground = Style(reverse=True) if here and self.has_focus else Style()
        room = self.size.width - _INDENT_CELLS
        if line == 0:
            mark = f"{CURSOR_SYMBOL if here else ' '} {STATUS_SYMBOLS[entry.status]} "
            title = truncate(sanitize_line(entry.story.title), room)
            weight = Style(bold=here)
            return self._draw_strip(
                [(mark, styles.base + weight), (title, styles.base + weight + ground)]
            )
        text = truncate(format_details(entry), room)
        return self._draw_strip([(" " * _INDENT_CELLS, styles.base), (text, styles.dim)])

    def _draw_strip(self, pieces: list[tuple[str, Style]]) -> Strip:
        segments = [Segment(text, style) for text, style in pieces]
        ink = self._text_styles.base if self._text_styles else None
        return Strip(segments).adjust_cell_length(self.size.width, ink)

    # Moving ----------------------------------------------------------------------------

    def _move_cursor(self, index: int) -> None:
        if not self._entries:
            return
        index = max(0, min(index, len(self._entries) - 1))
        self.is_cursor_set = True
        if index != self._cursor:
            self._cursor = index
            self._scroll_to_cursor()
            self.refresh()
            self.post_message(self.CursorMoved(self._entries[index].story))

    def on_key(self, event: events.Key) -> None:
        """Collect the digits of a count."""
        if self.count.add_digit(event.character):
            event.stop()

    def action_row_down(self) -> None:
        """Go to the next story."""
        self._step(1)

    def action_row_up(self) -> None:
        """Go to the previous story."""
        self._step(-1)

    def action_rows_down(self) -> None:
        """Go a screenful of stories down."""
        self._move_cursor(self._cursor + self._screenful)

    def action_rows_up(self) -> None:
        """Go a screenful of stories up."""
        self._move_cursor(self._cursor - self._screenful)

    def action_first_row(self) -> None:
        """Go to the first story."""
        self._move_cursor(0)

    def action_last_row(self) -> None:
        """Go to the last story."""
        self._move_cursor(len(self._entries) - 1)

    def _step(self, direction: int) -> None:
        self._move_cursor(self._cursor + direction * self.count.consume())

    @property
    def _screenful(self) -> int:
        return max(1, self._height // _ENTRY_ROWS - 1)

    def action_to_page(self) -> None:
        """Read the story under the cursor."""
        if self.story is not None:
            self.post_message(self.Chosen(self.story))

    def on_click(self, event: events.Click) -> None:
        """Go to the story that was clicked; a second click reads it."""
        what = self._find_entry(self._top + event.y)
        if isinstance(what, tuple):
            if what[0] == self._cursor or event.chain > 1:
                self._cursor = what[0]
                self.action_to_page()
            else:
                self._move_cursor(what[0])

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll the list, the cursor staying in view."""
        event.stop()
        self._move_cursor(self._cursor + max(1, WHEEL_ROWS // _ENTRY_ROWS))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll the list, the cursor staying in view."""
        event.stop()
        self._move_cursor(self._cursor - max(1, WHEEL_ROWS // _ENTRY_ROWS))

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.refresh()

    def on_blur(self) -> None:
        """Show the cursor as a mark only."""
        self.refresh()


def format_details(entry: ShelfEntry) -> str:
    """Return the second line of an entry: minutes, a bar when reading, the author."""
    story = entry.story
    if entry.status is ReadStatus.READING:
        time = f"{format_bar(entry.progress)} {entry.time_left}"
    elif story.words or entry.status is ReadStatus.FINISHED:
        time = f"{entry.minutes} min"
    else:
        time = ""
    author = sanitize_line(story.author) or ("" if story.words else sanitize_line(story.deck))
    return " · ".join(part for part in (time, author) if part)


def format_bar(progress: float) -> str:
    """Return a small bar for 0 to 1 that is neither empty nor full in between."""
    filled = (
        min(BAR_CELLS - 1, max(1, round(progress * BAR_CELLS)))
        if 0 < progress < 1
        else round(progress) * BAR_CELLS
    )
    return "▓" * filled + "░" * (BAR_CELLS - filled)
