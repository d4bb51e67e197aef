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

from reader.reading.progress import merge_ranges
from reader.text.document import MovedBlock, fingerprint_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reader.reading.progress import WordRanges
    from reader.text.document import Block


_FORMAT_VERSION: Final = "1"
"""The record's first character: how the rest is to be read."""
_DIGEST_LENGTH: Final = 12
_BLOCK_FORMAT: Final = Struct(">2s2s2sBH")
_EDGE_LENGTH: Final = 16
"""Characters at either end of a block by which it is known when its middle has changed."""


class BlockFingerprint(NamedTuple):
    """A block as the record knows it."""

    text_hash: bytes
    """Two bytes of its fingerprint: with the other three they tell its text from another's."""
    head_hash: bytes
    tail_hash: bytes
    """Two bytes each of how it begins and ends."""
    words: int


def fingerprint_blocks(blocks: Iterable[Block]) -> tuple[BlockFingerprint, ...]:
    """Return what is recorded of `blocks`."""
    return tuple(
        BlockFingerprint(
            bytes.fromhex(fingerprint_text(block.text)[:4]),
            _hash_edge(block.text[:_EDGE_LENGTH]),
            _hash_edge(block.text[-_EDGE_LENGTH:]),
            block.words,
        )
        for block in blocks
    )


def _hash_edge(text: str) -> bytes:
    return (crc32(text.encode("utf-8", "replace")) & 0xFFFF).to_bytes(2)


def encode_record(digest: str, pieces: Iterable[BlockFingerprint]) -> str:
    """Return the record of a text as it is kept: twelve characters a block.

    `digest` tells the whole text from another: if it is the same, so are its words.
    """
    packed = b"".join(
        _BLOCK_FORMAT.pack(
            p.text_hash, p.head_hash, p.tail_hash, min(p.words >> 16, 255), p.words & 0xFFFF
        )
        for p in pieces
    )
    return f"{_FORMAT_VERSION}{digest}{b2a_base64(packed, newline=False).decode()}"


def has_digest(record: str, digest: str) -> bool:
    """Tell whether `record` is of the text with that digest."""
    return record[: 1 + _DIGEST_LENGTH] == f"{_FORMAT_VERSION}{digest}"


def decode_record(record: str) -> tuple[BlockFingerprint, ...]:
    """Return the pieces of a record; none if it is not one that can be read."""
    if not record.startswith(_FORMAT_VERSION):
        return ()
    try:
        packed = a2b_base64(record[1 + _DIGEST_LENGTH :].encode())
    except (Error, UnicodeEncodeError):
        return ()
    whole = len(packed) - len(packed) % _BLOCK_FORMAT.size
    return tuple(
        BlockFingerprint(text, head, tail, (high << 16) + low)
        for text, head, tail, high, low in _BLOCK_FORMAT.iter_unpack(packed[:whole])
    )


_BlockRanges = tuple[tuple[int, int], tuple[int, int]]
"""Blocks of the older text, from..before, and those of the newer that they became."""


class MappedRange(NamedTuple):
    """The words `first`..`end` of the older text are the words `to`..`to_end` of the newer."""

    first: int
    end: int
    new_first: int
    new_end: int


class Revision(NamedTuple):
    """What became of the older of two texts in the newer one."""

    mapped_ranges: tuple[MappedRange, ...] = ()
    """In the order of the older text."""
    moved_blocks: tuple[MovedBlock, ...] = ()
    """One for each block of the older text."""


def map_ranges(ranges: WordRanges, mapped_ranges: Sequence[MappedRange]) -> WordRanges:
    """Return where the words of `ranges` are in the newer text."""
    found = []
    at = 0
    for first, end in ranges:
        while at < len(mapped_ranges) and mapped_ranges[at].end <= first:
            at += 1
        for number in range(at, len(mapped_ranges)):
            stretch = mapped_ranges[number]
            if stretch.first >= end:
                break
            found.append(_map_range(stretch, max(first, stretch.first), min(end, stretch.end)))
    return merge_ranges((), tuple(found))


def _map_range(mapped: MappedRange, first: int, end: int) -> tuple[int, int]:
    """Return the words `first`..`end`, which lie in `stretch`, in proportion to its lengths."""
    old, new = mapped.end - mapped.first, mapped.new_end - mapped.new_first
    return (
        mapped.new_first + ((first - mapped.first) * new + old // 2) // old,
        mapped.new_first + ((end - mapped.first) * new + old // 2) // old,
    )


def compare_versions(
    before: Sequence[BlockFingerprint], after: Sequence[BlockFingerprint]
) -> Revision:
    """Match the blocks of two versions of a text.

    What both begin and end with is the same. Between, blocks that occur once are matched
    in the longest order both share (patience diff, Bram Cohen), and their neighbours with
    them; then a block of the same text anywhere, once: it was moved. What is left between
    two matched neighbours is matched in order by how it begins or ends. Whatever finds
    nothing was written anew and is unread. Takes time in proportion to n log n.
    """
    match = _BlockMatcher(before, after)
    match.match_ends()
    match.match_in_order()
    match.match_moved()
    groups = [((i, i + 1), (j, j + 1)) for i, j in enumerate(match.old_to_new) if j >= 0]
    rewritten = list(match.find_rewritten())
    old, new = _sum_words(before), _sum_words(after)
    found = sorted(
        MappedRange(old[a], old[b], new[c], new[d])
        for (a, b), (c, d) in groups + rewritten
        if old[a] < old[b]
    )
    return Revision(tuple(_join_adjacent(found)), tuple(match.locate_blocks(rewritten)))


def _sum_words(pieces: Sequence[BlockFingerprint]) -> list[int]:
    sums = [0]
    for piece in pieces:
        sums.append(sums[-1] + piece.words)
    return sums


def _join_adjacent(mapped_ranges: Iterable[MappedRange]) -> Iterator[MappedRange]:
    """Yield stretches, those that follow each other word by word in both texts as one."""
    last: MappedRange | None = None
    for stretch in mapped_ranges:
        follows = last is not None and (last.end, last.new_end) == (
            stretch.first,
            stretch.new_first,
        )
        if last and follows and _has_equal_length(last) and _has_equal_length(stretch):
            last = last._replace(end=stretch.end, new_end=stretch.new_end)
            continue
        if last:
            yield last
        last = stretch
    if last:
        yield last


def _has_equal_length(mapped: MappedRange) -> bool:
    return mapped.end - mapped.first == mapped.new_end - mapped.new_first


class _BlockMatcher:
    """Two versions of a text, and which block of the one is which of the other."""

    def __init__(
        self, before: Sequence[BlockFingerprint], after: Sequence[BlockFingerprint]
    ) -> None:
        self._before, self._after = before, after
        self.old_to_new = [-1] * len(before)
        """The number in the newer text of each block of the older, -1 if it has none."""
        self._new_to_old = [-1] * len(after)
        self._ordered_pairs: list[tuple[int, int]] = []
        """The blocks that stand in the same order in both: the neighbours of the others."""
        self._replacements: dict[int, int] = {}
        """What stands now where a block stood: as many blocks are there as there were."""

    def _pair(self, i: int, j: int) -> None:
        self.old_to_new[i], self._new_to_old[j] = j, i

    def _is_same(self, i: int, j: int) -> bool:
        return self._before[i] == self._after[j]

    def match_ends(self) -> None:
        """Match what both begin with, and what both end with."""
        self._match_neighbours(-1, -1, 1)
        self._match_neighbours(len(self._before), len(self._after), -1)

    def _match_neighbours(self, i: int, j: int, step: int) -> None:
        """Match the blocks next to a matched pair for as long as they are alike."""
        i, j = i + step, j + step
        while 0 <= i < len(self._before) and 0 <= j < len(self._after):
            if self.old_to_new[i] >= 0 or self._new_to_old[j] >= 0 or not self._is_same(i, j):
                return
            self._pair(i, j)
            i, j = i + step, j + step

    def match_in_order(self) -> None:
        """Match the blocks that occur once in both, in order, and those beside them."""
        old, new = (
            _find_unique(self._before, self.old_to_new),
            _find_unique(self._after, self._new_to_old),
        )
        pairs = [(i, new[piece]) for piece, i in old.items() if piece in new]
        for i, j in _find_longest_increasing(pairs):
            if self.old_to_new[i] < 0 and self._new_to_old[j] < 0:
                self._pair(i, j)
                self._match_neighbours(i, j, 1)
                self._match_neighbours(i, j, -1)
        self._ordered_pairs = [(i, j) for i, j in enumerate(self.old_to_new) if j >= 0]

    def match_moved(self) -> None:
        """Match each block that is left with one of the same text that is left, anywhere."""
        left: dict[BlockFingerprint, deque[int]] = defaultdict(deque)
        for i, j in enumerate(self.old_to_new):
            if j < 0:
                left[self._before[i]].append(i)
        for j, i in enumerate(self._new_to_old):
            if i < 0 and left[self._after[j]]:
                self._pair(left[self._after[j]].popleft(), j)

    def find_rewritten(self) -> Iterator[_BlockRanges]:
        """Yield runs of blocks, from..before in either text, that were one another's."""
        ends = [(-1, -1), *self._ordered_pairs, (len(self._before), len(self._after))]
        for (i, j), (end_i, end_j) in pairwise(ends):
            old = [at for at in range(i + 1, end_i) if self.old_to_new[at] < 0]
            new = [at for at in range(j + 1, end_j) if self._new_to_old[at] < 0]
            if len(old) == len(new):
                self._replacements.update(zip(old, new, strict=True))
            yield from _group_pairs(self._match_edges(old, new))

    def locate_blocks(self, rewritten: Iterable[_BlockRanges]) -> Iterator[MovedBlock]:
        """Yield where each block of the older text is now."""
        became = {
            i: min(to + i - first, to_end - 1)
            for (first, end), (to, to_end) in rewritten
            for i in range(first, end)
        }
        ordered = dict(self._ordered_pairs) | became
        last = -1
        for i, moved_to in enumerate(self.old_to_new):
            at = ordered.get(i, moved_to)
            last = ordered.get(i, self._replacements.get(i, last))
            yield MovedBlock(at) if at >= 0 else MovedBlock(last, is_gone=True)

    def _match_edges(self, old: list[int], new: list[int]) -> list[tuple[int, int]]:
        """Return pairs in order of blocks that begin or end alike.

        A block that was split is in two pairs, and so is one that two were joined to.
        """
        heads, tails = defaultdict(list), defaultdict(list)
        for i in old:
            heads[self._before[i].head_hash].append(i)
            tails[self._before[i].tail_hash].append(i)
        pairs: list[tuple[int, int]] = []
        least = 0
        for j in new:
            starts = heads[self._after[j].head_hash], tails[self._after[j].tail_hash]
            found = [at[k] for at in starts if (k := bisect_left(at, least)) < len(at)]
            for i in sorted(set(found)):
                pairs.append((i, j))
                least = i
        return pairs


def _find_unique(
    pieces: Sequence[BlockFingerprint], matched: list[int]
) -> dict[BlockFingerprint, int]:
    """Return the number of each unmatched piece that there is only one of."""
    found: dict[BlockFingerprint, int] = {}
    for at, piece in enumerate(pieces):
        if matched[at] < 0:
            found[piece] = -1 if piece in found else at
    return {piece: at for piece, at in found.items() if at >= 0}


def _find_longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
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


def _group_pairs(pairs: Sequence[tuple[int, int]]) -> Iterator[_BlockRanges]:
    """Yield the runs of blocks that hang together by `pairs`, which rise in both."""
    number = 0
    numbers = []
    for at, (i, j) in enumerate(pairs):
        number += at > 0 and i != pairs[at - 1][0] and j != pairs[at - 1][1]
        numbers.append(number)
    for _, group in groupby(zip(numbers, pairs, strict=True), key=lambda g: g[0]):
        found = [pair for _, pair in group]
        yield (found[0][0], found[-1][0] + 1), (found[0][1], found[-1][1] + 1)
