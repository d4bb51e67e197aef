"""The lines below the panes that take text: the search in a story, the filter of the shelf, others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from reader.errors import BadQuery
from reader.ui import run_in_thread
from reader.ui.widgets.entry_line import EntryLine, LineActions
from reader.ui.widgets.search_bar import SearchBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import AwaitMount, Widget

    from reader.library.story import Story
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.shelf import ShelfController


_FILTER_HINTS: Final = "Enter keep · Tab complete · Esc all stories"


class InputLines:
    """Makes the lines when they are needed, and does what is typed in the filter line."""

    def __init__(self, parts: ScreenParts, shelf: ShelfController) -> None:
        self._parts = parts
        self._shelf = shelf
        self.search_bar: SearchBar | None = None
        self._filter_line: EntryLine | None = None
        self._was_on_page = False
        """The page had the focus when the line was opened."""
        self._mounts: dict[Widget, AwaitMount] = {}
        self._problem = ""
        """What is wrong with the filter that is typed."""
        self._story_before: Story | None = None
        """The story at the cursor of the shelf when the filter line was opened."""
        self._completions = Completions()

    async def _mount(self, line: Widget) -> None:
        """Wait until a line is mounted above the status bar; mount it the first time."""
        if line not in self._mounts:
            # unlike `mount`, this raises nothing once the app ends
            screen, status_bar = self._parts.screen, self._parts.status_bar
            self._mounts[line] = screen.mount_all([line], before=status_bar)
        if not line.is_mounted:
            await self._mounts[line]

    async def ensure_search_bar(self) -> SearchBar:
        """Return the search bar once it is mounted; make it the first time."""
        if self.search_bar is None:
            self.search_bar = SearchBar(self._parts.page)
        search_bar = self.search_bar
        await self._mount(search_bar)
        return search_bar

    async def open_line(self) -> None:
        """Open the filter line from the shelf, else the search bar."""
        await (self.open_filter() if self._parts.shelf.has_focus else self.open_search())

    async def open_search(self) -> None:
        """Open the search bar in place of the status bar."""
        self._parts.status_bar.display = False
        (await self.ensure_search_bar()).open()

    async def open_filter(self) -> None:
        """Open the filter line, with the filter that is kept."""
        if self._filter_line is None:
            self._filter_line = EntryLine(
                "/", LineActions(self._narrow, self._keep, self._leave, self._complete)
            )
        self._problem, self._story_before = "", self._parts.shelf.story
        kept = self._shelf.filter
        await self.open_entry(
            self._filter_line, kept.text if kept is not None else "", self._show_filter
        )

    async def open_entry(
        self, line: EntryLine, text: str, show: Callable[[], None], *, is_selected: bool = True
    ) -> None:
        """Open a line with `text`; `show` shows in the status bar what it is for."""
        self._was_on_page = self._parts.page.has_focus
        await self._mount(line)
        self._parts.status_bar.clear_notice()
        line.open(text, is_selected=is_selected)
        self._shelf.show_typed = show
        show()

    def close_entry(self, line: EntryLine, *, takes_focus: bool = True) -> None:
        """Close a line; the focus goes back to where it was, unless it was taken already."""
        self._shelf.show_typed = None
        line.close()
        parts = self._parts
        if takes_focus:
            (parts.page if self._was_on_page else parts.shelf).focus()
        if not self._was_on_page:
            self._shelf.show_counts(parts.screen.size.width)

    def _show_filter(self) -> None:
        """Show in the status bar what is wrong with the filter, else what it has left."""
        left = self._problem or self._shelf.describe_filtered()
        self.show_line(left, "" if self._problem else _FILTER_HINTS)

    def show_line(self, left: str, hints: str, *, short: str = "") -> None:
        """Show in the status bar what a line is for, and what keys do."""
        columns = self._parts.screen.size.width
        self._parts.status_bar.show_line(left, hints, columns, short=short)

    def _narrow(self, text: str) -> None:
        """Show the stories that meet what is typed; if that is wrong, those before stay."""
        from reader.finding.shelf_filter import parse_filter

        try:
            kept = self._shelf.filter
            typed = parse_filter(text, kept.state if kept is not None else "")
            self._shelf.set_filter(typed, self._story_before if typed is None else None)
            self._problem = ""
        except BadQuery as error:
            self._problem = str(error)
        self._show_filter()

    async def _keep(self, text: str) -> None:
        """Leave the line; keep the filter unless it is wrong. The cursor is on the first row."""
        from reader.finding.shelf_filter import check_filter

        try:
            check_filter(text)
        except BadQuery as error:
            self._problem = str(error)
            self._show_filter()
            return
        await self._shelf.wait_for_filter()
        self._close()
        shelf = self._parts.shelf
        if self._shelf.filter is not None and shelf.story is not None:
            shelf.action_first_row()  # the list may have changed meanwhile
            shelf.report_cursor()

    def clear_filter(self) -> None:
        """Show all stories again."""
        if self._shelf.filter is not None:
            self._shelf.set_filter(None, self._parts.shelf.story)

    def _leave(self, drops_filter: bool) -> None:
        """Close the line, without the filter or with what was last shown."""
        if drops_filter:
            self._shelf.set_filter(None, self._story_before)
            self._close()
        else:
            self._close(takes_focus=False)

    def _close(self, *, takes_focus: bool = True) -> None:
        if self._filter_line is not None:
            self.close_entry(self._filter_line, takes_focus=takes_focus)

    async def _complete(self, text: str) -> str:
        """Return `text` with its last word completed; what was completed, in the next way."""
        from reader.finding.completion import NO_COMPLETION, list_completions

        session = self._parts.session
        find = partial(
            list_completions,
            stories=[*session.catalog.list_all()],
            own_tags=session.labels.list_tags(),
        )
        completed = await self._completions.complete(text, find)
        if completed is None:
            self._problem = NO_COMPLETION
            self._show_filter()
        return completed or text


class Completions:
    """The ways in which the last word of a text can be completed, one after the other."""

    def __init__(self) -> None:
        self._ways: list[str] = []
        """The text in the line first."""

    async def complete(self, text: str, find: Callable[[str], list[str]]) -> str | None:
        """Return `text` completed; what was completed before, in the next way. None if in none.

        `find` is run in a worker.
        """
        if not self._ways or self._ways[0] != text or len(self._ways) == 1:
            self._ways = await run_in_thread(find, text)
        else:
            self._ways = [*self._ways[1:], self._ways[0]]
        return self._ways[0] if self._ways else None
