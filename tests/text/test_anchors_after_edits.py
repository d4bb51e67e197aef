"""A place survives five hundred edits of a real story: its sentence is where it was seen."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from story_edits import (
    BEFORE,
    BLOCKS,
    EDITS,
    HEADINGS,
    PIECES,
    Edit,
    Text,
    document_of,
    edited,
)

from reader.layout.viewport import Viewport
from reader.reading.revision import compare_versions, fingerprint_blocks
from reader.text.document import Document, Place
from reader.text.places import locate, make_anchor

MEASURE, HEIGHT = 66, 23
"""What there is for the page on a screen of 80 by 24."""
SENTENCE = re.compile(r"\S.*?(?:[.?!]['’”)]*(?=\s|$)|$)", re.DOTALL)


def window_on(document: Document, place: Place, height: int = HEIGHT) -> Viewport:
    window = Viewport(MEASURE)
    window.resize(MEASURE, height)
    window.show(document, (), (), place)
    return window


def is_in_the_upper_third(sentence: str, document: Document, place: Place) -> bool:
    first, behind = window_on(document, place, HEIGHT // 3).visible.passage
    for number in range(first.block, behind.block + 1):
        at = document.blocks[number].text.find(sentence)
        if at >= 0 and Place(number, at) < behind and first < Place(number, at + len(sentence)):
            return True
    return False


def sentence_at(place: Place) -> str:
    """Return the sentence that goes on at `place`."""
    text = BEFORE.blocks[place.block].text
    found = (match[0] for match in SENTENCE.finditer(text) if match.end() > place.offset)
    return next(found, text)


def outcome(block: int, rows: int, edits: list[Edit]) -> str:
    """Go some rows on from a block, edit the story, and tell where the place went."""
    window = window_on(BEFORE, Place(block))
    window.scroller.scroll(rows)
    place = window.scroller.place
    texts = edited(place.block, edits)
    after = document_of(texts)
    became = compare_versions(PIECES, fingerprint_blocks(after.blocks))
    now = locate(after, make_anchor(BEFORE, place), became.moved_blocks[place.block])
    assert now is not None
    sentence = sentence_at(place)
    if any(sentence in block.text for block in after.blocks):
        return "found" if is_in_the_upper_third(sentence, after, now) else "lost"
    numbers = [name for name, text in texts if text is not None]
    if numbers[now.block] == place.block:
        return "in what its block became"
    return "at its heading" if numbers[now.block] in headings_of(place.block, texts) else "astray"


def headings_of(block: int, texts: list[Text]) -> set[int]:
    """Return the nearest headings before what `block` became, and before where it stood.

    They are several if it was moved, or its heading was, and if it is a heading that was
    rewritten itself. Where there is none before, it is what the text begins with.
    """
    names = [name for name, _ in texts]
    left = [name for name, text in texts if text is not None]
    same = [name for name, text in texts if name >= 0 and text == BLOCKS[name].text]
    neighbour = max((name for name in same if name < block), default=names[0])
    found = {max((name for name in left if name in HEADINGS and name <= block), default=left[0])}
    for known in (block, neighbour):
        before = [n for n, text in texts[: names.index(known) + 1] if text is not None]
        headings = [name for name in before if name in HEADINGS]
        found |= set(headings[-2 if known in headings else -1 :] or left[:1])
    return found


def test_in_five_hundred_edits_a_sentence_that_is_left_is_in_the_upper_third() -> None:
    outcomes: Counter[str] = Counter()

    @settings(max_examples=500)
    @given(st.integers(0, len(BLOCKS) - 1), st.integers(0, 12), EDITS)
    def survive(block: int, rows: int, edits: list[Edit]) -> None:
        outcomes[outcome(block, rows, edits)] += 1

    survive()
    assert outcomes.total() == 500
    assert outcomes["found"] >= 0.95 * (outcomes["found"] + outcomes["lost"])
    assert outcomes["found"] > 200
    gone = outcomes["in what its block became"] + outcomes["at its heading"] + outcomes["astray"]
    assert gone > 50
    assert outcomes["astray"] <= 0.05 * gone
