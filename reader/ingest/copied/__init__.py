"""Text that was copied from a page: the story in it, and the boilerplate of the page around it.

A module for what a line is (`lines`), for where the text begins (`start`), for the title and the
other facts above it (`title`, `head`), for its end and what stands below it (`ending`), and for
its blocks (`blocks`). No input or output.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from typing import Final

from reader.ingest import Draft, Facts, RemovedText, clean_line, word_set
from reader.ingest.copied.blocks import make_blocks
from reader.ingest.copied.ending import (
    WALL,
    choose_lines,
    find_book_bounds,
    find_end,
    read_about,
    read_labels,
)
from reader.ingest.copied.head import read_head
from reader.ingest.copied.lines import Copied, cut_stated, find_minutes, fold

WALL_NOTICE: Final = "the page says that only members or subscribers may read all of it"
_LABELS: Final = word_set(
    "by written posted published updated story text words author date on at the of and about read reading time"
    " tags labels topics filed under categories"
    " monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun"
)
"""Words around a fact that say which fact it is, and names of days that its date implies."""
_NAMES_OF_FACTS: Final = word_set(
    "by written posted published updated author date reading tags labels topics filed categories"
)
"""One of these words is in a label that stands on a line of its own."""
_STATED: Final = re.compile(r"(?m)^(Title|Author): +(\S.{0,200})$")
"""What the head of a book of Project Gutenberg says."""
_MAX_LINE: Final = 400
_MAX_FACTS: Final = 30
"""Facts that are looked for within a line: a page may claim to have thousands of tags."""


def read_copied(text: str) -> Draft:
    """Return the story in `text`, which was copied from a page in a browser, or is a plain book.

    What isn't in the story is in `removed`, so that no word is lost.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first, last = find_book_bounds([line.strip() for line in lines])
    if last - first == len(lines):
        return _read_text(text)
    draft = _read_text("\n".join(lines[first:last]))
    above, below = "\n".join(lines[:first]).strip(), "\n".join(lines[last:]).strip()
    stated = {match[1].lower(): clean_line(match[2]) for match in _STATED.finditer(above)}
    known = draft.facts
    title, author = stated.get("title", known.title), stated.get("author", known.author)
    removed = [RemovedText(above, 0), *draft.removed, RemovedText(below, len(draft.blocks))]
    facts = replace(known, title=title, author=author)
    return replace(draft, facts=facts, removed=tuple(each for each in removed if each.text))


def _read_text(text: str) -> Draft:
    copied = Copied(text)
    head = read_head(copied)
    end = find_end(copied, head.begin)
    about, author = read_about(copied, end, head.author)
    lines, tags = choose_lines(copied, head.begin, end, author)
    lines = [number for number in lines if number not in head.used]
    if not any(copied.texts[number] for number in lines):
        lines, head.begin = [*range(len(copied.texts))], 0
    blocks = make_blocks(copied, lines)
    facts = Facts(
        title=clean_line(head.title),
        deck=clean_line(head.deck),
        author=clean_line(author),
        published=head.published,
        minutes=head.minutes,
        credit=clean_line(head.credit),
        about=clean_line(about),
        tags=head.tags or tags or read_labels(copied, end),
    )
    walls = any(
        WALL.fullmatch(copied.texts[n]) for n in copied.filled if len(copied.texts[n]) < 200
    )
    return Draft(
        facts,
        tuple(block for block, _ in blocks),
        _list_removed(copied, lines, facts, [number for _, number in blocks]),
        (WALL_NOTICE,) if walls else (),
    )


def _list_removed(
    copied: Copied, lines: list[int], facts: Facts, starts: list[int]
) -> tuple[RemovedText, ...]:
    """Return the lines that are neither in the text nor a fact, a piece for each run of lines."""
    kept, in_facts = {*lines}, _find_fact_lines(copied, facts)
    pieces: list[tuple[list[str], int]] = []
    last = -2
    for number in copied.filled:
        if number in copied.cut and number in kept:
            pieces.append(([copied.cut[number]], bisect_left(starts, number + 1)))
        if number in kept or number in in_facts:
            continue
        if number != last + 1 or not pieces:
            pieces.append(([], bisect_left(starts, number)))
        pieces[-1][0].append(copied.texts[number])
        last = number
    return tuple(RemovedText("\n".join(texts), block) for texts, block in pieces)


def _find_fact_lines(copied: Copied, facts: Facts) -> set[int]:
    """Return the lines that only say facts, with the labels directly above them."""
    known = FactLines(facts)
    found: set[int] = set()
    below = -1
    for number in reversed(copied.filled):
        text = copied.texts[number]
        if known.is_fact(text) or (below in found and known.is_label(text)):
            found.add(number)
        below = number
    return found


class FactLines:
    """Tells which lines say nothing but facts of one story, such as `By Ann Lee · 4 min read`.

    These stand in its front matter, so they aren't listed among what was left out.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        texts = (facts.title, facts.deck, facts.author, facts.credit, facts.about, *facts.tags)
        self._known = {fold(each) for each in texts} - {""}
        self._longest = sorted(self._known, key=len, reverse=True)[:_MAX_FACTS]
        self._fused_tags = "".join(map(fold, facts.tags))

    def is_fact(self, text: str) -> bool:
        """Return whether a line has a fact, and nothing that isn't one but labels."""
        words = fold(text)
        if words in self._known or (words and words == self._fused_tags):
            return True
        if len(text) > _MAX_LINE or find_minutes(text) not in (None, self._facts.minutes):
            return False
        cut, dates = cut_stated(text)
        if dates not in ([], [self._facts.published]):
            return False
        rest = f" {fold(cut)} "
        for known in self._longest:
            rest = rest.replace(f" {known} ", " ")
        left = rest.split()
        return len(left) < len(words.split()) and _LABELS.issuperset(left)

    def is_label(self, text: str) -> bool:
        """Return whether a line only says which fact stands below it, such as `Written by`."""
        words = fold(text).split() if len(text) < _MAX_LINE else []
        return _LABELS.issuperset(words) and not _NAMES_OF_FACTS.isdisjoint(words)
