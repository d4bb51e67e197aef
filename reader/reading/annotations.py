"""Highlights, responses and finished readings; highlights located in the current text."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.document import Document, Kind, Place
from reader.text.places import SECTION_BREAK, Passage, locate, widen_to_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from reader.text.document import Anchor, Block, MovedBlock

    OffsetRange = tuple[int, int]
    """Where in a block's text something is kept (offsets)."""


class Highlight(NamedTuple):
    """Something the reader kept of a story."""

    id: str
    story_id: str
    """The story's id."""
    anchor: Anchor
    """Where it begins."""
    text: str
    """Exactly what was kept; a blank line parts two blocks."""
    note: str
    """The reader's own words on it."""
    created_at: datetime


class Response(NamedTuple):
    """The reader's own words on a whole story."""

    story_id: str
    text: str
    changed_at: datetime


class HistoryEntry(NamedTuple):
    """A story that was read to its end."""

    story_id: str
    finished_at: datetime
    minutes: int
    """How long the story is said to take, 0 where nobody knew."""


MIN_UNIQUE_CHARACTERS: Final = 12
"""Letters. Fewer may stand in any sentence, and are looked for near their place alone."""
_NEARBY_BLOCKS: Final = 2
"""Blocks to either side of that place."""
_NON_SPACE: Final = re.compile(r"\S")


class StoryHighlights:
    """The quotes of one story, and where they stand as far as its text is known."""

    def __init__(self, highlights: Iterable[Highlight] = ()) -> None:
        self.highlights: dict[str, Highlight] = {}
        """By id, the oldest first."""
        self.passages: dict[str, Passage] = {}
        """Where those that were found stand."""
        self._passage_cache: dict[tuple[Anchor, str], Passage] = {}
        """Where what was ever kept stands: it may be kept again, once that was taken back."""
        self._ranges_by_block: dict[int, list[OffsetRange]] | None = None
        self.set_highlights(highlights)

    def set_highlights(self, highlights: Iterable[Highlight]) -> None:
        """Take `quotes` for what is kept now."""
        self.highlights = {quote.id: quote for quote in highlights}
        known = {
            key: self._passage_cache.get(_make_cache_key(quote))
            for key, quote in self.highlights.items()
        }
        self.passages = {key: passage for key, passage in known.items() if passage is not None}
        self._ranges_by_block = None

    def add(self, highlight: Highlight, passage: Passage) -> None:
        """Keep `quote`, which stands at `passage`."""
        self.highlights[highlight.id] = highlight
        self.add_passages({highlight.id: passage})

    def add_passages(self, passages: Mapping[str, Passage]) -> None:
        """Take note of where quotes were found; those that are kept no more are nobody's."""
        for key, passage in passages.items():
            if key in self.highlights:
                self.passages[key] = self._passage_cache[_make_cache_key(self.highlights[key])] = (
                    passage
                )
        self._ranges_by_block = None

    @property
    def has_unlocated(self) -> bool:
        """There are quotes whose passages are not known."""
        return len(self.passages) < len(self.highlights)

    def locate_in_blocks(self, blocks: Sequence[Block], first: int) -> dict[str, Passage]:
        """Return where quotes stand that end in the blocks from the number `since` on.

        A worker's job: it changes nothing, and looks nowhere but where they stood.
        """
        waiting = [
            quote for quote in list(self.highlights.values()) if quote.id not in self.passages
        ]
        places = {
            quote.id: _match_passage_at(blocks, quote.anchor.place, remove_spaces(quote.text))
            for quote in waiting
            if quote.anchor.place.block + quote.text.count("\n") >= first
        }
        return {key: passage for key, passage in places.items() if passage is not None}

    def locate_in_document(
        self, document: Document, moved_blocks: Sequence[MovedBlock] = ()
    ) -> dict[str, Passage]:
        """Return where the quotes stand in a complete text whose passages are not known.

        `spots` says where the blocks of an older text are now. A worker's job, as `sought` is.
        """
        waiting = [
            quote for quote in list(self.highlights.values()) if quote.id not in self.passages
        ]
        text = SpacelessText(document) if waiting else None
        places = {}
        for quote in waiting:
            at = quote.anchor.place.block
            spot = moved_blocks[at] if at < len(moved_blocks) else None
            passage = text.find_passage(quote.text, quote.anchor, spot) if text else None
            if passage is not None:
                places[quote.id] = passage
        return places

    def list_ranges(self, block: int) -> list[OffsetRange]:
        """Return what is kept of the block of that number, apart and in order."""
        if self._ranges_by_block is None:
            self._ranges_by_block = _group_by_block(self.passages.values())
        return self._ranges_by_block.get(block, [])

    def find_at(self, passage: Passage) -> Highlight | None:
        """Return the quote that stands exactly at `passage`, the newest if there are several."""
        found = [self.highlights[key] for key, kept in self.passages.items() if kept == passage]
        return max(found, key=_make_sort_key, default=None)

    def find_newest_between(self, first: Place, until: Place) -> Highlight | None:
        """Return the quote that was kept last of those of which a part stands between two places."""
        found = [
            self.highlights[key]
            for key, kept in self.passages.items()
            if kept.start < until and first < kept.end
        ]
        return max(found, key=_make_sort_key, default=None)


def toggle_extent(document: Document, narrow: Passage, now: Passage) -> Passage | None:
    """Return what `H` makes of a quote at `now` that began as `narrow`: the paragraph, or back.

    None where the paragraph is no more than that.
    """
    wide = widen_to_blocks(document, narrow)
    if narrow == wide:
        return None
    return wide if now == narrow else narrow


def remove_spaces(text: str) -> str:
    """Return `text` without its white space."""
    return "".join(text.split())


class SpacelessText:
    """A complete text without white space, in which what was kept of it is looked for."""

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
        """Return where `text` stands, the nearest to where `anchor` is now; None if nowhere."""
        wanted = remove_spaces(text)
        first = self._text.find(wanted) if wanted else -1
        if first < 0:
            return None
        if len(wanted) >= MIN_UNIQUE_CHARACTERS and self._text.find(wanted, first + 1) < 0:
            return self._make_passage(first, wanted)
        place = locate(self._document, anchor, moved_block)  # it hashes every block, if need be
        if place is None:
            return None
        passage = self._make_passage(self._find_nearest(wanted, place), wanted)
        is_near = abs(passage.start.block - place.block) <= _NEARBY_BLOCKS
        return passage if is_near or len(wanted) >= MIN_UNIQUE_CHARACTERS else None

    def _find_nearest(self, wanted: str, place: Place) -> int:
        """Return which letter what is `wanted`, and is there, begins at, the nearest to `place`."""
        before = self._document.get_block(place.block).text[: place.offset]
        near = self._block_starts[place.block] + len(remove_spaces(before))
        after = self._text.find(wanted, near)
        before_it = self._text.rfind(wanted, 0, near + len(wanted) - 1)
        return min((at for at in (before_it, after) if at >= 0), key=lambda at: abs(at - near))

    def _make_passage(self, character: int, wanted: str) -> Passage:
        return Passage(
            self._character_to_place(character),
            self._character_to_place(character + len(wanted) - 1, after=True),
        )

    def _character_to_place(self, character: int, *, after: bool = False) -> Place:
        """Return the place before, or behind, the letter of that number."""
        block = bisect_right(self._block_starts, character) - 1
        text = self._document.get_block(block).text
        within = islice(_NON_SPACE.finditer(text), character - self._block_starts[block], None)
        match = next(within, None)
        offset = 0 if match is None else match.end() if after else match.start()
        return Place(block, offset)


def _match_passage_at(blocks: Sequence[Block], place: Place, wanted: str) -> Passage | None:
    """Return the passage from `place` on if that is what is `wanted`, pressed; else None."""
    letters, at = wanted, place
    while letters and 0 <= at.block < len(blocks):
        block = blocks[at.block]
        text = block.text[at.offset :]
        here = SECTION_BREAK if block.kind is Kind.BREAK else text
        part = remove_spaces(here)
        if not (letters.startswith(part) or part.startswith(letters)):
            return None
        if len(letters) <= len(part):
            last = next(islice(_NON_SPACE.finditer(here), len(letters) - 1, None))
            return Passage(place, Place(at.block, min(at.offset + last.end(), len(block.text))))
        letters, at = letters[len(part) :], Place(at.block + 1)
    return None


def _remove_block_spaces(block: Block) -> str:
    return remove_spaces(SECTION_BREAK if block.kind is Kind.BREAK else block.text)


def _group_by_block(passages: Iterable[Passage]) -> dict[int, list[OffsetRange]]:
    """Return what is kept of each block; what overlaps or touches is one stretch."""
    found: dict[int, list[OffsetRange]] = {}
    for first, behind in sorted(passages):
        for block in range(first.block, behind.block + 1):
            start = first.offset if block == first.block else 0
            end = behind.offset if block == behind.block else _MAX_OFFSET
            here = found.setdefault(block, [])
            if here and start <= here[-1][1]:
                start, end = here[-1][0], max(end, here.pop()[1])
            if start < end:
                here.append((start, end))
    return found


_MAX_OFFSET: Final = 1 << 40
"""An offset behind every block's end."""


def _make_cache_key(highlight: Highlight) -> tuple[Anchor, str]:
    return highlight.anchor, highlight.text


def _make_sort_key(highlight: Highlight) -> tuple[object, str]:
    return highlight.created_at, highlight.id
