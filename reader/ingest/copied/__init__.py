"""Text that was copied from a page: the story in it, and the litter of the page around it.

A module for what a line is (`lines`), for the facts above the text (`head`) and for the text and
what stands below it (`body`). No input or output.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from reader.ingest import Draft, Facts, RemovedText, clean_line
from reader.ingest.copied.blocks import make_blocks
from reader.ingest.copied.ending import WALL, choose_lines, find_end, read_about, read_labels
from reader.ingest.copied.head import read_head
from reader.ingest.copied.lines import Copied, fold

WALL_NOTICE: Final = "the page says that only members or subscribers may read all of it"
_MAX_FACT_CHARACTERS: Final = 400


def read_copied(text: str) -> Draft:
    """Return the story in `text`, which was copied from a page in a browser.

    What isn't in the story is in `removed`, so that no word is lost.
    """
    copied = Copied(text)
    head = read_head(copied)
    end = find_end(copied, head.begin)
    about, author = read_about(copied, end, head.author)
    lines, tags = choose_lines(copied, head.begin, end, author)
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
    kept = {*lines}
    known = {
        fold(each)
        for each in (facts.title, facts.deck, facts.author, facts.credit, facts.about, *facts.tags)
    }
    pieces: list[tuple[list[str], int]] = []
    last = -2
    for number in copied.filled:
        if number in kept or fold(copied.texts[number]) in known:
            continue
        if number != last + 1 or not pieces:
            pieces.append(([], bisect_left(starts, number)))
        pieces[-1][0].append(copied.texts[number])
        last = number
    return tuple(RemovedText("\n".join(texts), block) for texts, block in pieces)
