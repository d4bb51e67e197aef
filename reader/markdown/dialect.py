"""The Markdown dialect: the configured parsers, and how table cells become text."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt, helpers
from markdown_it.rules_block.table import escapedSplit, table
from mdit_py_plugins.footnote import footnote_plugin

from reader.markdown.extensions import add_definition_lists, add_syntax_extensions
from reader.text.cells import cell_width
from reader.text.document import Span, TableColumns, shift_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token


MAX_BLOCK_LEVELS: Final = 220
"""Levels of nesting, a list costs two: 1000 overflow Python's stack."""
MAX_INLINE_LEVELS: Final = 20
"""Brackets in brackets. What lies deeper stays text; a page of `[` takes time by this."""

MARKUP_CHARACTER: Final = re.compile(r"[\n\\`*_~\[!<&:^${]")
"""A character at which a rule may begin inside a paragraph. Text without any is only text."""
_UNAMBIGUOUS_MARKUP: Final = re.compile(r"[\\`*_~\[<&${]")
"""Those of them that by themselves tell of more than text."""
_URL_SCHEME: Final = re.compile(r"(?<![A-Za-z0-9.+-])https?\Z", re.IGNORECASE)
_URL_AFTER_SCHEME: Final = re.compile(r"://[^\W_][^\s<>\"“”‘’«»（）、。，；：！？」』】]*")
_TRAILING_PUNCTUATION: Final = frozenset("?!.,:;*_~'\"]}")
"""What ends a sentence rather than the address that stands at its end."""


@lru_cache(maxsize=1)
def get_block_parser() -> MarkdownIt:
    """Return the one parser of blocks."""
    return _make_parser(MAX_BLOCK_LEVELS)


@lru_cache(maxsize=1)
def get_inline_parser() -> MarkdownIt:
    """Return the one parser of what stands in a block."""
    return _make_parser(MAX_INLINE_LEVELS)


def _make_parser(max_levels: int) -> MarkdownIt:
    parser = MarkdownIt("gfm-like2", {"maxNesting": max_levels, "store_labels": True})
    parser.use(footnote_plugin, move_to_end=False)
    parser.helpers = _PARSER_HELPERS  # type: ignore[assignment]
    parser.block.ruler.at("table", _parse_table, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.at("linkify", _parse_bare_link)
    add_definition_lists(parser)
    add_syntax_extensions(parser)
    return parser


def find_used_labels(children: Iterable[Token]) -> Iterator[str]:
    """Yield the labels of the definitions that `children`, inline tokens, use."""
    for token in children:
        if token.meta and "label" in token.meta:
            yield token.meta["label"]
        if token.children:
            yield from find_used_labels(token.children)


def is_plain(content: str) -> bool:
    """Tell whether a paragraph is text alone, so that the parser would find nothing in it.

    Most paragraphs of prose are, and the parser takes as long for them as for all else.
    """
    return (
        "://" not in content and "  \n" not in content and not _UNAMBIGUOUS_MARKUP.search(content)
    )


# Tables --------------------------------------------------------------------------------


def _parse_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a table as the parser does, and keep the cells that it drops."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    if not silent:
        state.tokens[first:] = list(_add_surplus_cells(state, state.tokens[first:]))
    return True


def _add_surplus_cells(state: StateBlock, tokens: list[Token]) -> Iterator[Token]:
    """Yield `tokens` with cells for what stands right of the header's last column."""
    cells = 0
    surplus: list[str] = []
    opened: list[Token] = []
    for token in tokens:
        if token.type == "tr_open" and token.map:
            cells, surplus = 0, _split_row(state, token.map[0])
        elif token.type == "td_open":
            cells += 1
            opened = [token]
        elif opened and len(opened) < 3:
            opened.append(token)
        elif token.type == "tr_close" and cells:
            for text in surplus[cells:]:
                yield from _make_cell(opened, text)
        yield token


def _split_row(state: StateBlock, line: int) -> list[str]:
    """Return the cells of a table's row as they are written."""
    row = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    cells = escapedSplit(row)
    if cells and cells[0] == "":
        del cells[0]
    if cells and cells[-1] == "":
        del cells[-1]
    return cells


def _make_cell(model: list[Token], text: str) -> Iterator[Token]:
    """Yield the tokens of one more cell, in the likeness of `model`."""
    opened, inner, closed = (token.copy() for token in model)
    opened.attrs = {}
    inner.content, inner.children = text.strip(), []
    yield from (opened, inner, closed)


# Destinations --------------------------------------------------------------------------

_DATA_URL: Final = r"[^\s()<>]*+"
_TEMPLATE_URL: Final = r"(?:\{\{[^{}\n]{0,300}\}\}|\{%[^{}\n]{0,300}%\}|[^\s()<>{}])++"


@cache
def _compile_pattern(source: str) -> re.Pattern[str]:
    # Compiled when a text first asks: most have no such addresses.
    return re.compile(source)


def _parse_destination(source: str, at: int, end: int) -> Any:
    """Return where a link leads, as the parser does, and two things that it can't.

    A picture written out in its address (`data:`, megabytes of it) leads nowhere and is passed
    at once; an address that a template is to fill in may have spaces inside the braces.
    """
    is_data = source[at : at + 5].lower() == "data:"
    if not is_data and not source.startswith(("{{", "{%"), at):
        return helpers.parseLinkDestination(source, at, end)
    passed = _compile_pattern(_DATA_URL if is_data else _TEMPLATE_URL).match(source, at, end)
    if passed is None:
        return helpers.parseLinkDestination(source, at, end)
    result = helpers.parseLinkDestination("x", 0, 1)
    result.str = "" if is_data else passed[0]
    result.pos = passed.end()
    return result


_PARSER_HELPERS: Final = SimpleNamespace(
    parseLinkDestination=_parse_destination,
    parseLinkLabel=helpers.parseLinkLabel,
    parseLinkTitle=helpers.parseLinkTitle,
)

# Bare links ----------------------------------------------------------------------------


def _parse_bare_link(state: StateInline, silent: bool) -> bool:
    """Take `https://example.org` for a link, and nothing without a scheme: `README.md` is none."""
    if state.src[state.pos] != ":" or state.linkLevel > 0:
        return False
    found = _URL_AFTER_SCHEME.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    scheme = _URL_SCHEME.search(state.pending[-6:])
    if scheme is None:
        return False
    rest = _strip_punctuation(found[0])
    address = state.md.normalizeLink(scheme[0] + rest)
    if not state.md.validateLink(address):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        opened = state.push("link_open", "a", 1)
        opened.attrs = {"href": address}
        opened.markup = "linkify"
        state.push("text", "", 0).content = scheme[0] + rest
        state.push("link_close", "a", -1).markup = "linkify"
    state.pos += len(rest)
    return True


def _strip_punctuation(url: str) -> str:
    """Return `address` without the marks and brackets that belong to the sentence round it."""
    surplus = url.count(")") - url.count("(")
    end = len(url)
    while True:
        if url[end - 1] == ")" and surplus > 0:
            surplus -= 1
        elif url[end - 1] not in _TRAILING_PUNCTUATION:
            return url[:end]
        end -= 1


MAX_ROWS_PER_BLOCK: Final = 64
"""Rows in one block, so that a table of 20,000 rows is not set for its first screen."""

StyledText = tuple[str, tuple[Span, ...]]
"""A cell's text and its spans."""


def split_table(
    rows: list[list[StyledText]], aligns: list[str]
) -> Iterator[tuple[str, tuple[Span, ...], TableColumns]]:
    """Yield the text, spans and columns of each part of a table; `rows[0]` is its header.

    There are as many columns as the longest row has cells, whatever the header says.
    """
    titles = tuple(text for text, _ in rows[0])
    if not any(titles):
        rows = rows[1:]  # a header of empty cells is only syntax
    count = max(map(len, rows), default=0)
    texts = [[row[i][0] for row in rows if i < len(row)] for i in range(count)]
    columns = TableColumns(
        (*aligns, *["left"] * (count - len(aligns))),
        natural_widths=tuple(max(map(cell_width, column), default=0) for column in texts),
        min_widths=tuple(max(map(_find_max_word_width, column), default=0) for column in texts),
        header_cells=titles,
    )
    for start in range(0, len(rows), MAX_ROWS_PER_BLOCK):
        text, spans = _join_rows(rows[start : start + MAX_ROWS_PER_BLOCK])
        yield text, spans, columns._replace(has_header=start == 0 and any(titles))


def _find_max_word_width(text: str) -> int:
    return max(map(cell_width, text.split()), default=0)


def _join_rows(rows: list[list[StyledText]]) -> StyledText:
    """Return the text of `rows`, tabs between cells and newlines between rows."""
    spans: list[Span] = []
    at = 0
    for row in rows:
        for text, inner in row:
            spans += shift_spans(inner, at)
            at += len(text) + 1
    return "\n".join("\t".join(text for text, _ in row) for row in rows), tuple(spans)
