"""The contents of a story: its headings as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.hints import Hint, Run, align_runs
from reader.reading.progress import DEFAULT_PACE, estimate_minutes
from reader.text.cells import count_cells, sanitize_line
from reader.text.document import Place, Role
from reader.text.links import list_sections
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.narrowing import make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.document import Document
    from reader.text.links import Section
    from reader.ui.widgets.narrowing import SearchText


INDENT_CELLS: Final = 2
"""Cells by which a heading is indented for each level of depth."""


class Contents(NamedTuple):
    """The sections of a document, and what is searched of each."""

    sections: Sequence[Section]
    search_texts: Sequence[SearchText]


def list_contents(document: Document) -> Contents:
    """Return the contents of `document` as far as it is parsed."""
    sections = list_sections(document)
    return Contents(sections, [make_search_text(section.title) for section in sections])


class ContentsDialog(Overlay[Place]):
    """The list of headings, with minutes; its result is the place of the chosen one."""

    def __init__(self, contents: Contents, current: int, pace: int = DEFAULT_PACE) -> None:
        hints = [Hint("Enter", "go there", "choose")]
        super().__init__(ListLook("Contents", self._format_line, hints, "No headings."))
        self._pace = pace
        self._sections = contents.sections
        self._search_texts = contents.search_texts
        self._current = current

    def on_mount(self) -> None:
        """Show all headings, with the cursor on the current one."""
        self.filter_list.add_lines(self._search_texts, max(0, self._current))

    def update_contents(self, contents: Contents) -> None:
        """Show the contents of a document that has grown; the cursor stays on its line."""
        count, self._sections = len(self._sections), contents.sections
        self.filter_list.add_lines(contents.search_texts[count:])

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
