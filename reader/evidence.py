"""What has honestly been read: words that had their time on the screen.

Takes the range of words that is visible and a clock's reading, and credits words from the
first uncredited one on, no faster than somebody can read. The credited ranges are the one
recorded fact; progress and state derive from them. Pure: no clock, screen or disk.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

RATE: Final = 3 * 265 / 60
"""Words a second: three times the pace of an ordinary reader, so that no fast one is
called a skimmer."""
IDLE: Final = 180.0
"""Seconds without a key or the mouse after which nobody is taken to be there."""
SKIPPED: Final = 40
"""Words. A smaller gap between what was read is no part that was skipped: a line or two get
lost where a page is turned."""
ENOUGH: Final = 0.8
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
        if self._end_seen and read >= ENOUGH * total:
            self.mark = Mark.FINISHED
