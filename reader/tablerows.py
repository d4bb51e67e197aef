"""From a table's cells to the text of its blocks, a number of rows at a time.

Owns what is measured once for the whole table, so that each part of it is fitted alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .cells import width
from .document import Columns, Span, moved

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS: Final = 64
"""Rows in one block, so that a table of 20,000 rows is not set for its first screen."""

Rich = tuple[str, tuple[Span, ...]]
"""A cell's text and its spans."""


def chunks(
    rows: list[list[Rich]], aligns: list[str]
) -> Iterator[tuple[str, tuple[Span, ...], Columns]]:
    """Yield the text, spans and columns of each part of a table; `rows[0]` is its header.

    There are as many columns as the longest row has cells, whatever the header says.
    """
    titles = tuple(text for text, _ in rows[0])
    if not any(titles):
        rows = rows[1:]  # a header of empty cells is only syntax
    count = max(map(len, rows), default=0)
    texts = [[row[i][0] for row in rows if i < len(row)] for i in range(count)]
    columns = Columns(
        (*aligns, *["left"] * (count - len(aligns))),
        natural=tuple(max(map(width, column), default=0) for column in texts),
        least=tuple(max(map(_longest_word, column), default=0) for column in texts),
        titles=titles,
    )
    for start in range(0, len(rows), ROWS):
        text, spans = _joined(rows[start : start + ROWS])
        yield text, spans, columns._replace(header=start == 0 and any(titles))


def _longest_word(text: str) -> int:
    return max(map(width, text.split()), default=0)


def _joined(rows: list[list[Rich]]) -> Rich:
    """Return the text of `rows`, tabs between cells and newlines between rows."""
    spans: list[Span] = []
    at = 0
    for row in rows:
        for text, inner in row:
            spans += moved(inner, at)
            at += len(text) + 1
    return "\n".join("\t".join(text for text, _ in row) for row in rows), tuple(spans)
