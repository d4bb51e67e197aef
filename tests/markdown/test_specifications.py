"""P4 over every section of CommonMark 0.31 and of GitHub's extension: what is on the page.

The files in data/promise hold a title that begins with the section's name, a source, and all
the text that is on the page, in order and once, in one line; then the lines that say what was
left out or stand for a picture, each behind `told:`.

What counts as shown: a link's address and title, and the definition a link uses, by the link;
a language behind a fence and the numerals of a list by how the block is set. A definition
that nothing uses is told in a line at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from case_files import cases

from reader.layout.galley import Galley
from reader.markdown.parser import parse
from reader.text.document import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.document import Block

MEASURE = 120


def shown(source: str) -> str:
    """Return the drawn text of `source` in one line, and below it each line that tells."""
    document = parse(source)
    told = [block for block in document.blocks if block.kind is Kind.PLACEHOLDER]
    text = [b for b in (*document.blocks, *document.footnotes) if b.kind is not Kind.PLACEHOLDER]
    lines = [drawn([block]) for block in told]
    return "\n".join([drawn(text), *(f"told: {line}" for line in lines)])


def drawn(blocks: Sequence[Block]) -> str:
    """Return the letters of `blocks` that reach the page, without bullets, bars and rules."""
    document = parse("")
    document.extend(blocks)
    document.finish(())
    galley = Galley(document, MEASURE)
    galley.set_tail(())
    lines = (line for _, line in galley.draw_rows(galley.first_row, 1_000))
    texts = ("".join(run.text if run.start >= 0 else " " for run in line.runs) for line in lines)
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize(("title", "source", "expected"), cases("promise"))
def test_every_word_is_on_the_page_or_told(title: str, source: str, expected: str) -> None:
    assert shown(source) == expected, title


SECTIONS = (
    "Tabs", "Backslash escapes", "Entities", "Thematic breaks", "ATX headings", "Setext headings",
    "Indented code", "Fenced code", *(f"HTML blocks {kind}" for kind in range(1, 8)),
    "Link reference definitions", "Paragraphs", "Blank lines", "Block quotes", "List items", "Lists",
    "Code spans", "Emphasis", "Links", "Images", "Autolinks", "Raw HTML", "Hard line breaks",
    "Soft line breaks", "Textual content", "Tables", "Task lists", "Strikethrough",
    "Extended autolinks", "Disallowed raw HTML",
)  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_the_specifications_has_cases(section: str) -> None:
    assert any(str(case.values[0]).startswith(section) for case in cases("promise"))
