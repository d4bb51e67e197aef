"""A place survives edits of a real story: its sentence is still on the screen."""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from story_edits import (
    BEFORE,
    BLOCKS,
    EDITS,
    FINGERPRINTS,
    HEADINGS,
    Edit,
    Text,
    apply_edits,
    make_document,
)

from reader.layout.viewport import Viewport
from reader.reading.revision import compare_versions, fingerprint_blocks
from reader.text.document import Document, Place
from reader.text.places import locate, make_anchor

EDITED_TEXTS = int(os.environ.get("READER_EDITS", "100"))
MEASURE, HEIGHT = 66, 23
"""The measure and rows of the page on a screen of 80 by 24."""
SENTENCE = re.compile(r"\S.*?(?:[.?!]['’”)]*(?=\s|$)|$)", re.DOTALL)


def show(document: Document, place: Place, height: int = HEIGHT) -> Viewport:
    viewport = Viewport(MEASURE)
    viewport.resize(MEASURE, height)
    viewport.show(document, (), (), place)
    return viewport


def is_in_the_upper_third(sentence: str, document: Document, place: Place) -> bool:
    first, last = show(document, place, HEIGHT // 3).visible.passage
    for number in range(first.block, last.block + 1):
        at = document.blocks[number].text.find(sentence)
        if at >= 0 and Place(number, at) < last and first < Place(number, at + len(sentence)):
            return True
    return False


def get_sentence_at(place: Place) -> str:
    """Return the sentence that `place` is in."""
    text = BEFORE.blocks[place.block].text
    sentences = (match[0] for match in SENTENCE.finditer(text) if match.end() > place.offset)
    return next(sentences, text)


def edit_and_locate(block: int, rows: int, edits: list[Edit]) -> str:
    """Scroll some rows down from a block, edit the story, and return where the place went."""
    viewport = show(BEFORE, Place(block))
    viewport.scroller.scroll(rows)
    place = viewport.scroller.place
    texts = apply_edits(place.block, edits)
    after = make_document(texts)
    revision = compare_versions(FINGERPRINTS, fingerprint_blocks(after.blocks))
    now = locate(after, make_anchor(BEFORE, place), revision.moved_blocks[place.block])
    assert now is not None
    sentence = get_sentence_at(place)
    if any(sentence in block.text for block in after.blocks):
        return "found" if is_in_the_upper_third(sentence, after, now) else "lost"
    numbers = [number for number, text in texts if text is not None]
    if numbers[now.block] == place.block:
        return "in its rewritten block"
    return (
        "at its heading" if numbers[now.block] in list_headings_of(place.block, texts) else "astray"
    )


def list_headings_of(block: int, texts: list[Text]) -> set[int]:
    """Return the numbers of the headings that a place in a deleted `block` may go to.

    They are the last ones before the block in the old order and in the new one. If there is
    none before it, it is the first block of the text.
    """
    numbers = [number for number, _ in texts]
    remaining = [number for number, text in texts if text is not None]
    same = [number for number, text in texts if number >= 0 and text == BLOCKS[number].text]
    neighbour = max((number for number in same if number < block), default=numbers[0])
    result = {
        max(
            (number for number in remaining if number in HEADINGS and number <= block),
            default=remaining[0],
        )
    }
    for known in (block, neighbour):
        before = [number for number, text in texts[: numbers.index(known) + 1] if text is not None]
        headings = [number for number in before if number in HEADINGS]
        result |= set(headings[-2 if known in headings else -1 :] or remaining[:1])
    return result


@pytest.mark.slow
def test_in_many_edits_a_remaining_sentence_is_in_the_upper_third() -> None:
    outcomes: Counter[str] = Counter()

    @settings(max_examples=EDITED_TEXTS)
    @given(st.integers(0, len(BLOCKS) - 1), st.integers(0, 12), EDITS)
    def count_outcome(block: int, rows: int, edits: list[Edit]) -> None:
        outcomes[edit_and_locate(block, rows, edits)] += 1

    count_outcome()
    assert outcomes.total() == EDITED_TEXTS
    assert outcomes["found"] >= 0.95 * (outcomes["found"] + outcomes["lost"])
    assert outcomes["found"] > 0.4 * EDITED_TEXTS
    gone = outcomes["in its rewritten block"] + outcomes["at its heading"] + outcomes["astray"]
    assert gone > 0.1 * EDITED_TEXTS
    assert outcomes["astray"] <= 0.05 * gone
