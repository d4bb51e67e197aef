"""Write the inline elements of a story as Markdown: emphasis, links, code, pictures, notes.

What Markdown can't say is written as the program's Markdown shows it best: small raised figures
are characters of their own, and addresses that aren't followed are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from reader.ingest import clean_line, escape_inline
from reader.ingest.page.html_tree import BLOCKS
from reader.text.cells import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.ingest.page.footnotes import Footnotes
    from reader.ingest.page.html_tree import Node


SILENT: Final = frozenset(
    {"script", "style", "template", "noscript", "title", "head", "annotation-xml"}
)
LINE_BREAK: Final = "\\\n"
GUTTER: Final = re.compile(
    r"gutter|lineno|line-number|linenum|copy-?(?:code|button)|prompt-copy", re.IGNORECASE
)
_EMPHASIS: Final = {
    "em": "*", "i": "*", "cite": "*", "var": "*", "dfn": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~", "strike": "~~",
}  # fmt: skip
_CODE: Final = frozenset({"code", "kbd", "samp", "tt"})
_RAISED: Final = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOWERED: Final = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
_LINK_SCHEMES: Final = ("http", "https", "mailto")
_MAX_REFERENCE: Final = 8
"""Characters of the longest raised text that is nothing but the number of a footnote."""
_MAX_URL: Final = 4_000
_LAZY_SOURCES: Final = (
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-src-medium",
    "data-image",
)


class _Piece(NamedTuple):
    """A piece of inline Markdown; with a mark it is emphasised once its neighbours are known."""

    text: str
    mark: str = ""


class InlineWriter:
    """Writes inline elements, and notes in which block their texts are."""

    def __init__(self, base: str, footnotes: Footnotes) -> None:
        self._base = base
        self._footnotes = footnotes
        self.number = 0
        """The number of the block that is being written."""

    def write(self, nodes: Iterable[Node], *, plain: bool = False) -> str:
        """Return inline Markdown, with a backslash and a newline for each line break."""
        pieces: list[_Piece] = []
        for node in nodes:
            self._add_inline(node, pieces, plain=plain)
        return _join(pieces)

    def _add_inline(self, node: Node, pieces: list[_Piece], *, plain: bool) -> None:
        tag = node.tag
        if node.dropped or tag in SILENT:
            return
        if tag == "#text":
            node.block = self.number
            pieces.append(_Piece(escape_inline(re.sub(r"\s+", " ", sanitize(node.text)))))
        elif tag == "a":
            self._add_link(node, pieces, plain=plain)
        elif tag in ("sup", "sub"):
            self._add_raised(node, pieces, plain=plain)
        elif tag in BLOCKS:
            inner = self.write(node.children, plain=plain)
            pieces += [_Piece(" "), _Piece(inner), _Piece(" ")]
        elif tag in _CODE or tag in _EMPHASIS or tag in ("br", "img", "math", "q"):
            pieces.append(self._write_element(node, plain=plain))
        else:
            for child in node.children:
                self._add_inline(child, pieces, plain=plain)

    def _write_element(self, node: Node, *, plain: bool) -> _Piece:
        """Return the piece for an element of one of the tags that have markup of their own."""
        tag = node.tag
        if tag == "br":
            return _Piece(LINE_BREAK)
        if tag == "img":
            return _Piece("" if plain else self.write_picture(node))
        if tag == "math":
            return self._write_formula(node)
        if tag in _CODE and not plain:
            return _Piece(_write_code(self.read_code(node)))
        inner = self.write(node.children, plain=plain)
        if tag == "q":
            inner = f"“{inner.strip()}”"
        return _Piece(inner, "" if plain else _EMPHASIS.get(tag, ""))

    def _add_link(self, node: Node, pieces: list[_Piece], *, plain: bool) -> None:
        number = self._footnotes.find_reference(node)
        if number:
            self._mark_used(node)
            pieces.append(_Piece(f"[^{number}]"))
            return
        text = self.write(node.children, plain=plain)
        url = self._resolve(node.get("href"))
        core = " ".join(text.replace(LINE_BREAK, " ").split())
        if not core or not url or core.startswith("![") or "](" in core:
            pieces.append(_Piece(text))
            return
        before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
        pieces.append(_Piece(f"{before}[{core}]({url}){after}"))

    def _add_raised(self, node: Node, pieces: list[_Piece], *, plain: bool) -> None:
        links, text = node.find_all("a"), node.read_text()
        number = self._footnotes.find_reference(links[0]) if len(links) == 1 else ""
        if number and len(text) <= _MAX_REFERENCE:
            self._mark_used(node)
            pieces.append(_Piece(f"[^{number}]"))
            return
        table = _RAISED if node.tag == "sup" else _LOWERED
        if text and not links and all(character in table for character in text):
            self._mark_used(node)
            pieces.append(_Piece("".join(table[character] for character in text)))
            return
        for child in node.children:
            self._add_inline(child, pieces, plain=plain)

    def _write_formula(self, node: Node) -> _Piece:
        source = next((each for each in node.walk() if each.tag == "annotation"), None)
        text = clean_line(
            source.read_text() if source is not None else node.get("alttext") or node.read_text()
        )
        self._mark_used(node)
        is_formula = (source is not None or node.get("alttext")) and "$" not in text
        return _Piece(f"${text}$" if is_formula else escape_inline(text))

    def _mark_used(self, node: Node) -> None:
        for each in node.walk():
            each.block = self.number

    def write_picture(self, node: Node) -> str:
        """Return a picture, unless it only serves the page, such as a tracking pixel."""
        if node.get("width") in ("0", "1") or node.get("height") in ("0", "1"):
            return ""
        source = node.get("src").strip()
        lazy = next((node.get(name) for name in _LAZY_SOURCES if node.get(name)), "")
        first = re.split(r"[\s,]", (node.get("srcset") or node.get("data-srcset")).strip())[0]
        if lazy and (not source or source.startswith("data:") or not node.get("srcset")):
            source = lazy
        elif not source or source.startswith("data:"):
            source = first
        url = self._resolve(source)
        alt = escape_inline(clean_line(node.get("alt"))[:300])
        is_in_figure = any(each.tag in ("figure", "picture") for each in node.ancestors(4))
        return f"![{alt}]({url})" if url and (alt or is_in_figure) else ""

    def _resolve(self, target: str) -> str:
        """Return an absolute address for a link, empty for one that isn't followed.

        Scripts, data and places in the page aren't.
        """
        target = re.sub(
            r"[\x00-\x20\x7f-\x9f]+",
            lambda m: "" if m[0].strip(" ") or m.start() == 0 else "%20",
            target.strip(),
        )
        if not target or target.startswith("#") or len(target) > _MAX_URL:
            return ""
        try:
            url = urljoin(self._base, target)
            parts = urlsplit(url)
            is_place = (
                bool(parts.fragment) and url.partition("#")[0] == self._base.partition("#")[0]
            )
        except ValueError:
            return ""
        if parts.scheme not in _LINK_SCHEMES or is_place or parts.username or parts.password:
            return ""
        return (
            quote(url, safe="%/:?#[]@!$&'*+,;=~-._")
            if parts.scheme == "mailto" or parts.hostname
            else ""
        )

    def read_code(self, node: Node) -> str:
        """Return the text of code with its line ends, without line numbers."""
        parts: list[str] = []
        pending = [node]
        while pending:
            each = pending.pop()
            if each.tag == "#text":
                each.block = self.number
                parts.append(each.text)
            elif each.tag == "br":
                parts.append("\n")
            elif each.tag not in SILENT and not (each is not node and GUTTER.search(each.label)):
                if each.tag in ("div", "tr", "li", "p") and parts and not parts[-1].endswith("\n"):
                    parts.append("\n")
                pending.extend(reversed(each.children))
        return sanitize("".join(parts).replace("\r\n", "\n").replace("\xa0", " ").expandtabs(4))


def _join(pieces: list[_Piece]) -> str:
    """Return the pieces as one text; emphasis that its neighbours would break is left out."""
    out = ""
    for number, piece in enumerate(pieces):
        text = piece.text
        core = text.strip()
        if not piece.mark or not core:
            out = _append_text(out, text)
            continue
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        out = _append_text(out, before)
        following = after or "".join(each.text for each in pieces[number + 1 : number + 3])
        if _can_emphasise(core, out[-1:], following[:1], piece.mark):
            core = f"{piece.mark}{core}{piece.mark}"
        out = _append_text(out, core + after)
    return out


def _append_text(out: str, text: str) -> str:
    is_space = out != "" and out[-1] in " \n"
    return out + (text.lstrip(" ") if is_space else text)


def _can_emphasise(core: str, before: str, after: str, mark: str) -> bool:
    """Return whether marks round `core` are read as emphasis (CommonMark 0.31, 6.2)."""
    if LINE_BREAK * 2 in core or core.startswith(("\\\n", "![")) or (mark in core and mark != "*"):
        return False
    if mark == "*" and re.search(r"(?<![*\\])\*(?!\*)", core):
        return False
    opens = before == "" or not before.isalnum() or core[0].isalnum()
    closes = after == "" or not after.isalnum() or core[-1].isalnum()
    return opens and closes and before != "*" and after != "*"


def _write_code(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    core = text.strip()
    if not core:
        return text
    longest = max((len(run) for run in re.findall("`+", core)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if core.startswith("`") or core.endswith("`") else ""
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    return f"{before}{fence}{padding}{core}{padding}{fence}{after}"
