"""Lines and the runs they are made of; measure and paragraph style; broken text as lines.

Covers flush left, right and justified text, first-line indents, hyphens and spacing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import bidirectional

from reader.layout.linebreak import break_greedily
from reader.text.cells import cell_offsets, cell_width
from reader.text.document import LANGUAGE, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from reader.layout.hyphenation import HyphenatedLines
    from reader.text.document import Block, Span


MAX_LINE_SPACING: Final = 2


class ParagraphStyle(NamedTuple):
    """How paragraphs are set."""

    justified: bool = False
    """Flush on both sides."""
    hyphen_language: str = ""
    """The language by whose rules words may be divided at a line's end; empty: none may."""
    indent: bool = False
    """Paragraphs begin with an indent instead of standing a row apart."""
    spacing: int = 1
    """Rows from one line of prose to the next."""

    def with_language(self, language: str) -> ParagraphStyle:
        """Return this manner for a story in `language`, empty if it doesn't say."""
        return self._replace(hyphen_language=language or LANGUAGE) if self.hyphen_language else self


DEFAULT_STYLE: Final = ParagraphStyle()
"""What is set if nobody chose anything."""

DEFAULT_MEASURE: Final = 66
"""Cells: the classical length of a line of prose."""
NARROWEST: Final = 20
WIDEST: Final = 120

MEASURE_STEP_CELLS: Final = 2
"""Cells by which the measure changes."""
MARGIN_CELLS: Final = 1
"""Cells left free on each side of the column where there is room."""


class MeasureSettings:
    """How wide the text is wanted."""

    def __init__(self) -> None:
        self.preferred = DEFAULT_MEASURE
        """From the settings."""
        self.chosen: int | None = None
        """By the reader, in its place."""

    def fit_to(self, room: int) -> int:
        """Return the measure in a pane `room` cells wide."""
        margin = MARGIN_CELLS if room > 16 * MARGIN_CELLS else 0
        return max(1, min(self.chosen or self.preferred, room - 2 * margin))

    def choose(self, way: int, room: int) -> None:
        """Widen the measure that fits in `room` or narrow it; 0 takes the preferred one again."""
        wanted = max(NARROWEST, min(WIDEST, self.fit_to(room) + way * MEASURE_STEP_CELLS))
        self.chosen = wanted if way else None


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


BLANK_LINE: Final = Line((), 0, 0)


class BlockLayout:
    """One block at one measure."""

    __slots__ = ("draw", "offset_lines", "starts")

    def __init__(
        self,
        starts: Sequence[int],
        draw: Callable[[int], Line],
        offset_lines: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.starts = starts
        """The offset in the block's text at which each line begins, never falling."""
        self.draw = draw
        self.offset_lines = offset_lines
        """For what stands in columns: offsets, rising, each with the line that shows what follows."""

    def __len__(self) -> int:
        return len(self.starts)

    def find_line(self, offset: int) -> int:
        """Return the number of the line that shows the character at `offset`."""
        if self.offset_lines:
            return self.offset_lines[
                max(0, bisect_right(self.offset_lines, (offset, len(self))) - 1)
            ][1]
        return max(0, bisect_right(self.starts, offset) - 1)


FlatSpans = tuple[list[int], list[tuple[Role, str]]]
"""Stretches that don't overlap: where each begins, and its roles and target."""


def flatten_spans(spans: Iterable[Span], length: int, base: Role) -> FlatSpans:
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


def slice_runs(text: str, flat: FlatSpans, start: int, end: int) -> tuple[Run, ...]:
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


def wrap_text(text: str, cells: int) -> list[tuple[int, int]]:
    """Return the (start, end) of each line of a short text in `cells` cells."""
    starts = break_greedily(text, cells)
    ends = [*starts[1:], len(text)]
    return [(a, a + len(text[a:b].rstrip())) for a, b in zip(starts, ends, strict=True)]


def offset_to_column(line: Line, offset: int) -> int | None:
    """Return the cell of `line` at which the character at `offset` stands, or None."""
    cells = 0
    for run in line.runs:
        if 0 <= run.start <= offset < run.start + len(run.text):
            return cells + cell_width(run.text[: offset - run.start])
        cells += cell_width(run.text)
    return None


def column_to_offsets(line: Line, x: int) -> tuple[int, int]:
    """Return the offsets before and behind the character at cell `x` of `line`.

    Beside the text, and between the cells of a table, the nearest: before what follows, and
    behind what stands to the left, so that the first may be greater than the second.
    """
    before, behind = line.end, line.start
    for run in line.runs:
        cells, length = cell_offsets(run.text), len(run.text)
        if run.start >= 0 and x < cells[-1]:
            before = min(before, run.start + max(0, bisect_right(cells, x) - 1))
        if run.start >= 0 and x >= 0:
            after = bisect_right(cells, x)  # a letter's marks stand at its end or past it
            inside = bisect_right(cells, cells[after]) - 1 if after <= length else length
            behind = run.start + inside
        x -= cells[-1]
    return before, behind


INDENT_CELLS: Final = 2
"""Cells that a paragraph's first line is indented by."""
HYPHEN: Final = "-"


class LineBreaks(NamedTuple):
    """Where the lines of a text begin, and how they stand in the measure."""

    starts: list[int]
    indents: Mapping[int, int] = {}
    """Cells that a line, by its number, leaves free at its beginning."""
    hyphen_starts: Collection[int] = ()
    """Those starts that a hyphen stands before."""
    justified: bool = False


def typeset_lines(block: Block, measure: int, breaks: LineBreaks, roles: Role) -> BlockLayout:
    """Return a setting whose lines are the block's text from each start to the next.

    All of it looks like `roles`. What runs from right to left stands on the right.
    """
    text = block.text
    starts, indents, divided, justified = breaks
    flat = flatten_spans(block.spans, len(text), roles)
    ends = [*starts[1:], len(text)]
    from_right = is_rtl(text)

    def draw(index: int) -> Line:
        start, end = starts[index], ends[index]
        runs = slice_runs(text, flat, start, start + len(text[start:end].rstrip()))
        indent = indents.get(index, 0)
        if end in divided and runs:
            runs = (*runs, runs[-1]._replace(text=HYPHEN, start=-1))
        if justified and index + 1 < len(starts):
            runs = justify_runs(runs, measure - indent, index)
        if from_right:
            indent = measure - indent - sum(cell_width(run.text) for run in runs)
        if indent > 0:
            runs = (Run(" " * indent), *runs)
        return Line(runs, start, end)

    return BlockLayout(starts, draw)


def is_rtl(text: str) -> bool:
    """Tell whether `text` runs from right to left: its first strong character does.

    Rule P2 of the Unicode bidirectional algorithm (UAX 9), without isolates: none of them
    gets past `cells.clean`. Nothing is reordered: that is the terminal's business.
    """
    if text.isascii():
        return False
    strong = (bidirectional(character) for character in text)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def load_hyphenation(style: ParagraphStyle, language: str) -> None:
    """Load the dictionary for a story in `language`, if `style` hyphenates.

    Takes up to half a second, so a worker calls it. An empty `language` means the default.
    """
    if style.hyphen_language:
        from reader.layout.hyphenation import preload_dictionary

        preload_dictionary(style.with_language(language).hyphen_language)


def hyphenate_paragraph(
    block: Block, measure: int, style: ParagraphStyle, indent: int, *, balanced: bool
) -> HyphenatedLines:
    """Return where the lines of a paragraph begin in which words may be divided, but no code."""
    from reader.layout.hyphenation import break_with_hyphens, find_hyphenation_points

    code = [span for span in block.spans if span.role & Role.CODE]

    def points(start: int, end: int) -> list[int]:
        if any(span.start < end and start < span.end for span in code):
            return []
        return find_hyphenation_points(block.text, start, end, style.hyphen_language)

    return break_with_hyphens(block.text, measure - indent, measure, points, balanced=balanced)


def add_spacing(
    setting: BlockLayout, rows: int, between: Callable[[], tuple[Run, ...]]
) -> BlockLayout:
    """Return `setting` with each line `rows` rows below the one before.

    A row between two lines belongs to the second one: it begins where that line does, and
    shows none of the text. `between` gives what stands in it, the bar of a quote.
    """
    starts = [start for start in setting.starts for _ in range(rows)][rows - 1 :]

    def draw(row: int) -> Line:
        if row % rows == 0:
            return setting.draw(row // rows)
        return Line(between(), starts[row], starts[row])

    return BlockLayout(starts, draw)


MAX_GAP_CELLS: Final = 3
"""Cells of a gap between words, on average. A line that needs more stays ragged."""
_WORD_GAP: Final = re.compile("(?<=[^ ]) +(?=[^ ])")


def justify_runs(runs: Sequence[Run], cells: int, number: int) -> tuple[Run, ...]:
    """Return the runs of line `number` with wider gaps, `cells` cells in all.

    As they are, if they are wide enough or it would need gaps of more than `MOST` cells.
    The wider gaps stand evenly among the others, from the left in one line and from the
    right in the next, so that they don't meet in rivers.
    """
    text = "".join(run.text for run in runs)
    gaps = [match.end() for match in _WORD_GAP.finditer(text)]
    blanks = sum(match.end() - match.start() for match in _WORD_GAP.finditer(text))
    room = cells - cell_width(text)
    if room <= 0 or blanks + room > MAX_GAP_CELLS * len(gaps):
        return tuple(runs)
    added = _distribute_cells(room, len(gaps))
    return _widen_gaps(runs, dict(zip(gaps, reversed(added) if number % 2 else added, strict=True)))


def _distribute_cells(room: int, gaps: int) -> list[int]:
    """Return how many cells each gap gets, the odd ones as far apart as they can be."""
    least, more = divmod(room, gaps)
    return [least + ((at + 1) * more // gaps > at * more // gaps) for at in range(gaps)]


def _widen_gaps(runs: Sequence[Run], added: dict[int, int]) -> tuple[Run, ...]:
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
