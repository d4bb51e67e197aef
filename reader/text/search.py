"""Find words in a document. Matches are places in the text, never rows."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.document import Container, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reader.text.document import Block, Document


_COMBINING_MARKS: Final = "[\u0300-\u036f]*"
"""Combining marks, which a text may carry where the searcher typed none."""
_EQUIVALENTS: Final = {
    "'": "['‘’‚‛′]",
    '"': '["“”„‟″]',
    "-": "[-‐‑–—]",
    "–": "[–]",
    "—": "[—]",
}


CHUNK_CHARACTERS: Final = 50_000
"""Letters that are looked through at once: a few milliseconds even where each tenth matches."""


class Match(NamedTuple):
    """A stretch of one block that was found."""

    start: Place
    end_offset: int
    """The offset behind its last character."""


def compile_pattern(query: str) -> re.Pattern[str] | None:
    """Return what finds `words` in a block's text, or None for nothing but space."""
    parts = query.split()
    if not parts:
        return None
    exact = any(letter.isupper() for letter in query)
    source = r"\s+".join(
        "".join(_character_to_pattern(c, exact=exact) for c in part) for part in parts
    )
    return re.compile(source, 0 if exact else re.IGNORECASE)


def find_matches(blocks: Sequence[Block], query: str, first: int = 0) -> Iterator[Match]:
    """Yield the matches of `words` in `blocks`, in order; `first` is the first block's index.

    A pull quote says again what the text says and is passed over.
    """
    found = compile_pattern(query)
    if found is None:
        return
    for index, block in enumerate(blocks, first):
        if any(level.container is Container.PULL_QUOTE for level in block.nesting):
            continue
        for match in found.finditer(block.text):
            if match.end() > match.start():
                yield Match(Place(index, match.start()), match.end())


def _character_to_pattern(character: str, *, exact: bool) -> str:
    """Return what matches one typed character."""
    if character in _EQUIVALENTS:
        return _EQUIVALENTS[character]
    bare = unicodedata.normalize("NFD", character)
    if len(bare) > 1:  # typed with its accent: in either form of Unicode, and no other
        return f"(?:{re.escape(unicodedata.normalize('NFC', character))}|{re.escape(bare)})"
    accented = _list_accented_forms().get(character if exact else character.lower(), "")
    if not accented:
        return re.escape(character)
    return f"[{re.escape(character)}{accented}]{_COMBINING_MARKS}"


@lru_cache(maxsize=1)
def _list_accented_forms() -> dict[str, str]:
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


class SearchResults:
    """What was found for some words so far, and which match the reader is at."""

    def __init__(
        self, query: str, matches: Iterable[Match] = (), *, is_complete: bool = True
    ) -> None:
        self.query = query
        self.matches = list(matches)
        self.current_index = -1
        self.is_complete = is_complete
        """Everything was looked through."""

    def __len__(self) -> int:
        return len(self.matches)

    def add(self, matches: Sequence[Match]) -> None:
        """Take in the matches of another stretch of the text."""
        at = bisect_left(self.matches, matches[0]) if matches else 0
        self.matches[at:at] = matches
        if self.current_index >= at:
            self.current_index += len(matches)

    def select_at(self, place: Place) -> Match | None:
        """Make the first match at or behind `place` the current one and return it.

        Behind the last it is the first, once everything was looked through.
        """
        number = bisect_left(self.matches, place, key=lambda match: match.start)
        if number == len(self.matches):
            number = 0 if self.matches and self.is_complete else -1
        self.current_index = number
        return self.current_match

    def step(self, by: int) -> Match | None:
        """Go `by` matches on, round the end, and return the one there."""
        if self.matches:
            self.current_index = (self.current_index + by) % len(self.matches)
        return self.current_match

    @property
    def current_match(self) -> Match | None:
        """The current match."""
        return (
            self.matches[self.current_index]
            if 0 <= self.current_index < len(self.matches)
            else None
        )

    def list_ranges(self, block: int) -> list[tuple[int, int, bool]]:
        """Return the matches in a block as (start, end, is the current one)."""
        first = bisect_left(self.matches, Place(block), key=lambda match: match.start)
        last = bisect_left(self.matches, Place(block + 1), key=lambda match: match.start)
        return [
            (match.start.offset, match.end_offset, number == self.current_index)
            for number, match in enumerate(self.matches[first:last], first)
        ]

    def __str__(self) -> str:
        """Return how a status line says it."""
        if not self.is_complete:
            return f"{len(self.matches)} …"
        return f"{self.current_index + 1} of {len(self.matches)}" if self.matches else "not found"


class Search:
    """A way through a text that may still be growing, a stretch at a time.

    From the reader's place to the end, then from the beginning, then what was parsed
    meanwhile, then the footnotes: what is near is found first.
    """

    def __init__(self, document: Document, query: str, place: Place) -> None:
        self.results = SearchResults(query, is_complete=False)
        self.place = place
        self._document = document
        self._start_block = min(place.block, len(document.blocks))
        self._next_before, self._next_after = 0, self._start_block
        """The next blocks to look through, before the place's own and from it on."""

    def next_chunk(self) -> tuple[int, list[Block]] | None:
        """Return what is to be looked through next: a block's number, and the blocks from it on.

        Together about `STRETCH` letters; none where the text isn't parsed further yet.
        None at the end, when the finding is complete.
        """
        document, length = self._document, len(self._document.blocks)
        if self._next_after < length:
            at = self._next_after
            self._next_after = self._find_chunk_end(at, length)
            return at, document.blocks[at : self._next_after]
        if self._next_before < self._start_block:
            at = self._next_before
            self._next_before = self._find_chunk_end(at, self._start_block)
            return at, document.blocks[at : self._next_before]
        if not document.is_complete:
            return length, []
        if self._next_after == length and document.footnotes:
            self._next_after += 1
            return length, document.footnotes
        self.results.is_complete = True
        return None

    def _find_chunk_end(self, at: int, end: int) -> int:
        letters = self._document.count_characters_before(Place(at)) + CHUNK_CHARACTERS
        return max(at + 1, min(end, self._document.character_to_block(letters)))

    def add_matches(self, matches: Sequence[Match]) -> bool:
        """Take in what was found in a stretch; tell whether that is where the reader looks now.

        The first match at or behind the place is, or the very first when there is none.
        """
        self.results.add(matches)
        return self.results.current_match is None and self.results.select_at(self.place) is not None
