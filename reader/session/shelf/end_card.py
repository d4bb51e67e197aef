"""What is shown below the end of a story: how it was read, and what to read next.

What the reasons of suggestions ask for is gathered once for each list of the shelf, so that those
for a story visit a few entries of a hundred thousand, not all. Nothing here opens a story or reads
the store.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from datetime import date
from functools import cached_property
from heapq import heappop, heappush, heapreplace, merge, nsmallest
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from reader.library.files import join_path
from reader.reading.progress import ReadStatus, estimate_minutes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from reader.library.story import Story
    from reader.reading.annotations import Highlight
    from reader.session.open_story import OpenStory
    from reader.session.shelf.entries import ShelfEntry
    from reader.session.shelf.order import ReadingOrder

    _Key = TypeVar("_Key", str, tuple[str, ...])


MAX_SUGGESTIONS: Final = 3
"""The number of stories that the end card suggests."""
_MAX_CANDIDATES: Final = MAX_SUGGESTIONS + 1
"""Stories that one reason can suggest: the others may have been suggested for another one."""
MAX_LENGTH_DIFFERENCE: Final = 0.25
"""Two stories are about as long if their word counts differ by this fraction at most."""
_UNNUMBERED_PART: Final = 1 << 30
"""The number by which a part of a series without a number is sorted: last."""
_UNREAD, _STARTED, _LATER_PART, _EXCLUDED = range(4)
"""What a story can be suggested as. A later part of a series is one for that series alone."""
_INDEX_BITS: Final = 32
"""The low bits of a number that hold the index of an entry; the others are what sorts it."""
_INDEX_MASK: Final = (1 << _INDEX_BITS) - 1
_DAY_FACTOR: Final = 1_000_000
"""More than there are seconds between two times of a day in different time zones."""


class Suggestion(NamedTuple):
    """A story to read next, and why."""

    entry: ShelfEntry
    reason: str
    path: str = ""
    """The end of its path, if another story has its title."""

    @property
    def name(self) -> str:
        """Its title, with that end."""
        return join_path(self.entry.story.title, self.path)


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


class Suggester:
    """Suggests stories of a list of entries, which is in the order of the shelf.

    An entry may be replaced by another one of the same story; `update` must be called then. What
    files say about stories is taken as it was when it was first asked for.
    """

    def __init__(
        self,
        entries: Sequence[ShelfEntry],
        offers: Callable[[Story], bool] | None = None,
        indices: Mapping[str, int] | None = None,
    ) -> None:
        """Take the entries. Only stories that `offers` lets through are suggested.

        `indices` say where each story is among the entries, by location; if they aren't given,
        they are found.
        """
        self._entries = entries
        self._offers = offers
        self._indices = indices
        self._states = bytearray()
        """What each entry can be suggested as; empty until that is asked for."""
        self._changed_series: set[str] = set()
        """Series of which another part may be the first unfinished one."""

    def build(self) -> None:
        """Gather all that reasons ask for; in a large library that is for a worker."""
        self._mark_states()
        _ = self._by_author, self._by_tag, self._tagged, self._by_words, self._by_age
        _ = self._known_indices

    def update(self, index: int) -> None:
        """Note that another entry of the same story is at `index`."""
        if self._states:
            entry = self._entries[index]
            self._states[index] = self._find_state(entry)
            self._changed_series.add(entry.story.series)

    def list_parts(self, series: str) -> Sequence[int]:
        """Return the indices of the parts of a series, in the order of the entries."""
        return self._by_series.get(series, ())

    def suggest(
        self, story: Story, order: ReadingOrder, following: Iterable[Story] = ()
    ) -> list[Suggestion]:
        """Return up to three different unfinished stories to read after `story`.

        The next part of the same series comes first, as it does in `order`, and then `following`,
        which are the ones after `story` in its folder if that has an order. Each reason suggests
        its best story before any reason suggests a second one. The reasons are: a story that was
        started, one with a tag in common, one by the same author, one about as long, and the
        unread story that was published first. A part of another series is suggested only if it was
        started or is the first unfinished part.
        """
        self._mark_states()
        reasons = (
            self._suggest_same_series(story, order),
            self._suggest_following(story, following),
            self._suggest_started(story),
            self._suggest_same_tags(story),
            self._suggest_same_author(story),
            self._suggest_same_length(story),
            self._suggest_oldest_unread(story),
        )
        chosen: dict[str, Suggestion] = {}
        for reason in chain.from_iterable(repeat(reasons, MAX_SUGGESTIONS)):
            suggestion = next((one for one in reason if one.entry.story.id not in chosen), None)
            if suggestion is not None:
                chosen[suggestion.entry.story.id] = suggestion
            if len(chosen) == MAX_SUGGESTIONS:
                break
        return list(chosen.values())

    def _mark_states(self) -> None:
        """Find what entries can be suggested as, all of them or those that have changed."""
        if not self._states:
            self._states = bytearray(map(self._find_state, self._entries))
            self._changed_series = {*self._by_series}
        while self._changed_series:
            self._mark_later_parts(self._by_series.get(self._changed_series.pop(), ()))

    def _find_state(self, entry: ShelfEntry) -> int:
        story = entry.story
        if entry.status is ReadStatus.FINISHED or not story.is_persistent:
            return _EXCLUDED
        if self._offers is not None and not self._offers(story):
            return _EXCLUDED
        return _STARTED if entry.status is ReadStatus.READING else _UNREAD

    def _mark_later_parts(self, indices: Iterable[int]) -> None:
        """Mark the unread parts of a series: its first unfinished part, and those after it."""
        states, entries = self._states, self._entries
        unfinished = [index for index in indices if states[index] != _EXCLUDED]
        numbers = [entries[index].story.part or _UNNUMBERED_PART for index in unfinished]
        first = min(numbers, default=0)
        for index, number in zip(unfinished, numbers, strict=True):
            if states[index] != _STARTED:
                states[index] = _UNREAD if number == first else _LATER_PART

    @cached_property
    def _by_series(self) -> Mapping[str, Sequence[int]]:
        return _group(each.story.series for each in self._entries)

    @cached_property
    def _by_author(self) -> Mapping[str, Sequence[int]]:
        return _group(each.story.author for each in self._entries)

    @cached_property
    def _by_tags(self) -> Mapping[tuple[str, ...], Sequence[int]]:
        """The entries of the stories with exactly these tags."""
        return _group(each.story.tags for each in self._entries)

    @cached_property
    def _tagged(self) -> Sequence[Sequence[int]]:
        """The same entries, by the number of their tags in `_by_tags`."""
        return [*self._by_tags.values()]

    @cached_property
    def _by_tag(self) -> Mapping[str, Sequence[int]]:
        """The numbers in `_tagged` of those that have a tag."""
        found: dict[str, array[int]] = {}
        for number, tags in enumerate(self._by_tags):
            for tag in dict.fromkeys(tags):
                found.setdefault(tag, array("I")).append(number)
        return found

    @cached_property
    def _by_words(self) -> Sequence[int]:
        """The number of words and the index of each entry with words, in one number, sorted."""
        counts = enumerate(each.story.words for each in self._entries)
        return array("Q", sorted(words << _INDEX_BITS | n for n, words in counts if words))

    @cached_property
    def _by_age(self) -> Sequence[int]:
        """The indices of all entries, that of the story published first at the beginning."""
        days = enumerate(_make_age_key(each.story) for each in self._entries)
        return array(
            "I", (key & _INDEX_MASK for key in sorted(d << _INDEX_BITS | n for n, d in days))
        )

    @cached_property
    def _known_indices(self) -> Mapping[str, int]:
        if self._indices is not None:
            return self._indices
        return {each.story.location: index for index, each in enumerate(self._entries)}

    def _select(self, story: Story, indices: Iterable[int]) -> Iterator[ShelfEntry]:
        """Yield those of some entries that may be suggested after `story`."""
        states, entries = self._states, self._entries
        for index in indices:
            state = states[index]
            if state == _EXCLUDED:
                continue
            other = entries[index].story
            is_for_all = state != _LATER_PART or other.series == story.series
            if is_for_all and other.id != story.id:
                yield entries[index]

    def _find(self, stories: Iterable[Story]) -> Iterator[int]:
        """Yield the indices of those stories that are among the entries."""
        indices = self._known_indices
        return (indices[each.location] for each in stories if each.location in indices)

    def _suggest_same_series(self, story: Story, order: ReadingOrder) -> Iterator[Suggestion]:
        if story.series:
            for entry in self._select(story, self._find(order.iter_parts(story.series))):
                yield Suggestion(entry, f"next in {story.series}")

    def _suggest_following(self, story: Story, following: Iterable[Story]) -> Iterator[Suggestion]:
        """Yield the stories that follow in the same folder."""
        for entry in self._select(story, self._find(following)):
            yield Suggestion(entry, f"next in {story.folder}")

    def _suggest_started(self, story: Story) -> Iterator[Suggestion]:
        """Yield the stories that are being read, the one read last first."""
        started = self._select(story, _find_all(self._states, _STARTED))
        for entry in nsmallest(_MAX_CANDIDATES, started, key=lambda entry: -entry.last_read):
            yield Suggestion(entry, "continue")

    def _suggest_same_tags(self, story: Story) -> Iterator[Suggestion]:
        """Yield stories that share tags, those that share most first; name the first shared tag."""
        for entry in self._select(story, self._iter_similar(story.tags)):
            shared = next(tag for tag in story.tags if tag in entry.story.tags)
            yield Suggestion(entry, f"same tag: {shared}")

    def _iter_similar(self, tags: Iterable[str]) -> Iterator[int]:
        """Yield the indices of the entries that have any of these tags, those with most first."""
        found = (self._by_tag.get(tag, ()) for tag in dict.fromkeys(tags))
        counts = Counter(chain.from_iterable(found))
        for shared in sorted({*counts.values()}, reverse=True):
            numbers = sorted(number for number, count in counts.items() if count == shared)
            yield from _merge([self._tagged[number] for number in numbers])

    def _suggest_same_author(self, story: Story) -> Iterator[Suggestion]:
        for entry in self._select(story, self._by_author.get(story.author, ())):
            yield Suggestion(entry, "by the same author")

    def _suggest_same_length(self, story: Story) -> Iterator[Suggestion]:
        """Yield stories about as long as `story`, those with the closest word count first."""
        start = bisect_left(self._by_words, story.words << _INDEX_BITS)
        by_difference = merge(
            self._iter_longer(start, story.words), self._iter_shorter(start, story.words)
        )
        for entry in self._select(story, (index for _, index in by_difference)):
            yield Suggestion(entry, "about as long")

    def _iter_longer(self, start: int, words: int) -> Iterator[tuple[int, int]]:
        """Yield the difference and the index of each story not shorter, the closest first."""
        most = words + MAX_LENGTH_DIFFERENCE * words
        for key in islice(self._by_words, start, None):
            if key >> _INDEX_BITS > most:
                return
            yield (key >> _INDEX_BITS) - words, key & _INDEX_MASK

    def _iter_shorter(self, end: int, words: int) -> Iterator[tuple[int, int]]:
        """Yield the difference and the index of each shorter story, the closest first."""
        keys, least = self._by_words, words - MAX_LENGTH_DIFFERENCE * words
        while end and (count := keys[end - 1] >> _INDEX_BITS) >= least:
            start = bisect_left(keys, count << _INDEX_BITS, 0, end)
            yield from ((words - count, keys[n] & _INDEX_MASK) for n in range(start, end))
            end = start

    def _suggest_oldest_unread(self, story: Story) -> Iterator[Suggestion]:
        """Yield unread stories: the one that was published first, then the others by date.

        Only one is called the oldest, if any has a date. Without one, they are in the shelf's order.
        """
        entries = self._select(story, self._by_age)
        unread = (entry for entry in entries if entry.status is ReadStatus.UNREAD)
        for number, entry in enumerate(unread):
            is_oldest = number == 0 and entry.story.published is not None
            yield Suggestion(entry, "the oldest unread" if is_oldest else "unread")


def suggest_filtered(
    entries: Sequence[ShelfEntry], order: ReadingOrder, offers: Callable[[Story], bool] | None
) -> list[Suggestion]:
    """Return up to three stories that follow on a shelf that a filter has left with `entries`.

    `order` is theirs. Only stories that `offers` lets through are suggested.
    """
    following = (entries[index] for index in order.iter_following())
    offered = (each for each in following if offers is None or offers(each.story))
    return [Suggestion(each, "next on the shelf") for each in islice(offered, MAX_SUGGESTIONS)]


def _group(keys: Iterable[_Key]) -> dict[_Key, array[int]]:
    """Return the numbers of the items that have each key, except the empty one."""
    found: dict[_Key, array[int]] = {}
    for number, key in enumerate(keys):
        if key:
            numbers = found.get(key)
            if numbers is None:
                found[key] = array("I", (number,))
            else:
                numbers.append(number)
    return found


def _merge(groups: Iterable[Sequence[int]]) -> Iterator[int]:
    """Yield the numbers of groups in their order. The group with the lowest one comes first.

    Unlike `heapq.merge` it looks at a group only when the first number of it is due.
    """
    begun: list[tuple[int, int, Sequence[int]]] = []
    for group in chain(groups, ((_INDEX_MASK,),)):
        while begun and begun[0][0] < group[0]:
            number, place, numbers = begun[0]
            yield number
            if place + 1 < len(numbers):
                heapreplace(begun, (numbers[place + 1], place + 1, numbers))
            else:
                heappop(begun)
        heappush(begun, (group[0], 0, group))


def _find_all(states: bytearray, state: int) -> Iterator[int]:
    index = states.find(state)
    while index >= 0:
        yield index
        index = states.find(state, index + 1)


def _make_age_key(story: Story) -> int:
    """Return a number that is higher the later a story was published, and highest without a date."""
    day = (story.published or date.max).toordinal()
    return day * _DAY_FACTOR + max(
        0, min(story.published_seconds + _DAY_FACTOR // 2, _DAY_FACTOR - 1)
    )
