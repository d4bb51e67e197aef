"""The lists of all annotations and of finished stories, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen

from reader.config import to_local
from reader.reading.annotations import Response
from reader.render.story_frame import format_date, format_month
from reader.render.text_output import StoryAnnotations, annotations_to_markdown
from reader.text.cells import cell_width, sanitize_line, truncate
from reader.ui.widgets.filter_list import FilterList
from reader.ui.widgets.panes import MIN_PADDED_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset

    from reader.reading.annotations import HistoryEntry
    from reader.session.annotations import Annotation
    from reader.ui.controllers.annotations import AnnotationController


BATCH_SIZE: Final = 100
"""Quotes looked up between two keys."""
BATCH_PAUSE_SECONDS: Final = 0.005
"""Seconds between two batches."""
KEY_HINTS: Final = "Enter goes there · / narrows · e remark · d delete · U undo · y copy"
EMPTY_TEXT: Final = "Nothing is kept yet: H on the page keeps a sentence."


class AnnotationsDialog(ModalScreen["Annotation | None"]):
    """The list of quotes and responses."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "delete", show=False),
        Binding("U", "undo", show=False),
        Binding("y", "copy", show=False),
        Binding("e", "edit", show=False),
    ]

    def __init__(self, controller: AnnotationController) -> None:
        super().__init__()
        self._controller = controller
        self._items: list[Annotation] = []
        self._pending_ids: list[str] = []
        """The ids of quotes that are still to be looked up."""
        self._responses: list[Annotation] = []
        self._filter_list = FilterList(
            self._format_line, rows=3, key_hints=KEY_HINTS, empty_text=EMPTY_TEXT
        )

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        self._filter_list.border_title = Content("Kept and written")
        yield self._filter_list

    def on_mount(self) -> None:
        """Show the newest at once, and the rest as it comes."""
        self._load()

    def on_resize(self, event: events.Resize) -> None:
        """Leave no row blank in a low window."""
        self.set_class(event.size.height < MIN_PADDED_ROWS, "-low")

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands."""
        return self._filter_list.terminal_cursor

    def _load(self) -> None:
        """Look everything up anew."""
        self._items = []
        self._filter_list.clear_lines()
        self._pending_ids = self._controller.annotations.list_highlight_ids()
        self._responses = self._controller.annotations.list_responses()
        self._load_batch()

    def _load_batch(self) -> None:
        """Look up one batch, and the next one after the keys that wait."""
        ids, self._pending_ids = self._pending_ids[:BATCH_SIZE], self._pending_ids[BATCH_SIZE:]
        found = self._controller.annotations.list_highlights(ids)
        last = found[-1] if found and self._pending_ids else None
        while self._responses and (last is None or self._responses[0].created >= last.created):
            found.append(self._responses.pop(0))
        found.sort(key=_get_time, reverse=True)
        self._items += found
        self._filter_list.add_lines([_format_search_text(added) for added in found])
        if self._pending_ids:
            self.set_timer(BATCH_PAUSE_SECONDS, self._load_batch)

    # Lines -----------------------------------------------------------------------------

    def _format_line(self, number: int, _above: int | None) -> str:
        """Return the rows of a quote or response: its text, whose it is, what was remarked."""
        added, cells = self._items[number], self._filter_list.line_cells
        when = to_local(added.created).date()
        title = sanitize_line(added.title, 200)
        mark = "❝ " if added.highlight is not None else "✎ "
        text = added.highlight.text if added.highlight is not None else added.response
        kind = "" if added.highlight is not None else "your response · "
        rows = [
            mark + truncate(sanitize_line(text, 4 * cells), cells - 2),
            f"  {kind}{truncate(title, cells // 2)} · {format_date(when)}",
            "",
        ]
        if added.highlight is not None and added.highlight.note:
            rows[2] = f"  — {sanitize_line(added.highlight.note, 4 * cells)}"
        return "\n".join(rows)

    # What can be done with one ---------------------------------------------------------

    @on(FilterList.Chosen)
    def _choose(self, message: FilterList.Chosen) -> None:
        self.dismiss(self._items[message.number])

    @on(FilterList.Closed)
    def _cancel(self) -> None:
        self.dismiss(None)

    async def action_leave(self) -> None:
        """Close the list: what leaves everywhere else leaves it, too."""
        self.dismiss(None)

    def action_delete(self) -> None:
        """Take away the quote or response under the cursor."""
        number = self._filter_list.number
        if number is not None:
            words = self._controller.delete(self._items[number])
            self._update_line(number)
            self._filter_list.show_notice(words)

    def action_undo(self) -> None:
        """Take back what was done last, here or elsewhere."""
        words, deed = self._controller.undo()
        if deed is not None:
            keys = [added.key for added in self._items]
            if deed.annotation.key in keys:
                self._update_line(keys.index(deed.annotation.key))
            else:
                self._load()
        self._filter_list.show_notice(words)

    def action_copy(self) -> None:
        """Copy the quote or response under the cursor as Markdown."""
        number = self._filter_list.number
        if number is not None:
            added = self._items[number]
            quotes = [added.highlight] if added.highlight is not None else []
            response = None if quotes else Response(added.story_id, added.response, added.created)
            kept = StoryAnnotations(
                added.story_id,
                self._controller.annotations.get_story_details(added.story_id),
                quotes,
                response,
            )
            self._controller.copy_markdown("\n".join(annotations_to_markdown([kept])))
            self._filter_list.show_notice("Copied as Markdown.")

    def action_edit(self) -> None:
        """Write on the quote under the cursor, or the response anew."""
        number = self._filter_list.number
        if number is None:
            return

        def written(words: str) -> None:
            self._update_line(number)
            self._filter_list.show_notice(words)

        self._controller.open_editor(self._items[number], show_result=written)

    def _update_line(self, number: int) -> None:
        """Show one line as what it stands for is now."""
        now = self._controller.annotations.reload(self._items[number])
        if now is not None:
            self._items[number] = now
        self._filter_list.update_line(number, _format_search_text(now) if now is not None else None)


def _get_time(annotation: Annotation) -> datetime:
    return annotation.created


def _format_search_text(annotation: Annotation) -> str:
    """Return what a line is found by: text, title, remark."""
    text = annotation.highlight.text if annotation.highlight is not None else annotation.response
    return f"{text} {annotation.title} {annotation.text}"


HISTORY_KEY_HINTS: Final = "Enter opens the story · / narrows · Esc goes back"
_MONTH_CELLS: Final = 16
"""Cells of the widest month and year, and a space behind them."""


class HistoryDialog(ModalScreen["str | None"]):
    """The list of what was finished."""

    def __init__(self, finishes: Sequence[tuple[HistoryEntry, str]]) -> None:
        super().__init__()
        self._finishes = finishes
        self._filter_list = FilterList(
            self._format_line, key_hints=HISTORY_KEY_HINTS, empty_text="Nothing is finished yet."
        )

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        self._filter_list.border_title = Content("Finished")
        yield self._filter_list

    def on_mount(self) -> None:
        """Show everything: a line is found by title and month."""
        self._filter_list.add_lines(
            f"{title} {format_month(_get_local_date(finish))}" for finish, title in self._finishes
        )

    def on_resize(self, event: events.Resize) -> None:
        """Leave no row blank in a low window."""
        self.set_class(event.size.height < MIN_PADDED_ROWS, "-low")

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands."""
        return self._filter_list.terminal_cursor

    def _format_line(self, number: int, above: int | None) -> str:
        """Return month, day, title and minutes; the month where it isn't that of the line above."""
        finish, title = self._finishes[number]
        day, before = (
            _get_local_date(finish),
            None if above is None else _get_local_date(self._finishes[above][0]),
        )
        is_same = before is not None and (before.year, before.month) == (day.year, day.month)
        when = f"{'' if is_same else format_month(day):<{_MONTH_CELLS}}{day.day:>2}  "
        minutes = f"{finish.minutes:>5} min" if finish.minutes else ""
        room = max(0, self._filter_list.line_cells - len(when) - len(minutes))
        name = truncate(sanitize_line(title), room)
        return when + name + " " * (room - cell_width(name)) + minutes

    @on(FilterList.Chosen)
    def _choose(self, message: FilterList.Chosen) -> None:
        self.dismiss(self._finishes[message.number][0].story_id)

    @on(FilterList.Closed)
    def _cancel(self) -> None:
        self.dismiss(None)

    async def action_leave(self) -> None:
        """Close the list: what leaves everywhere else leaves it, too."""
        self.dismiss(None)


def _get_local_date(finish: HistoryEntry) -> date:
    return to_local(finish.finished_at).date()
