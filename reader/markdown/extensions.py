"""Syntax beyond CommonMark: maths, templates, wikilinks and definition lists."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

    from reader.markdown.html_tags import Omitted


_MAX_SYNTAX_CHARACTERS: Final = 2_000
"""Characters of one template or formula."""
_TEMPLATE_DELIMITERS: Final = (("{{<", ">}}"), ("{{%", "%}}"), ("{{", "}}"), ("{%", "%}"))
_PICTURE_SUFFIXES: Final = (
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".webp",
    ".svg",
    ".avif",
    ".bmp",
    ".tiff",
)
_SPAN_ENDINGS: Final = ")]`*_"
"""What a span that has attributes ends with."""


def add_syntax_extensions(parser: MarkdownIt) -> None:
    """Add the rules to a parser."""
    parser.block.ruler.before(
        "paragraph",
        "maths",
        _parse_maths_block,
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    rules = parser.inline.ruler
    rules.before("link", "wikilink", _parse_wikilink)
    rules.before("link", "maths", _parse_maths)
    rules.before("link", "foreign_markup", _parse_foreign_markup)
    rules.before("html_inline", "omitted", _parse_omitted)


@cache
def _compile_pattern(source: str) -> re.Pattern[str]:
    # Compiled when a text first asks: most hold none of this.
    return re.compile(source)


# Maths ---------------------------------------------------------------------------------

_PRICE: Final = r"\d[\d.,]*[kKmMbB]?[).,;:!?'\"]*\s+[A-Za-z]{2}"
_INLINE_MATHS: Final = (
    rf"\$\$(?=\S)[^$]{{1,{_MAX_SYNTAX_CHARACTERS}}}\$\$"
    rf"|\$(?![\s$])(?!{_PRICE})(?:[^$\\`]|\\.){{1,{_MAX_SYNTAX_CHARACTERS}}}(?<!\s)\$(?!\d)"
)


def _parse_maths(state: StateInline, silent: bool) -> bool:
    """Take `$x$`: no space or code inside the dollars, no letter before, no digit behind."""
    at = state.pos
    if state.src[at] != "$" or (at and state.src[at - 1].isalnum()):
        return False
    match = _compile_pattern(f"(?s:{_INLINE_MATHS})").match(state.src, at, state.posMax)
    if match is None:
        return False
    if not silent:
        state.push("maths", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _parse_maths_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take lines between `$$` and `$$` with no blank line in them for a formula.

    One that the text ends in is taken too: the text may be a slice.
    """
    if state.is_code_block(start) or not _get_line(state, start).startswith("$$"):
        return False
    first, last = state.env.get("no maths", {}).get(state.level, (0, 0))
    if first <= start < last:
        return False
    line, closed = start, _get_line(state, start)[2:].rstrip().endswith("$$")
    while not closed and line + 1 < end:
        line += 1
        if state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            # No line up to this one begins a formula either: none is asked again.
            state.env.setdefault("no maths", {})[state.level] = (start, line)
            return False
        closed = _get_line(state, line).rstrip().endswith("$$")
    if not silent:
        source = state.getLines(start, line + 1, state.blkIndent, False).strip()
        token = state.push("fence", "code", 0)
        token.content, token.info = source.removeprefix("$$").removesuffix("$$").strip(), "latex"
        token.map = [start, line + 1]
        state.line = line + 1
    return True


def _get_line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


# Templates and attributes --------------------------------------------------------------

_ATTRIBUTES: Final = r"\{:(?:[:/]?[A-Za-z][^{}]{0,300}|[ .#][^{}]{0,300}|/?)\}"
_PLAIN_ATTRIBUTES: Final = r"\{(?:[.#][\w-]|[\w-]{1,40}=)[^{}\n]{0,300}\}"


def _parse_foreign_markup(state: StateInline, silent: bool) -> bool:
    """Take what is written for a template or a converter as one piece."""
    if state.src[state.pos] != "{":
        return False
    end = _find_template_end(state) or _find_attributes_end(state)
    if not end:
        return False
    if not silent:
        state.push("foreign_markup", "", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


def _find_template_end(state: StateInline) -> int:
    for opening, closing in _TEMPLATE_DELIMITERS:
        if state.src.startswith(opening, state.pos):
            inner = state.pos + len(opening)
            end = state.src.find(closing, inner, min(state.posMax, inner + _MAX_SYNTAX_CHARACTERS))
            if end >= 0:
                end += len(closing)
                return end + state.src.startswith("}", end)  # {{{ three }}}
    return 0


def _find_attributes_end(state: StateInline) -> int:
    """Return the end of kramdown's `{: .class}`, or of `{.class}` where one may stand."""
    at, source = state.pos, state.src
    match = _compile_pattern(_ATTRIBUTES).match(source, at, state.posMax)
    if match is None:
        match = _compile_pattern(_PLAIN_ATTRIBUTES).match(source, at, state.posMax)
        if match is None:
            return 0
        attached = at > 0 and source[at - 1] in _SPAN_ENDINGS
        at_end = source[match.end() : match.end() + 1] in ("", "\n") and source[at + 1] in ".#"
        if not (attached or at_end):
            return 0
    return match.end()


# Wikilinks -----------------------------------------------------------------------------

_WIKILINK: Final = r"!?\[\[([^\[\]|^\n][^\[\]|\n]{0,300}+)(?:\|([^\[\]\n]{1,300}+))?\]\](?![(\[:])"


def _parse_wikilink(state: StateInline, silent: bool) -> bool:
    """Take `[[target|words]]` for a link, and `![[picture.png]]` for a picture."""
    at = state.pos
    if not state.src.startswith(("[[", "![["), at) or state.linkLevel > 0:
        return False
    match = _compile_pattern(_WIKILINK).match(state.src, at, state.posMax)
    if match is None or match[1].strip().upper() in state.env.get("references", {}):
        return False
    if not silent:
        target, words = match[1].strip(), (match[2] or "").strip()
        if state.src[at] == "!" and target.lower().endswith(_PICTURE_SUFFIXES):
            _push_picture(state, target, words)
        else:
            opened = state.push("link_open", "a", 1)
            opened.attrs = {"href": f"[[{target}]]"}
            state.push("text", "", 0).content = words or target.strip("#").replace("#", " › ")
            state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def _push_picture(state: StateInline, target: str, words: str) -> None:
    """Push a picture; what is behind the bar is its caption, or a size, which is none."""
    picture = state.push("image", "img", 0)
    picture.attrs = {"src": target}
    inner = picture.copy(type="text", tag="", attrs={})
    is_size = words.replace("x", "").isdecimal()
    inner.content = words if words and not is_size else target
    picture.children = [inner]


# HTML that is left out -----------------------------------------------------------------


def _parse_omitted(state: StateInline, silent: bool) -> bool:
    """Take a comment, or a script, frame or film with all it holds, for one piece."""
    at, source = state.pos, state.src
    if source[at] != "<":
        return False
    found = (
        _find_comment(state)
        if source.startswith(("<!", "<?"), at)
        else _find_omitted_element(state)
    )
    if found is None:
        return False
    what, end = found
    if not silent:
        token = state.push("omitted", "", 0)
        token.content, token.info = what.describe(), what.url
    state.pos = end
    return True


def _find_comment(state: StateInline) -> tuple[Omitted, int] | None:
    from reader.markdown.html_tags import COMMENT_TYPES, parse_comment

    at = state.pos
    ends = (end for start, (end, _) in COMMENT_TYPES.items() if state.src.startswith(start, at))
    closing = next(ends, "")
    if not closing or state.html_terminator_last(closing) < at + 2:
        return None
    end = state.src.find(closing, at + 2, state.posMax)
    what = parse_comment(state.src[at : end + len(closing)]) if end >= 0 else None
    return (what, end + len(closing)) if what else None


def _find_omitted_element(state: StateInline) -> tuple[Omitted, int] | None:
    from reader.markdown.html_tags import OMITTED_TAGS, omit_element, parse_tag

    match = _compile_pattern(r"<([A-Za-z]+)\b[^<>]*+>").match(state.src, state.pos, state.posMax)
    name = match[1].lower() if match else ""
    if match is None or name not in OMITTED_TAGS:
        return None
    opened = parse_tag(match[0])
    if opened is None:
        return None
    inner = end = match.end()
    closing = f"</{name}>"
    if state.html_terminator_last(closing) >= inner:
        end = max(inner, state.src.find(closing, inner, state.posMax))
    found = omit_element(opened, state.src[inner:end])
    return found, end + len(closing) if end > inner or state.src.startswith(closing, end) else end


_MAX_TERM_CHARACTERS: Final = 100
"""Characters. What is longer is a paragraph."""
_SENTENCE_ENDINGS: Final = (".", ",", ";", ":", "…", ".”", ".’", '."', ".'", ",”", ',"')
_DEFINITION_INDENT_CELLS: Final = 2
"""Cells by which what belongs to a definition is set in, beside its first line."""


def add_definition_lists(parser: MarkdownIt) -> None:
    """Add the rule to a parser of blocks, before the one that looks for an underline far below."""
    parser.block.ruler.before(
        "lheading",
        "definitions",
        _parse_definition_list,
        {"alt": ["paragraph", "reference", "blockquote"]},
    )


def _parse_definition_list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    if silent:  # what ends a paragraph inside a definition: the next one, or the next term
        return (
            state.ddIndent >= 0
            and state.sCount[start] < state.ddIndent
            and (_is_definition(state, start, end) or _is_definition(state, start + 1, end))
        )
    line = start + 1
    if line < end and state.isEmpty(line):
        line += 1
    if not _is_own_definition(state, line, end) or not _is_term(state, start):
        return False
    opened = state.push("dl_open", "dl", 1)
    opened.map = [start, 0]
    state.push("dt_open", "dt", 1).map = [start, start + 1]
    inline = state.push("inline", "", 0)
    inline.content = _get_stripped_line(state, start).strip()
    inline.map, inline.children = [start, start + 1], []
    state.push("dt_close", "dt", -1)
    while _is_own_definition(state, line, end):
        line = _parse_definition(state, line, end)
    state.push("dl_close", "dl", -1)
    opened.map = [start, line]
    state.line = line
    return True


def _parse_definition(state: StateBlock, line: int, end: int) -> int:
    """Parse one definition as what a list item holds, and return the line behind it."""
    at = state.bMarks[line] + state.tShift[line] + 1
    text = state.skipSpaces(at)
    held = (
        state.ddIndent, state.blkIndent, state.tShift[line], state.sCount[line], state.parentType,
        state.tight,
    )  # fmt: skip
    state.push("dd_open", "dd", 1).map = [line, line + 1]
    state.ddIndent = state.blkIndent = state.sCount[line] + _DEFINITION_INDENT_CELLS
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
    text = _get_stripped_line(state, line).strip()
    return 0 < len(text) <= _MAX_TERM_CHARACTERS and not text.endswith(_SENTENCE_ENDINGS)


def _is_definition(state: StateBlock, line: int, end: int) -> bool:
    """Tell whether a definition begins on `line`: a colon, space and some text."""
    if line >= end:
        return False
    at = state.bMarks[line] + state.tShift[line]
    return (
        state.src.startswith((": ", ":\t"), at)
        and not state.is_code_block(line)
        and state.skipSpaces(at + 1) < state.eMarks[line]
    )


def _is_own_definition(state: StateBlock, line: int, end: int) -> bool:
    """Tell whether a definition begins on `line` that is not one of an outer term."""
    return _is_definition(state, line, end) and state.sCount[line] >= state.blkIndent


def _get_stripped_line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
