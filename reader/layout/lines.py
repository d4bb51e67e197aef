"""Lines: the styles they are set in, the values they are made of, and how text becomes them.

First come the choices of the reader (paragraph style and measure), then the values (runs, lines,
the layout of a block), then the functions that turn text and line breaks into lines. Where lines
break is decided in `linebreak` and `hyphenation`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import bidirectional

from reader.layout.linebreak import break_greedily
from reader.text.cells import count_cells, list_cell_offsets
from reader.text.document import LANGUAGE, OffsetRange, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from reader.text.document import Block, Span


DEFAULT_MEASURE: Final = 66
"""Cells. The line length that Bringhurst calls ideal (The Elements of Typographic Style, 2.1.2)."""
NARROWEST: Final = 20
"""Cells. The smallest measure that can be chosen."""
WIDEST: Final = 120
"""Cells. The greatest measure that can be chosen."""
MEASURE_STEP_CELLS: Final = 2
"""Cells by which a key changes the measure."""
MARGIN_CELLS: Final = 4
"""Cells left free on each side of the text where there is room for the default measure."""
MIN_MARGIN_CELLS: Final = 1
"""Cells left free on each side where there is less room."""
POSITION_CELLS: Final = 2
"""Cells that the mark of the position needs on the right: its own, and a blank one before it."""
MIN_MARGIN_ROOM: Final = 17
"""Cells of a pane from which the text has margins."""
MAX_LINE_SPACING: Final = 2
"""Rows. The greatest line spacing that can be chosen."""
INDENT_CELLS: Final = 2
"""Cells by which the first line of an indented paragraph is moved in."""
MAX_GAP_CELLS: Final = 3
"""Cells of a gap between words, on average. A line that needs wider gaps isn't justified."""
HYPHEN: Final = "-"


class ParagraphStyle(NamedTuple):
    """How paragraphs are set."""

    justified: bool = False
    """Lines are flush left and right."""
    hyphen_language: str = ""
    """The language (a tag) whose rules hyphenate words; empty: words aren't hyphenated."""
    indent: bool = False
    """A paragraph begins with an indent instead of a blank row above it."""
    spacing: int = 1
    """Rows from one line of prose to the next."""

    def with_language(self, language: str) -> ParagraphStyle:
        """Return this style for a story in `language`; empty means the default language."""
        return self._replace(hyphen_language=language or LANGUAGE) if self.hyphen_language else self


DEFAULT_STYLE: Final = ParagraphStyle()
"""The style without a choice of the reader."""


class MeasureSettings:
    """The measure that the reader prefers, apart from the one that fits now."""

    def __init__(self) -> None:
        self.preferred = DEFAULT_MEASURE
        """Cells, from the settings."""
        self.chosen: int | None = None
        """Cells, chosen on the page; replaces the preferred measure."""
        self.has_position_mark = False
        """There is room on the right for the mark of the position."""

    def fit_to(self, room: int) -> int:
        """Return the measure (cells) in a pane that is `room` cells wide.

        Margins grow with the pane before a measure above the default does.
        """
        right = POSITION_CELLS if self.has_position_mark else MIN_MARGIN_CELLS
        margins = min(2 * MARGIN_CELLS, max(MIN_MARGIN_CELLS + right, room - DEFAULT_MEASURE))
        margins = margins if room >= MIN_MARGIN_ROOM else 0
        return max(1, min(self.chosen or self.preferred, room - margins))

    def choose(self, steps: int, room: int) -> None:
        """Widen the measure that fits `room` cells by `steps`; 0 returns to the preferred one."""
        measure = self.fit_to(room) + steps * MEASURE_STEP_CELLS
        self.chosen = max(NARROWEST, min(WIDEST, measure)) if steps else None


class Run(NamedTuple):
    """A piece of a line in one style."""

    text: str
    roles: Role = Role.PLAIN
    start: int = -1
    """The offset of `text` in the block's text; -1 for a bullet, bar or space that isn't in it."""
    target: str = ""
    """The destination of a link as written, or the number of a footnote."""


class Line(NamedTuple):
    """One row of a block: what is drawn, and the offsets of the block's text that it covers."""

    runs: tuple[Run, ...]
    start: int
    end: int
    overhang: int = 0
    """Cells by which the line begins left of the column."""

    @property
    def text(self) -> str:
        """The line as plain text, without spaces at its end."""
        return "".join(run.text for run in self.runs).rstrip()


BLANK_LINE: Final = Line((), 0, 0)


class OffsetLine(NamedTuple):
    """The number of the line that shows the text from `offset` on."""

    offset: int
    line: int


class BlockLayout:
    """One block at one measure: where its lines start, and a function that draws them."""

    __slots__ = ("draw", "offset_lines", "starts")

    def __init__(
        self,
        starts: Sequence[int],
        draw: Callable[[int], Line],
        offset_lines: Sequence[OffsetLine] = (),
    ) -> None:
        self.starts = starts
        """For each line, the offset in the block's text where it starts; never falling."""
        self.draw = draw
        """Returns the line of a number, the first being 0."""
        self.offset_lines = offset_lines
        """For a table, in which the text of one line isn't in one piece; by offset."""

    def __len__(self) -> int:
        return len(self.starts)

    def find_line(self, offset: int) -> int:
        """Return the number of the line that shows the character at `offset`."""
        if self.offset_lines:
            index = bisect_right(self.offset_lines, offset, key=lambda each: each.offset) - 1
            return self.offset_lines[max(0, index)].line
        return max(0, bisect_right(self.starts, offset) - 1)


class SpanStyle(NamedTuple):
    """The look of a piece of text, and the target of its link."""

    roles: Role
    target: str = ""


class FlatSpans(NamedTuple):
    """Spans that don't overlap and leave no gap: the offsets where they start, and their styles."""

    starts: list[int]
    styles: list[SpanStyle]


class LineBreaks(NamedTuple):
    """Where the lines of a text break, and how they are placed in the measure."""

    starts: list[int]
    """The offset where each line starts."""
    indents: Mapping[int, int] = {}
    """Cells left free at the beginning of a line, by the line's number."""
    hyphen_starts: Collection[int] = ()
    """Those starts that are inside a word, so that the line before ends with a hyphen."""
    justified: bool = False


def load_hyphenation(style: ParagraphStyle, language: str) -> None:
    """Load the dictionary for a story in `language` (a tag), if `style` hyphenates.

    Takes up to half a second, so call it in a worker. An empty `language` means the default.
    """
    if style.hyphen_language:
        from reader.layout.hyphenation import load_dictionary

        load_dictionary(style.with_language(language).hyphen_language)


def flatten_spans(spans: Iterable[Span], length: int, base: Role) -> FlatSpans:
    """Return the spans of a text of `length` characters without overlaps, all with role `base`."""
    edges: dict[int, list[tuple[bool, Span]]] = {0: []}
    for span in spans:
        end = min(span.end, length)
        if span.start < end:
            edges.setdefault(span.start, []).append((True, span))
            edges.setdefault(end, []).append((False, span))
    # Thousands of spans may be open at once: they are counted by role, of which there are few.
    counts: dict[int, int] = {}
    targets: dict[Span, str] = {}
    styles: dict[tuple[int, str], SpanStyle] = {}
    flat = FlatSpans([], [])
    for offset in sorted(edges):
        for begins, span in edges[offset]:
            value = span.role.value
            counts[value] = counts.get(value, 0) + (1 if begins else -1)
            if begins and span.target:
                targets[span] = span.target
            elif span.target:
                targets.pop(span, None)
        target = next(reversed(targets.values()), "") if targets else ""
        value = reduce(or_, [value for value, count in counts.items() if count], 0)
        style = styles.get((value, target))
        if style is None:
            style = styles[value, target] = SpanStyle(base | Role(value), target)
        if not flat.styles or flat.styles[-1] is not style:
            flat.starts.append(offset)
            flat.styles.append(style)
    return flat


def slice_runs(text: str, flat: FlatSpans, start: int, end: int) -> tuple[Run, ...]:
    """Return the runs of `text[start:end]`."""
    starts, styles = flat
    index = max(0, bisect_right(starts, start) - 1)
    runs: list[Run] = []
    while start < end:
        stop = min(end, starts[index + 1]) if index + 1 < len(starts) else end
        roles, target = styles[index]
        runs.append(Run(text[start:stop], roles, start, target))
        start, index = stop, index + 1
    return tuple(runs)


def wrap_text(text: str, cells: int) -> list[OffsetRange]:
    """Return the offsets of each line of a short text in `cells` cells, without trailing spaces."""
    if len(text) <= cells and text.isascii() and text.isprintable() and text[:1] != " ":
        return [OffsetRange(0, len(text.rstrip()))]  # most cells of a table
    starts = break_greedily(text, cells)
    ends = [*starts[1:], len(text)]
    return [OffsetRange(a, a + len(text[a:b].rstrip())) for a, b in zip(starts, ends, strict=True)]


def offset_to_column(line: Line, offset: int) -> int | None:
    """Return the cell of `line` where the character at `offset` begins; None if it isn't there.

    Cells count from the column's left edge.
    """
    cells = -line.overhang
    for run in line.runs:
        if 0 <= run.start <= offset < run.start + len(run.text):
            return cells + count_cells(run.text[: offset - run.start])
        cells += count_cells(run.text)
    return None


def column_to_offsets(line: Line, x: int) -> OffsetRange:
    """Return the offsets of the character at cell `x` of `line`.

    Where there is none, as beside the text or between the cells of a table, return the start
    of the next text to the right and the end of the text to the left. The start may then be
    greater than the end.
    """
    start, end = line.end, line.start
    x += line.overhang
    for run in line.runs:
        cells, length = list_cell_offsets(run.text), len(run.text)
        if run.start >= 0 and x < cells[-1]:
            start = min(start, run.start + max(0, bisect_right(cells, x) - 1))
        if run.start >= 0 and x >= 0:
            after = bisect_right(cells, x)  # combining marks have the cell at their letter's end
            inside = bisect_right(cells, cells[after]) - 1 if after <= length else length
            end = run.start + inside
        x -= cells[-1]
    return OffsetRange(start, end)


def typeset_lines(block: Block, measure: int, breaks: LineBreaks, roles: Role) -> BlockLayout:
    """Return the layout of `block` with lines from each start in `breaks` to the next.

    All text has `roles` besides those of its spans. Right-to-left text is set flush right.
    """
    text = block.text
    starts, indents, hyphen_starts, justified = breaks
    flat = flatten_spans(block.spans, len(text), roles)
    ends = [*starts[1:], len(text)]
    is_flush_right = is_rtl(text)

    def draw(index: int) -> Line:
        start, end = starts[index], ends[index]
        runs = slice_runs(text, flat, start, start + len(text[start:end].rstrip()))
        indent = indents.get(index, 0)
        if end in hyphen_starts and runs:
            runs = (*runs, runs[-1]._replace(text=HYPHEN, start=-1))
        if justified and index + 1 < len(starts):
            runs = justify_runs(runs, measure - indent, index)
        if is_flush_right:
            indent = measure - indent - sum(count_cells(run.text) for run in runs)
        if indent > 0:
            runs = (Run(" " * indent), *runs)
        return Line(runs, start, end)

    return BlockLayout(starts, draw)


def is_rtl(text: str) -> bool:
    """Return whether `text` runs from right to left, as its first strong character does.

    This is rule P2 of the Unicode bidirectional algorithm (UAX 9) without isolates, which
    `sanitize` removes. Characters aren't reordered: the terminal does that.
    """
    if text.isascii():
        return False
    directions = (bidirectional(character) for character in text)
    return next((each for each in directions if each in ("L", "R", "AL")), "L") != "L"


def add_spacing(
    layout: BlockLayout, rows: int, make_row_between: Callable[[], tuple[Run, ...]]
) -> BlockLayout:
    """Return `layout` with each line `rows` rows below the one before.

    The rows between two lines have the start of the second line and show none of the text.
    `make_row_between` returns their runs, such as the bar of a quote.
    """
    starts = [start for start in layout.starts for _ in range(rows)][rows - 1 :]

    def draw(row: int) -> Line:
        if row % rows == 0:
            return layout.draw(row // rows)
        return Line(make_row_between(), starts[row], starts[row])

    return BlockLayout(starts, draw)


def shift_layout(layout: BlockLayout, by: int) -> BlockLayout:
    """Return the layout of a piece of a block, with offsets in the block's text."""

    def draw(index: int) -> Line:
        line = layout.draw(index)
        runs = (run._replace(start=run.start + by) if run.start >= 0 else run for run in line.runs)
        return Line(tuple(runs), line.start + by, line.end + by)

    starts = [start + by for start in layout.starts]
    return BlockLayout(starts, draw, [OffsetLine(at + by, n) for at, n in layout.offset_lines])


def hang_layout(layout: BlockLayout, cells: int) -> BlockLayout:
    """Return `layout` with lines that begin `cells` cells left of the column."""
    if not cells:
        return layout
    draw, offset_lines = layout.draw, layout.offset_lines
    return BlockLayout(layout.starts, lambda n: draw(n)._replace(overhang=cells), offset_lines)


def justify_runs(runs: Sequence[Run], cells: int, number: int) -> tuple[Run, ...]:
    """Return the runs of line `number` with wider gaps between words, `cells` cells in all.

    They are returned as they are if they are wide enough, or if their gaps would have more than
    `MAX_GAP_CELLS` cells on average. Where some gaps must be wider than others, they are spread
    evenly: from the left in even lines and from the right in odd ones, so that wide gaps don't
    line up from row to row.
    """
    text = "".join(run.text for run in runs)
    gaps = list(_compile_word_gap().finditer(text))
    gap_cells = sum(match.end() - match.start() for match in gaps)
    room = cells - count_cells(text)
    if room <= 0 or gap_cells + room > MAX_GAP_CELLS * len(gaps):
        return tuple(runs)
    added = _distribute_cells(room, len(gaps))
    if number % 2:
        added.reverse()
    return _widen_gaps(runs, dict(zip((match.end() for match in gaps), added, strict=True)))


@cache
def _compile_word_gap() -> re.Pattern[str]:
    return re.compile("(?<=[^ ]) +(?=[^ ])")


def _distribute_cells(room: int, gaps: int) -> list[int]:
    """Return how many of `room` cells each gap gets, with the wider ones evenly spread."""
    least, remainder = divmod(room, gaps)
    return [
        least + ((index + 1) * remainder // gaps > index * remainder // gaps)
        for index in range(gaps)
    ]


def _widen_gaps(runs: Sequence[Run], added: dict[int, int]) -> tuple[Run, ...]:
    """Return `runs` with cells added before the characters at some offsets of the line."""
    result: list[Run] = []
    run_start = 0
    for run in runs:
        offset = 0
        run_end = run_start + len(run.text)
        for cut in [cut - run_start for cut in added if run_start < cut <= run_end]:
            result += [
                Run(run.text[offset:cut], run.roles, run.start + offset, run.target),
                Run(" " * added[run_start + cut], run.roles, -1, run.target),
            ]
            offset = cut
        if offset < len(run.text):
            result.append(Run(run.text[offset:], run.roles, run.start + offset, run.target))
        run_start = run_end
    return tuple(run for run in result if run.text)
