"""Rules for syntax beyond CommonMark.

Maths, template tags, kramdown attributes, wikilinks, definition lists, and HTML that is replaced
by a notice. Each rule follows markdown-it's contract: it returns whether it matches at the
state's position; unless `silent` it pushes tokens; it moves the position past the match.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from markdown_it.common.html_re import HTML_TAG_RE
from markdown_it.rules_block import html_block

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

    from reader.markdown.html.tags import Omitted, Tag


_MAX_SYNTAX_CHARACTERS: Final = 2_000
"""The longest template tag or formula. The limit bounds the search for its end."""
_TEMPLATE_DELIMITERS: Final = (("{{<", ">}}"), ("{{%", "%}}"), ("{{", "}}"), ("{%", "%}"))
"""Delimiters of Hugo, Jekyll and Jinja tags. Longer ones come first."""
_PICTURE_SUFFIXES: Final = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp", ".tiff",
)  # fmt: skip
_OTHER_TAGS: Final = "other_tags"
"""Key of `state.env`: by its beginning, whether the text has a tag."""
_SPAN_ENDINGS: Final = ")]`*_"
"""Characters after which `{.class}` holds the attributes of an inline span."""


def add_syntax_extensions(parser: MarkdownIt) -> None:
    """Add every rule of this module except the one for definition lists to `parser`."""
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
    rules.before("html_inline", "unknown_tag", _parse_unknown_tag)
    parser.block.ruler.at(
        "html_block", _parse_html_block, {"alt": ["paragraph", "reference", "blockquote"]}
    )


@cache
def _compile_pattern(source: str) -> re.Pattern[str]:
    # Compiled on first use: most stories use none of these patterns.
    return re.compile(source)


def _get_line(state: StateBlock, line: int) -> str:
    """Return a line's text from its first character after the indent."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


_UNCLOSED_MATHS: Final = "unclosed_maths"
"""Key of `state.env`: by level, the lines between which a formula has no end."""
OPEN_FORMULA_LINE: Final = "open_formula_line"
"""Key of `state.env`: the first line of a formula without end, which may be text after all."""
_PRICE: Final = r"\d[\d.,]*[kKmMbB]?[).,;:!?'\"]*\s+[A-Za-z]{2}"
"""An amount and the start of the next word, as in `from $5 to $10`."""
_INLINE_MATHS: Final = (
    rf"\$\$(?=\S)[^$]{{1,{_MAX_SYNTAX_CHARACTERS}}}\$\$"
    rf"|\$(?![\s$])(?!{_PRICE})(?:[^$\\`]|\\.){{1,{_MAX_SYNTAX_CHARACTERS}}}(?<!\s)\$(?!\d)"
)


def _parse_maths(state: StateInline, silent: bool) -> bool:
    """Parse a formula such as `$x$`.

    There is no space and no code inside the dollar signs, no letter or digit before them and
    no digit after them.
    """
    start = state.pos
    if state.src[start] != "$" or (start and state.src[start - 1].isalnum()):
        return False
    match = _compile_pattern(f"(?s:{_INLINE_MATHS})").match(state.src, start, state.posMax)
    if match is None:
        return False
    if not silent:
        state.push("maths", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _parse_maths_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a formula on lines between `$$` and `$$`, without blank lines.

    A formula that is still open at the end of the text is accepted: the text may be a slice
    that ends inside it.
    """
    if state.is_code_block(start) or not _get_line(state, start).startswith("$$"):
        return False
    first, last = state.env.get(_UNCLOSED_MATHS, {}).get(state.level, (0, 0))
    if first <= start < last:
        return False
    line, is_closed = start, _get_line(state, start)[2:].rstrip().endswith("$$")
    while not is_closed and line + 1 < end:
        line += 1
        if state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            # Formulas that start on a line in between have no end either. Without this
            # record, many open formulas would take quadratic time.
            state.env.setdefault(_UNCLOSED_MATHS, {})[state.level] = (start, line)
            return False
        is_closed = _get_line(state, line).rstrip().endswith("$$")
    if not is_closed:
        state.env.setdefault(OPEN_FORMULA_LINE, start)
    if not silent:
        source = state.getLines(start, line + 1, state.blkIndent, False).strip()
        token = state.push("fence", "code", 0)
        token.content, token.info = source, "latex"
        token.map = [start, line + 1]
        state.line = line + 1
    return True


_ATTRIBUTES: Final = r"\{:(?:[:/]?[A-Za-z][^{}]{0,300}|[ .#][^{}]{0,300}|/?)\}"
"""Attributes of kramdown: `{: .class}`."""
_PLAIN_ATTRIBUTES: Final = r"\{(?:[.#][\w-]|[\w-]{1,40}=)[^{}\n]{0,300}\}"
"""Attributes of Pandoc and others: `{.class}`, `{width=50%}`."""


def _parse_foreign_markup(state: StateInline, silent: bool) -> bool:
    """Parse markup for another program: a template tag or an attribute list."""
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
    """Return the offset after the template tag at the state's position, or 0."""
    for opening, closing in _TEMPLATE_DELIMITERS:
        if state.src.startswith(opening, state.pos):
            inner = state.pos + len(opening)
            end = state.src.find(closing, inner, min(state.posMax, inner + _MAX_SYNTAX_CHARACTERS))
            if end >= 0:
                end += len(closing)
                return end + state.src.startswith("}", end)  # {{{ three braces }}}
    return 0


def _find_attributes_end(state: StateInline) -> int:
    """Return the offset after the attribute list at the state's position, or 0.

    `{.class}` counts only after an inline span or at the end of a line.
    """
    start, source = state.pos, state.src
    match = _compile_pattern(_ATTRIBUTES).match(source, start, state.posMax)
    if match is None:
        match = _compile_pattern(_PLAIN_ATTRIBUTES).match(source, start, state.posMax)
        if match is None:
            return 0
        follows_span = start > 0 and source[start - 1] in _SPAN_ENDINGS
        is_last_in_line = source[match.end() : match.end() + 1] in ("", "\n")
        if not (follows_span or (is_last_in_line and source[start + 1] in ".#")):
            return 0
    return match.end()


_WIKILINK: Final = r"!?\[\[([^\[\]|^\n][^\[\]|\n]{0,300}+)(?:\|([^\[\]\n]{1,300}+))?\]\](?![(\[:])"


def _parse_wikilink(state: StateInline, silent: bool) -> bool:
    """Parse `[[target|text]]` as a link, and `![[picture.png]]` as a picture."""
    start = state.pos
    if not state.src.startswith(("[[", "![["), start) or state.linkLevel > 0:
        return False
    match = _compile_pattern(_WIKILINK).match(state.src, start, state.posMax)
    if match is None or match[1].strip().upper() in state.env.get("references", {}):
        return False
    if not silent:
        target, text = match[1].strip(), (match[2] or "").strip()
        has_picture = target.lower().endswith(_PICTURE_SUFFIXES) or _is_size(text)
        if state.src[start] == "!" and has_picture:
            _push_picture(state, target, text)
        else:
            state.push("link_open", "a", 1).attrs = {"href": f"[[{target}]]"}
            state.push("text", "", 0).content = text or target.strip("#").replace("#", " › ")
            state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def _is_size(text: str) -> bool:
    return text.replace("x", "").isdecimal()


def _push_picture(state: StateInline, target: str, text: str) -> None:
    """Push a picture. `text`, written after the bar, is its caption unless it is a size."""
    picture = state.push("image", "img", 0)
    picture.attrs = {"src": target}
    alt = picture.copy(type="text", tag="", attrs={})
    alt.content = text if text and not _is_size(text) else target
    picture.children = [alt]


def _parse_omitted(state: StateInline, silent: bool) -> bool:
    """Parse a comment, or an element such as a script or video, that a notice replaces."""
    start, source = state.pos, state.src
    if source[start] != "<":
        return False
    is_comment = source.startswith(("<!", "<?"), start)
    result = _find_comment(state) if is_comment else _find_omitted_element(state)
    if result is None:
        return False
    omitted, end = result
    if not silent:
        token = state.push("omitted", "", 0)
        token.content, token.info = omitted.describe(), omitted.url
    state.pos = end
    return True


def _find_comment(state: StateInline) -> tuple[Omitted, int] | None:
    """Return the comment at the state's position and the offset after it."""
    from reader.markdown.html.tags import COMMENT_TYPES, parse_comment

    start = state.pos
    ends = (
        end for opening, (end, _) in COMMENT_TYPES.items() if state.src.startswith(opening, start)
    )
    closing = next(ends, "")
    if not closing or state.html_terminator_last(closing) < start + 2:
        return None
    end = state.src.find(closing, start + 2, state.posMax)
    if end < 0:
        return None
    end += len(closing)
    omitted = parse_comment(state.src[start:end])
    return (omitted, end) if omitted else None


def _find_omitted_element(state: StateInline) -> tuple[Omitted, int] | None:
    """Return the element at the state's position, if it is omitted, and the offset after it.

    Without an end tag it is the start tag alone.
    """
    from reader.markdown.html.tags import OMITTED_TAGS, omit_element, parse_tag

    match = _compile_pattern(r"<([A-Za-z]+)\b[^<>]*+>").match(state.src, state.pos, state.posMax)
    name = match[1].lower() if match else ""
    if match is None or name not in OMITTED_TAGS:
        return None
    tag = parse_tag(match[0])
    if tag is None:
        return None
    inner = end = match.end()
    closing = f"</{name}>"
    if state.html_terminator_last(closing) >= inner:
        end = max(inner, state.src.find(closing, inner, state.posMax))
    omitted = omit_element(tag, state.src[inner:end])
    return omitted, end + len(closing) if end > inner or state.src.startswith(closing, end) else end


def _parse_unknown_tag(state: StateInline, silent: bool) -> bool:
    """Parse what looks like a tag but is text, such as `<placeholder>`, as written."""
    from reader.markdown.html.tags import is_markup, parse_tag

    start, source = state.pos, state.src
    if source[start] != "<" or state.html_terminator_last(">") < start + 2:
        return False
    match = HTML_TAG_RE.match(source, start, state.posMax)
    tag = parse_tag(match[0]) if match else None
    if match is None or tag is None:
        return False
    other = f"<{tag.name}" if tag.is_closing else f"</{tag.name}"
    is_balanced = state.html_terminator_last(other) >= (0 if tag.is_closing else match.end())
    is_comparison = (  # as in `a<b>c`
        len(tag.source) == len("<b>")
        and not is_balanced
        and source[start - 1 : start].isalnum()
        and source[match.end() : match.end() + 1].isalnum()
    )
    if is_markup(tag, is_balanced=is_balanced) and not is_comparison:
        return False
    if not silent:
        token = state.push("text_special", "", 0)
        token.content, token.markup, token.info = match[0], match[0], "escape"
    state.pos = match.end()
    return True


def _parse_html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a block of HTML as markdown-it does, unless it begins with a tag that is text."""
    from reader.markdown.html.tags import is_markup, parse_tag

    line = _get_line(state, start)
    tag = parse_tag(line) if line.startswith("<") else None
    if tag is not None and not is_markup(tag, is_balanced=_has_other_tag(state, tag)):
        return False
    return html_block(state, start, end, silent)


def _has_other_tag(state: StateBlock, tag: Tag) -> bool:
    """Return whether the text has a start tag for this end tag, or the reverse."""
    other = f"<{tag.name}" if tag.is_closing else f"</{tag.name}"
    known: dict[str, bool] = state.env.setdefault(_OTHER_TAGS, {})
    if other not in known:  # asked once for each name, to keep time linear
        known[other] = other in state.src
    return known[other]


_MAX_TERM_CHARACTERS: Final = 100
"""A longer line is not a term."""
_SENTENCE_ENDINGS: Final = (".", ",", ";", ":", "…", ".”", ".’", '."', ".'", ",”", ',"')
"""A line with one of these endings is not a term."""
_DEFINITION_INDENT_CELLS: Final = 2
"""The indent of later blocks of a definition, relative to its colon."""


def add_definition_lists(parser: MarkdownIt) -> None:
    """Add the rule for definition lists to `parser`.

    It comes before `lheading`, which would search for an underline far below the term.
    """
    parser.block.ruler.before(
        "lheading",
        "definitions",
        _parse_definition_list,
        {"alt": ["paragraph", "reference", "blockquote"]},
    )


def _parse_definition_list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a term and the definitions below it."""
    if state.is_code_block(start):
        return False
    if silent:  # asked whether a paragraph in a definition ends: at the next one or the next term
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
    opening = state.push("dl_open", "dl", 1)
    opening.map = [start, 0]
    state.push("dt_open", "dt", 1).map = [start, start + 1]
    inline = state.push("inline", "", 0)
    inline.content = _get_line(state, start).strip()
    inline.map, inline.children = [start, start + 1], []
    state.push("dt_close", "dt", -1)
    while _is_own_definition(state, line, end):
        line = _parse_definition(state, line, end)
    state.push("dl_close", "dl", -1)
    opening.map = [start, line]
    state.line = line
    return True


def _parse_definition(state: StateBlock, line: int, end: int) -> int:
    """Parse one definition like the content of a list item. Return the line after it."""
    after_colon = state.bMarks[line] + state.tShift[line] + 1
    text_start = state.skipSpaces(after_colon)
    saved = (
        state.ddIndent, state.blkIndent, state.tShift[line], state.sCount[line], state.parentType,
        state.tight,
    )  # fmt: skip
    state.push("dd_open", "dd", 1).map = [line, line + 1]
    state.ddIndent = state.blkIndent = state.sCount[line] + _DEFINITION_INDENT_CELLS
    state.sCount[line] += text_start - after_colon + 1
    state.tShift[line] = text_start - state.bMarks[line]
    state.parentType = "deflist"
    state.md.block.tokenize(state, line, end)
    state.push("dd_close", "dd", -1)
    next_line = state.line
    (
        state.ddIndent, state.blkIndent, state.tShift[line], state.sCount[line], state.parentType,
        state.tight,
    ) = saved  # fmt: skip
    return next_line


def _is_term(state: StateBlock, line: int) -> bool:
    text = _get_line(state, line).strip()
    return 0 < len(text) <= _MAX_TERM_CHARACTERS and not text.endswith(_SENTENCE_ENDINGS)


def _is_definition(state: StateBlock, line: int, end: int) -> bool:
    """Return whether `line` starts a definition: a colon, white space and text."""
    if line >= end:
        return False
    start = state.bMarks[line] + state.tShift[line]
    return (
        state.src.startswith((": ", ":\t"), start)
        and not state.is_code_block(line)
        and state.skipSpaces(start + 1) < state.eMarks[line]
    )


def _is_own_definition(state: StateBlock, line: int, end: int) -> bool:
    """Return whether `line` starts a definition of the current term, not of an outer one."""
    return _is_definition(state, line, end) and state.sCount[line] >= state.blkIndent
