"""The Markdown dialect: the configured parsers, and how table cells become text."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt, helpers
from markdown_it.rules_block.table import escapedSplit, table
from mdit_py_plugins.footnote import footnote_plugin

from reader.markdown.extensions import add_definition_lists, add_foreign_syntax
from reader.text.cells import width
from reader.text.document import Columns, Span, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token


DEEPEST: Final = 220
"""Levels of nesting, a list costs two: 1000 overflow Python's stack."""
DEEPEST_INLINE: Final = 20
"""Brackets in brackets. What lies deeper stays text; a page of `[` takes time by this."""

MARKUP: Final = re.compile(r"[\n\\`*_~\[!<&:^${]")
"""A character at which a rule may begin inside a paragraph. Text without any is only text."""
_MARKED: Final = re.compile(r"[\\`*_~\[<&${]")
"""Those of them that by themselves tell of more than text."""
_SCHEME: Final = re.compile(r"(?<![A-Za-z0-9.+-])https?\Z", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"://[^\W_][^\s<>\"“”‘’«»（）、。，；：！？」』】]*")
_AFTER_ADDRESS: Final = frozenset("?!.,:;*_~'\"]}")
"""What ends a sentence rather than the address that stands at its end."""


@lru_cache(maxsize=1)
def block_parser() -> MarkdownIt:
    """Return the one parser of blocks."""
    return _parser(DEEPEST)


@lru_cache(maxsize=1)
def inline_parser() -> MarkdownIt:
    """Return the one parser of what stands in a block."""
    return _parser(DEEPEST_INLINE)


def _parser(deepest: int) -> MarkdownIt:
    parser = MarkdownIt("gfm-like2", {"maxNesting": deepest, "store_labels": True})
    parser.use(footnote_plugin, move_to_end=False)
    parser.helpers = _HELPERS  # type: ignore[assignment]
    parser.block.ruler.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.at("linkify", _bare_link)
    add_definition_lists(parser)
    add_foreign_syntax(parser)
    return parser


def labels(children: Iterable[Token]) -> Iterator[str]:
    """Yield the labels of the definitions that `children`, inline tokens, use."""
    for token in children:
        if token.meta and "label" in token.meta:
            yield token.meta["label"]
        if token.children:
            yield from labels(token.children)


def is_plain(content: str) -> bool:
    """Tell whether a paragraph is text alone, so that the parser would find nothing in it.

    Most paragraphs of prose are, and the parser takes as long for them as for all else.
    """
    return "://" not in content and "  \n" not in content and not _MARKED.search(content)


# Tables --------------------------------------------------------------------------------


def _whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a table as the parser does, and keep the cells that it drops."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    if not silent:
        state.tokens[first:] = list(_with_surplus(state, state.tokens[first:]))
    return True


def _with_surplus(state: StateBlock, tokens: list[Token]) -> Iterator[Token]:
    """Yield `tokens` with cells for what stands right of the header's last column."""
    cells = 0
    surplus: list[str] = []
    opened: list[Token] = []
    for token in tokens:
        if token.type == "tr_open" and token.map:
            cells, surplus = 0, _cells(state, token.map[0])
        elif token.type == "td_open":
            cells += 1
            opened = [token]
        elif opened and len(opened) < 3:
            opened.append(token)
        elif token.type == "tr_close" and cells:
            for text in surplus[cells:]:
                yield from _cell(opened, text)
        yield token


def _cells(state: StateBlock, line: int) -> list[str]:
    """Return the cells of a table's row as they are written."""
    row = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    cells = escapedSplit(row)
    if cells and cells[0] == "":
        del cells[0]
    if cells and cells[-1] == "":
        del cells[-1]
    return cells


def _cell(model: list[Token], text: str) -> Iterator[Token]:
    """Yield the tokens of one more cell, in the likeness of `model`."""
    opened, inner, closed = (token.copy() for token in model)
    opened.attrs = {}
    inner.content, inner.children = text.strip(), []
    yield from (opened, inner, closed)


# Destinations --------------------------------------------------------------------------

_DATA: Final = r"[^\s()<>]*+"
_TEMPLATED: Final = r"(?:\{\{[^{}\n]{0,300}\}\}|\{%[^{}\n]{0,300}%\}|[^\s()<>{}])++"


@cache
def _pattern(source: str) -> re.Pattern[str]:
    # Compiled when a text first asks: most have no such addresses.
    return re.compile(source)


def _destination(source: str, at: int, end: int) -> Any:
    """Return where a link leads, as the parser does, and two things that it can't.

    A picture written out in its address (`data:`, megabytes of it) leads nowhere and is passed
    at once; an address that a template is to fill in may have spaces inside the braces.
    """
    is_data = source[at : at + 5].lower() == "data:"
    if not is_data and not source.startswith(("{{", "{%"), at):
        return helpers.parseLinkDestination(source, at, end)
    passed = _pattern(_DATA if is_data else _TEMPLATED).match(source, at, end)
    if passed is None:
        return helpers.parseLinkDestination(source, at, end)
    result = helpers.parseLinkDestination("x", 0, 1)
    result.str = "" if is_data else passed[0]
    result.pos = passed.end()
    return result


_HELPERS: Final = SimpleNamespace(
    parseLinkDestination=_destination,
    parseLinkLabel=helpers.parseLinkLabel,
    parseLinkTitle=helpers.parseLinkTitle,
)

# Bare links ----------------------------------------------------------------------------


def _bare_link(state: StateInline, silent: bool) -> bool:
    """Take `https://example.org` for a link, and nothing without a scheme: `README.md` is none."""
    if state.src[state.pos] != ":" or state.linkLevel > 0:
        return False
    found = _ADDRESS.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    scheme = _SCHEME.search(state.pending[-6:])
    if scheme is None:
        return False
    rest = _without_punctuation(found[0])
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


def _without_punctuation(address: str) -> str:
    """Return `address` without the marks and brackets that belong to the sentence round it."""
    surplus = address.count(")") - address.count("(")
    end = len(address)
    while True:
        if address[end - 1] == ")" and surplus > 0:
            surplus -= 1
        elif address[end - 1] not in _AFTER_ADDRESS:
            return address[:end]
        end -= 1


ROWS: Final = 64
"""Rows in one block, so that a table of 20,000 rows is not set for its first screen."""

Rich = tuple[str, tuple[Span, ...]]
"""A cell's text and its spans."""


def chunks(
    rows: list[list[Rich]], aligns: list[str]
) -> Iterator[tuple[str, tuple[Span, ...], Columns]]:
    """Yield the text, spans and columns of each part of a table; `rows[0]` is its header.

    There are as many columns as the longest row has cells, whatever the header says.
    """
    titles = tuple(text for text, _ in rows[0])
    if not any(titles):
        rows = rows[1:]  # a header of empty cells is only syntax
    count = max(map(len, rows), default=0)
    texts = [[row[i][0] for row in rows if i < len(row)] for i in range(count)]
    columns = Columns(
        (*aligns, *["left"] * (count - len(aligns))),
        natural=tuple(max(map(width, column), default=0) for column in texts),
        least=tuple(max(map(_longest_word, column), default=0) for column in texts),
        titles=titles,
    )
    for start in range(0, len(rows), ROWS):
        text, spans = _joined(rows[start : start + ROWS])
        yield text, spans, columns._replace(header=start == 0 and any(titles))


def _longest_word(text: str) -> int:
    return max(map(width, text.split()), default=0)


def _joined(rows: list[list[Rich]]) -> Rich:
    """Return the text of `rows`, tabs between cells and newlines between rows."""
    spans: list[Span] = []
    at = 0
    for row in rows:
        for text, inner in row:
            spans += moved(inner, at)
            at += len(text) + 1
    return "\n".join("\t".join(text for text, _ in row) for row in rows), tuple(spans)
