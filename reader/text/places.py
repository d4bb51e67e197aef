"""Positions and ranges in a document: anchors, addresses, sentences and passages.

An anchor finds a place again in an edited text. An address is a place as a person types it
(`12.40`). A passage is the text between two places, as someone retyping it would type it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category

from reader.text.document import Anchor, Document, Kind, MovedBlock, Place, fingerprint_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.text.document import Block


EXCERPT_LENGTH: Final = 40
"""Characters of text kept with a place. Long enough to be unique in a novel."""
_MIN_EXCERPT: Final = 12
"""Characters. Fewer may stand in any block, as `the end.` does, and lead to no other one."""
_NEARBY_BLOCKS: Final = 2
"""Blocks to either side in which half a quote is looked for: a paragraph may be split."""


def make_anchor(document: Document, place: Place) -> Anchor:
    """Return `place` with what is needed to find it again after an edit."""
    place = document.clamp(place)
    if not document.blocks:
        return Anchor(place, "", "")
    text = document.blocks[place.block].text
    return Anchor(place, fingerprint_text(text), text[place.offset :][:EXCERPT_LENGTH])


def locate(
    document: Document, anchor: Anchor, moved_block: MovedBlock | None = None
) -> Place | None:
    """Return where `anchor` is now, or None while that can't be told yet.

    The same text at the same index; else the nearest block of the same text; else
    the nearest block that holds the quote, or either half of it; else the block that
    was rewritten, or the nearest heading before where it stood. `spot` is where its
    block is now, by what stands around it, as far as anybody knows; halves of the
    quote are then looked for nowhere else.
    """
    here = anchor.place.block
    if here < len(document.blocks) and _has_fingerprint(document, here, anchor):
        return document.clamp(anchor.place)
    if not document.is_complete:
        return None
    near = moved_block.block if moved_block is not None else here
    for index in _iterate_by_distance(document, near):
        if _has_fingerprint(document, index, anchor):
            return Place(index, anchor.place.offset)
    place = _find_excerpt(document, anchor, near, anywhere=moved_block is None)
    if place is None and moved_block is not None and not moved_block.is_gone:
        place = document.clamp(Place(near, anchor.place.offset))
    return place or _find_heading_place(document, near)


def _find_excerpt(document: Document, anchor: Anchor, near: int, *, anywhere: bool) -> Place | None:
    """Return where the quote of `anchor` is, or either half of it, the nearest to `near`."""
    half = EXCERPT_LENGTH // 2
    quotes = (anchor.excerpt, 0), (anchor.excerpt[:half], 0), (anchor.excerpt[half:], half)
    for quote, before in quotes:
        far = len(quote) >= _MIN_EXCERPT and (anywhere or quote == anchor.excerpt)
        around = (
            range(near - _NEARBY_BLOCKS, near + _NEARBY_BLOCKS + 1)
            if len(quote) >= _MIN_EXCERPT
            else ()
        )
        for index in _iterate_by_distance(document, near) if far else (near, *around):
            offset = _find_in_block(document, quote, index)
            if offset >= 0:
                return Place(index, max(0, offset - before))
    return None


def _find_in_block(document: Document, excerpt: str, index: int) -> int:
    is_there = excerpt and 0 <= index < len(document.blocks)
    return document.blocks[index].text.find(excerpt) if is_there else -1


def _has_fingerprint(document: Document, index: int, anchor: Anchor) -> bool:
    return fingerprint_text(document.blocks[index].text) == anchor.fingerprint


def _iterate_by_distance(document: Document, index: int) -> Iterator[int]:
    """Yield every block's index, the nearest to `index` first."""
    last = len(document.blocks) - 1
    for distance in range(max(index, last - index, last) + 1):
        for near in {index - distance, index + distance}:
            if 0 <= near <= last:
                yield near


def _find_heading_place(document: Document, index: int) -> Place:
    heading = document.find_heading_before(index)
    return Place(heading) if heading is not None else document.clamp(Place(index))


_ADDRESS: Final = re.compile(r"([1-9]\d{0,8})(?:\.(\d{1,9})(?:\.([0-9a-f]{12}))?)?", re.ASCII)


def format_address(anchor: Anchor) -> str:
    """Return `anchor` as its address; without a fingerprint, the shorter one."""
    place = anchor.place
    where = f"{place.block + 1}.{place.offset}"
    return f"{where}.{anchor.fingerprint}" if anchor.fingerprint else where


def parse_address(text: str) -> Anchor | None:
    """Return what the address `text` leads to, or None if it is none."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    block, offset, fingerprint = found.groups()
    return Anchor(Place(int(block) - 1, int(offset or 0)), fingerprint or "", "")


_SENTENCE_END: Final = re.compile(
    # What ends a sentence, the quotes and brackets that close with it, a footnote's number,
    r"(?:[.!?…]+[\"'”’»›)\]}]*[⁰¹²³⁴⁵⁶⁷⁸⁹]*(?=\s)|[。！？]+[」』”’）》〉】]*|[।؟۔])"
)
_CONTINUATION: Final = re.compile(r"\s*[^\W\d_A-ZÀ-ÖØ-Þ]|\s*[—–,;:]")
"""What follows a mark that ends no sentence: a small letter, as after `“Well!” he said`."""
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:[A-Z]|Mrs?|Ms|Messrs|Mme|Dr|Prof|Rev|Hon|St|Sr|Jr|Lt|Col|Gen|Capt|Sgt|vs|cf|viz|No|Nos|"
    r"Vol|vol|pp?|ch|fig|Fig|ed|eds|etc|e\.g|i\.e|ca?|approx|bzw|z\.B|d\.h|Nr|usw|M)|\d)\.\Z"
)
"""What a full stop belongs to that ends no sentence, if a capital follows; and initials."""
_NON_SPACE: Final = re.compile(r"\S")
_ENDING_ABBREVIATION: Final = re.compile(r"(?:\betc|\busw|\d)\.\Z")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) offsets of the sentences of `text`, without the space between."""
    found: list[tuple[int, int]] = []
    start = _skip_space(text, 0)
    for match in _SENTENCE_END.finditer(text):
        if match.end() <= start or not _is_sentence_end(text, match):
            continue
        found.append((start, match.end()))
        start = _skip_space(text, match.end())
    end = len(text.rstrip())
    if start < end:
        found.append((start, end))
    return found


def find_sentence(text: str, offset: int) -> tuple[int, int]:
    """Return the sentence of `text` that the character at `offset` is in, or is before."""
    found = split_sentences(text)
    return next((s for s in found if offset < s[1]), found[-1] if found else (0, len(text)))


def _is_sentence_end(text: str, match: re.Match[str]) -> bool:
    """Tell whether the mark that was matched ends a sentence."""
    if _CONTINUATION.match(text, match.end()) and match[0][0] not in "。！？।؟۔":
        return False
    stop = text[max(0, match.start() - 11) : match.start() + 1]
    return not _ABBREVIATION.search(stop) or bool(_ENDING_ABBREVIATION.search(stop))


def _skip_space(text: str, at: int) -> int:
    """Return the offset of the next character that is no space."""
    match = _NON_SPACE.search(text, at)
    return match.start() if match else len(text)


SECTION_BREAK: Final = "* * *"
"""What stands for a break between two sections."""
CELL_SEPARATOR: Final = "  "
"""What stands between two cells of a table."""
_PREFORMATTED: Final = frozenset({Kind.CODE, Kind.VERSE})
"""Kinds of blocks in which the spaces before a line are the text's."""
_NON_PROSE: Final = frozenset(
    {Kind.CODE, Kind.TABLE, Kind.HEADING, Kind.ATTRIBUTION, Kind.PLACEHOLDER}
)
"""Kinds of blocks that are no prose: what stands in one is no more than one sentence."""
_WORD_JOINERS: Final = frozenset("'’-‐‑.\u200d\u200c")
"""What joins letters to one word where it stands between them."""


class Passage(NamedTuple):
    """What stands from one place up to another."""

    start: Place
    end: Place


def extract_text(document: Document, first: Place, until: Place) -> str:
    """Return the text from `first` up to `behind`; both may stand in the footnotes.

    Paragraphs are parted by a blank line, the items of a tight list by a line end. Space at
    both ends is left out, but for what a line of code or verse begins with.
    """
    parts: list[str] = []
    for index in range(first.block, min(until.block, document.last_block) + 1):
        block = document.get_block(index)
        start = first.offset if index == first.block else 0
        end = until.offset if index == until.block else len(block.text)
        part = block.text[start:end]
        if block.kind is Kind.BREAK and first.block < index < until.block:
            part = SECTION_BREAK
        elif block.kind is Kind.TABLE:
            part = part.replace("\t", CELL_SEPARATOR)
        if part.strip():
            is_close = block.tight and index != len(document.blocks)
            parts += ["\n" if is_close else "\n\n", part]
    text = "".join(parts[1:])
    is_lined = text and document.get_block(first.block).kind in _PREFORMATTED
    return text.rstrip().lstrip("\n") if is_lined else text.strip()


def find_word(document: Document, place: Place) -> Passage:
    """Return the word that the character behind `place` is of; where it is of none, that alone.

    Letters, digits and their marks, with apostrophes, hyphens and stops between them. Where
    no spaces part words, as in Chinese, it is all that stands between two other marks.
    """
    text, at = document.get_block(place.block).text, place.offset
    if at >= len(text) or not _is_word_character(text, at):
        return Passage(place, place._replace(offset=min(at + 1, len(text))))
    start, end = at, at + 1
    while start and _is_word_character(text, start - 1):
        start -= 1
    while end < len(text) and _is_word_character(text, end):
        end += 1
    return Passage(place._replace(offset=start), place._replace(offset=end))


def _is_word_character(text: str, at: int) -> bool:
    """Tell whether the character at `at` is a letter, or joins two of them."""
    joins = text[at] in _WORD_JOINERS and 0 < at < len(text) - 1
    return _is_letter(text[at]) or (joins and _is_letter(text[at - 1]) and _is_letter(text[at + 1]))


def _is_letter(character: str) -> bool:
    return category(character)[0] in "LNM" or character == "_"


def get_whole_block(document: Document, place: Place) -> Passage:
    """Return the whole block that `place` is in."""
    return Passage(Place(place.block), document.get_block_end(place.block))


def find_sentence_at(document: Document, place: Place) -> Passage:
    """Return the sentence that the character behind `place` is of, or the one that follows.

    Behind the last sentence of a text it is that one; a text without any gives a passage
    that is empty.
    """
    here = (
        _split_block_sentences(document.get_block(place.block)) if document.last_block >= 0 else ()
    )
    for sentence in here:
        if place.offset < sentence[1]:
            return _make_passage(place.block, sentence)
    after = find_adjacent_sentence(document, Place(place.block + 1), 1)
    return after or find_adjacent_sentence(document, place, -1) or Passage(place, place)


def find_adjacent_sentence(document: Document, place: Place, way: int) -> Passage | None:
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
            for sentence in _split_block_sentences(document.blocks[index])
            if not here or (sentence[0] >= place.offset if way > 0 else sentence[1] <= place.offset)
        ]
        if found:
            return _make_passage(index, found[0 if way > 0 else -1])
    return None


def widen_to_blocks(document: Document, passage: Passage) -> Passage:
    """Return the whole of the blocks that `passage` is in."""
    last = passage.end.block - (not passage.end.offset and passage.end > passage.start)
    return Passage(
        Place(passage.start.block), document.get_block_end(max(last, passage.start.block))
    )


def _split_block_sentences(block: Block) -> tuple[tuple[int, int], ...]:
    if block.kind in _NON_PROSE:
        return ((0, len(block.text)),) if block.text.strip() else ()
    return _split_sentences_cached(block.text)


@lru_cache(maxsize=4)
def _split_sentences_cached(text: str) -> tuple[tuple[int, int], ...]:
    """Return the sentences of `text`. One of a million letters is asked again with each key."""
    return tuple(split_sentences(text))


def _make_passage(block: int, sentence: tuple[int, int]) -> Passage:
    return Passage(Place(block, sentence[0]), Place(block, sentence[1]))
