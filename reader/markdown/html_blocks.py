"""Convert a block of HTML to the tokens that equivalent Markdown would produce."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from markdown_it.token import Token

from reader.markdown.html_tags import Omitted, Tag, split_html

_INLINE_TAGS: Final = frozenset(
    {"a", "abbr", "b", "big", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i",
     "img", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span",
     "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
)  # fmt: skip
"""Elements that end no paragraph."""
_LIST_TOKENS: Final = {"ul": "bullet_list", "menu": "bullet_list", "ol": "ordered_list"}
_CONTAINER_TAGS: Final = frozenset({"blockquote", "dd", "li", *_LIST_TOKENS})
"""Elements that hold blocks, and so must be told where they end."""
_HEADING_TAG: Final = re.compile(r"h[1-6]\Z")
_LANGUAGE_CLASS: Final = re.compile(r"(?:^|\s)(?:language|lang)-([\w+#-]+)")
_CELL_TAGS: Final = frozenset({"td", "th"})
_TEXT_ALIGN: Final = re.compile(r"text-align\s*:\s*(left|right|center)")
_MAX_START_DIGITS: Final = 9
"""Of a list's first number, as in Markdown."""


def tokenize_html(source: str) -> list[Token]:
    """Return the block tokens of a piece of HTML, those it leaves open left open."""
    maker = _TokenBuilder()
    for piece in split_html(source):
        if isinstance(piece, Tag):
            maker.handle_tag(piece)
        elif isinstance(piece, Omitted):
            maker.handle_omitted(piece)
        else:
            maker.handle_text(piece)
    maker.finish()
    return maker.tokens


class _TokenBuilder:
    """Collects tokens, one paragraph's inline tokens at a time."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self._pending: list[Token] = []
        """The inline tokens of what is open: a paragraph, a heading, a cell."""
        self._ends_with_space = True
        """The line so far ends with a space, or is empty."""
        self._pending_type, self._pending_tag = "paragraph", "p"
        """What the line will be when it ends."""
        self._code_pieces: list[str] | None = None
        self._code_language = ""
        self._open_lists: list[Token] = []
        self._table_rows: list[list[tuple[str, str, list[Token]]]] | None = None
        """A table's rows of cells: tag, alignment, inline tokens."""
        self._table_depth = 0

    def finish(self) -> None:
        self._end_code()
        self._end_table()
        self._flush()

    # Text ------------------------------------------------------------------------------

    def handle_text(self, text: str) -> None:
        """Add text, each run of white space as one space or, with a newline, a soft break."""
        if self._code_pieces is not None:
            self._code_pieces.append(unescape(text))
            return
        for number, line in enumerate(text.split("\n")):
            if number and not self._ends_with_space:
                self._add_inline("softbreak")
                self._ends_with_space = True
            inner = line.split()
            if not inner:
                self._add_space(bool(line))
                continue
            self._add_space(line[0].isspace())
            self._add_inline("text", unescape(" ".join(inner)))
            self._ends_with_space = False
            self._add_space(line[-1].isspace())

    def _add_space(self, wanted: bool) -> None:
        if wanted and not self._ends_with_space:
            self._add_inline("text", " ")
            self._ends_with_space = True

    def _add_inline(self, kind: str, content: str = "") -> None:
        self._pending.append(Token(kind, "", 0, content=content))

    def handle_omitted(self, omitted: Omitted) -> None:
        """Say what is left out, on a line of its own outside tables."""
        if self._table_rows is not None:
            self._pending.append(_make_omitted_token(omitted))
            return
        self._flush()
        self.tokens.append(_make_omitted_token(omitted))

    # Tags ------------------------------------------------------------------------------

    def handle_tag(self, tag: Tag) -> None:
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
            self._ends_with_space = self._ends_with_space and tag.name != "img"
        elif tag.name in ("table", "caption", "tr", *_CELL_TAGS):
            self._handle_table_tag(tag)
        elif self._table_rows is not None:
            self._add_space(True)  # a cell is one text, whatever it is made of
        else:
            self._handle_block_tag(tag)

    def _handle_block_tag(self, tag: Tag) -> None:
        self._flush()
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
            self._close_element("dd")  # whose end tag is mostly left to the reader
            if name == "dt":
                self._pending_type = name
            else:
                self.tokens.append(Token("dd_open", name, 1, info=name))
        elif name == "blockquote":
            self.tokens.append(Token("blockquote_open", name, 1, info=name))
        elif name == "li" or name in _LIST_TOKENS:
            self._begin_item() if name == "li" else self._begin_list(tag)
        elif name == "hr":
            self.tokens.append(Token("hr", name, 0))

    def _flush(self) -> None:
        """End the line that is open."""
        line, self._pending, self._ends_with_space = _trim_tokens(self._pending), [], True
        if line:
            self.tokens.append(Token(f"{self._pending_type}_open", self._pending_tag, 1))
            self.tokens.append(_make_inline_token(line))
            self.tokens.append(Token(f"{self._pending_type}_close", self._pending_tag, -1))

    def _close_element(self, name: str) -> None:
        if name == "pre":
            self._end_code()
        name = "dd" if name == "dl" else name
        if name in _LIST_TOKENS and self._open_lists:
            self._open_lists.pop()
        if name in _CONTAINER_TAGS:
            self.tokens.append(Token("html_close", name, -1))

    # Lists -----------------------------------------------------------------------------

    def _begin_list(self, tag: Tag) -> None:
        token = Token(
            f"{_LIST_TOKENS[tag.name]}_open", tag.name, 1, info=tag.name, meta={"items": 0}
        )
        start = tag.get_attribute("start")
        if start.isascii() and start.isdigit() and len(start) <= _MAX_START_DIGITS:
            token.attrs = {"start": int(start)}
        self._open_lists.append(token)
        self.tokens.append(token)

    def _begin_item(self) -> None:
        if self._open_lists:
            self._open_lists[-1].meta["items"] += 1
        self.tokens.append(Token("list_item_open", "li", 1, meta={"html": True}))

    # Code ------------------------------------------------------------------------------

    def _end_code(self) -> None:
        if self._code_pieces is not None:
            text, self._code_pieces = "".join(self._code_pieces), None
            content = text.removeprefix("\n").rstrip()
            self.tokens.append(Token("fence", "code", 0, content=content, info=self._code_language))

    # Tables ----------------------------------------------------------------------------

    def _handle_table_tag(self, tag: Tag) -> None:
        """Collect cells. A row or cell without a table begins one; tables in tables are one."""
        if tag.name == "table":
            self._table_depth = max(0, self._table_depth + (-1 if tag.is_closing else 1))
            if not tag.is_closing and self._table_depth == 1:
                self._flush()
                self._table_rows = []
            elif tag.is_closing and not self._table_depth:
                self._end_table()
            else:
                self._add_space(True)
        elif tag.name == "caption":
            self._end_cell()
            if tag.is_closing:
                self._table_rows = self._table_rows if self._table_rows is not None else []
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
            align = _TEXT_ALIGN.search(tag.get_attribute("style"))
            self._table_rows[-1].append(
                (tag.name, align[1] if align else tag.get_attribute("align"), [])
            )

    def _end_cell(self) -> None:
        """Put the line that is open into its cell, or before the table where it has none."""
        line, self._pending, self._ends_with_space = _trim_tokens(self._pending), [], True
        if not line:
            return
        if self._table_rows and self._table_rows[-1] and not self._table_rows[-1][-1][2]:
            self._table_rows[-1][-1][2].extend(line)
        elif self._table_rows and self._table_rows[-1]:
            self._table_rows[-1].append(("td", "", line))
        else:
            self._pending = line
            rows, self._table_rows = self._table_rows, None
            self._flush()
            self._table_rows = rows

    def _end_table(self) -> None:
        if self._table_rows is None:
            return
        self._end_cell()
        rows, self._table_rows, self._table_depth = (
            [row for row in self._table_rows if row],
            None,
            0,
        )
        if rows:
            self.tokens += _make_table_tokens(rows)


def _make_table_tokens(rows: list[list[tuple[str, str, list[Token]]]]) -> list[Token]:
    """Return the tokens of a table; without header cells its header is empty."""
    made = [Token("table_open", "table", 1), Token("tr_open", "tr", 1)]
    widest = max(map(len, rows))
    aligns = [next((row[i][1] for row in rows if i < len(row)), "") for i in range(widest)]
    titled = all(tag == "th" for tag, _, _ in rows[0])
    for align in aligns:
        known = align in ("left", "right", "center")
        style = {"style": f"text-align:{align}"} if known else {}
        made.append(Token("th_open", "th", 1, attrs=dict(style)))
    for number, row in enumerate(rows):
        if number or not titled:
            made.append(Token("tr_open", "tr", 1))
        made += [_make_inline_token(line) for _, _, line in row]
    return [*made, Token("table_close", "table", -1)]


def _make_inline_token(line: list[Token]) -> Token:
    """Return the inline token of `line`, its text as content, newlines where it breaks."""
    content = "".join("\n" if t.type.endswith("break") else t.content for t in line)
    return Token("inline", "", 0, content=content, children=line)


def _make_omitted_token(omitted: Omitted) -> Token:
    return Token("omitted", "", 0, content=omitted.describe(), info=omitted.url)


def _find_language(tag: Tag) -> str:
    match = _LANGUAGE_CLASS.search(tag.get_attribute("class"))
    return match[1] if match else ""


def _trim_tokens(line: list[Token]) -> list[Token]:
    """Return `line` without space and breaks at either end; nothing if it shows nothing."""
    shown = [at for at, token in enumerate(line) if _is_visible(token)]
    if not shown:
        return []
    before, after = line[: shown[0]], line[shown[-1] + 1 :]
    tags = [[t for t in side if t.type == "html_inline"] for side in (before, after)]
    return [*tags[0], *line[shown[0] : shown[-1] + 1], *tags[1]]


def _is_visible(token: Token) -> bool:
    if token.type == "html_inline":
        return token.content[:4].lower() == "<img"
    return bool(token.content.strip())
