"""The order of stories: shelf entries and groups, what follows a story, the end card."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.reading import progress as paces
from reader.reading.progress import Mark, count, minutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from reader.library.story import Story
    from reader.reading.annotations import Quote
    from reader.session.open_story import Visit
    from reader.store.repository import Memory


class Trail:
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
        self._before = before
        self.behind = behind
        """The stories that follow, the nearest first."""

    def step(self, way: int) -> Story | None:
        """Return the story `way` further on (back, if negative), None beyond the list's end."""
        if way > 0:
            return self.behind[way - 1] if way <= len(self.behind) else None
        return self._before[way] if 0 < -way <= len(self._before) else None

    def told(self, story: Story) -> str:
        """Return how it is said that the way leads to `story`, and along which list."""
        if not self._series or story.series != self._series:
            return f"On the shelf: {story.title}"
        part = f", part {story.part}" if story.part else ""
        return f"{story.series}{part}: {story.title}"


class Group(StrEnum):
    """The groups of the shelf, in their order."""

    CONTINUE = "Continue"
    UNREAD = "Unread"
    FINISHED = "Finished"


class Entry(NamedTuple):
    """A story on the shelf, with what the reader did with it."""

    story: Story
    mark: Mark
    progress: float
    """Words read of all words, 0 to 1; what is finished counts as read."""
    words_left: int
    """Words not read yet; 0 when finished."""
    serial: int
    pace: int = paces.ORDINARY
    """Words a minute of this reader in the story's language."""

    @property
    def group(self) -> Group:
        """Where it stands on the shelf."""
        groups = {Mark.READING: Group.CONTINUE, Mark.UNREAD: Group.UNREAD}
        return groups.get(self.mark, Group.FINISHED)

    @property
    def minutes(self) -> int:
        """How long the whole story takes, in whole minutes, 1 or more."""
        return paces.minutes(self.story.words, self.pace)

    @property
    def minutes_left(self) -> int:
        """How long the words not read yet take, in whole minutes; 0 when finished."""
        return 0 if self.mark is Mark.FINISHED else paces.minutes(self.words_left, self.pace)

    @property
    def left(self) -> str:
        """How it is said how long the words not read yet take; empty when finished."""
        return "" if self.mark is Mark.FINISHED else paces.left(self.words_left, self.pace)


def entry(story: Story, memory: Memory, pace: int = paces.ORDINARY) -> Entry:
    """Return the entry of a story with what is remembered of it, at a pace (words a minute)."""
    words = story.words or memory.words
    if memory.mark is Mark.FINISHED:
        return Entry(story, memory.mark, 1.0, 0, memory.serial, pace)
    read = min(count(memory.ranges), words)
    progress = read / words if words else 0.0
    return Entry(story, memory.mark, progress, words - read, memory.serial, pace)


def arranged(found: Sequence[Entry]) -> list[Entry]:
    """Return entries in the shelf's order: Continue, Unread, Finished.

    What was read last stands first, unread stories stand as they were.
    """
    begun = sorted(found, key=lambda e: -e.serial)
    return [
        *(e for e in begun if e.mark is Mark.READING),
        *(e for e in found if e.mark is Mark.UNREAD),
        *(e for e in begun if e.mark is Mark.FINISHED),
    ]


FOLLOWING: Final = 3
"""Stories named at the end of one, to read next."""
_LAST: Final = 1 << 30
"""Where in its series a part stands that doesn't say so."""
LIKE: Final = 0.25
"""The part of its words by which a story that is about as long may differ."""


class Next(NamedTuple):
    """A story to read next, and why."""

    entry: Entry
    reason: str


class Ending(NamedTuple):
    """What there is to say at the end of a story."""

    standing: str = ""
    """How it was read; empty where there is nothing to read."""
    is_skipped: bool = False
    """`standing` is of parts that were passed over."""
    quotes: Sequence[Quote] = ()
    response: str = ""
    following: Sequence[Next] = ()
    along: Story | None = None
    """The one that the list the reader came by leads to."""


class Keys(NamedTuple):
    """The keys that lead on from there, as a person writes them; empty where there is none."""

    on: str = ""
    """To the first of the next stories."""
    along: str = ""
    """To the one that the list leads to."""
    respond: str = ""


# How it was read ---------------------------------------------------------------------------


def standing(visit: Visit, entry: Entry) -> tuple[str, bool]:
    """Return how it is said how a story was read to its end, and whether parts were skipped."""
    if entry.mark is Mark.FINISHED:
        return f"Finished · {entry.minutes} min", False
    document = visit.document
    skipped = [(document.words_before(a), document.words_before(b)) for a, b in visit.skipped()]
    if skipped:
        parts = f"{len(skipped)} part{'s' if len(skipped) > 1 else ''} skipped"
        return f"{parts}: {_about(sum(b - a for a, b in skipped), entry.pace)}", True
    if entry.words_left:
        return f"Not read yet: {_about(entry.words_left, entry.pace)}", False
    return "", False


def _about(words: int, pace: int) -> str:
    return "under a minute" if words < pace else f"about {minutes(words, pace)} min"


# What is next ------------------------------------------------------------------------------


def following(story: Story, entries: Sequence[Entry], trail: Trail) -> list[Next]:
    """Return the stories to read after `story`, three at most, none finished and none twice.

    `entries` are the shelf's in its order, `trail` the list the reader came by. In a series
    its next part comes first, as on that list. Then every reason names its best story before
    any names another: one that is being read, one that shares a tag, one by the same author,
    one about as long, the oldest that is unread. No later part of another series is named
    before the earlier ones are finished, unless it was begun.
    """
    unfinished = [e for e in entries if e.mark is not Mark.FINISHED and e.story.kept]
    others = [e for e in unfinished if e.story.id != story.id]
    first: dict[str, int] = {}
    for other in others:
        if series := other.story.series:
            first[series] = min(other.story.part or _LAST, first.get(series, _LAST))
    open_to = [e for e in others if e.mark is Mark.READING or _comes_first(e.story, story, first)]
    reasons = (
        _in_series(story, open_to, trail),
        _begun(open_to),
        _tagged(story, open_to),
        _by_author(story, open_to),
        _as_long(story, open_to),
        _oldest(open_to),
    )
    chosen: dict[str, Next] = {}
    for reason in chain.from_iterable(repeat(reasons, FOLLOWING)):
        found = next((found for found in reason if found.entry.story.id not in chosen), None)
        if found is not None:
            chosen[found.entry.story.id] = found
        if len(chosen) == FOLLOWING:
            break
    return list(chosen.values())


def _comes_first(other: Story, story: Story, first: Mapping[str, int]) -> bool:
    """Tell whether no part of `other`'s series is to be read before it; `first` knows the first."""
    return other.series in ("", story.series) or (other.part or _LAST) == first[other.series]


def _in_series(story: Story, entries: Sequence[Entry], trail: Trail) -> Iterator[Next]:
    if not story.series:
        return
    by_path = {entry.story.path: entry for entry in entries}
    for part in trail.behind:
        if part.series == story.series and part.path in by_path:
            yield Next(by_path[part.path], f"next in {story.series}")


def _begun(entries: Sequence[Entry]) -> Iterator[Next]:
    reading = [entry for entry in entries if entry.mark is Mark.READING]
    for entry in sorted(reading, key=lambda entry: -entry.serial):
        yield Next(entry, "continue")


def _tagged(story: Story, entries: Sequence[Entry]) -> Iterator[Next]:
    """Yield those with the most tags in common first, each with the first tag of them."""
    wanted = set(story.tags)
    alike = [entry for entry in entries if not wanted.isdisjoint(entry.story.tags)]
    for entry in sorted(alike, key=lambda entry: -len(wanted.intersection(entry.story.tags))):
        yield Next(entry, f"same tag: {next(t for t in story.tags if t in entry.story.tags)}")


def _by_author(story: Story, entries: Sequence[Entry]) -> Iterator[Next]:
    for entry in entries:
        if story.author and entry.story.author == story.author:
            yield Next(entry, "by the same author")


def _as_long(story: Story, entries: Sequence[Entry]) -> Iterator[Next]:
    apart = [(abs(entry.story.words - story.words), entry) for entry in entries]
    for words, entry in sorted(apart, key=lambda pair: pair[0]):
        if entry.story.words and words <= LIKE * story.words:
            yield Next(entry, "about as long")


def _oldest(entries: Sequence[Entry]) -> Iterator[Next]:
    """Yield the unread, the longest published first; what has no date comes last."""
    unread = [entry for entry in entries if entry.mark is Mark.UNREAD]
    for entry in sorted(unread, key=lambda entry: entry.story.published or date.max):
        yield Next(entry, "the oldest unread")
