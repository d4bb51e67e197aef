"""The list of finished stories, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.drawing.hints import Hint, Run, align_runs
from reader.local_time import to_local
from reader.render.story_frame import format_month
from reader.text.cells import sanitize_line
from reader.text.document import Role
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.narrowing import make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from reader.reading.annotations import HistoryEntry


_MONTH_CELLS: Final = 16
"""Cells of the widest month and year, and a space after them."""


class HistoryDialog(Overlay[str]):
    """The list of finished stories; its result is the id of the chosen one."""

    def __init__(self, entries: Sequence[tuple[HistoryEntry, str]]) -> None:
        hints = [Hint("Enter", "open", "choose")]
        super().__init__(ListLook("Finished", self._format_line, hints, "Nothing is finished yet."))
        self._entries = entries
        """When a story was finished, and its title; newest first."""

    def on_mount(self) -> None:
        """Show all entries; title and month are searched."""
        self.filter_list.add_lines(
            make_search_text(title, format_month(_get_local_date(entry)))
            for entry, title in self._entries
        )

    def get_result(self, number: int) -> str:
        """Return the id of a story."""
        return self._entries[number][0].story_id

    def _format_line(self, number: int, above: int | None) -> ListEntry:
        """Return month, day, title and minutes; no month if it is that of the line above."""
        entry, title = self._entries[number]
        day = _get_local_date(entry)
        previous = None if above is None else _get_local_date(self._entries[above][0])
        is_same = previous is not None and (previous.year, previous.month) == (day.year, day.month)
        month = "" if is_same else format_month(day)
        left = [
            Run(f"{month:<{_MONTH_CELLS}}{day.day:>2}  ", Role.DIM),
            Run(sanitize_line(title)),
        ]
        right = [Run(f"{entry.minutes:>5} min", Role.DIM)] if entry.minutes else []
        return ListEntry([align_runs(left, right, self.filter_list.line_cells)])


def _get_local_date(entry: HistoryEntry) -> date:
    return to_local(entry.finished_at).date()
