"""The Markdown dialect: parsers of markdown-it with this program's rules.

GitHub's dialect with footnotes and the extensions, with its own rules for tables, bare links, link
destinations and the spaces before a paragraph, and with Obsidian's marks, comments and block ids.
Also joins the cells of a table into the text of its blocks.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt, helpers
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_block.paragraph import paragraph
from markdown_it.rules_block.table import escapedSplit, table
from mdit_py_plugins.footnote import footnote_plugin

from reader.markdown.extensions import add_definition_lists, add_syntax_extensions
from reader.markdown.spans import shift_spans
from reader.text.cells import count_cells, sanitize
from reader.text.document import Span, TableColumns
from reader.text.web_addresses import parse_web_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token


MAX_BLOCK_LEVELS: Final = 220
"""Nested blocks; a list takes two levels. At 1000 Python's stack overflows."""
MAX_INLINE_LEVELS: Final = 20
"""Nested brackets. Deeper ones stay text. Parsing a row of `[` takes longer with a higher limit."""
_URL_SCHEME: Final = re.compile(r"(?<![A-Za-z0-9.+-])https?\Z", re.IGNORECASE)
_URL_AFTER_SCHEME: Final = re.compile(r"://[^\W_][^\s<>\"“”‘’«»（）、。，；：！？」』】]*")
_WEB_SCHEMES: Final = ("http:", "https:")
_PLAIN_ADDRESS: Final = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]+)?(?:[/?#][!-\[\]-~]*)?")
"""A web address whose host is beyond doubt."""
_IGNORED_IN_ADDRESS: Final = re.compile(r"^[\0- ]+|[\t\n\r]+")
"""What browsers remove from an address."""
_TRAILING_PUNCTUATION: Final = frozenset("?!.,:;*_~'\"]}")
"""Characters that belong to the sentence when they end a bare URL."""


@lru_cache(maxsize=1)
def get_block_parser() -> MarkdownIt:
    """Return the parser for block structure."""
    return _make_parser(MAX_BLOCK_LEVELS)


@lru_cache(maxsize=1)
def get_inline_parser() -> MarkdownIt:
    """Return the parser for the content of blocks."""
    return _make_parser(MAX_INLINE_LEVELS)


def _make_parser(max_levels: int) -> MarkdownIt:
    options = {
        "maxNesting": max_levels,
        "store_labels": True,
        "strikethrough_single_tilde": False,
        "alerts": False,
    }
    parser = MarkdownIt("gfm-like2", options)
    parser.use(footnote_plugin, move_to_end=False)
    parser.normalizeLink = normalize_destination  # type: ignore[assignment] # the hook that markdown-it documents
    parser.helpers = _PARSER_HELPERS  # type: ignore[assignment] # declared as a module
    parser.block.ruler.at("table", _parse_table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.at("paragraph", _parse_paragraph)
    parser.block.ruler.before("paragraph", "comment", _parse_comment_block, {"alt": ["paragraph"]})
    parser.inline.ruler.at("linkify", _parse_bare_link)
    parser.inline.ruler.before("link", "marked", _parse_marked)
    parser.inline.ruler.before("link", "comment", _parse_comment)
    parser.inline.ruler.before("link", "block_id", _parse_block_id)
    add_definition_lists(parser)
    add_syntax_extensions(parser)
    return parser


def find_used_labels(children: Iterable[Token]) -> Iterator[str]:
    """Yield the labels of the link definitions that inline tokens use."""
    for token in children:
        if token.meta and "label" in token.meta:
            yield token.meta["label"]
        if token.children:
            yield from find_used_labels(token.children)


_TYPED_INDENT: Final = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
"""Spaces by which an author indents a paragraph. Markdown's own indent has spaces and tabs."""


def _parse_paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a paragraph as markdown-it does, and preserve the indent that it drops."""
    indent = _TYPED_INDENT.match(state.src, state.bMarks[start] + state.tShift[start])
    paragraph(state, start, end, silent)
    if indent and state.tokens[-2].content:
        state.tokens[-2].content = indent[0] + state.tokens[-2].content
    return True


COMMENT_NOTICE: Final = "[comment left out]"
_COMMENT_END: Final = re.compile(r"%%[ \t]*$", re.MULTILINE)
LAST_COMMENT_END: Final = "last_comment_end"
"""Key of the block parser's `env`: the offset of the last line end that can end a comment. It may
be after the source, which is a slice of the text."""


def find_last_comment_end(text: str) -> int:
    """Return the offset of the last `%%` in `text` that ends a line, or -1."""
    if "%%" not in text:
        return -1
    return max((match.start() for match in _COMMENT_END.finditer(text)), default=-1)


def _parse_comment_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a comment of Obsidian on several lines, from `%%` to a line that ends with `%%`.

    A comment that is still open at the end of the source continues after this slice.
    """
    first = state.bMarks[start] + state.tShift[start]
    if state.level or not state.src.startswith("%%", first) or state.is_code_block(start):
        return False
    is_one_line = state.src.find("%%", first + 2, state.eMarks[start]) >= 0
    if is_one_line or state.env.get(LAST_COMMENT_END, -1) <= first:
        return False
    if not silent:
        closing = _COMMENT_END.search(state.src, state.eMarks[start])
        line = start + 1
        while line < end and (closing is None or state.bMarks[line] <= closing.start()):
            line += 1
        token = state.push("omitted", "", 0)
        token.content, token.map = COMMENT_NOTICE, [start, line]
        state.line = line
    return True


_MARKED: Final = r"==(?=[^\s=])(?:[^=]|=(?!=))+?(?<=\S)==(?!=)"
_COMMENT: Final = r"%%(?!%)(?=\s*[^%\s])(?:[^%]|%(?!%))++%%(?!%)"
_BLOCK_ID: Final = r"\^(?=[A-Za-z0-9-]*[A-Za-z]|\d{6}\b)[A-Za-z0-9-]{2,60}[ \t]*(?=\n|\Z)"


def _is_inside_word(before: str, after: str) -> bool:
    """Return whether a letter or digit stands beside markup, in a script that has spaces."""
    return any(character.isalnum() and character < "\u2e80" for character in (before, after))


def _match_between_words(state: StateInline, source: str) -> re.Match[str] | None:
    start = state.pos
    match = _compile_pattern(source).match(state.src, start, state.posMax)
    if match is None:
        return None
    after = state.src[match.end() : match.end() + 1]
    return None if _is_inside_word(state.src[start - 1 : start], after) else match


def _parse_marked(state: StateInline, silent: bool) -> bool:
    """Parse marked text, `==text==`, which may have other markup in it."""
    if not state.src.startswith("==", state.pos):
        return False
    match = _match_between_words(state, _MARKED)
    if match is None:
        return False
    if not silent:
        maximum = state.posMax
        state.push("mark_open", "mark", 1)
        state.pos, state.posMax = state.pos + 2, match.end() - 2
        state.md.inline.tokenize(state)
        state.push("mark_close", "mark", -1)
        state.posMax = maximum
    state.pos = match.end()
    return True


def _parse_comment(state: StateInline, silent: bool) -> bool:
    """Parse a comment of Obsidian, `%%text%%`. A notice is shown instead."""
    if not state.src.startswith("%%", state.pos):
        return False
    match = _match_between_words(state, _COMMENT)
    if match is None:
        return False
    if not silent:
        state.push("omitted", "", 0).content = COMMENT_NOTICE
    state.pos = match.end()
    return True


def _parse_block_id(state: StateInline, silent: bool) -> bool:
    """Parse a block id of Obsidian, `^id` at the end of a line, which is not shown.

    A power such as `x ^n` or `2 ^10` is no id.
    """
    start = state.pos
    if state.src[start] != "^" or state.src[start - 1 : start].strip():
        return False
    match = _compile_pattern(_BLOCK_ID).match(state.src, start, state.posMax)
    if match is None:
        return False
    state.pending = state.pending.rstrip(" ")
    state.pos = match.end()
    return True


def _parse_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a table as markdown-it does, and preserve the surplus cells that it drops."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    if not silent:
        state.tokens[first:] = list(_add_surplus_cells(state, state.tokens[first:]))
    return True


def _add_surplus_cells(state: StateBlock, tokens: list[Token]) -> Iterator[Token]:
    """Yield a table's tokens, with cells for the text right of the header's last column."""
    count = 0
    cells: list[str] = []
    model: list[Token] = []
    for token in tokens:
        if token.type == "tr_open" and token.map:
            count, cells = 0, _split_row(state, token.map[0])
        elif token.type == "td_open":
            count += 1
            model = [token]
        elif model and len(model) < 3:
            model.append(token)
        elif token.type == "tr_close" and count:
            for text in cells[count:]:
                yield from _make_cell(model, text)
        yield token


def _split_row(state: StateBlock, line: int) -> list[str]:
    """Return the source of each cell in a table row."""
    row = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    cells = escapedSplit(row)
    if cells and cells[0] == "":
        del cells[0]
    if cells and cells[-1] == "":
        del cells[-1]
    return cells


def _make_cell(model: list[Token], text: str) -> Iterator[Token]:
    """Yield the opening, inline and closing token of a cell, copied from those of `model`."""
    opening, inline, closing = (token.copy() for token in model)
    opening.attrs = {}
    inline.content, inline.children = text.strip(), []
    yield from (opening, inline, closing)


_DATA_URL: Final = r"[^\s()<>]*+"
_TEMPLATE_URL: Final = r"(?:\{\{[^{}\n]{0,300}\}\}|\{%[^{}\n]{0,300}%\}|[^\s()<>{}])++"


@cache
def _compile_pattern(source: str) -> re.Pattern[str]:
    # Compiled on first use: most stories have no such destinations.
    return re.compile(source)


def _parse_destination(source: str, start: int, end: int) -> Any:
    """Parse a link destination as markdown-it does, with two additions.

    A `data:` URL, which may hold megabytes, is skipped quickly and gives an empty destination.
    A URL may contain template tags with spaces in them.
    """
    is_data = source[start : start + 5].lower() == "data:"
    if not is_data and not source.startswith(("{{", "{%"), start):
        return helpers.parseLinkDestination(source, start, end)
    match = _compile_pattern(_DATA_URL if is_data else _TEMPLATE_URL).match(source, start, end)
    if match is None:
        return helpers.parseLinkDestination(source, start, end)
    result = helpers.parseLinkDestination("x", 0, 1)  # any valid result, to be filled in
    result.str = "" if is_data else match[0]
    result.pos = match.end()
    return result


_PARSER_HELPERS: Final = SimpleNamespace(
    parseLinkDestination=_parse_destination,
    parseLinkLabel=helpers.parseLinkLabel,
    parseLinkTitle=helpers.parseLinkTitle,
)


def _parse_bare_link(state: StateInline, silent: bool) -> bool:
    """Parse a URL in the text, such as `https://example.org`, as a link.

    A scheme is required: `README.md` is a file name, not a host.
    """
    if state.src[state.pos] != ":" or state.linkLevel > 0:
        return False
    match = _URL_AFTER_SCHEME.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    scheme = _URL_SCHEME.search(state.pending[-6:])
    if scheme is None:
        return False
    rest = _strip_punctuation(match[0])
    url = state.md.normalizeLink(scheme[0] + rest)
    if not state.md.validateLink(url):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": url}
        opening.markup = "linkify"
        state.push("text", "", 0).content = scheme[0] + rest
        state.push("link_close", "a", -1).markup = "linkify"
    state.pos += len(rest)
    return True


def normalize_destination(destination: str) -> str:
    """Return the destination of a link in the form that is stored, whatever notation it has.

    markdown-it and browsers disagree about where the host of an unusual web address ends, so
    such an address is read as browsers do. What is no address is stored as it is, sanitised.
    """
    address = _IGNORED_IN_ADDRESS.sub("", destination).strip()
    if _PLAIN_ADDRESS.fullmatch(address) or not address.lower().startswith(_WEB_SCHEMES):
        return sanitize(normalizeLink(address))
    try:
        return parse_web_address(address).url
    except ValueError:
        return sanitize(destination)


def _strip_punctuation(url: str) -> str:
    """Return `url` without closing punctuation and unmatched parentheses at its end."""
    surplus = url.count(")") - url.count("(")
    end = len(url)
    while True:
        if url[end - 1] == ")" and surplus > 0:
            surplus -= 1
        elif url[end - 1] not in _TRAILING_PUNCTUATION:
            return url[:end]
        end -= 1


MAX_ROWS_PER_BLOCK: Final = 64
"""Longer tables become several blocks, so that the first screen lays out only a part of them."""
MAX_CELLS_PER_BLOCK: Final = 1_000
"""The same for tables of many columns."""

StyledText = tuple[str, tuple[Span, ...]]
"""A text and its spans."""


def split_table(
    rows: list[list[StyledText]], alignments: list[str]
) -> Iterator[tuple[str, tuple[Span, ...], TableColumns]]:
    """Yield the text, spans and columns of each block of a table. `rows[0]` is the header.

    The longest row decides how many columns there are. A header of empty cells is dropped.
    """
    header = tuple(text for text, _ in rows[0])
    if not any(header):
        rows = rows[1:]
    count = max(map(len, rows), default=0)
    texts = [[row[i][0] for row in rows if i < len(row)] for i in range(count)]
    columns = TableColumns(
        (*alignments, *["left"] * (count - len(alignments))),
        natural_widths=tuple(max(map(count_cells, column), default=0) for column in texts),
        min_widths=tuple(max(map(_find_max_word_width, column), default=0) for column in texts),
        header_cells=header,
    )
    size = max(2, min(MAX_ROWS_PER_BLOCK, MAX_CELLS_PER_BLOCK // max(1, count)))
    for start in range(0, len(rows), size):
        text, spans = _join_rows(rows[start : start + size])
        yield text, spans, columns._replace(has_header=start == 0 and any(header))


def _find_max_word_width(text: str) -> int:
    return max(map(count_cells, text.split()), default=0)


def _join_rows(rows: list[list[StyledText]]) -> StyledText:
    """Return the text of `rows`, tabs between cells and newlines between rows."""
    spans: list[Span] = []
    offset = 0
    for row in rows:
        for text, cell_spans in row:
            spans += shift_spans(cell_spans, offset)
            offset += len(text) + 1
    return "\n".join("\t".join(text for text, _ in row) for row in rows), tuple(spans)
