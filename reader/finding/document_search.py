"""Search a document that may still be growing, a chunk at a time, near matches first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.document import Place
from reader.text.search import Match, SearchResults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.document import Block, Document
    from reader.text.search import Find

CHUNK_CHARACTERS: Final = 50_000
"""Characters that are searched at once: a few milliseconds even if a tenth of them match."""
BLOCK_CHARACTERS: Final = 50
"""Characters whose search takes as long as beginning with a block."""


class Chunk(NamedTuple):
    """Blocks to search at once. They may be none."""

    first_block: int
    """The number of the first of them."""
    blocks: Sequence[Block]


class Search:
    """A search of a document that may still be growing, a chunk at a time.

    It goes from the reader's place to the end, then from the beginning, then through the
    blocks parsed meanwhile, then through the footnotes: near matches are found first.
    """

    def __init__(
        self, document: Document, find: Find, place: Place, head: Sequence[Block] = ()
    ) -> None:
        """Search `document`, and its `head`: the title and what is shown around it."""
        in_head = [Match(Place(), 0) for _ in find(head, 0)]
        self.results = SearchResults(find, in_head, is_complete=False)
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
        most = first + CHUNK_CHARACTERS // BLOCK_CHARACTERS
        return max(first + 1, min(end, most, self._document.character_to_block(character)))

    def add_matches(self, matches: Sequence[Match]) -> bool:
        """Add the matches of a chunk; return whether the first match to show is now known.

        It is the first one at or after the reader's place, else the first of the text.
        """
        self.results.add(matches)
        return self.results.current_match is None and self.results.select_at(self.place) is not None
