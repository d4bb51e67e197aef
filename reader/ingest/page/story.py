"""Make a draft of a page: put its facts, its article and what was left out together."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reader.ingest import Draft, RemovedText, clean_line
from reader.ingest.copied import WALL_NOTICE, FactLines
from reader.ingest.copied.ending import WALL
from reader.ingest.copied.lines import fold
from reader.ingest.encoding import decode_page
from reader.ingest.page.article import find_article
from reader.ingest.page.footnotes import Footnotes
from reader.ingest.page.html_to_markdown import Converter
from reader.ingest.page.html_tree import BLOCKS, is_unseen, parse_html
from reader.ingest.page.page_facts import find_base, find_feed, read_facts
from reader.ingest.page.trim import choose_blocks, read_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.ingest import Facts
    from reader.ingest.page.html_tree import Node, Page


SCRIPT_NOTICE: Final = (
    "the page's text comes by script; open it in a browser, copy the text, and use --paste"
)
_FOOTNOTE: Final = re.compile(r"(?<!\\)\[\^([^\[\]\s]{1,20})\]")
_SCRIPT_SHARE: Final = 400
"""Characters of text below which a page with scripts has no text of its own."""


def read_page(data: bytes, address: str = "", charset: str = "") -> Draft:
    """Return the story of a page that was fetched from `address`.

    `charset` is what the server called the encoding. Raises `UnreadableFile` if `data` isn't text.
    """
    page = parse_html(decode_page(data, charset))
    facts = read_facts(page, address)
    has_scripts = any(node.tag == "script" for node in page.root.walk())
    parts = find_article(page)
    footnotes = Footnotes(parts)
    notes = footnotes.take_notes()
    base = find_base(page, address) or facts.url
    converter = Converter(base, footnotes)
    blocks = converter.convert(parts)
    chosen = choose_blocks(blocks, facts)
    facts = _check_deck(facts, [blocks[number] for number in chosen])
    written = [blocks[number] for number in chosen]
    written += converter.convert_notes(notes, len(blocks))
    places = {number: place for place, number in enumerate(chosen)}
    places |= {len(blocks) + n: len(chosen) + n for n in range(len(notes))}
    return Draft(
        facts,
        tuple(written),
        tuple(_list_removed(page, places, facts)),
        _find_notices(page, parts, has_scripts=has_scripts),
        feed=find_feed(page, base),
    )


def join_pages(drafts: Sequence[Draft]) -> Draft:
    """Return the story of an article whose pages these drafts are; the first one has its facts."""
    blocks: list[str] = []
    removed: list[RemovedText] = []
    notices: dict[str, None] = {}
    for number, draft in enumerate(drafts, 1):
        removed += [each._replace(block=each.block + len(blocks)) for each in draft.removed]
        blocks += [_number_footnotes(block, number) for block in draft.blocks]
        notices |= dict.fromkeys(draft.notices)
    return replace(drafts[0], blocks=tuple(blocks), removed=tuple(removed), notices=tuple(notices))


def _number_footnotes(block: str, page: int) -> str:
    """Return a block of a later page with names of footnotes that no other page has."""
    is_code = block.startswith(("```", "~~~", "    "))
    return block if page == 1 or is_code else _FOOTNOTE.sub(rf"[^{page}-\1]", block)


def _check_deck(facts: Facts, blocks: list[str]) -> Facts:
    """Return the facts without a deck that the text says too."""
    deck = fold(facts.deck)
    opening = fold(" ".join(read_plain(block) for block in blocks[:6]))
    return replace(facts, deck="") if deck and deck in opening else facts


def _find_notices(page: Page, parts: list[Node], *, has_scripts: bool) -> tuple[str, ...]:
    length = sum(part.length for part in parts)
    notices = []
    if length < _SCRIPT_SHARE and has_scripts and page.count_words() < 150:
        notices.append(SCRIPT_NOTICE)
    if any(len(node.text) < 200 and WALL.fullmatch(clean_line(node.text)) for node in page.texts):
        notices.append(WALL_NOTICE)
    return tuple(notices)


def _list_removed(page: Page, places: dict[int, int], facts: Facts) -> list[RemovedText]:
    """Return the texts of the page that aren't in the story, a piece for each block element."""
    pieces: list[RemovedText] = []
    block, last_owner = 0, None
    for node in page.texts:
        place = places.get(node.block)
        if place is not None:
            block = max(block, place + 1)
            last_owner = None
            continue
        text = clean_line(node.text)
        if not text or is_unseen(node):
            continue
        owner = next((each for each in node.ancestors() if each.tag in BLOCKS), None)
        if owner is last_owner and pieces and pieces[-1].block == block:
            pieces[-1] = pieces[-1]._replace(text=f"{pieces[-1].text} {text}")
        else:
            pieces.append(RemovedText(text, block))
        last_owner = owner
    known = FactLines(facts)
    return [piece for piece in pieces if not known.is_fact(piece.text)]
