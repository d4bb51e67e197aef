"""How broken text is drawn: flush left, right or on both sides, indented, with hyphens.

Owns the look of a paragraph and the rows between its lines; where its lines begin was
decided before. Knows no kinds of blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import bidirectional

from .cells import width
from .document import Role
from .lines import Line, Run, Setting, flatten, runs_between

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from .composition import Composition
    from .division import Division
    from .document import Block

INDENT: Final = 2
"""Cells that a paragraph's first line is indented by."""
HYPHEN: Final = "-"


class Broken(NamedTuple):
    """Where the lines of a text begin, and how they stand in the measure."""

    starts: list[int]
    indents: Mapping[int, int] = {}
    """Cells that a line, by its number, leaves free at its beginning."""
    divided: Collection[int] = ()
    """Those starts that a hyphen stands before."""
    justified: bool = False


def drawn(block: Block, measure: int, broken: Broken, roles: Role) -> Setting:
    """Return a setting whose lines are the block's text from each start to the next.

    All of it looks like `roles`. What runs from right to left stands on the right.
    """
    text = block.text
    starts, indents, divided, justified = broken
    flat = flatten(block.spans, len(text), roles)
    ends = [*starts[1:], len(text)]
    from_right = is_rtl(text)

    def draw(index: int) -> Line:
        start, end = starts[index], ends[index]
        runs = runs_between(text, flat, start, start + len(text[start:end].rstrip()))
        indent = indents.get(index, 0)
        if end in divided and runs:
            runs = (*runs, runs[-1]._replace(text=HYPHEN, start=-1))
        if justified and index + 1 < len(starts):
            from .justify import spread

            runs = spread(runs, measure - indent, index)
        if from_right:
            indent = measure - indent - sum(width(run.text) for run in runs)
        if indent > 0:
            runs = (Run(" " * indent), *runs)
        return Line(runs, start, end)

    return Setting(starts, draw)


def is_rtl(text: str) -> bool:
    """Tell whether `text` runs from right to left: its first strong character does.

    Rule P2 of the Unicode bidirectional algorithm (UAX 9), without isolates: none of them
    gets past `cells.clean`. Nothing is reordered: that is the terminal's business.
    """
    if text.isascii():
        return False
    strong = (bidirectional(character) for character in text)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def division(
    block: Block, measure: int, composition: Composition, indent: int, *, balanced: bool
) -> Division:
    """Return where the lines of a paragraph begin in which words may be divided, but no code."""
    from .division import divided_offsets
    from .hyphens import division_points

    code = [span for span in block.spans if span.role & Role.CODE]

    def points(start: int, end: int) -> list[int]:
        if any(span.start < end and start < span.end for span in code):
            return []
        return division_points(block.text, start, end, composition.hyphens)

    return divided_offsets(block.text, measure - indent, measure, points, balanced=balanced)


def spaced(setting: Setting, rows: int, between: Callable[[], tuple[Run, ...]]) -> Setting:
    """Return `setting` with each line `rows` rows below the one before.

    A row between two lines belongs to the second one: it begins where that line does, and
    shows none of the text. `between` gives what stands in it, the bar of a quote.
    """
    starts = [start for start in setting.starts for _ in range(rows)][rows - 1 :]

    def draw(row: int) -> Line:
        if row % rows == 0:
            return setting.draw(row // rows)
        return Line(between(), starts[row], starts[row])

    return Setting(starts, draw)
