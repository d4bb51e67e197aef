"""The lines of a block as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reader.layout.lines import BlockLayout


def as_text_lines(layout: BlockLayout) -> list[str]:
    """Return the lines of `layout` as plain text, without spaces at their ends."""
    return [layout.draw(index).text for index in range(len(layout))]
