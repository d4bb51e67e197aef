"""Search a document for words. Matches are places in the text, never rows on the screen."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import cache
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.document import Container, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reader.text.document import Block, Document


_COMBINING_MARKS: Final = "[\u0300-\u036f]*"
"""Combining marks that may follow a letter in the text though the query has none."""
_EQUIVALENTS: Final = {
    "'": "['‘’‚‛′]",
    '"': '["“”„‟″]',
    "-": "[-‐‑–—]",
    "–": "[–]",
    "—": "[—]",
}
"""Patterns of the typed characters that match printed ones too."""


CHUNK_CHARACTERS: Final = 50_000
"""Characters that are searched at once: a few milliseconds even if a tenth of them match."""


class Match(NamedTuple):
    """A match in the text of one block."""

    start: Place
    end_offset: int
    """The offset after its last character."""


class MatchRange(NamedTuple):
    """The offsets of a match in its block, for drawing."""

    start: int
    end: int
    is_current: bool


class Chunk(NamedTuple):
    """Blocks to search at once. They may be none."""

    first_block: int
    """The number of the first of them."""
    blocks: list[Block]


def compile_pattern(query: str) -> re.Pattern[str] | None:
    """Return the pattern that finds `query` in a block's text, or None if it is only space.

    Capitals in the query make the search case-sensitive. White space matches any white space,
    letters without accents match those with them, typed quotes and dashes match printed ones.
    """
    words = query.split()
    if not words:
        return None
    exact = any(character.isupper() for character in query)
    pattern = r"\s+".join(
        "".join(_character_to_pattern(c, exact=exact) for c in word) for word in words
    )
    return re.compile(pattern, 0 if exact else re.IGNORECASE)


def find_matches(blocks: Sequence[Block], query: str, first: int = 0) -> Iterator[Match]:
    """Yield the matches of `query` in `blocks`, in order; `first` is the first block's number.

    Pull quotes are skipped: they repeat the text.
    """
    pattern = compile_pattern(query)
    if pattern is None:
        return
    for index, block in enumerate(blocks, first):
        if any(level.container is Container.PULL_QUOTE for level in block.nesting):
            continue
        for match in pattern.finditer(block.text):
            if match.end() > match.start():
                yield Match(Place(index, match.start()), match.end())


def _character_to_pattern(character: str, *, exact: bool) -> str:
    """Return the pattern that matches one typed character."""
    if character in _EQUIVALENTS:
        return _EQUIVALENTS[character]
    decomposed = unicodedata.normalize("NFD", character)
    if len(decomposed) > 1:  # typed with an accent: matches that one only, in both Unicode forms
        composed = unicodedata.normalize("NFC", character)
        return f"(?:{re.escape(composed)}|{re.escape(decomposed)})"
    accented = _list_accented_forms().get(character if exact else character.lower(), "")
    if not accented:
        return re.escape(character)
    return f"[{re.escape(character)}{accented}]{_COMBINING_MARKS}"


@cache
def _list_accented_forms() -> dict[str, str]:
    """Return the accented forms of each Latin, Greek and Cyrillic letter that has any.

    A plain Latin letter without one is its own form, so that it too may carry marks.
    """
    forms: dict[str, str] = {}
    for code in (*range(0xC0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000)):
        letter = chr(code)
        base = unicodedata.normalize("NFD", letter)[0]
        if base != letter:
            forms[base] = forms.get(base, "") + letter
    for letter in ascii_lowercase:
        forms.setdefault(letter, letter)
    return forms


class SearchResults:
    """The matches of a query so far, in order, and which of them is the current one."""

    def __init__(
        self, query: str, matches: Iterable[Match] = (), *, is_complete: bool = True
    ) -> None:
        self.query = query
        self.matches = list(matches)
        self.current_index = -1
        """The index of the current match, -1 if there is none."""
        self.is_complete = is_complete
        """The whole text was searched."""

    def __len__(self) -> int:
        return len(self.matches)

    def add(self, matches: Sequence[Match]) -> None:
        """Insert the matches of a chunk. The current match stays the same."""
        index = bisect_left(self.matches, matches[0]) if matches else 0
        self.matches[index:index] = matches
        if self.current_index >= index:
            self.current_index += len(matches)

    def select_at(self, place: Place) -> Match | None:
        """Make the first match at or after `place` the current one and return it.

        If there is none and the search is complete, it is the first match of the text.
        """
        index = bisect_left(self.matches, place, key=lambda match: match.start)
        if index == len(self.matches):
            index = 0 if self.matches and self.is_complete else -1
        self.current_index = index
        return self.current_match

    def step(self, by: int) -> Match | None:
        """Go `by` matches forward (negative: back), wrap around, and return the match there."""
        if self.matches:
            self.current_index = (self.current_index + by) % len(self.matches)
        return self.current_match

    @property
    def current_match(self) -> Match | None:
        """The current match, None if there is none."""
        if 0 <= self.current_index < len(self.matches):
            return self.matches[self.current_index]
        return None

    def list_ranges(self, block: int) -> list[MatchRange]:
        """Return the matches in a block."""
        first = bisect_left(self.matches, Place(block), key=lambda match: match.start)
        last = bisect_left(self.matches, Place(block + 1), key=lambda match: match.start)
        return [
            MatchRange(match.start.offset, match.end_offset, index == self.current_index)
            for index, match in enumerate(self.matches[first:last], first)
        ]

    def __str__(self) -> str:
        """Return the text for the status line, such as `2 of 7`."""
        if not self.is_complete:
            return f"{len(self.matches)} …"
        return f"{self.current_index + 1} of {len(self.matches)}" if self.matches else "not found"


class Search:
    """A search of a document that may still be growing, a chunk at a time.

    It goes from the reader's place to the end, then from the beginning, then through the
    blocks parsed meanwhile, then through the footnotes: near matches are found first.
    """

    def __init__(self, document: Document, query: str, place: Place) -> None:
        self.results = SearchResults(query, is_complete=False)
        self.place = place
        self._document = document
        self._start_block = min(place.block, len(document.blocks))
        self._next_before = 0
        """The next block to search of those before the start block."""
        self._next_after = self._start_block
        """The next block to search from the start block on."""

    def next_chunk(self) -> Chunk | None:
        """Return the next blocks to search, about `CHUNK_CHARACTERS` long.

        The chunk is empty while the text isn't parsed further. At the end it is None, and the
        results are complete.
        """
        document, length = self._document, len(self._document.blocks)
        if self._next_after < length:
            first = self._next_after
            self._next_after = self._find_chunk_end(first, length)
            return Chunk(first, document.blocks[first : self._next_after])
        if self._next_before < self._start_block:
            first = self._next_before
            self._next_before = self._find_chunk_end(first, self._start_block)
            return Chunk(first, document.blocks[first : self._next_before])
        if not document.is_complete:
            return Chunk(length, [])
        if self._next_after == length and document.footnotes:
            self._next_after += 1
            return Chunk(length, document.footnotes)
        self.results.is_complete = True
        return None

    def _find_chunk_end(self, first: int, end: int) -> int:
        """Return the number of the block after a chunk that begins with `first`, at most `end`."""
        character = self._document.count_characters_before(Place(first)) + CHUNK_CHARACTERS
        return max(first + 1, min(end, self._document.character_to_block(character)))

    def add_matches(self, matches: Sequence[Match]) -> bool:
        """Add the matches of a chunk; return whether the first match to show is now known.

        It is the first one at or after the reader's place, else the first of the text.
        """
        self.results.add(matches)
        return self.results.current_match is None and self.results.select_at(self.place) is not None
