"""Map one version of a text to the next: find which words were read, and where blocks are now.

A version is recorded as a few bytes for each block. The record holds none of the text.
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
"""The first character of a record: the version of its format."""
_DIGEST_LENGTH: Final = 12
_BLOCK_FORMAT: Final = Struct(">2s2s2sBH")
"""The three hashes of a block, and its number of words in 24 bits."""
_EDGE_LENGTH: Final = 16
"""Characters at either end of a block that identify it when its middle has changed."""


class BlockFingerprint(NamedTuple):
    """What is recorded of a block."""

    text_hash: bytes
    """Two bytes of the fingerprint of its text. Together, all four fields identify the text."""
    head_hash: bytes
    """Two bytes of a checksum of its first characters."""
    tail_hash: bytes
    """Two bytes of a checksum of its last characters."""
    words: int


def fingerprint_blocks(blocks: Iterable[Block]) -> tuple[BlockFingerprint, ...]:
    """Return the fingerprints of `blocks`."""
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


def encode_record(digest: str, blocks: Iterable[BlockFingerprint]) -> str:
    """Return the record of a version of a text: thirteen characters, then twelve a block.

    `digest` identifies the version: if it is the same, so is the number of every word.
    """
    packed = b"".join(
        _BLOCK_FORMAT.pack(
            b.text_hash, b.head_hash, b.tail_hash, min(b.words >> 16, 255), b.words & 0xFFFF
        )
        for b in blocks
    )
    return f"{_FORMAT_VERSION}{digest}{b2a_base64(packed, newline=False).decode()}"


def has_digest(record: str, digest: str) -> bool:
    """Return whether `record` is of the version with this digest."""
    return record[: 1 + _DIGEST_LENGTH] == f"{_FORMAT_VERSION}{digest}"


def decode_record(record: str) -> tuple[BlockFingerprint, ...]:
    """Return the fingerprints in a record, as far as it is readable."""
    if not record.startswith(_FORMAT_VERSION):
        return ()
    try:
        packed = a2b_base64(record[1 + _DIGEST_LENGTH :].encode())
    except (Error, UnicodeEncodeError):
        return ()
    length = len(packed) - len(packed) % _BLOCK_FORMAT.size
    return tuple(
        BlockFingerprint(text, head, tail, (high << 16) + low)
        for text, head, tail, high, low in _BLOCK_FORMAT.iter_unpack(packed[:length])
    )


class MappedRange(NamedTuple):
    """The words `first` up to `end` of the older text are `new_first` up to `new_end` now."""

    first: int
    end: int
    new_first: int
    new_end: int

    @property
    def has_equal_length(self) -> bool:
        """The range has as many words in both texts."""
        return self.end - self.first == self.new_end - self.new_first


class Revision(NamedTuple):
    """Where the words and blocks of an older version of a text are in the newer one."""

    mapped_ranges: tuple[MappedRange, ...] = ()
    """In the order of the older text. Words in none of them were removed."""
    moved_blocks: tuple[MovedBlock, ...] = ()
    """One for each block of the older text."""


def map_ranges(ranges: WordRanges, mapped_ranges: Sequence[MappedRange]) -> WordRanges:
    """Return the words of `ranges` by their numbers in the newer text."""
    new_ranges: list[tuple[int, int]] = []
    start = 0
    for first, end in ranges:
        while start < len(mapped_ranges) and mapped_ranges[start].end <= first:
            start += 1
        for index in range(start, len(mapped_ranges)):
            mapped = mapped_ranges[index]
            if mapped.first >= end:
                break
            new_ranges.append(_map_range(mapped, max(first, mapped.first), min(end, mapped.end)))
    return merge_ranges((), tuple(new_ranges))


def _map_range(mapped: MappedRange, first: int, end: int) -> tuple[int, int]:
    """Map the words `first` up to `end`, which are in `mapped`, in proportion to its lengths."""
    old, new = mapped.end - mapped.first, mapped.new_end - mapped.new_first
    return (
        mapped.new_first + ((first - mapped.first) * new + old // 2) // old,
        mapped.new_first + ((end - mapped.first) * new + old // 2) // old,
    )


def compare_versions(
    before: Sequence[BlockFingerprint], after: Sequence[BlockFingerprint]
) -> Revision:
    """Match the blocks of two versions of a text.

    The steps are: the blocks at the beginning and the end that are equal; blocks that occur
    once, in the longest order that both texts share, with their equal neighbours (patience
    diff, Bram Cohen); equal blocks anywhere, which were moved; and between matched neighbours
    the blocks that begin or end alike, in order. A block without a match is new, so its words
    are unread. The time grows as n log n.
    """
    matcher = _BlockMatcher(before, after)
    matcher.match_ends()
    matcher.match_in_order()
    matcher.match_moved()
    rewritten = list(matcher.find_rewritten())
    equal = [_BlockRanges(i, i + 1, j, j + 1) for i, j in matcher.list_pairs()]
    old, new = _sum_words(before), _sum_words(after)
    mapped_ranges = sorted(
        MappedRange(old[r.first], old[r.end], new[r.new_first], new[r.new_end])
        for r in equal + rewritten
        if old[r.first] < old[r.end]
    )
    return Revision(tuple(_join_adjacent(mapped_ranges)), tuple(matcher.locate_blocks(rewritten)))


def _sum_words(blocks: Sequence[BlockFingerprint]) -> list[int]:
    """Return how many words come before each block, and last how many there are."""
    sums = [0]
    for block in blocks:
        sums.append(sums[-1] + block.words)
    return sums


def _join_adjacent(mapped_ranges: Iterable[MappedRange]) -> Iterator[MappedRange]:
    """Yield the ranges; those of equal length that are adjacent in both texts become one."""
    last: MappedRange | None = None
    for mapped in mapped_ranges:
        if (
            last is not None
            and (last.end, last.new_end) == (mapped.first, mapped.new_first)
            and last.has_equal_length
            and mapped.has_equal_length
        ):
            last = last._replace(end=mapped.end, new_end=mapped.new_end)
            continue
        if last is not None:
            yield last
        last = mapped
    if last is not None:
        yield last


class _BlockPair(NamedTuple):
    """A block of the older text and one of the newer, by their numbers."""

    old: int
    new: int


class _BlockRanges(NamedTuple):
    """The blocks `first` up to `end` of the older text became `new_first` up to `new_end`."""

    first: int
    end: int
    new_first: int
    new_end: int


class _BlockMatcher:
    """Finds for each block of an older text the same block in a newer one.

    Its steps are, in this order: `match_ends`, `match_in_order`, `match_moved`, `find_rewritten`
    and `locate_blocks`.
    """

    def __init__(
        self, before: Sequence[BlockFingerprint], after: Sequence[BlockFingerprint]
    ) -> None:
        self._before, self._after = before, after
        self._old_to_new = [-1] * len(before)
        """The number in the newer text of each block of the older one, -1 without a match."""
        self._new_to_old = [-1] * len(after)
        """The number in the older text of each block of the newer one, -1 without a match."""
        self._ordered_pairs: list[_BlockPair] = []
        """The matches in the same order in both texts. The others are located between them."""
        self._replacements: dict[int, int] = {}
        """New blocks by the old block whose place they took: as many as there were before."""

    def list_pairs(self) -> list[_BlockPair]:
        """Return the matches so far, in the order of the older text."""
        return [_BlockPair(i, j) for i, j in enumerate(self._old_to_new) if j >= 0]

    def _add_pair(self, old: int, new: int) -> None:
        self._old_to_new[old], self._new_to_old[new] = new, old

    def match_ends(self) -> None:
        """Match the equal blocks at the beginning and at the end of both texts."""
        self._match_neighbours(-1, -1, 1)
        self._match_neighbours(len(self._before), len(self._after), -1)

    def _match_neighbours(self, old: int, new: int, step: int) -> None:
        """Match the blocks after the pair `old` and `new` (before it: step -1) while equal."""
        old, new = old + step, new + step
        while 0 <= old < len(self._before) and 0 <= new < len(self._after):
            if self._old_to_new[old] >= 0 or self._new_to_old[new] >= 0:
                return
            if self._before[old] != self._after[new]:
                return
            self._add_pair(old, new)
            old, new = old + step, new + step

    def match_in_order(self) -> None:
        """Match the blocks that occur once in both texts, in order, and their neighbours."""
        old_unique = _find_unique(self._before, self._old_to_new)
        new_unique = _find_unique(self._after, self._new_to_old)
        pairs = [
            _BlockPair(old, new_unique[block])
            for block, old in old_unique.items()
            if block in new_unique
        ]
        for old, new in _find_longest_increasing(pairs):
            if self._old_to_new[old] < 0 and self._new_to_old[new] < 0:
                self._add_pair(old, new)
                self._match_neighbours(old, new, 1)
                self._match_neighbours(old, new, -1)
        self._ordered_pairs = self.list_pairs()

    def match_moved(self) -> None:
        """Match each block that is left with an equal one that is left, anywhere."""
        unmatched: dict[BlockFingerprint, deque[int]] = defaultdict(deque)
        for old, new in enumerate(self._old_to_new):
            if new < 0:
                unmatched[self._before[old]].append(old)
        for new, old in enumerate(self._new_to_old):
            if old < 0 and unmatched[self._after[new]]:
                self._add_pair(unmatched[self._after[new]].popleft(), new)

    def find_rewritten(self) -> Iterator[_BlockRanges]:
        """Yield the blocks between matched neighbours that were rewritten, split or joined."""
        ends = [
            _BlockPair(-1, -1),
            *self._ordered_pairs,
            _BlockPair(len(self._before), len(self._after)),
        ]
        for left, right in pairwise(ends):
            old = [n for n in range(left.old + 1, right.old) if self._old_to_new[n] < 0]
            new = [n for n in range(left.new + 1, right.new) if self._new_to_old[n] < 0]
            if len(old) == len(new):
                self._replacements.update(zip(old, new, strict=True))
            yield from _group_pairs(self._match_edges(old, new))

    def locate_blocks(self, rewritten: Iterable[_BlockRanges]) -> Iterator[MovedBlock]:
        """Yield where each block of the older text is now."""
        ordered = dict(self._ordered_pairs)
        for r in rewritten:
            for old in range(r.first, r.end):
                ordered[old] = min(r.new_first + old - r.first, r.new_end - 1)
        last = -1
        for old, moved_to in enumerate(self._old_to_new):
            new = ordered.get(old, moved_to)
            last = ordered.get(old, self._replacements.get(old, last))
            yield MovedBlock(new) if new >= 0 else MovedBlock(last, is_gone=True)

    def _match_edges(self, old: list[int], new: list[int]) -> list[_BlockPair]:
        """Return pairs, in order, of blocks that begin or end alike.

        A block that was split is in two pairs, as is a block that two were joined to.
        """
        heads: dict[bytes, list[int]] = defaultdict(list)
        tails: dict[bytes, list[int]] = defaultdict(list)
        for n in old:
            heads[self._before[n].head_hash].append(n)
            tails[self._before[n].tail_hash].append(n)
        pairs: list[_BlockPair] = []
        first = 0
        """The first old block that may still be paired: pairs rise in both texts."""
        for n in new:
            candidates = heads[self._after[n].head_hash], tails[self._after[n].tail_hash]
            matches = {c[k] for c in candidates if (k := bisect_left(c, first)) < len(c)}
            for match in sorted(matches):
                pairs.append(_BlockPair(match, n))
                first = match
        return pairs


def _find_unique(
    blocks: Sequence[BlockFingerprint], matched: list[int]
) -> dict[BlockFingerprint, int]:
    """Return the numbers of the unmatched blocks that occur only once, by fingerprint."""
    numbers: dict[BlockFingerprint, int] = {}
    for number, block in enumerate(blocks):
        if matched[number] < 0:
            numbers[block] = -1 if block in numbers else number
    return {block: number for block, number in numbers.items() if number >= 0}


def _find_longest_increasing(pairs: Sequence[_BlockPair]) -> list[_BlockPair]:
    """Return the longest subsequence of `pairs` in which the new numbers increase.

    `pairs` are in order of their old numbers. Patience sorting, without the lower cards of
    each pile.
    """
    tops: list[int] = []
    """The new number on top of each pile."""
    top_indexes: list[int] = []
    """The index in `pairs` of each top."""
    previous = [-1] * len(pairs)
    """The index of the pair before each in the longest subsequence that ends with it."""
    for index, pair in enumerate(pairs):
        pile = bisect_left(tops, pair.new)
        previous[index] = top_indexes[pile - 1] if pile else -1
        tops[pile : pile + 1] = [pair.new]
        top_indexes[pile : pile + 1] = [index]
    result: list[_BlockPair] = []
    index = top_indexes[-1] if top_indexes else -1
    while index >= 0:
        result.append(pairs[index])
        index = previous[index]
    return result[::-1]


def _group_pairs(pairs: Sequence[_BlockPair]) -> Iterator[_BlockRanges]:
    """Yield the blocks of pairs that share a block with the next pair as one range each.

    `pairs` rise in both numbers.
    """
    group = 0
    groups: list[int] = []
    for index, pair in enumerate(pairs):
        if index and pair.old != pairs[index - 1].old and pair.new != pairs[index - 1].new:
            group += 1
        groups.append(group)
    for _, members in groupby(zip(groups, pairs, strict=True), key=lambda item: item[0]):
        linked = [pair for _, pair in members]
        first, last = linked[0], linked[-1]
        yield _BlockRanges(first.old, last.old + 1, first.new, last.new + 1)
