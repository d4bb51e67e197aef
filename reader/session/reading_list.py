"""The order of stories: shelf entries and groups, what follows a story, the end card."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.reading import progress as paces
from reader.reading.progress import ReadStatus, count_range_words, estimate_minutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.open_story import OpenStory
    from reader.store.repository import StoryState


class ReadingOrder:
    """The stories before and behind the one in the file `here`, on a shelf in its order.

    The parts of its series stand next to it, if it has one, in their order; beyond them the
    shelf goes on. A story that isn't on the shelf is followed by all of it.
    """

    def __init__(self, here: Path | None, shelf: Sequence[Story]) -> None:
        at = next((at for at, story in enumerate(shelf) if story.path == here), -1)
        before, behind = list(shelf[: max(0, at)]), list(shelf[at + 1 :])
        self._series = shelf[at].series if at >= 0 else ""
        if self._series:
            mine = [story for story in shelf if story.series == self._series]
            mine.sort(key=lambda story: (not story.part, story.part))
            at = next(at for at, story in enumerate(mine) if story.path == here)
            before = [story for story in before if story.series != self._series] + mine[:at]
            rest = [story for story in behind if story.series != self._series]
            behind = mine[at + 1 :] + rest
        self._previous = before
        self.following = behind
        """The stories that follow, the nearest first."""

    def find_neighbour(self, step: int) -> Story | None:
        """Return the story `way` further on (back, if negative), None beyond the list's end."""
        if step > 0:
            return self.following[step - 1] if step <= len(self.following) else None
        return self._previous[step] if 0 < -step <= len(self._previous) else None

    def format_destination(self, story: Story) -> str:
        """Return how it is said that the way leads to `story`, and along which list."""
        if not self._series or story.series != self._series:
            return f"On the shelf: {story.title}"
        part = f", part {story.part}" if story.part else ""
        return f"{story.series}{part}: {story.title}"


class ShelfGroup(StrEnum):
    """The groups of the shelf, in their order."""

    CONTINUE = "Continue"
    UNREAD = "Unread"
    FINISHED = "Finished"


class ShelfEntry(NamedTuple):
    """A story on the shelf, with what the reader did with it."""

    story: Story
    status: ReadStatus
    progress: float
    """Words read of all words, 0 to 1; what is finished counts as read."""
    words_left: int
    """Words not read yet; 0 when finished."""
    last_read: int
    pace: int = paces.DEFAULT_PACE
    """Words a minute of this reader in the story's language."""

    @property
    def group(self) -> ShelfGroup:
        """Where it stands on the shelf."""
        groups = {ReadStatus.READING: ShelfGroup.CONTINUE, ReadStatus.UNREAD: ShelfGroup.UNREAD}
        return groups.get(self.status, ShelfGroup.FINISHED)

    @property
    def minutes(self) -> int:
        """How long the whole story takes, in whole minutes, 1 or more."""
        return paces.estimate_minutes(self.story.words, self.pace)

    @property
    def minutes_left(self) -> int:
        """How long the words not read yet take, in whole minutes; 0 when finished."""
        return (
            0
            if self.status is ReadStatus.FINISHED
            else paces.estimate_minutes(self.words_left, self.pace)
        )

    @property
    def time_left(self) -> str:
        """How it is said how long the words not read yet take; empty when finished."""
        return (
            ""
            if self.status is ReadStatus.FINISHED
            else paces.format_time_left(self.words_left, self.pace)
        )


def make_entry(story: Story, state: StoryState, pace: int = paces.DEFAULT_PACE) -> ShelfEntry:
    """Return the entry of a story with what is remembered of it, at a pace (words a minute)."""
    words = story.words or state.words
    if state.status is ReadStatus.FINISHED:
        return ShelfEntry(story, state.status, 1.0, 0, state.last_read, pace)
    read = min(count_range_words(state.ranges), words)
    progress = read / words if words else 0.0
    return ShelfEntry(story, state.status, progress, words - read, state.last_read, pace)


def sort_entries(entries: Sequence[ShelfEntry]) -> list[ShelfEntry]:
    """Return entries in the shelf's order: Continue, Unread, Finished.

    What was read last stands first, unread stories stand as they were.
    """
    begun = sorted(entries, key=lambda e: -e.last_read)
    return [
        *(e for e in begun if e.status is ReadStatus.READING),
        *(e for e in entries if e.status is ReadStatus.UNREAD),
        *(e for e in begun if e.status is ReadStatus.FINISHED),
    ]


MAX_SUGGESTIONS: Final = 3
"""Stories named at the end of one, to read next."""
_UNNUMBERED_PART: Final = 1 << 30
"""Where in its series a part stands that doesn't say so."""
MAX_LENGTH_DIFFERENCE: Final = 0.25
"""The part of its words by which a story that is about as long may differ."""


class Suggestion(NamedTuple):
    """A story to read next, and why."""

    entry: ShelfEntry
    reason: str


class EndCard(NamedTuple):
    """What there is to say at the end of a story."""

    reading_summary: str = ""
    """How it was read; empty where there is nothing to read."""
    has_skipped_parts: bool = False
    """`standing` is of parts that were passed over."""
    highlights: Sequence[Highlight] = ()
    response: str = ""
    suggestions: Sequence[Suggestion] = ()
    next_in_order: Story | None = None
    """The one that the list the reader came by leads to."""


class EndCardKeys(NamedTuple):
    """The keys that lead on from there, as a person writes them; empty where there is none."""

    first_suggestion: str = ""
    """To the first of the next stories."""
    next_in_order: str = ""
    """To the one that the list leads to."""
    respond: str = ""


# How it was read ---------------------------------------------------------------------------


def summarize_reading(visit: OpenStory, entry: ShelfEntry) -> tuple[str, bool]:
    """Return how it is said how a story was read to its end, and whether parts were skipped."""
    if entry.status is ReadStatus.FINISHED:
        return f"Finished · {entry.minutes} min", False
    document = visit.document
    skipped = [
        (document.count_words_before(a), document.count_words_before(b))
        for a, b in visit.find_skipped()
    ]
    if skipped:
        parts = f"{len(skipped)} part{'s' if len(skipped) > 1 else ''} skipped"
        return f"{parts}: {_format_minutes(sum(b - a for a, b in skipped), entry.pace)}", True
    if entry.words_left:
        return f"Not read yet: {_format_minutes(entry.words_left, entry.pace)}", False
    return "", False


def _format_minutes(words: int, pace: int) -> str:
    return "under a minute" if words < pace else f"about {estimate_minutes(words, pace)} min"


# What is next ------------------------------------------------------------------------------


def suggest_stories(
    story: Story, entries: Sequence[ShelfEntry], order: ReadingOrder
) -> list[Suggestion]:
    """Return the stories to read after `story`, three at most, none finished and none twice.

    `entries` are the shelf's in its order, `trail` the list the reader came by. In a series
    its next part comes first, as on that list. Then every reason names its best story before
    any names another: one that is being read, one that shares a tag, one by the same author,
    one about as long, the oldest that is unread. No later part of another series is named
    before the earlier ones are finished, unless it was begun.
    """
    unfinished = [
        e for e in entries if e.status is not ReadStatus.FINISHED and e.story.is_persistent
    ]
    others = [e for e in unfinished if e.story.id != story.id]
    first: dict[str, int] = {}
    for other in others:
        if series := other.story.series:
            first[series] = min(
                other.story.part or _UNNUMBERED_PART, first.get(series, _UNNUMBERED_PART)
            )
    open_to = [
        e
        for e in others
        if e.status is ReadStatus.READING or _is_next_in_series(e.story, story, first)
    ]
    reasons = (
        _suggest_same_series(story, open_to, order),
        _suggest_started(open_to),
        _suggest_same_tags(story, open_to),
        _suggest_same_author(story, open_to),
        _suggest_same_length(story, open_to),
        _suggest_oldest_unread(open_to),
    )
    chosen: dict[str, Suggestion] = {}
    for reason in chain.from_iterable(repeat(reasons, MAX_SUGGESTIONS)):
        found = next((found for found in reason if found.entry.story.id not in chosen), None)
        if found is not None:
            chosen[found.entry.story.id] = found
        if len(chosen) == MAX_SUGGESTIONS:
            break
    return list(chosen.values())


def _is_next_in_series(other: Story, story: Story, first: Mapping[str, int]) -> bool:
    """Tell whether no part of `other`'s series is to be read before it; `first` knows the first."""
    return (
        other.series in ("", story.series)
        or (other.part or _UNNUMBERED_PART) == first[other.series]
    )


def _suggest_same_series(
    story: Story, entries: Sequence[ShelfEntry], order: ReadingOrder
) -> Iterator[Suggestion]:
    if not story.series:
        return
    by_path = {entry.story.path: entry for entry in entries}
    for part in order.following:
        if part.series == story.series and part.path in by_path:
            yield Suggestion(by_path[part.path], f"next in {story.series}")


def _suggest_started(entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    reading = [entry for entry in entries if entry.status is ReadStatus.READING]
    for entry in sorted(reading, key=lambda entry: -entry.last_read):
        yield Suggestion(entry, "continue")


def _suggest_same_tags(story: Story, entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    """Yield those with the most tags in common first, each with the first tag of them."""
    wanted = set(story.tags)
    alike = [entry for entry in entries if not wanted.isdisjoint(entry.story.tags)]
    for entry in sorted(alike, key=lambda entry: -len(wanted.intersection(entry.story.tags))):
        yield Suggestion(entry, f"same tag: {next(t for t in story.tags if t in entry.story.tags)}")


def _suggest_same_author(story: Story, entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    for entry in entries:
        if story.author and entry.story.author == story.author:
            yield Suggestion(entry, "by the same author")


def _suggest_same_length(story: Story, entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    apart = [(abs(entry.story.words - story.words), entry) for entry in entries]
    for words, entry in sorted(apart, key=lambda pair: pair[0]):
        if entry.story.words and words <= MAX_LENGTH_DIFFERENCE * story.words:
            yield Suggestion(entry, "about as long")


def _suggest_oldest_unread(entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    """Yield the unread, the longest published first; what has no date comes last."""
    unread = [entry for entry in entries if entry.status is ReadStatus.UNREAD]
    for entry in sorted(unread, key=lambda entry: entry.story.published or date.max):
        yield Suggestion(entry, "the oldest unread")
