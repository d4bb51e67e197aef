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
from reader.text.cells import is_single_width, list_cell_offsets
from reader.text.document import LANGUAGE, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.text.document import Block, OffsetRange

    PointFinder = Callable[[int, int], Sequence[int]]
    """Takes the start and end of an unbreakable unit; returns the offsets where a hyphen may go."""


MAX_CHARACTERS: Final = 20_000
"""Characters. A longer paragraph isn't hyphenated: it never fits on a screen, and it takes time."""
MIN_LETTERS_BEFORE: Final = 2
"""Letters of a word before a hyphen, at least."""
MIN_LETTERS_AFTER: Final = 3
"""Letters of a word after a hyphen, at least."""
_HYPHEN_PENALTY_DIVISOR: Final = 5
"""A hyphen costs as much as leaving this fraction of the measure empty (one fifth)."""
_MAX_CACHED_WORDS: Final = 20_000
_WORD: Final = re.compile(rf"[^\W\d_]{{{MIN_LETTERS_BEFORE + MIN_LETTERS_AFTER},}}")
_NO_HYPHENATION: Final = re.compile(r"[\d_/@\\<>=+-]|\w[.:]\w")
"""Matches addresses, numbers, formulas, file names, and words that have a hyphen already."""


class HyphenatedLines(NamedTuple):
    """The offsets where lines start, and which of them are inside a hyphenated word."""

    starts: list[int]
    hyphen_starts: frozenset[int] = frozenset()


class _Piece(NamedTuple):
    """A piece of text without a break in it: its offset, and its first cell and end cell."""

    start: int
    start_cell: int
    end_cell: int
    hyphen: int
    """1 if a line that ends with this piece ends with a hyphen, else 0."""


class _LineStart(NamedTuple):
    """The offset where a line starts, and the start of the line before."""

    start: int
    follows_hyphen: bool = False
    previous: _LineStart | None = None

    def collect_lines(self) -> HyphenatedLines:
        """Return the lines up to the one that starts here."""
        lines: list[_LineStart] = []
        line: _LineStart | None = self
        while line is not None:
            lines.append(line)
            line = line.previous
        return HyphenatedLines(
            [line.start for line in reversed(lines)],
            frozenset(line.start for line in lines if line.follows_hyphen),
        )


def is_installed() -> bool:
    """Return whether dictionaries are installed, without loading them."""
    from importlib.util import find_spec

    return find_spec("pyphen") is not None


def hyphenate_paragraph(
    block: Block, measure: int, indent: int, language: str, *, balanced: bool
) -> HyphenatedLines:
    """Return the lines of a paragraph in `measure` cells, the first indented by `indent` cells.

    Words are hyphenated by the rules of `language` (a tag); code isn't.
    """
    code_spans = [span for span in block.spans if span.role & Role.CODE]

    def find_points(start: int, end: int) -> list[int]:
        if any(span.start < end and start < span.end for span in code_spans):
            return []
        return find_hyphenation_points(block.text, start, end, language)

    return break_with_hyphens(block.text, measure - indent, measure, find_points, balanced=balanced)


def break_with_hyphens(
    text: str, first: int, rest: int, find_points: PointFinder, *, balanced: bool
) -> HyphenatedLines:
    """Return the lines of `text`, the first in `first` cells and the others in `rest`.

    The number of lines is the smallest possible, whether `balanced` or not. If a word is wider
    than a line and has no hyphenation point, the whole text is broken without hyphens.
    """
    result = None
    if len(text) <= MAX_CHARACTERS and not text.startswith(" "):
        cells: Sequence[int] = (
            range(len(text) + 1) if is_single_width(text) else list_cell_offsets(text)
        )
        units = split_units(text, cells)
        if units and len(units) <= MAX_BALANCED_WORDS:
            break_units = _break_balanced if balanced else _break_greedily
            result = break_units(units, cells, max(1, first), max(1, rest), find_points)
    if result is None:
        break_plain = break_balanced if balanced else break_greedily
        result = HyphenatedLines(break_plain(text, first, first - rest))
    return result


def _break_greedily(
    units: Sequence[OffsetRange],
    cells: Sequence[int],
    first: int,
    rest: int,
    find_points: PointFinder,
) -> HyphenatedLines | None:
    """Fill each line as far as possible, once to the end of a unit and once to a hyphen.

    A line that ends further on never leads to more lines, so these two ends are enough to try
    for each line. Both are needed: the hyphen may be further on, but the next line then must
    not end with one. Returns None if a unit doesn't fit.
    """
    ends = [cells[end] for _, end in units]
    lines = [_LineStart(0)]
    room = first
    while lines:
        at_unit: _LineStart | None = None
        at_hyphen: _LineStart | None = None
        for line in lines:
            limit = cells[line.start] + room
            unit = bisect_right(ends, limit)
            if unit == len(units):
                return line.collect_lines()
            start = units[unit].start
            if start > line.start and (at_unit is None or start > at_unit.start):
                at_unit = _LineStart(start, False, line)
            if not line.follows_hyphen:
                fitting = [
                    point
                    for point in find_points(*units[unit])
                    if line.start < point and cells[point] < limit
                ]
                at_hyphen = _LineStart(fitting[-1], True, line) if fitting else None
        lines, room = [line for line in (at_unit, at_hyphen) if line is not None], rest
    return None


def _break_balanced(
    units: Sequence[OffsetRange],
    cells: Sequence[int],
    first: int,
    rest: int,
    find_points: PointFinder,
) -> HyphenatedLines | None:
    """Return the breaks of least cost, as `linebreak` does, with a cost for each hyphen.

    Two lines in a row never end with a hyphen. Returns None if a piece doesn't fit.
    """
    pieces = _split_pieces(units, cells, find_points)
    count, widest = len(pieces), max(first, rest)
    hyphen_cost = (widest // _HYPHEN_PENALTY_DIVISOR) ** 2
    line_cost = (widest**2 + hyphen_cost + 1) * (count + 1)
    unreached = line_cost * (count + 1)
    # Both lists are indexed by a line's first piece, and by whether it follows a hyphen.
    best = [[unreached, unreached] for _ in range(count)] + [[0, 0]]
    next_start = [[count, count] for _ in range(count)]
    for i in range(count - 1, -1, -1):
        room = rest if i else first
        start_cell = pieces[i].start_cell
        for j in range(i, count):
            piece = pieces[j]
            slack = room - piece.end_cell + start_cell
            if slack < 0:
                break
            if slack < piece.hyphen:
                continue
            slack -= piece.hyphen
            cost = line_cost + best[j + 1][piece.hyphen]
            if j + 1 < count:
                cost += slack * slack + hyphen_cost * piece.hyphen
            else:
                cost += get_last_line_penalty(i, j, piece.end_cell - start_cell, room)
            for after_hyphen in (0, 1):
                if cost <= best[i][after_hyphen] and not (after_hyphen and piece.hyphen):
                    best[i][after_hyphen] = cost
                    next_start[i][after_hyphen] = j + 1
    return _trace_lines(pieces, next_start) if best[0][0] < unreached else None


def _split_pieces(
    units: Sequence[OffsetRange], cells: Sequence[int], find_points: PointFinder
) -> list[_Piece]:
    """Split `units` at their hyphenation points."""
    pieces = []
    for start, end in units:
        for a, b in pairwise([start, *find_points(start, end), end]):
            pieces.append(_Piece(a, cells[a], cells[b], int(b < end)))
    return pieces


def _trace_lines(pieces: list[_Piece], next_start: list[list[int]]) -> HyphenatedLines:
    """Return the lines, following from each line's first piece to that of the next."""
    starts, hyphen_starts, index, hyphen = [0], set(), 0, 0
    while (index := next_start[index][hyphen]) < len(pieces):
        hyphen = pieces[index - 1].hyphen
        starts.append(pieces[index].start)
        if hyphen:
            hyphen_starts.add(pieces[index].start)
    return HyphenatedLines(starts, frozenset(hyphen_starts))


def find_hyphenation_points(text: str, start: int, end: int, language: str) -> list[int]:
    """Return the offsets where the word `text[start:end]` may be hyphenated.

    The word may have punctuation around it. There are none in a word with a digit, or with a
    capital after its first letter: names and acronyms.
    """
    if end - start < MIN_LETTERS_BEFORE + MIN_LETTERS_AFTER or text[start - 1 : start] == "-":
        return []
    return [start + offset for offset in _find_word_points(text[start:end], language)]


@lru_cache(maxsize=_MAX_CACHED_WORDS)
def _find_word_points(unit: str, language: str) -> tuple[int, ...]:
    """Return where a word may be hyphenated without a change of its spelling."""
    find_positions = None if _NO_HYPHENATION.search(unit) else load_dictionary(language)
    if find_positions is None:
        return ()
    return tuple(
        match.start() + int(position)
        for match in _WORD.finditer(unit)
        if match[0][1:] == match[0][1:].lower()
        for position in find_positions(match[0].lower())
        if MIN_LETTERS_BEFORE <= position <= len(match[0]) - MIN_LETTERS_AFTER
        # `getattr`: Pyphen's positions are integers, some with `data`, which changes the spelling.
        and not getattr(position, "data", None)
    )


@lru_cache(maxsize=4)
def load_dictionary(language: str) -> Callable[[str], list[int]] | None:
    """Return the function that finds the hyphenation points of a lower-case word.

    None if `language` (a tag such as `de` or `pt-BR`) has no dictionary. English without a
    country means American English: Pyphen would take British English, the first it has. The
    German dictionary takes half a second to load, so call this first in a worker.
    """
    try:
        from pyphen import Pyphen, language_fallback
    except ImportError:
        return None
    name = language_fallback(LANGUAGE if language.lower() == "en" else language)
    if not name:
        return None
    find_positions: Callable[[str], list[int]] = Pyphen(lang=name).positions
    return find_positions
