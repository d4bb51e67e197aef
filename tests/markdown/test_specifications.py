"""No text is lost in any section of CommonMark 0.31 and of GitHub's dialect.

Each case in data/specifications is a title that begins with the section's name, a source, and
the text that is drawn, in order and on one line. Below it, after `notice:`, are the lines that
report omitted text or replace a picture.

Some parts of a source are not drawn as text: a link's URL, title and definition, which the link
represents; a fence's language; and the numbers of a list. An unused definition has a notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from case_files import load_cases

from reader.layout.galley import Galley
from reader.markdown.parser import parse
from reader.text.document import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.document import Block

MEASURE = 120


def draw(source: str) -> str:
    """Return the drawn text of `source` on one line, and each notice on a line below."""
    document = parse(source)
    blocks = (*document.blocks, *document.footnotes)
    text = [block for block in blocks if block.kind is not Kind.PLACEHOLDER]
    notices = [block for block in document.blocks if block.kind is Kind.PLACEHOLDER]
    return "\n".join([draw_blocks(text), *(f"notice: {draw_blocks([b])}" for b in notices)])


def draw_blocks(blocks: Sequence[Block]) -> str:
    """Return the text that is drawn for `blocks`, without bullets, bars and rules."""
    document = parse("")
    document.extend(blocks)
    document.finish(())
    galley = Galley(document, MEASURE)
    galley.set_tail(())
    lines = (line for _, line in galley.draw_rows(galley.first_row, 1_000))
    texts = ("".join(run.text if run.start >= 0 else " " for run in line.runs) for line in lines)
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize(("title", "source", "expected"), load_cases("specifications"))
def test_all_text_is_drawn_or_reported(title: str, source: str, expected: str) -> None:
    assert draw(source) == expected, title


SECTIONS = (
    "Tabs", "Backslash escapes", "Entities", "Thematic breaks", "ATX headings", "Setext headings",
    "Indented code", "Fenced code", *(f"HTML blocks {kind}" for kind in range(1, 8)),
    "Link reference definitions", "Paragraphs", "Blank lines", "Block quotes", "List items", "Lists",
    "Code spans", "Emphasis", "Links", "Images", "Autolinks", "Raw HTML", "Hard line breaks",
    "Soft line breaks", "Textual content", "Tables", "Task lists", "Strikethrough",
    "Extended autolinks", "Disallowed raw HTML",
)  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_has_cases(section: str) -> None:
    assert any(str(case.values[0]).startswith(section) for case in load_cases("specifications"))
