"""Where the highlights of a story are in its text, also after the text was edited."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Final

from reader.text.document import SUPERSCRIPTS, Document, Kind, OffsetRange, Place
from reader.text.places import SECTION_BREAK, Passage, locate, widen_to_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from reader.reading.annotations import Highlight
    from reader.text.document import Anchor, Block, MovedBlock


_MIN_UNIQUE_CHARACTERS: Final = 12
"""A shorter text may occur in any sentence, and is searched for only near its place."""
_NEARBY_BLOCKS: Final = 2
"""Blocks to either side that count as near."""
_MAX_OFFSET: Final = 1 << 40
"""An offset after the end of every block."""
_NON_SPACE: Final = re.compile(r"[^\s⁰¹²³⁴-⁹][⁰¹²³⁴-⁹]*")
"""A character that counts, with the number of the footnote behind it."""
_WITHOUT_SUPERSCRIPTS: Final = dict.fromkeys(SUPERSCRIPTS.values())


class StoryHighlights:
    """The highlights of one story, and their passages as far as they are located in its text."""

    def __init__(self, highlights: Iterable[Highlight] = ()) -> None:
        self.highlights: dict[str, Highlight] = {}
        """By id, the oldest first."""
        self.passages: dict[str, Passage] = {}
        """The passages of the located highlights, by id."""
        self._passage_cache: dict[tuple[Anchor, str], Passage] = {}
        """The passages of removed highlights too: undo may bring a highlight back."""
        self._ranges_by_block: dict[int, list[OffsetRange]] | None = None
        self.set_highlights(highlights)

    def set_highlights(self, highlights: Iterable[Highlight]) -> None:
        """Replace all highlights. Passages that were located before stay known."""
        self.highlights = {highlight.id: highlight for highlight in highlights}
        cached = {
            key: self._passage_cache.get(_make_cache_key(highlight))
            for key, highlight in self.highlights.items()
        }
        self.passages = {key: passage for key, passage in cached.items() if passage is not None}
        self._ranges_by_block = None

    def add(self, highlight: Highlight, passage: Passage) -> None:
        """Add `highlight`, whose passage is `passage`."""
        self.highlights[highlight.id] = highlight
        self.add_passages({highlight.id: passage})

    def add_passages(self, passages: Mapping[str, Passage]) -> None:
        """Add located passages by id. Those of removed highlights are ignored."""
        for key, passage in passages.items():
            if key in self.highlights:
                self.passages[key] = passage
                self._passage_cache[_make_cache_key(self.highlights[key])] = passage
        self._ranges_by_block = None

    @property
    def has_unlocated(self) -> bool:
        """Some highlights are not located yet."""
        return len(self.passages) < len(self.highlights)

    def _list_unlocated(self) -> list[Highlight]:
        return [
            highlight
            for highlight in list(self.highlights.values())  # copied: a worker calls this
            if highlight.id not in self.passages
        ]

    def locate_in_blocks(self, blocks: Sequence[Block], first: int) -> dict[str, Passage]:
        """Return the passages of unlocated highlights that end in block `first` or later, by id.

        Looks only where they were when they were made. Changes nothing, so a worker can call it.
        """
        passages = {
            highlight.id: _match_passage_at(
                blocks, highlight.anchor.place, remove_spaces(highlight.text)
            )
            for highlight in self._list_unlocated()
            if highlight.anchor.place.block + highlight.text.count("\n") >= first
        }
        return {key: passage for key, passage in passages.items() if passage is not None}

    def locate_in_document(
        self, document: Document, moved_blocks: Sequence[MovedBlock] = ()
    ) -> dict[str, Passage]:
        """Return the passages of unlocated highlights in a complete text, by id.

        `moved_blocks` says where each block of the older text is now. Changes nothing, so a
        worker can call it.
        """
        unlocated = self._list_unlocated()
        text = SpacelessText(document) if unlocated else None
        passages: dict[str, Passage] = {}
        for highlight in unlocated:
            block = highlight.anchor.place.block
            moved_block = moved_blocks[block] if block < len(moved_blocks) else None
            passage = (
                text.find_passage(highlight.text, highlight.anchor, moved_block) if text else None
            )
            if passage is not None:
                passages[highlight.id] = passage
        return passages

    def list_ranges(self, block: int) -> list[OffsetRange]:
        """Return the highlighted ranges of a block, disjoint and in order."""
        if self._ranges_by_block is None:
            self._ranges_by_block = _group_by_block(self.passages.values())
        return self._ranges_by_block.get(block, [])

    def find_at(self, passage: Passage) -> Highlight | None:
        """Return the highlight of exactly `passage`, the newest if there are several."""
        matches = [self.highlights[key] for key, value in self.passages.items() if value == passage]
        return max(matches, key=_make_sort_key, default=None)

    def find_newest_between(self, start: Place, end: Place) -> Highlight | None:
        """Return the newest highlight with a part between two places."""
        matches = [
            self.highlights[key]
            for key, passage in self.passages.items()
            if passage.start < end and start < passage.end
        ]
        return max(matches, key=_make_sort_key, default=None)


def toggle_extent(document: Document, narrow: Passage, current: Passage) -> Passage | None:
    """Return the next extent of a highlight: the whole paragraph, or `narrow` again.

    `narrow` is its first extent and `current` the present one. None if they can't differ.
    """
    wide = widen_to_blocks(document, narrow)
    if narrow == wide:
        return None
    return wide if current == narrow else narrow


def remove_spaces(text: str) -> str:
    """Return `text` without its white space and superscript digits.

    Those may be numbers of footnotes, which older highlights have in their text.
    """
    return "".join(text.translate(_WITHOUT_SUPERSCRIPTS).split())


class SpacelessText:
    """A complete text without white space, for finding highlighted text after an edit."""

    def __init__(self, document: Document) -> None:
        self._document = document
        parts = [
            _remove_block_spaces(document.get_block(n)) for n in range(document.last_block + 1)
        ]
        self._text = "".join(parts)
        self._block_starts = [0, *accumulate(map(len, parts))]

    def find_passage(
        self, text: str, anchor: Anchor, moved_block: MovedBlock | None = None
    ) -> Passage | None:
        """Return the passage of `text` that is nearest to `anchor`, None if there is none."""
        wanted = remove_spaces(text)
        first = self._text.find(wanted) if wanted else -1
        if first < 0:
            return None
        is_long = len(wanted) >= _MIN_UNIQUE_CHARACTERS
        if is_long and self._text.find(wanted, first + 1) < 0:
            return self._make_passage(first, wanted)
        place = locate(self._document, anchor, moved_block)  # slow: it may hash every block
        if place is None:
            return None
        passage = self._make_passage(self._find_nearest(wanted, place), wanted)
        is_near = abs(passage.start.block - place.block) <= _NEARBY_BLOCKS
        return passage if is_near or is_long else None

    def _find_nearest(self, wanted: str, place: Place) -> int:
        """Return the index of the occurrence of `wanted`, which exists, nearest to `place`."""
        before_place = self._document.get_block(place.block).text[: place.offset]
        target = self._block_starts[place.block] + len(remove_spaces(before_place))
        after = self._text.find(wanted, target)
        before = self._text.rfind(wanted, 0, target + len(wanted) - 1)
        candidates = [index for index in (before, after) if index >= 0]
        return min(candidates, key=lambda index: abs(index - target))

    def _make_passage(self, index: int, wanted: str) -> Passage:
        return Passage(
            self._index_to_place(index),
            self._index_to_place(index + len(wanted) - 1, after=True),
        )

    def _index_to_place(self, index: int, *, after: bool = False) -> Place:
        """Return the place before, or after, the character at `index` of the spaceless text."""
        block = bisect_right(self._block_starts, index) - 1
        text = self._document.get_block(block).text
        match = _find_nth_character(text, index - self._block_starts[block])
        offset = 0 if match is None else match.end() if after else match.start()
        return Place(block, offset)


def _find_nth_character(text: str, n: int) -> re.Match[str] | None:
    """Return the match of character number `n` of `text`, without what `remove_spaces` removes."""
    return next(islice(_NON_SPACE.finditer(text), n, None), None)


def _match_passage_at(blocks: Sequence[Block], start: Place, wanted: str) -> Passage | None:
    """Return the passage from `start` on whose text without spaces is `wanted`, else None."""
    rest, place = wanted, start
    while rest and 0 <= place.block < len(blocks):
        block = blocks[place.block]
        text = SECTION_BREAK if block.kind is Kind.BREAK else block.text[place.offset :]
        part = remove_spaces(text)
        if not (rest.startswith(part) or part.startswith(rest)):
            return None
        if len(rest) <= len(part):
            last = _find_nth_character(text, len(rest) - 1)
            length = last.end() if last is not None else 0
            return Passage(start, Place(place.block, min(place.offset + length, len(block.text))))
        rest, place = rest[len(part) :], Place(place.block + 1)
    return None


def _remove_block_spaces(block: Block) -> str:
    return remove_spaces(SECTION_BREAK if block.kind is Kind.BREAK else block.text)


def _group_by_block(passages: Iterable[Passage]) -> dict[int, list[OffsetRange]]:
    """Return the ranges of `passages` in each block; those that overlap or touch are joined."""
    ranges: dict[int, list[OffsetRange]] = {}
    for first, last in sorted(passages):
        for block in range(first.block, last.block + 1):
            start = first.offset if block == first.block else 0
            end = last.offset if block == last.block else _MAX_OFFSET
            in_block = ranges.setdefault(block, [])
            if in_block and start <= in_block[-1].end:
                before = in_block.pop()
                start, end = before.start, max(end, before.end)
            if start < end:
                in_block.append(OffsetRange(start, end))
    return ranges


def _make_cache_key(highlight: Highlight) -> tuple[Anchor, str]:
    return highlight.anchor, highlight.text


def _make_sort_key(highlight: Highlight) -> tuple[datetime, str]:
    return highlight.created_at, highlight.id
