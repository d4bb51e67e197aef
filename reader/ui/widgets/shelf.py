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
from reader.session.shelf.entries import ShelfEntry, is_same_story
from reader.ui.commands import SHELF, Count, make_bindings
from reader.ui.widgets import CursorList

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from textual import events
    from textual.binding import BindingType

    from reader.drawing.lists import EntryRow
    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles
    from reader.library.story import Story
    from reader.session.shelf.sections import ShelfSection


_WHEEL_ENTRIES: Final = 1
_MAX_STEPS: Final = 500
"""Stories that are looked at on each side of the cursor to keep it near its place."""


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

    class ViewRequested(Message):
        """The reader wants to fold or unfold a section, or an order: the next one if none is named.

        The order is for the section at the cursor if that has its own, or for the whole shelf.
        `others` are stories to show, or to leave out again: `drafts` or `hidden`. With `tag` only
        the stories with that tag are to be shown, with `state` those of a state, or if that is
        empty those of all.
        """

        def __init__(  # noqa: PLR0913  what can be asked for, by name
            self,
            section: str = "",
            order: str = "",
            *,
            is_whole: bool = False,
            others: str = "",
            tag: str = "",
            state: str | None = None,
        ) -> None:
            super().__init__()
            self.section = section
            self.order = order
            self.is_whole = is_whole
            self.others = others
            self.tag = tag
            self.state = state

    class HideRequested(Message):
        """The reader wants to hide the selected stories, or to show hidden ones again."""

    class DeletionRequested(Message):
        """The reader wants to delete the selected stories."""

    class TicksChanged(Message):
        """Other stories are ticked, or none any more."""

    class FilterCleared(Message):
        """The reader wants to see all stories again."""

    def __init__(self) -> None:
        super().__init__(ENTRY_ROWS, _WHEEL_ENTRIES, INDENT_CELLS)
        self.count = Count()
        self.is_cursor_set = False
        """The reader moved the cursor, or it is at the open story."""
        self._end = 0
        """The end of the list to which the reader went last: 1 the last story, -1 the first one."""
        self._rows = ShelfRows()
        self.is_listed = False
        """It has its entries: a worker lists a large library."""
        self._ticked: dict[str, None] = {}
        """The locations of the stories that are ticked, the last one at the end."""
        self._tick_count: int | None = None
        """How many of them can be seen; None if they must be counted."""
        self.stop_changes: Callable[[], bool] = bool
        """Stops a change of many stories, and returns whether there was one."""
        self.empty_text: Sequence[str] = ()
        """The paragraphs that are shown while there are no entries."""

    @property
    def rows(self) -> ShelfRows:
        """The entries as rows."""
        return self._rows

    def set_rows(self, rows: ShelfRows, cursor: int) -> None:
        """Show `rows`, with the cursor on the entry at index `cursor`.

        If that is the story at the cursor already, it stays in its row of the screen, unless the
        list is at its top and the reader hasn't moved the cursor.
        """
        entry, story = rows.get_entry(cursor), self.story
        is_same = entry is not None and story is not None and is_same_story(story, entry.story)
        is_same = is_same and (self.is_cursor_set or self._top_row > 0)
        before = self._find_row(self._cursor) if is_same else 0
        self._rows, self._cursor, self.is_listed, self._tick_count = rows, cursor, True, None
        if is_same:
            self._top_row += self._find_row(cursor) - before
        self._scroll_to_cursor()
        self.refresh()

    def update_entry(self, entry: ShelfEntry) -> None:
        """Replace the entry of the same story, and draw it again if it looks different."""
        index = self._rows.indices.get(entry.story.location)
        old = self._rows.get_entry(index) if index is not None else None
        if index is not None and old is not None:
            self._rows.items[index] = entry
            if _describe(entry) != _describe(old):
                self.refresh()

    def set_cursor(self, path: Path) -> None:
        """Move the cursor to the story of file `path`, without a message."""
        index = self._rows.indices.get(str(path))
        if index is not None:
            self.is_cursor_set, self._end = True, 0
            super()._go_to_entry(index)

    @property
    def story(self) -> Story | None:
        """The story at the cursor; None at the heading of a folded section."""
        entry = self._rows.get_entry(self._cursor)
        return entry.story if entry is not None else None

    @property
    def section(self) -> ShelfSection | None:
        """The section that the cursor is in; None without any story."""
        return self._rows.find_section(self._cursor)

    @property
    def _entry_count(self) -> int:
        return len(self._rows.items)

    def _count_rows(self, index: int) -> int:
        return self._rows.count_rows(index)

    def _find_row(self, index: int) -> int:
        return self._rows.find_row(index)

    def _find_context_row(self, index: int) -> int:
        return self._rows.find_context_row(index)

    def _find_entry_row(self, row: int) -> EntryRow | None:
        return self._rows.find_entry_row(row)

    def _draw_row(self, row: int, styles: Styles) -> Row:
        cells, is_focused = self.size.width, self.has_focus
        if not self._rows.items:
            return draw_empty_row(row, self.empty_text, styles, cells)
        return self._rows.draw_row(
            row, styles, cells, self._cursor, is_focused=is_focused, ticked=self._ticked
        )

    def _scroll_to_cursor(self) -> None:
        """Scroll only once the height is known: else the list would not begin at its top."""
        if self.size.height:
            super()._scroll_to_cursor()

    def _go_to_entry(self, index: int) -> None:
        """Move the cursor by a command, and report the story that it moved to."""
        self.is_cursor_set, self._end = True, 0
        if index != self._cursor:
            super()._go_to_entry(index)
            self.report_cursor()

    def report_cursor(self) -> None:
        """Report the story at the cursor, so that the page shows it."""
        if self.story is not None:
            self.post_message(self.CursorMoved(self.story))

    def find_moved(self, rows: ShelfRows) -> int | None:
        """Return which item of `rows` is the story at the cursor, if its file has another path now."""
        story, known = self.story, self._rows.indices
        if story is None:
            return None
        return next(
            (
                index
                for index, item in enumerate(rows.items)
                if isinstance(item, ShelfEntry)
                and is_same_story(story, item.story)
                and item.story.location not in known
            ),
            None,
        )

    def find_nearest(self, rows: ShelfRows) -> int:
        """Return which item of `rows` is nearest to the cursor: the next story that is there too.

        If there is none among the next ones, it is the one before; if that is far off, the first.
        """
        items, cursor = self._rows.items, self._cursor
        for item in (
            *items[cursor : cursor + _MAX_STEPS],
            *items[max(0, cursor - _MAX_STEPS) : cursor][::-1],
        ):
            if isinstance(item, ShelfEntry) and item.story.location in rows.indices:
                return rows.indices[item.story.location]
        return 0

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
        self._end = -1

    def action_last_row(self) -> None:
        """Move the cursor to the last story."""
        self.move_cursor(self._entry_count)
        self._end = 1

    def go_to_end_again(self) -> None:
        """Move the cursor to the end of the list to which the reader went: it has more by now."""
        if self._end > 0:
            self.action_last_row()
        elif self._end < 0:
            self.action_first_row()

    def action_to_page(self) -> None:
        """Read the story at the cursor, or unfold the section there."""
        if self.story is not None:
            self.post_message(self.Chosen(self.story))
        else:
            self.action_fold()

    def action_fold(self) -> None:
        """Fold the section at the cursor, or unfold it."""
        if self.section is not None:
            self.post_message(self.ViewRequested(self.section.name))

    def action_sort(self) -> None:
        """Show the stories in the next order."""
        self.post_message(self.ViewRequested())

    def action_clear_filter(self) -> None:
        """Stop a change of many stories; else untick all, or if none is, show all stories again."""
        if self.stop_changes():
            return
        if self.tick_count:
            self.clear_ticks()
        else:
            self.post_message(self.FilterCleared())

    def action_show_all(self) -> None:
        """Show stories of all states."""
        self.post_message(self.ViewRequested(state=""))

    def action_show_unread(self) -> None:
        """Show only unread stories."""
        self.post_message(self.ViewRequested(state="unread"))

    def action_show_begun(self) -> None:
        """Show only stories that are being read."""
        self.post_message(self.ViewRequested(state="reading"))

    def action_show_finished(self) -> None:
        """Show only finished stories."""
        self.post_message(self.ViewRequested(state="finished"))

    def action_show_starred(self) -> None:
        """Show only starred stories."""
        self.post_message(self.ViewRequested(state="starred"))

    @property
    def ticked_stories(self) -> list[Story]:
        """The stories that are ticked and can be seen, in the order of the shelf."""
        ticked = self._ticked
        if not ticked:
            return []
        entries = (item for item in self._rows.items if isinstance(item, ShelfEntry))
        return [entry.story for entry in entries if entry.story.location in ticked]

    @property
    def tick_count(self) -> int:
        """How many stories are ticked and can be seen."""
        if self._tick_count is None:
            self._tick_count = self._rows.count_among(self._ticked)
        return self._tick_count

    def action_tick(self) -> None:
        """Tick the story at the cursor, or untick it, and go to the next one."""
        if self.story is not None:
            file = self.story.location
            if file in self._ticked:
                del self._ticked[file]
            else:
                self._ticked[file] = None
            self._show_ticks()
        self.move_cursor(1)

    def action_tick_range(self) -> None:
        """Tick all stories from the one that was ticked last to the one at the cursor."""
        last = next((self._rows.indices.get(file) for file in reversed(self._ticked)), None)
        start, end = sorted((self._cursor if last is None else last, self._cursor))
        entries = map(self._rows.get_entry, range(start, end + 1))
        files = [entry.story.location for entry in entries if entry is not None]
        self._ticked |= dict.fromkeys(
            files if last is None or last <= self._cursor else files[::-1]
        )
        self._show_ticks()

    def clear_ticks(self) -> None:
        """Tick no story any more."""
        self._ticked.clear()
        self._show_ticks()

    def _show_ticks(self) -> None:
        self._tick_count = None
        self.post_message(self.TicksChanged())
        self.refresh()

    def action_hide(self) -> None:
        """Hide the selected stories, or show them again."""
        self.post_message(self.HideRequested())

    def action_drafts(self) -> None:
        """Show drafts, or hide them again."""
        self.post_message(self.ViewRequested(others="drafts"))

    def action_hidden_stories(self) -> None:
        """Show hidden stories, or leave them out again."""
        self.post_message(self.ViewRequested(others="hidden"))

    def action_delete(self) -> None:
        """Delete the selected stories."""
        self.post_message(self.DeletionRequested())

    def leave_stories(self, files: Collection[str]) -> bool:
        """Move the cursor to the nearest story that isn't one of these, the next ones first.

        `files` are locations of stories. Return whether there is one.
        """
        items, cursor = self._rows.items, self._cursor
        for index in (*range(cursor, len(items)), *range(cursor - 1, -1, -1)):
            item = items[index]
            if isinstance(item, ShelfEntry) and item.story.location not in files:
                self._go_to_entry(index)
                return True
        return False

    def on_click(self, event: events.Click) -> None:
        """Fold the section whose heading is clicked."""
        y = event.get_content_offset_capture(self).y
        if name := self._rows.find_heading(self._top_row + y) if y >= 0 else "":
            self.post_message(self.ViewRequested(name))

    def _click_entry(self, index: int, clicks: int) -> None:
        """Move the cursor to the story, or read it if the cursor is there or at a double click."""
        is_heading = self._rows.get_entry(index) is None
        if index == self._cursor or clicks > 1 or is_heading:
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


def _describe(entry: ShelfEntry) -> tuple[object, ...]:
    """Return what the rows of an entry show."""
    return entry.status, entry.labels, format_details(entry)
