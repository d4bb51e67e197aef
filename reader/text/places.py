"""Positions and ranges in a document: anchors, addresses and passages.

An anchor finds a place again in an edited text. An address is a place as a person types it
(`12.40`). A passage is the text between two places.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category

from reader.text.document import (
    Anchor,
    Document,
    Kind,
    MovedBlock,
    Place,
    Role,
    fingerprint_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reader.text.document import Block


MAX_TITLE_CHARACTERS: Final = 2_000
"""Characters of a heading that a list or the status bar looks at: it may be of any length."""
_EXCERPT_LENGTH: Final = 40
"""Characters of an anchor's excerpt. Long enough to be unique in a novel."""
_MIN_EXCERPT: Final = 12
"""Characters. A shorter excerpt, such as `the end.`, may occur anywhere by chance."""
_NEARBY_BLOCKS: Final = 2
"""Blocks to either side in which half an excerpt is searched: a paragraph may be split."""


def get_heading_text(block: Block) -> str:
    """Return the text of a heading, without the numbers of footnotes and without pictures."""
    pieces: list[str] = []
    offset = 0
    for span in block.spans:
        if (Role.FOOTNOTE in span.role or span.role is Role.DIM) and span.start >= offset:
            pieces.append(block.text[offset : span.start])
            offset = span.end
    return "".join((*pieces, block.text[offset:]))


def get_heading_title(block: Block) -> str:
    """Return the words of a heading, with one space between two."""
    return " ".join(get_heading_text(block).split())


def get_short_title(block: Block) -> str:
    """Return the words of a heading, as far as they are in its first MAX_TITLE_CHARACTERS."""
    return get_heading_title(block._replace(text=block.text[:MAX_TITLE_CHARACTERS]))


def make_anchor(document: Document, place: Place) -> Anchor:
    """Return `place`, clamped to the text, with what is needed to find it after an edit."""
    place = document.clamp(place)
    if not document.blocks:
        return Anchor(place, "", "")
    text = document.blocks[place.block].text
    return Anchor(place, fingerprint_text(text), text[place.offset :][:_EXCERPT_LENGTH])


def locate(
    document: Document, anchor: Anchor, moved_block: MovedBlock | None = None
) -> Place | None:
    """Return where `anchor` is now, or None while the text is too incomplete to decide.

    Takes the first that there is: the same block text at the same index; the nearest block
    with the same text; the nearest block that holds the excerpt, or either half of it; the
    rewritten block; the nearest heading before.

    `moved_block` is where its block is now, if a comparison of the two versions knows it.
    Halves of the excerpt are then searched in its neighbourhood only.
    """
    index = anchor.place.block
    if index < len(document.blocks) and _has_fingerprint(document, index, anchor):
        return document.clamp(anchor.place)
    if not document.is_complete:
        return None
    expected = moved_block.block if moved_block is not None else index
    for near in _iterate_by_distance(document, expected):
        if _has_fingerprint(document, near, anchor):
            return Place(near, anchor.place.offset)
    place = _find_excerpt(document, anchor, expected, halves_anywhere=moved_block is None)
    if place is None and moved_block is not None and not moved_block.is_gone:
        place = document.clamp(Place(expected, anchor.place.offset))
    return place or _find_heading_place(document, expected)


def _find_excerpt(
    document: Document, anchor: Anchor, expected: int, *, halves_anywhere: bool
) -> Place | None:
    """Return the place of the excerpt, or of either half of it, the nearest to `expected`."""
    half = _EXCERPT_LENGTH // 2
    parts = (anchor.excerpt, 0), (anchor.excerpt[:half], 0), (anchor.excerpt[half:], half)
    for part, skipped in parts:
        if len(part) < _MIN_EXCERPT:
            candidates: Iterable[int] = (expected,)
        elif halves_anywhere or part == anchor.excerpt:
            candidates = _iterate_by_distance(document, expected)
        else:
            first, last = expected - _NEARBY_BLOCKS, expected + _NEARBY_BLOCKS
            candidates = (expected, *range(first, last + 1))
        for index in candidates:
            offset = _find_in_block(document, part, index)
            if offset >= 0:
                return Place(index, max(0, offset - skipped))
    return None


def _find_in_block(document: Document, excerpt: str, index: int) -> int:
    """Return the offset of `excerpt` in a block, -1 if it isn't there."""
    if not excerpt or not 0 <= index < len(document.blocks):
        return -1
    return document.blocks[index].text.find(excerpt)


def _has_fingerprint(document: Document, index: int, anchor: Anchor) -> bool:
    return fingerprint_text(document.blocks[index].text) == anchor.fingerprint


def _iterate_by_distance(document: Document, index: int) -> Iterator[int]:
    """Yield the number of every block, the nearest to `index` first."""
    last = len(document.blocks) - 1
    index = max(0, min(index, last))  # an imported number may be a billion
    for distance in range(max(index, last - index) + 1):
        for near in {index - distance, index + distance}:
            if 0 <= near <= last:
                yield near


def _find_heading_place(document: Document, index: int) -> Place:
    heading = document.find_heading_before(index)
    return Place(heading) if heading is not None else document.clamp(Place(index))


def locate_address(document: Document, anchor: Anchor) -> Place | None:
    """Return where the anchor of an address is, or None while the text is too incomplete to decide.

    Without a fingerprint it is the nearest place that there is.
    """
    if anchor.fingerprint:
        return locate(document, anchor)
    is_parsed = anchor.place.block < len(document.blocks) or document.is_complete
    return document.clamp(anchor.place) if is_parsed else None


def explain_missing(document: Document, place: Place) -> str:
    """Return in one line why `place` is not in a complete text; empty if it is."""
    count = len(document.blocks)
    if document.clamp(place) == place:
        return ""
    if place.block >= count:
        blocks = f"{count} block{'s' if count != 1 else ''}"
        return f"The text is shorter: it has {blocks}, so block {place.block + 1} is not in it."
    length = len(document.blocks[place.block].text)
    return f"Block {place.block + 1} is shorter: it has {length} characters."


def format_address(anchor: Anchor) -> str:
    """Return the address of `anchor`: block from 1, offset and, if known, the fingerprint."""
    place = anchor.place
    address = f"{place.block + 1}.{place.offset}"
    return f"{address}.{anchor.fingerprint}" if anchor.fingerprint else address


def parse_address(text: str) -> Anchor | None:
    """Return the anchor of the address `text`, or None if it is no address."""
    pattern = r"([1-9]\d{0,8})(?:\.(\d{1,9})(?:\.([0-9a-f]{12}))?)?"
    match = re.fullmatch(pattern, text, re.ASCII)
    if match is None:
        return None
    block, offset, fingerprint = match.groups()
    return Anchor(Place(int(block) - 1, int(offset or 0)), fingerprint or "", "")


SECTION_BREAK: Final = "* * *"
"""The text of a break between two sections."""
_CELL_SEPARATOR: Final = "  "
"""The text between two cells of a table."""
_PREFORMATTED: Final = frozenset({Kind.CODE, Kind.VERSE})
"""Kinds of blocks in which the spaces before a line are part of the text."""
_WORD_JOINERS: Final = frozenset("'’-‐‑.\u200d\u200c")
"""Characters that belong to a word if they are between two of its letters."""


class Passage(NamedTuple):
    """The text from one place up to another. Both may be in the footnotes."""

    start: Place
    end: Place


def extract_text(document: Document, start: Place, end: Place, *, is_copy: bool = False) -> str:
    """Return the text of the passage from `start` up to `end`.

    Blocks are separated by a blank line, the items of a tight list by a newline. White space
    at both ends is removed, except the indent of a line of code or verse.

    The numbers of footnotes are left out. With `is_copy` code has its tabs, the cells of a table
    are separated by tabs, and a whole block of code at either end is exactly as it is.
    """
    parts: list[str] = []
    for index in range(start.block, min(end.block, document.last_block) + 1):
        block = document.get_block(index)
        first = start.offset if index == start.block else 0
        last = end.offset if index == end.block else len(block.text)
        part = copy_part(block, first, last, has_tabs=is_copy)
        if block.kind is Kind.BREAK and start.block < index < end.block:
            part = SECTION_BREAK
        elif block.kind is Kind.TABLE and not is_copy:
            part = part.replace("\t", _CELL_SEPARATOR)
        if part.strip():
            is_tight = block.tight and index != len(document.blocks)
            parts += ["\n" if is_tight else "\n\n", part]
    text = "".join(parts[1:])
    if is_copy and _is_whole_code(document, start, end):
        return text
    if text and document.get_block(start.block).kind in _PREFORMATTED:
        return text.rstrip().lstrip("\n")
    return text.strip()


def _is_whole_code(document: Document, start: Place, end: Place) -> bool:
    """Return whether a passage is one block of code from its beginning to its end."""
    is_one = start == Place(start.block) and end == document.get_block_end(start.block)
    return is_one and end != Place() and document.get_block(start.block).kind is Kind.CODE


_FOOTNOTE: Final = Role.FOOTNOTE.value


def copy_part(block: Block, first: int, last: int, *, has_tabs: bool) -> str:
    """Return a part of a block's text without footnote numbers; code may have its tabs."""
    pieces: list[str] = []
    offset = first
    for span in block.spans:
        # A block may have 60,000 spans, so what takes least is checked first. One without a target
        # is neither a tab nor a footnote number.
        if not span.target or not offset <= span.start < span.end <= last:
            continue
        is_tab = has_tabs and span.target == "\t"
        if not (is_tab or span.role.value & _FOOTNOTE):
            continue
        pieces += (block.text[offset : span.start], "\t" if is_tab else "")
        offset = span.end
    return "".join((*pieces, block.text[offset:last]))


def find_word(document: Document, place: Place) -> Passage:
    """Return the word of the character after `place`, or that character if it is in no word.

    A word is letters, digits and their marks, with apostrophes, hyphens and full stops between
    them. In Chinese and Japanese, without spaces, it is all from one mark to the next.
    """
    text, offset = document.get_block(place.block).text, place.offset
    if offset >= len(text) or not _is_word_character(text, offset):
        return Passage(place, place._replace(offset=min(offset + 1, len(text))))
    start, end = offset, offset + 1
    while start and _is_word_character(text, start - 1):
        start -= 1
    while end < len(text) and _is_word_character(text, end):
        end += 1
    return Passage(place._replace(offset=start), place._replace(offset=end))


def _is_word_character(text: str, offset: int) -> bool:
    """Return whether the character at `offset` is a letter, or joins two letters."""
    if _is_letter(text[offset]):
        return True
    is_joiner = text[offset] in _WORD_JOINERS and 0 < offset < len(text) - 1
    return is_joiner and _is_letter(text[offset - 1]) and _is_letter(text[offset + 1])


def _is_letter(character: str) -> bool:
    """Return whether `character` is a letter, digit, combining mark or underscore."""
    return category(character)[0] in "LNM" or character == "_"


def get_whole_block(document: Document, place: Place) -> Passage:
    """Return the whole block that `place` is in."""
    return Passage(Place(place.block), document.get_block_end(place.block))


def widen_to_blocks(document: Document, passage: Passage) -> Passage:
    """Return the whole of the blocks that `passage` is in."""
    start, end = passage
    # A passage that ends before the first character of a block has no part of that block.
    last = end.block - 1 if not end.offset and end > start else end.block
    return Passage(Place(start.block), document.get_block_end(max(last, start.block)))
