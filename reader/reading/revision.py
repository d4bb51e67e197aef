"""Map one version of a text to the next: word numbers carried over, blocks found again.

A version is recorded as a few bytes for each block, and none of the text.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64, crc32
from bisect import bisect_left
from collections import defaultdict, deque
from itertools import groupby, pairwise
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.reading.progress import union
from reader.text.document import Spot, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reader.reading.progress import Ranges
    from reader.text.document import Block


_FORM: Final = "1"
"""The record's first character: how the rest is to be read."""
_DIGEST: Final = 12
_PACKED: Final = Struct(">2s2s2sBH")
_EDGE: Final = 16
"""Characters at either end of a block by which it is known when its middle has changed."""


class Piece(NamedTuple):
    """A block as the record knows it."""

    text: bytes
    """Two bytes of its fingerprint: with the other three they tell its text from another's."""
    head: bytes
    tail: bytes
    """Two bytes each of how it begins and ends."""
    words: int


def pieces_of(blocks: Iterable[Block]) -> tuple[Piece, ...]:
    """Return what is recorded of `blocks`."""
    return tuple(
        Piece(
            bytes.fromhex(fingerprint(block.text)[:4]),
            _edge(block.text[:_EDGE]),
            _edge(block.text[-_EDGE:]),
            block.words,
        )
        for block in blocks
    )


def _edge(text: str) -> bytes:
    return (crc32(text.encode("utf-8", "replace")) & 0xFFFF).to_bytes(2)


def written(digest: str, pieces: Iterable[Piece]) -> str:
    """Return the record of a text as it is kept: twelve characters a block.

    `digest` tells the whole text from another: if it is the same, so are its words.
    """
    packed = b"".join(
        _PACKED.pack(p.text, p.head, p.tail, min(p.words >> 16, 255), p.words & 0xFFFF)
        for p in pieces
    )
    return f"{_FORM}{digest}{b2a_base64(packed, newline=False).decode()}"


def is_of(record: str, digest: str) -> bool:
    """Tell whether `record` is of the text with that digest."""
    return record[: 1 + _DIGEST] == f"{_FORM}{digest}"


def recorded(record: str) -> tuple[Piece, ...]:
    """Return the pieces of a record; none if it is not one that can be read."""
    if not record.startswith(_FORM):
        return ()
    try:
        packed = a2b_base64(record[1 + _DIGEST :].encode())
    except (Error, UnicodeEncodeError):
        return ()
    whole = len(packed) - len(packed) % _PACKED.size
    return tuple(
        Piece(text, head, tail, (high << 16) + low)
        for text, head, tail, high, low in _PACKED.iter_unpack(packed[:whole])
    )


_Run = tuple[tuple[int, int], tuple[int, int]]
"""Blocks of the older text, from..before, and those of the newer that they became."""


class Stretch(NamedTuple):
    """The words `first`..`end` of the older text are the words `to`..`to_end` of the newer."""

    first: int
    end: int
    to: int
    to_end: int


class Revision(NamedTuple):
    """What became of the older of two texts in the newer one."""

    stretches: tuple[Stretch, ...] = ()
    """In the order of the older text."""
    spots: tuple[Spot, ...] = ()
    """One for each block of the older text."""


def carried(ranges: Ranges, stretches: Sequence[Stretch]) -> Ranges:
    """Return where the words of `ranges` are in the newer text."""
    found = []
    at = 0
    for first, end in ranges:
        while at < len(stretches) and stretches[at].end <= first:
            at += 1
        for number in range(at, len(stretches)):
            stretch = stretches[number]
            if stretch.first >= end:
                break
            found.append(_within(stretch, max(first, stretch.first), min(end, stretch.end)))
    return union((), tuple(found))


def _within(stretch: Stretch, first: int, end: int) -> tuple[int, int]:
    """Return the words `first`..`end`, which lie in `stretch`, in proportion to its lengths."""
    old, new = stretch.end - stretch.first, stretch.to_end - stretch.to
    return (
        stretch.to + ((first - stretch.first) * new + old // 2) // old,
        stretch.to + ((end - stretch.first) * new + old // 2) // old,
    )


def revision(before: Sequence[Piece], after: Sequence[Piece]) -> Revision:
    """Match the blocks of two versions of a text.

    What both begin and end with is the same. Between, blocks that occur once are matched
    in the longest order both share (patience diff, Bram Cohen), and their neighbours with
    them; then a block of the same text anywhere, once: it was moved. What is left between
    two matched neighbours is matched in order by how it begins or ends. Whatever finds
    nothing was written anew and is unread. Takes time in proportion to n log n.
    """
    match = _Match(before, after)
    match.same_ends()
    match.in_order()
    match.moved()
    groups = [((i, i + 1), (j, j + 1)) for i, j in enumerate(match.to) if j >= 0]
    rewritten = list(match.rewritten())
    old, new = _sums(before), _sums(after)
    found = sorted(
        Stretch(old[a], old[b], new[c], new[d])
        for (a, b), (c, d) in groups + rewritten
        if old[a] < old[b]
    )
    return Revision(tuple(_joined(found)), tuple(match.spots(rewritten)))


def _sums(pieces: Sequence[Piece]) -> list[int]:
    sums = [0]
    for piece in pieces:
        sums.append(sums[-1] + piece.words)
    return sums


def _joined(found: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield stretches, those that follow each other word by word in both texts as one."""
    last: Stretch | None = None
    for stretch in found:
        follows = last is not None and (last.end, last.to_end) == (stretch.first, stretch.to)
        if last and follows and _is_exact(last) and _is_exact(stretch):
            last = last._replace(end=stretch.end, to_end=stretch.to_end)
            continue
        if last:
            yield last
        last = stretch
    if last:
        yield last


def _is_exact(stretch: Stretch) -> bool:
    return stretch.end - stretch.first == stretch.to_end - stretch.to


class _Match:
    """Two versions of a text, and which block of the one is which of the other."""

    def __init__(self, before: Sequence[Piece], after: Sequence[Piece]) -> None:
        self._before, self._after = before, after
        self.to = [-1] * len(before)
        """The number in the newer text of each block of the older, -1 if it has none."""
        self._from = [-1] * len(after)
        self._ordered: list[tuple[int, int]] = []
        """The blocks that stand in the same order in both: the neighbours of the others."""
        self._stood: dict[int, int] = {}
        """What stands now where a block stood: as many blocks are there as there were."""

    def _put(self, i: int, j: int) -> None:
        self.to[i], self._from[j] = j, i

    def _alike(self, i: int, j: int) -> bool:
        return self._before[i] == self._after[j]

    def same_ends(self) -> None:
        """Match what both begin with, and what both end with."""
        self._extend(-1, -1, 1)
        self._extend(len(self._before), len(self._after), -1)

    def _extend(self, i: int, j: int, step: int) -> None:
        """Match the blocks next to a matched pair for as long as they are alike."""
        i, j = i + step, j + step
        while 0 <= i < len(self._before) and 0 <= j < len(self._after):
            if self.to[i] >= 0 or self._from[j] >= 0 or not self._alike(i, j):
                return
            self._put(i, j)
            i, j = i + step, j + step

    def in_order(self) -> None:
        """Match the blocks that occur once in both, in order, and those beside them."""
        old, new = _once(self._before, self.to), _once(self._after, self._from)
        pairs = [(i, new[piece]) for piece, i in old.items() if piece in new]
        for i, j in _rising(pairs):
            if self.to[i] < 0 and self._from[j] < 0:
                self._put(i, j)
                self._extend(i, j, 1)
                self._extend(i, j, -1)
        self._ordered = [(i, j) for i, j in enumerate(self.to) if j >= 0]

    def moved(self) -> None:
        """Match each block that is left with one of the same text that is left, anywhere."""
        left: dict[Piece, deque[int]] = defaultdict(deque)
        for i, j in enumerate(self.to):
            if j < 0:
                left[self._before[i]].append(i)
        for j, i in enumerate(self._from):
            if i < 0 and left[self._after[j]]:
                self._put(left[self._after[j]].popleft(), j)

    def rewritten(self) -> Iterator[_Run]:
        """Yield runs of blocks, from..before in either text, that were one another's."""
        ends = [(-1, -1), *self._ordered, (len(self._before), len(self._after))]
        for (i, j), (end_i, end_j) in pairwise(ends):
            old = [at for at in range(i + 1, end_i) if self.to[at] < 0]
            new = [at for at in range(j + 1, end_j) if self._from[at] < 0]
            if len(old) == len(new):
                self._stood.update(zip(old, new, strict=True))
            yield from _runs(self._by_edges(old, new))

    def spots(self, rewritten: Iterable[_Run]) -> Iterator[Spot]:
        """Yield where each block of the older text is now."""
        became = {
            i: min(to + i - first, to_end - 1)
            for (first, end), (to, to_end) in rewritten
            for i in range(first, end)
        }
        ordered = dict(self._ordered) | became
        last = -1
        for i, moved_to in enumerate(self.to):
            at = ordered.get(i, moved_to)
            last = ordered.get(i, self._stood.get(i, last))
            yield Spot(at) if at >= 0 else Spot(last, is_gone=True)

    def _by_edges(self, old: list[int], new: list[int]) -> list[tuple[int, int]]:
        """Return pairs in order of blocks that begin or end alike.

        A block that was split is in two pairs, and so is one that two were joined to.
        """
        heads, tails = defaultdict(list), defaultdict(list)
        for i in old:
            heads[self._before[i].head].append(i)
            tails[self._before[i].tail].append(i)
        pairs: list[tuple[int, int]] = []
        least = 0
        for j in new:
            starts = heads[self._after[j].head], tails[self._after[j].tail]
            found = [at[k] for at in starts if (k := bisect_left(at, least)) < len(at)]
            for i in sorted(set(found)):
                pairs.append((i, j))
                least = i
        return pairs


def _once(pieces: Sequence[Piece], matched: list[int]) -> dict[Piece, int]:
    """Return the number of each unmatched piece that there is only one of."""
    found: dict[Piece, int] = {}
    for at, piece in enumerate(pieces):
        if matched[at] < 0:
            found[piece] = -1 if piece in found else at
    return {piece: at for piece, at in found.items() if at >= 0}


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of `pairs`, which rise in the first, that rises in the second.

    By piles of cards, as in patience sorting.
    """
    tops: list[int] = []
    cards: list[int] = []
    below = [-1] * len(pairs)
    for at, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        below[at] = cards[pile - 1] if pile else -1
        tops[pile : pile + 1] = [j]
        cards[pile : pile + 1] = [at]
    found = []
    at = cards[-1] if cards else -1
    while at >= 0:
        found.append(pairs[at])
        at = below[at]
    return found[::-1]


def _runs(pairs: Sequence[tuple[int, int]]) -> Iterator[_Run]:
    """Yield the runs of blocks that hang together by `pairs`, which rise in both."""
    number = 0
    numbers = []
    for at, (i, j) in enumerate(pairs):
        number += at > 0 and i != pairs[at - 1][0] and j != pairs[at - 1][1]
        numbers.append(number)
    for _, group in groupby(zip(numbers, pairs, strict=True), key=lambda g: g[0]):
        found = [pair for _, pair in group]
        yield (found[0][0], found[-1][0] + 1), (found[0][1], found[-1][1] + 1)
