"""Draw the rows of a viewport.

Decorations are drawn over the text: highlights, matches, the selection, cursors and labels.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.pieces import Piece, blank_row, fit_pieces, overlay_pieces
from reader.layout.lines import POSITION_CELLS
from reader.layout.viewport_rows import draw_stop_line
from reader.text.cells import count_cells, sanitize
from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles
    from reader.layout.galley import Row as GalleyRow
    from reader.layout.lines import Line, Run
    from reader.layout.viewport import Viewport
    from reader.layout.viewport_rows import VisibleLink, VisibleRows
    from reader.session.open_story import OpenStory
    from reader.text.document import Place
    from reader.text.links import Link
    from reader.text.places import Passage
    from reader.text.search import SearchResults


LABEL_CHARACTERS: Final = "asdfghjklqwertyuiopzxcvbnm"
"""Characters of labels, the home row of the keyboard first."""
_MAX_OFFSET: Final = 1 << 40
"""An offset after the end of every block."""


class StyledRange(NamedTuple):
    """A range of a block's text (offsets), and the roles that it gets in addition."""

    start: int
    end: int
    roles: Role


class Decorations:
    """What is drawn over the text: highlights, matches, selection, cursors and labels."""

    def __init__(
        self, list_highlights: Callable[[int], Sequence[tuple[int, int]]] | None = None
    ) -> None:
        self._list_highlights = list_highlights
        """Returns the highlights in a block as (start, end), in order and without overlap."""
        self.search_results: SearchResults | None = None
        self.link: Link | None = None
        """The link at the link cursor."""
        self.selection: Passage | None = None
        self.paragraph: int | None = None
        """The block at the paragraph cursor."""
        self.is_focus_mode = False
        """Everything but that block is dimmed."""
        self._labels: dict[str, VisibleLink] = {}
        self._typed_label = ""

    @property
    def has_labels(self) -> bool:
        """Whether labels are shown."""
        return bool(self._labels)

    def keep(self, before: Decorations, block_count: int) -> None:
        """Show cursors and selection of a shorter text, if in `block_count` equal blocks."""
        self.is_focus_mode = before.is_focus_mode
        if before.link is not None and before.link.block < block_count:
            self.link = before.link
        if before.selection is not None and before.selection[1].block < block_count:
            self.selection = before.selection
        if before.paragraph is not None and before.paragraph < block_count:
            self.paragraph = before.paragraph

    def set_labels(self, links: Sequence[VisibleLink]) -> None:
        """Put a label over each link: one character, or two if there are many links."""
        length = 1 if len(links) <= len(LABEL_CHARACTERS) else 2
        labels = ("".join(label) for label in product(LABEL_CHARACTERS, repeat=length))
        self._labels, self._typed_label = dict(zip(labels, links, strict=False)), ""

    def type_label_character(self, character: str) -> Link | None:
        """Add a character to the typed label; return the link of a complete label.

        A character that continues no label removes all labels.
        """
        self._typed_label += character
        position = self._labels.get(self._typed_label)
        is_prefix = any(label.startswith(self._typed_label) for label in self._labels)
        if position is not None or not is_prefix:
            self._labels = {}
        return position.link if position is not None else None

    def list_ranges(self, block: int, line: Line) -> list[StyledRange]:
        """Return the styled ranges of a line of a block, in order and without overlap.

        Only what is in the line is looked at: a block may have 100,000 matches.
        """
        return [
            each for start, end in list_stretches(line) for each in self._cut_out(block, start, end)
        ]

    def _cut_out(self, block: int, start: int, end: int) -> list[StyledRange]:
        """Return the styled ranges of a block between two offsets."""
        highlights = self.list_highlights(block)
        first = bisect_right(highlights, start, key=_get_end)
        last = bisect_left(highlights, end, key=_get_start)
        ranges = [StyledRange(a, b, Role.HIGHLIGHT) for a, b in highlights[first:last]]
        if self.search_results is not None:
            for low, high, is_current in self.search_results.list_ranges(block, start, end):
                roles = Role.MATCH | Role.CURRENT if is_current else Role.MATCH
                ranges = _overlay_range(ranges, StyledRange(low, high, roles))
        if self.link is not None and self.link.block == block:
            link_range = StyledRange(self.link.start, self.link.end, Role.CURRENT)
            ranges = _overlay_range(ranges, link_range)
        if self.selection is not None:
            first_place, last_place = self.selection
            if first_place.block <= block <= last_place.block:
                low = first_place.offset if block == first_place.block else 0
                high = last_place.offset if block == last_place.block else _MAX_OFFSET
                ranges = _overlay_range(ranges, StyledRange(low, high, Role.SELECTED))
        clipped = (StyledRange(max(a, start), min(b, end), roles) for a, b, roles in ranges)
        return [each for each in clipped if each.start < each.end]

    def list_highlights(self, block: int) -> Sequence[tuple[int, int]]:
        """Return the highlights in a block as (start, end), in order and without overlap."""
        return self._list_highlights(block) if self._list_highlights is not None else ()

    def list_labels(self, y: int) -> list[tuple[int, str]]:
        """Return the labels in row `y` as (column, label), from left to right."""
        positions = self._labels.items()
        return sorted((position.x, label) for label, position in positions if position.y == y)

    def is_dimmed(self, block: int | None) -> bool:
        """Return whether focus mode dims the text of `block`."""
        return self.is_focus_mode and self.paragraph is not None and block != self.paragraph


def _get_start(offsets: tuple[int, int]) -> int:
    return offsets[0]


def _get_end(offsets: tuple[int, int]) -> int:
    return offsets[1]


def list_stretches(line: Line) -> list[tuple[int, int]]:
    """Return the offsets of a block's text that a line shows, joined where they meet, in order."""
    stretches: list[tuple[int, int]] = []
    runs = [(run.start, run.start + len(run.text)) for run in line.runs if run.start >= 0]
    for start, end in sorted(runs):
        if stretches and stretches[-1][1] == start:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    return stretches


def _overlay_range(ranges: Sequence[StyledRange], added: StyledRange) -> list[StyledRange]:
    """Return `ranges` with `added`, which replaces the parts that it covers."""
    before = [
        StyledRange(start, min(end, added.start), roles)
        for start, end, roles in ranges
        if start < added.start
    ]
    after = [
        StyledRange(max(start, added.end), end, roles)
        for start, end, roles in ranges
        if end > added.end
    ]
    return [*before, added, *after]


def draw_line(
    line: Line, styles: Styles, left: int, cells: int, ranges: Sequence[StyledRange] = ()
) -> Row:
    """Return `line` in a row `cells` wide, `left` cells from its edge."""
    runs = list(_style_runs(line.runs, ranges)) if ranges else line.runs
    pieces = [Piece(" " * left, styles.base)]
    pieces += [Piece(sanitize(run.text), styles.get_style(run.roles)) for run in runs]
    return fit_pieces(pieces, cells, styles.base)


def dim_line(line: Line) -> Line:
    """Return `line` with every run dimmed."""
    runs = tuple(run._replace(roles=run.roles | Role.DIM) for run in line.runs)
    return line._replace(runs=runs)


LABEL_ROLES: Final = Role.MATCH | Role.CURRENT
"""The roles of a label over a link."""


def overlay_labels(
    row: Row, labels: Sequence[tuple[int, str]], styles: Styles, roles: Role = LABEL_ROLES
) -> Row:
    """Return `row` with each of `labels`, given as (column, label), drawn over it."""
    if not labels:
        return row
    style = styles.get_style(roles)
    return overlay_pieces(row, ((column, Piece(label, style)) for column, label in labels))


def _style_runs(runs: Sequence[Run], ranges: Sequence[StyledRange]) -> Iterator[Run]:
    """Yield `runs` split at the ranges; justification spaces inside a range get its roles."""
    for number, run in enumerate(runs):
        if run.start >= 0 or not 0 < number < len(runs) - 1:
            yield from _style_run(run, ranges)
            continue
        before, after = runs[number - 1], runs[number + 1]
        is_joint = before.start >= 0 and before.start + len(before.text) == after.start
        added = (roles for start, end, roles in ranges if is_joint and start < after.start < end)
        yield run._replace(roles=run.roles | next(added, Role.PLAIN))


def _style_run(run: Run, ranges: Sequence[StyledRange]) -> Iterator[Run]:
    """Yield `run` split at the ranges, each piece in a range with its roles added."""
    position, run_end = run.start, run.start + len(run.text)
    for range_start, range_end, roles in ranges:
        start, end = max(position, range_start), min(run_end, range_end)
        if run.start < 0 or start >= end:
            continue
        if start > position:
            yield _slice_run(run, position, start)
        yield _slice_run(run, start, end)._replace(roles=run.roles | roles)
        position = end
    if position < run_end or run.start < 0:
        yield _slice_run(run, position, run_end)


def _slice_run(run: Run, start: int, end: int) -> Run:
    return run._replace(text=run.text[start - run.start : end - run.start], start=start)


PARAGRAPH_CURSOR: Final = "▏"
"""Drawn to the left of the paragraph at the cursor."""
HIGHLIGHT_SYMBOL: Final = "❝"
"""Drawn in the margin where a highlight begins."""
POSITION_MARK: Final = "┃"
"""Drawn in the last column, as far down the screen as the screen is in the story."""
IDLE_POSITION_MARK: Final = "│"
"""The same while another widget has the focus."""
MAX_ROWS: Final = 2_000
"""Rows in the cache: many screenfuls, and a limit for long texts."""


def find_mark_row(first: float, end: float, height: int) -> int | None:
    """Return the row, of `height` rows, that shows how far down the story the screen is.

    `first` and `end` are the fractions of the text before and up to the end of the screen. The
    first row is the beginning, the last one the end. None if the whole text is on the screen.
    """
    scrolled = 1.0 - (end - first)
    return int(first / scrolled * (height - 1)) if scrolled > 0 else None


def overlay_position_mark(row: Row, mark: str, styles: Styles) -> Row:
    """Return `row` with `mark` in its last cell, unless there is text in that or before it."""
    text = "".join(piece.text for piece in row)
    if not text.endswith(" " * POSITION_CELLS):
        return row
    return overlay_labels(row, [(count_cells(text) - 1, mark)], styles, Role.DIM)


class RowRenderer:
    """Draws the rows of a viewport, and caches them."""

    def __init__(self, viewport: Viewport, has_position_mark: bool = False) -> None:
        self.decorations = Decorations()
        self.drawn_count = 0
        """Rows drawn so far, for tests."""
        self._has_position_mark = has_position_mark
        self._compute_fraction: Callable[[Place], float] | None = None
        """Returns which fraction of the open story's text comes before a place."""
        self._marked_rows: VisibleRows | None = None
        """The rows for which `_mark_row` was computed."""
        self._mark_row: int | None = None
        self._viewport = viewport
        self._rows: dict[GalleyRow, Row] = {}

    def show_story(self, open_story: OpenStory) -> None:
        """Draw the highlights of another open story, and the position in it."""
        self.decorations = Decorations(open_story.list_block_highlights)
        self._compute_fraction = open_story.compute_fraction

    def clear(self) -> None:
        """Empty the cache, so that every row is drawn again."""
        self._rows.clear()

    def draw_row(
        self, y: int, styles: Styles, left: int, cells: int, *, is_focused: bool = True
    ) -> Row:
        """Return row `y` of the screen, `cells` wide, its column `left` cells from the edge."""
        row = self._get_row(y, styles, left, cells)
        row = overlay_labels(row, self.decorations.list_labels(y), styles)
        if y != self._find_mark_row():
            return row
        mark = POSITION_MARK if is_focused else IDLE_POSITION_MARK
        return overlay_position_mark(row, mark, styles)

    def draw_stop_row(
        self, y: int, messages: Sequence[str], styles: Styles, left: int, cells: int
    ) -> Row:
        """Return row `y` of the screen with the stop line in other wordings, the longest first."""
        line = draw_stop_line(messages, self._viewport.galley.measure)
        row = draw_line(line, styles, left, cells)
        is_marked = y == self._find_mark_row()
        return overlay_position_mark(row, POSITION_MARK, styles) if is_marked else row

    def _get_row(self, y: int, styles: Styles, left: int, cells: int) -> Row:
        """Return row `y` without labels and mark, from the cache if it is there."""
        visible = self._viewport.visible
        if y >= len(visible.rows):
            return blank_row(cells, styles.base)
        galley_row, line = visible.rows[y]
        row = self._rows.get(galley_row)
        if row is None:
            if len(self._rows) >= MAX_ROWS:
                self._rows.clear()
            block = visible.galley.get_block_number(galley_row)
            row = self._rows[galley_row] = self._draw_line(line, block, styles, left, cells)
            self.drawn_count += 1
        return row

    def _find_mark_row(self) -> int | None:
        """Return the row of the mark of the position, None without one."""
        visible, compute_fraction = self._viewport.visible, self._compute_fraction
        is_wanted = self._has_position_mark and self._viewport.document.blocks
        if compute_fraction is None or not is_wanted:
            return None
        if visible is not self._marked_rows:  # once a frame: the same for all rows
            first, end = map(compute_fraction, visible.passage)
            self._marked_rows = visible
            self._mark_row = find_mark_row(first, end, self._viewport.scroller.height)
        return self._mark_row

    def _draw_line(
        self, line: Line, block: int | None, styles: Styles, left: int, cells: int
    ) -> Row:
        if self.decorations.is_dimmed(block):
            line = dim_line(line)
        ranges = self.decorations.list_ranges(block, line) if block is not None else ()
        left -= line.overhang
        row = draw_line(line, styles, left, cells, ranges)
        if not left or block is None:
            return row
        labels = []
        if block == self.decorations.paragraph and line.runs:
            labels.append((left - 1, PARAGRAPH_CURSOR))
        if self._has_highlight_start(line, block):
            labels.append((max(0, left - 2), HIGHLIGHT_SYMBOL))
        return overlay_labels(row, labels, styles, Role.ACCENT)

    def _has_highlight_start(self, line: Line, block: int) -> bool:
        """Return whether a highlight, or its part in this block, begins in `line`."""
        highlights = self.decorations.list_highlights(block)
        return any(
            bisect_left(highlights, start, key=_get_start)
            < bisect_left(highlights, end, key=_get_start)
            for start, end in (list_stretches(line) if highlights else ())
        )
