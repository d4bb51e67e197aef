"""Break a paragraph into lines where words may be hyphenated.

Hyphenation points come from the dictionary of the text's language (`pyphen`, optional).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.linebreak import (
    MAX_BALANCED_WORDS,
    break_balanced,
    break_greedily,
    get_last_line_penalty,
    split_units,
)
from reader.text.cells import cell_offsets, is_single_width
from reader.text.document import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    PointFinder = Callable[[int, int], Sequence[int]]
    """From the start and end of an unbroken stretch to the offsets at which it may be divided."""


MAX_CHARACTERS: Final = 20_000
"""Characters. In a longer paragraph no word is divided: nobody sees it whole."""
_HYPHEN_PENALTY_DIVISOR: Final = 5
"""A hyphen is as bad as this part of the measure left empty."""


class HyphenatedLines(NamedTuple):
    """Where lines begin (offsets), and which of these beginnings are inside a divided word."""

    starts: list[int]
    hyphen_starts: frozenset[int] = frozenset()


class _Piece(NamedTuple):
    """A stretch that is not broken: where it begins and ends, in cells and at which offset."""

    start: int
    start_cell: int
    end_cell: int
    hyphen: int
    """1 if a line that ends with it ends with a hyphen."""


def break_with_hyphens(
    text: str, first: int, rest: int, points: PointFinder, *, balanced: bool
) -> HyphenatedLines:
    """Return where the lines of `text` begin, the first in `first` cells, others in `rest`.

    Balanced or not, these are as few lines as can be. Where words have to be cut that no
    dictionary divides, nothing is divided at all.
    """
    found = None
    if len(text) <= MAX_CHARACTERS and not text.startswith(" "):
        cells: Sequence[int] = range(len(text) + 1) if is_single_width(text) else cell_offsets(text)
        units = split_units(text, cells)
        if len(units) <= MAX_BALANCED_WORDS:
            way = _break_balanced if balanced else _break_greedily
            found = way(units, cells, max(1, first), max(1, rest), points) if units else None
    if found is None:
        return HyphenatedLines(
            (break_balanced if balanced else break_greedily)(text, first, first - rest)
        )
    return found


class _LineStart(NamedTuple):
    """A line's beginning and, behind it, those of the lines before."""

    start: int
    follows_hyphen: bool = False
    previous: _LineStart | None = None

    def collect_lines(self) -> HyphenatedLines:
        lines: list[_LineStart] = []
        line: _LineStart | None = self
        while line is not None:
            lines.append(line)
            line = line.previous
        return HyphenatedLines(
            [line.start for line in reversed(lines)],
            frozenset(line.start for line in lines if line.follows_hyphen),
        )


def _break_greedily(
    units: list[tuple[int, int]], cells: Sequence[int], first: int, rest: int, points: PointFinder
) -> HyphenatedLines | None:
    """Go as far as can be in each line, once to a unit's end and once to a hyphen.

    Further is never worse, so that these two are all that need be known of a line: the
    hyphen may reach further, but forbids the next one.
    """
    ends = [cells[end] for _, end in units]
    lines = [_LineStart(0)]
    room = first
    while lines:
        whole: _LineStart | None = None
        parted: _LineStart | None = None
        for line in lines:
            limit = cells[line.start] + room
            unit = bisect_right(ends, limit)
            if unit == len(units):
                return line.collect_lines()
            start = units[unit][0]
            if start > line.start and (whole is None or start > whole.start):
                whole = _LineStart(start, False, line)
            if not line.follows_hyphen:
                fitting = [
                    at for at in points(*units[unit]) if line.start < at and cells[at] < limit
                ]
                parted = _LineStart(fitting[-1], True, line) if fitting else None
        lines, room = [line for line in (whole, parted) if line is not None], rest
    return None


def _split_units(
    units: list[tuple[int, int]], cells: Sequence[int], points: PointFinder
) -> list[_Piece]:
    pieces = []
    for start, end in units:
        cuts = [start, *points(start, end), end]
        for a, b in pairwise(cuts):
            pieces.append(_Piece(a, cells[a], cells[b], int(b < end)))
    return pieces


def _break_balanced(
    units: list[tuple[int, int]], cells: Sequence[int], first: int, rest: int, points: PointFinder
) -> HyphenatedLines | None:
    """Weigh all ways to break, as `breaking` does, with a price on each hyphen."""
    pieces = _split_units(units, cells, points)
    count, widest = len(pieces), max(first, rest)
    hyphen_price = (widest // _HYPHEN_PENALTY_DIVISOR) ** 2
    line_price = (widest**2 + hyphen_price + 1) * (count + 1)
    unreached = line_price * (count + 1)
    best = [[0, 0]] + [[unreached, unreached] for _ in range(count)]
    best.reverse()  # by the first piece of a line, and whether a hyphen stands before it
    follows = [[count, count] for _ in range(count)]
    for i in range(count - 1, -1, -1):
        room = rest if i else first
        begin = pieces[i].start_cell
        for j in range(i, count):
            piece = pieces[j]
            slack = room - piece.end_cell + begin
            if slack < 0:
                break
            if slack < piece.hyphen:
                continue
            slack -= piece.hyphen
            price = line_price + best[j + 1][piece.hyphen]
            if j + 1 < count:
                price += slack * slack + hyphen_price * piece.hyphen
            else:
                price += get_last_line_penalty(i, j, piece.end_cell - begin, room)
            for after_hyphen in (0, 1):
                if price <= best[i][after_hyphen] and not (after_hyphen and piece.hyphen):
                    best[i][after_hyphen] = price
                    follows[i][after_hyphen] = j + 1
    return _trace_lines(pieces, follows) if best[0][0] < unreached else None


def _trace_lines(pieces: list[_Piece], follows: list[list[int]]) -> HyphenatedLines:
    """Return the lines of which each says what piece the next one begins with."""
    starts, divided, at, hyphen = [0], set(), 0, 0
    while (at := follows[at][hyphen]) < len(pieces):
        hyphen = pieces[at - 1].hyphen
        starts.append(pieces[at].start)
        if hyphen:
            divided.add(pieces[at].start)
    return HyphenatedLines(starts, frozenset(divided))


MIN_LETTERS_BEFORE: Final = 2
"""Letters that stand before a hyphen, at the least."""
MIN_LETTERS_AFTER: Final = 3
"""Letters that stand behind it."""
_WORD: Final = re.compile(rf"[^\W\d_]{{{MIN_LETTERS_BEFORE + MIN_LETTERS_AFTER},}}")
_NO_HYPHENATION: Final = re.compile(r"[\d_/@\\<>=+-]|\w[.:]\w")
"""Found in addresses, numbers, formulas, names of files, and words that have a hyphen."""
_MAX_CACHED_WORDS: Final = 20_000


def is_installed() -> bool:
    """Tell whether there are dictionaries, without loading them."""
    from importlib.util import find_spec

    return find_spec("pyphen") is not None


def preload_dictionary(language: str) -> None:
    """Load the dictionary of `language`: German's takes half a second, so a worker does it."""
    if language:
        _load_dictionary(language)


def find_hyphenation_points(text: str, start: int, end: int, language: str) -> list[int]:
    """Return the offsets at which `text[start:end]`, a word with its punctuation, may be divided.

    Never in a word with a digit, or a capital after the first letter: names and acronyms.
    """
    if end - start < MIN_LETTERS_BEFORE + MIN_LETTERS_AFTER or text[start - 1 : start] == "-":
        return []
    return [start + at for at in _find_word_points(text[start:end], language)]


@lru_cache(maxsize=_MAX_CACHED_WORDS)
def _find_word_points(unit: str, language: str) -> tuple[int, ...]:
    """Return where a word may be divided without being respelt."""
    positions = None if _NO_HYPHENATION.search(unit) else _load_dictionary(language)
    if positions is None:
        return ()
    return tuple(
        match.start() + int(at)
        for match in _WORD.finditer(unit)
        if match[0][1:] == match[0][1:].lower()
        for at in positions(match[0].lower())
        if MIN_LETTERS_BEFORE <= at <= len(match[0]) - MIN_LETTERS_AFTER
        and not getattr(at, "data", None)
    )


@lru_cache(maxsize=4)
def _load_dictionary(language: str) -> Callable[[str], list[int]] | None:
    """Return what divides the words of `language` (a tag such as `de` or `pt-BR`), if any.

    English without a country is American: pyphen would take British, the first it has.
    """
    try:
        from pyphen import Pyphen, language_fallback
    except ImportError:
        return None
    known = language_fallback(LANGUAGE if language.lower() == "en" else language)
    if not known:
        return None
    positions: Callable[[str], list[int]] = Pyphen(lang=known).positions
    return positions
