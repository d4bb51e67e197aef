"""The blocks of a long text in the text cache: only those lines of its file are read that are needed.

The index at the end of the file says where each line is, and what a document must know of all
blocks. So a place deep in the text is shown as soon as its beginning.
"""

from __future__ import annotations

import contextlib
import json
import os
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain, pairwise
from operator import lt
from typing import TYPE_CHECKING, Final, NamedTuple, overload

from reader.garbage import GrowingText
from reader.library.text_cache import DAMAGE, INDEX_END, check_line, open_cached_file, parse_line
from reader.text.block_json import require
from reader.text.document import Block, BlockFacts, Kind, describe_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from reader.text.document import Slice


_END_BYTES: Final = len(INDEX_END % 0)


class StoredText(NamedTuple):
    """A cached text whose blocks are read when they are requested."""

    blocks: StoredBlocks
    facts: BlockFacts
    footnotes: Sequence[Block]


class _Group(NamedTuple):
    """The blocks of one line, as the index has them."""

    start: int
    """The offset of the line in the file."""
    end: int
    checksum: int
    """That of the line before."""
    first: int
    """The number of its first block."""
    facts: BlockFacts


class StoredBlocks(Sequence[Block]):
    """The blocks of a cached text. Any thread may read them.

    If a line turns out to be damaged, the file is removed, and its blocks are parsed anew.
    """

    def __init__(
        self,
        path: Path,
        handle: int,
        groups: Sequence[_Group],
        parse: Callable[[], Iterable[Slice]],
    ) -> None:
        """Take the descriptor of an open file, which is closed once all is read."""
        self._path, self._handle, self._parse = path, handle, parse
        self._groups = groups
        self._firsts = [group.first for group in groups]
        self._length = groups[-1].first + len(groups[-1].facts.words)
        self._read: list[Sequence[Block] | None] = [None] * len(groups)
        """The blocks of each group, None until they are read."""
        self._all: Sequence[Block] | None = None
        """All blocks, once they are read."""
        self._next = 0
        """The first group that `read_next` has not come to."""
        self._parsed: Sequence[Block] | None = None
        """All blocks as they were parsed from the source, once a line was damaged."""
        self._growing_text = GrowingText()

    def __del__(self) -> None:
        os.close(self._handle)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Block: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Block]: ...
    def __getitem__(self, index: int | slice) -> Block | Sequence[Block]:
        if self._all is not None:
            return self._all[index]
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length)
            if step != 1:
                return [self[number] for number in range(start, stop, step)]
            return [*self._iter_range(start, stop)]
        number = index + self._length if index < 0 else index
        if not 0 <= number < self._length:
            raise IndexError(index)
        group = bisect_right(self._firsts, number) - 1
        return self._load(group)[number - self._firsts[group]]

    def __iter__(self) -> Iterator[Block]:
        return self._iter_range(0, self._length)

    def _iter_range(self, start: int, stop: int) -> Iterator[Block]:
        for group in range(max(0, bisect_right(self._firsts, start) - 1), len(self._groups)):
            first = self._firsts[group]
            if first >= stop:
                return
            yield from self._load(group)[max(0, start - first) : stop - first]

    def read_next(self) -> Sequence[Block] | None:
        """Read a line that nothing has requested, and return its blocks; None if there is none."""
        for group in range(self._next, len(self._groups)):
            self._next = group + 1
            if self._read[group] is None:
                blocks = self._load(group)
                self._growing_text.add(sum(1 + len(block.spans) for block in blocks))
                return blocks
        if self._all is None:
            self._all = [*self]
        return None

    def _load(self, group: int) -> Sequence[Block]:
        blocks = self._read[group]
        if blocks is None:
            blocks = self._read[group] = self._read_group(self._groups[group])
        return blocks

    def _read_group(self, group: _Group) -> Sequence[Block]:
        try:
            line = os.pread(self._handle, group.end - group.start, group.start)
            blocks, _ = parse_line(check_line(line, group.checksum)[0])
            require(describe_blocks(blocks, group.first) == group.facts)
        except (OSError, *DAMAGE):
            with contextlib.suppress(OSError):
                self._path.unlink()
            return self._parse_group(group)
        return blocks

    def _parse_group(self, group: _Group) -> Sequence[Block]:
        """Return the blocks of a damaged line from their source, or blank ones without it."""
        if self._parsed is None:
            from reader.errors import UnreadableFile  # few files are damaged

            self._parsed = ()
            with contextlib.suppress(UnreadableFile):
                self._parsed = [*chain.from_iterable(piece.blocks for piece in self._parse())]
        last = group.first + len(group.facts.words)
        blocks = self._parsed[group.first : last]
        if describe_blocks(blocks, group.first) == group.facts:
            return blocks
        sizes = zip(group.facts.characters, group.facts.words, strict=True)
        return [Block(Kind.PARAGRAPH, " " * size, words=words) for size, words in sizes]


def open_stored_text(
    path: Path, header: bytes, characters: int, parse: Callable[[], Iterable[Slice]]
) -> StoredText | None:
    """Return the text in the file at `path`, which begins with the line `header`.

    It has so many characters; `parse` parses it from its source. Return None if it has no index,
    or if that is damaged.
    """
    try:
        with open_cached_file(path) as file:
            require(file.readline() == header)
            file.seek(-_END_BYTES, os.SEEK_END)
            index_end = file.tell()
            name, _, start = file.read(_END_BYTES).decode().rpartition(" ")
            require(INDEX_END.startswith(name))
            file.seek(int(start, 16))
            index = file.read(index_end - int(start, 16))
            lines, counts, columns = json.loads(index[9:])
            check_line(index, lines[-1][1])
            require(lines[0] == [len(header), check_line(header)[1]])
            facts = BlockFacts(*columns)
            _check_facts(facts, counts, characters)
            _check_lines(lines, len(counts), int(start, 16))
            file.seek(lines[-2][0])
            footnotes, is_last = parse_line(check_line(file.readline(), lines[-2][1])[0])
            require(is_last)
            groups = [*_list_groups(lines, counts, facts)]
            return StoredText(
                StoredBlocks(path, os.dup(file.fileno()), groups, parse), facts, footnotes
            )
    except (OSError, *DAMAGE):
        return None


def _check_facts(facts: BlockFacts, counts: Sequence[int], characters: int) -> None:
    """Raise one of `DAMAGE` unless these are facts of that many blocks and characters."""
    size = sum(counts)
    for column in (counts, facts.characters, facts.words):
        require(type(column) is list and type(sum(column)) is int and min(column) >= 0)
    require(len(facts.characters) == len(facts.words) == size > 0)
    require(sum(facts.characters) == characters)
    for numbers in facts[2:]:
        require(type(numbers) is list and type(sum(numbers)) is int)
        require(all(map(lt, numbers, numbers[1:])))
        require(not numbers or 0 <= numbers[0] <= numbers[-1] < size)


def _check_lines(lines: Sequence[Sequence[int]], groups: int, index_start: int) -> None:
    """Raise one of `DAMAGE` unless these are ends of lines: the header, so many, the footnotes."""
    ends = [end for end, _ in lines]
    require(len(lines) == groups + 2 and ends[-1] == index_start)
    require(all(type(value) is int and value >= 0 for line in lines for value in line))
    require(all(map(lt, ends, ends[1:])))


def _list_groups(
    lines: Sequence[Sequence[int]], counts: Sequence[int], facts: BlockFacts
) -> Iterator[_Group]:
    firsts = [*accumulate(counts, initial=0)]
    for (start, checksum), (end, _), (first, last) in zip(
        lines, lines[1:], pairwise(firsts), strict=False
    ):
        numbers = (
            column[bisect_left(column, first) : bisect_left(column, last)] for column in facts[2:]
        )
        inside = BlockFacts(facts.characters[first:last], facts.words[first:last], *numbers)
        yield _Group(start, end, checksum, first, inside)
