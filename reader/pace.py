"""The reader's own pace: words a minute, told from screenfuls that were honestly read.

Owns which screenfuls are honest, what is made of them, and how a person says how long
something takes. Everything that is told in minutes comes from here, so that no two figures
disagree. Pure: the clock's reading is handed in; where samples are kept is nobody's here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .evidence import IDLE, RATE, uncredited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .evidence import Ranges, View

ORDINARY: Final = 265
"""Words a minute, until the reader's own pace is known: Medium's figure."""
SLOWEST: Final = 120
FASTEST: Final = 600
"""Words a minute between which a pace is believed."""
ENOUGH: Final = 12
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
    if len(samples) < ENOUGH:
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
