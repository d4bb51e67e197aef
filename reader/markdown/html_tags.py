"""Split HTML in Markdown into tags, text and omitted parts."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


OMITTED_TAGS: Final = frozenset(
    {"script", "style", "iframe", "object", "embed", "video", "audio", "svg", "canvas"}
)
"""Elements that are left out, with all that stands in them, and told."""
_VOID_TAGS: Final = frozenset({"embed"})
_TAG: Final = re.compile(r"""<(/?)([A-Za-z][\w:-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE: Final = re.compile(
    r"""([\w:-]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?|["'][^"']*+["']?"""
)
_SOURCE_TAG: Final = re.compile(r"""(?i)<source\b[^<>]*?\ssrc\s*+=\s*["']?([^\s"'<>]+)""")
_COMMENT_DELIMITERS: Final = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))
"""What is neither tag nor text, and how it ends."""
COMMENT_TYPES: Final = {
    "<!--": ("-->", "comment"),
    "<![CDATA[": ("]]>", "comment"),
    "<?": ("?>", "instruction"),
}
"""What may hold somebody's words that are not for the page: how it ends, and what it is."""
_MAX_URL_CHARACTERS: Final = 120
"""Characters of an address that is told."""


class Tag(NamedTuple):
    """A tag: `name` in small letters, what is written behind it, and the whole as written."""

    name: str
    is_closing: bool
    raw_attributes: str
    source: str

    def get_attribute(self, name: str) -> str:
        """Return the attribute of that name, entities resolved, or an empty text."""
        for match in _ATTRIBUTE.finditer(self.raw_attributes):
            if match[1] and match[1].lower() == name:
                value = match[2] or ""
                return unescape(value[1:-1] if value[:1] in ("'", '"') else value)
        return ""


class Omitted(NamedTuple):
    """Something that is left out: what it is, and its address if it has one."""

    name: str
    url: str = ""

    def describe(self) -> str:
        """Return the line that says so, its address cut to a line's length."""
        address = self.url
        if len(address) > _MAX_URL_CHARACTERS:
            address = address[: _MAX_URL_CHARACTERS - 1] + "…"
        return f"[{self.name} left out: {address}]" if address else f"[{self.name} left out]"


HtmlPiece = str | Tag | Omitted


def split_html(source: str) -> Iterator[HtmlPiece]:
    """Yield the tags of `source`, its text as it is written, and what is left out, in order."""
    return _HtmlScanner(source).scan()


def parse_tag(source: str) -> Tag | None:
    """Return the tag that `source` is, or None."""
    match = _TAG.match(source)
    return _match_to_tag(match) if match else None


def omit_element(opened: Tag, inner: str) -> Omitted:
    """Return what is left out where `opened` begins a silent element with `inner` in it."""
    address = opened.get_attribute("src") or opened.get_attribute("data")
    if not address and (match := _SOURCE_TAG.search(inner)):
        address = unescape(match[1])
    return Omitted(opened.name, " ".join(address.split()))


def parse_comment(source: str) -> Omitted | None:
    """Return what is left out where `source` is a comment or an instruction of several words.

    One word, such as `<!-- more -->`, is a sign to a program; more are somebody's text.
    """
    for opening, (closing, name) in COMMENT_TYPES.items():
        if source.startswith(opening):
            words = source[len(opening) : -len(closing)].split()
            return Omitted(name) if len(words) > 1 else None
    return None


def _match_to_tag(match: re.Match[str]) -> Tag:
    return Tag(match[2].lower(), bool(match[1]), match[3], match[0])


class _HtmlScanner:
    """One pass over a piece of HTML."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0
        self._missing_endings: set[str] = set()
        """Ends that don't come any more: each is searched in vain once."""

    def scan(self) -> Iterator[HtmlPiece]:
        source, start = self._source, 0
        while (opening := source.find("<", self._position)) >= 0:
            self._position = opening
            piece = self._scan_comment()
            piece = self._scan_element() if piece is None else piece
            if piece is None:
                self._position = opening + 1  # an angle bracket that opens nothing
                continue
            if opening > start:
                yield source[start:opening]
            if piece:
                yield piece
            start = self._position
        if start < len(source):
            yield source[start:]

    def _scan_comment(self) -> HtmlPiece | None:
        """Pass a comment or declaration: "" for a silent one. An unclosed one is text."""
        for opening, closing in _COMMENT_DELIMITERS:
            if self._source.startswith(opening, self._position):
                end = self._find_ending(closing, self._position + len(opening))
                if end < 0:
                    return None
                start, self._position = self._position, end + len(closing)
                return parse_comment(self._source[start : self._position]) or ""
        return None

    def _scan_element(self) -> HtmlPiece | None:
        match = _TAG.match(self._source, self._position)
        if match is None:
            return None
        found = _match_to_tag(match)
        self._position = match.end()
        if found.name not in OMITTED_TAGS:
            return found
        return "" if found.is_closing else self._scan_omitted(found)

    def _scan_omitted(self, opened: Tag) -> Omitted:
        """Pass all of a silent element; one without an end is its first tag alone."""
        start, end = self._position, -1
        if opened.name not in _VOID_TAGS and not opened.raw_attributes.endswith("/"):
            end = self._find_ending(f"</{opened.name}", start)
        self._position = max(start, end)
        return omit_element(opened, self._source[start : self._position])

    def _find_ending(self, closing: str, start: int) -> int:
        """Return where `closing` stands next, or -1."""
        if closing in self._missing_endings:
            return -1
        match = re.compile(re.escape(closing), re.IGNORECASE).search(self._source, start)
        if match is None:
            self._missing_endings.add(closing)
            return -1
        return match.start()
