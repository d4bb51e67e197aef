"""Delete stories to the trash, and show those that an undo brings back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.ui import run_in_thread, start_worker
from reader.ui.widgets.notices import format_deletion

if TYPE_CHECKING:
    from reader.session.read_status import DeletionChange
    from reader.session.removing import DeletionJob
    from reader.ui.controllers import ScreenParts
    from reader.ui.controllers.shelf import ShelfController

MAX_AT_ONCE: Final = 20
"""Stories that are deleted without a worker: it takes about ten milliseconds."""


class RemovalController:
    """Deletes the files of stories, and says so in the status bar."""

    def __init__(self, parts: ScreenParts, shelf: ShelfController) -> None:
        self._parts = parts
        self._shelf = shelf

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
            start_worker(self._parts.screen, "delete", self._delete_many, job, exclusive=False)
            return
        try:
            self._show_deletion(session.removals.finish_deletion(job.run()))
        except ReaderError as error:
            status_bar.show_notice(f"Not deleted: {error}")

    async def _delete_many(self, job: DeletionJob) -> None:
        """Delete many stories in a thread; keys are answered meanwhile."""
        try:
            change = await run_in_thread(job.run)
        except ReaderError as error:
            self._parts.status_bar.show_notice(f"Not deleted: {error}")
        else:
            self._show_deletion(self._parts.session.removals.finish_deletion(change))

    def _show_deletion(self, change: DeletionChange) -> None:
        """Show the shelf without the deleted stories, and say what was done."""
        status_bar = self._parts.status_bar
        if self._parts.page.has_focus:
            self._shelf.show_shelf()
        self._close_deleted(change)
        self._shelf.update()
        self._shelf.follow_cursor()
        shelf = self._parts.shelf
        if shelf.story is not None:
            status_bar.follow_story(shelf.story.path)  # else the notice goes with the story
        status_bar.show_notice(format_deletion(change, status_bar.keys))

    def _close_deleted(self, change: DeletionChange) -> None:
        """Move the cursor off the deleted stories, and leave the one that is open if it is one."""
        session, shelf = self._parts.session, self._parts.shelf
        paths = {story.path for story in change.stories}
        is_left = shelf.leave_stories(paths)
        if session.current is not None and session.current.story.path in paths:
            session.leave()
            if not is_left:  # else the page shows the next one in a moment
                self._parts.page.show_blocks(())

    def show_restored(self, change: DeletionChange) -> None:
        """Show the stories that an undo has brought back, with the cursor on the first one."""
        self._shelf.update()
        if change.stories and not self._parts.page.has_focus:
            path = change.stories[0].path
            self._parts.shelf.set_cursor(path)
            self._shelf.follow_cursor()
            self._parts.status_bar.follow_story(path)  # else the notice goes with the story before


def _explain_refusal(count: int, hide_key: str) -> str:
    """Return why stories of other folders aren't deleted, and what can be done."""
    notice = "Only your own stories are deleted"
    return (
        f"{notice}; {hide_key} hides {'this one' if count == 1 else 'these'}."
        if hide_key
        else f"{notice}."
    )
