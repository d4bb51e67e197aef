"""Read status changes made in this session, by reading or by hand, and their undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reader.errors import UnreadableFile
from reader.reading.progress import ReadStatus, WordRanges, merge_ranges

if TYPE_CHECKING:
    from reader.library.story import Story
    from reader.session.annotations import AnnotationChange
    from reader.session.open_story import OpenStory
    from reader.store.write_behind import WriteBehind


class StatusChange(NamedTuple):
    """A mark that was set, and what undoes it."""

    story: Story
    status: ReadStatus
    before: ReadStatus
    ranges_before: WordRanges | None
    """The words that taking it back gives back, None where none were taken."""
    is_automatic: bool
    finish_id: str = ""
    """The id of the line of the history that came or went with it."""


class ReadStatuses:
    """Sets marks, and takes them back one by one."""

    def __init__(
        self,
        write_behind: WriteBehind,
        undo_stack: list[StatusChange | AnnotationChange] | None = None,
    ) -> None:
        self.unannounced: list[StatusChange] = []
        """What reading has set, and nobody was told yet."""
        self._write_behind = write_behind
        self._undo_stack = [] if undo_stack is None else undo_stack
        """What was done in this run, in its order: marks, and what others take back."""
        self._current: OpenStory | None = None
        self._last_status = ReadStatus.UNREAD
        """The open story's mark as it was last seen."""

    def watch_story(self, visit: OpenStory | None) -> None:
        """Watch the mark of the story that is open from now on."""
        self._current = visit
        if visit is not None:
            self._last_status = visit.reading_credit.status

    def detect_change(self) -> None:
        """Note a mark that reading has set since this was last asked: before any by hand."""
        if self._current is None or self._current.reading_credit.status is self._last_status:
            return
        story, before = self._current.story, self._last_status
        self._last_status = self._current.reading_credit.status
        ranges = (
            () if before is ReadStatus.UNREAD else None
        )  # what is unread again has no words read
        finish = (
            self._write_behind.queue_status(story, self._last_status) if story.is_persistent else ""
        )
        change = StatusChange(
            story, self._last_status, before, ranges, is_automatic=True, finish_id=finish
        )
        self._undo_stack.append(change)
        self.unannounced.append(change)

    def get_status(self, story: Story) -> ReadStatus:
        """Return the mark of `story` as it is now."""
        visit = self._get_if_open(story)
        return (
            visit.reading_credit.status
            if visit
            else self._write_behind.load_story_state(story).status
        )

    def set_status(self, story: Story, status: ReadStatus) -> StatusChange:
        """Set a mark by the reader's own hand. What is unread has no words read.

        Raises `StateError`, or `Unreadable` for what can't be read.
        """
        if not story.is_readable:
            raise UnreadableFile(f"{story.title}: {story.deck}")
        ranges = self._get_ranges(story) if status is ReadStatus.UNREAD else None
        finish = self._get_finish_id(story, status)
        change = StatusChange(
            story, status, self.get_status(story), ranges, is_automatic=False, finish_id=finish
        )
        self._apply_status(story, status, () if status is ReadStatus.UNREAD else None, finish)
        self._undo_stack.append(change)
        return change

    def undo(self) -> StatusChange | None:
        """Take back what was done last if it is a mark. Raises `StateError`."""
        change = self._undo_stack[-1] if self._undo_stack else None
        if not isinstance(change, StatusChange):
            return None
        now = self._write_behind.load_story_state(change.story).status
        if change.is_automatic and now is not change.status and change.story.is_persistent:
            change = change._replace(before=now, ranges_before=None)  # another program set it since
        ranges = change.ranges_before
        if ranges:
            ranges = merge_ranges(
                ranges, self._get_ranges(change.story)
            )  # with what was read since
        self._apply_status(change.story, change.before, ranges, change.finish_id)
        self._undo_stack.pop()
        return change

    def _get_finish_id(self, story: Story, status: ReadStatus) -> str:
        """Return the id of the line of the history that setting `mark` adds or takes back."""
        before = self.get_status(story)
        if status is before or ReadStatus.FINISHED not in (status, before):
            return ""
        is_finished = status is ReadStatus.FINISHED
        return (
            self._write_behind.make_finish_id()
            if is_finished
            else self._write_behind.find_recent_finish_id(story)
        )

    def _apply_status(
        self, story: Story, status: ReadStatus, ranges: WordRanges | None, finish_id: str
    ) -> None:
        self._write_behind.set_status(story, status, ranges, finish_id)
        # What reading has set before and nobody was told yet is no news any more.
        self.unannounced[:] = [change for change in self.unannounced if change.story.id != story.id]
        visit = self._get_if_open(story)
        if visit is not None:
            visit.reading_credit.override_status(
                status, visit.reading_credit.ranges if ranges is None else ranges
            )
            self._last_status = status

    def _get_ranges(self, story: Story) -> WordRanges:
        visit = self._get_if_open(story)
        return (
            visit.reading_credit.ranges
            if visit
            else self._write_behind.load_story_state(story).ranges
        )

    def _get_if_open(self, story: Story) -> OpenStory | None:
        """Return the stay in `story`, if it is the one that is open."""
        visit = self._current
        return visit if visit is not None and visit.story.id == story.id else None
