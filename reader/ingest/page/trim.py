"""Take off what stands above and below a page's story within the same element.

The blocks above it that only repeat its facts, and those from a line such as `Related stories` on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reader.ingest import find_repeats
from reader.ingest.copied.boilerplate import is_boilerplate, is_weak_boilerplate
from reader.ingest.copied.ending import BIO_VERB, find_book_bounds, find_end_marker
from reader.ingest.copied.lines import (
    LONG_CELLS,
    find_date,
    find_minutes,
    fold,
    is_prose,
    is_vague_date,
    measure,
    parse_byline,
)

if TYPE_CHECKING:
    from reader.ingest import Facts


_MAX_BIO: Final = 400
_MAX_HEAD: Final = 10
"""Blocks above the story that may only repeat its facts."""
_LINK: Final = re.compile(r"!?\[((?:[^\[\]\\]|\\.){0,400})\]\([^()\s]{0,4000}\)")
_SIGNS: Final = re.compile(r"(?m)^\s*(?:#{1,6}|>|[-*+]|\d+[.)])\s+|\\(?=\W)|[*_`~]|\\$")
_DATE_LINE: Final = re.compile(
    r"(?:posted|published|updated|last updated|modified|created|date)\b.{0,100}\d{4}.{0,60}",
    re.IGNORECASE,
)
_CRUMBS: Final = re.compile(r"[^.!?»›>]{0,80}(?:\s[»›>]\s?[^.!?»›>]{0,80}){1,9}|home")


def read_plain(block: str) -> str:
    """Return the text of a block of Markdown on one line."""
    return " ".join(_SIGNS.sub("", _LINK.sub(r"\1", block)).split())


def choose_blocks(blocks: list[str], facts: Facts) -> list[int]:
    """Return the numbers of the blocks that are the story."""
    plain = [read_plain(block) for block in blocks]
    first, last = find_book_bounds(plain)
    above = {n + first for n in _find_head(blocks[first:], plain[first:], facts)}
    end = find_end_marker(plain)
    above |= find_repeats(blocks) | _find_within(blocks, plain)
    bounds = range(first, min(last, len(blocks) if end is None else end))
    chosen = [number for number in bounds if number not in above]
    while len(chosen) > 1 and _is_below_story(blocks[chosen[-1]], plain[chosen[-1]], facts.author):
        chosen.pop()
    return chosen


def _is_below_story(block: str, text: str, author: str) -> bool:
    """Return whether the last block is a button, or says who the author is."""
    is_link = bool(_LINK.fullmatch(block.strip())) and not block.startswith("!")
    if is_boilerplate(text) or (is_link and is_weak_boilerplate(text)):
        return True
    is_named = len(author.split()) > 1 and text.startswith(author) and len(text) < _MAX_BIO
    return is_named and bool(re.match(re.escape(author) + BIO_VERB, text))


def _find_within(blocks: list[str], plain: list[str]) -> set[int]:
    """Return blocks within the story that aren't part of it.

    A paragraph that repeats the caption beside it, a button between two paragraphs, and a link in
    capitals that is a paragraph of its own and leads to another story.
    """
    found = set()
    for number, (block, text) in enumerate(zip(blocks, plain, strict=True)):
        bare = block.strip("*_ \\")
        is_link = bool(_LINK.fullmatch(bare)) and not bare.startswith("!")
        beside = [each for each in (number - 1, number + 1) if 0 <= each < len(blocks)]
        is_in_prose = all(is_prose(plain[each]) for each in beside)
        is_link = is_link and text.isupper() and len(text.split()) > 2
        if is_in_prose and (is_link or (len(beside) == 2 and is_boilerplate(text))):
            found.add(number)
        captions = [
            blocks[each].rsplit("\n*", 1)[-1].rstrip("*") for each in beside if "](" in blocks[each]
        ]
        is_text = bool(text) and len(text) < 200 and not block.startswith("#")
        if is_text and text in map(read_plain, captions):
            found.add(number)
    return found


def _find_head(blocks: list[str], plain: list[str], facts: Facts) -> set[int]:
    """Return the blocks above the first paragraph that say nothing but the facts."""
    found: set[int] = set()
    for number, text in enumerate(plain[:_MAX_HEAD]):
        is_heading = blocks[number].startswith("#")
        if _repeats_fact(text, is_heading, facts):
            found.add(number)
        elif not is_heading and (is_prose(text) or measure(text) > LONG_CELLS):
            break
    return found


def _repeats_fact(text: str, is_heading: bool, facts: Facts) -> bool:
    words = fold(text)
    if words and words in (fold(facts.title), fold(facts.author)):
        return True
    if is_heading:
        return bool(words) and words in (fold(facts.deck), f"by {fold(facts.author)}")
    if len(text) > 140:
        return False
    is_date = (find_date(text) and len(text) < LONG_CELLS) or _DATE_LINE.fullmatch(text)
    is_fact = is_date or find_minutes(text) or parse_byline(text) or is_vague_date(text)
    return (
        bool(is_fact)
        or is_boilerplate(text)
        or is_weak_boilerplate(text)
        or bool(_CRUMBS.fullmatch(text))
    )
