"""The list of a feed's stories, to choose from; each is shown before it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on

from reader.drawing.hints import Hint, Run
from reader.errors import ReaderError
from reader.session.adding.feed import EntryJob
from reader.text.cells import sanitize_line
from reader.text.document import Role
from reader.ui import run_in_own_thread, start_worker
from reader.ui.dialogs.adding import PROGRESS_SECONDS
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import FilterList, ListLook
from reader.ui.widgets.narrowing import make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from reader.session.adding.feed import FoundFeed
    from reader.session.adding.pending import PendingStories

_DATE_CELLS: Final = 12
"""Cells of a date, and two spaces after it."""


class FeedDialog(Overlay[str]):
    """Lists the stories of a feed, and stays open while one after the other is added."""

    def __init__(
        self,
        found: FoundFeed,
        preview: Callable[[PendingStories, Callable[[str], None]], None],
    ) -> None:
        """`preview` shows a story, and calls back with a notice once that is closed.

        The notice is empty if the story was not saved.
        """
        look = ListLook(
            found.title, self._format_line, [Hint("Enter", "preview", "choose")], "No stories."
        )
        super().__init__(look)
        self._found, self._preview = found, preview
        self.saved: set[int] = set()
        """The numbers of the stories that were saved."""
        self._job: EntryJob | None = None
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Show all stories."""
        self.filter_list.add_lines(make_search_text(each, "") for each in self._found.names)

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        """Return the mark of a story, its date and its name."""
        entry = self._found.feed.entries[number]
        mark = "✓ " if number in self.saved else "* " if entry in self._found.new else "  "
        date = Run(f"{entry.published:<{_DATE_CELLS}}", Role.DIM)
        return ListEntry([[Run(mark), date, Run(self._found.names[number])]])

    def get_result(self, number: int) -> str | None:
        """Read a story in a worker; return None, so that the list stays open."""
        if self._job is None:
            entry = self._found.feed.entries[number]
            name, is_local = self._found.names[number], self._found.content.is_local
            self._job = EntryJob(entry, name, is_local=is_local)
            self._timer = self.set_interval(PROGRESS_SECONDS, self._show_progress)
            self._show_progress()
            start_worker(self, "read", self._read, number, self._job)
        return None

    def _show_progress(self) -> None:
        if self._job is not None:
            self.filter_list.show_notice(f"{self._job.stage} Esc cancels.")

    async def _read(self, number: int, job: EntryJob) -> None:
        try:
            stories = await run_in_own_thread(job.run)
        except ReaderError as error:
            address = sanitize_line(self._found.feed.entries[number].url, 200)
            self._end_work(str(error).removeprefix(f"{address}: "))  # one row is not much
            return
        self._end_work("")

        def show_result(notice: str) -> None:
            if notice:
                self.saved.add(number)
                name = self._found.names[number]
                self.filter_list.update_line(number, make_search_text(name, ""))
            self.filter_list.show_notice(notice)

        self._preview(stories, show_result)

    def _end_work(self, message: str) -> None:
        self._job = None
        if self._timer is not None:
            self._timer.stop()
        self.filter_list.show_notice(message)

    @on(FilterList.Closed)
    def _cancel(self, message: FilterList.Closed) -> None:
        """Cancel the work instead of closing the list."""
        if self._job is not None:
            message.prevent_default()
            self.workers.cancel_group(self, "read")
            self._end_work("Cancelled.")
