"""Positions and ranges in a document: anchors, addresses, sentences and passages.

An anchor finds a place again in an edited text. An address is a place as a person types it
(`12.40`). A passage is the text between two places, as someone retyping it would type it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category

from reader.text.document import Anchor, Document, Kind, Place, Spot, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.text.document import Block


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


_ADDRESS: Final = re.compile(r"([1-9]\d{0,8})(?:\.(\d{1,9})(?:\.([0-9a-f]{12}))?)?", re.ASCII)


def address(anchor: Anchor) -> str:
    """Return `anchor` as its address; without a fingerprint, the shorter one."""
    place = anchor.place
    where = f"{place.block + 1}.{place.offset}"
    return f"{where}.{anchor.fingerprint}" if anchor.fingerprint else where


def anchored(text: str) -> Anchor | None:
    """Return what the address `text` leads to, or None if it is none."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    block, offset, fingerprint = found.groups()
    return Anchor(Place(int(block) - 1, int(offset or 0)), fingerprint or "", "")


_END: Final = re.compile(
    # What ends a sentence, the quotes and brackets that close with it, a footnote's number,
    r"(?:[.!?…]+[\"'”’»›)\]}]*[⁰¹²³⁴⁵⁶⁷⁸⁹]*(?=\s)|[。！？]+[」』”’）》〉】]*|[।؟۔])"
)
_GOES_ON: Final = re.compile(r"\s*[^\W\d_A-ZÀ-ÖØ-Þ]|\s*[—–,;:]")
"""What follows a mark that ends no sentence: a small letter, as after `“Well!” he said`."""
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:[A-Z]|Mrs?|Ms|Messrs|Mme|Dr|Prof|Rev|Hon|St|Sr|Jr|Lt|Col|Gen|Capt|Sgt|vs|cf|viz|No|Nos|"
    r"Vol|vol|pp?|ch|fig|Fig|ed|eds|etc|e\.g|i\.e|ca?|approx|bzw|z\.B|d\.h|Nr|usw|M)|\d)\.\Z"
)
"""What a full stop belongs to that ends no sentence, if a capital follows; and initials."""
_NO_SPACE: Final = re.compile(r"\S")
_ALWAYS_ENDS: Final = re.compile(r"(?:\betc|\busw|\d)\.\Z")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) offsets of the sentences of `text`, without the space between."""
    found: list[tuple[int, int]] = []
    start = _skip(text, 0)
    for match in _END.finditer(text):
        if match.end() <= start or not _ends(text, match):
            continue
        found.append((start, match.end()))
        start = _skip(text, match.end())
    end = len(text.rstrip())
    if start < end:
        found.append((start, end))
    return found


def sentence_at(text: str, offset: int) -> tuple[int, int]:
    """Return the sentence of `text` that the character at `offset` is in, or is before."""
    found = sentences(text)
    return next((s for s in found if offset < s[1]), found[-1] if found else (0, len(text)))


def _ends(text: str, match: re.Match[str]) -> bool:
    """Tell whether the mark that was matched ends a sentence."""
    if _GOES_ON.match(text, match.end()) and match[0][0] not in "。！？।؟۔":
        return False
    stop = text[max(0, match.start() - 11) : match.start() + 1]
    return not _ABBREVIATED.search(stop) or bool(_ALWAYS_ENDS.search(stop))


def _skip(text: str, at: int) -> int:
    """Return the offset of the next character that is no space."""
    match = _NO_SPACE.search(text, at)
    return match.start() if match else len(text)


SECTION_BREAK: Final = "* * *"
"""What stands for a break between two sections."""
CELLS: Final = "  "
"""What stands between two cells of a table."""
_LINED: Final = frozenset({Kind.CODE, Kind.VERSE})
"""Kinds of blocks in which the spaces before a line are the text's."""
_WHOLE: Final = frozenset({Kind.CODE, Kind.TABLE, Kind.HEADING, Kind.ATTRIBUTION, Kind.STAND_IN})
"""Kinds of blocks that are no prose: what stands in one is no more than one sentence."""
_JOINERS: Final = frozenset("'’-‐‑.\u200d\u200c")
"""What joins letters to one word where it stands between them."""


class Passage(NamedTuple):
    """What stands from one place up to another."""

    first: Place
    behind: Place


def text_between(document: Document, first: Place, behind: Place) -> str:
    """Return the text from `first` up to `behind`; both may stand in the footnotes.

    Paragraphs are parted by a blank line, the items of a tight list by a line end. Space at
    both ends is left out, but for what a line of code or verse begins with.
    """
    parts: list[str] = []
    for index in range(first.block, min(behind.block, document.last) + 1):
        block = document.block(index)
        start = first.offset if index == first.block else 0
        end = behind.offset if index == behind.block else len(block.text)
        part = block.text[start:end]
        if block.kind is Kind.BREAK and first.block < index < behind.block:
            part = SECTION_BREAK
        elif block.kind is Kind.TABLE:
            part = part.replace("\t", CELLS)
        if part.strip():
            is_close = block.tight and index != len(document.blocks)
            parts += ["\n" if is_close else "\n\n", part]
    text = "".join(parts[1:])
    is_lined = text and document.block(first.block).kind in _LINED
    return text.rstrip().lstrip("\n") if is_lined else text.strip()


def word_round(document: Document, place: Place) -> Passage:
    """Return the word that the character behind `place` is of; where it is of none, that alone.

    Letters, digits and their marks, with apostrophes, hyphens and stops between them. Where
    no spaces part words, as in Chinese, it is all that stands between two other marks.
    """
    text, at = document.block(place.block).text, place.offset
    if at >= len(text) or not _is_of_word(text, at):
        return Passage(place, place._replace(offset=min(at + 1, len(text))))
    start, end = at, at + 1
    while start and _is_of_word(text, start - 1):
        start -= 1
    while end < len(text) and _is_of_word(text, end):
        end += 1
    return Passage(place._replace(offset=start), place._replace(offset=end))


def _is_of_word(text: str, at: int) -> bool:
    """Tell whether the character at `at` is a letter, or joins two of them."""
    joins = text[at] in _JOINERS and 0 < at < len(text) - 1
    return _is_letter(text[at]) or (joins and _is_letter(text[at - 1]) and _is_letter(text[at + 1]))


def _is_letter(character: str) -> bool:
    return category(character)[0] in "LNM" or character == "_"


def block_round(document: Document, place: Place) -> Passage:
    """Return the whole block that `place` is in."""
    return Passage(Place(place.block), document.end_of(place.block))


def sentence_round(document: Document, place: Place) -> Passage:
    """Return the sentence that the character behind `place` is of, or the one that follows.

    Behind the last sentence of a text it is that one; a text without any gives a passage
    that is empty.
    """
    here = _sentences(document.block(place.block)) if document.last >= 0 else ()
    for sentence in here:
        if place.offset < sentence[1]:
            return _in(place.block, sentence)
    after = sentence_beside(document, Place(place.block + 1), 1)
    return after or sentence_beside(document, place, -1) or Passage(place, place)


def sentence_beside(document: Document, place: Place, way: int) -> Passage | None:
    """Return the first sentence that begins at `place` or behind it; None where there is none.

    With a `way` of -1, the last one that ends there or before.
    """
    last = len(document.blocks) - 1
    for index in range(place.block, last + 1) if way > 0 else range(place.block, -1, -1):
        if not 0 <= index <= last:
            continue
        here = index == place.block
        found = [
            sentence
            for sentence in _sentences(document.blocks[index])
            if not here or (sentence[0] >= place.offset if way > 0 else sentence[1] <= place.offset)
        ]
        if found:
            return _in(index, found[0 if way > 0 else -1])
    return None


def blocks_round(document: Document, passage: Passage) -> Passage:
    """Return the whole of the blocks that `passage` is in."""
    last = passage.behind.block - (not passage.behind.offset and passage.behind > passage.first)
    return Passage(Place(passage.first.block), document.end_of(max(last, passage.first.block)))


def _sentences(block: Block) -> tuple[tuple[int, int], ...]:
    if block.kind in _WHOLE:
        return ((0, len(block.text)),) if block.text.strip() else ()
    return _sentences_of(block.text)


@lru_cache(maxsize=4)
def _sentences_of(text: str) -> tuple[tuple[int, int], ...]:
    """Return the sentences of `text`. One of a million letters is asked again with each key."""
    return tuple(sentences(text))


def _in(block: int, sentence: tuple[int, int]) -> Passage:
    return Passage(Place(block, sentence[0]), Place(block, sentence[1]))
