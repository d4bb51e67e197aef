"""Random edits of a bundled story, for tests of what survives them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from reader.library.story import read_source
from reader.markdown.parser import parse
from reader.reading.revision import fingerprint_blocks
from reader.text.document import Block, Document, Kind
from reader.text.words import count_words

STORY = Path(__file__).parent.parent.parent / "stories" / "errata.md"
NEW_TEXT = "these are completely different words that stand here now and share almost nothing with the ones before"
NEW_WORDS = NEW_TEXT.split()

BLOCKS = [block for block in parse(read_source(STORY).body).blocks if block.words]
HEADINGS = {number for number, block in enumerate(BLOCKS) if block.kind is Kind.HEADING}


class Edit(NamedTuple):
    """One edit of a story."""

    kind: str
    distance: int
    """How far the edited block is from the one with the place."""
    number: int
    """A random number that decides about the words."""


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
"""Half of them edit the block of the place itself, where finding it again is hardest."""


class Text(NamedTuple):
    """A block of an edited story."""

    number: int
    """Its number in the story before, -1 if it is new."""
    text: str | None
    """None if it was deleted."""


def apply_edits(near: int, edits: list[Edit]) -> list[Text]:
    """Return the story after `edits`, whose distances count from block `near`."""
    texts = [Text(number, block.text) for number, block in enumerate(BLOCKS)]
    for kind, distance, number in edits:
        at = (near + distance) % len(texts)
        old_number, text = texts[at]
        if kind == "insert":
            texts[at:at] = [
                Text(-1, f"Paragraph {number} is new: {' '.join(NEW_WORDS[: number % 16])}.")
            ]
        elif kind == "move":
            texts.insert(number % len(texts), texts.pop(at))
        elif kind == "delete":
            texts[at] = Text(old_number, None)
        elif kind == "rewrite":
            texts[at] = Text(
                old_number, f"Now {' '.join(NEW_WORDS[number % 9 :])}, and {number} times."
            )
        elif text is not None:
            texts[at] = Text(old_number, replace_words(text, number))
    return texts


def replace_words(text: str, number: int) -> str:
    """Return `text` with a few words in a row replaced by others."""
    words = text.split(" ")
    at = number % len(words)
    return " ".join([*words[:at], *NEW_WORDS[: number % 7], *words[at + number % 5 :]])


def make_document(texts: list[Text]) -> Document:
    """Return the complete document of the blocks that were not deleted."""
    document = Document()
    document.extend(
        [
            Block(
                Kind.HEADING if old_number in HEADINGS else Kind.PARAGRAPH,
                text,
                words=count_words(text),
            )
            for old_number, text in texts
            if text is not None
        ]
    )
    document.finish([])
    return document


BEFORE = make_document([Text(number, block.text) for number, block in enumerate(BLOCKS)])
"""The story before any edit."""
FINGERPRINTS = fingerprint_blocks(BEFORE.blocks)
