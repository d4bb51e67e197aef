"""Which words count as read, and the reader's pace in words per minute."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


MAX_WORDS_PER_SECOND: Final = 3 * 265 / 60
"""Words a second: three times the pace of an ordinary reader, so that no fast one is
called a skimmer."""
IDLE_SECONDS: Final = 180.0
"""Seconds without a key or the mouse after which nobody is taken to be there."""
MIN_SKIPPED_WORDS: Final = 40
"""Words. A smaller gap between what was read is no part that was skipped: a line or two get
lost where a page is turned."""
FINISHED_SHARE: Final = 0.8
"""The part of all words that must be credited before a story is finished."""

WordRanges = tuple[tuple[int, int], ...]
"""Word numbers, from..before, apart and in order."""


class ReadStatus(StrEnum):
    """How far the reader is with a story."""

    UNREAD = "unread"
    READING = "reading"
    FINISHED = "finished"


def merge_ranges(ranges: WordRanges, more: WordRanges) -> WordRanges:
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


def count_range_words(ranges: WordRanges) -> int:
    """Return how many words `ranges` hold."""
    return sum(end - first for first, end in ranges)


def find_gaps(ranges: WordRanges, first: int, end: int) -> WordRanges:
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


def find_skipped(ranges: WordRanges) -> WordRanges:
    """Return the parts that were passed over: unread, and something behind them was read."""
    gaps = find_gaps(ranges, 0, ranges[-1][0]) if ranges else ()
    return tuple((first, end) for first, end in gaps if end - first >= MIN_SKIPPED_WORDS)


class View(NamedTuple):
    """The words on the screen, `first`..`end`, and whether the text's last one is among them."""

    first: int
    end: int
    has_last_word: bool


class ReadingCredit:
    """One stay in a story: what it adds to the words that were read before."""

    def __init__(self, ranges: WordRanges, status: ReadStatus) -> None:
        self.ranges = ranges
        self.status = status
        self.unsaved_ranges: WordRanges = ()
        """Credited since `fresh` was last taken: what is still to be written down."""
        self._view: View | None = None
        self._view_start = 0.0
        self._last_input: float | None = None
        self._credit = 0.0
        self._first_view_words = 0
        self._has_reached_end = False
        self._is_overridden = False

    def override_status(self, status: ReadStatus, ranges: WordRanges) -> None:
        """Take the reader's own word: no mark is set by itself in what is left of this stay."""
        self.status, self.ranges, self.unsaved_ranges = status, ranges, ()
        self._is_overridden = True

    def renumber(self, ranges: WordRanges) -> None:
        """Take `ranges` as what was read before, now that the text is known to the end."""
        if self._is_overridden and self.status is ReadStatus.UNREAD:
            ranges = ()
        self.ranges = merge_ranges(ranges, self.unsaved_ranges)

    def record_input(self, now: float) -> None:
        """Take note that a key was struck or the mouse moved: somebody is there."""
        self._last_input = now

    def forget(self) -> None:
        """Drop the time since the last look, until something is visible again."""
        self._view = None

    def record_view(self, view: View | None, now: float, total: int | None) -> ReadStatus:
        """Credit the time since the last look to what was visible then; return the mark.

        `view` is what is visible from now on, or None while nobody is looking; `now` is in
        seconds of a monotonic clock; `total` is how many words the text has, None while
        that isn't known. Time counts until `IDLE` seconds after the last touch; to begin to
        look is one.
        """
        if self._view is not None and self._last_input is not None:
            self._credit_words(
                (min(now, self._last_input + IDLE_SECONDS) - self._view_start)
                * MAX_WORDS_PER_SECOND
            )
        elif view is not None:
            self._last_input = now
        if view is None or view != self._view:
            self._credit = min(self._credit, 1.0)
        self._view, self._view_start = view, now
        if view is not None:
            self._first_view_words = self._first_view_words or view.end - view.first
            self._has_reached_end = self._has_reached_end or view.has_last_word
        self._update_status(total)
        return self.status

    def _credit_words(self, credit: float) -> None:
        """Credit as many of the visible words as `credit` and what was left over allow."""
        view = self._view
        if view is None:
            return
        self._credit += max(0.0, credit)
        for first, end in find_gaps(self.ranges, view.first, view.end):
            words = min(int(self._credit), end - first)
            if words <= 0:
                return
            self._credit -= words
            self.ranges = merge_ranges(self.ranges, ((first, first + words),))
            self.unsaved_ranges = merge_ranges(self.unsaved_ranges, ((first, first + words),))
            if words < end - first:
                return  # a part of a word is left over for the next look
        self._credit = 0.0

    def _update_status(self, total: int | None) -> None:
        """Derive the mark. It only rises: what is finished stays finished when read again."""
        if self._is_overridden:
            return
        read = count_range_words(self.ranges)
        if self.status is ReadStatus.UNREAD and 0 < self._first_view_words <= read:
            self.status = ReadStatus.READING
        if self.status is ReadStatus.FINISHED or total is None or not total:
            return
        if self._has_reached_end and read >= FINISHED_SHARE * total:
            self.status = ReadStatus.FINISHED


DEFAULT_PACE: Final = 265
"""Words a minute, until the reader's own pace is known: Medium's figure."""
MIN_PACE: Final = 120
MAX_PACE: Final = 600
"""Words a minute between which a pace is believed."""
MIN_SAMPLES: Final = 12
"""Screenfuls from which on the reader's own pace counts: two or three essays."""
MAX_SAMPLES: Final = 99
"""Screenfuls that are remembered: some hours of reading, so that a pace may change."""

_MIN_VIEW_WORDS: Final = 40
"""A screenful of fewer words says more about its keys than about its reader."""
_MIN_NEW_SHARE: Final = 0.6
"""The part of the words on the screen that must be new: a page that keeps two lines of five."""
_MIN_VIEW_SECONDS: Final = 4.0
"""Seconds in which nobody has read a screenful."""
_SKIM_SECONDS: Final = 1.0
"""Seconds. What stood for less was passed over on the way: a key was held, or struck again."""
_MIN_WORDS_PER_MINUTE: Final = 60
"""Words a minute below which somebody was interrupted."""


def parse_language(language: str) -> str:
    """Return the primary subtag of a story's language, `en` of `en-GB`; '' if it says none."""
    tag = language.strip().replace("_", "-").partition("-")[0].lower()
    return tag if tag.isascii() and tag.isalpha() and 2 <= len(tag) <= 8 else ""


def compute_pace(samples: Sequence[int]) -> int:
    """Return the pace (words a minute) of a reader with these samples of it: their median."""
    if len(samples) < MIN_SAMPLES:
        return DEFAULT_PACE
    return max(MIN_PACE, min(MAX_PACE, sorted(samples)[len(samples) // 2]))


def add_sample(samples: Sequence[int], rate: int) -> tuple[int, ...]:
    """Return `samples` with one more, the oldest forgotten where there are too many."""
    return (*samples, rate)[-MAX_SAMPLES:]


def estimate_minutes(words: int, pace: int = DEFAULT_PACE) -> int:
    """Return how many minutes `words` words take, rounded, 1 or more."""
    return max(1, int(words / pace + 0.5))


def format_length(words: int, pace: int) -> str:
    """Return how it is said how long a text is."""
    return f"{estimate_minutes(words, pace)} min"


def format_time_left(words: int, pace: int) -> str:
    """Return how a person says how long `words` more words still take."""
    return "under a minute left" if words < pace else f"{estimate_minutes(words, pace)} min left"


class PaceMeter:
    """Watches the screenfuls of one stay, and tells the rate of each that was honestly read.

    Honest is what the reader came to and left by reading on, without looking away, and
    had not read before. How long the first screenful of a stay took is not known, nor that
    of the last. Lines that come one by one are taken together until they make a screenful.
    """

    def __init__(self) -> None:
        self._view: View | None = None
        self._view_start = 0.0
        self._is_reading_on = False
        """What the reader looks at now was come to by reading on."""
        self._new_words = 0
        """Words that came with this view."""
        self._words_read = self._words_skimmed = 0
        """Words that came with the lines read so far; with those just passed over."""
        self._seconds_read = 0.0

    def record_view(self, view: View | None, ranges: WordRanges, now: float) -> int | None:
        """Take what is visible from now on; return the rate of a screenful just read, or None.

        `ranges` are the words read so far, `now` is in seconds of a monotonic clock. The
        rate is in words a minute.
        """
        if view == self._view:
            return None
        before, stayed = self._view, now - self._view_start
        self._view, self._view_start = view, now
        rate = None
        if view is None or before is None or not _is_continuation(before, view):
            self._reset()
            self._new_words = 0
        else:
            rate = self._finish_view(before, stayed)
            self._new_words = _count_new_words(before, view, ranges)
        return rate

    def _reset(self) -> None:
        self._is_reading_on, self._words_read, self._words_skimmed, self._seconds_read = (
            False,
            0,
            0,
            0.0,
        )

    def _finish_view(self, before: View, seconds: float) -> int | None:
        """Return the rate at which the words that came with `before` were read, if it is one."""
        if (
            not self._is_reading_on
            or not self._new_words
            or before.has_last_word
            or not 0 <= seconds <= IDLE_SECONDS
        ):
            self._reset()
            self._is_reading_on = True  # from the next one on
            return None
        self._words_read += self._new_words
        self._seconds_read += seconds
        self._words_skimmed = (
            self._words_skimmed + self._new_words if seconds < _SKIM_SECONDS else 0
        )
        if self._words_skimmed >= _MIN_VIEW_WORDS:
            self._reset()  # that was a jump
        if self._words_skimmed or self._words_read < max(
            _MIN_VIEW_WORDS, _MIN_NEW_SHARE * (before.end - before.first)
        ):
            return None
        rate, long_enough = (
            self._words_read * 60 / self._seconds_read,
            self._seconds_read >= _MIN_VIEW_SECONDS,
        )
        self._words_read, self._seconds_read = 0, 0.0
        return (
            round(rate)
            if long_enough and _MIN_WORDS_PER_MINUTE <= rate <= MAX_WORDS_PER_SECOND * 60
            else None
        )


def _is_continuation(before: View, view: View) -> bool:
    """Tell whether who saw `before` sees `view` by reading on, without a gap."""
    return before.first < view.first <= before.end <= view.end


def _count_new_words(before: View, view: View, ranges: WordRanges) -> int:
    """Return how many words came with `view`, 0 if any of them was read before."""
    came = ((before.end, view.end),)
    return view.end - before.end if find_gaps(ranges, *came[0]) == came else 0
