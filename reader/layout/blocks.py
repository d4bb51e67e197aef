"""Typeset blocks into lines at a measure, one function for each kind of block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.layout.linebreak import break_balanced, break_evenly, break_greedily, fold_text
from reader.layout.lines import (
    BLANK_LINE,
    DEFAULT_STYLE,
    INDENT_CELLS,
    BlockLayout,
    Line,
    LineBreaks,
    Run,
    add_spacing,
    hyphenate_paragraph,
    slice_runs,
    typeset_lines,
)
from reader.layout.tables import typeset_table
from reader.text.cells import cell_width
from reader.text.document import Block, Container, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.layout.code import ColouredCode
    from reader.layout.lines import ParagraphStyle
    from reader.text.document import NestingLevel


HANG_CELLS: Final = 4
"""Cells by which an over-long line of verse is hung; half of it in a narrow measure."""
CONTINUATION_PREFIX: Final = "↪ "
"""Stands before what continues a line of code."""
END_MARK: Final = "◆"
SECTION_BREAK: Final = "* * *"
_NARROW_MEASURE: Final = 24
"""Below this measure (cells) there is no room for hanging and half of the nesting."""


def count_gap_rows(
    block: Block, before: Block | None, style: ParagraphStyle = DEFAULT_STYLE
) -> int:
    """Return how many blank rows stand between `before` and `block`."""
    if before is None:
        return 0
    rows = _count_base_gap_rows(block, before)
    if rows and get_indent(block, before, style):
        rows = 0
    head_or_heading = before.kind in _HEADING_KINDS
    if before.kind in _SPACED_KINDS or (block.kind in _SPACED_KINDS and not head_or_heading):
        rows += style.spacing - 1
    return rows


def _count_base_gap_rows(block: Block, before: Block) -> int:
    if block.tight or _is_callout_name(before):
        return 0
    if not block.text and block.kind not in (Kind.BREAK, Kind.END, Kind.PARAGRAPH, Kind.CODE):
        return 0
    if (
        block.kind is Kind.HEADING
        and block.heading_level <= 2
        and before.kind not in _HEADING_KINDS
    ):
        return 2
    return 1


def get_indent(block: Block, before: Block | None, style: ParagraphStyle) -> int:
    """Return by how many cells the first line of `block` is indented.

    Only a paragraph that follows another one of the same story or quote is: after anything
    else its beginning can't be missed.
    """
    if not style.indent or before is None or not block.text:
        return 0
    follows = block.kind is before.kind is Kind.PARAGRAPH and not _is_callout_name(before)
    nests = [level.container for level in block.nesting]
    goes_on = nests == [level.container for level in before.nesting] and not any(
        level.is_first or level.container is Container.LIST_ITEM for level in block.nesting
    )
    return INDENT_CELLS if follows and goes_on else 0


_HEADING_KINDS: Final = (Kind.HEADING, Kind.CREDIT)
"""What belongs to the text under it. A story's head ends with a credit."""
_SPACED_KINDS: Final = (Kind.PARAGRAPH, Kind.VERSE, Kind.ATTRIBUTION)
"""What is set at the line spacing that was chosen."""


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
    """Set `block`, which follows `before`, in `measure` cells; every line fits, from 1 on.

    With `balanced` false only the number of lines and their starts are of use: that many
    lines, faster.
    """
    margin = _NestingPrefix(block.nesting, measure)
    room = max(1, measure - margin.cells)
    if block.kind is Kind.PARAGRAPH and style != DEFAULT_STYLE:
        indent = get_indent(block, before, style) if room >= _NARROW_MEASURE else 0
        inner = _typeset_styled(block, room, style, indent, balanced)
    else:
        inner = TYPESETTERS[block.kind](block, room, balanced)
    setting = _add_prefix(margin, inner) if margin.cells else inner
    if style.spacing > 1 and block.kind in _SPACED_KINDS:
        return add_spacing(setting, style.spacing, lambda: margin.make_runs(first=False))
    return setting


def _add_prefix(prefix: _NestingPrefix, inner: BlockLayout) -> BlockLayout:
    def draw(index: int) -> Line:
        line = inner.draw(index)
        return Line(prefix.make_runs(first=index == 0) + line.runs, line.start, line.end)

    return BlockLayout(inner.starts, draw, inner.offset_lines)


def draw_blank_line(block: Block, before: Block, measure: int) -> Line:
    """Return the blank line between two blocks: the bar of a quote that both stand in goes on."""
    shared = [
        level
        for level, other in zip(block.nesting, before.nesting, strict=False)
        if level.container is other.container and not level.is_first
    ]
    if not any(level.container in _BARS for level in shared):
        return BLANK_LINE
    return Line(_NestingPrefix(tuple(shared), measure).make_runs(first=False), 0, 0)


def as_text_lines(setting: BlockLayout) -> list[str]:
    """Return the lines of `setting` as plain text, without spaces at their ends."""
    return [setting.draw(index).text for index in range(len(setting))]


_BARS: Final = {Container.BLOCK_QUOTE: "│ ", Container.CALLOUT: "┃ "}


class _NestingPrefix:
    """What stands left of a block: bullets, numerals and bars, as many as there is room for."""

    def __init__(self, nesting: Sequence[NestingLevel], measure: int) -> None:
        most = measure // 2 if measure >= _NARROW_MEASURE else measure // 3
        self._levels: list[NestingLevel] = []
        self.cells = 0
        for level in reversed(nesting):
            if self.cells + _count_prefix_cells(level) > most:
                break
            self.cells += _count_prefix_cells(level)
            self._levels.insert(0, level)

    def make_runs(self, *, first: bool) -> tuple[Run, ...]:
        return tuple(self._make_run(level, first=first) for level in self._levels)

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
    return max(level.label_cells, cell_width(level.label), 1) + 1


# Prose ---------------------------------------------------------------------------------


def _typeset_prose(block: Block, measure: int, balanced: bool) -> BlockLayout:
    cut = break_balanced if balanced else break_greedily
    return typeset_lines(
        block, measure, LineBreaks(cut(block.text, measure)), _get_base_role(block)
    )


def _typeset_styled(
    block: Block, measure: int, style: ParagraphStyle, indent: int, balanced: bool
) -> BlockLayout:
    """Set a paragraph as the reader likes it."""
    if style.hyphen_language:
        starts, divided = hyphenate_paragraph(block, measure, style, indent, balanced=balanced)
    else:
        cut = break_balanced if balanced else break_greedily
        starts, divided = cut(block.text, measure - indent, -indent), frozenset()
    broken = LineBreaks(starts, {0: indent}, divided, style.justified)
    return typeset_lines(block, measure, broken, _get_base_role(block))


def _typeset_heading(block: Block, measure: int, balanced: bool) -> BlockLayout:
    """Set a title, deck or heading: lines of like length."""
    cut = break_evenly if balanced else break_greedily
    return typeset_lines(
        block, measure, LineBreaks(cut(block.text, measure)), _get_base_role(block)
    )


def _typeset_flush_right(block: Block, measure: int, balanced: bool) -> BlockLayout:
    """Set flush right, as an attribution is."""
    setting = _typeset_prose(block, measure, balanced)

    def draw(index: int) -> Line:
        line = setting.draw(index)
        room = measure - cell_width(line.text)
        return Line((Run(" " * room), *line.runs), line.start, line.end) if room > 0 else line

    return BlockLayout(setting.starts, draw)


def _typeset_verse(block: Block, measure: int, balanced: bool) -> BlockLayout:
    """Keep the text's own lines; hang what is longer than the measure."""
    hang = (
        HANG_CELLS
        if measure >= _NARROW_MEASURE
        else HANG_CELLS // 2
        if measure >= _NARROW_MEASURE // 2
        else 0
    )
    starts: list[int] = []
    hung: dict[int, int] = {}
    at = 0
    for line in block.text.split("\n"):
        begins = break_greedily(line, measure, hang)
        hung.update(dict.fromkeys(range(len(starts) + 1, len(starts) + len(begins)), hang))
        starts += [at + begin for begin in begins]
        at += len(line) + 1
    return typeset_lines(block, measure, LineBreaks(starts, hung), _get_base_role(block))


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


def _get_base_role(block: Block) -> Role:
    """Return what all of a block's text looks like."""
    pulled = any(level.container is Container.PULL_QUOTE for level in block.nesting)
    base = _BASE_ROLES.get(block.kind, Role.PLAIN)
    return base | Role.ACCENT | Role.EMPHASIS if pulled else base


# Marks, code and tables ----------------------------------------------------------------


def _typeset_ornament(block: Block, measure: int, _: bool) -> BlockLayout:
    """Centre a section break or the end mark."""
    mark = SECTION_BREAK if block.kind is Kind.BREAK else END_MARK
    mark = mark if len(mark) <= measure else mark[:1]
    line = Line((Run(" " * ((measure - len(mark)) // 2) + mark, Role.MARKER),), 0, 0)
    return BlockLayout([0], lambda _: line)


def _typeset_code(block: Block, measure: int, _: bool = False) -> BlockLayout:
    """Keep the text's own lines; mark what continues a line longer than the measure."""
    hang = len(CONTINUATION_PREFIX) if measure > 2 * len(CONTINUATION_PREFIX) else 0
    text = block.text
    starts: list[int] = []
    continued: set[int] = set()
    at = 0
    for line in text.split("\n"):
        starts.append(at)
        if len(line) > measure or not line.isascii():
            begins = fold_text(line, measure, hang)[1:]
            continued.update(range(len(starts), len(starts) + len(begins)))
            starts += [at + begin for begin in begins]
        at += len(line) + 1
    ends = [*starts[1:], len(text)]
    listing: ColouredCode | None = None

    def draw(index: int) -> Line:
        nonlocal listing
        if listing is None:
            from reader.layout.code import ColouredCode

            listing = ColouredCode(text, block.language)
        start, end = starts[index], ends[index]
        piece = text[start:end].rstrip("\n")
        mark = CONTINUATION_PREFIX if index in continued and hang else ""
        room = max(0, measure - len(mark) - cell_width(piece))
        flat = listing.lex_until(start + len(piece))
        runs = [
            *slice_runs(text, flat, start, start + len(piece)),
            Run(" " * room, Role.CODE),
        ]
        if mark:
            runs.insert(0, Run(mark, Role.CODE | Role.MARKER))
        return Line(tuple(runs), start, end)

    return BlockLayout(starts, draw)


def _typeset_table(block: Block, measure: int, _: bool) -> BlockLayout:
    return (
        typeset_table(block, block.columns, measure)
        if block.columns
        else _typeset_code(block, measure)
    )


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
