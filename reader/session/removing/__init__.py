"""Take stories off the shelf, and bring them back: those that the reader hides or deletes.

The file of a deleted story goes to the trash. The reading data of such a story stays.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import BadUsage, UnreadableFile
from reader.library.files import find_file
from reader.session.read_status import DeletionChange, ShelfChange
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from reader.library.catalog import Catalog
    from reader.library.story import Story
    from reader.library.watch import LibraryWatch
    from reader.session.known_stories import KnownStories
    from reader.session.read_status import TrashedFile, UndoStack
    from reader.store.write_behind import WriteBehind

_GONE: Final = "it is no longer in the trash"


class DeletionJob(NamedTuple):
    """Moves the files of stories to the trash; may run in a worker."""

    stories: Sequence[Story]
    own_folder: Path

    def run(self, must_stop: Callable[[int], bool] = lambda _: False) -> DeletionChange:
        """Move the files, and what only they need.

        `must_stop` is told before each story how many are done, and returns whether the others
        stay. Raises `UnreadableFile` if none can be moved. If some can't, `problem` of the change
        says why.
        """
        from reader.session.removing.companions import find_companions, remove_empty_folders
        from reader.session.removing.trash import move_to_trash

        companions = find_companions([story.path for story in self.stories])
        deleted: list[Story] = []
        moved: list[TrashedFile] = []
        problem = ""
        for number, story in enumerate(self.stories):
            if must_stop(number):
                break
            try:
                moved.append(move_to_trash(story.path, self.own_folder))
            except OSError as error:
                problem = problem or _explain(story.path, error)
                continue
            deleted.append(story)
            for path in companions[story.path]:
                with contextlib.suppress(OSError):  # it stays, and harms nobody
                    moved.append(move_to_trash(path, self.own_folder))
        remove_empty_folders([file.path for file in moved])
        if not deleted:
            raise UnreadableFile(problem or "stopped")
        return DeletionChange(tuple(deleted), tuple(moved), problem)


class Removals:
    """Takes stories off the shelf. What it does can be undone."""

    def __init__(
        self,
        write_behind: WriteBehind,
        undo_stack: UndoStack,
        catalog: Catalog,
        known_stories: KnownStories,
        watch: LibraryWatch,
    ) -> None:
        self._write_behind = write_behind
        self._undo_stack = undo_stack
        self._catalog = catalog
        self._known_stories = known_stories
        self._watch = watch
        undo_stack.add_revert(ShelfChange, self.revert)
        undo_stack.add_revert(DeletionChange, self.restore)

    def toggle_hidden(self, story: Story) -> ShelfChange:
        """Hide `story` from the shelf; show it again if it is hidden.

        Raises what `set_hidden` raises.
        """
        return self.set_hidden(story, is_hidden=story.id not in self._write_behind.load_hidden())

    def set_hidden(self, story: Story, *, is_hidden: bool) -> ShelfChange:
        """Hide `story` from the shelf, or show it again.

        Raises `StateError`, and then nothing has changed, or `BadUsage` for a text without a file.
        """
        if not story.is_persistent:
            raise BadUsage("this text has no file")
        change = ShelfChange(story, is_hidden)
        self._write_behind.set_hidden(story, is_hidden=is_hidden)
        self._undo_stack.push(change)
        return change

    def revert(self, change: ShelfChange) -> ShelfChange:
        """Undo a change, and return it. Raises `StateError`, and then nothing has changed."""
        self._write_behind.set_hidden(change.story, is_hidden=not change.is_hidden)
        return change

    def are_own(self, stories: Iterable[Story]) -> bool:
        """Return whether the files of `stories` are in the folder of the reader's own stories."""
        own = self._catalog.own_folder
        real = os.path.realpath(own) if own is not None else ""
        return bool(real) and all(one.location.startswith(f"{real}{os.sep}") for one in stories)

    def delete(self, stories: Sequence[Story]) -> DeletionChange:
        """Move the files of stories to the trash. Raises what `start_deletion` and its job do."""
        return self.finish_deletion(self.start_deletion(stories).run())

    def start_deletion(self, stories: Sequence[Story]) -> DeletionJob:
        """Return the job that moves the files of stories to the trash.

        `finish_deletion` must take its result. Raises `BadUsage` if a story is not the reader's own.
        """
        own = self._catalog.own_folder
        if own is None or not self.are_own(stories):
            raise BadUsage("Only stories of your own folder are deleted")
        return DeletionJob(stories, own)

    def finish_deletion(self, change: DeletionChange) -> DeletionChange:
        """Take what a job has deleted off the shelf; return it, so that it can be shown."""
        self.forget(change.stories)
        return self.record_deletion(change)

    def record_deletion(self, change: DeletionChange) -> DeletionChange:
        """Let a deletion whose stories are forgotten be undone; return it."""
        self._undo_stack.push(change)
        return change

    def forget(self, stories: Iterable[Story]) -> None:
        """Forget stories, as if their files had never been there. Reading data stays."""
        for story in stories:
            self._catalog.remove(story.path)
            self._known_stories.remove(story.path)
            self._watch.files.remove(story.location)

    def restore(self, change: DeletionChange) -> DeletionChange:
        """Bring the files of deleted stories back, and return the change.

        It has only the stories whose files are there again, and `problem` says why others aren't:
        the trash was emptied. Raises `UnreadableFile` if a file can't be moved; a later call goes
        on with it.
        """
        from reader.session.removing.trash import restore

        for file in change.moved:
            if not os.path.lexists(file.trashed):
                continue  # it was brought back before, or by a file manager, or is gone
            try:
                restore(file)
            except OSError as error:
                reason = _explain(file.path, error)
                raise UnreadableFile(f"{reason}; it stays in the trash") from error
        found = [(story, find_file(story.path)) for story in change.stories]
        present = [story for story, there in found if there is not None]
        for story in self._known_stories.identify(present, False) if present else ():
            self._catalog.add(story)
        self._watch.add_files([there for _, there in found if there is not None])
        gone = [f"{sanitize_line(story.path.name)}: {_GONE}" for story, there in found if not there]
        stories = tuple(story for story, there in found if there)
        return change._replace(stories=stories, problem=gone[0] if gone else "")


def _explain(path: Path, error: OSError) -> str:
    if isinstance(error, FileExistsError):
        return f"{sanitize_line(path.name)}: there is another file of this name now"
    reason = (error.strerror or "it can't be moved").lower()
    return f"{sanitize_line(path.name)}: {reason}"
