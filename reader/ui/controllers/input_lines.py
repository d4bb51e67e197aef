"""The lines below the panes that take text: the search in a story, and the filter of the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.errors import BadQuery
from reader.ui import run_in_thread
from reader.ui.widgets.search_bar import SearchBar

if TYPE_CHECKING:
    from textual.widget import AwaitMount, Widget

    from reader.library.story import Story
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.shelf import ShelfController
    from reader.ui.widgets.filter_bar import FilterBar


_FILTER_HINTS: Final = "Enter keep · Tab complete · Esc all stories"


class InputLines:
    """Makes the lines when they are needed, and does what is typed in the filter line."""

    def __init__(self, parts: ScreenParts, shelf: ShelfController) -> None:
        self._parts = parts
        self._shelf = shelf
        self.search_bar: SearchBar | None = None
        self.filter_bar: FilterBar | None = None
        self._mounts: dict[Widget, AwaitMount] = {}
        self._problem = ""
        """What is wrong with the filter that is typed."""
        self._story_before: Story | None = None
        """The story at the cursor of the shelf when the filter line was opened."""
        self._completions: list[str] = []
        """The ways to complete the last word, that of the line first."""

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
        if self.filter_bar is None:
            from reader.ui.widgets.filter_bar import FilterBar

            self.filter_bar = FilterBar(self._narrow, self._keep, self._complete, self._leave)
        filter_bar = self.filter_bar
        await self._mount(filter_bar)
        self._problem, self._story_before = "", self._parts.shelf.story
        self._parts.status_bar.clear_notice()
        filter_bar.open(self._shelf.filter.text if self._shelf.filter is not None else "")
        self._shelf.show_typed_filter = self._show_filter
        self._show_filter()

    def _show_filter(self) -> None:
        """Show in the status bar what is wrong with the filter, else what it has left."""
        hints = "" if self._problem else _FILTER_HINTS
        left = self._problem or self._shelf.describe_filtered()
        self._parts.status_bar.show_filter(left, hints, self._parts.screen.size.width)

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
        self._shelf.show_typed_filter = None
        if self.filter_bar is not None:
            self.filter_bar.close()
        if takes_focus:
            self._parts.shelf.focus()
        self._shelf.show_counts(self._parts.screen.size.width)

    async def _complete(self, text: str) -> str:
        """Return `text` with its last word completed; what was completed, in the next way."""
        from reader.finding.completion import list_completions

        if not self._completions or self._completions[0] != text or len(self._completions) == 1:
            stories = [*self._parts.session.catalog.list_all()]
            self._completions = await run_in_thread(list_completions, text, stories)
            if not self._completions:
                self._problem = "No field and no value of a story begins with that."
                self._show_filter()
                return text
            return self._completions[0]
        self._completions = [*self._completions[1:], self._completions[0]]
        return self._completions[0]
