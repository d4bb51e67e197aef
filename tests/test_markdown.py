"""Markdown: what a source becomes, block by block and span by span.

The files in data/markdown hold a title, a source, and a listing of its blocks: what each
stands in, its kind and text, and below it its spans. `↵` is a line break, `⇥` a tab between
cells, `close` a block with no blank row above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cases import cases

from reader.document import Kind, Place
from reader.galley import Galley
from reader.markdown import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.document import Block, Level, Role


def listing(blocks: Sequence[Block], prefix: str = "") -> Iterator[str]:
    for block in blocks:
        kind = f"{prefix}{block.kind.name.lower().replace('_', '-')}"
        parts = [kind, str(block.level) if block.level else "", block.info]
        told = " ".join(part for part in parts if part) + (", close" if block.tight else "")
        nesting = "".join(f"{_level(level)} > " for level in block.nesting)
        yield f"{nesting}{told}: {_shown(block.text)}".rstrip()
        for span in block.spans:
            target = f" -> {span.target}" if span.target else ""
            yield f"    {_roles(span.role)}: {_shown(block.text[span.start : span.end])}{target}"


def _level(level: Level) -> str:
    return level.nest.name.lower() + (f"({level.label})" if level.opens and level.label else "")


def _roles(role: Role) -> str:
    return "+".join(sorted(str(single.name).lower() for single in role))


def _shown(text: str) -> str:
    return text.replace("\n", "↵").replace("\t", "⇥")


@pytest.mark.parametrize(("title", "source", "expected"), cases("markdown"))
def test_a_source_becomes_these_blocks(title: str, source: str, expected: str) -> None:
    document = parse(source)
    found = [*listing(document.blocks), *listing(document.notes, "note ")]
    assert "\n".join(found) == expected, title
