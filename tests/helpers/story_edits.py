"""Random edits of a bundled story, for tests of what survives them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from reader.library.story import read_source
from reader.markdown.parser import parse
from reader.reading.revision import fingerprint_blocks
from reader.text.document import Block, Document, Kind, count_words

STORY = Path(__file__).parent.parent.parent / "stories" / "errata.md"
SAID = "quite another thing was said here by somebody else who had not read a word of it"
OTHER = SAID.split()

BLOCKS = [block for block in parse(read_source(STORY).body).blocks if block.words]
HEADINGS = {number for number, block in enumerate(BLOCKS) if block.kind is Kind.HEADING}


class Edit(NamedTuple):
    """One edit: what, how far from the block with the place, and a number that it may use."""

    way: str
    by: int
    number: int


EDITS = st.lists(
    st.builds(
        Edit,
        st.sampled_from(["insert", "delete", "move", "rewrite", "change", "change", "change"]),
        st.just(0) | st.just(0) | st.integers(-3, 3) | st.integers(-200, 200),
        st.integers(0, 200),
    ),
    min_size=1,
    max_size=8,
)
"""Half of them at the block of the place, where they hurt."""

Text = tuple[int, str | None]
"""A block's number in the story, -1 if it is new, and its text; None where it was deleted."""


def edited(near: int, edits: list[Edit]) -> list[Text]:
    texts: list[Text] = [(number, block.text) for number, block in enumerate(BLOCKS)]
    for way, by, number in edits:
        at = (near + by) % len(texts)
        name, text = texts[at]
        if way == "insert":
            texts[at:at] = [(-1, f"Paragraph {number} is new: {' '.join(OTHER[: number % 16])}.")]
        elif way == "move":
            texts.insert(number % len(texts), texts.pop(at))
        elif way == "delete":
            texts[at] = (name, None)
        elif way == "rewrite":
            texts[at] = (name, f"Now {' '.join(OTHER[number % 9 :])}, and {number} times.")
        elif text is not None:
            texts[at] = (name, changed(text, number))
    return texts


def changed(text: str, number: int) -> str:
    """Return `text` with some words in a row taken for others."""
    words = text.split(" ")
    at = number % len(words)
    return " ".join([*words[:at], *OTHER[: number % 7], *words[at + number % 5 :]])


def document_of(texts: list[Text]) -> Document:
    made = Document()
    made.extend(
        [
            Block(
                Kind.HEADING if name in HEADINGS else Kind.PARAGRAPH, text, words=count_words(text)
            )
            for name, text in texts
            if text is not None
        ]
    )
    made.finish([])
    return made


BEFORE = document_of([(number, block.text) for number, block in enumerate(BLOCKS)])


PIECES = fingerprint_blocks(BEFORE.blocks)
