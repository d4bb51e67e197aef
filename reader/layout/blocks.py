"""Typeset blocks into lines at a measure, one function for each kind of block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.layout.linebreak import balanced_offsets, break_offsets, even_offsets, fold_offsets
from reader.layout.lines import (
    BLANK,
    INDENT,
    PLAIN,
    Broken,
    Line,
    Run,
    Setting,
    division,
    drawn,
    runs_between,
    spaced,
)
from reader.layout.tables import set_table
from reader.text.cells import width
from reader.text.document import Block, Kind, Nest, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.layout.code import Listing
    from reader.layout.lines import Composition
    from reader.text.document import Level


HANG: Final = 4
"""Cells by which an over-long line of verse is hung; half of it in a narrow measure."""
CONTINUED: Final = "↪ "
"""Stands before what continues a line of code."""
END_MARK: Final = "◆"
SECTION_BREAK: Final = "* * *"
_NARROW: Final = 24
"""Below this measure (cells) there is no room for hanging and half of the nesting."""


def gap(block: Block, before: Block | None, composition: Composition = PLAIN) -> int:
    """Return how many blank rows stand between `before` and `block`."""
    if before is None:
        return 0
    rows = _rows_between(block, before)
    if rows and indent_of(block, before, composition):
        rows = 0
    head_or_heading = before.kind in _LEADING
    if before.kind in _SPACED or (block.kind in _SPACED and not head_or_heading):
        rows += composition.spacing - 1
    return rows


def _rows_between(block: Block, before: Block) -> int:
    if block.tight or _is_callout_name(before):
        return 0
    if not block.text and block.kind not in (Kind.BREAK, Kind.END, Kind.PARAGRAPH, Kind.CODE):
        return 0
    if block.kind is Kind.HEADING and block.level <= 2 and before.kind not in _LEADING:
        return 2
    return 1


def indent_of(block: Block, before: Block | None, composition: Composition) -> int:
    """Return by how many cells the first line of `block` is indented.

    Only a paragraph that follows another one of the same story or quote is: after anything
    else its beginning can't be missed.
    """
    if not composition.indent or before is None or not block.text:
        return 0
    follows = block.kind is before.kind is Kind.PARAGRAPH and not _is_callout_name(before)
    nests = [level.nest for level in block.nesting]
    goes_on = nests == [level.nest for level in before.nesting] and not any(
        level.opens or level.nest is Nest.ITEM for level in block.nesting
    )
    return INDENT if follows and goes_on else 0


_LEADING: Final = (Kind.HEADING, Kind.CREDIT)
"""What belongs to the text under it. A story's head ends with a credit."""
_SPACED: Final = (Kind.PARAGRAPH, Kind.VERSE, Kind.ATTRIBUTION)
"""What is set at the line spacing that was chosen."""


def _is_callout_name(block: Block) -> bool:
    level = block.nesting[-1] if block.nesting else None
    return level is not None and level.nest is Nest.CALLOUT and level.opens


def typeset(
    block: Block,
    measure: int,
    composition: Composition = PLAIN,
    before: Block | None = None,
    *,
    balanced: bool = True,
) -> Setting:
    """Set `block`, which follows `before`, in `measure` cells; every line fits, from 1 on.

    With `balanced` false only the number of lines and their starts are of use: that many
    lines, faster.
    """
    margin = _Margin(block.nesting, measure)
    room = max(1, measure - margin.cells)
    if block.kind is Kind.PARAGRAPH and composition != PLAIN:
        indent = indent_of(block, before, composition) if room >= _NARROW else 0
        inner = _composed(block, room, composition, indent, balanced)
    else:
        inner = SETTERS[block.kind](block, room, balanced)
    setting = _beside(margin, inner) if margin.cells else inner
    if composition.spacing > 1 and block.kind in _SPACED:
        return spaced(setting, composition.spacing, lambda: margin.runs(first=False))
    return setting


def _beside(margin: _Margin, inner: Setting) -> Setting:
    def draw(index: int) -> Line:
        line = inner.draw(index)
        return Line(margin.runs(first=index == 0) + line.runs, line.start, line.end)

    return Setting(inner.starts, draw, inner.where)


def blank(block: Block, before: Block, measure: int) -> Line:
    """Return the blank line between two blocks: the bar of a quote that both stand in goes on."""
    shared = [
        level
        for level, other in zip(block.nesting, before.nesting, strict=False)
        if level.nest is other.nest and not level.opens
    ]
    if not any(level.nest in _BARS for level in shared):
        return BLANK
    return Line(_Margin(tuple(shared), measure).runs(first=False), 0, 0)


def as_text(setting: Setting) -> list[str]:
    """Return the lines of `setting` as plain text, without spaces at their ends."""
    return [setting.draw(index).text for index in range(len(setting))]


_BARS: Final = {Nest.QUOTE: "│ ", Nest.CALLOUT: "┃ "}


class _Margin:
    """What stands left of a block: bullets, numerals and bars, as many as there is room for."""

    def __init__(self, nesting: Sequence[Level], measure: int) -> None:
        most = measure // 2 if measure >= _NARROW else measure // 3
        self._levels: list[Level] = []
        self.cells = 0
        for level in reversed(nesting):
            if self.cells + _room(level) > most:
                break
            self.cells += _room(level)
            self._levels.insert(0, level)

    def runs(self, *, first: bool) -> tuple[Run, ...]:
        return tuple(self._run(level, first=first) for level in self._levels)

    def _run(self, level: Level, *, first: bool) -> Run:
        if level.nest in _BARS:
            return Run(_BARS[level.nest], Role.MARKER)
        label = level.label if first and level.opens else ""
        return Run(label.rjust(_room(level) - 1) + " ", Role.MARKER)


def _room(level: Level) -> int:
    if level.nest in _BARS:
        return 2
    if level.nest is Nest.PULL:
        return 4
    return max(level.cells, width(level.label), 1) + 1


# Prose ---------------------------------------------------------------------------------


def _prose(block: Block, measure: int, balanced: bool) -> Setting:
    cut = balanced_offsets if balanced else break_offsets
    return drawn(block, measure, Broken(cut(block.text, measure)), _base(block))


def _composed(
    block: Block, measure: int, composition: Composition, indent: int, balanced: bool
) -> Setting:
    """Set a paragraph as the reader likes it."""
    if composition.hyphens:
        starts, divided = division(block, measure, composition, indent, balanced=balanced)
    else:
        cut = balanced_offsets if balanced else break_offsets
        starts, divided = cut(block.text, measure - indent, -indent), frozenset()
    broken = Broken(starts, {0: indent}, divided, composition.justified)
    return drawn(block, measure, broken, _base(block))


def _display(block: Block, measure: int, balanced: bool) -> Setting:
    """Set a title, deck or heading: lines of like length."""
    cut = even_offsets if balanced else break_offsets
    return drawn(block, measure, Broken(cut(block.text, measure)), _base(block))


def _right(block: Block, measure: int, balanced: bool) -> Setting:
    """Set flush right, as an attribution is."""
    setting = _prose(block, measure, balanced)

    def draw(index: int) -> Line:
        line = setting.draw(index)
        room = measure - width(line.text)
        return Line((Run(" " * room), *line.runs), line.start, line.end) if room > 0 else line

    return Setting(setting.starts, draw)


def _verse(block: Block, measure: int, balanced: bool) -> Setting:
    """Keep the text's own lines; hang what is longer than the measure."""
    hang = HANG if measure >= _NARROW else HANG // 2 if measure >= _NARROW // 2 else 0
    starts: list[int] = []
    hung: dict[int, int] = {}
    at = 0
    for line in block.text.split("\n"):
        begins = break_offsets(line, measure, hang)
        hung.update(dict.fromkeys(range(len(starts) + 1, len(starts) + len(begins)), hang))
        starts += [at + begin for begin in begins]
        at += len(line) + 1
    return drawn(block, measure, Broken(starts, hung), _base(block))


_BASE: Final = {
    Kind.KICKER: Role.ACCENT,
    Kind.TITLE: Role.TITLE,
    Kind.DECK: Role.EMPHASIS | Role.DIM,
    Kind.BYLINE: Role.DIM,
    Kind.CREDIT: Role.DIM,
    Kind.HEADING: Role.HEADING,
    Kind.ATTRIBUTION: Role.DIM,
    Kind.STAND_IN: Role.DIM,
}


def _base(block: Block) -> Role:
    """Return what all of a block's text looks like."""
    pulled = any(level.nest is Nest.PULL for level in block.nesting)
    base = _BASE.get(block.kind, Role.PLAIN)
    return base | Role.ACCENT | Role.EMPHASIS if pulled else base


# Marks, code and tables ----------------------------------------------------------------


def _mark(block: Block, measure: int, _: bool) -> Setting:
    """Centre a section break or the end mark."""
    mark = SECTION_BREAK if block.kind is Kind.BREAK else END_MARK
    mark = mark if len(mark) <= measure else mark[:1]
    line = Line((Run(" " * ((measure - len(mark)) // 2) + mark, Role.MARKER),), 0, 0)
    return Setting([0], lambda _: line)


def _code(block: Block, measure: int, _: bool = False) -> Setting:
    """Keep the text's own lines; mark what continues a line longer than the measure."""
    hang = len(CONTINUED) if measure > 2 * len(CONTINUED) else 0
    text = block.text
    starts: list[int] = []
    continued: set[int] = set()
    at = 0
    for line in text.split("\n"):
        starts.append(at)
        if len(line) > measure or not line.isascii():
            begins = fold_offsets(line, measure, hang)[1:]
            continued.update(range(len(starts), len(starts) + len(begins)))
            starts += [at + begin for begin in begins]
        at += len(line) + 1
    ends = [*starts[1:], len(text)]
    listing: Listing | None = None

    def draw(index: int) -> Line:
        nonlocal listing
        if listing is None:
            from reader.layout.code import Listing

            listing = Listing(text, block.info)
        start, end = starts[index], ends[index]
        piece = text[start:end].rstrip("\n")
        mark = CONTINUED if index in continued and hang else ""
        room = max(0, measure - len(mark) - width(piece))
        flat = listing.until(start + len(piece))
        runs = [
            *runs_between(text, flat, start, start + len(piece)),
            Run(" " * room, Role.CODE),
        ]
        if mark:
            runs.insert(0, Run(mark, Role.CODE | Role.MARKER))
        return Line(tuple(runs), start, end)

    return Setting(starts, draw)


def _table(block: Block, measure: int, _: bool) -> Setting:
    return set_table(block, block.columns, measure) if block.columns else _code(block, measure)


SETTERS: Final[dict[Kind, Callable[[Block, int, bool], Setting]]] = {
    Kind.KICKER: _prose,
    Kind.TITLE: _display,
    Kind.DECK: _display,
    Kind.BYLINE: _prose,
    Kind.CREDIT: _prose,
    Kind.END: _mark,
    Kind.PARAGRAPH: _prose,
    Kind.HEADING: _display,
    Kind.ATTRIBUTION: _right,
    Kind.VERSE: _verse,
    Kind.CODE: _code,
    Kind.TABLE: _table,
    Kind.BREAK: _mark,
    Kind.STAND_IN: _prose,
}
