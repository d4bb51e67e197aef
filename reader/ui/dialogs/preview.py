"""A story as it will be read, before it is saved. Facts can be edited, left-out lines put back."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from reader.drawing.hints import Hint, Run
from reader.errors import ReaderError
from reader.session.adding.jobs import PreviewJob, SaveResult
from reader.session.adding.pending import (
    FACT_NAMES,
    RemovedLine,
    change_fact,
    format_fact,
    list_removed_lines,
    make_editable,
    put_back_line,
)
from reader.text.cells import sanitize, sanitize_line, truncate
from reader.text.document import Role
from reader.ui import run_in_own_thread, run_in_thread, start_worker
from reader.ui.dialogs import Dialog
from reader.ui.dialogs.adding import MAX_SHOWN_CHARACTERS, PROGRESS_SECONDS, FactDialog
from reader.ui.dialogs.overlay import Overlay
from reader.ui.page import LinkFollowed, MeasureChanged, PageNotice, ShelfRequested
from reader.ui.page.page import Page
from reader.ui.widgets.filter_list import ListLook, MessageLine
from reader.ui.widgets.narrowing import SearchText, make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from reader.session.adding import Adding
    from reader.session.adding.jobs import SaveJob
    from reader.session.adding.pending import PendingStories

_NAME_CELLS: Final = 11
"""Cells of the widest name of a fact, and a space after it."""
_VERBATIM_MESSAGE: Final = "This text has its own front matter; edit the file once it is saved."
_LINK_MESSAGE: Final = "Links can be followed once the story is saved."


class PreviewDialog(Dialog[SaveResult]):
    """Shows the first of some stories; its result is what became of them when they were saved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,ctrl+s", "save", show=False),
        Binding("e", "facts", show=False),
        Binding("x", "removed", show=False),
        Binding("U", "undo", show=False),
        Binding("escape", "drop", show=False),
    ]

    def __init__(self, adding: Adding, stories: PendingStories, page: Page) -> None:
        """`page` is the one of the reading screen: the preview has its style and measure."""
        super().__init__()
        self._adding, self._stories = adding, stories
        self._page = Page(page.viewport.paragraph_style, copy.copy(page.measure_settings))
        self._head = Static(markup=False, classes="-head")
        self._status = Static(markup=False, classes="-status")
        self._message_line = MessageLine()
        self._job: SaveJob | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out what is known of the source, the page, and the rows of progress and hints."""
        yield self._head
        yield self._page
        yield self._status
        yield self._message_line

    def on_mount(self) -> None:
        """Show the story."""
        self._status.display = False
        self._page.focus()
        self._update()

    def on_resize(self, event: events.Resize) -> None:
        """Align the rows above and below with the column of the page."""
        super().on_resize(event)
        self.call_after_refresh(self._align)

    @on(MeasureChanged)
    def _align(self) -> None:
        for row in (self._head, self._status, self._message_line):
            row.styles.padding = (0, 1, 0, self._page.column[0])

    @property
    def page(self) -> Page:
        """The page with the story."""
        return self._page

    @property
    def message(self) -> str:
        """The progress, or what is wrong; else the notice or the hints in the last row."""
        return str(self._status.render()) if self._status.display else self._message_line.text

    def _update(self, goal: str = "") -> None:
        """Show the draft as it is now, at the line `goal` or where the reader is."""
        start_worker(self, "preview", self._show, goal)

    async def _show(self, goal: str) -> None:
        job = PreviewJob(self._stories, self._page.place, goal)
        try:
            preview = await run_in_thread(job.run)
        except ReaderError as error:
            self._say(str(error))
            return
        self._head.update(Content(preview.head))
        save = "save all" if self._stories.has_more else "save"
        left_out, number = [], preview.left_out
        if number:
            left_out = [Hint("x", f"{number:,} left out", "screen.removed")]
        hints = (Hint("s", save, "screen.save"), Hint("Esc", "drop", "screen.drop"))
        self._message_line.set_hints([*hints, *left_out, Hint("e", "facts", "screen.facts")])
        self._page.show_story(preview.open_story)
        if preview.goal is not None:
            self._page.go_to(preview.goal)

    def _say(self, text: str) -> None:
        """Show a line of progress, or what is wrong; hide it if it is empty."""
        self._status.update(Content(sanitize(text)[:MAX_SHOWN_CHARACTERS]))
        self._status.display = bool(text)

    @on(ShelfRequested)
    def _leave_page(self) -> None:
        self.action_drop()

    @on(LinkFollowed)
    def _refuse_link(self) -> None:
        self._message_line.show_message(_LINK_MESSAGE)

    @on(PageNotice)
    def _show_notice(self, message: PageNotice) -> None:
        self._message_line.show_message(message.text)

    def action_drop(self) -> None:
        """Stop saving; if nothing is being saved, close the preview without saving."""
        if self._job is None:
            self.dismiss()
        else:
            self._job.cancel()
            self._say("Stopping after this story …")

    async def action_leave(self) -> None:
        """Do the same by the key that quits on the main screen."""
        self.action_drop()

    def action_save(self) -> None:
        """Save the stories in a worker, and close the preview."""
        if self._job is not None:
            return
        try:
            self._job = job = self._adding.make_save_job(self._stories)
        except ReaderError as error:
            self._say(str(error))
            return
        self._say(job.stage)
        self._timer = self.set_interval(PROGRESS_SECONDS, self._show_progress)
        start_worker(self, "save", self._save, job)

    def _show_progress(self) -> None:
        if self._job is not None and not self._job.is_cancelled:
            self._say(self._job.stage)

    async def _save(self, job: SaveJob) -> None:
        try:
            result = await run_in_own_thread(job.run)
        except ReaderError as error:
            self._job = None
            if self._timer is not None:
                self._timer.stop()
            self._say(str(error))
        else:
            self.dismiss(result)

    def _is_editable(self) -> bool:
        """Return whether the draft can be changed; if not, say why."""
        has_own_facts = bool(make_editable(self._stories.draft).verbatim)
        if has_own_facts:
            self._message_line.show_message(_VERBATIM_MESSAGE)
        return self._job is None and not has_own_facts

    def action_facts(self) -> None:
        """Open the list of facts."""
        if self._is_editable():
            FactsDialog(self._stories).open_over(self.app, lambda _: self._update())

    def action_removed(self) -> None:
        """Open the list of lines that were left out."""
        if self._job is None:
            RemovedDialog(self._stories, self._put_back).open_over(self.app, self._put_chosen_back)

    def _put_chosen_back(self, line: RemovedLine | None) -> None:
        if line is not None:
            self._put_back(line)

    def _put_back(self, line: RemovedLine) -> None:
        """Put a line that was left out in its place, and show it there."""
        self._stories.change(put_back_line(self._stories.draft, line))
        self._update(line.text)
        self._message_line.show_message(f"Put back (U undoes it): {line.text}")

    def action_undo(self) -> None:
        """Undo the last change of the facts or of what was left out."""
        if self._job is None:
            is_undone = self._stories.undo()
            text = "The last change is undone." if is_undone else "There is nothing to undo."
            self._message_line.show_message(text)
            self._update()


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
