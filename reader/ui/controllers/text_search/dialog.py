"""The search of all texts: a query, and the stories that it finds, each with a line of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual.binding import Binding
from textual.content import Content

from reader.drawing.hints import Hint, Run, align_runs
from reader.drawing.lists import format_line_end
from reader.finding.excerpts import list_title_ranges
from reader.text.cells import sanitize_line
from reader.text.document import Role
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.binding import BindingType

    from reader.finding.text_search import FoundStories
    from reader.library.story import Story


ROWS: Final = 3
"""Rows of a found story: title and author, the line of its text, and a blank one."""
MAX_TITLE_CHARACTERS: Final = 300
"""Characters of a title that are searched and shown."""
_INDENT: Final = "  "
_NOTHING_TYPED: Final = "Words, a \u201cphrase\u201d, -word, tag: author: is: year: …"
_HINTS: Final = (Hint("Enter", "open", "choose"),)
_TYPING_HINTS: Final = (
    Hint("Enter", "open", "choose"),
    Hint("↓", "list", "line_down"),
    Hint("Tab", "complete", "screen.complete"),
    Hint("Esc", "close", "back"),
)


class SearchActions(NamedTuple):
    """What the dialog asks of its controller."""

    search: Callable[[str], None]
    """Called with each text that is typed."""
    complete: Callable[[str], Awaitable[str]]
    """Returns a text with its last word completed, each time in the next way."""
    need_excerpt: Callable[[int], None]
    """Called with the number of a story whose line is seen, but not known yet."""
    find_path: Callable[[Story], str]
    """Returns the end of a story's path if another one has its title, else nothing."""


class TextSearchDialog(Overlay[int]):
    """The overlay of the search; its result is the index of a found story."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", show=False)]

    def __init__(self, found: FoundStories, actions: SearchActions) -> None:
        super().__init__(
            ListLook(
                "Search all texts",
                self._format_line,
                _HINTS,
                _NOTHING_TYPED,
                rows=ROWS,
                opens_typing=True,
                search=actions.search,
                typing_hints=_TYPING_HINTS,
            )
        )
        self._found = found
        self._actions = actions

    def on_mount(self) -> None:
        """Show what was found last, with the cursor where it was."""
        self.filter_list.set_typed(self._found.text)
        self.show_found(self._found)

    @property
    def found(self) -> FoundStories:
        """What is shown, with the cursor where it is."""
        self._found.cursor = self.filter_list.number or 0
        return self._found

    def shows_other(self, found: FoundStories) -> bool:
        """Return whether something else is shown than `found`. May be called in a worker."""
        return self._found is not found

    def get_result(self, number: int) -> int:
        """Return the index of a found story."""
        return number

    @property
    def excerpt_cells(self) -> int:
        """The cells of the line of a found story, without the ellipses before and after it."""
        return self.filter_list.line_cells - len(_INDENT) - 2 * len("… ")

    def show_found(self, found: FoundStories) -> None:
        """Show what was found, with the cursor where `found` has it."""
        self._found = found
        is_empty = not found.text.strip()
        self.filter_list.show_found(
            len(found.stories), found.cursor, _NOTHING_TYPED if is_empty else "No story has that."
        )
        self.filter_list.show_count("" if is_empty else f"{found.total:,} found")

    def show_problem(self, text: str) -> None:
        """Show what is wrong with the query in place of the stories."""
        self.filter_list.show_found(0, 0, text)
        self.filter_list.show_count("")

    def show_busy(self) -> None:
        """Show that the query takes a while."""
        self.filter_list.show_count("searching …")

    def show_state(self, text: str) -> None:
        """Show in the frame how far the index is, or why searching is slow."""
        self.filter_list.border_subtitle = Content(text)

    async def action_complete(self) -> None:
        """Complete the last word of the query; again: in the next way."""
        self.filter_list.complete(await self._actions.complete(self.filter_list.typed))

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        """Return the rows of a found story; its line comes later, if it isn't known yet."""
        story, cells = self._found.stories[number], self.filter_list.line_cells
        title = sanitize_line(story.title, MAX_TITLE_CHARACTERS)
        left = _mark(title, list_title_ranges(title, self._found.words), Role.STRONG)
        path = self._actions.find_path(story)
        right = [Run(format_line_end(path, sanitize_line(story.author), cells), Role.DIM)]
        excerpt = self._found.excerpts.get(story.path)
        if excerpt is None:
            self._actions.need_excerpt(number)
        line = _mark(excerpt.text, excerpt.ranges, Role.DIM) if excerpt is not None else []
        return ListEntry([align_runs(left, right, cells), [Run(_INDENT), *line]])


def _mark(text: str, ranges: Sequence[tuple[int, int]], role: Role) -> list[Run]:
    """Return `text` in a role, with the ranges marked as matches."""
    runs, position = list[Run](), 0
    for start, end in ranges:
        if start >= position:
            runs += [Run(text[position:start], role), Run(text[start:end], Role.MATCH)]
            position = end
    return [run for run in (*runs, Run(text[position:], role)) if run.text]
