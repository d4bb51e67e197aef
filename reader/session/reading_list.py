"""The shelf's entries and order, the stories before and after one, and the end card.

Pure functions and values: nothing here opens a story or reads the store.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from heapq import nsmallest
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reader.config import SORTS, to_local
from reader.library.order import make_natural_key, make_title_key
from reader.reading.progress import (
    DEFAULT_PACE,
    ReadStatus,
    count_range_words,
    estimate_minutes,
    format_unread_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from reader.library.scan import Folder
    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.open_story import OpenStory
    from reader.store.repository import StoryState


MAX_SUGGESTIONS: Final = 3
"""The number of stories that the end card suggests."""
_MAX_CANDIDATES: Final = MAX_SUGGESTIONS + 1
"""Stories that one reason can suggest: the others may have been suggested for another one."""
MAX_LENGTH_DIFFERENCE: Final = 0.25
"""Two stories are about as long if their word counts differ by this fraction at most."""
_UNNUMBERED_PART: Final = 1 << 30
"""The number by which a part of a series without a number is sorted: last."""


class ReadingOrder:
    """The stories before and after the one at `path`, in the order of `shelf`.

    The other parts of its series come directly before and after it, in their order. A story
    that isn't on the shelf comes before all of it.
    """

    def __init__(self, path: Path | None, shelf: Sequence[Story], index: int | None = None) -> None:
        """Take the order of `shelf`, where the story is at `index`; if not given, it is found."""
        if index is None:
            index = next((n for n, story in enumerate(shelf) if story.path == path), -1)
        previous, following = list(shelf[: max(0, index)]), list(shelf[index + 1 :])
        self._series = shelf[index].series if index >= 0 else ""
        if self._series:
            parts = [story for story in shelf if story.series == self._series]
            parts.sort(key=lambda story: (not story.part, story.part))
            index = next(n for n, story in enumerate(parts) if story.path == path)
            previous = [story for story in previous if story.series != self._series]
            following = [story for story in following if story.series != self._series]
            previous, following = previous + parts[:index], parts[index + 1 :] + following
        self._previous = previous
        self.following = following
        """The stories that follow, the next one first."""

    def find_neighbour(self, step: int) -> Story | None:
        """Return the story `step` places further on (back, if negative), or None."""
        if step > 0:
            return self.following[step - 1] if step <= len(self.following) else None
        return self._previous[step] if 0 < -step <= len(self._previous) else None

    def format_destination(self, story: Story) -> str:
        """Return a notice that names `story` and the list that leads to it."""
        if not self._series or story.series != self._series:
            return f"On the shelf: {story.title}"
        part = f", part {story.part}" if story.part else ""
        return f"{story.series}{part}: {story.title}"


class ShelfView(NamedTuple):
    """What the reader chose to see of the stories."""

    sort: str = SORTS[0]
    """One of `SORTS`."""
    shows_drafts: bool = False
    shows_hidden: bool = False
    hidden: frozenset[str] = frozenset()
    """The ids of the stories that the reader has hidden."""
    folded: frozenset[str] = frozenset()
    """The names of the sections that are folded."""
    folders: tuple[Folder, ...] = ()
    """The folders of the library, by their real paths."""

    def shows(self, story: Story) -> bool:
        """Return whether the shelf lists `story`."""
        is_wanted = self.shows_drafts or not story.is_draft
        return is_wanted and (self.shows_hidden or story.id not in self.hidden)


class ShelfGroup(StrEnum):
    """The groups of the shelf, in their order."""

    CONTINUE = "Continue"
    UNREAD = "Unread"
    FINISHED = "Finished"


_GROUPS: Final = {
    ReadStatus.READING: ShelfGroup.CONTINUE,
    ReadStatus.UNREAD: ShelfGroup.UNREAD,
    ReadStatus.FINISHED: ShelfGroup.FINISHED,
}


class ShelfEntry(NamedTuple):
    """A story on the shelf and the reader's progress with it."""

    story: Story
    status: ReadStatus
    progress: float
    """Words read of all words, 0 to 1; 1 for a finished story."""
    words_left: int
    """Words not read yet; 0 for a finished story."""
    last_read: int
    """A counter that is higher the later the story was read; 0 if it never was."""
    pace: int = DEFAULT_PACE
    """The reader's pace in the story's language, in words per minute."""

    @property
    def group(self) -> ShelfGroup:
        """The group in which the shelf shows the story."""
        return _GROUPS[self.status]

    def is_of(self, story: Story, pace: int) -> bool:
        """Return whether this is the entry of `story`, unread, for a reader with this pace."""
        is_unread = self.status is ReadStatus.UNREAD and not self.progress and not self.last_read
        return is_unread and self.story is story and self.pace == pace

    @property
    def minutes(self) -> int:
        """The reading time of the whole story in minutes, 1 or more."""
        return estimate_minutes(self.story.words, self.pace)

    @property
    def minutes_left(self) -> int:
        """The reading time of the words left in minutes; 0 for a finished story."""
        if self.status is ReadStatus.FINISHED:
            return 0
        return estimate_minutes(self.words_left, self.pace)

    @property
    def unread_time(self) -> str:
        """The reading time of the words left, as text; empty for a finished story."""
        if self.status is ReadStatus.FINISHED:
            return ""
        return format_unread_time(self.words_left, self.pace)


def make_entry(story: Story, state: StoryState, pace: int = DEFAULT_PACE) -> ShelfEntry:
    """Return the shelf entry of a story, for a reader with this pace (words per minute)."""
    words = story.words or state.word_count
    if state.status is ReadStatus.FINISHED:
        return ShelfEntry(story, state.status, 1.0, 0, state.last_read, pace)
    read = min(count_range_words(state.ranges), words)
    progress = read / words if words else 0.0
    return ShelfEntry(story, state.status, progress, words - read, state.last_read, pace)


def sort_entries(entries: Sequence[ShelfEntry]) -> list[ShelfEntry]:
    """Return the entries in the shelf's order: Continue, Unread, Finished.

    Unread stories keep their order. In the other groups the story read last comes first.
    """
    by_time = sorted(entries, key=lambda entry: -entry.last_read)
    return [
        *(entry for entry in by_time if entry.status is ReadStatus.READING),
        *(entry for entry in entries if entry.status is ReadStatus.UNREAD),
        *(entry for entry in by_time if entry.status is ReadStatus.FINISHED),
    ]


def sort_by(entries: Sequence[ShelfEntry], sort: str) -> list[ShelfEntry]:
    """Return `entries` in one of `SORTS`; equal ones stay in their order."""
    return sort_entries(entries) if sort == "suggested" else sorted(entries, key=_SORT_KEYS[sort])


def _make_newest_key(entry: ShelfEntry) -> tuple[bool, int, int]:
    """Return a key that puts undated stories last, and those of the future with them."""
    day = entry.story.published
    if day is None or day > to_local(datetime.now(UTC)).date():
        return True, 0, 0
    return False, -day.toordinal(), -entry.story.published_seconds


_SORT_KEYS: Final[dict[str, Callable[[ShelfEntry], Any]]] = {
    "newest": _make_newest_key,
    "title": lambda entry: make_title_key(entry.story.title),
    "author": lambda entry: (not entry.story.author, make_natural_key(entry.story.author)),
    "length": lambda entry: (not entry.story.words, entry.story.words),
    "shortest-left": lambda entry: (
        entry.status is ReadStatus.FINISHED or not entry.words_left,
        entry.words_left,
    ),
    "recently-read": lambda entry: -entry.last_read,
    "path": lambda entry: make_natural_key(str(entry.story.path)),
}


class Suggestion(NamedTuple):
    """A story to read next, and why."""

    entry: ShelfEntry
    reason: str


class EndCard(NamedTuple):
    """What is shown below the end of a story."""

    reading_summary: str = ""
    """How the story was read; empty if it has no words."""
    has_skipped_parts: bool = False
    """The summary is about skipped parts."""
    highlights: Sequence[Highlight] = ()
    response: str = ""
    suggestions: Sequence[Suggestion] = ()
    next_in_order: Story | None = None
    """The story that follows in the reading order."""


class EndCardKeys(NamedTuple):
    """The keys shown on the end card, as text; empty for a command without a key."""

    first_suggestion: str = ""
    """The key that opens the first suggestion."""
    next_in_order: str = ""
    """The key that opens the next story in the reading order."""
    respond: str = ""
    """The key that opens the editor for a response."""


def summarize_reading(open_story: OpenStory, entry: ShelfEntry) -> tuple[str, bool]:
    """Return how the story was read, as text, and whether the text is about skipped parts."""
    if entry.status is ReadStatus.FINISHED:
        return f"Finished · {entry.minutes} min", False
    document = open_story.document
    skipped = [
        document.count_words_before(end) - document.count_words_before(start)
        for start, end in open_story.find_skipped()
    ]
    if skipped:
        parts = f"{len(skipped)} part{'s' if len(skipped) > 1 else ''} skipped"
        return f"{parts}: {_format_minutes(sum(skipped), entry.pace)}", True
    if entry.words_left:
        return f"Not read yet: {_format_minutes(entry.words_left, entry.pace)}", False
    return "", False


def _format_minutes(words: int, pace: int) -> str:
    return "under a minute" if words < pace else f"about {estimate_minutes(words, pace)} min"


def suggest_stories(
    story: Story,
    entries: Sequence[ShelfEntry],
    order: ReadingOrder,
    following: Sequence[Story] = (),
) -> list[Suggestion]:
    """Return up to three different unfinished stories to read after `story`.

    `entries` are those of the shelf, in its order. The next part of the same series comes
    first, as it does in `order`, and then `following`, which are the ones after `story` in
    its folder if that has an order. Each reason suggests its best story before any reason
    suggests a second one. The reasons are: a story that was started, one with a tag in
    common, one by the same author, one about as long, and the unread story that was
    published first. A part of another series is suggested only if it was started or is the
    first unfinished part.
    """
    others = [
        entry
        for entry in entries
        if entry.status is not ReadStatus.FINISHED
        and entry.story.is_persistent
        and entry.story.id != story.id
    ]
    first_parts = _find_first_parts(others)
    candidates = [
        entry
        for entry in others
        if entry.status is ReadStatus.READING
        or entry.story.series in ("", story.series)
        or (entry.story.part or _UNNUMBERED_PART) == first_parts[entry.story.series]
    ]
    reasons = (
        _suggest_same_series(story, candidates, order),
        _suggest_following(following, candidates),
        _suggest_started(candidates),
        _suggest_same_tags(story, candidates),
        _suggest_same_author(story, candidates),
        _suggest_same_length(story, candidates),
        _suggest_oldest_unread(candidates),
    )
    chosen: dict[str, Suggestion] = {}
    for reason in chain.from_iterable(repeat(reasons, MAX_SUGGESTIONS)):
        suggestion = next((one for one in reason if one.entry.story.id not in chosen), None)
        if suggestion is not None:
            chosen[suggestion.entry.story.id] = suggestion
        if len(chosen) == MAX_SUGGESTIONS:
            break
    return list(chosen.values())


def suggest_filtered(entries: Sequence[ShelfEntry], order: ReadingOrder) -> list[Suggestion]:
    """Return up to three stories that follow on a shelf that a filter has left with `entries`."""
    by_path = {entry.story.path: entry for entry in entries}
    following = order.following[:MAX_SUGGESTIONS]
    return [Suggestion(by_path[story.path], "next on the shelf") for story in following]


def _find_first_parts(entries: Sequence[ShelfEntry]) -> Mapping[str, int]:
    """Return the lowest part number of each series among `entries`."""
    first: dict[str, int] = {}
    for entry in entries:
        series, part = entry.story.series, entry.story.part or _UNNUMBERED_PART
        if series:
            first[series] = min(part, first.get(series, part))
    return first


def _suggest_same_series(
    story: Story, entries: Sequence[ShelfEntry], order: ReadingOrder
) -> Iterator[Suggestion]:
    if not story.series:
        return
    by_path = {entry.story.path: entry for entry in entries}
    for part in order.following:
        if part.series == story.series and part.path in by_path:
            yield Suggestion(by_path[part.path], f"next in {story.series}")


def _suggest_following(
    following: Sequence[Story], entries: Sequence[ShelfEntry]
) -> Iterator[Suggestion]:
    """Yield the stories that follow in the same folder."""
    by_path = {entry.story.path: entry for entry in entries} if following else {}
    for story in following:
        if story.path in by_path:
            yield Suggestion(by_path[story.path], f"next in {story.folder}")


def _suggest_started(entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    """Yield the stories that are being read, the one read last first."""
    started = [entry for entry in entries if entry.status is ReadStatus.READING]
    for entry in sorted(started, key=lambda entry: -entry.last_read):
        yield Suggestion(entry, "continue")


def _suggest_same_tags(story: Story, entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    """Yield stories that share tags, those that share most first; name the first shared tag."""
    tags = set(story.tags)
    similar = [entry for entry in entries if tags and not tags.isdisjoint(entry.story.tags)]
    for entry in nsmallest(
        _MAX_CANDIDATES, similar, key=lambda entry: -len(tags.intersection(entry.story.tags))
    ):
        shared = next(tag for tag in story.tags if tag in entry.story.tags)
        yield Suggestion(entry, f"same tag: {shared}")


def _suggest_same_author(story: Story, entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    for entry in entries:
        if story.author and entry.story.author == story.author:
            yield Suggestion(entry, "by the same author")


def _suggest_same_length(story: Story, entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    """Yield stories about as long as `story`, those with the closest word count first."""
    margin = MAX_LENGTH_DIFFERENCE * story.words
    shortest, longest = story.words - margin, story.words + margin
    similar = [
        entry for entry in entries if (words := entry.story.words) and shortest <= words <= longest
    ]
    for entry in nsmallest(
        _MAX_CANDIDATES, similar, key=lambda entry: abs(entry.story.words - story.words)
    ):
        yield Suggestion(entry, "about as long")


def _make_age_key(entry: ShelfEntry) -> tuple[date, int]:
    return entry.story.published or date.max, entry.story.published_seconds


def _suggest_oldest_unread(entries: Sequence[ShelfEntry]) -> Iterator[Suggestion]:
    """Yield unread stories: the one that was published first, then the others by date.

    Only one is called the oldest, if any has a date. Without one, they are in the shelf's order.
    """
    unread = [entry for entry in entries if entry.status is ReadStatus.UNREAD]
    for number, entry in enumerate(nsmallest(_MAX_CANDIDATES, unread, key=_make_age_key)):
        is_oldest = number == 0 and entry.story.published is not None
        yield Suggestion(entry, "the oldest unread" if is_oldest else "unread")
