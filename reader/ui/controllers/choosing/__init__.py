"""Choose a story to read: one that fits in the minutes that the reader has, or any one."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

from reader.drawing.hints import Hint, Run, align_runs
from reader.drawing.lists import format_line_end
from reader.drawing.shelf import STATUS_SYMBOLS
from reader.library.story import Story
from reader.reading.progress import MAX_MINUTES, parse_minutes, parse_time
from reader.session.shelf.entries import list_choosable, list_fitting
from reader.store.write_behind import MINUTES_KEY
from reader.text.cells import sanitize_line
from reader.text.document import Role
from reader.ui import run_in_thread, start_worker
from reader.ui.dialogs.overlay import Overlay
from reader.ui.dialogs.palette import BATCH_SIZE
from reader.ui.widgets.entry_line import EntryLine, LineActions
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.narrowing import make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from reader.session.shelf.entries import ShelfEntry, TitleFacts
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.input_lines import InputLines


_MINUTES_HINTS: Final = "Enter list · Esc cancel"
_DEFAULT_MINUTES: Final = "15"


class StoryChooser:
    """Chooses a story to read, of those that the shelf's filter has left: by time, or at random."""

    def __init__(
        self,
        parts: ScreenParts,
        lines: InputLines,
        wait_for_list: Callable[[], Awaitable[None]],
    ) -> None:
        self._parts = parts
        self._wait_for_list = wait_for_list
        """Waits until all stories of a large library are listed."""
        self._lines = lines
        self._line: EntryLine | None = None
        """The line in which minutes are typed."""
        self._problem = ""
        self.choose: Callable[[Sequence[Story]], Story] = random.choice

    async def ask_for_minutes(self) -> None:
        """Ask how many minutes the reader has, and offer the last answer."""
        if self._line is None:
            actions = LineActions(self._follow, self._keep, self._leave)
            self._line = EntryLine("Minutes", actions)
        self._problem = ""
        last = self._parts.session.get_choice(MINUTES_KEY) or ""
        text = last if parse_minutes(last) else _DEFAULT_MINUTES
        await self._lines.open_entry(self._line, text, self._show)

    def _show(self) -> None:
        left = "Stories that you can finish in this time"
        self._lines.show_line(self._problem or left, _MINUTES_HINTS, short=self._problem or "Time")

    def _follow(self, _text: str) -> None:
        self._problem = ""
        self._show()

    async def _keep(self, text: str) -> None:
        """List the stories that fit; one that is chosen is shown."""
        minutes, session = parse_time(text), self._parts.session
        if not minutes:
            self._problem = f"Type 1 to {MAX_MINUTES} minutes, such as 90 or 1h30."
            self._show()
            return
        self._leave(True)
        session.save_choice(MINUTES_KEY, str(minutes))
        await self._wait_for_list()
        entries = await run_in_thread(list_fitting, session.shelf_list.shown_entries, minutes)
        dialog = FittingDialog(entries, minutes, self._parts.facts)
        dialog.open_over(self._parts.screen.app, self._show_story)

    def _leave(self, takes_focus: bool) -> None:
        if self._line is not None:
            self._lines.close_entry(self._line, takes_focus=takes_focus)

    def show_random_story(self) -> None:
        """Show any unread story; without any, one that was begun, or else a finished one."""
        start_worker(self._parts.screen, "random", self._choose_random_story)

    async def _choose_random_story(self) -> None:
        await self._wait_for_list()
        session = self._parts.session
        current = session.current.story if session.current is not None else None
        stories = list_choosable(session.shelf_list.shown_entries, current)
        if stories:
            self._show_story(self.choose(stories))
        else:
            self._parts.status_bar.show_notice("There is no other story on the shelf.")

    def _show_story(self, story: Story | None) -> None:
        if story is not None:
            self._parts.record_jump()
            self._parts.show_story(story, None)


class FittingDialog(Overlay[Story]):
    """The list of stories with the time that is left of each; its result is the chosen one."""

    def __init__(self, entries: Sequence[ShelfEntry], minutes: int, facts: TitleFacts) -> None:
        unit = "minute" if minutes == 1 else "minutes"
        title, empty = f"Fits in {minutes} {unit}", f"No story can be finished in {minutes} {unit}."
        hints = [Hint("Enter", "read", "choose")]
        super().__init__(ListLook(title, self._format_line, hints, empty))
        self._entries, self._facts = entries, facts

    def on_mount(self) -> None:
        """Show the first stories at once; the others follow in batches, between keys."""
        self._add_batch(0)
        if len(self._entries) > BATCH_SIZE:
            start_worker(self, "stories", self._add_others)

    def _add_batch(self, first: int) -> None:
        batch = self._entries[first : first + BATCH_SIZE]
        self.filter_list.add_lines(
            make_search_text(entry.story.title, entry.story.author) for entry in batch
        )

    async def _add_others(self) -> None:
        for first in range(BATCH_SIZE, len(self._entries), BATCH_SIZE):
            await asyncio.sleep(0)
            self._add_batch(first)

    def get_result(self, number: int) -> Story:
        """Return a story."""
        return self._entries[number].story

    def _format_line(self, number: int, _above: int | None) -> ListEntry:
        entry, cells = self._entries[number], self.filter_list.line_cells
        story = entry.story
        author = f"  {sanitize_line(story.author)}" if story.author else ""
        left = [
            Run(f"{STATUS_SYMBOLS[entry.status]} {sanitize_line(story.title)}"),
            Run(author, Role.DIM),
        ]
        path = self._facts.find_path(story)
        right = format_line_end(path, f"{entry.minutes_left} min", cells)
        return ListEntry([align_runs(left, [Run(right, Role.DIM)], cells)])
