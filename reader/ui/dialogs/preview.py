"""A story as it will be read, before it is saved. Facts can be edited, left-out lines put back."""

from __future__ import annotations

import asyncio
import copy
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from reader.drawing.hints import Hint
from reader.errors import ReaderError, StateError
from reader.session.adding.feed import FeedJob
from reader.session.adding.jobs import PreviewJob, SaveResult
from reader.session.adding.pending import RemovedLine, make_editable, put_back_line
from reader.text.cells import sanitize
from reader.text.document import Place
from reader.ui import run_in_own_thread, run_in_thread, start_worker
from reader.ui.dialogs import Dialog
from reader.ui.dialogs.adding import MAX_SHOWN_CHARACTERS, PROGRESS_SECONDS
from reader.ui.dialogs.draft_lists import FactsDialog, PartsDialog, RemovedDialog
from reader.ui.page import LinkFollowed, MeasureChanged, PageNotice, ShelfRequested
from reader.ui.page.page import Page
from reader.ui.widgets.filter_list import MessageLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from reader.session.adding import Adding
    from reader.session.adding.feed import FollowedFeeds
    from reader.session.adding.jobs import SaveJob
    from reader.session.adding.pending import PendingStories

_VERBATIM_MESSAGE: Final = "This text has its own front matter; edit the file once it is saved."
_LINK_MESSAGE: Final = "Links can be followed once the story is saved."


class PreviewDialog(Dialog[SaveResult]):
    """Shows the first of some stories; its result is what became of them when they were saved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,ctrl+s", "save", show=False),
        Binding("e", "facts", show=False),
        Binding("x", "removed", show=False),
        Binding("t", "parts", show=False),
        Binding("right_square_bracket", "turn(1)", show=False),
        Binding("left_square_bracket", "turn(-1)", show=False),
        Binding("f", "follow_feed", show=False, priority=True),
        Binding("U", "undo", show=False),
        Binding("escape", "drop", show=False),
    ]

    def __init__(
        self, adding: Adding, stories: PendingStories, page: Page, feeds: FollowedFeeds
    ) -> None:
        """`page` is the one of the reading screen: the preview has its style and measure."""
        super().__init__()
        self._adding, self._stories, self._feeds = adding, stories, feeds
        self._page = Page(page.viewport.paragraph_style, copy.copy(page.measure_settings))
        self._head = Static(markup=False, classes="-head")
        self._status = Static(markup=False, classes="-status")
        self._message_line = MessageLine()
        self._job: SaveJob | None = None
        self._is_busy = False
        """Another part or the feed is being read."""
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
        hints = [Hint("s", save, "screen.save"), Hint("Esc", "drop", "screen.drop")]
        if self._stories.has_more:
            hints.append(Hint("]", "next", "screen.turn(1)"))
        if self._stories.contents:
            hints.append(Hint("t", "parts", "screen.parts"))
        if preview.left_out:
            hints.append(Hint("x", f"{preview.left_out:,} left out", "screen.removed"))
        hints.append(Hint("e", "facts", "screen.facts"))
        if self._has_new_feed():
            hints.append(Hint("f", "feed", "screen.follow_feed"))
        self._message_line.set_hints(hints)
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
        """Stop saving or reading; without either, close the preview without saving."""
        if self._is_busy:
            self._stories.stop()
            self.workers.cancel_group(self, "feed")
            self._say("Stopping …")
        elif self._job is None:
            self.dismiss()
        else:
            self._job.cancel()
            self._say("Stopping after this story …")

    async def action_leave(self) -> None:
        """Do the same by the key that quits on the main screen."""
        self.action_drop()

    def action_save(self) -> None:
        """Save the stories in a worker, and close the preview."""
        if self._job is not None or self._is_busy:
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

    def action_turn(self, step: int) -> None:
        """Show the next story or part, or the one before."""
        if self._stories.has_more:
            self._read_part(partial(self._stories.turn, step), "There is none.")

    def action_parts(self) -> None:
        """Open the list of a book's parts."""
        if self._stories.contents and self._job is None and not self._is_busy:
            PartsDialog(self._stories).open_over(self.app, self._go_to_part)

    def _go_to_part(self, position: int | None) -> None:
        if position is not None:
            self._read_part(partial(self._stories.go_to_part, position), "")

    def _read_part(self, read: Callable[[], bool | None], problem: str) -> None:
        """Show the part that `read` turns to, or `problem` if it returns False."""
        if self._job is None and not self._is_busy:
            self._is_busy = True
            self._say("Reading …")
            start_worker(self, "part", self._show_part, read, problem)

    async def _show_part(self, read: Callable[[], bool | None], problem: str) -> None:
        is_there = await run_in_own_thread(read)
        self._end_reading("")
        if is_there is False:
            self._message_line.show_message(problem)
        else:
            self._page.go_to(Place())
            self._update()

    def _end_reading(self, message: str) -> None:
        self._is_busy = False
        self._say(message)

    def _has_new_feed(self) -> bool:
        """Return whether the page names a feed that isn't followed."""
        url = self._stories.draft.feed
        try:
            return bool(url) and not self._feeds.is_followed(url)
        except StateError:
            return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the key to the page if there is no feed to follow."""
        if action == "follow_feed" and not (self._stories.draft.feed and self.is_current):
            return False
        return super().check_action(action, parameters)

    def action_follow_feed(self) -> None:
        """Fetch the feed that the page names, and remember it."""
        if self._job is not None or self._is_busy:
            return
        if not self._has_new_feed():
            self._message_line.show_message("You follow its feed already.")
            return
        self._is_busy = True
        job = FeedJob(self._stories.draft.feed, is_local=self._stories.is_local)
        self._say(f"{job.stage} Esc cancels.")
        start_worker(self, "feed", self._follow, job)

    async def _follow(self, job: FeedJob) -> None:
        try:
            found = await run_in_own_thread(job.run)
            self._feeds.follow(found)
        except ReaderError as error:
            self._end_reading(str(error))
            return
        except asyncio.CancelledError:
            self._end_reading("")
            raise
        self._end_reading("")
        self._update()
        self._message_line.show_message(
            f"You follow {found.title} now; `reader update` brings what is new."
        )
