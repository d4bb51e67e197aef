"""Convert a block of HTML to the tokens that equivalent Markdown would produce."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from markdown_it.token import Token

from reader.markdown.html_tags import Left, Tag, pieces

_INLINE: Final = frozenset(
    {"a", "abbr", "b", "big", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i",
     "img", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span",
     "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
)  # fmt: skip
"""Elements that end no paragraph."""
_LISTS: Final = {"ul": "bullet_list", "menu": "bullet_list", "ol": "ordered_list"}
_CLOSING: Final = frozenset({"blockquote", "dd", "li", *_LISTS})
"""Elements that hold blocks, and so must be told where they end."""
_HEADING: Final = re.compile(r"h[1-6]\Z")
_LANGUAGE: Final = re.compile(r"(?:^|\s)(?:language|lang)-([\w+#-]+)")
_CELLS: Final = frozenset({"td", "th"})
_ALIGN: Final = re.compile(r"text-align\s*:\s*(left|right|center)")
_MOST_DIGITS: Final = 9
"""Of a list's first number, as in Markdown."""


def tokens(source: str) -> list[Token]:
    """Return the block tokens of a piece of HTML, those it leaves open left open."""
    maker = _Maker()
    for piece in pieces(source):
        if isinstance(piece, Tag):
            maker.take_tag(piece)
        elif isinstance(piece, Left):
            maker.take_left(piece)
        else:
            maker.take_text(piece)
    maker.finish()
    return maker.made


class _Maker:
    """Collects tokens, one paragraph's inline tokens at a time."""

    def __init__(self) -> None:
        self.made: list[Token] = []
        self._line: list[Token] = []
        """The inline tokens of what is open: a paragraph, a heading, a cell."""
        self._spaced = True
        """The line so far ends with a space, or is empty."""
        self._kind, self._tag = "paragraph", "p"
        """What the line will be when it ends."""
        self._pre: list[str] | None = None
        self._language = ""
        self._lists: list[Token] = []
        self._rows: list[list[tuple[str, str, list[Token]]]] | None = None
        """A table's rows of cells: tag, alignment, inline tokens."""
        self._tables = 0

    def finish(self) -> None:
        self._end_code()
        self._end_table()
        self._flush()

    # Text ------------------------------------------------------------------------------

    def take_text(self, text: str) -> None:
        """Add text, each run of white space as one space or, with a newline, a soft break."""
        if self._pre is not None:
            self._pre.append(unescape(text))
            return
        for number, line in enumerate(text.split("\n")):
            if number and not self._spaced:
                self._inline("softbreak")
                self._spaced = True
            inner = line.split()
            if not inner:
                self._space(bool(line))
                continue
            self._space(line[0].isspace())
            self._inline("text", unescape(" ".join(inner)))
            self._spaced = False
            self._space(line[-1].isspace())

    def _space(self, wanted: bool) -> None:
        if wanted and not self._spaced:
            self._inline("text", " ")
            self._spaced = True

    def _inline(self, kind: str, content: str = "") -> None:
        self._line.append(Token(kind, "", 0, content=content))

    def take_left(self, left: Left) -> None:
        """Say what is left out, on a line of its own outside tables."""
        if self._rows is not None:
            self._line.append(_left(left))
            return
        self._flush()
        self.made.append(_left(left))

    # Tags ------------------------------------------------------------------------------

    def take_tag(self, tag: Tag) -> None:
        if self._pre is not None and tag.name != "pre":
            if tag.name == "br":
                self._pre.append("\n")
            elif tag.name == "code":
                self._language = self._language or _language(tag)
        elif tag.name == "br":
            self._inline("hardbreak")
            self._spaced = True
        elif tag.name in _INLINE:
            self._inline("html_inline", tag.source)
            self._spaced = self._spaced and tag.name != "img"
        elif tag.name in ("table", "caption", "tr", *_CELLS):
            self._take_table(tag)
        elif self._rows is not None:
            self._space(True)  # a cell is one text, whatever it is made of
        else:
            self._take_block(tag)

    def _take_block(self, tag: Tag) -> None:
        self._flush()
        name = tag.name
        self._kind, self._tag = "paragraph", "p"
        if tag.closing:
            self._close(name)
        elif name == "pre":
            self._pre, self._language = [], _language(tag)
        elif _HEADING.match(name):
            self._kind, self._tag = "heading", name
        elif name in ("summary", "figcaption"):
            self._kind = name
        elif name in ("dt", "dd"):
            self._close("dd")  # whose end tag is mostly left to the reader
            if name == "dt":
                self._kind = name
            else:
                self.made.append(Token("dd_open", name, 1, info=name))
        elif name == "blockquote":
            self.made.append(Token("blockquote_open", name, 1, info=name))
        elif name == "li" or name in _LISTS:
            self._begin_item() if name == "li" else self._begin_list(tag)
        elif name == "hr":
            self.made.append(Token("hr", name, 0))

    def _flush(self) -> None:
        """End the line that is open."""
        line, self._line, self._spaced = _trimmed(self._line), [], True
        if line:
            self.made.append(Token(f"{self._kind}_open", self._tag, 1))
            self.made.append(_inline_token(line))
            self.made.append(Token(f"{self._kind}_close", self._tag, -1))

    def _close(self, name: str) -> None:
        if name == "pre":
            self._end_code()
        name = "dd" if name == "dl" else name
        if name in _LISTS and self._lists:
            self._lists.pop()
        if name in _CLOSING:
            self.made.append(Token("html_close", name, -1))

    # Lists -----------------------------------------------------------------------------

    def _begin_list(self, tag: Tag) -> None:
        token = Token(f"{_LISTS[tag.name]}_open", tag.name, 1, info=tag.name, meta={"items": 0})
        start = tag.attribute("start")
        if start.isascii() and start.isdigit() and len(start) <= _MOST_DIGITS:
            token.attrs = {"start": int(start)}
        self._lists.append(token)
        self.made.append(token)

    def _begin_item(self) -> None:
        if self._lists:
            self._lists[-1].meta["items"] += 1
        self.made.append(Token("list_item_open", "li", 1, meta={"html": True}))

    # Code ------------------------------------------------------------------------------

    def _end_code(self) -> None:
        if self._pre is not None:
            text, self._pre = "".join(self._pre), None
            content = text.removeprefix("\n").rstrip()
            self.made.append(Token("fence", "code", 0, content=content, info=self._language))

    # Tables ----------------------------------------------------------------------------

    def _take_table(self, tag: Tag) -> None:
        """Collect cells. A row or cell without a table begins one; tables in tables are one."""
        if tag.name == "table":
            self._tables = max(0, self._tables + (-1 if tag.closing else 1))
            if not tag.closing and self._tables == 1:
                self._flush()
                self._rows = []
            elif tag.closing and not self._tables:
                self._end_table()
            else:
                self._space(True)
        elif tag.name == "caption":
            self._end_cell()
            if tag.closing:
                self._rows = self._rows if self._rows is not None else []
        elif tag.closing:
            self._end_cell()
        else:
            self._begin_cells(tag)

    def _begin_cells(self, tag: Tag) -> None:
        if self._rows is None:
            self._flush()
            self._rows = []
        self._end_cell()
        if tag.name == "tr" or not self._rows:
            self._rows.append([])
        if tag.name in _CELLS:
            align = _ALIGN.search(tag.attribute("style"))
            self._rows[-1].append((tag.name, align[1] if align else tag.attribute("align"), []))

    def _end_cell(self) -> None:
        """Put the line that is open into its cell, or before the table where it has none."""
        line, self._line, self._spaced = _trimmed(self._line), [], True
        if not line:
            return
        if self._rows and self._rows[-1] and not self._rows[-1][-1][2]:
            self._rows[-1][-1][2].extend(line)
        elif self._rows and self._rows[-1]:
            self._rows[-1].append(("td", "", line))
        else:
            self._line = line
            rows, self._rows = self._rows, None
            self._flush()
            self._rows = rows

    def _end_table(self) -> None:
        if self._rows is None:
            return
        self._end_cell()
        rows, self._rows, self._tables = [row for row in self._rows if row], None, 0
        if rows:
            self.made += _table(rows)


def _table(rows: list[list[tuple[str, str, list[Token]]]]) -> list[Token]:
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
        made += [_inline_token(line) for _, _, line in row]
    return [*made, Token("table_close", "table", -1)]


def _inline_token(line: list[Token]) -> Token:
    """Return the inline token of `line`, its text as content, newlines where it breaks."""
    content = "".join("\n" if t.type.endswith("break") else t.content for t in line)
    return Token("inline", "", 0, content=content, children=line)


def _left(left: Left) -> Token:
    return Token("left_out", "", 0, content=left.told(), info=left.address)


def _language(tag: Tag) -> str:
    match = _LANGUAGE.search(tag.attribute("class"))
    return match[1] if match else ""


def _trimmed(line: list[Token]) -> list[Token]:
    """Return `line` without space and breaks at either end; nothing if it shows nothing."""
    shown = [at for at, token in enumerate(line) if _shows(token)]
    if not shown:
        return []
    before, after = line[: shown[0]], line[shown[-1] + 1 :]
    tags = [[t for t in side if t.type == "html_inline"] for side in (before, after)]
    return [*tags[0], *line[shown[0] : shown[-1] + 1], *tags[1]]


def _shows(token: Token) -> bool:
    if token.type == "html_inline":
        return token.content[:4].lower() == "<img"
    return bool(token.content.strip())
