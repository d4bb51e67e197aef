"""Lines made flush on both sides by wider spaces.

Pure functions on runs. What is added are runs that are none of the text's own, so that every
character keeps its offset. Decides neither where a line ends nor which lines are stretched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .cells import width
from .lines import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST: Final = 3
"""Cells of a gap between words, on average. A line that needs more stays ragged."""
_GAP: Final = re.compile("(?<=[^ ]) +(?=[^ ])")


def spread(runs: Sequence[Run], cells: int, number: int) -> tuple[Run, ...]:
    """Return the runs of line `number` with wider gaps, `cells` cells in all.

    As they are, if they are wide enough or it would need gaps of more than `MOST` cells.
    The wider gaps stand evenly among the others, from the left in one line and from the
    right in the next, so that they don't meet in rivers.
    """
    text = "".join(run.text for run in runs)
    gaps = [match.end() for match in _GAP.finditer(text)]
    blanks = sum(match.end() - match.start() for match in _GAP.finditer(text))
    room = cells - width(text)
    if room <= 0 or blanks + room > MOST * len(gaps):
        return tuple(runs)
    added = _shares(room, len(gaps))
    return _widened(runs, dict(zip(gaps, reversed(added) if number % 2 else added, strict=True)))


def _shares(room: int, gaps: int) -> list[int]:
    """Return how many cells each gap gets, the odd ones as far apart as they can be."""
    least, more = divmod(room, gaps)
    return [least + ((at + 1) * more // gaps > at * more // gaps) for at in range(gaps)]


def _widened(runs: Sequence[Run], added: dict[int, int]) -> tuple[Run, ...]:
    """Return `runs` with so many cells before the characters at those places of the line."""
    found: list[Run] = []
    begins = 0
    for run in runs:
        at = 0
        for cut in [cut - begins for cut in added if begins < cut <= begins + len(run.text)]:
            found += [
                Run(run.text[at:cut], run.roles, run.start + at, run.target),
                Run(" " * added[begins + cut], run.roles, -1, run.target),
            ]
            at = cut
        if at < len(run.text):
            found.append(Run(run.text[at:], run.roles, run.start + at, run.target))
        begins += len(run.text)
    return tuple(run for run in found if run.text)
