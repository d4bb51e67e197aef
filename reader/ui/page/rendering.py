"""Draw a viewport as strips, with decorations: highlights, matches, selection and labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual.strip import Strip

from reader.text.cells import cell_width, sanitize, truncate
from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style

    from reader.layout.galley import Row
    from reader.layout.lines import Line, Run
    from reader.layout.viewport import Viewport
    from reader.layout.viewport_rows import VisibleLink
    from reader.text.links import Link
    from reader.text.places import Passage
    from reader.text.search import SearchResults
    from reader.ui.theme import Styles

    StyledRange = tuple[int, int, Role]
    """A stretch of a block's text (offsets), and the role it has more."""


LABEL_LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm"
"""Label letters, the home row first."""
_MAX_OFFSET: Final = 1 << 40
"""An offset behind every block's end."""


class Decorations:
    """What is lit up, and what was typed of a label."""

    def __init__(self) -> None:
        self.search_results: SearchResults | None = None
        self.link: Link | None = None
        self.selection: Passage | None = None
        self.highlight_source: Callable[[int], Sequence[tuple[int, int]]] | None = None
        """Returns what is kept of a block, as (start, end), apart and in order."""
        self.paragraph: int | None = None
        """The block that the paragraph cursor is at."""
        self.is_focus_mode = False
        """Everything but that block is dimmed."""
        self._labels: dict[str, VisibleLink] = {}
        self._typed_letters = ""

    @property
    def has_labels(self) -> bool:
        """Labels stand over the links."""
        return bool(self._labels)

    def set_labels(self, links: Sequence[VisibleLink]) -> None:
        """Put a label over each link: one letter, or two where there are many."""
        length = 1 if len(links) <= len(LABEL_LETTERS) else 2
        names = ("".join(letters) for letters in product(LABEL_LETTERS, repeat=length))
        self._labels, self._typed_letters = dict(zip(names, links, strict=False)), ""

    def type_letter(self, letter: str) -> Link | None:
        """Take a typed letter; return the link whose label is complete. Any other ends it."""
        self._typed_letters += letter
        spot = self._labels.get(self._typed_letters)
        if spot is not None or not any(
            name.startswith(self._typed_letters) for name in self._labels
        ):
            self._labels = {}
        return spot.link if spot is not None else None

    def list_ranges(self, block: int) -> list[StyledRange]:
        """Return what is lit up in a block, as (start, end, role), apart and in order."""
        lit = [(start, end, Role.HIGHLIGHT) for start, end in self.list_highlights(block)]
        if self.search_results is not None:
            for start, end, here in self.search_results.list_ranges(block):
                lit = _overlay_range(
                    lit, (start, end, Role.MATCH | Role.CURRENT if here else Role.MATCH)
                )
        if self.link is not None and self.link.block == block:
            lit = _overlay_range(lit, (self.link.start, self.link.end, Role.CURRENT))
        if self.selection is not None:
            first, behind = self.selection
            if first.block <= block <= behind.block:
                start = first.offset if block == first.block else 0
                end = behind.offset if block == behind.block else _MAX_OFFSET
                lit = _overlay_range(lit, (start, end, Role.SELECTED))
        return lit

    def list_highlights(self, block: int) -> Sequence[tuple[int, int]]:
        """Return what is kept of a block, as (start, end), apart and in order."""
        return self.highlight_source(block) if self.highlight_source is not None else ()

    def list_labels(self, y: int) -> list[tuple[int, str]]:
        """Return the labels that stand over row `y`, as (column, label), from left to right."""
        return sorted((spot.x, name) for name, spot in self._labels.items() if spot.y == y)

    def is_dimmed(self, block: int | None) -> bool:
        """Tell whether the text of `block` is dimmed, so that another stands out."""
        return self.is_focus_mode and self.paragraph is not None and block != self.paragraph


def _overlay_range(ranges: Sequence[StyledRange], added: StyledRange) -> list[StyledRange]:
    """Return what is lit with one more light, in place of what it lies over."""
    start, end, _ = added
    kept = [(a, min(b, start), role) for a, b, role in ranges if a < start]
    kept.append(added)
    return kept + [(max(a, end), b, role) for a, b, role in ranges if b > end]


StyledRanges = Sequence[tuple[int, int, Role]]
"""Stretches of a block's text (offsets) that have one role more, apart and in order."""


def draw_line(
    line: Line, styles: Styles, left: int, cells: int, ranges: StyledRanges = ()
) -> Strip:
    """Return `line`, `left` cells from the edge, in a strip `cells` wide."""
    runs = list(_style_runs(line.runs, ranges)) if ranges else line.runs
    segments = [Segment(" " * left, styles.base)]
    segments += [Segment(sanitize(run.text), styles.get_style(run.roles)) for run in runs]
    return Strip(segments).adjust_cell_length(cells, styles.base)


LABEL_ROLES: Final = Role.MATCH | Role.CURRENT
"""The look of a label over a link."""


def dim_line(line: Line) -> Line:
    """Return `line` in the look of what stands beside the text."""
    runs = tuple(run._replace(roles=run.roles | Role.DIM) for run in line.runs)
    return line._replace(runs=runs)


def overlay_labels(
    strip: Strip, labels: Sequence[tuple[int, str]], styles: Styles, roles: Role = LABEL_ROLES
) -> Strip:
    """Return `strip` with `labels` over it, each at its column."""
    for column, label in labels:
        end = column + len(label)
        piece = Strip([Segment(label, styles.get_style(roles))])
        strip = Strip.join([strip.crop(0, column), piece, strip.crop(end)])
    return strip


def _style_runs(runs: Sequence[Run], ranges: StyledRanges) -> Iterator[Run]:
    """Yield `runs` in pieces; a space that was added inside a stretch is lit with it."""
    for number, run in enumerate(runs):
        if run.start >= 0 or not 0 < number < len(runs) - 1:
            yield from _style_run(run, ranges)
            continue
        before, after = runs[number - 1], runs[number + 1]
        goes_on = before.start >= 0 and before.start + len(before.text) == after.start
        roles = [role for a, b, role in ranges if goes_on and a < after.start < b]
        yield run._replace(roles=run.roles | roles[0]) if roles else run


def _style_run(run: Run, ranges: StyledRanges) -> Iterator[Run]:
    """Yield `run` in pieces, those that stand in a stretch with its role."""
    at, end = run.start, run.start + len(run.text)
    for begins, ends, role in ranges:
        start, stop = max(at, begins), min(end, ends)
        if run.start < 0 or start >= stop:
            continue
        if start > at:
            yield _slice_run(run, at, start)
        yield _slice_run(run, start, stop)._replace(roles=run.roles | role)
        at = stop
    if at < end or run.start < 0:
        yield _slice_run(run, at, end)


def _slice_run(run: Run, start: int, end: int) -> Run:
    return run._replace(text=run.text[start - run.start : end - run.start], start=start)


def draw_two_sided(
    left: str, right: str, style: Style, cells: int, margins: tuple[int, int] = (0, 0)
) -> Strip:
    """Return a strip `cells` wide with text at both ends of what the margins leave."""
    room = max(0, cells - sum(margins))
    right = truncate(sanitize(right).replace("\n", " "), room)
    left = truncate(sanitize(left).replace("\n", " "), max(0, room - cell_width(right) - 2))
    space = " " * (room - cell_width(left) - cell_width(right))
    segments = [Segment(text, style) for text in (" " * margins[0], left, space, right)]
    return Strip(segments).adjust_cell_length(cells, style)


PARAGRAPH_CURSOR: Final = "▏"
"""Stands left of the paragraph that the cursor is at."""
HIGHLIGHT_SYMBOL: Final = "❝"
"""Stands in the margin where something begins that the reader keeps."""
MAX_STRIPS: Final = 2_000
"""Strips in store: many screenfuls, and bounded however long the text."""


class RowRenderer:
    """The strips of a window's rows."""

    def __init__(self, viewport: Viewport) -> None:
        self.decorations = Decorations()
        self.drawn_count = 0
        """How many strips were made: a figure for tests."""
        self._viewport = viewport
        self._strips: dict[Row, Strip] = {}

    def clear(self) -> None:
        """Draw every row anew."""
        self._strips.clear()

    def draw_row(self, y: int, styles: Styles, left: int, cells: int) -> Strip:
        """Return row `y` of the window, its column `left` cells from the edge, `cells` wide."""
        visible = self._viewport.visible
        if y >= len(visible.rows):
            return Strip.blank(cells, styles.base)
        row, line = visible.rows[y]
        strip = self._strips.get(row)
        if strip is None:
            if len(self._strips) >= MAX_STRIPS:
                self._strips.clear()
            block = visible.galley.get_block_number(row)
            strip = self._strips[row] = self._draw_strip(line, block, styles, left, cells)
            self.drawn_count += 1
        return overlay_labels(strip, self.decorations.list_labels(y), styles)

    def _draw_strip(
        self, line: Line, block: int | None, styles: Styles, left: int, cells: int
    ) -> Strip:
        lit = self.decorations.list_ranges(block) if block is not None else ()
        strip = draw_line(
            dim_line(line) if self.decorations.is_dimmed(block) else line, styles, left, cells, lit
        )
        if left and block is not None and block == self.decorations.paragraph and line.runs:
            strip = overlay_labels(strip, [(left - 1, PARAGRAPH_CURSOR)], styles, Role.ACCENT)
        if left and block is not None and self._has_highlight_start(line, block):
            strip = overlay_labels(
                strip, [(max(0, left - 2), HIGHLIGHT_SYMBOL)], styles, Role.ACCENT
            )
        return strip

    def _has_highlight_start(self, line: Line, block: int) -> bool:
        """Tell whether something that is kept begins in `line`; in each block it begins anew."""
        kept = self.decorations.list_highlights(block)
        runs = [run for run in line.runs if run.start >= 0 and run.text] if kept else []
        if not runs:
            return False
        first, behind = runs[0].start, runs[-1].start + len(runs[-1].text)
        return any(first <= start < behind for start, _ in kept)
