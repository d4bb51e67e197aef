"""Which words count as read, and the reader's pace in words per minute.

Both follow from what is on the screen and for how long. Times are in seconds of a monotonic
clock; the caller reads the clock.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


MAX_WORDS_PER_SECOND: Final = 3 * 265 / 60
"""Words are credited at most at this rate: three times an ordinary reader's pace, so that fast
reading still counts."""
IDLE_SECONDS: Final = 180.0
"""Seconds without input after which the reader counts as absent."""
MIN_SKIPPED_WORDS: Final = 40
"""Words. A smaller gap between read words is not a skipped part: turning a page often misses a
line or two."""
FINISHED_SHARE: Final = 0.8
"""The share of a story's words that must be read before it is finished."""
MIN_FINISH_SECONDS: Final = 5.0
"""Seconds that a story must have been on the screen before it is finished, however short it is."""

WordRanges = tuple[tuple[int, int], ...]
"""Pairs of word numbers, the first word and the one after the last: disjoint and in order."""


class ReadStatus(StrEnum):
    """Whether a story is unread, being read, or finished."""

    UNREAD = "unread"
    READING = "reading"
    FINISHED = "finished"


def merge_ranges(ranges: WordRanges, more: WordRanges) -> WordRanges:
    """Return the words in either; the arguments may overlap and be in any order."""
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
    """Return the number of words in `ranges`."""
    return sum(end - first for first, end in ranges)


def find_gaps(ranges: WordRanges, first: int, end: int) -> WordRanges:
    """Return the words from `first` up to `end` that are not in `ranges`."""
    gaps: list[tuple[int, int]] = []
    for range_first, range_end in ranges:
        if range_first >= end:
            break
        if range_first > first:
            gaps.append((first, range_first))
        first = max(first, range_end)
    if first < end:
        gaps.append((first, end))
    return tuple(gaps)


def find_skipped(ranges: WordRanges) -> WordRanges:
    """Return the skipped parts: unread words before words that were read."""
    gaps = find_gaps(ranges, 0, ranges[-1][0]) if ranges else ()
    return tuple((first, end) for first, end in gaps if end - first >= MIN_SKIPPED_WORDS)


class View(NamedTuple):
    """The words on the screen, from number `first` up to `end`."""

    first: int
    end: int
    has_last_word: bool
    """The last word of the text is on the screen."""


class ReadingCredit:
    """The words read and the read status of a story while it is open."""

    def __init__(self, ranges: WordRanges, status: ReadStatus) -> None:
        self.ranges = ranges
        """All words that were read."""
        self.status = status
        self._new_ranges: WordRanges = ()
        """The words credited since `take_new_words` was last called."""
        self._view: View | None = None
        self._view_start = 0.0
        self._last_input: float | None = None
        self._credit = 0.0
        """Words that may still be credited for the time already spent."""
        self._first_view_words = 0
        self._has_reached_end = False
        self._seconds = count_range_words(ranges) / MAX_WORDS_PER_SECOND
        """Seconds that the story was on the screen: those that the words read before took at least,
        and those since it was opened."""
        self._is_overridden = False

    def override_status(self, status: ReadStatus, ranges: WordRanges) -> None:
        """Set the status by hand; automatic changes stop until the story is closed."""
        self.status, self.ranges, self._new_ranges = status, ranges, ()
        self._is_overridden = True

    @property
    def has_new_words(self) -> bool:
        """Words were credited since `take_new_words` was last called."""
        return bool(self._new_ranges)

    def take_new_words(self) -> WordRanges:
        """Return the words credited since the last call."""
        ranges, self._new_ranges = self._new_ranges, ()
        return ranges

    def renumber(self, ranges: WordRanges) -> None:
        """Replace the words read before by `ranges`, now that the whole text is parsed."""
        if self._is_overridden and self.status is ReadStatus.UNREAD:
            ranges = ()
        self.ranges = merge_ranges(ranges, self._new_ranges)

    def record_input(self, now: float) -> None:
        """Record that the reader pressed a key or moved the mouse at `now`."""
        self._last_input = now

    def forget(self) -> None:
        """Drop the time since the last call of `record_view`, as if nothing had been visible."""
        self._view = None

    def record_view(self, view: View | None, now: float, total: int | None) -> ReadStatus:
        """Credit the time since the last call to what was visible then; return the status.

        `view` is what is visible from `now` on, None while the reader is away. `total` is the
        number of words of the text, None while it is not known. Time counts until
        `IDLE_SECONDS` after the last input. Opening or returning to the text counts as input.
        """
        if self._view is not None and self._last_input is not None:
            seconds = min(now, self._last_input + IDLE_SECONDS) - self._view_start
            self._seconds += max(0.0, seconds)
            self._credit_words(seconds * MAX_WORDS_PER_SECOND)
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
        """Credit the first unread visible words, as many as `credit` and the remainder allow."""
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
            self._new_ranges = merge_ranges(self._new_ranges, ((first, first + words),))
            if words < end - first:
                return  # the remainder, a part of a word, counts at the next call
        self._credit = 0.0

    def _update_status(self, total: int | None) -> None:
        """Raise the status if enough was read. It never falls: finished stays finished."""
        if self._is_overridden:
            return
        read = count_range_words(self.ranges)
        if self.status is ReadStatus.UNREAD and 0 < self._first_view_words <= read:
            self.status = ReadStatus.READING
        if self.status is ReadStatus.FINISHED or total is None or not total:
            return
        is_read = self._has_reached_end and read >= FINISHED_SHARE * total
        if is_read and self._seconds >= MIN_FINISH_SECONDS:
            self.status = ReadStatus.FINISHED


DEFAULT_PACE: Final = 265
"""Words a minute until the reader's own pace is known. The figure that Medium uses."""
MIN_PACE: Final = 120
MAX_PACE: Final = 600
"""The lowest and highest pace that is used, in words a minute."""
MIN_SAMPLES: Final = 12
"""Samples needed for a pace of the reader's own: two or three essays."""
MAX_SAMPLES: Final = 99
"""Samples that are stored, the newest ones: some hours of reading, so that the pace can change."""

_MIN_VIEW_WORDS: Final = 40
"""A sample needs this many words. Fewer say more about the keys than about the reader."""
_MIN_NEW_SHARE: Final = 0.6
"""A sample needs this share of the words on the screen: a page key on a screen of
five lines, which leaves two of them, brings that many."""
_MIN_VIEW_SECONDS: Final = 4.0
"""A sample needs this many seconds. A screenful takes longer to read."""
_SKIM_SECONDS: Final = 1.0
"""A view shorter than this was skimmed: a key was held or pressed repeatedly."""
_MIN_WORDS_PER_MINUTE: Final = 60
"""At a lower rate the reader was interrupted."""


def parse_language(language: str) -> str:
    """Return the primary subtag of a language tag, such as `en` of `en-GB`; '' if it has none."""
    tag = language.strip().replace("_", "-").partition("-")[0].lower()
    return tag if tag.isascii() and tag.isalpha() and 2 <= len(tag) <= 8 else ""


def compute_pace(samples: Sequence[int]) -> int:
    """Return the median of `samples` within limits, in words a minute; the default for too few."""
    if len(samples) < MIN_SAMPLES:
        return DEFAULT_PACE
    return max(MIN_PACE, min(MAX_PACE, sorted(samples)[len(samples) // 2]))


def add_sample(samples: Sequence[int], rate: int) -> tuple[int, ...]:
    """Return `samples` with `rate` added, without the oldest if there are too many."""
    return (*samples, rate)[-MAX_SAMPLES:]


def estimate_minutes(words: int, pace: int = DEFAULT_PACE) -> int:
    """Return the minutes that `words` words take at `pace` words a minute, rounded, at least 1."""
    return max(1, int(words / pace + 0.5))


MAX_MINUTES: Final = 9_999
"""The longest time for which stories are listed: a week."""


def parse_minutes(text: str) -> int:
    """Return a stored number of minutes; 0 if it is none from 1 to `MAX_MINUTES`."""
    digits = text.strip()
    is_number = digits.isascii() and digits.isdigit() and len(digits) < 10
    return int(digits) if is_number and int(digits) <= MAX_MINUTES else 0


_TIME: Final = (
    r"(?:(?P<hours>\d{1,9}(?:[.,]\d{1,9})?)\s*(?:h(?:rs?|ours?)?\.?|:(?=\s*\d)))?\s*"
    r"(?:(?P<minutes>\d{1,9})\s*(?:m(?:ins?|inutes?)?\.?|')?)?"
)


def parse_time(text: str) -> int:
    """Return the minutes of a typed time, such as `90`, `90 min`, `1h30`, `1:30` or `1.5 h`.

    0 if it is no time from 1 to `MAX_MINUTES`.
    """
    found = re.fullmatch(_TIME, text.strip(), re.ASCII | re.IGNORECASE)
    if found is None:
        return 0
    hours, minutes = found["hours"] or "", int(found["minutes"] or 0)
    if hours and found["minutes"] and (minutes > 59 or not hours.isdigit()):
        return 0
    total = int(60 * float(hours.replace(",", ".") or 0) + 0.5) + minutes
    return total if total <= MAX_MINUTES else 0


def format_length(words: int, pace: int) -> str:
    """Return the length of a text for display, such as `6 min`."""
    return f"{estimate_minutes(words, pace)} min"


def format_unread_time(words: int, pace: int) -> str:
    """Return the reading time of unread words for display, such as `2 min unread`."""
    return f"{_format_duration(words, pace)} unread"


def format_time_to_go(words: int, pace: int) -> str:
    """Return the reading time from a place to the end for display, such as `2 min to go`."""
    return f"{_format_duration(words, pace)} to go"


def _format_duration(words: int, pace: int) -> str:
    return "under a minute" if words < pace else f"{estimate_minutes(words, pace)} min"


class PaceMeter:
    """Measures the reader's pace on each screenful while a story is open.

    A screenful counts only if the reader came to it and left it by reading on, without looking
    away, and had not read it before. The first and the last screenful never count: how long
    they were read is not known. Lines that come one by one are added up to a screenful.
    """

    def __init__(self) -> None:
        self._view: View | None = None
        self._view_start = 0.0
        self._is_reading_on = False
        """The reader came to the current view by reading on."""
        self._new_words = 0
        """Words that came with the current view."""
        self._words_read = 0
        """Words that came with the views of this sample so far."""
        self._words_skimmed = 0
        """Words that came with the last views in a row that were skimmed."""
        self._seconds_read = 0.0

    def record_view(self, view: View | None, ranges: WordRanges, now: float) -> int | None:
        """Record what is visible from `now` on; return a sample if one is complete, else None.

        `ranges` are the words read so far. A sample is in words a minute.
        """
        if view == self._view:
            return None
        before, seconds = self._view, now - self._view_start
        self._view, self._view_start = view, now
        if view is None or before is None or not _is_continuation(before, view):
            self._reset()
            self._new_words = 0
            return None
        rate = self._finish_view(before, seconds)
        self._new_words = _count_new_words(before, view, ranges)
        return rate

    def _reset(self) -> None:
        """Start a new sample, which begins only with the next view."""
        self._is_reading_on = False
        self._words_read = self._words_skimmed = 0
        self._seconds_read = 0.0

    def _finish_view(self, before: View, seconds: float) -> int | None:
        """Add the view `before`, visible for `seconds`, to the sample; return a complete one."""
        if (
            not self._is_reading_on
            or not self._new_words
            or before.has_last_word
            or not 0 <= seconds <= IDLE_SECONDS
        ):
            self._reset()
            self._is_reading_on = True  # from the next view on
            return None
        self._words_read += self._new_words
        self._seconds_read += seconds
        is_skimmed = seconds < _SKIM_SECONDS
        self._words_skimmed = self._words_skimmed + self._new_words if is_skimmed else 0
        if self._words_skimmed >= _MIN_VIEW_WORDS:
            self._reset()  # so many words at once were not read but skipped
        needed = max(_MIN_VIEW_WORDS, _MIN_NEW_SHARE * (before.end - before.first))
        if self._words_skimmed or self._words_read < needed:
            return None
        rate = self._words_read * 60 / self._seconds_read
        is_plausible = (
            self._seconds_read >= _MIN_VIEW_SECONDS
            and _MIN_WORDS_PER_MINUTE <= rate <= MAX_WORDS_PER_SECOND * 60
        )
        self._words_read, self._seconds_read = 0, 0.0
        return round(rate) if is_plausible else None


def _is_continuation(before: View, view: View) -> bool:
    """Return whether `view` follows `before` by reading on, without a gap."""
    return before.first < view.first <= before.end <= view.end


def _count_new_words(before: View, view: View, ranges: WordRanges) -> int:
    """Return how many words came with `view`, 0 if any of them was read before."""
    new = ((before.end, view.end),)
    return view.end - before.end if find_gaps(ranges, before.end, view.end) == new else 0
