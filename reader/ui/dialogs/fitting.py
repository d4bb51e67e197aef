"""The stories that fit in the minutes that the reader has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.drawing.hints import Hint, Run, align_runs
from reader.drawing.shelf import STATUS_SYMBOLS
from reader.library.story import Story
from reader.text.cells import sanitize_line
from reader.text.document import Role
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.narrowing import make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.session.shelf.entries import ShelfEntry


class FittingDialog(Overlay[Story]):
    """The list of stories with the time that is left of each; its result is the chosen one."""

    def __init__(self, entries: Sequence[ShelfEntry], minutes: int) -> None:
        unit = "minute" if minutes == 1 else "minutes"
        title, empty = f"{minutes} {unit}", f"No story can be finished in {minutes} {unit}."
        hints = [Hint("Enter", "read", "choose")]
        super().__init__(ListLook(title, self._format_line, hints, empty))
        self._entries = entries

    def on_mount(self) -> None:
        """Show all stories."""
        self.filter_list.add_lines(
            make_search_text(entry.story.title, entry.story.author) for entry in self._entries
        )

    def get_result(self, number: int) -> Story:
        """Return a story."""
        return self._entries[number].story

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        entry, cells = self._entries[number], self.filter_list.line_cells
        story = entry.story
        author = f"  {sanitize_line(story.author)}" if story.author else ""
        left = [
            Run(f"{STATUS_SYMBOLS[entry.status]} {sanitize_line(story.title)}"),
            Run(author, Role.DIM),
        ]
        return ListEntry([align_runs(left, [Run(f"  {entry.minutes_left} min", Role.DIM)], cells)])
