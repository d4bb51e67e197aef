"""Read status changes made in this session, by reading or by hand, and their undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reader.errors import Unreadable
from reader.reading.progress import Mark, Ranges, union

if TYPE_CHECKING:
    from reader.library.story import Story
    from reader.session.annotations import Deed
    from reader.session.open_story import Visit
    from reader.store.write_behind import Memories


class Change(NamedTuple):
    """A mark that was set, and what undoes it."""

    story: Story
    mark: Mark
    before: Mark
    ranges: Ranges | None
    """The words that taking it back gives back, None where none were taken."""
    by_itself: bool
    finish: str = ""
    """The id of the line of the history that came or went with it."""


class Marks:
    """Sets marks, and takes them back one by one."""

    def __init__(self, memories: Memories, done: list[Change | Deed] | None = None) -> None:
        self.news: list[Change] = []
        """What reading has set, and nobody was told yet."""
        self._memories = memories
        self._done = [] if done is None else done
        """What was done in this run, in its order: marks, and what others take back."""
        self._visit: Visit | None = None
        self._seen = Mark.UNREAD
        """The open story's mark as it was last seen."""

    def watch(self, visit: Visit | None) -> None:
        """Watch the mark of the story that is open from now on."""
        self._visit = visit
        if visit is not None:
            self._seen = visit.evidence.mark

    def notice(self) -> None:
        """Note a mark that reading has set since this was last asked: before any by hand."""
        if self._visit is None or self._visit.evidence.mark is self._seen:
            return
        story, before = self._visit.story, self._seen
        self._seen = self._visit.evidence.mark
        ranges = () if before is Mark.UNREAD else None  # what is unread again has no words read
        finish = self._memories.note_mark(story, self._seen) if story.kept else ""
        change = Change(story, self._seen, before, ranges, by_itself=True, finish=finish)
        self._done.append(change)
        self.news.append(change)

    def of(self, story: Story) -> Mark:
        """Return the mark of `story` as it is now."""
        visit = self._open(story)
        return visit.evidence.mark if visit else self._memories.of(story).mark

    def set(self, story: Story, mark: Mark) -> Change:
        """Set a mark by the reader's own hand. What is unread has no words read.

        Raises `StateError`, or `Unreadable` for what can't be read.
        """
        if not story.readable:
            raise Unreadable(f"{story.title}: {story.deck}")
        ranges = self._ranges(story) if mark is Mark.UNREAD else None
        finish = self._finish(story, mark)
        change = Change(story, mark, self.of(story), ranges, by_itself=False, finish=finish)
        self._set(story, mark, () if mark is Mark.UNREAD else None, finish)
        self._done.append(change)
        return change

    def undo(self) -> Change | None:
        """Take back what was done last if it is a mark. Raises `StateError`."""
        change = self._done[-1] if self._done else None
        if not isinstance(change, Change):
            return None
        now = self._memories.of(change.story).mark
        if change.by_itself and now is not change.mark and change.story.kept:
            change = change._replace(before=now, ranges=None)  # another program set it since
        ranges = change.ranges
        if ranges:
            ranges = union(ranges, self._ranges(change.story))  # with what was read since
        self._set(change.story, change.before, ranges, change.finish)
        self._done.pop()
        return change

    def _finish(self, story: Story, mark: Mark) -> str:
        """Return the id of the line of the history that setting `mark` adds or takes back."""
        before = self.of(story)
        if mark is before or Mark.FINISHED not in (mark, before):
            return ""
        is_finished = mark is Mark.FINISHED
        return self._memories.new_finish() if is_finished else self._memories.fresh_finish(story)

    def _set(self, story: Story, mark: Mark, ranges: Ranges | None, finish: str) -> None:
        self._memories.mark(story, mark, ranges, finish)
        # What reading has set before and nobody was told yet is no news any more.
        self.news[:] = [change for change in self.news if change.story.id != story.id]
        visit = self._open(story)
        if visit is not None:
            visit.evidence.overrule(mark, visit.evidence.ranges if ranges is None else ranges)
            self._seen = mark

    def _ranges(self, story: Story) -> Ranges:
        visit = self._open(story)
        return visit.evidence.ranges if visit else self._memories.of(story).ranges

    def _open(self, story: Story) -> Visit | None:
        """Return the stay in `story`, if it is the one that is open."""
        visit = self._visit
        return visit if visit is not None and visit.story.id == story.id else None
