"""Convert a block of HTML to the tokens that equivalent Markdown produces.

HTML needs token types of its own for elements that Markdown lacks: `figcaption`, `summary`,
`omitted`, and `html_close` for the end of an element that may hold Markdown.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final, NamedTuple

from markdown_it.token import Token

from reader.markdown.html.styles import OpenStyles
from reader.markdown.html.tags import Omitted, Tag, find_anchor, parse_tag, split_html

if TYPE_CHECKING:
    from collections.abc import Sequence

_INLINE_TAGS: Final = frozenset(
    {"a", "abbr", "b", "big", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i",
     "img", "input", "ins", "kbd", "label", "mark", "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp", "small", "span",
     "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
)  # fmt: skip
"""Elements that do not end a paragraph."""
LIST_TAGS: Final = {"ul": "bullet_list", "menu": "bullet_list", "ol": "ordered_list"}
_CONTAINER_TAGS: Final = frozenset({"blockquote", "dd", "li", *LIST_TAGS})
"""Elements that hold blocks. Their end tags produce tokens."""
_HEADING_TAG: Final = re.compile(r"h[1-6]\Z")
_LANGUAGE_CLASS: Final = re.compile(r"(?:^|\s)(?:language|lang)-([\w+#-]+)")
_CELL_TAGS: Final = frozenset({"td", "th"})
_TABLE_TAGS: Final = frozenset({"table", "caption", "tr", *_CELL_TAGS})
_ALIGNMENTS: Final = frozenset({"left", "right", "center"})
_TEXT_ALIGN: Final = re.compile(r"text-align\s*:\s*(left|right|center)")
_SPACES: Final = " \t\r\f"
"""The white space of HTML in a line. Other spaces, such as ideographic ones, are text."""
_WORD: Final = re.compile(f"[^{_SPACES}]+")
_NUMBER_STYLES: Final = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
}
_LIST_STYLE: Final = re.compile(r"list-style(?:-type)?\s*:[^;]*?((?:lower|upper)-\w+)")
_MAX_START_DIGITS: Final = 9
"""Digits of a list's first number, the same limit as in CommonMark."""


_BREAKS: Final = frozenset({"softbreak", "hardbreak"})
_TEXT_TOKENS: Final = frozenset({"text", "text_special"})


class _Cell(NamedTuple):
    """A table cell: its tag, its alignment as written, and its inline tokens."""

    tag: str
    alignment: str
    tokens: list[Token]


def tokenize_html(source: str) -> list[Token]:
    """Return the block tokens of a piece of HTML.

    Containers that `source` leaves open have no closing token.
    """
    builder = _TokenBuilder()
    for piece in split_html(source):
        if isinstance(piece, Tag):
            builder.handle_tag(piece)
        elif isinstance(piece, Omitted):
            builder.handle_omitted(piece)
        else:
            builder.handle_text(piece)
    builder.finish()
    return builder.tokens


def tokenize_inlines(children: Sequence[Token]) -> list[Token]:
    """Return the block tokens of a paragraph's inline tokens, divided at HTML block tags."""
    builder = _TokenBuilder()
    for token in children:
        tag = parse_tag(token.content) if token.type == "html_inline" else None
        if tag is not None:
            builder.handle_tag(tag)
        else:
            builder.handle_inline(token)
    builder.finish()
    return builder.tokens


class _TokenBuilder:
    """Builds block tokens. Inline tokens are collected until their paragraph or cell ends."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self._pending: list[Token] = []
        """The inline tokens of the open paragraph, heading or cell."""
        self._ends_with_space = True
        """The pending text ends with a space or is empty."""
        self._pending_type, self._pending_tag = "paragraph", "p"
        """The type of block that the pending tokens become."""
        self._code_pieces: list[str] | None = None
        """The text of the open `pre` element; None outside one."""
        self._code_language = ""
        self._open_lists: list[Token] = []
        self._table_rows: list[list[_Cell]] | None = None
        """The rows of the open table; None outside one."""
        self._table_depth = 0
        self._styles = OpenStyles()

    def finish(self) -> None:
        """End what is still open."""
        self._end_code()
        self._end_table()
        self._flush()

    def handle_text(self, text: str) -> None:
        """Add text. White space becomes one space or, if it has a newline, one soft break."""
        if self._code_pieces is not None:
            self._code_pieces.append(unescape(text))
            return
        for number, line in enumerate(text.split("\n")):
            if number and not self._ends_with_space:
                self._add_inline("softbreak")
                self._ends_with_space = True
            words = _WORD.findall(line)
            if not words:
                self._add_space(wanted=bool(line))
                continue
            self._add_space(wanted=line[0] in _SPACES)
            self._add_inline("text", unescape(" ".join(words)))
            self._ends_with_space = False
            self._add_space(wanted=line[-1] in _SPACES)

    def handle_inline(self, token: Token) -> None:
        """Add an inline token of Markdown."""
        is_break = token.type in _BREAKS
        if self._code_pieces is not None:
            self._code_pieces.append("\n" if is_break else token.content)
        elif token.type == "text":
            self._add_space(wanted=token.content.startswith(" "))
            if text := token.content.strip(" "):
                self._add_inline("text", text)
                self._ends_with_space = False
                self._add_space(wanted=token.content.endswith(" "))
        elif token.type != "softbreak" or not self._ends_with_space:
            self._pending.append(token)
            self._styles.add_token(token)
            self._ends_with_space = is_break or (self._ends_with_space and token.nesting != 0)

    def _add_space(self, *, wanted: bool = True) -> None:
        if wanted and not self._ends_with_space:
            self._add_inline("text", " ")
            self._ends_with_space = True

    def _add_inline(self, kind: str, content: str = "") -> None:
        self._pending.append(Token(kind, "", 0, content=content))

    def handle_omitted(self, omitted: Omitted) -> None:
        """Add the notice about an omitted element: in its cell, or on a line of its own."""
        if self._table_rows is not None:
            self._pending.append(_make_omitted_token(omitted))
            return
        self._flush()
        self.tokens.append(_make_omitted_token(omitted))

    def handle_tag(self, tag: Tag) -> None:
        """Handle a start or end tag."""
        if self._code_pieces is not None and tag.name != "pre":
            if tag.name == "br":
                self._code_pieces.append("\n")
            elif tag.name == "code":
                self._code_language = self._code_language or _find_language(tag)
        elif tag.name == "br":
            self._add_inline("hardbreak")
            self._ends_with_space = True
        elif tag.name in _INLINE_TAGS:
            self._add_inline("html_inline", tag.source)
            self._styles.add_tag(tag)
            self._ends_with_space = self._ends_with_space and tag.name != "img"
        elif tag.name in _TABLE_TAGS:
            self._handle_table_tag(tag)
        elif self._table_rows is not None:
            self._add_space()  # a cell holds one line of text; blocks in it only separate words
        else:
            self._handle_block_tag(tag)

    def _handle_block_tag(self, tag: Tag) -> None:
        self._flush()
        self._add_anchor(tag)
        name = tag.name
        self._pending_type, self._pending_tag = "paragraph", "p"
        if tag.is_closing:
            self._close_element(name)
        elif name == "pre":
            self._code_pieces, self._code_language = [], _find_language(tag)
        elif _HEADING_TAG.match(name):
            self._pending_type, self._pending_tag = "heading", name
        elif name in ("summary", "figcaption"):
            self._pending_type = name
        elif name in ("dt", "dd"):
            self._begin_term_or_definition(name)
        elif name == "blockquote":
            self.tokens.append(Token("blockquote_open", name, 1, info=name))
        elif name in LIST_TAGS:
            self._begin_list(tag)
        elif name == "li":
            self._begin_item(tag)
        elif name == "hr":
            self.tokens.append(Token("hr", name, 0))

    def _begin_term_or_definition(self, name: str) -> None:
        self._close_element("dd")  # its end tag is optional
        if name == "dt":
            self._pending_type = name
        else:
            self.tokens.append(Token("dd_open", name, 1, info=name))

    def _flush(self) -> None:
        """End the open paragraph or heading."""
        line = self._take_pending()
        if line:
            self.tokens.append(Token(f"{self._pending_type}_open", self._pending_tag, 1))
            self.tokens.append(_make_inline_token(line))
            self.tokens.append(Token(f"{self._pending_type}_close", self._pending_tag, -1))

    def _take_pending(self) -> list[Token]:
        """Return the pending inline tokens, trimmed, and leave none."""
        pending = [*self._pending, *self._styles.list_closing()]
        self._pending, self._ends_with_space = self._styles.list_opening(), True
        line = _trim_tokens(pending)
        for token in pending if not line else ():
            tag = parse_tag(token.content) if token.type == "html_inline" else None
            if tag is not None:
                self._add_anchor(tag)
        return line

    def _add_anchor(self, tag: Tag) -> None:
        """Add the target of links to an element. It belongs to the next block."""
        if anchor := find_anchor(tag):
            self.tokens.append(Token("anchor", "", 0, info=anchor))

    def _close_element(self, name: str) -> None:
        if name == "pre":
            self._end_code()
        name = "dd" if name == "dl" else name
        if name in LIST_TAGS and self._open_lists:
            self._open_lists.pop()
        if name in _CONTAINER_TAGS:
            self.tokens.append(Token("html_close", name, -1))

    def _begin_list(self, tag: Tag) -> None:
        token = Token(
            f"{LIST_TAGS[tag.name]}_open",
            tag.name,
            1,
            info=tag.name,
            meta={
                "values": [],
                "reversed": tag.has_attribute("reversed"),
                "style": _find_number_style(tag),
            },
        )
        start = parse_number(tag.get_attribute("start"))
        if start is not None:
            token.attrs = {"start": start}
        self._open_lists.append(token)
        self.tokens.append(token)

    def _begin_item(self, tag: Tag) -> None:
        value = parse_number(tag.get_attribute("value"))
        if self._open_lists:
            self._open_lists[-1].meta["values"].append(value)
        meta = {"html": True, "value": value}
        self.tokens.append(Token("list_item_open", "li", 1, meta=meta))

    def _end_code(self) -> None:
        if self._code_pieces is not None:
            text, self._code_pieces = "".join(self._code_pieces), None
            content = text.removeprefix("\n").rstrip()
            self.tokens.append(Token("fence", "code", 0, content=content, info=self._code_language))

    def _handle_table_tag(self, tag: Tag) -> None:
        """Collect rows and cells.

        A row or cell outside a table begins a table. A table in a table is part of the outer one.
        """
        if tag.name == "table":
            self._table_depth = max(0, self._table_depth + (-1 if tag.is_closing else 1))
            if not tag.is_closing and self._table_depth == 1:
                self._flush()
                self._table_rows = []
            elif tag.is_closing and not self._table_depth:
                self._end_table()
            else:
                self._add_space()
        elif tag.name == "caption":
            self._end_cell()
            if tag.is_closing and self._table_rows is None:
                self._table_rows = []
        elif tag.is_closing:
            self._end_cell()
        else:
            self._begin_row_or_cell(tag)

    def _begin_row_or_cell(self, tag: Tag) -> None:
        if self._table_rows is None:
            self._flush()
            self._table_rows = []
        self._end_cell()
        if tag.name == "tr" or not self._table_rows:
            self._table_rows.append([])
        if tag.name in _CELL_TAGS:
            match = _TEXT_ALIGN.search(tag.get_attribute("style"))
            alignment = match[1] if match else tag.get_attribute("align")
            self._table_rows[-1].append(_Cell(tag.name, alignment, []))

    def _end_cell(self) -> None:
        """Move the pending tokens to the last cell of the row.

        If that cell is full they become another cell; outside a row, a paragraph above the table.
        """
        line = self._take_pending()
        if not line:
            return
        if not (self._table_rows and self._table_rows[-1]):
            self._pending = line
            self._flush()
            return
        row = self._table_rows[-1]
        if row[-1].tokens:
            row.append(_Cell("td", "", line))
        else:
            row[-1].tokens.extend(line)

    def _end_table(self) -> None:
        if self._table_rows is None:
            return
        self._end_cell()
        rows = [row for row in self._table_rows if row]
        self._table_rows, self._table_depth = None, 0
        if rows:
            self.tokens += _make_table_tokens(rows)


def _make_table_tokens(rows: list[list[_Cell]]) -> list[Token]:
    """Return the tokens of a table. If the first row is no header, the header has no text."""
    tokens = [Token("table_open", "table", 1), Token("tr_open", "tr", 1)]
    for column in range(max(map(len, rows))):
        alignment = next((row[column].alignment for row in rows if column < len(row)), "")
        token = Token("th_open", "th", 1)
        if alignment in _ALIGNMENTS:
            token.attrs = {"style": f"text-align:{alignment}"}
        tokens.append(token)
    has_header = all(cell.tag == "th" for cell in rows[0])
    for number, row in enumerate(rows):
        if number or not has_header:
            tokens.append(Token("tr_open", "tr", 1))
        tokens += [_make_inline_token(cell.tokens) for cell in row]
    return [*tokens, Token("table_close", "table", -1)]


def _make_inline_token(line: list[Token]) -> Token:
    """Return the inline token with `line` as children and its source text as content."""
    content = "".join("\n" if t.type.endswith("break") else t.content for t in line)
    return Token("inline", "", 0, content=content, children=line)


def _make_omitted_token(omitted: Omitted) -> Token:
    return Token("omitted", "", 0, content=omitted.describe(), info=omitted.url)


def parse_number(text: str) -> int | None:
    """Return the number of a list or of an item, None without one."""
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_START_DIGITS):
        return None
    return int(text)


def _find_number_style(tag: Tag) -> str:
    """Return the style of a list's numbers: 1, a, A, i or I."""
    style = tag.get_attribute("type").strip()
    if style in _NUMBER_STYLES.values():
        return style
    match = _LIST_STYLE.search(tag.get_attribute("style").lower())
    return _NUMBER_STYLES.get(match[1], "1") if match else "1"


def _find_language(tag: Tag) -> str:
    """Return the programming language that the tag's class names, or an empty string."""
    match = _LANGUAGE_CLASS.search(tag.get_attribute("class"))
    return match[1] if match else ""


def _trim_tokens(line: list[Token]) -> list[Token]:
    """Return `line` without white space and breaks at both ends; empty if nothing is visible."""
    visible = [index for index, token in enumerate(line) if _is_visible(token)]
    if not visible:
        return []
    first, last = visible[0], visible[-1]
    tags_before = [token for token in line[:first] if _opens_or_closes(token)]
    tags_after = [token for token in line[last + 1 :] if _opens_or_closes(token)]
    return [*tags_before, *line[first : last + 1], *tags_after]


def _is_visible(token: Token) -> bool:
    if token.type == "html_inline":
        return token.content[:4].lower() == "<img" or token.content[:6].lower() == "<input"
    if token.type in _TEXT_TOKENS:
        return bool(token.content.strip())
    return not token.nesting and token.type not in _BREAKS


def _opens_or_closes(token: Token) -> bool:
    return token.type == "html_inline" or token.nesting != 0
