"""Draw a viewport as strips, with decorations: highlights, matches, selection and labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from reader.text.cells import clean, fit, width
from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style

    from reader.layout.galley import Row
    from reader.layout.lines import Line, Run
    from reader.layout.viewport import Window
    from reader.text.links import Link
    from reader.text.places import Passage
    from reader.text.search import Finding
    from reader.ui.theme import Look

    Light = tuple[int, int, Role]
    """A stretch of a block's text (offsets), and the role it has more."""


LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm"
"""Label letters, the home row first."""
_END: Final = 1 << 40
"""An offset behind every block's end."""


class Spot(NamedTuple):
    """A link that is on the screen, at row `y` and column `x` of the page."""

    link: Link
    y: int
    x: int


class Lights:
    """What is lit up, and what was typed of a label."""

    def __init__(self) -> None:
        self.finding: Finding | None = None
        self.link: Link | None = None
        self.selection: Passage | None = None
        self.kept: Callable[[int], Sequence[tuple[int, int]]] | None = None
        """Returns what is kept of a block, as (start, end), apart and in order."""
        self.paragraph: int | None = None
        """The block that the paragraph cursor is at."""
        self.is_focused = False
        """Everything but that block is dimmed."""
        self._labels: dict[str, Spot] = {}
        self._typed = ""

    @property
    def labelled(self) -> bool:
        """Labels stand over the links."""
        return bool(self._labels)

    def label(self, spots: Sequence[Spot]) -> None:
        """Put a label over each link: one letter, or two where there are many."""
        length = 1 if len(spots) <= len(LETTERS) else 2
        names = ("".join(letters) for letters in product(LETTERS, repeat=length))
        self._labels, self._typed = dict(zip(names, spots, strict=False)), ""

    def typed(self, letter: str) -> Link | None:
        """Take a typed letter; return the link whose label is complete. Any other ends it."""
        self._typed += letter
        spot = self._labels.get(self._typed)
        if spot is not None or not any(name.startswith(self._typed) for name in self._labels):
            self._labels = {}
        return spot.link if spot is not None else None

    def stretches(self, block: int) -> list[Light]:
        """Return what is lit up in a block, as (start, end, role), apart and in order."""
        lit = [(start, end, Role.KEPT) for start, end in self.kept_in(block)]
        if self.finding is not None:
            for start, end, here in self.finding.stretches(block):
                lit = _over(lit, (start, end, Role.MATCH | Role.HERE if here else Role.MATCH))
        if self.link is not None and self.link.block == block:
            lit = _over(lit, (self.link.start, self.link.end, Role.HERE))
        if self.selection is not None:
            first, behind = self.selection
            if first.block <= block <= behind.block:
                start = first.offset if block == first.block else 0
                end = behind.offset if block == behind.block else _END
                lit = _over(lit, (start, end, Role.SELECTED))
        return lit

    def kept_in(self, block: int) -> Sequence[tuple[int, int]]:
        """Return what is kept of a block, as (start, end), apart and in order."""
        return self.kept(block) if self.kept is not None else ()

    def over(self, y: int) -> list[tuple[int, str]]:
        """Return the labels that stand over row `y`, as (column, label), from left to right."""
        return sorted((spot.x, name) for name, spot in self._labels.items() if spot.y == y)

    def dims(self, block: int | None) -> bool:
        """Tell whether the text of `block` is dimmed, so that another stands out."""
        return self.is_focused and self.paragraph is not None and block != self.paragraph


def _over(lit: Sequence[Light], light: Light) -> list[Light]:
    """Return what is lit with one more light, in place of what it lies over."""
    start, end, _ = light
    kept = [(a, min(b, start), role) for a, b, role in lit if a < start]
    kept.append(light)
    return kept + [(max(a, end), b, role) for a, b, role in lit if b > end]


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


CURSOR: Final = "▏"
"""Stands left of the paragraph that the cursor is at."""
OPENING: Final = "❝"
"""Stands in the margin where something begins that the reader keeps."""
MOST: Final = 2_000
"""Strips in store: many screenfuls, and bounded however long the text."""


class Sheet:
    """The strips of a window's rows."""

    def __init__(self, window: Window) -> None:
        self.lights = Lights()
        self.drawn = 0
        """How many strips were made: a figure for tests."""
        self._window = window
        self._strips: dict[Row, Strip] = {}

    def clear(self) -> None:
        """Draw every row anew."""
        self._strips.clear()

    def strip(self, y: int, look: Look, left: int, cells: int) -> Strip:
        """Return row `y` of the window, its column `left` cells from the edge, `cells` wide."""
        rows = self._window.rows
        if y >= len(rows):
            return Strip.blank(cells, look.ink)
        row, line = rows[y]
        strip = self._strips.get(row)
        if strip is None:
            if len(self._strips) >= MOST:
                self._strips.clear()
            block = self._window.number_of(row)
            strip = self._strips[row] = self._drawn(line, block, look, left, cells)
            self.drawn += 1
        return labelled(strip, self.lights.over(y), look)

    def _drawn(self, line: Line, block: int | None, look: Look, left: int, cells: int) -> Strip:
        lit = self.lights.stretches(block) if block is not None else ()
        strip = strip_of(dimmed(line) if self.lights.dims(block) else line, look, left, cells, lit)
        if left and block is not None and block == self.lights.paragraph and line.runs:
            strip = labelled(strip, [(left - 1, CURSOR)], look, Role.ACCENT)
        if left and block is not None and self._opens(line, block):
            strip = labelled(strip, [(max(0, left - 2), OPENING)], look, Role.ACCENT)
        return strip

    def _opens(self, line: Line, block: int) -> bool:
        """Tell whether something that is kept begins in `line`; in each block it begins anew."""
        kept = self.lights.kept_in(block)
        runs = [run for run in line.runs if run.start >= 0 and run.text] if kept else []
        if not runs:
            return False
        first, behind = runs[0].start, runs[-1].start + len(runs[-1].text)
        return any(first <= start < behind for start, _ in kept)
