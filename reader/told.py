"""Blocks that say something about the text: what could not be set, what nothing uses.

Owns the words of these lines, and the block of a note whose text stands where it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .cells import clean
from .document import Block, Kind, Level, Nest
from .inline import Inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

TAB: Final = 4
"""Cells a tab in code takes."""
_DEEP: Final = "[nested too deeply to be set: shown as it is written]"
_MOST_TOLD: Final = 12
"""Names of unused definitions that are told; of more, how many."""


def source_blocks(source: str) -> tuple[Block, Block]:
    """Return `source` as it is written, under a line that says that it is."""
    text = clean(source).strip("\n").expandtabs(TAB)
    return Block(Kind.STAND_IN, _DEEP), Block(Kind.CODE, text, tight=True)


def unused_block(names: Sequence[str]) -> Block:
    """Return the line that tells which link definitions nothing in the text uses."""
    told = ", ".join(clean(name) for name in names[:_MOST_TOLD])
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    return Block(Kind.STAND_IN, f"[unused link definitions left out: {told}{more}]")


def inline_block(children: Sequence[Token], fallback: str, label: str, cells: int) -> Block:
    """Return a footnote written where it is called, or `fallback` where it has no text."""
    text, spans = Inline().feed(children) if children else (clean(fallback), ())
    level = Level(Nest.ITEM, label, cells, opens=True)
    return Block(Kind.PARAGRAPH, text, spans, (level,), tight=True)
