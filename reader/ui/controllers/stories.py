"""What the reader does to whole stories: their read status, stars and tags; and undo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.finding.completion import list_tag_completions
from reader.reading.progress import ReadStatus
from reader.session.read_status import (
    DeletionChange,
    GroupChange,
    LabelChange,
    ShelfChange,
    StatusChange,
)
from reader.store.stories import parse_tags
from reader.text.cells import sanitize_line
from reader.text.search import fold_text
from reader.ui.controllers.input_lines import Completions
from reader.ui.widgets.entry_line import EntryLine, LineActions
from reader.ui.widgets.notices import (
    format_change,
    format_label_change,
    format_undo,
    name_stories,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.library.story import Story
    from reader.session.read_status import Change
    from reader.ui.controllers import LateControllers, ScreenParts
    from reader.ui.controllers.input_lines import InputLines
    from reader.ui.controllers.shelf import ShelfController


_TAG_HINTS: Final = "Enter save · Tab complete · Esc cancel"


class LabelController:
    """Puts stars and tags on stories, takes them off, and says so in the status bar."""

    def __init__(self, parts: ScreenParts, shelf: ShelfController, lines: InputLines) -> None:
        self._parts = parts
        self._shelf = shelf
        self._lines = lines
        self._line: EntryLine | None = None
        """The line in which tags are typed."""
        self._stories: Sequence[Story] = ()
        """The stories that are tagged."""
        self._before: Sequence[str] = ()
        """The reader's tags that all of them had when the line was opened."""
        self._completions = Completions()
        self._problem = ""

    def toggle_star(self) -> None:
        """Star the selected stories, or take their stars off."""
        stories = self._parts.selected_stories
        if stories:
            self._change(partial(self._parts.session.labels.toggle_star, stories))

    def _change(self, change: Callable[[], LabelChange | None]) -> None:
        """Change labels, and show the change, or why there is none."""
        status_bar = self._parts.status_bar
        try:
            done = change()
        except ReaderError as error:
            status_bar.show_notice(f"Can't save that now: {error}")
            return
        if done is None:
            status_bar.show_notice("The tags are unchanged.")
            return
        self._shelf.update_entries(done.stories, have_new_labels=True)
        is_saved = self._parts.is_saving
        status_bar.show_notice(format_label_change(done, status_bar.keys, is_saved=is_saved))

    async def edit_tags(self) -> None:
        """Open the line for the reader's own tags of the selected stories."""
        self._stories = self._parts.selected_stories
        if not self._stories:
            return
        if not any(story.is_persistent for story in self._stories):
            self._parts.status_bar.show_notice("A story from standard input can't be tagged.")
            return
        self._before, self._problem = self._parts.session.labels.list_common_tags(self._stories), ""
        if self._line is None:
            actions = LineActions(self._follow, self._keep, self._leave, self._complete)
            self._line = EntryLine("#", actions)
        text = "".join(f"{tag}, " for tag in self._before)
        await self._lines.open_entry(self._line, text, self._show, is_selected=False)

    def _show(self) -> None:
        """Show in the status bar which stories are tagged, and the tags of a story's file."""
        left = short = f"Tags of {sanitize_line(name_stories(self._stories))}"
        if len(self._stories) == 1 and (tags := self._stories[0].tags):
            left += f" · in its file: {sanitize_line(', '.join(tags))}"
        if self._problem:
            left = short = self._problem
        self._lines.show_line(left, _TAG_HINTS, short=short)

    def _follow(self, _text: str) -> None:
        self._problem = ""
        self._show()

    async def _keep(self, text: str) -> None:
        self._save(text)
        self._close()

    def _leave(self, drops_text: bool) -> None:
        if not drops_text and self._line is not None:
            self._save(self._line.text)
        self._close(takes_focus=drops_text)

    def _save(self, text: str) -> None:
        tags = {fold_text(tag): tag for tag in parse_tags(text)}
        before = {fold_text(tag): tag for tag in self._before}
        added = [tag for folded, tag in tags.items() if folded not in before]
        removed = [tag for folded, tag in before.items() if folded not in tags]
        change = self._parts.session.labels.change_tags
        self._change(partial(change, self._stories, added, removed))

    def _close(self, *, takes_focus: bool = True) -> None:
        if self._line is not None:
            self._lines.close_entry(self._line, takes_focus=takes_focus)

    async def _complete(self, text: str) -> str:
        session = self._parts.session
        stories, own = [*session.catalog.list_all()], session.labels.list_tags()
        find = partial(list_tag_completions, stories=stories, own_tags=own)
        completed = await self._completions.complete(text, find)
        if completed is None:
            self._problem = "No tag begins with that."
            self._show()
        return completed or text


class ReadStatusController:
    """Sets the read status of stories, undoes changes, and says so in the status bar."""

    def __init__(self, parts: ScreenParts, shelf: ShelfController, late: LateControllers) -> None:
        self._parts = parts
        self._shelf = shelf
        self._late = late

    def toggle(self) -> None:
        """Mark the selected stories finished, or unread if all of them are finished."""
        statuses = self._parts.session.read_statuses
        stories = self._parts.selected_stories
        found = {story.path: statuses.get_status(story) for story in stories}
        is_finished = all(status is ReadStatus.FINISHED for status in found.values())
        target = ReadStatus.UNREAD if is_finished else ReadStatus.FINISHED
        changed = [story for story in stories if found[story.path] is not target]
        if len(stories) > 1:
            changed = [story for story in changed if story.is_readable]

        parts = [partial(statuses.set_status, story, target) for story in changed]
        try:
            made = self._parts.session.groups.make(parts)
        except ReaderError as error:
            self._show_error(error)
        else:
            changes = [one for one in made if isinstance(one, StatusChange)]
            self._show_changes(changes)
        self._parts.refresh()

    def _show_changes(self, changes: Sequence[StatusChange]) -> None:
        """Show that the status of stories was set."""
        if changes:
            stories = [change.story for change in changes]
            self._shelf.update_entries(stories)
            keys, is_saved = self._parts.status_bar.keys, self._parts.is_saving
            self._parts.status_bar.show_notice(
                format_change(changes[0], keys, is_saved=is_saved, names=name_stories(stories))
            )

    def undo(self) -> tuple[str, Change | None]:
        """Undo the last change; return the notice, and the change if there was one."""
        session = self._parts.session
        try:
            change = session.undo()
        except ReaderError as error:
            return self._show_error(error), None
        if isinstance(change, StatusChange):
            self._shelf.update_entries([change.story])
        elif isinstance(change, LabelChange):
            self._shelf.update_entries(change.stories, have_new_labels=True)
        elif isinstance(change, DeletionChange):
            self._late.removal.show_restored(change)
        elif isinstance(change, ShelfChange):
            self._show_again([change.story])
        elif isinstance(change, GroupChange) and isinstance(change.changes[0], ShelfChange):
            self._show_again(change.stories)
        elif isinstance(change, GroupChange):
            self._shelf.update_entries(change.stories)
        notice = format_undo(change, is_saved=self._parts.is_saving)
        self._parts.status_bar.show_notice(notice)
        self._parts.refresh()
        return notice, change

    def _show_again(self, stories: Sequence[Story]) -> None:
        """List the shelf anew after stories have come back to it."""
        self._shelf.update()
        if not self._parts.page.has_focus:
            self._parts.shelf.set_cursor(stories[0].path)
            self._shelf.follow_cursor()
            self._parts.status_bar.follow_story(stories[0].path)

    def show_change(self, change: StatusChange) -> None:
        """Show a new read status on the shelf and in the status bar."""
        self._show_changes([change])

    def _show_error(self, error: ReaderError) -> str:
        notice = f"Can't save that now: {error}"
        self._parts.status_bar.show_notice(notice)
        return notice
