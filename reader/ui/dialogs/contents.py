"""The contents of a story: its headings as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.drawing.hints import Hint, Run, align_runs
from reader.reading.progress import DEFAULT_PACE, estimate_minutes
from reader.text.cells import count_cells, sanitize_line
from reader.text.document import Place, Role
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.narrowing import make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.links import Section


INDENT_CELLS: Final = 2
"""Cells by which a heading is indented for each level of depth."""


class ContentsDialog(Overlay[Place]):
    """The list of headings, with minutes; its result is the place of the chosen one."""

    def __init__(self, sections: Sequence[Section], current: int, pace: int = DEFAULT_PACE) -> None:
        hints = [Hint("Enter", "go there", "choose")]
        super().__init__(ListLook("Contents", self._format_line, hints, "No headings."))
        self._pace = pace
        self._sections = sections
        self._current = current

    def on_mount(self) -> None:
        """Show all headings, with the cursor on the current one."""
        texts = [make_search_text(section.title) for section in self._sections]
        self.filter_list.add_lines(texts, max(0, self._current))

    def get_result(self, number: int) -> Place:
        """Return the place of a heading."""
        return self._sections[number].place

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        section, cells = self._sections[number], self.filter_list.line_cells
        marker = "▸ " if number == self._current else "  "
        minutes = f"{estimate_minutes(section.words, self._pace):>4} min"
        room = max(0, cells - count_cells(marker + minutes))
        indent = " " * min(INDENT_CELLS * section.depth, room // 3)
        left = Run(marker + indent + sanitize_line(section.title))
        return ListEntry([align_runs([left], [Run(minutes, Role.DIM)], cells)])
