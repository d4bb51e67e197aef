"""Which words count as read, and the reader's pace in words per minute."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


RATE: Final = 3 * 265 / 60
"""Words a second: three times the pace of an ordinary reader, so that no fast one is
called a skimmer."""
IDLE: Final = 180.0
"""Seconds without a key or the mouse after which nobody is taken to be there."""
SKIPPED: Final = 40
"""Words. A smaller gap between what was read is no part that was skipped: a line or two get
lost where a page is turned."""
FINISHED_SHARE: Final = 0.8
"""The part of all words that must be credited before a story is finished."""

Ranges = tuple[tuple[int, int], ...]
"""Word numbers, from..before, apart and in order."""


class Mark(StrEnum):
    """How far the reader is with a story."""

    UNREAD = "unread"
    READING = "reading"
    FINISHED = "finished"


def union(ranges: Ranges, more: Ranges) -> Ranges:
    """Return the words in either, as ranges apart and in order."""
    joined: list[list[int]] = []
    for first, end in sorted((*ranges, *more)):
        if first >= end:
            continue
        if joined and first <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([first, end])
    return tuple((first, end) for first, end in joined)


def count(ranges: Ranges) -> int:
    """Return how many words `ranges` hold."""
    return sum(end - first for first, end in ranges)


def uncredited(ranges: Ranges, first: int, end: int) -> Ranges:
    """Return the parts of `first`..`end` that `ranges` lack."""
    gaps: list[tuple[int, int]] = []
    for begin, stop in ranges:
        if begin >= end:
            break
        if begin > first:
            gaps.append((first, begin))
        first = max(first, stop)
    if first < end:
        gaps.append((first, end))
    return tuple(gaps)


def skipped(ranges: Ranges) -> Ranges:
    """Return the parts that were passed over: unread, and something behind them was read."""
    gaps = uncredited(ranges, 0, ranges[-1][0]) if ranges else ()
    return tuple((first, end) for first, end in gaps if end - first >= SKIPPED)


class View(NamedTuple):
    """The words on the screen, `first`..`end`, and whether the text's last one is among them."""

    first: int
    end: int
    is_end: bool


class Evidence:
    """One stay in a story: what it adds to the words that were read before."""

    def __init__(self, ranges: Ranges, mark: Mark) -> None:
        self.ranges = ranges
        self.mark = mark
        self.fresh: Ranges = ()
        """Credited since `fresh` was last taken: what is still to be written down."""
        self._view: View | None = None
        self._since = 0.0
        self._touched: float | None = None
        self._credit = 0.0
        self._first_screenful = 0
        self._end_seen = False
        self._overruled = False

    def overrule(self, mark: Mark, ranges: Ranges) -> None:
        """Take the reader's own word: no mark is set by itself in what is left of this stay."""
        self.mark, self.ranges, self.fresh = mark, ranges, ()
        self._overruled = True

    def renumber(self, ranges: Ranges) -> None:
        """Take `ranges` as what was read before, now that the text is known to the end."""
        if self._overruled and self.mark is Mark.UNREAD:
            ranges = ()
        self.ranges = union(ranges, self.fresh)

    def touch(self, now: float) -> None:
        """Take note that a key was struck or the mouse moved: somebody is there."""
        self._touched = now

    def forget(self) -> None:
        """Drop the time since the last look, until something is visible again."""
        self._view = None

    def look(self, view: View | None, now: float, total: int | None) -> Mark:
        """Credit the time since the last look to what was visible then; return the mark.

        `view` is what is visible from now on, or None while nobody is looking; `now` is in
        seconds of a monotonic clock; `total` is how many words the text has, None while
        that isn't known. Time counts until `IDLE` seconds after the last touch; to begin to
        look is one.
        """
        if self._view is not None and self._touched is not None:
            self._spend((min(now, self._touched + IDLE) - self._since) * RATE)
        elif view is not None:
            self._touched = now
        if view is None or view != self._view:
            self._credit = min(self._credit, 1.0)
        self._view, self._since = view, now
        if view is not None:
            self._first_screenful = self._first_screenful or view.end - view.first
            self._end_seen = self._end_seen or view.is_end
        self._judge(total)
        return self.mark

    def _spend(self, credit: float) -> None:
        """Credit as many of the visible words as `credit` and what was left over allow."""
        view = self._view
        if view is None:
            return
        self._credit += max(0.0, credit)
        for first, end in uncredited(self.ranges, view.first, view.end):
            words = min(int(self._credit), end - first)
            if words <= 0:
                return
            self._credit -= words
            self.ranges = union(self.ranges, ((first, first + words),))
            self.fresh = union(self.fresh, ((first, first + words),))
            if words < end - first:
                return  # a part of a word is left over for the next look
        self._credit = 0.0

    def _judge(self, total: int | None) -> None:
        """Derive the mark. It only rises: what is finished stays finished when read again."""
        if self._overruled:
            return
        read = count(self.ranges)
        if self.mark is Mark.UNREAD and 0 < self._first_screenful <= read:
            self.mark = Mark.READING
        if self.mark is Mark.FINISHED or total is None or not total:
            return
        if self._end_seen and read >= FINISHED_SHARE * total:
            self.mark = Mark.FINISHED


ORDINARY: Final = 265
"""Words a minute, until the reader's own pace is known: Medium's figure."""
SLOWEST: Final = 120
FASTEST: Final = 600
"""Words a minute between which a pace is believed."""
ENOUGH_SAMPLES: Final = 12
"""Screenfuls from which on the reader's own pace counts: two or three essays."""
KEPT: Final = 99
"""Screenfuls that are remembered: some hours of reading, so that a pace may change."""

_LEAST_WORDS: Final = 40
"""A screenful of fewer words says more about its keys than about its reader."""
_MOST_OF: Final = 0.6
"""The part of the words on the screen that must be new: a page that keeps two lines of five."""
_LEAST_STAY: Final = 4.0
"""Seconds in which nobody has read a screenful."""
_GLANCE: Final = 1.0
"""Seconds. What stood for less was passed over on the way: a key was held, or struck again."""
_LEAST_RATE: Final = 60
"""Words a minute below which somebody was interrupted."""


def language_of(said: str) -> str:
    """Return the primary subtag of a story's language, `en` of `en-GB`; '' if it says none."""
    tag = said.strip().replace("_", "-").partition("-")[0].lower()
    return tag if tag.isascii() and tag.isalpha() and 2 <= len(tag) <= 8 else ""


def pace(samples: Sequence[int]) -> int:
    """Return the pace (words a minute) of a reader with these samples of it: their median."""
    if len(samples) < ENOUGH_SAMPLES:
        return ORDINARY
    return max(SLOWEST, min(FASTEST, sorted(samples)[len(samples) // 2]))


def sampled(samples: Sequence[int], rate: int) -> tuple[int, ...]:
    """Return `samples` with one more, the oldest forgotten where there are too many."""
    return (*samples, rate)[-KEPT:]


def minutes(words: int, pace: int = ORDINARY) -> int:
    """Return how many minutes `words` words take, rounded, 1 or more."""
    return max(1, int(words / pace + 0.5))


def length(words: int, pace: int) -> str:
    """Return how it is said how long a text is."""
    return f"{minutes(words, pace)} min"


def left(words: int, pace: int) -> str:
    """Return how a person says how long `words` more words still take."""
    return "under a minute left" if words < pace else f"{minutes(words, pace)} min left"


class Pacer:
    """Watches the screenfuls of one stay, and tells the rate of each that was honestly read.

    Honest is what the reader came to and left by reading on, without looking away, and
    had not read before. How long the first screenful of a stay took is not known, nor that
    of the last. Lines that come one by one are taken together until they make a screenful.
    """

    def __init__(self) -> None:
        self._view: View | None = None
        self._since = 0.0
        self._counts = False
        """What the reader looks at now was come to by reading on."""
        self._fresh = 0
        """Words that came with this view."""
        self._words = self._passed = 0
        """Words that came with the lines read so far; with those just passed over."""
        self._seconds = 0.0

    def look(self, view: View | None, ranges: Ranges, now: float) -> int | None:
        """Take what is visible from now on; return the rate of a screenful just read, or None.

        `ranges` are the words read so far, `now` is in seconds of a monotonic clock. The
        rate is in words a minute.
        """
        if view == self._view:
            return None
        before, stayed = self._view, now - self._since
        self._view, self._since = view, now
        rate = None
        if view is None or before is None or not _reads_on(before, view):
            self._begin_anew()
            self._fresh = 0
        else:
            rate = self._leave(before, stayed)
            self._fresh = _new(before, view, ranges)
        return rate

    def _begin_anew(self) -> None:
        self._counts, self._words, self._passed, self._seconds = False, 0, 0, 0.0

    def _leave(self, before: View, stayed: float) -> int | None:
        """Return the rate at which the words that came with `before` were read, if it is one."""
        if not self._counts or not self._fresh or before.is_end or not 0 <= stayed <= IDLE:
            self._begin_anew()
            self._counts = True  # from the next one on
            return None
        self._words += self._fresh
        self._seconds += stayed
        self._passed = self._passed + self._fresh if stayed < _GLANCE else 0
        if self._passed >= _LEAST_WORDS:
            self._begin_anew()  # that was a jump
        if self._passed or self._words < max(_LEAST_WORDS, _MOST_OF * (before.end - before.first)):
            return None
        rate, long_enough = self._words * 60 / self._seconds, self._seconds >= _LEAST_STAY
        self._words, self._seconds = 0, 0.0
        return round(rate) if long_enough and _LEAST_RATE <= rate <= RATE * 60 else None


def _reads_on(before: View, view: View) -> bool:
    """Tell whether who saw `before` sees `view` by reading on, without a gap."""
    return before.first < view.first <= before.end <= view.end


def _new(before: View, view: View, ranges: Ranges) -> int:
    """Return how many words came with `view`, 0 if any of them was read before."""
    came = ((before.end, view.end),)
    return view.end - before.end if uncredited(ranges, *came[0]) == came else 0
