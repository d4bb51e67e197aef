"""Definition lists: a term on a line of its own, and below it `: what it means`.

One term and its definitions are one list, so that where a long text is cut changes nothing.
A line of prose that begins with a colon is none: there must be a term, short and no sentence,
right above or one blank line above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

_LONGEST_TERM: Final = 100
"""Characters. What is longer is a paragraph."""
_SENTENCE_ENDS: Final = (".", ",", ";", ":", "…", ".”", ".’", '."', ".'", ",”", ',"')
_INDENT: Final = 2
"""Cells by which what belongs to a definition is set in, beside its first line."""


def extend(parser: MarkdownIt) -> None:
    """Add the rule to a parser of blocks, before the one that looks for an underline far below."""
    parser.block.ruler.before(
        "lheading", "definitions", _definitions, {"alt": ["paragraph", "reference", "blockquote"]}
    )


def _definitions(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    if silent:  # what ends a paragraph inside a definition: the next one, or the next term
        return (
            state.ddIndent >= 0
            and state.sCount[start] < state.ddIndent
            and (_marked(state, start, end) or _marked(state, start + 1, end))
        )
    line = start + 1
    if line < end and state.isEmpty(line):
        line += 1
    if not _follows(state, line, end) or not _is_term(state, start):
        return False
    opened = state.push("dl_open", "dl", 1)
    opened.map = [start, 0]
    state.push("dt_open", "dt", 1).map = [start, start + 1]
    inline = state.push("inline", "", 0)
    inline.content = _line(state, start).strip()
    inline.map, inline.children = [start, start + 1], []
    state.push("dt_close", "dt", -1)
    while _follows(state, line, end):
        line = _definition(state, line, end)
    state.push("dl_close", "dl", -1)
    opened.map = [start, line]
    state.line = line
    return True


def _definition(state: StateBlock, line: int, end: int) -> int:
    """Parse one definition as what a list item holds, and return the line behind it."""
    at = state.bMarks[line] + state.tShift[line] + 1
    text = state.skipSpaces(at)
    held = (
        state.ddIndent, state.blkIndent, state.tShift[line], state.sCount[line], state.parentType,
        state.tight,
    )  # fmt: skip
    state.push("dd_open", "dd", 1).map = [line, line + 1]
    state.ddIndent = state.blkIndent = state.sCount[line] + _INDENT
    state.sCount[line] += text - at + 1
    state.tShift[line] = text - state.bMarks[line]
    state.parentType = "deflist"
    state.md.block.tokenize(state, line, end)
    state.push("dd_close", "dd", -1)
    behind = state.line
    (
        state.ddIndent, state.blkIndent, state.tShift[line], state.sCount[line], state.parentType,
        state.tight,
    ) = held  # fmt: skip
    return behind


def _is_term(state: StateBlock, line: int) -> bool:
    text = _line(state, line).strip()
    return 0 < len(text) <= _LONGEST_TERM and not text.endswith(_SENTENCE_ENDS)


def _marked(state: StateBlock, line: int, end: int) -> bool:
    """Tell whether a definition begins on `line`: a colon, space and some text."""
    if line >= end:
        return False
    at = state.bMarks[line] + state.tShift[line]
    return (
        state.src.startswith((": ", ":\t"), at)
        and not state.is_code_block(line)
        and state.skipSpaces(at + 1) < state.eMarks[line]
    )


def _follows(state: StateBlock, line: int, end: int) -> bool:
    """Tell whether a definition begins on `line` that is not one of an outer term."""
    return _marked(state, line, end) and state.sCount[line] >= state.blkIndent


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
