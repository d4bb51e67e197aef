"""Take stories off the shelf: hide them, or delete them to the trash; show those that come back."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.session.changing import MANY_STORIES
from reader.session.read_status import GroupChange, ShelfChange
from reader.ui import start_worker
from reader.ui.widgets.notices import format_deletion, format_shelf_change, name_stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.library.story import Story
    from reader.session.read_status import Change, DeletionChange, StatusChange
    from reader.session.removing import DeletionJob
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.pacing import ChangeRunner
    from reader.ui.controllers.shelf import ShelfController

FORGOTTEN_AT_ONCE: Final = 500
"""Deleted stories that are taken off the shelf in a few milliseconds."""
MAX_AT_ONCE: Final = 20
"""Stories that are deleted without a worker: it takes about ten milliseconds."""


class RemovalController:
    """Hides stories and deletes their files, and says so in the status bar."""

    def __init__(self, parts: ScreenParts, shelf: ShelfController, changes: ChangeRunner) -> None:
        self._parts = parts
        self._shelf = shelf
        self._changes = changes

    def hide(self) -> None:
        """Hide the selected stories, or show them again if all are hidden.

        If the one at the cursor leaves the shelf, the cursor goes to the next.
        """
        session, stories = self._parts.session, self._parts.selected_stories
        session.shelf_list.load_view_data()
        hidden = session.shelf_list.view.hidden
        is_hidden = any(story.id not in hidden for story in stories)
        make = partial(self._set_hidden, is_hidden=is_hidden, hidden=hidden)
        if len(stories) > MANY_STORIES:
            if not self._changes.refuse():
                many = session.many_changes.start_change(stories, make)
                verb = "Hiding" if is_hidden else "Showing again"
                self._changes.start(
                    many, verb, lambda _: None, lambda: self._show_hidden(many.change)
                )
            return
        try:
            made = make(stories)
        except ReaderError as error:
            self._parts.status_bar.show_notice(f"Can't save that now: {error}")
        else:
            changes = tuple(one for one in made if isinstance(one, ShelfChange))
            self._show_hidden(GroupChange(changes))

    def _set_hidden(
        self, stories: Sequence[Story], *, is_hidden: bool, hidden: frozenset[str]
    ) -> Sequence[StatusChange | ShelfChange]:
        """Hide those of some stories that are not in `hidden`, or show those that are."""
        set_hidden, groups = self._parts.session.removals.set_hidden, self._parts.session.groups
        changed = [story for story in stories if (story.id in hidden) is not is_hidden]
        return groups.make([partial(set_hidden, each, is_hidden=is_hidden) for each in changed])

    def _show_hidden(self, change: Change | None) -> None:
        """Show the shelf after stories were hidden or shown again, and say so."""
        changes = change.changes if isinstance(change, GroupChange) else (change,)
        made = [one for one in changes if isinstance(one, ShelfChange)]
        session, shelf, status_bar = self._parts.session, self._parts.shelf, self._parts.status_bar
        is_left_out = (
            any(one.is_hidden for one in made) and not session.shelf_list.view.shows_hidden
        )
        files = {one.story.location for one in made}
        if is_left_out and shelf.story and shelf.story.location in files:
            shelf.leave_stories(files)
        following, facts = shelf.story, self._parts.facts
        self._shelf.update()
        if following is not None:  # the page may show another story until it has loaded this one
            shelf.set_cursor(following.path)
            self._shelf.follow_cursor()
            status_bar.follow_story(following.path)  # else the notice goes with the story
        if made:
            names = name_stories([one.story for one in made], facts)
            is_saved = self._parts.is_saving
            notice = format_shelf_change(made[0], names, status_bar.keys, is_saved=is_saved)
            status_bar.show_notice(notice)

    def delete(self) -> None:
        """Delete the selected stories, or say why that can't be done.

        The cursor goes to the next story that is left, and the page with it.
        """
        session, status_bar = self._parts.session, self._parts.status_bar
        stories = self._parts.selected_stories
        if not stories:
            return
        if session.is_private:
            status_bar.show_notice("Private mode: nothing is deleted.")
            return
        if not session.removals.are_own(stories):
            status_bar.show_notice(_explain_refusal(len(stories), status_bar.keys.hide))
            return
        job = session.removals.start_deletion(stories)
        if len(stories) > MAX_AT_ONCE:
            if not self._changes.refuse():
                start_worker(self._parts.screen, "change", self._delete_many, job)
            return
        try:
            self._show_deletion(session.removals.finish_deletion(job.run()))
        except ReaderError as error:
            status_bar.show_notice(f"Not deleted: {error}")

    async def _delete_many(self, job: DeletionJob) -> None:
        """Delete many stories in a thread; keys are answered meanwhile."""
        removals = self._parts.session.removals
        try:
            change = await self._changes.run_job("Deleting", len(job.stories), job.run)
        except ReaderError as error:
            self._parts.status_bar.show_notice(f"Not deleted: {error}")
            return
        for start in range(0, len(change.stories), FORGOTTEN_AT_ONCE):
            removals.forget(change.stories[start : start + FORGOTTEN_AT_ONCE])
            await asyncio.sleep(0)
        self._show_deletion(removals.record_deletion(change))

    def _show_deletion(self, change: DeletionChange) -> None:
        """Show the shelf without the deleted stories, and say what was done."""
        status_bar = self._parts.status_bar
        names = name_stories(change.stories, self._parts.facts)
        if self._parts.page.has_focus:
            self._shelf.show_shelf()
        self._close_deleted(change)
        self._shelf.update()
        self._shelf.follow_cursor()
        shelf = self._parts.shelf
        if shelf.story is not None:
            status_bar.follow_story(shelf.story.path)  # else the notice goes with the story
        status_bar.show_notice(format_deletion(change, names, status_bar.keys))

    def _close_deleted(self, change: DeletionChange) -> None:
        """Move the cursor off the deleted stories, and leave the one that is open if it is one."""
        session, shelf = self._parts.session, self._parts.shelf
        files = {story.location for story in change.stories}
        is_left = shelf.leave_stories(files)
        if session.current is not None and session.current.story.location in files:
            session.leave()
            if not is_left:  # else the page shows the next one in a moment
                self._parts.page.show_blocks(())

    def show_restored(self, change: DeletionChange) -> None:
        """Show the stories that an undo has brought back, with the cursor on the first one."""
        self._shelf.update()
        if change.stories:
            self._shelf.go_to(change.stories[0])


def _explain_refusal(count: int, hide_key: str) -> str:
    """Return why stories of other folders aren't deleted, and what can be done."""
    notice = "Only your own stories are deleted"
    return (
        f"{notice}; {hide_key} hides {'this one' if count == 1 else 'these'}."
        if hide_key
        else f"{notice}."
    )
