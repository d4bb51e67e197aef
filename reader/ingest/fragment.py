"""Make Markdown of HTML that is a story and nothing else: of a feed, a book, an export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.ingest import Draft, RemovedText
from reader.ingest.page.footnotes import Footnotes
from reader.ingest.page.html_to_markdown import Converter
from reader.ingest.page.html_tree import measure_tree, parse_html
from reader.ingest.page.trim import choose_blocks, read_plain

if TYPE_CHECKING:
    from reader.ingest import Facts
    from reader.ingest.page.html_tree import Node


CONTROLS: Final = frozenset(
    {"script", "style", "template", "iframe", "object", "embed", "button", "select", "textarea", "audio", "video"}
)  # fmt: skip
"""Elements that have no text of the story."""


def drop_controls(root: Node) -> None:
    """Drop scripts, players and controls."""
    for node in root.walk():
        if node.tag in CONTROLS:
            node.dropped = True


def convert_fragment(source: str, base: str) -> list[str]:
    """Return the blocks of HTML whose links are relative to `base`."""
    root = parse_html(source).root
    drop_controls(root)
    measure_tree(root)
    footnotes = Footnotes([root])
    notes = footnotes.take_notes()
    converter = Converter(base, footnotes)
    blocks = converter.convert([root])
    return [*blocks, *converter.convert_notes(notes, len(blocks))]


def make_fragment_draft(source: str, facts: Facts) -> Draft:
    """Return the story of HTML, without lines that only repeat its facts, and boilerplate at its end."""
    blocks = convert_fragment(source, facts.url)
    chosen = choose_blocks(blocks, facts)
    kept = set(chosen)
    if not any(read_plain(blocks[number]) for number in chosen):
        return Draft(facts, tuple(blocks))
    places = {number: place for place, number in enumerate(chosen)}
    removed: list[RemovedText] = []
    place = 0
    for number, block in enumerate(blocks):
        if number in kept:
            place = places[number] + 1
        elif text := read_plain(block):
            removed.append(RemovedText(text, place))
    return Draft(facts, tuple(blocks[number] for number in chosen), tuple(removed))
