"""A line and what it is made of: the form in which everything is set.

Runs of plain text with roles, lines of runs, and the setting of one block, which draws a
line when it is asked for. Knows no kinds of blocks and no colours.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from .breaking import break_offsets
from .cells import offsets_to_cells, width
from .document import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .document import Span


class Run(NamedTuple):
    """Some text of a line, all in one look."""

    text: str
    roles: Role = Role.PLAIN
    start: int = -1
    """The offset of its first character in the block's text, or -1 for a bullet, bar or space."""
    target: str = ""


class Line(NamedTuple):
    """One row of a galley: what is drawn, and which of the block's text (offsets) that is."""

    runs: tuple[Run, ...]
    start: int
    end: int

    @property
    def text(self) -> str:
        """What is drawn, as plain text."""
        return "".join(run.text for run in self.runs).rstrip()


BLANK: Final = Line((), 0, 0)


class Setting:
    """One block at one measure."""

    __slots__ = ("draw", "starts", "where")

    def __init__(
        self,
        starts: Sequence[int],
        draw: Callable[[int], Line],
        where: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.starts = starts
        """The offset in the block's text at which each line begins, never falling."""
        self.draw = draw
        self.where = where
        """For what stands in columns: offsets, rising, each with the line that shows what follows."""

    def __len__(self) -> int:
        return len(self.starts)

    def line_of(self, offset: int) -> int:
        """Return the number of the line that shows the character at `offset`."""
        if self.where:
            return self.where[max(0, bisect_right(self.where, (offset, len(self))) - 1)][1]
        return max(0, bisect_right(self.starts, offset) - 1)


Flat = tuple[list[int], list[tuple[Role, str]]]
"""Stretches that don't overlap: where each begins, and its roles and target."""


def flatten(spans: Iterable[Span], length: int, base: Role) -> Flat:
    """Return the stretches of a text of `length` characters that look alike all through."""
    edges: dict[int, list[tuple[int, Span]]] = {0: []}
    for span in spans:
        if span.start < min(span.end, length):
            edges.setdefault(span.start, []).append((1, span))
            edges.setdefault(min(span.end, length), []).append((-1, span))
    open_spans: list[Span] = []
    starts, looks = [], []
    for at in sorted(edges):
        for turn, span in edges[at]:
            open_spans.append(span) if turn > 0 else open_spans.remove(span)
        roles, target = base, ""
        for span in open_spans:
            roles |= span.role
            target = span.target or target
        starts.append(at)
        looks.append((roles, target))
    return starts, looks


def runs_between(text: str, flat: Flat, start: int, end: int) -> tuple[Run, ...]:
    """Return the runs of `text[start:end]`."""
    starts, looks = flat
    index = max(0, bisect_right(starts, start) - 1)
    runs: list[Run] = []
    while start < end:
        stop = min(end, starts[index + 1]) if index + 1 < len(starts) else end
        roles, target = looks[index]
        runs.append(Run(text[start:stop], roles, start, target))
        start, index = stop, index + 1
    return tuple(runs)


def folds(text: str, cells: int) -> list[tuple[int, int]]:
    """Return the (start, end) of each line of a short text in `cells` cells."""
    starts = break_offsets(text, cells)
    ends = [*starts[1:], len(text)]
    return [(a, a + len(text[a:b].rstrip())) for a, b in zip(starts, ends, strict=True)]


def column_of(line: Line, offset: int) -> int | None:
    """Return the cell of `line` at which the character at `offset` stands, or None."""
    cells = 0
    for run in line.runs:
        if 0 <= run.start <= offset < run.start + len(run.text):
            return cells + width(run.text[: offset - run.start])
        cells += width(run.text)
    return None


def offsets_at(line: Line, x: int) -> tuple[int, int]:
    """Return the offsets before and behind the character at cell `x` of `line`.

    Beside the text, and between the cells of a table, the nearest: before what follows, and
    behind what stands to the left, so that the first may be greater than the second.
    """
    before, behind = line.end, line.start
    for run in line.runs:
        cells, length = offsets_to_cells(run.text), len(run.text)
        if run.start >= 0 and x < cells[-1]:
            before = min(before, run.start + max(0, bisect_right(cells, x) - 1))
        if run.start >= 0 and x >= 0:
            after = bisect_right(cells, x)  # a letter's marks stand at its end or past it
            inside = bisect_right(cells, cells[after]) - 1 if after <= length else length
            behind = run.start + inside
        x -= cells[-1]
    return before, behind
