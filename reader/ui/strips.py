"""Lines into strips: the last step before Textual draws.

The second of two gates: whatever text reaches it is cleaned again, one character for one, so
that nothing a stranger wrote can be a control even if the first gate had a hole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual.strip import Strip

from ..cells import clean, fit, width
from ..document import Role

if TYPE_CHECKING:
    from rich.style import Style

    from ..lines import Line, Run
    from .look import Look


Lit = Sequence[tuple[int, int, Role]]
"""Stretches of a block's text (offsets) that have one role more, apart and in order."""


def strip_of(line: Line, look: Look, left: int, cells: int, lit: Lit = ()) -> Strip:
    """Return `line`, `left` cells from the edge, in a strip `cells` wide."""
    runs = list(_all_lit(line.runs, lit)) if lit else line.runs
    segments = [Segment(" " * left, look.ink)]
    segments += [Segment(clean(run.text), look.style(run.roles)) for run in runs]
    return Strip(segments).adjust_cell_length(cells, look.ink)


LABEL: Final = Role.MATCH | Role.HERE
"""The look of a label over a link."""


def dimmed(line: Line) -> Line:
    """Return `line` in the look of what stands beside the text."""
    runs = tuple(run._replace(roles=run.roles | Role.DIM) for run in line.runs)
    return line._replace(runs=runs)


def labelled(
    strip: Strip, labels: Sequence[tuple[int, str]], look: Look, roles: Role = LABEL
) -> Strip:
    """Return `strip` with `labels` over it, each at its column."""
    for column, label in labels:
        end = column + len(label)
        piece = Strip([Segment(label, look.style(roles))])
        strip = Strip.join([strip.crop(0, column), piece, strip.crop(end)])
    return strip


def _all_lit(runs: Sequence[Run], lit: Lit) -> Iterator[Run]:
    """Yield `runs` in pieces; a space that was added inside a stretch is lit with it."""
    for number, run in enumerate(runs):
        if run.start >= 0 or not 0 < number < len(runs) - 1:
            yield from _lit(run, lit)
            continue
        before, after = runs[number - 1], runs[number + 1]
        goes_on = before.start >= 0 and before.start + len(before.text) == after.start
        roles = [role for a, b, role in lit if goes_on and a < after.start < b]
        yield run._replace(roles=run.roles | roles[0]) if roles else run


def _lit(run: Run, lit: Lit) -> Iterator[Run]:
    """Yield `run` in pieces, those that stand in a stretch with its role."""
    at, end = run.start, run.start + len(run.text)
    for begins, ends, role in lit:
        start, stop = max(at, begins), min(end, ends)
        if run.start < 0 or start >= stop:
            continue
        if start > at:
            yield _piece(run, at, start)
        yield _piece(run, start, stop)._replace(roles=run.roles | role)
        at = stop
    if at < end or run.start < 0:
        yield _piece(run, at, end)


def _piece(run: Run, start: int, end: int) -> Run:
    return run._replace(text=run.text[start - run.start : end - run.start], start=start)


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
