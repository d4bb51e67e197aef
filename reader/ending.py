"""What the end of a story comes to: how it was read, what the reader made of it, what is next.

Chooses the next stories, each for a reason; the first is the one that reading on leads to.
Pure: knows no memory and no screen. How it is shown is `apparatus`'.
"""

from __future__ import annotations

from datetime import date
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from .evidence import Mark
from .pace import minutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .entries import Entry
    from .quotes import Quote
    from .story import Story
    from .trail import Trail
    from .visit import Visit

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
