"""Lines and the runs they are made of; measure and paragraph style; broken text as lines.

Covers flush left, right and justified text, first-line indents, hyphens and spacing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import bidirectional

from reader.layout.linebreak import break_offsets
from reader.text.cells import offsets_to_cells, width
from reader.text.document import LANGUAGE, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from reader.layout.hyphenation import Division
    from reader.text.document import Block, Span


WIDEST_SPACING: Final = 2


class Composition(NamedTuple):
    """How paragraphs are set."""

    justified: bool = False
    """Flush on both sides."""
    hyphens: str = ""
    """The language by whose rules words may be divided at a line's end; empty: none may."""
    indent: bool = False
    """Paragraphs begin with an indent instead of standing a row apart."""
    spacing: int = 1
    """Rows from one line of prose to the next."""

    def in_language(self, language: str) -> Composition:
        """Return this manner for a story in `language`, empty if it doesn't say."""
        return self._replace(hyphens=language or LANGUAGE) if self.hyphens else self


PLAIN: Final = Composition()
"""What is set if nobody chose anything."""

MEASURE: Final = 66
"""Cells: the classical length of a line of prose."""
NARROWEST: Final = 20
WIDEST: Final = 120

STEP: Final = 2
"""Cells by which the measure changes."""
MARGIN: Final = 1
"""Cells left free on each side of the column where there is room."""


class Measures:
    """How wide the text is wanted."""

    def __init__(self) -> None:
        self.preferred = MEASURE
        """From the settings."""
        self.chosen: int | None = None
        """By the reader, in its place."""

    def fitting(self, room: int) -> int:
        """Return the measure in a pane `room` cells wide."""
        margin = MARGIN if room > 16 * MARGIN else 0
        return max(1, min(self.chosen or self.preferred, room - 2 * margin))

    def choose(self, way: int, room: int) -> None:
        """Widen the measure that fits in `room` or narrow it; 0 takes the preferred one again."""
        wanted = max(NARROWEST, min(WIDEST, self.fitting(room) + way * STEP))
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


INDENT: Final = 2
"""Cells that a paragraph's first line is indented by."""
HYPHEN: Final = "-"


class Broken(NamedTuple):
    """Where the lines of a text begin, and how they stand in the measure."""

    starts: list[int]
    indents: Mapping[int, int] = {}
    """Cells that a line, by its number, leaves free at its beginning."""
    divided: Collection[int] = ()
    """Those starts that a hyphen stands before."""
    justified: bool = False


def drawn(block: Block, measure: int, broken: Broken, roles: Role) -> Setting:
    """Return a setting whose lines are the block's text from each start to the next.

    All of it looks like `roles`. What runs from right to left stands on the right.
    """
    text = block.text
    starts, indents, divided, justified = broken
    flat = flatten(block.spans, len(text), roles)
    ends = [*starts[1:], len(text)]
    from_right = is_rtl(text)

    def draw(index: int) -> Line:
        start, end = starts[index], ends[index]
        runs = runs_between(text, flat, start, start + len(text[start:end].rstrip()))
        indent = indents.get(index, 0)
        if end in divided and runs:
            runs = (*runs, runs[-1]._replace(text=HYPHEN, start=-1))
        if justified and index + 1 < len(starts):
            runs = spread(runs, measure - indent, index)
        if from_right:
            indent = measure - indent - sum(width(run.text) for run in runs)
        if indent > 0:
            runs = (Run(" " * indent), *runs)
        return Line(runs, start, end)

    return Setting(starts, draw)


def is_rtl(text: str) -> bool:
    """Tell whether `text` runs from right to left: its first strong character does.

    Rule P2 of the Unicode bidirectional algorithm (UAX 9), without isolates: none of them
    gets past `cells.clean`. Nothing is reordered: that is the terminal's business.
    """
    if text.isascii():
        return False
    strong = (bidirectional(character) for character in text)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def division(
    block: Block, measure: int, composition: Composition, indent: int, *, balanced: bool
) -> Division:
    """Return where the lines of a paragraph begin in which words may be divided, but no code."""
    from reader.layout.hyphenation import divided_offsets, division_points

    code = [span for span in block.spans if span.role & Role.CODE]

    def points(start: int, end: int) -> list[int]:
        if any(span.start < end and start < span.end for span in code):
            return []
        return division_points(block.text, start, end, composition.hyphens)

    return divided_offsets(block.text, measure - indent, measure, points, balanced=balanced)


def spaced(setting: Setting, rows: int, between: Callable[[], tuple[Run, ...]]) -> Setting:
    """Return `setting` with each line `rows` rows below the one before.

    A row between two lines belongs to the second one: it begins where that line does, and
    shows none of the text. `between` gives what stands in it, the bar of a quote.
    """
    starts = [start for start in setting.starts for _ in range(rows)][rows - 1 :]

    def draw(row: int) -> Line:
        if row % rows == 0:
            return setting.draw(row // rows)
        return Line(between(), starts[row], starts[row])

    return Setting(starts, draw)


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
