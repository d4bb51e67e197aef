"""Choose the line above a copied text that is its title.

The lines that surround a title differ from site to site, so a title is the line with most signs
of one: near the date, stated twice, made of words that the text uses.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.ingest.copied.boilerplate import is_weak_boilerplate
from reader.ingest.copied.lines import (
    BULLET,
    count_words,
    ends_phrase,
    fold,
    is_name,
    is_title_case,
    measure,
)
from reader.ingest.copied.start import MAX_TITLE_CELLS, is_long, may_be_title

if TYPE_CHECKING:
    from reader.ingest.copied.lines import Copied


_MIN_REPEATED: Final = 9
"""Characters of a line that is a title because it is stated twice."""


class LinesAbove(NamedTuple):
    """What is known of the lines above a text, by their numbers."""

    lines: list[int]
    start: int
    """The first line of the prose."""
    used: set[int]
    """Lines that are something else than a title."""
    facts_lines: set[int]
    """Lines with a date, a reading time or a byline."""
    author: str


class TitleFinder:
    """Rates the lines above a text."""

    def __init__(self, copied: Copied, above: LinesAbove) -> None:
        self._copied, self._texts = copied, copied.texts
        self._lines, self._start, self._used, self._facts_lines, self._author = above
        self._order = {number: place for place, number in enumerate(copied.filled)}

    def find(self) -> int | None:
        """Return the line with the most signs of a title."""
        candidates = [n for n in self._lines if self._is_candidate(n)]
        if not candidates:
            candidates = [
                n for n in self._lines if n not in self._used and n not in self._copied.boilerplate
            ]
        if not candidates:
            return next((n for n in self._copied.filled[:1] if n < self._start), None)
        frequent = self._count_words()
        return max(candidates, key=lambda n: (self._rate_title(n, candidates, frequent), -n))

    def _is_candidate(self, number: int) -> bool:
        text, copied = self._texts[number], self._copied
        return (
            number not in copied.boilerplate
            and number not in self._used
            and not self._copied.follows(number, "published in")
            and len(text) > 1
            and measure(text) <= MAX_TITLE_CELLS
            and not (number in copied.navigation and (BULLET.match(text) or count_words(text) < 4))
            and not BULLET.match(text)
        )

    def _count_words(self) -> set[str]:
        """Return the words of the prose, in lower case."""
        words: set[str] = set()
        for number in self._copied.filled:
            if number >= self._start and (
                self._copied.is_prose(number) or is_long(self._copied, number)
            ):
                words.update(fold(self._texts[number]).split())
        return words

    def _rate_title(self, number: int, candidates: list[int], frequent: set[str]) -> float:
        text = self._texts[number]
        words = fold(text).split()
        count = count_words(text)
        score = 2.0 if 3 <= count <= 25 else 0.0 if count == 2 else -2.0
        score += self._rate_place(number, candidates)
        same = [n for n in self._lines if n != number and fold(self._texts[n]) == fold(text)]
        if same and len(text) >= _MIN_REPEATED and not self._is_framed(number):
            score += 3 if len(same) == 1 else 1
        content = [word for word in words if len(word) > 3]
        if len(content) > 1:
            score += 2.5 * sum(word in frequent for word in content) / len(content)
        if text.endswith(".") or (ends_phrase(text) and text[-1] in ",;:"):
            score -= 2
        if measure(text) > 120:
            score -= 2
        if self._copied.is_prose(number):
            score -= 3  # it is a deck, or the first paragraph
        if is_name(text) and count <= 3:
            score -= 1.5
        if self._author and f" {fold(self._author)} " in f" {fold(text)} ":
            score -= 2  # it is the name of the author's site
        if number in self._copied.navigation:
            score -= 2
        if self._repeats_late_line(number):
            score -= 3
        return score

    def _repeats_late_line(self, number: int) -> bool:
        """Return whether a line above the facts holds all words of a line below them.

        Such a line is the label of a card or a picture, and the line below is the deck.
        """
        text = f" {fold(self._texts[number])} "
        return number < max(self._facts_lines, default=-1) and any(
            f" {words} " in text and words != text.strip() for words in self._late_lines
        )

    @cached_property
    def _late_lines(self) -> list[str]:
        """The words of the two lines below the facts, if there are more than two words."""
        below = self._copied.next_filled(max(self._facts_lines, default=-1), 2)
        late = [fold(self._texts[number]) for number in below if number < self._start]
        return [words for words in late if len(words.split()) > 2]

    def _rate_place(self, number: int, candidates: list[int]) -> float:
        """Return how well a line stands for a title: above the facts, near them, or first."""
        copied, score = self._copied, 0.0
        rank = [
            n
            for n in self._lines
            if (n not in copied.boilerplate and n not in copied.navigation) or n == number
        ]
        place = rank.index(number)
        facts = [rank.index(n) for n in rank if n in self._facts_lines]
        above = [each - place for each in facts if each > place]
        below = [place - each for each in facts if each < place]
        if above and above[0] <= 6:
            score += 3.5 - 0.5 * above[0]
        elif below and below[-1] <= 3:
            score += 1.5 - 0.5 * below[-1]
        if number == copied.filled[0]:
            score += (
                0.5 if self._is_framed(number) or not may_be_title(self._copied, number) else 2.5
            )
        facts_lines = [n for n in self._facts_lines if n > number]
        if facts_lines:
            buttons = [n for n in copied.boilerplate if number < n < min(facts_lines)]
            score -= min(2, len(buttons))
            score -= self._is_framed(number)  # it is the name of a site
        score += max(0.0, 1.5 - 0.25 * (len(rank) - 1 - place))
        lower = [n for n in candidates if n > number]
        if lower and facts and self._is_kicker(number, lower[0], candidates):
            score -= 2.5
        upper = [n for n in candidates if n < number and not self._repeats_late_line(n)]
        if upper and facts and self._is_kicker(upper[-1], number, candidates):
            upper = []
        if (
            upper
            and self._order[number] - self._order[upper[-1]] == 1
            and (may_be_title(self._copied, upper[-1]) or self._has_title_case(upper[-1], number))
        ):
            score -= 2.5  # it may be the deck of the line above
        if below and not above and any(may_be_title(self._copied, n) for n in upper):
            score -= 2
        return score

    def _has_title_case(self, number: int, lower: int) -> bool:
        """Return whether a line of several words has capitals as titles do, and one below hasn't."""
        texts = (self._texts[number], self._texts[lower])
        return count_words(texts[0]) > 2 and [*map(is_title_case, texts)] == [True, False]

    def _is_kicker(self, number: int, title: int, candidates: list[int]) -> bool:
        """Return whether a line is the name of a section above a title, with a deck below that."""
        has_deck = any(n > title and any(f > n for f in self._facts_lines) for n in candidates)
        count = count_words(self._texts[number])
        return has_deck and count <= 3 and count_words(self._texts[title]) > count

    def _is_framed(self, number: int) -> bool:
        """Return whether a menu or button follows a line, as it follows the name of a site."""
        copied = self._copied
        return any(
            n in copied.boilerplate or n in copied.navigation or is_weak_boilerplate(self._texts[n])
            for n in copied.next_filled(number, 1)
        )
