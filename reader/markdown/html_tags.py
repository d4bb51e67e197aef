"""Split HTML in Markdown into tags, text and omitted parts."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


SILENT: Final = frozenset(
    {"script", "style", "iframe", "object", "embed", "video", "audio", "svg", "canvas"}
)
"""Elements that are left out, with all that stands in them, and told."""
_VOID: Final = frozenset({"embed"})
_TAG: Final = re.compile(r"""<(/?)([A-Za-z][\w:-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE: Final = re.compile(
    r"""([\w:-]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?|["'][^"']*+["']?"""
)
_SOURCE: Final = re.compile(r"""(?i)<source\b[^<>]*?\ssrc\s*+=\s*["']?([^\s"'<>]+)""")
_ASIDES: Final = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))
"""What is neither tag nor text, and how it ends."""
COMMENTS: Final = {
    "<!--": ("-->", "comment"),
    "<![CDATA[": ("]]>", "comment"),
    "<?": ("?>", "instruction"),
}
"""What may hold somebody's words that are not for the page: how it ends, and what it is."""
_LONGEST_TOLD: Final = 120
"""Characters of an address that is told."""


class Tag(NamedTuple):
    """A tag: `name` in small letters, what is written behind it, and the whole as written."""

    name: str
    closing: bool
    rest: str
    source: str

    def attribute(self, name: str) -> str:
        """Return the attribute of that name, entities resolved, or an empty text."""
        for match in _ATTRIBUTE.finditer(self.rest):
            if match[1] and match[1].lower() == name:
                value = match[2] or ""
                return unescape(value[1:-1] if value[:1] in ("'", '"') else value)
        return ""


class Left(NamedTuple):
    """Something that is left out: what it is, and its address if it has one."""

    name: str
    address: str = ""

    def told(self) -> str:
        """Return the line that says so, its address cut to a line's length."""
        address = self.address
        if len(address) > _LONGEST_TOLD:
            address = address[: _LONGEST_TOLD - 1] + "…"
        return f"[{self.name} left out: {address}]" if address else f"[{self.name} left out]"


Piece = str | Tag | Left


def pieces(source: str) -> Iterator[Piece]:
    """Yield the tags of `source`, its text as it is written, and what is left out, in order."""
    return _Reader(source).read()


def tag(source: str) -> Tag | None:
    """Return the tag that `source` is, or None."""
    match = _TAG.match(source)
    return _tag(match) if match else None


def left(opened: Tag, inner: str) -> Left:
    """Return what is left out where `opened` begins a silent element with `inner` in it."""
    address = opened.attribute("src") or opened.attribute("data")
    if not address and (match := _SOURCE.search(inner)):
        address = unescape(match[1])
    return Left(opened.name, " ".join(address.split()))


def comment(source: str) -> Left | None:
    """Return what is left out where `source` is a comment or an instruction of several words.

    One word, such as `<!-- more -->`, is a sign to a program; more are somebody's text.
    """
    for opening, (closing, name) in COMMENTS.items():
        if source.startswith(opening):
            words = source[len(opening) : -len(closing)].split()
            return Left(name) if len(words) > 1 else None
    return None


def _tag(match: re.Match[str]) -> Tag:
    return Tag(match[2].lower(), bool(match[1]), match[3], match[0])


class _Reader:
    """One pass over a piece of HTML."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._missing: set[str] = set()
        """Ends that don't come any more: each is searched in vain once."""

    def read(self) -> Iterator[Piece]:
        source, start = self._source, 0
        while (opening := source.find("<", self._at)) >= 0:
            self._at = opening
            piece = self._aside()
            piece = self._element() if piece is None else piece
            if piece is None:
                self._at = opening + 1  # an angle bracket that opens nothing
                continue
            if opening > start:
                yield source[start:opening]
            if piece:
                yield piece
            start = self._at
        if start < len(source):
            yield source[start:]

    def _aside(self) -> Piece | None:
        """Pass a comment or declaration: "" for a silent one. An unclosed one is text."""
        for opening, closing in _ASIDES:
            if self._source.startswith(opening, self._at):
                end = self._find(closing, self._at + len(opening))
                if end < 0:
                    return None
                start, self._at = self._at, end + len(closing)
                return comment(self._source[start : self._at]) or ""
        return None

    def _element(self) -> Piece | None:
        match = _TAG.match(self._source, self._at)
        if match is None:
            return None
        found = _tag(match)
        self._at = match.end()
        if found.name not in SILENT:
            return found
        return "" if found.closing else self._left(found)

    def _left(self, opened: Tag) -> Left:
        """Pass all of a silent element; one without an end is its first tag alone."""
        start, end = self._at, -1
        if opened.name not in _VOID and not opened.rest.endswith("/"):
            end = self._find(f"</{opened.name}", start)
        self._at = max(start, end)
        return left(opened, self._source[start : self._at])

    def _find(self, closing: str, start: int) -> int:
        """Return where `closing` stands next, or -1."""
        if closing in self._missing:
            return -1
        match = re.compile(re.escape(closing), re.IGNORECASE).search(self._source, start)
        if match is None:
            self._missing.add(closing)
            return -1
        return match.start()
