"""The changes of a story that reading makes and that are not written yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reader.reading.progress import ReadStatus, WordRanges, merge_ranges

if TYPE_CHECKING:
    from reader.library.story import Story
    from reader.store.repository import FinishChange, StoryState
    from reader.text.document import Anchor


@dataclass(slots=True)
class PendingChanges:
    """Changes of one story that are not written yet."""

    story: Story
    anchor: Anchor | None = None
    reading_round: int = 0
    text_record: str | None = None
    base_ranges: WordRanges | None = None
    """The words read before, numbered in the text of `text_record`."""
    ranges: WordRanges = ()
    word_count: int = 0
    status: ReadStatus | None = None
    finish: FinishChange | None = None

    def apply_to(self, state: StoryState) -> StoryState:
        """Return `state` with these changes applied."""
        statuses = [state.status, self.status or state.status]
        ranges = state.ranges if self.base_ranges is None else self.base_ranges
        if self.anchor is not None:
            state = state._replace(
                anchor=self.anchor, reading_round=self.reading_round, stopped_at=datetime.now(UTC)
            )
        return state._replace(
            status=max(statuses, key=list(ReadStatus).index),
            ranges=merge_ranges(ranges, self.ranges),
            word_count=self.word_count or state.word_count,
            finish_count=state.finish_count + (self.finish is not None),
        )
