"""What surrounds a block in lists and quotes: its bullets and numerals, its bars, its indent.

All of it is right of a block whose text runs from right to left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.layout.lines import BLANK_LINE, BlockLayout, Line, Run, is_rtl
from reader.text.cells import count_cells
from reader.text.document import Container, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.text.document import Block, NestingLevel

NARROW_MEASURE: Final = 24
"""Cells. A smaller measure has no room for indents, nor for nesting that takes half of it."""
_BARS: Final = {Container.BLOCK_QUOTE: "│ ", Container.CALLOUT: "┃ "}
_UNMIRRORED_KINDS: Final = (Kind.CODE, Kind.BREAK, Kind.END)


def draw_blank_line(block: Block, before: Block, measure: int) -> Line:
    """Return the blank line between two blocks, with the bars of the quotes that both are in."""
    shared = [
        level
        for level, other in zip(block.nesting, before.nesting, strict=False)
        if level.container is other.container and not level.is_first
    ]
    if not any(level.container in _BARS for level in shared):
        return BLANK_LINE
    prefix = NestingPrefix(shared, measure, is_mirrored=is_mirrored(block) and is_mirrored(before))
    return Line(prefix.make_blank_runs(measure - prefix.cells), 0, 0)


class NestingPrefix:
    """The bullets, numerals and bars of a block: the innermost that there is room for.

    They are right of a block that runs from right to left (`is_mirrored`).
    """

    def __init__(
        self, nesting: Sequence[NestingLevel], measure: int, *, is_mirrored: bool = False
    ) -> None:
        self._is_mirrored = is_mirrored
        max_cells = measure // 2 if measure >= NARROW_MEASURE else measure // 3
        self._levels: list[NestingLevel] = []
        self.cells = 0
        """The width of the prefix."""
        for level in reversed(nesting):
            if self.cells + _count_prefix_cells(level) > max_cells:
                break
            self.cells += _count_prefix_cells(level)
            self._levels.insert(0, level)

    def make_runs(self, *, first: bool) -> tuple[Run, ...]:
        """Return what is left of the block's first line, or of another one."""
        levels = [level for level in self._levels if not self._is_right(level)]
        return tuple(self._make_run(level, first=first) for level in levels)

    def make_right_runs(self, *, first: bool) -> tuple[Run, ...]:
        """Return what is right of the block's first line, or of another one."""
        runs = []
        for level in reversed(self._levels):
            if not self._is_right(level):
                continue
            if level.container in _BARS:
                runs.append(Run(f" {_BARS[level.container].strip()}", Role.MARKER))
            else:
                label = level.label if first and level.is_first else ""
                runs.append(Run(" " + label.ljust(_count_prefix_cells(level) - 1), Role.MARKER))
        return tuple(runs)

    def make_blank_runs(self, room: int) -> tuple[Run, ...]:
        """Return the bars of a blank line, `room` cells wide without them."""
        left, right = self.make_runs(first=False), self.make_right_runs(first=False)
        return (*left, Run(" " * room), *right) if right else left

    def _is_right(self, level: NestingLevel) -> bool:
        return self._is_mirrored and level.container is not Container.PULL_QUOTE

    def _make_run(self, level: NestingLevel, *, first: bool) -> Run:
        if level.container in _BARS:
            return Run(_BARS[level.container], Role.MARKER)
        label = level.label if first and level.is_first else ""
        return Run(label.rjust(_count_prefix_cells(level) - 1) + " ", Role.MARKER)


def _count_prefix_cells(level: NestingLevel) -> int:
    if level.container in _BARS:
        return 2
    if level.container is Container.PULL_QUOTE:
        return 4
    return max(level.label_cells, count_cells(level.label), 1) + 1


def is_mirrored(block: Block) -> bool:
    """Return whether what surrounds a block is on the right: its text runs from right to left."""
    return bool(block.nesting) and block.kind not in _UNMIRRORED_KINDS and is_rtl(block.text)


def count_nesting_cells(block: Block) -> int:
    """Return the cells that the bullets, numerals and bars of a block take."""
    return sum(map(_count_prefix_cells, block.nesting))


def add_prefix(prefix: NestingPrefix, inner: BlockLayout, room: int) -> BlockLayout:
    """Return the layout `inner`, which is `room` cells wide, with its prefix."""

    def draw(index: int) -> Line:
        line, is_first = inner.draw(index), index == 0
        runs = prefix.make_runs(first=is_first) + line.runs
        if right := prefix.make_right_runs(first=is_first):
            free = room - sum(count_cells(run.text) for run in line.runs)
            runs = (*runs, Run(" " * max(0, free)), *right)
        return Line(runs, line.start, line.end)

    return BlockLayout(inner.starts, draw, inner.offset_lines)
