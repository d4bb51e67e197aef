"""Which line of a story's file a place of its text comes from.

Blocks don't record it: their text is found again in the file by its words. Between two words of
the text the source may have markup, such as the address of a link.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from reader.library.files import read_bytes
from reader.library.source.encodings import decode_text
from reader.library.story import split_source
from reader.text.words import WIDE_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from reader.text.document import Block, Place


_LETTER: Final = rf"[^\W_⁰¹²³⁴⁵⁶⁷⁸⁹{WIDE_CHARACTERS}]"
"""A letter or digit, but not of the number of a footnote."""
_WORD: Final = re.compile(rf"[{WIDE_CHARACTERS}]|{_LETTER}+")
"""A run of such letters, or one of Chinese and Japanese: a line may end after it."""
_GAP: Final = (
    r"(?>(?:<[^<>]{0,500}>|\]\([^()\n]{0,2000}\)|\]\[[^\]\n]{0,200}\]|\[\^[^\]\n]{0,200}\]"
    r"|&\#?\w{1,32};|[\W_])+)"
)
"""What may be between two words in the source: tags, addresses, footnotes, entities, signs."""
_WORD_COUNTS: Final = (10, 5, 2, 1)
"""How many words are looked for; fewer if so many aren't found together."""
_MAX_TRIED_BLOCKS: Final = 20
"""Blocks in each direction that are looked for if those nearer aren't found."""


def find_place_line(path: Path, blocks: Sequence[Block], place: Place) -> int:
    """Return the line, from 1, of the file at `path` that `place` in `blocks` comes from.

    If its block isn't found, that of a block near it. 0 if none is. Raises `UnreadableFile`.
    """
    source, start = _read(path)
    after = range(place.block, min(len(blocks), place.block + _MAX_TRIED_BLOCKS))
    before = range(place.block - 1, max(-1, place.block - 1 - _MAX_TRIED_BLOCKS), -1)
    for number in (*after, *before):
        offset = place.offset if number == place.block else 0
        found = _find_words(source, start, blocks, number, offset)
        if found is not None:
            return source.count("\n", 0, found) + 1
    return 0


def find_excerpt_line(path: Path, excerpt: str) -> int:
    """Return the line, from 1, of the file at `path` that an excerpt of its text comes from.

    0 if it isn't found. Raises `UnreadableFile`.
    """
    source, start = _read(path)
    for pattern in _make_patterns(excerpt):
        found = pattern.search(source, start)
        if found is not None:
            return source.count("\n", 0, found.start()) + 1
    return 0


def _read(path: Path) -> tuple[str, int]:
    """Return the text of a file, and the offset in it at which its body begins."""
    decoded = decode_text(read_bytes(path), path)
    body = split_source(decoded, path).body
    is_end = decoded.text.endswith(body)
    return decoded.text, len(decoded.text) - len(body) if is_end else 0


def _find_words(
    source: str, start: int, blocks: Sequence[Block], number: int, offset: int
) -> int | None:
    """Return the offset in `source` of the words at an offset of a block, None if they aren't there.

    Words that the source has several times are looked for from the nearest block before on that it
    has once, and are those that the text has as often in between.
    """
    text = blocks[number].text
    while 0 < offset < len(text) and re.match(_LETTER, text[offset - 1]):
        offset -= 1  # a line may begin inside a word
    for pattern in _make_patterns(_get_text(blocks, number, offset)):
        first, second = _find_two(pattern, source, start)
        if first is None or second is None:
            if first is not None:
                return first
            continue
        anchor, begin = _find_anchor(source, start, blocks, number)
        between = "\n".join([*(block.text for block in blocks[anchor:number]), text[:offset]])
        count = sum(1 for _ in pattern.finditer(between))
        found = [match.start() for match in islice(pattern.finditer(source, begin), count + 1)]
        if found:
            return found[-1]
    return None


def _find_anchor(source: str, start: int, blocks: Sequence[Block], number: int) -> tuple[int, int]:
    """Return the last block before `number` whose words are in the source once, and where.

    The first block, and the start of the body, if there is none near.
    """
    for near in range(number - 1, max(-1, number - 1 - _MAX_TRIED_BLOCKS), -1):
        pattern = next(_make_patterns(_get_text(blocks, near, 0)), None)
        first, second = _find_two(pattern, source, start) if pattern else (None, None)
        if first is not None and second is None:
            return near, first
    return 0, start


def _find_two(pattern: re.Pattern[str], source: str, start: int) -> tuple[int | None, int | None]:
    """Return where the first two matches of a pattern are."""
    starts = [match.start() for match in islice(pattern.finditer(source, start), 2)]
    first, second, *_ = [*starts, None, None]
    return first, second


def _get_text(blocks: Sequence[Block], number: int, offset: int) -> str:
    """Return the text of a block from an offset on, and that of the next blocks.

    A short block, such as a heading of one word, is known by what follows it.
    """
    following = (block.text for block in blocks[number + 1 : number + 1 + _WORD_COUNTS[0]])
    return "\n".join([blocks[number].text[offset:], *following])


def _make_patterns(text: str) -> Iterator[re.Pattern[str]]:
    """Yield patterns for the first words of `text`, the longest first."""
    words = [match[0] for match in islice(_WORD.finditer(text), _WORD_COUNTS[0])]
    counts = dict.fromkeys(min(count, len(words)) for count in _WORD_COUNTS)
    for count in counts if words else ():
        yield re.compile("".join(_make_pieces(words[:count])))


def _make_pieces(words: Sequence[str]) -> Iterator[str]:
    """Yield the pieces of a pattern for words, each of them whole."""
    for number, word in enumerate(words):
        # The word itself comes first: a search for a fixed beginning is much faster.
        yield re.escape(word)
        is_letters = len(word) > 1 or re.match(_LETTER, word) is not None
        if is_letters and number == 0:
            yield f"(?<!{_LETTER}{re.escape(word)})"
        if is_letters and number == len(words) - 1:
            yield f"(?!{_LETTER})"
        if number < len(words) - 1:
            is_joined = is_letters and re.match(_LETTER, words[number + 1])
            yield _GAP if is_joined else f"{_GAP}?"
