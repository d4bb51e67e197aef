"""A place found again in a text that was edited since it was noted.

By the text of its block, by a quote of what stood there, by the heading above: whatever
is left of where the reader was. Knows nothing of who remembers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .document import Anchor, Document, Place, Spot, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTE_LENGTH: Final = 40
"""Characters of text kept with a place. Long enough to be unique in a novel."""
_LEAST_QUOTE: Final = 12
"""Characters. Fewer may stand in any block, as `the end.` does, and lead to no other one."""
_AROUND: Final = 2
"""Blocks to either side in which half a quote is looked for: a paragraph may be split."""


def anchor_at(document: Document, place: Place) -> Anchor:
    """Return `place` with what is needed to find it again after an edit."""
    place = document.clamp(place)
    if not document.blocks:
        return Anchor(place, "", "")
    text = document.blocks[place.block].text
    return Anchor(place, fingerprint(text), text[place.offset :][:QUOTE_LENGTH])


def found(document: Document, anchor: Anchor, spot: Spot | None = None) -> Place | None:
    """Return where `anchor` is now, or None while that can't be told yet.

    The same text at the same index; else the nearest block of the same text; else
    the nearest block that holds the quote, or either half of it; else the block that
    was rewritten, or the nearest heading before where it stood. `spot` is where its
    block is now, by what stands around it, as far as anybody knows; halves of the
    quote are then looked for nowhere else.
    """
    here = anchor.place.block
    if here < len(document.blocks) and _is(document, here, anchor):
        return document.clamp(anchor.place)
    if not document.complete:
        return None
    near = spot.block if spot is not None else here
    for index in _outward(document, near):
        if _is(document, index, anchor):
            return Place(index, anchor.place.offset)
    place = _quoted(document, anchor, near, anywhere=spot is None)
    if place is None and spot is not None and not spot.is_gone:
        place = document.clamp(Place(near, anchor.place.offset))
    return place or _heading_before(document, near)


def _quoted(document: Document, anchor: Anchor, near: int, *, anywhere: bool) -> Place | None:
    """Return where the quote of `anchor` is, or either half of it, the nearest to `near`."""
    half = QUOTE_LENGTH // 2
    quotes = (anchor.quote, 0), (anchor.quote[:half], 0), (anchor.quote[half:], half)
    for quote, before in quotes:
        far = len(quote) >= _LEAST_QUOTE and (anywhere or quote == anchor.quote)
        around = range(near - _AROUND, near + _AROUND + 1) if len(quote) >= _LEAST_QUOTE else ()
        for index in _outward(document, near) if far else (near, *around):
            offset = _offset_of(document, quote, index)
            if offset >= 0:
                return Place(index, max(0, offset - before))
    return None


def _offset_of(document: Document, quote: str, index: int) -> int:
    is_there = quote and 0 <= index < len(document.blocks)
    return document.blocks[index].text.find(quote) if is_there else -1


def _is(document: Document, index: int, anchor: Anchor) -> bool:
    return fingerprint(document.blocks[index].text) == anchor.fingerprint


def _outward(document: Document, index: int) -> Iterator[int]:
    """Yield every block's index, the nearest to `index` first."""
    last = len(document.blocks) - 1
    for distance in range(max(index, last - index, last) + 1):
        for near in {index - distance, index + distance}:
            if 0 <= near <= last:
                yield near


def _heading_before(document: Document, index: int) -> Place:
    heading = document.heading_before(index)
    return Place(heading) if heading is not None else document.clamp(Place(index))
