"""What is shown below the end of a story: how it was read, and what to read next.

Pure functions and values: nothing here opens a story or reads the store.
"""

from __future__ import annotations

from datetime import date
from heapq import nsmallest
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.reading.progress import (
    ReadStatus,
    estimate_minutes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.open_story import OpenStory
    from reader.session.shelf.entries import ShelfEntry
    from reader.session.shelf.order import ReadingOrder


MAX_SUGGESTIONS: Final = 3
"""The number of stories that the end card suggests."""
_MAX_CANDIDATES: Final = MAX_SUGGESTIONS + 1
"""Stories that one reason can suggest: the others may have been suggested for another one."""
MAX_LENGTH_DIFFERENCE: Final = 0.25
"""Two stories are about as long if their word counts differ by this fraction at most."""
_UNNUMBERED_PART: Final = 1 << 30
"""The number by which a part of a series without a number is sorted: last."""


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
    following = (by_path[story.path] for story in order.following if story.path in by_path)
    return [Suggestion(each, "next on the shelf") for each in islice(following, MAX_SUGGESTIONS)]


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
