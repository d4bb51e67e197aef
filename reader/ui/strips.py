"""Lines into strips: the last step before Textual draws.

The second of two gates: whatever text reaches it is cleaned again, one character for one, so
that nothing a stranger wrote can be a control even if the first gate had a hole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from ..cells import clean, fit, width

if TYPE_CHECKING:
    from rich.style import Style

    from ..lines import Line
    from .look import Look


def strip_of(line: Line, look: Look, left: int, cells: int) -> Strip:
    """Return `line`, `left` cells from the edge, in a strip `cells` wide."""
    segments = [Segment(" " * left, look.ink)]
    segments += [Segment(clean(run.text), look.style(run.roles)) for run in line.runs]
    return Strip(segments).adjust_cell_length(cells, look.ink)


def strip_between(
    left: str, right: str, style: Style, cells: int, margins: tuple[int, int] = (0, 0)
) -> Strip:
    """Return a strip `cells` wide with text at both ends of what the margins leave."""
    room = max(0, cells - sum(margins))
    right = fit(clean(right).replace("\n", " "), room)
    left = fit(clean(left).replace("\n", " "), max(0, room - width(right) - 2))
    space = " " * (room - width(left) - width(right))
    segments = [Segment(text, style) for text in (" " * margins[0], left, space, right)]
    return Strip(segments).adjust_cell_length(cells, style)
