"""The lists over the preview of a story: its facts, what was left out, the parts of a book."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding

from reader.drawing.hints import Hint, Run
from reader.session.adding.pending import (
    FACT_NAMES,
    RemovedLine,
    change_fact,
    format_fact,
    list_removed_lines,
    make_editable,
)
from reader.text.cells import sanitize_line, truncate
from reader.text.document import Role
from reader.ui.dialogs.adding import FactDialog
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.narrowing import SearchText, make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from reader.session.adding.pending import PendingStories

_NAME_CELLS: Final = 11
"""Cells of the widest name of a fact, and a space after it."""


class FactsDialog(Overlay[str]):
    """The list of a draft's facts; a chosen one is edited in a line."""

    def __init__(self, stories: PendingStories) -> None:
        hints = [Hint("Enter", "edit", "choose")]
        super().__init__(ListLook("Facts", self._format_line, hints, "No facts."))
        self._stories = stories

    def on_mount(self) -> None:
        """Show all facts, those without a value too."""
        self.filter_list.add_lines(self._make_search_text(name) for name in FACT_NAMES)

    def _format(self, name: str) -> str:
        return format_fact(self._stories.draft.facts, name)

    def _make_search_text(self, name: str) -> SearchText:
        return make_search_text(name, self._format(name))

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        name = FACT_NAMES[number]
        value = sanitize_line(self._format(name), 400)
        runs = [
            Run(f"{name:<{_NAME_CELLS}}", Role.DIM),
            Run(value) if value else Run("–", Role.DIM),
        ]
        return ListEntry([runs])

    def get_result(self, number: int) -> str | None:
        """Edit a fact; return None, so that the list stays open."""
        name = FACT_NAMES[number]

        def accept(text: str) -> None:
            draft = make_editable(self._stories.draft)
            self._stories.change(replace(draft, facts=change_fact(draft.facts, name, text)))

        def show(_: str | None) -> None:
            self.filter_list.update_line(number, self._make_search_text(name))

        FactDialog(name, self._format(name), accept).open_over(self.app, show)
        return None


class RemovedDialog(Overlay[RemovedLine]):
    """The list of lines that were left out; the result is one to put back and to show."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("p", "put_back", show=False)]

    def __init__(self, stories: PendingStories, put_back: Callable[[RemovedLine], None]) -> None:
        hints = [Hint("Enter", "put back", "choose"), Hint("p", "and stay", "screen.put_back")]
        look = ListLook("Left out", self._format_line, hints, "Nothing is left out.", rows=2)
        super().__init__(look)
        self._stories, self._put_line_back = stories, put_back
        self._lines: list[RemovedLine] = []

    def on_mount(self) -> None:
        """Show all lines."""
        self._load(0)

    def _load(self, cursor: int) -> None:
        self._lines = list_removed_lines(self._stories.draft)
        self.filter_list.clear_lines()
        self.filter_list.add_lines(
            (make_search_text(line.text, "") for line in self._lines), cursor
        )

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        """Return the two rows of a line: its text, and the text that it stands after."""
        line, cells = self._lines[number], self.filter_list.line_cells
        draft = self._stories.draft
        block = draft.removed[line.piece].block
        before = sanitize_line(draft.blocks[block - 1], 2 * cells) if block else ""
        where = f"  after: {before}" if before else "  before the text"
        text = truncate(sanitize_line(line.text, 4 * cells), cells)
        return ListEntry([[Run(text)], [Run(truncate(where, cells), Role.DIM)]])

    def get_result(self, number: int) -> RemovedLine:
        """Return a line."""
        return self._lines[number]

    def action_put_back(self) -> None:
        """Put the line at the cursor back, and stay in the list."""
        number = self.filter_list.number
        if number is not None:
            self._put_line_back(self._lines[number])
            self._load(min(number, len(self._lines) - 2))
            self.filter_list.show_notice("Put back.")


class PartsDialog(Overlay[int]):
    """The list of a book's parts; the result is the place of one, from 0."""

    def __init__(self, stories: PendingStories) -> None:
        look = ListLook(
            "Parts", self._format_line, [Hint("Enter", "preview", "choose")], "No parts."
        )
        super().__init__(look)
        self._stories = stories

    def on_mount(self) -> None:
        """Show all parts, with the cursor at the one that is shown."""
        place = self._stories.draft.place
        lines = (make_search_text(title, "") for title in self._stories.contents)
        self.filter_list.add_lines(lines, place.position if place is not None else 0)

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        titles = self._stories.contents
        width = len(str(len(titles)))
        title = sanitize_line(titles[number], 4 * self.filter_list.line_cells)
        return ListEntry([[Run(f"{number + 1:{width}}  ", Role.DIM), Run(title)]])

    def get_result(self, number: int) -> int:
        """Return the place of a part."""
        return number
