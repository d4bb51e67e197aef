"""Lines put between a window's rows that are none of the text's.

A footnote that is open, under the line that calls it; and what says where the reader
stopped, over the line of the saved place. Their rows are of no galley: no place leads there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .cells import width
from .document import Role
from .galley import Row
from .lines import Line, Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STOP: Final = Row(-2)
_NOTE: Final = -1
"""The part of an open footnote's rows."""
RULE: Final = "──"


def stop_line(words: Sequence[str], measure: int) -> Line:
    """Return the line that says where the reader stopped, in `measure` cells.

    It says the first of `words` that there is room for between two rules, else it is one rule.
    """
    framed = (f"{RULE} {said} {RULE}" for said in words)
    text = next((text for text in framed if width(text) <= measure), RULE[0] * measure)
    return Line((Run(text, Role.DIM),), 0, 0)


def stopped(rows: list[tuple[Row, Line]], y: int, line: Line) -> list[tuple[Row, Line]]:
    """Return `rows` with `line` in place of the one at `y`."""
    return [*rows[:y], (_STOP, line), *rows[y + 1 :]]


def unfolded(
    rows: list[tuple[Row, Line]], under: Row, lines: list[Line]
) -> Iterator[tuple[Row, Line]]:
    """Yield `rows` with the `lines` of a footnote under one of them."""
    for row, line in rows:
        yield row, line
        if row == under:
            yield from ((Row(_NOTE, number), line) for number, line in enumerate(lines))
