"""A place survives five hundred edits of a real story: its sentence is where it was seen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.document import Block, Document, Kind, Place

from reader.evidence import Mark
from reader.markdown import parse
from reader.state import Memory
from reader.story import Source, read
from reader.visit import Visit
from reader.window import Window
from reader.words import count_words

if TYPE_CHECKING:
    from collections.abc import Callable

STORY = Path(__file__).parent.parent / "stories" / "errata.md"
MEASURE, HEIGHT = 66, 23
"""What there is for the page on a screen of 80 by 24."""
SENTENCE = re.compile(r"\S.*?(?:[.?!]['’”)]*(?=\s|$)|$)", re.DOTALL)
OTHER = "quite another thing was said here by somebody else who had not read a word of it".split()


class Edit(NamedTuple):
    """One edit of a list of texts: what, at which block, and a number that it may use."""

    way: str
    at: int
    number: int


EDITS = st.lists(
    st.builds(
        Edit,
        st.sampled_from(["insert", "delete", "move", "rewrite", "change", "change", "change"]),
        st.just(0) | st.just(0) | st.integers(-3, 3) | st.integers(-200, 200),
        st.integers(0, 200),
    ),
    min_size=1,
    max_size=12,
)
"""Half of them close to the place, where they hurt."""


def edited(texts: list[str], near: int, edits: list[Edit]) -> list[str]:
    texts = list(texts)
    for way, by, number in edits:
        at = (near + by) % len(texts)
        if way == "insert":
            texts[at:at] = [f"Paragraph {number} is new: {' '.join(OTHER[: number % 16])}."]
        elif way == "move":
            texts.insert(number % len(texts), texts.pop(at))
        elif way == "delete" and len(texts) > 1:
            del texts[at]
        elif way == "rewrite":
            texts[at] = f"Now {' '.join(OTHER[number % 9 :])}, and {number} times."
        elif way == "change":
            texts[at] = changed(texts[at], number)
    return texts


def changed(text: str, number: int) -> str:
    """Return `text` with some words in a row taken for others."""
    words = text.split(" ")
    at = number % len(words)
    return " ".join([*words[:at], *OTHER[: number % 7], *words[at + number % 5 :]])


def document_of(blocks: list[Block], texts: list[str]) -> Document:
    """Return a document of `texts`; what reads like one of `blocks` is of its kind."""
    known = {block.text: block for block in blocks}
    made = Document()
    made.extend(
        [known.get(text) or Block(Kind.PARAGRAPH, text, words=count_words(text)) for text in texts]
    )
    made.finish([])
    return made


SOURCE = read(STORY)
BLOCKS = parse(SOURCE.body).blocks
TEXTS = [block.text for block in BLOCKS]
BEFORE = document_of(BLOCKS, TEXTS)


def window_on(document: Document, place: Place) -> Window:
    window = Window(MEASURE)
    window.fit(MEASURE, HEIGHT)
    window.show(document, (), (), place)
    return window


def seen(window: Window, text: str) -> list[int]:
    """Return the rows in which letters of the sentence `text` stand."""
    rows = []
    for y, (row, _) in enumerate(window.rows):
        block = window.block_of(row)
        if block is None:
            continue
        whole = window.document.blocks[block].text
        at = whole.find(text)
        first, behind = window._galley.place_at(row).offset, window._galley.place_behind(row).offset
        while at >= 0:
            if at < behind and first < at + len(text):
                rows.append(y)
            at = whole.find(text, at + 1)
    return rows


def sentence_at(place: Place) -> str:
    for match in SENTENCE.finditer(TEXTS[place.block]):
        if match.end() > place.offset:
            return match[0]
    return TEXTS[place.block]


PLACES = st.builds(
    lambda block, rows: (window_on(BEFORE, Place(block)), rows),
    st.integers(0, len(TEXTS) - 1),
    st.integers(0, 12),
)


def test_survives():
    outcomes = []
    import collections

    @settings(max_examples=500, database=None)
    @given(st.integers(0, len(TEXTS) - 1), st.integers(0, 12), EDITS)
    def survive(block, rows, edits):
        window = window_on(BEFORE, Place(block))
        window.scroll(rows)
        place = window.place
        if BEFORE.blocks[place.block].kind is Kind.CODE:
            return
        anchor = BEFORE.anchor(place)
        sentence = sentence_at(place)
        after = document_of(BLOCKS, edited(TEXTS, place.block, edits))
        now = after.find(anchor)
        there = [i for i, b in enumerate(after.blocks) if sentence in b.text]
        rows = seen(window_on(after, now), sentence)
        if there:
            ok = bool(rows) and rows[0] < HEIGHT // 3
            outcomes.append(ok)
            if not ok and len(outcomes) > 50:
                print(place, repr(sentence), anchor.quote, now, there, edits)
        else:
            outcomes.append(None)

    survive()
    print(collections.Counter(outcomes))
