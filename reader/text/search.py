"""Find words in a document. Matches are places in the text, never rows."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.document import Nest, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reader.text.document import Block, Document


_MARKS: Final = "[\u0300-\u036f]*"
"""Combining marks, which a text may carry where the searcher typed none."""
_ALIKE: Final = {
    "'": "['‘’‚‛′]",
    '"': '["“”„‟″]',
    "-": "[-‐‑–—]",
    "–": "[–]",
    "—": "[—]",
}


STRETCH: Final = 50_000
"""Letters that are looked through at once: a few milliseconds even where each tenth matches."""


class Match(NamedTuple):
    """A stretch of one block that was found."""

    start: Place
    end: int
    """The offset behind its last character."""


def pattern(words: str) -> re.Pattern[str] | None:
    """Return what finds `words` in a block's text, or None for nothing but space."""
    parts = words.split()
    if not parts:
        return None
    exact = any(letter.isupper() for letter in words)
    source = r"\s+".join("".join(_letter(c, exact=exact) for c in part) for part in parts)
    return re.compile(source, 0 if exact else re.IGNORECASE)


def matches(blocks: Sequence[Block], words: str, first: int = 0) -> Iterator[Match]:
    """Yield the matches of `words` in `blocks`, in order; `first` is the first block's index.

    A pull quote says again what the text says and is passed over.
    """
    found = pattern(words)
    if found is None:
        return
    for index, block in enumerate(blocks, first):
        if any(level.nest is Nest.PULL for level in block.nesting):
            continue
        for match in found.finditer(block.text):
            if match.end() > match.start():
                yield Match(Place(index, match.start()), match.end())


def _letter(letter: str, *, exact: bool) -> str:
    """Return what matches one typed character."""
    if letter in _ALIKE:
        return _ALIKE[letter]
    bare = unicodedata.normalize("NFD", letter)
    if len(bare) > 1:  # typed with its accent: in either form of Unicode, and no other
        return f"(?:{re.escape(unicodedata.normalize('NFC', letter))}|{re.escape(bare)})"
    accented = _accented().get(letter if exact else letter.lower(), "")
    if not accented:
        return re.escape(letter)
    return f"[{re.escape(letter)}{accented}]{_MARKS}"


@lru_cache(maxsize=1)
def _accented() -> dict[str, str]:
    """Return for each Latin, Greek or Cyrillic letter those that are it with an accent."""
    found: dict[str, str] = {}
    for code in (*range(0xC0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000)):
        letter = chr(code)
        bare = unicodedata.normalize("NFD", letter)[0]
        if bare != letter:
            found[bare] = found.get(bare, "") + letter
    for letter in "abcdefghijklmnopqrstuvwxyz":
        found.setdefault(letter, "")
    return {bare: accented or bare for bare, accented in found.items()}


class Finding:
    """What was found for some words so far, and which match the reader is at."""

    def __init__(self, words: str, found: Iterable[Match] = (), *, complete: bool = True) -> None:
        self.words = words
        self.found = list(found)
        self.current = -1
        self.complete = complete
        """Everything was looked through."""

    def __len__(self) -> int:
        return len(self.found)

    def add(self, found: Sequence[Match]) -> None:
        """Take in the matches of another stretch of the text."""
        at = bisect_left(self.found, found[0]) if found else 0
        self.found[at:at] = found
        if self.current >= at:
            self.current += len(found)

    def at(self, place: Place) -> Match | None:
        """Make the first match at or behind `place` the current one and return it.

        Behind the last it is the first, once everything was looked through.
        """
        number = bisect_left(self.found, place, key=lambda match: match.start)
        if number == len(self.found):
            number = 0 if self.found and self.complete else -1
        self.current = number
        return self.match

    def step(self, by: int) -> Match | None:
        """Go `by` matches on, round the end, and return the one there."""
        if self.found:
            self.current = (self.current + by) % len(self.found)
        return self.match

    @property
    def match(self) -> Match | None:
        """The current match."""
        return self.found[self.current] if 0 <= self.current < len(self.found) else None

    def stretches(self, block: int) -> list[tuple[int, int, bool]]:
        """Return the matches in a block as (start, end, is the current one)."""
        first = bisect_left(self.found, Place(block), key=lambda match: match.start)
        last = bisect_left(self.found, Place(block + 1), key=lambda match: match.start)
        return [
            (match.start.offset, match.end, number == self.current)
            for number, match in enumerate(self.found[first:last], first)
        ]

    def __str__(self) -> str:
        """Return how a status line says it."""
        if not self.complete:
            return f"{len(self.found)} …"
        return f"{self.current + 1} of {len(self.found)}" if self.found else "not found"


class Search:
    """A way through a text that may still be growing, a stretch at a time.

    From the reader's place to the end, then from the beginning, then what was parsed
    meanwhile, then the footnotes: what is near is found first.
    """

    def __init__(self, document: Document, words: str, place: Place) -> None:
        self.finding = Finding(words, complete=False)
        self.place = place
        self._document = document
        self._start = min(place.block, len(document.blocks))
        self._before, self._behind = 0, self._start
        """The next blocks to look through, before the place's own and from it on."""

    def stretch(self) -> tuple[int, list[Block]] | None:
        """Return what is to be looked through next: a block's number, and the blocks from it on.

        Together about `STRETCH` letters; none where the text isn't parsed further yet.
        None at the end, when the finding is complete.
        """
        document, length = self._document, len(self._document.blocks)
        if self._behind < length:
            at = self._behind
            self._behind = self._end(at, length)
            return at, document.blocks[at : self._behind]
        if self._before < self._start:
            at = self._before
            self._before = self._end(at, self._start)
            return at, document.blocks[at : self._before]
        if not document.complete:
            return length, []
        if self._behind == length and document.notes:
            self._behind += 1
            return length, document.notes
        self.finding.complete = True
        return None

    def _end(self, at: int, end: int) -> int:
        letters = self._document.letters_before(Place(at)) + STRETCH
        return max(at + 1, min(end, self._document.block_of_letter(letters)))

    def take(self, found: Sequence[Match]) -> bool:
        """Take in what was found in a stretch; tell whether that is where the reader looks now.

        The first match at or behind the place is, or the very first when there is none.
        """
        self.finding.add(found)
        return self.finding.match is None and self.finding.at(self.place) is not None
