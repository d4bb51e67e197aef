"""Highlights, responses and finished readings; highlights located in the current text."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.document import Document, Kind, Place
from reader.text.places import SECTION_BREAK, Passage, blocks_round, found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from reader.text.document import Anchor, Block, Spot

    Stretch = tuple[int, int]
    """Where in a block's text something is kept (offsets)."""


class Quote(NamedTuple):
    """Something the reader kept of a story."""

    id: str
    story: str
    """The story's id."""
    anchor: Anchor
    """Where it begins."""
    text: str
    """Exactly what was kept; a blank line parts two blocks."""
    remark: str
    """The reader's own words on it."""
    made: datetime


class Response(NamedTuple):
    """The reader's own words on a whole story."""

    story: str
    text: str
    changed: datetime


class Finish(NamedTuple):
    """A story that was read to its end."""

    story: str
    at: datetime
    minutes: int
    """How long the story is said to take, 0 where nobody knew."""


LEAST: Final = 12
"""Letters. Fewer may stand in any sentence, and are looked for near their place alone."""
_NEAR: Final = 2
"""Blocks to either side of that place."""
_LETTER: Final = re.compile(r"\S")


class Keeping:
    """The quotes of one story, and where they stand as far as its text is known."""

    def __init__(self, quotes: Iterable[Quote] = ()) -> None:
        self.quotes: dict[str, Quote] = {}
        """By id, the oldest first."""
        self.passages: dict[str, Passage] = {}
        """Where those that were found stand."""
        self._found: dict[tuple[Anchor, str], Passage] = {}
        """Where what was ever kept stands: it may be kept again, once that was taken back."""
        self._stretches: dict[int, list[Stretch]] | None = None
        self.renew(quotes)

    def renew(self, quotes: Iterable[Quote]) -> None:
        """Take `quotes` for what is kept now."""
        self.quotes = {quote.id: quote for quote in quotes}
        known = {key: self._found.get(_what(quote)) for key, quote in self.quotes.items()}
        self.passages = {key: passage for key, passage in known.items() if passage is not None}
        self._stretches = None

    def put(self, quote: Quote, passage: Passage) -> None:
        """Keep `quote`, which stands at `passage`."""
        self.quotes[quote.id] = quote
        self.take({quote.id: passage})

    def take(self, passages: Mapping[str, Passage]) -> None:
        """Take note of where quotes were found; those that are kept no more are nobody's."""
        for key, passage in passages.items():
            if key in self.quotes:
                self.passages[key] = self._found[_what(self.quotes[key])] = passage
        self._stretches = None

    @property
    def is_sought(self) -> bool:
        """There are quotes whose passages are not known."""
        return len(self.passages) < len(self.quotes)

    def sought(self, blocks: Sequence[Block], since: int) -> dict[str, Passage]:
        """Return where quotes stand that end in the blocks from the number `since` on.

        A worker's job: it changes nothing, and looks nowhere but where they stood.
        """
        waiting = [quote for quote in list(self.quotes.values()) if quote.id not in self.passages]
        places = {
            quote.id: _read_at(blocks, quote.anchor.place, pressed(quote.text))
            for quote in waiting
            if quote.anchor.place.block + quote.text.count("\n") >= since
        }
        return {key: passage for key, passage in places.items() if passage is not None}

    def found_in(self, document: Document, spots: Sequence[Spot] = ()) -> dict[str, Passage]:
        """Return where the quotes stand in a complete text whose passages are not known.

        `spots` says where the blocks of an older text are now. A worker's job, as `sought` is.
        """
        waiting = [quote for quote in list(self.quotes.values()) if quote.id not in self.passages]
        text = PressedText(document) if waiting else None
        places = {}
        for quote in waiting:
            at = quote.anchor.place.block
            spot = spots[at] if at < len(spots) else None
            passage = text.passage(quote.text, quote.anchor, spot) if text else None
            if passage is not None:
                places[quote.id] = passage
        return places

    def in_block(self, block: int) -> list[Stretch]:
        """Return what is kept of the block of that number, apart and in order."""
        if self._stretches is None:
            self._stretches = _stretches(self.passages.values())
        return self._stretches.get(block, [])

    def at(self, passage: Passage) -> Quote | None:
        """Return the quote that stands exactly at `passage`, the newest if there are several."""
        found = [self.quotes[key] for key, kept in self.passages.items() if kept == passage]
        return max(found, key=_made, default=None)

    def last_in(self, first: Place, behind: Place) -> Quote | None:
        """Return the quote that was kept last of those of which a part stands between two places."""
        found = [
            self.quotes[key]
            for key, kept in self.passages.items()
            if kept.first < behind and first < kept.behind
        ]
        return max(found, key=_made, default=None)


def other_extent(document: Document, narrow: Passage, now: Passage) -> Passage | None:
    """Return what `H` makes of a quote at `now` that began as `narrow`: the paragraph, or back.

    None where the paragraph is no more than that.
    """
    wide = blocks_round(document, narrow)
    if narrow == wide:
        return None
    return wide if now == narrow else narrow


def pressed(text: str) -> str:
    """Return `text` without its white space."""
    return "".join(text.split())


class PressedText:
    """A complete text without white space, in which what was kept of it is looked for."""

    def __init__(self, document: Document) -> None:
        self._document = document
        parts = [_pressed_block(document.block(n)) for n in range(document.last + 1)]
        self._text = "".join(parts)
        self._starts = [0, *accumulate(map(len, parts))]

    def passage(self, text: str, anchor: Anchor, spot: Spot | None = None) -> Passage | None:
        """Return where `text` stands, the nearest to where `anchor` is now; None if nowhere."""
        wanted = pressed(text)
        first = self._text.find(wanted) if wanted else -1
        if first < 0:
            return None
        if len(wanted) >= LEAST and self._text.find(wanted, first + 1) < 0:
            return self._at(first, wanted)
        place = found(self._document, anchor, spot)  # it hashes every block, if need be
        if place is None:
            return None
        passage = self._at(self._nearest(wanted, place), wanted)
        is_near = abs(passage.first.block - place.block) <= _NEAR
        return passage if is_near or len(wanted) >= LEAST else None

    def _nearest(self, wanted: str, place: Place) -> int:
        """Return which letter what is `wanted`, and is there, begins at, the nearest to `place`."""
        before = self._document.block(place.block).text[: place.offset]
        near = self._starts[place.block] + len(pressed(before))
        after = self._text.find(wanted, near)
        before_it = self._text.rfind(wanted, 0, near + len(wanted) - 1)
        return min((at for at in (before_it, after) if at >= 0), key=lambda at: abs(at - near))

    def _at(self, letter: int, wanted: str) -> Passage:
        return Passage(self._place(letter), self._place(letter + len(wanted) - 1, behind=True))

    def _place(self, letter: int, *, behind: bool = False) -> Place:
        """Return the place before, or behind, the letter of that number."""
        block = bisect_right(self._starts, letter) - 1
        text = self._document.block(block).text
        within = islice(_LETTER.finditer(text), letter - self._starts[block], None)
        match = next(within, None)
        offset = 0 if match is None else match.end() if behind else match.start()
        return Place(block, offset)


def _read_at(blocks: Sequence[Block], place: Place, wanted: str) -> Passage | None:
    """Return the passage from `place` on if that is what is `wanted`, pressed; else None."""
    letters, at = wanted, place
    while letters and 0 <= at.block < len(blocks):
        block = blocks[at.block]
        text = block.text[at.offset :]
        here = SECTION_BREAK if block.kind is Kind.BREAK else text
        part = pressed(here)
        if not (letters.startswith(part) or part.startswith(letters)):
            return None
        if len(letters) <= len(part):
            last = next(islice(_LETTER.finditer(here), len(letters) - 1, None))
            return Passage(place, Place(at.block, min(at.offset + last.end(), len(block.text))))
        letters, at = letters[len(part) :], Place(at.block + 1)
    return None


def _pressed_block(block: Block) -> str:
    return pressed(SECTION_BREAK if block.kind is Kind.BREAK else block.text)


def _stretches(passages: Iterable[Passage]) -> dict[int, list[Stretch]]:
    """Return what is kept of each block; what overlaps or touches is one stretch."""
    found: dict[int, list[Stretch]] = {}
    for first, behind in sorted(passages):
        for block in range(first.block, behind.block + 1):
            start = first.offset if block == first.block else 0
            end = behind.offset if block == behind.block else _END
            here = found.setdefault(block, [])
            if here and start <= here[-1][1]:
                start, end = here[-1][0], max(end, here.pop()[1])
            if start < end:
                here.append((start, end))
    return found


_END: Final = 1 << 40
"""An offset behind every block's end."""


def _what(quote: Quote) -> tuple[Anchor, str]:
    return quote.anchor, quote.text


def _made(quote: Quote) -> tuple[object, str]:
    return quote.made, quote.id
