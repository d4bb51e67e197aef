"""Make a draft of a word processor's document."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reader.ingest import Draft, RemovedText
from reader.ingest.documents import DECK, HEADING
from reader.ingest.documents.html import write_blocks
from reader.ingest.documents.open_document import read_open_document
from reader.ingest.documents.word import read_word
from reader.ingest.fragment import make_fragment_draft
from reader.ingest.known_stories import fold_title
from reader.ingest.page.html_tree import parse_html
from reader.ingest.save import PICTURE_FOLDER

if TYPE_CHECKING:
    from reader.ingest import Facts
    from reader.ingest.documents import Block
    from reader.ingest.zip_file import Archive


_BASE: Final = "https://document.invalid/"
"""Stands for the folder of the story in links to its pictures."""
_MAX_TITLE: Final = 300


def read_document(kind: str, archive: Archive) -> Draft:
    """Return the story of a document, which is `docx` or `odt`. Raises `UnreadableFile`."""
    document = read_word(archive) if kind == "docx" else read_open_document(archive)
    facts, blocks = _take_title(document.facts, document.blocks)
    notes = "".join(
        f'<li id="note-{key}">{html}</li>' for key, html in document.notes if html.strip()
    )
    source = write_blocks(blocks)
    if notes:
        source += f'<section class="footnotes"><ol>{notes}</ol></section>'
    draft = make_fragment_draft(source, replace(facts, url=_BASE))
    local = f"]({PICTURE_FOLDER}/"
    return replace(
        draft,
        facts=facts,
        blocks=tuple(block.replace(f"]({_BASE}{PICTURE_FOLDER}/", local) for block in draft.blocks),
        removed=(*(RemovedText(line, 0) for line in document.removed), *draft.removed),
        pictures=tuple(document.pictures.values()),
    )


def _take_title(facts: Facts, blocks: list[Block]) -> tuple[Facts, list[Block]]:
    """Return the facts with the title and deck that stand first, and the blocks without these.

    They are paragraphs of these styles; a heading of the first level that stands first and is
    the only one is the title too. What the file's properties call it comes last: they are often
    of the file from which it was made.
    """
    level = 0
    if blocks and blocks[0].kind == HEADING:
        alike = sum(each.kind == HEADING and each.level == blocks[0].level for each in blocks)
        level = blocks[0].level
        if level == 0 or (level == 1 and alike == 1):
            facts = replace(facts, title=_read_plain(blocks[0])[:_MAX_TITLE])
            blocks = blocks[1:]
    if blocks and blocks[0].kind == DECK:
        facts, blocks = replace(facts, deck=_read_plain(blocks[0])), blocks[1:]
    while blocks and fold_title(_read_plain(blocks[0])) in {
        fold_title(facts.author),
        f"by {fold_title(facts.author)}",
    } - {"", "by "}:
        blocks = blocks[1:]
    return facts, [
        each._replace(level=1) if each.kind == HEADING and each.level == 0 else each
        for each in blocks
    ]


def _read_plain(block: Block) -> str:
    return parse_html(block.html).root.read_text()
