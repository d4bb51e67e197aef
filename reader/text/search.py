"""Search a document for words. Matches are places in the text, never rows on the screen.

Query and text are folded before they are compared: case, accents, typography and Unicode forms
go. The offsets of a match are those of the text itself. Filters of lists use the same folding.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import normalize

from reader.text.document import Container, Place, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reader.text.document import Block, Document

    Find = Callable[[Sequence[Block], int], Iterable["Match"]]
    """Returns the matches in blocks, in order; the second argument is the first block's number."""


_HYPHENS: Final = "-\u2010\u2011\u2212\u05be\ufe63\uff0d"
_EN_DASH, _EM_DASH, _ELLIPSIS = "\x01", "\x02", "\x03"
"""What these are folded to: control characters, which no text has after `sanitize`."""
_REPLACEMENTS: Final = {
    **dict.fromkeys("'‘’‚‛′‹›´\u02b9\u02bb\u02bc\u05f3\uff07", "'"),
    **dict.fromkeys('"“”„‟″«»\u02ba\u05f4\uff02', '"'),
    **dict.fromkeys(_HYPHENS, "-"),
    **dict.fromkeys("‒–", _EN_DASH),
    **dict.fromkeys("—―", _EM_DASH),
    "…": _ELLIPSIS,
    "ı": "i",
    "ß": "ss",
    "ẞ": "SS",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "\u2044": "/",
    "\u0671": "\u0627",
}
"""Characters that Unicode doesn't decompose, or not into what is typed for them."""
_STROKED_LETTERS: Final = dict(
    zip("øØłŁđĐðÐħĦŧŦɨƗ", (f"{c}\u0338" for c in "oOlLdDdDhHtTiI"), strict=True)
)
"""Letters with a stroke. It is folded to a combining one, so that it counts as an accent."""
_COMMON_REPLACEMENTS: Final = tuple((c, _REPLACEMENTS[c]) for c in "’‘“”–—…")
"""What most texts have beside ASCII. Replacing these changes no offset."""
_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0730-\u074a"
    "\u08d3-\u08ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufb1e\ufe20-\ufe2f"
)
"""Accents, Hebrew points and Arabic vowels, for a character class. Marks of Indic and Japanese
letters are left out: with them it is another letter."""
_IGNORED: Final = (
    "\u00ad\u034f\u061c\u0640\u180b-\u180f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef"
)
"""Soft hyphens, joiners, tatweel and variation selectors, which nobody types."""
_FOOTNOTE_REFERENCE: Final = re.compile(r"\[\^[^\]\s]+\]")
_TYPED_DASHES: Final = {
    "-": f"[-{_EN_DASH}{_EM_DASH}]",
    "--": f"(?:[{_EN_DASH}{_EM_DASH}]|--)",
    "---": f"(?:{_EM_DASH}|---)",
}
"""Patterns of typed hyphens, which the page may show as a dash."""


class Match(NamedTuple):
    """A match in the text of one block. One in the head is at the start of the text, and empty."""

    start: Place
    end_offset: int
    """The offset after its last character."""


class MatchRange(NamedTuple):
    """The offsets of a match in its block, for drawing."""

    start: int
    end: int
    is_current: bool


class Query(NamedTuple):
    """A query, compiled."""

    pattern: re.Pattern[str]
    """Matches in folded text."""
    keeps_case: bool
    keeps_accents: bool
    keeps_numbers: bool
    """Footnote numbers are part of the text that is searched."""


@lru_cache(maxsize=100)
def compile_query(text: str) -> Query | None:
    """Return the query that a person typed as `text`, or None if it is only space.

    It matches what is on the page and what the file says: typed quotes, hyphens and dots match
    printed ones. Capitals must match if there are any, and so must an accent or stroke that is
    typed; letters without one match those with it. White space matches any white space, and
    numbers of footnotes are passed over.
    """
    text = _FOOTNOTE_REFERENCE.sub("", text) or text
    keeps_case = any(character.isupper() for character in text)
    pieces = _fold_characters(text, keeps_case=keeps_case, keeps_accents=True)
    words = normalize("NFD", "".join(pieces)).split()
    if not words:
        return None
    typed_marks = _compile_class(_MARKS).findall("".join(words))
    keeps_accents = bool(typed_marks)
    # A class of many ranges takes milliseconds to compile, once for each letter.
    marks_class = _MARKS if any(mark > "\u036f" for mark in typed_marks) else "\u0300-\u036f"

    def to_pattern(match: re.Match[str]) -> str:
        typed, letter, marks = match[0], match[1], match[2]
        if typed[0] == "-":
            return _TYPED_DASHES.get(typed, typed)
        if typed in ("...", _ELLIPSIS):
            return rf"(?:{_ELLIPSIS}|\.\.\.)"
        if letter is None:  # the E of a folded AE has no case of its own
            return f"{typed[0]}[Ee]"
        if not keeps_accents:
            return re.escape(letter)
        return re.escape(letter) + (
            f"{marks}(?![{marks_class}])" if marks else f"[{marks_class}]*+"
        )

    pattern = r"\s+".join(_compile_typed_mark().sub(to_pattern, word) for word in words)
    keeps_numbers = any(character in "⁰¹²³⁴⁵⁶⁷⁸⁹" for character in text)
    return Query(re.compile(pattern), keeps_case, keeps_accents, keeps_numbers)


@dataclass(frozen=True)
class TypedQuery:
    """Finds the matches of a query."""

    text: str

    def __call__(self, blocks: Sequence[Block], first: int) -> Iterable[Match]:
        """Return the matches in blocks, see `Find`."""
        return find_matches(blocks, self.text, first)


def find_matches(blocks: Sequence[Block], query: str, first: int = 0) -> Iterator[Match]:
    """Yield the matches of `query` in `blocks`, in order; `first` is the first block's number.

    Pull quotes are skipped: they repeat the text.
    """
    compiled = compile_query(query)
    if compiled is None:
        return
    for index, block in enumerate(blocks, first):
        if any(level.container is Container.PULL_QUOTE for level in block.nesting):
            continue
        for start, end in _find_in_block(block, compiled):
            yield Match(Place(index, start), end)


def _find_in_block(block: Block, query: Query) -> Iterator[tuple[int, int]]:
    """Yield the start and end offset of each match in the text of `block`."""
    simple = _fold_simple_text(block.text, keeps_case=query.keeps_case)
    if simple is not None:
        for match in query.pattern.finditer(simple):
            yield match.span()
        return
    pieces = _fold_characters(
        block.text, keeps_case=query.keeps_case, keeps_accents=query.keeps_accents
    )
    if not query.keeps_numbers:
        for span in block.spans:
            if span.role & Role.FOOTNOTE:
                pieces[span.start : span.end] = [""] * (span.end - span.start)
    folded = "".join(pieces)
    if query.keeps_accents:
        folded = normalize("NFD", folded)  # reorders the marks of a letter
    found = query.pattern.search(folded)
    offsets = [*accumulate(map(len, pieces), initial=0)] if found else []
    while found is not None:
        whole = _match_to_offsets(found, block.text, offsets)
        if whole is not None:
            yield whole
        found = query.pattern.search(folded, found.end() if whole else found.start() + 1)


def _match_to_offsets(
    match: re.Match[str], text: str, offsets: Sequence[int]
) -> tuple[int, int] | None:
    """Return where a match in folded text is in `text`, or None if it has part of a character.

    `offsets` has the offset in the folded text of each character of `text`, and of its end. The
    marks of the last letter belong to the match.
    """
    start = bisect_right(offsets, match.start()) - 1
    end = bisect_left(offsets, match.end())
    if offsets[start] != match.start() or offsets[end] != match.end():
        return None
    if match.string[match.end() : match.end() + 1] in _get_continuations():
        return None
    while text[end : end + 1] > "\u02ff" and _compile_class(_MARKS).match(text, end):
        end += 1
    return start, end


@cache
def _get_continuations() -> frozenset[str]:
    """Return the characters that make another letter of the one before.

    Japanese voicing, and the vowels and final consonants of Korean.
    """
    return frozenset({"\u3099", "\u309a", *map(chr, range(0x1160, 0x1200))})


def fold_text(text: str) -> str:
    """Return `text` as filters compare it: without case, accents and typography.

    White space becomes single spaces, and each dash or row of hyphens one hyphen.
    """
    folded = re.sub(f"-+|[{_EN_DASH}{_EM_DASH}]", "-", fold_letters(text))
    return " ".join(folded.replace(_ELLIPSIS, "...").split())


def fold_letters(text: str) -> str:
    """Return `text` with its letters as `fold_text` folds them, in half the time.

    White space stays; dashes and dots may become control characters.
    """
    folded = _fold_simple_text(text, keeps_case=False)
    if folded is None:
        folded = "".join(_fold_characters(text, keeps_case=False, keeps_accents=False))
    return folded


def _fold_simple_text(text: str, *, keeps_case: bool) -> str | None:
    """Return `text` folded, if that leaves each character at its offset; else None."""
    if not text.isascii():
        for character, replacement in _COMMON_REPLACEMENTS:
            text = text.replace(character, replacement)
        if not text.isascii():
            return None
    return text if keeps_case else text.lower()


def _fold_characters(text: str, *, keeps_case: bool, keeps_accents: bool) -> list[str]:
    """Return what each character of `text` is folded to, which may be empty."""
    table = _get_table(keeps_case, keeps_accents)
    for character in set(text) - table.keys():
        table[character] = _fold_character(
            character, keeps_case=keeps_case, keeps_accents=keeps_accents
        )
    return [*map(table.__getitem__, text)]


@cache
def _get_table(keeps_case: bool, keeps_accents: bool) -> dict[str, str]:
    """Return the folded characters known so far."""
    return {}


def _fold_character(character: str, *, keeps_case: bool, keeps_accents: bool) -> str:
    """Return what one character is folded to."""
    if character not in _REPLACEMENTS:
        character = normalize("NFKD", _STROKED_LETTERS.get(character, character))
    folded = "".join(_REPLACEMENTS.get(c, _STROKED_LETTERS.get(c, c)) for c in character)
    if not keeps_case:
        folded = normalize("NFKD", folded.casefold())
    folded = _compile_class(_IGNORED).sub("", folded)
    return folded if keeps_accents else _compile_class(_MARKS).sub("", folded)


@cache
def _compile_typed_mark() -> re.Pattern[str]:
    """Match a character of a query with its marks, or what is typed for one character."""
    return re.compile(rf"-+|\.\.\.|{_ELLIPSIS}|[AO]e|(.)([{_MARKS}]*)", re.DOTALL)


@cache
def _compile_class(characters: str) -> re.Pattern[str]:
    # Compiled on first use: large ranges take a millisecond.
    return re.compile(f"[{characters}]")


class SearchResults:
    """The matches of a query so far, in order, and which of them is the current one."""

    def __init__(
        self, find: Find, matches: Iterable[Match] = (), *, is_complete: bool = True
    ) -> None:
        self.find = find
        """What the matches are."""
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

    def list_ranges(self, block: int, start: int = 0, end: int | None = None) -> list[MatchRange]:
        """Return the matches that have a part between two offsets of a block, or all in it."""
        limit = Place(block + 1) if end is None else Place(block, end)
        first = bisect_left(self.matches, Place(block, start), key=lambda match: match.start)
        last = bisect_left(self.matches, limit, key=lambda match: match.start)
        before = max(0, first - 1)  # it may end behind `start`
        return [
            MatchRange(match.start.offset, match.end_offset, index == self.current_index)
            for index, match in enumerate(self.matches[before:last], before)
            if match.start.block == block and match.end_offset > max(start, match.start.offset)
        ]

    def __str__(self) -> str:
        """Return the text for the status line, such as `2 of 7`."""
        if not self.is_complete:
            return f"{len(self.matches)} …"
        return f"{self.current_index + 1} of {len(self.matches)}" if self.matches else "not found"


def search_again(before: SearchResults, document: Document) -> SearchResults:
    """Return the results of the same query in a complete document that replaces a shorter one."""
    matches = [match for match in before.matches if match == Match(Place(), 0)]  # in the head
    for first, blocks in ((0, document.blocks), (len(document.blocks), document.footnotes)):
        matches += before.find(blocks, first)
    results = SearchResults(before.find, matches)
    if before.current_match is not None:
        results.select_at(before.current_match.start)
    return results
