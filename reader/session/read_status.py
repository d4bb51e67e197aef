"""Change read statuses, by reading or by hand, and record changes for undo.

`UndoStack` holds all undoable changes of the session, those of annotations included.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from reader.errors import UnreadableFile
from reader.reading.annotations import AnnotationChange
from reader.reading.progress import ReadStatus, WordRanges, merge_ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from reader.library.story import Story
    from reader.session.open_story import OpenStory
    from reader.store.stories import LabelEdit
    from reader.store.write_behind import WriteBehind


class StatusChange(NamedTuple):
    """A change of a story's read status, with what is required to undo it."""

    story: Story
    status: ReadStatus
    """The new status."""
    status_before: ReadStatus
    ranges_before: WordRanges | None
    """The words read that undoing restores; None if undoing leaves them as they are."""
    is_automatic: bool
    """Reading changed the status, not the reader by hand."""
    finish_id: str = ""
    """The id of the history entry that the change added or deleted, or empty."""


class ShelfChange(NamedTuple):
    """A story was hidden from the shelf, or shown again."""

    story: Story
    is_hidden: bool
    """It was taken off the shelf."""


class TrashedFile(NamedTuple):
    """A file in the trash."""

    path: Path
    """Where it was."""
    trashed: Path
    """Where it is."""
    note: Path | None
    """The file that says where it was; None in a plain folder."""


class DeletionChange(NamedTuple):
    """The files of stories were moved to the trash."""

    stories: tuple[Story, ...]
    moved: tuple[TrashedFile, ...]
    """These files, each with what only it needed after it."""
    problem: str = ""
    """Why the files of others could not be moved; empty if all were."""


class LabelChange(NamedTuple):
    """Stars or tags that were put on stories, or taken off."""

    stories: Sequence[Story]
    edits: Sequence[LabelEdit]
    """Each of them changed something."""


class GroupChange(NamedTuple):
    """Changes of several stories that are undone as one."""

    changes: Sequence[StatusChange | ShelfChange]

    @property
    def stories(self) -> tuple[Story, ...]:
        """The stories that were changed."""
        return tuple(change.story for change in self.changes)


Change: TypeAlias = (
    "StatusChange | AnnotationChange | ShelfChange | DeletionChange | LabelChange | GroupChange"
)
_ChangeT = TypeVar("_ChangeT", bound="Change")


class UndoStack:
    """The changes made in this session that can be undone."""

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._reverts: dict[type, Callable[[Any], Change]] = {}
        """By the type of a change: what undoes it."""
        self.version = 0
        """It grows with each change that is made or undone."""

    def push(self, change: Change) -> None:
        """Add the newest change."""
        self._changes.append(change)
        self.version += 1

    def add_revert(self, kind: type[_ChangeT], revert: Callable[[_ChangeT], _ChangeT]) -> None:
        """Let `revert` undo changes of a type, and return what was undone."""
        self._reverts[kind] = revert

    @contextmanager
    def group(self) -> Iterator[list[StatusChange | ShelfChange]]:
        """Let what is pushed meanwhile be undone as one; on an error, forget it.

        The list that is yielded has the changes at the end.
        """
        first, made = len(self._changes), list[StatusChange | ShelfChange]()
        try:
            yield made
        except BaseException:  # also on KeyboardInterrupt: nothing was saved that could be undone
            del self._changes[first:]
            raise
        pushed = self._changes[first:]
        made += [one for one in pushed if isinstance(one, StatusChange | ShelfChange)]
        if len(made) > 1:
            self._changes[first:] = [GroupChange(tuple(made))]

    @property
    def newest(self) -> Change | None:
        """The change that `undo` would undo; None if there is none."""
        return self._changes[-1] if self._changes else None

    def take_newest(self) -> Change:
        """Take the newest change off, without undoing it."""
        return self._changes.pop()

    def extend(self, before: Change | None, change: Change) -> Change:
        """Let a change be undone as one with the one before, if that is still there.

        Return what is undone together.
        """
        for number in reversed(range(len(self._changes))):
            if before is not None and self._changes[number] is before:
                self._changes[number] = change = _join(before, change)
                return change
        self._changes.append(change)
        return change

    def rename_story(self, story_id: str, story: Story) -> None:
        """Let the changes of a story be undone under the id that it has now."""
        for number, change in enumerate(self._changes):
            if isinstance(change, LabelChange):
                self._changes[number] = _rename_labelled(change, story_id, story)
            elif isinstance(change, DeletionChange):
                stories = (story if one.id == story_id else one for one in change.stories)
                self._changes[number] = change._replace(stories=tuple(stories))
            elif isinstance(change, GroupChange):
                renamed = (
                    one._replace(story=story) if one.story.id == story_id else one
                    for one in change.changes
                )
                self._changes[number] = GroupChange(tuple(renamed))
            elif not isinstance(change, StatusChange | ShelfChange):
                self._changes[number] = change.with_story(story_id, story.id)
            elif change.story.id == story_id:
                self._changes[number] = change._replace(story=story)

    def revert(self, change: Change) -> Change:
        """Undo a change, and return it. Raises `StateError`, and then nothing has changed."""
        return self._reverts[type(change)](change)

    def undo(self) -> Change | None:
        """Undo the newest change and return it; None if there is none.

        Raises `StateError`, and then nothing has changed.
        """
        if not self._changes:
            return None
        change = self.revert(self._changes[-1])
        self._changes.pop()
        self.version += 1
        if isinstance(change, AnnotationChange) and change.is_discard:
            before, after = change.after, change.before
            self.push(change._replace(before=before, after=after, is_discard=False))
        return change

    def undo_part(self, change: Change, most: int) -> tuple[Change | None, Change | None]:
        """Undo a change for so many of its stories, the last ones.

        Return what was undone, and what is left of the change. Both are None if it isn't there any
        more. Raises `StateError`, and then nothing has changed.
        """
        place = next((n for n, one in enumerate(self._changes) if one is change), None)
        if place is None:
            return None, None
        rest, part = _split(change, most)
        undone = self.revert(part)
        self._changes[place : place + 1] = [rest] if rest is not None else []
        self.version += 1
        return undone, rest


def _join(one: Change, other: Change) -> Change:
    """Return two changes of other stories as one. Lists, of one joined before, are extended."""
    if isinstance(one, LabelChange) and isinstance(other, LabelChange):
        if isinstance(one.stories, list) and isinstance(one.edits, list):
            one.stories.extend(other.stories)
            one.edits.extend(other.edits)
            return one
        return LabelChange([*one.stories, *other.stories], [*one.edits, *other.edits])
    if isinstance(one, GroupChange) and isinstance(one.changes, list):
        one.changes.extend(_list_parts(other))
        return one
    return GroupChange([*_list_parts(one), *_list_parts(other)])


def _list_parts(change: Change) -> list[StatusChange | ShelfChange]:
    parts = change.changes if isinstance(change, GroupChange) else (change,)
    return [part for part in parts if isinstance(part, StatusChange | ShelfChange)]


def _split(change: Change, most: int) -> tuple[Change | None, Change]:
    """Return a change without its last stories, if others are left, and the change of those."""
    if isinstance(change, GroupChange) and len(change.changes) > most:
        return GroupChange(change.changes[:-most]), GroupChange(change.changes[-most:])
    if isinstance(change, LabelChange) and len(change.stories) > most:
        ids, edits = {story.id for story in change.stories[-most:]}, change.edits
        count = sum(1 for _ in takewhile(lambda edit: edit.story_id in ids, reversed(edits)))
        place = len(edits) - count
        rest = LabelChange(change.stories[:-most], edits[:place])
        return rest, LabelChange(change.stories[-most:], edits[place:])
    if isinstance(change, DeletionChange) and len(change.stories) > most:
        last = {story.path for story in change.stories[-most:]}
        place = next(n for n, file in enumerate(change.moved) if file.path in last)
        left = DeletionChange(change.stories[:-most], change.moved[:place], change.problem)
        return left, DeletionChange(change.stories[-most:], change.moved[place:])
    return None, change


def _rename_labelled(change: LabelChange, story_id: str, story: Story) -> LabelChange:
    """Return a change of labels in which the story with that id is `story`."""
    stories = tuple(story if one.id == story_id else one for one in change.stories)
    edits = (
        edit._replace(story_id=story.id) if edit.story_id == story_id else edit
        for edit in change.edits
    )
    return LabelChange(stories, tuple(edits))


class ReadStatuses:
    """The read status of each story, and its changes."""

    def __init__(self, write_behind: WriteBehind, undo_stack: UndoStack) -> None:
        self._write_behind = write_behind
        self._undo_stack = undo_stack
        undo_stack.add_revert(StatusChange, self.revert)
        self._current: OpenStory | None = None
        self._last_status = ReadStatus.UNREAD
        """The open story's status when it was last checked or set."""
        self._unannounced: list[StatusChange] = []
        """The automatic changes that the reader has not been shown, the oldest first."""

    def watch_story(self, open_story: OpenStory | None) -> None:
        """Watch the status of another open story, or of none."""
        self._current = open_story
        if open_story is not None:
            self._last_status = open_story.reading_credit.status

    def detect_change(self) -> None:
        """Record a change that reading has made to the open story's status since the last call."""
        if self._current is None or self._current.reading_credit.status is self._last_status:
            return
        story, before = self._current.story, self._last_status
        self._last_status = status = self._current.reading_credit.status
        finish_id = self._write_behind.queue_status(story, status) if story.is_persistent else ""
        # An unread story has no words read, so undoing "started" removes them.
        ranges = () if before is ReadStatus.UNREAD else None
        change = StatusChange(story, status, before, ranges, is_automatic=True, finish_id=finish_id)
        self._undo_stack.push(change)
        self._unannounced.append(change)

    def prepare_change(self) -> None:
        """Queue what reading has changed so far, before a change by hand or an undo.

        If the text was edited, queue its record too: words that an undo restores are
        numbered in the new text.
        """
        self.detect_change()
        if self._current is not None:
            self._current.queue_changes(self._write_behind)
            if self._current.is_text_changed:
                self._current.queue_text_record(self._write_behind)

    def next_announcement(self) -> StatusChange | None:
        """Return the oldest automatic change that was not announced yet, once; None if none."""
        return self._unannounced.pop(0) if self._unannounced else None

    def get_status(self, story: Story) -> ReadStatus:
        """Return the current status of `story`."""
        open_story = self._get_if_open(story)
        if open_story is not None:
            return open_story.reading_credit.status
        return self._write_behind.load_story_state(story).status

    def set_status(self, story: Story, status: ReadStatus) -> StatusChange:
        """Set the status by hand; reading no longer changes it until the story is closed.

        A story set to unread has no words read. Raises `StateError`, and then nothing has
        changed, or `UnreadableFile` for a story whose file can't be read.
        """
        self.prepare_change()
        if not story.is_readable:
            raise UnreadableFile(f"{story.title}: {story.deck}")
        is_unread = status is ReadStatus.UNREAD
        change = StatusChange(
            story,
            status,
            self.get_status(story),
            self._get_ranges(story) if is_unread else None,
            is_automatic=False,
            finish_id=self._make_finish_id(story, status),
        )
        self._apply(story, status, () if is_unread else None, change.finish_id)
        self._undo_stack.push(change)
        return change

    def revert(self, change: StatusChange) -> StatusChange:
        """Undo a change. Return it with the status that the story has now in `status_before`.

        Raises `StateError`, and then nothing has changed.
        """
        stored = self._write_behind.load_story_state(change.story).status
        if change.is_automatic and change.story.is_persistent and stored is not change.status:
            # Another program has changed the status since: leave that.
            change = change._replace(status_before=stored, ranges_before=None)
        ranges = change.ranges_before
        if ranges:  # together with the words read since
            ranges = merge_ranges(ranges, self._get_ranges(change.story))
        self._apply(change.story, change.status_before, ranges, change.finish_id)
        return change

    def _make_finish_id(self, story: Story, status: ReadStatus) -> str:
        """Return the id of the history entry that setting `status` adds or deletes, or ''."""
        before = self.get_status(story)
        if status is before or ReadStatus.FINISHED not in (status, before):
            return ""
        if status is ReadStatus.FINISHED:
            return self._write_behind.make_finish_id()
        return self._write_behind.find_recent_finish_id(story)

    def _apply(
        self, story: Story, status: ReadStatus, ranges: WordRanges | None, finish_id: str
    ) -> None:
        self._write_behind.set_status(story, status, ranges, finish_id)
        # An earlier automatic change is out of date now.
        self._unannounced = [one for one in self._unannounced if one.story.id != story.id]
        open_story = self._get_if_open(story)
        if open_story is not None:
            credit = open_story.reading_credit
            credit.override_status(status, credit.ranges if ranges is None else ranges)
            self._last_status = status

    def _get_ranges(self, story: Story) -> WordRanges:
        open_story = self._get_if_open(story)
        if open_story is not None:
            return open_story.reading_credit.ranges
        return self._write_behind.load_story_state(story).ranges

    def _get_if_open(self, story: Story) -> OpenStory | None:
        """Return the open story if it is `story`."""
        current = self._current
        return current if current is not None and current.story.id == story.id else None


class ChangeGroups:
    """Changes several stories at once: saved in one transaction, and undone as one."""

    def __init__(
        self, write_behind: WriteBehind, undo_stack: UndoStack, read_statuses: ReadStatuses
    ) -> None:
        self._write_behind = write_behind
        self._undo_stack = undo_stack
        self._read_statuses = read_statuses
        undo_stack.add_revert(GroupChange, self._revert)

    def make(
        self, parts: Sequence[Callable[[], StatusChange | ShelfChange]]
    ) -> Sequence[StatusChange | ShelfChange]:
        """Make each of the changes that `parts` make, and return them.

        Raises what they raise, and then nothing has changed.
        """
        if len(parts) == 1:
            return [parts[0]()]
        self._read_statuses.prepare_change()
        made: Sequence[StatusChange | ShelfChange] = ()

        def change_all() -> None:
            nonlocal made
            with self._undo_stack.group() as made:
                for part in parts:
                    part()

        if parts:
            self._write_behind.write_together(change_all)
        return made

    def _revert(self, group: GroupChange) -> GroupChange:
        """Undo a group. Raises `StateError`, and then nothing has changed."""

        def revert_all() -> None:
            for change in reversed(group.changes):
                self._undo_stack.revert(change)

        self._write_behind.write_together(revert_all)
        return group
