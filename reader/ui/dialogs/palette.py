"""The palette: commands, themes, tags and stories, found by their words."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.hints import Hint, Run, align_runs, cut_runs
from reader.drawing.lists import format_line_end
from reader.text.cells import count_cells, sanitize_line
from reader.text.document import Role
from reader.ui import run_in_thread, start_worker
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.narrowing import make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from reader.library.story import Story
    from reader.session.shelf.entries import TitleFacts


TITLE_CELLS: Final = 19
"""Cells of the column of titles of commands; the widest one is `Preferred measure`."""
BATCH_SIZE: Final = 250
"""Stories whose words are prepared in one piece, between two keys: 4 ms."""


class PaletteEntry(NamedTuple):
    """A command, a theme or a tag in the palette."""

    title: str
    help: str
    keys: str
    run: Callable[[], Awaitable[object] | None]
    words: str = ""
    """What counts as its title when it is searched, if not `title` itself."""


class PaletteDialog(Overlay[PaletteEntry]):
    """The list of commands and themes, below them tags and stories; its result is the chosen one."""

    def __init__(
        self,
        entries: Sequence[PaletteEntry],
        stories: Sequence[Story],
        show_story: Callable[[Story], None],
        list_tags: Callable[[], list[PaletteEntry]],
        facts: TitleFacts,
    ) -> None:
        """Take what is listed; `list_tags` is run in a worker. `facts` name the stories."""
        super().__init__(
            ListLook(
                "Commands, themes, tags and stories",
                self._format_line,
                [Hint("Enter", "run or open", "choose")],
                "No commands.",
                is_ranked=True,
                opens_typing=True,
            )
        )
        self._entries = [*entries]
        self._list_tags = list_tags
        self._stories, self._facts = stories, facts
        self._show_story = show_story

    def on_mount(self) -> None:
        """Show the commands at once; tags and stories follow, these in batches between keys."""
        self.filter_list.add_lines(
            make_search_text(entry.words or entry.title, f"{entry.title} {entry.help}")
            for entry in self._entries
        )
        self.filter_list.narrowing.start_group()
        if self._stories:
            start_worker(self, "stories", self._add_stories)

    async def _add_stories(self) -> None:
        tags = await run_in_thread(self._list_tags)
        self._entries += tags
        self.filter_list.add_lines(make_search_text(entry.words) for entry in tags)
        self.filter_list.narrowing.start_group()
        for first in range(0, len(self._stories), BATCH_SIZE):
            batch = self._stories[first : first + BATCH_SIZE]
            self.filter_list.add_lines(
                make_search_text(story.title, story.author) for story in batch
            )
            await asyncio.sleep(0)

    def get_result(self, number: int) -> PaletteEntry:
        """Return a command or a theme, or what shows a story."""
        if number < len(self._entries):
            return self._entries[number]
        story = self._stories[number - len(self._entries)]
        return PaletteEntry(story.title, story.author, "", partial(self._show_story, story))

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        cells = self.filter_list.line_cells
        if number >= len(self._entries):
            story = self._stories[number - len(self._entries)]
            author = f"  {sanitize_line(story.author)}" if story.author else ""
            left = [Run(sanitize_line(story.title)), Run(author, Role.DIM)]
            right = format_line_end(self._facts.find_path(story), "story", cells)
            return ListEntry([align_runs(left, [Run(right, Role.DIM)], cells)])
        entry = self._entries[number]
        title = sanitize_line(entry.title)
        gap = " " * max(2, TITLE_CELLS - count_cells(title)) if entry.help else ""
        left = cut_runs([Run(title + gap), Run(entry.help, Role.DIM)], cells)[0]
        return ListEntry([align_runs(left, [Run(f"  {entry.keys}", Role.DIM)], cells)])
