"""The changes of a story that reading makes and that are not written yet."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from reader.errors import StateError
from reader.reading.progress import ReadStatus, WordRanges, merge_ranges

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reader.library.story import Story
    from reader.store.records import RecordStore
    from reader.store.repository import FinishChange, StoryState
    from reader.text.document import Anchor


MANY_STATES: Final = 1_000
"""States that are loaded in about ten milliseconds."""


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


def can_load_apart(store: RecordStore) -> bool:
    """Return whether states are to be loaded in a thread: if they are many, and no change waits.

    Without SQLite's write-ahead log, a change would wait for the thread to have read them.
    """
    query = "SELECT (SELECT count(*) FROM read_status) + (SELECT count(*) FROM place)"
    with suppress(StateError):
        count, mode = store.fetch_one(query), store.fetch_one("PRAGMA journal_mode")
        return bool(count and mode and count[0] >= MANY_STATES and mode[0] == "wal")
    return False


def load_states_apart(
    path: Path, pending: Mapping[str, PendingChanges], before: Mapping[str, StoryState]
) -> dict[str, StoryState]:
    """Return the states of all stories in the file at `path`, with pending changes, in a thread.

    The file is opened once more, since a connection belongs to its thread. If it can't be read
    now, the states are those of `before`.
    """
    from reader.store.repository import Store, StoryState

    states = {**before}
    with suppress(StateError, OSError):
        store = Store.open_again(path)
        try:
            states = store.load_story_states()
        finally:
            store.close()
    for story_id, changes in pending.items():
        states[story_id] = changes.apply_to(states.get(story_id, StoryState()))
    return states
