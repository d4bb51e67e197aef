"""What the reader does to whole stories: their read status, stars and tags; and undo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.finding.completion import list_tag_completions
from reader.reading.progress import ReadStatus
from reader.session.changing import MANY_STORIES
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
    from reader.session.changing import ManyUndo
    from reader.session.read_status import Change
    from reader.ui.controllers import LateControllers, ScreenParts
    from reader.ui.controllers.input_lines import InputLines
    from reader.ui.controllers.pacing import ChangeRunner
    from reader.ui.controllers.shelf import ShelfController


_TAG_HINTS: Final = "Enter save · Tab complete · Esc cancel"


class LabelController:
    """Puts stars and tags on stories, takes them off, and says so in the status bar."""

    def __init__(
        self, parts: ScreenParts, shelf: ShelfController, lines: InputLines, changes: ChangeRunner
    ) -> None:
        self._parts = parts
        self._shelf = shelf
        self._lines = lines
        self._changes = changes
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
        stories, own = self._parts.selected_stories, self._parts.session.labels
        if len(stories) > MANY_STORIES:
            labels = own.load()
            is_set = own.lacks_star(stories, labels)
            change = partial(own.set_star, is_set=is_set, labels=labels)
            self._change_many("Starring" if is_set else "Taking stars off", stories, change)
        elif stories:
            self._change(partial(own.toggle_star, stories))

    def _change(self, change: Callable[[], LabelChange | None]) -> None:
        """Change labels, and show the change, or why there is none."""
        try:
            done = change()
        except ReaderError as error:
            self._parts.status_bar.show_notice(f"Can't save that now: {error}")
            return
        if done is not None:
            self._shelf.update_labels(done.edits, done.stories)
        self._show_change(done)

    def _show_change(self, done: Change | None) -> None:
        """Say in the status bar what was done."""
        status_bar, is_saved = self._parts.status_bar, self._parts.is_saving
        if isinstance(done, LabelChange):
            names = name_stories(done.stories, self._parts.facts)
            notice = format_label_change(done, names, status_bar.keys, is_saved=is_saved)
            status_bar.show_notice(notice)
        else:
            status_bar.show_notice("The tags are unchanged.")

    def _change_many(
        self,
        verb: str,
        stories: Sequence[Story],
        change: Callable[[Sequence[Story]], LabelChange | None],
    ) -> None:
        """Change the labels of many stories in slices."""
        if self._changes.refuse():
            return
        many = self._parts.session.many_changes.start_change(stories, change)

        def show(made: Change) -> None:
            if isinstance(made, LabelChange):
                self._shelf.update_labels(made.edits, made.stories)

        self._changes.start(many, verb, show, lambda: self._show_change(many.change))

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
        left = short = f"Tags of {sanitize_line(name_stories(self._stories, self._parts.facts))}"
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
        own, stories = self._parts.session.labels, self._stories
        if len(stories) > MANY_STORIES and (added or removed):
            saved = [story for story in stories if story.is_persistent]
            labels = own.load()
            change = partial(own.change_tags, added=added, removed=removed, labels=labels)
            self._change_many("Tagging", saved, change)
        else:
            self._change(partial(own.change_tags, stories, added, removed))

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
        stories = self._parts.selected_stories
        target = self._find_target(stories)
        if len(stories) > MANY_STORIES:
            self._set_many(stories, target)
            return
        try:
            made = self._set_statuses(stories, target, skips_unreadable=len(stories) > 1)
        except ReaderError as error:
            self._show_error(error)
        else:
            self._show_changes([one for one in made if isinstance(one, StatusChange)])
        self._parts.refresh()

    def _find_target(self, stories: Sequence[Story]) -> ReadStatus:
        """Return unread if all stories are finished, else finished."""
        session = self._parts.session
        shelf_list, statuses = session.shelf_list, session.read_statuses
        for story in stories:
            entry = shelf_list.find_entry(story) if len(stories) > MANY_STORIES else None
            status = entry.status if entry is not None else statuses.get_status(story)
            if status is not ReadStatus.FINISHED:
                return ReadStatus.FINISHED
        return ReadStatus.UNREAD

    def _set_statuses(
        self, stories: Sequence[Story], target: ReadStatus, *, skips_unreadable: bool
    ) -> Sequence[StatusChange | ShelfChange]:
        """Set the status of those stories that have another one, in one transaction."""
        statuses = self._parts.session.read_statuses
        changed = [
            story
            for story in stories
            if (story.is_readable or not skips_unreadable)
            and statuses.get_status(story) is not target
        ]
        return self._parts.session.groups.make(
            [partial(statuses.set_status, story, target) for story in changed]
        )

    def _set_many(self, stories: Sequence[Story], target: ReadStatus) -> None:
        """Set the status of many stories in slices."""
        if self._late.changes.refuse():
            return
        make = partial(self._set_statuses, target=target, skips_unreadable=True)
        many = self._parts.session.many_changes.start_change(stories, make)

        def finish() -> None:
            self._show_notice(many.change)
            self._parts.refresh()

        is_finished = target is ReadStatus.FINISHED
        verb = "Marking finished" if is_finished else "Marking unread"
        self._late.changes.start(many, verb, self._show_slice, finish)

    def _show_slice(self, change: Change) -> None:
        """Show on the shelf that the status of some stories was set."""
        if isinstance(change, StatusChange):
            self._shelf.update_entries([change.story])
        elif isinstance(change, GroupChange):
            self._shelf.update_entries(change.stories)

    def _show_notice(self, change: Change | None) -> None:
        """Say in the status bar that the status of stories was set."""
        changes = change.changes if isinstance(change, GroupChange) else (change,)
        statuses = [one for one in changes if isinstance(one, StatusChange)]
        if statuses:
            keys, is_saved = self._parts.status_bar.keys, self._parts.is_saving
            names = name_stories([one.story for one in statuses], self._parts.facts)
            notice = format_change(statuses[0], names, keys, is_saved=is_saved)
            self._parts.status_bar.show_notice(notice)

    def _show_changes(self, changes: Sequence[StatusChange]) -> None:
        """Show that the status of stories was set."""
        if changes:
            self._shelf.update_entries([change.story for change in changes])
            self._show_notice(GroupChange(tuple(changes)))

    def undo(self) -> tuple[str, Change | None]:
        """Undo the last change; return the notice, and the change if there was one.

        That of many stories is undone in slices. None is returned for it.
        """
        session = self._parts.session
        self._late.changes.stop()  # what it has done is the last change
        if (many := session.many_changes.start_undo()) is not None:
            self._undo_many(many)
            return self._parts.status_bar.text, None
        try:
            change = session.undo()
        except ReaderError as error:
            return self._show_error(error), None
        if isinstance(change, StatusChange):
            self._shelf.update_entries([change.story])
        elif isinstance(change, LabelChange):
            self._shelf.update_labels([one.inverse for one in change.edits], change.stories)
        elif isinstance(change, DeletionChange):
            self._late.removal.show_restored(change)
        elif isinstance(change, ShelfChange):
            self._show_again([change.story])
        elif isinstance(change, GroupChange) and isinstance(change.changes[0], ShelfChange):
            self._show_again(change.stories)
        elif isinstance(change, GroupChange):
            self._shelf.update_entries(change.stories)
        notice = format_undo(change, self._parts.facts, is_saved=self._parts.is_saving)
        self._parts.status_bar.show_notice(notice)
        self._parts.refresh()
        return notice, change

    def _undo_many(self, many: ManyUndo) -> None:
        """Undo a change of many stories in slices."""

        def show(change: Change) -> None:
            if isinstance(change, LabelChange):
                self._shelf.update_labels([one.inverse for one in change.edits], change.stories)
            else:
                self._show_slice(change)

        def finish() -> None:
            first = many.change.changes[0] if isinstance(many.change, GroupChange) else None
            if isinstance(many.change, DeletionChange):
                self._late.removal.show_restored(many.change)
            elif isinstance(first, ShelfChange):
                self._show_again(many.change.stories)
            notice = format_undo(many.change, self._parts.facts, is_saved=self._parts.is_saving)
            self._parts.status_bar.show_notice(notice)
            self._parts.refresh()

        self._late.changes.start(many, "Undoing", show, finish)

    def _show_again(self, stories: Sequence[Story]) -> None:
        """List the shelf anew after stories have come back to it."""
        self._shelf.update()
        self._shelf.go_to(stories[0])

    def show_change(self, change: StatusChange) -> None:
        """Show a new read status on the shelf and in the status bar."""
        self._show_changes([change])

    def _show_error(self, error: ReaderError) -> str:
        notice = f"Can't save that now: {error}"
        self._parts.status_bar.show_notice(notice)
        return notice
