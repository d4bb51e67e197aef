"""A footnote opened where it is called: its lines, to stand under the line of its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .document import Role
from .inline import SUPERSCRIPTS
from .lines import Line, Run
from .typeset import typeset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .document import Block

MARGIN = "┆ "
"""Stands left of an open note."""


def note_lines(notes: Sequence[Block], number: str, measure: int) -> list[Line]:
    """Return the lines of the footnote with that number, in `measure` cells; none if unknown."""
    label = number.translate(SUPERSCRIPTS)
    lines: list[Line] = []
    is_open = False
    for block in notes:
        level = block.nesting[0] if block.nesting else None
        if level is not None and level.opens:
            is_open = level.label == label
        if is_open:
            setting = typeset(block, max(1, measure - len(MARGIN)))
            lines += [_margined(setting.draw(index)) for index in range(len(setting))]
    return lines


def _margined(line: Line) -> Line:
    runs = (Run(MARGIN, Role.MARKER), *(Run(run.text, run.roles | Role.DIM) for run in line.runs))
    return Line(runs, line.start, line.end)
