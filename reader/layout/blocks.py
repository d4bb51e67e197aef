"""Blocks as lines at a measure: one function for each kind of block.

Also owns what surrounds a block: the rows above it, its indent, and the labels and bars of the
lists and quotes that it is in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.layout.linebreak import break_balanced, break_evenly, break_greedily
from reader.layout.lines import (
    BLANK_LINE,
    DEFAULT_STYLE,
    INDENT_CELLS,
    BlockLayout,
    Line,
    LineBreaks,
    Run,
    add_spacing,
    is_rtl,
    typeset_lines,
)
from reader.layout.tables import typeset_table
from reader.text.cells import count_cells
from reader.text.document import Block, Container, Kind, Role
from reader.text.places import SECTION_BREAK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from reader.layout.lines import ParagraphStyle
    from reader.text.document import NestingLevel


HANG_CELLS: Final = 4
"""Cells by which the continuation of a long line of verse is indented; half in a narrow measure."""
HEADING_INDENT_CELLS: Final = 2
"""Cells by which a heading of level 3 is indented; a deeper one twice as far."""
_INDENTED_LEVEL: Final = 3
END_MARK: Final = "◆"
_NARROW_MEASURE: Final = 24
"""Cells. A smaller measure has no room for indents, nor for nesting that takes half of it."""
_BARS: Final = {Container.BLOCK_QUOTE: "│ ", Container.CALLOUT: "┃ "}
_MIRRORED_CONTAINERS: Final = (Container.LIST_ITEM, Container.DEFINITION)
_UNMIRRORED_KINDS: Final = (Kind.CODE, Kind.BREAK, Kind.END)
_HEADING_KINDS: Final = (Kind.HEADING, Kind.CREDIT)
"""Kinds that belong to the text below them. The head of a story ends with a credit."""
_SPACED_KINDS: Final = (Kind.PARAGRAPH, Kind.VERSE, Kind.ATTRIBUTION)
"""Kinds that are set at the line spacing of the paragraph style."""
_BASE_ROLES: Final = {
    Kind.KICKER: Role.ACCENT,
    Kind.TITLE: Role.TITLE,
    Kind.DECK: Role.EMPHASIS | Role.DIM,
    Kind.BYLINE: Role.DIM,
    Kind.CREDIT: Role.DIM,
    Kind.HEADING: Role.HEADING,
    Kind.ATTRIBUTION: Role.DIM,
    Kind.PLACEHOLDER: Role.DIM,
}
"""The roles of all text in a block of a kind."""


def count_gap_rows(
    block: Block, before: Block | None, style: ParagraphStyle = DEFAULT_STYLE
) -> int:
    """Return the number of blank rows between `before` and `block`."""
    if before is None:
        return 0
    rows = _count_base_gap_rows(block, before)
    if rows and get_indent(block, before, style):
        rows = 0
    is_below_heading = before.kind in _HEADING_KINDS
    if before.kind in _SPACED_KINDS or (block.kind in _SPACED_KINDS and not is_below_heading):
        rows += style.spacing - 1
    return rows


def _count_base_gap_rows(block: Block, before: Block) -> int:
    """Return the number of blank rows without indents and spacing."""
    if block.tight or _is_callout_name(before):
        return 0
    if not block.text and block.kind not in (Kind.BREAK, Kind.END, Kind.PARAGRAPH, Kind.CODE):
        return 0
    is_major_heading = block.kind is Kind.HEADING and block.heading_level <= 2
    return 2 if is_major_heading and before.kind not in _HEADING_KINDS else 1


def get_indent(block: Block, before: Block | None, style: ParagraphStyle) -> int:
    """Return the indent of the first line of `block`, in cells.

    Only a paragraph that follows another one at the same nesting is indented. After anything
    else its beginning is clear without an indent.
    """
    if not style.indent or before is None or not block.text:
        return 0
    follows_paragraph = block.kind is before.kind is Kind.PARAGRAPH and not _is_callout_name(before)
    containers = [level.container for level in block.nesting]
    is_same_nesting = containers == [level.container for level in before.nesting] and not any(
        level.is_first or level.container is Container.LIST_ITEM for level in block.nesting
    )
    return INDENT_CELLS if follows_paragraph and is_same_nesting else 0


def _is_callout_name(block: Block) -> bool:
    level = block.nesting[-1] if block.nesting else None
    return level is not None and level.container is Container.CALLOUT and level.is_first


def typeset(
    block: Block,
    measure: int,
    style: ParagraphStyle = DEFAULT_STYLE,
    before: Block | None = None,
    *,
    balanced: bool = True,
) -> BlockLayout:
    """Return the layout of `block`, which follows `before`, in `measure` cells (at least 1).

    Every line fits the measure, except a wide character at a measure of 1. With `balanced` false
    the layout takes less time and has the same number of lines, but they may break elsewhere;
    use it to count lines.
    """
    prefix = _NestingPrefix(block.nesting, measure, is_mirrored=_is_mirrored(block))
    room = max(1, measure - prefix.cells)
    if block.kind is Kind.PARAGRAPH and style != DEFAULT_STYLE:
        indent = get_indent(block, before, style) if room >= _NARROW_MEASURE else 0
        inner = _typeset_styled(block, room, style, indent, balanced)
    else:
        inner = TYPESETTERS[block.kind](block, room, balanced)
    if block.kind is Kind.BYLINE and before is not None and is_rtl(before.text):
        inner = _typeset_flush_right(block, room, balanced)
    layout = _add_prefix(prefix, inner, room) if prefix.cells else inner
    if style.spacing > 1 and block.kind in _SPACED_KINDS:
        return add_spacing(layout, style.spacing, lambda: prefix.make_runs(first=False))
    return layout


def draw_blank_line(block: Block, before: Block, measure: int) -> Line:
    """Return the blank line between two blocks, with the bars of the quotes that both are in."""
    shared = [
        level
        for level, other in zip(block.nesting, before.nesting, strict=False)
        if level.container is other.container and not level.is_first
    ]
    if not any(level.container in _BARS for level in shared):
        return BLANK_LINE
    return Line(_NestingPrefix(tuple(shared), measure).make_runs(first=False), 0, 0)


class _NestingPrefix:
    """The bullets, numerals and bars of a block: the innermost that there is room for.

    Bullets and numerals are right of a block that runs from right to left (`is_mirrored`).
    """

    def __init__(
        self, nesting: Sequence[NestingLevel], measure: int, *, is_mirrored: bool = False
    ) -> None:
        self._is_mirrored = is_mirrored
        max_cells = measure // 2 if measure >= _NARROW_MEASURE else measure // 3
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
            if self._is_right(level):
                label = level.label if first and level.is_first else ""
                runs.append(Run(" " + label.ljust(_count_prefix_cells(level) - 1), Role.MARKER))
        return tuple(runs)

    def _is_right(self, level: NestingLevel) -> bool:
        return self._is_mirrored and level.container in _MIRRORED_CONTAINERS

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


def _is_mirrored(block: Block) -> bool:
    """Return whether what surrounds a block is on the right: its text runs from right to left."""
    return bool(block.nesting) and block.kind not in _UNMIRRORED_KINDS and is_rtl(block.text)


def count_nesting_cells(block: Block) -> int:
    """Return the cells that the bullets, numerals and bars of a block take."""
    return sum(map(_count_prefix_cells, block.nesting))


def _add_prefix(prefix: _NestingPrefix, inner: BlockLayout, room: int) -> BlockLayout:
    """Return the layout `inner`, which is `room` cells wide, with its prefix."""

    def draw(index: int) -> Line:
        line, is_first = inner.draw(index), index == 0
        runs = prefix.make_runs(first=is_first) + line.runs
        if right := prefix.make_right_runs(first=is_first):
            free = room - sum(count_cells(run.text) for run in line.runs)
            runs = (*runs, Run(" " * max(0, free)), *right)
        return Line(runs, line.start, line.end)

    return BlockLayout(inner.starts, draw, inner.offset_lines)


def _typeset_prose(block: Block, measure: int, balanced: bool) -> BlockLayout:
    break_text = break_balanced if balanced else break_greedily
    breaks = LineBreaks(break_text(block.text, measure))
    return typeset_lines(block, measure, breaks, _get_base_roles(block))


def _typeset_styled(
    block: Block, measure: int, style: ParagraphStyle, indent: int, balanced: bool
) -> BlockLayout:
    """Set a paragraph in a style other than the default one; `indent` is in cells."""
    starts: list[int]
    hyphen_starts: Collection[int] = ()
    if style.hyphen_language:
        from reader.layout.hyphenation import hyphenate_paragraph

        starts, hyphen_starts = hyphenate_paragraph(
            block, measure, indent, style.hyphen_language, balanced=balanced
        )
    else:
        break_text = break_balanced if balanced else break_greedily
        starts = break_text(block.text, measure - indent, -indent)
    breaks = LineBreaks(starts, {0: indent}, hyphen_starts, style.justified)
    return typeset_lines(block, measure, breaks, _get_base_roles(block))


def _typeset_heading(block: Block, measure: int, balanced: bool) -> BlockLayout:
    """Set a title, deck or heading in lines of similar length.

    Headings differ without colour: one of level 1 has a rule below it, and those of level 3 and
    more are indented.
    """
    indent = HEADING_INDENT_CELLS * max(0, min(block.heading_level, 4) - _INDENTED_LEVEL + 1)
    indent = indent if measure >= _NARROW_MEASURE else 0
    break_text = break_evenly if balanced else break_greedily
    starts = break_text(block.text, measure - indent)
    breaks = LineBreaks(starts, dict.fromkeys(range(len(starts)), indent))
    layout = typeset_lines(block, measure, breaks, _get_base_roles(block))
    has_rule = block.heading_level == 1 and block.text and measure >= _NARROW_MEASURE
    return _add_rule(layout, block) if has_rule else layout


def _add_rule(layout: BlockLayout, block: Block) -> BlockLayout:
    """Return the layout of a heading with a rule below it, as wide as its longest line."""
    end, count = len(block.text), len(layout)

    def draw(index: int) -> Line:
        if index < count:
            return layout.draw(index)
        texts = [layout.draw(number).text for number in range(count)]
        left = min(count_cells(text) - count_cells(text.lstrip(" ")) for text in texts)
        right = max(map(count_cells, texts))
        return Line((Run(" " * left), Run("─" * (right - left), Role.MARKER)), end, end)

    return BlockLayout([*layout.starts, end], draw)


def _typeset_flush_right(block: Block, measure: int, balanced: bool) -> BlockLayout:
    """Set an attribution flush right."""
    layout = _typeset_prose(block, measure, balanced)

    def draw(index: int) -> Line:
        line = layout.draw(index)
        room = measure - count_cells(line.text)
        return Line((Run(" " * room), *line.runs), line.start, line.end) if room > 0 else line

    return BlockLayout(layout.starts, draw)


def _typeset_verse(block: Block, measure: int, _: bool) -> BlockLayout:
    """Preserve the text's own lines; indent the continuation of a line longer than the measure."""
    if measure >= _NARROW_MEASURE:
        hang = HANG_CELLS
    else:
        hang = HANG_CELLS // 2 if measure >= _NARROW_MEASURE // 2 else 0
    starts: list[int] = []
    indents: dict[int, int] = {}
    offset = 0
    for line in block.text.split("\n"):
        line_starts = break_greedily(line, measure, hang)
        continued = range(len(starts) + 1, len(starts) + len(line_starts))
        indents.update(dict.fromkeys(continued, hang))
        starts += [offset + start for start in line_starts]
        offset += len(line) + 1
    return typeset_lines(block, measure, LineBreaks(starts, indents), _get_base_roles(block))


def _get_base_roles(block: Block) -> Role:
    """Return the roles of all text in `block`."""
    is_pull_quote = any(level.container is Container.PULL_QUOTE for level in block.nesting)
    base = _BASE_ROLES.get(block.kind, Role.PLAIN)
    if block.heading_level >= _INDENTED_LEVEL:
        base = Role.EMPHASIS if block.heading_level > _INDENTED_LEVEL else base | Role.EMPHASIS
    return base | Role.ACCENT | Role.EMPHASIS if is_pull_quote else base


def _typeset_ornament(block: Block, measure: int, _: bool) -> BlockLayout:
    """Centre a section break or the end mark."""
    ornament = SECTION_BREAK if block.kind is Kind.BREAK else END_MARK
    if len(ornament) > measure:
        ornament = ornament[:1]
    indent = " " * ((measure - len(ornament)) // 2)
    line = Line((Run(indent + ornament, Role.MARKER),), 0, 0)
    return BlockLayout([0], lambda _: line)


def typeset_end_mark(edges: tuple[int, int], measure: int) -> BlockLayout:
    """Centre the end mark between the edges of the text above it, in cells."""
    indent = min((sum(edges) - 1) // 2, measure - 1)
    line = Line((Run(" " * max(0, indent) + END_MARK, Role.MARKER),), 0, 0)
    return BlockLayout([0], lambda _: line)


def _typeset_code(block: Block, measure: int, _: bool = False) -> BlockLayout:
    from reader.layout.code import typeset_code  # the first screen rarely has code

    return typeset_code(block, measure)


def _typeset_table(block: Block, measure: int, _: bool) -> BlockLayout:
    if block.columns is None:
        return _typeset_code(block, measure)
    return typeset_table(block, block.columns, measure)


TYPESETTERS: Final[dict[Kind, Callable[[Block, int, bool], BlockLayout]]] = {
    Kind.KICKER: _typeset_prose,
    Kind.TITLE: _typeset_heading,
    Kind.DECK: _typeset_heading,
    Kind.BYLINE: _typeset_prose,
    Kind.CREDIT: _typeset_prose,
    Kind.END: _typeset_ornament,
    Kind.PARAGRAPH: _typeset_prose,
    Kind.HEADING: _typeset_heading,
    Kind.ATTRIBUTION: _typeset_flush_right,
    Kind.VERSE: _typeset_verse,
    Kind.CODE: _typeset_code,
    Kind.TABLE: _typeset_table,
    Kind.BREAK: _typeset_ornament,
    Kind.PLACEHOLDER: _typeset_prose,
}
"""For each kind, a function that takes a block, a measure (cells) and whether to balance lines."""
