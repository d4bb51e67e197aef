"""HTML inside Markdown, taken for its text.

Tags fall away and their text stays, a paragraph for each block element; what is no text
(scripts, frames) becomes one line that says so. Reads it by itself, once from left to right:
the standard library's parser takes a minute for a page of unclosed tags. Never renders,
never fetches.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_SILENT: Final = frozenset({"script", "style", "iframe", "object", "video", "audio", "svg"})
_INLINE: Final = frozenset(
    {"a", "abbr", "b", "cite", "code", "del", "em", "font", "i", "kbd", "mark", "q", "s",
     "small", "span", "strong", "sub", "sup", "u", "wbr"}
)  # fmt: skip
_TAG: Final = re.compile(r"""<(/?)([A-Za-z][\w:-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ALTERNATIVE: Final = re.compile(r"""(?i)(?<![\w-])alt\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_ASIDES: Final = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<!", ">"), ("<?", ">"))
"""What is neither tag nor text, and how it ends."""


def paragraphs(source: str) -> Iterator[tuple[str, bool]]:
    """Yield each paragraph's text of `source`, and whether it is text or a stand-in line."""
    reader = _Reader(source)
    reader.read()
    yield from reader.found


def alternative(tag: str) -> str:
    """Return the words that stand for the picture of an `img` tag, if it has any."""
    match = _ALTERNATIVE.search(tag)
    return unescape(match[1].strip("\"'")) if match else ""


class _Reader:
    """One pass over a piece of HTML."""

    def __init__(self, source: str) -> None:
        self.found: list[tuple[str, bool]] = []
        self._source = source
        self._at = 0
        self._text: list[str] = []
        self._missing: set[str] = set()
        """Ends that don't come any more: each is searched in vain once."""

    def read(self) -> None:
        while self._at < len(self._source):
            start = self._source.find("<", self._at)
            self._take_text(len(self._source) if start < 0 else start)
            if start >= 0 and not (self._take_aside() or self._take_tag()):
                self._take_text(start + 1)  # an angle bracket that opens nothing
        self._flush()

    def _take_text(self, end: int) -> None:
        data = unescape(self._source[self._at : end])
        before = " " if data[:1].isspace() else ""
        after = " " if data[-1:].isspace() else ""
        self._text.append(" ".join(data.split()).join((before, after)))
        self._at = end

    def _take_aside(self) -> bool:
        """Pass a comment or declaration. An unclosed one is text like any other."""
        for opening, closing in _ASIDES:
            if self._source.startswith(opening, self._at):
                inner = self._at + len(opening)
                end = self._find(closing, inner)
                if end < 0:
                    return False
                # One word, such as `more`, is a sign to a program; more are somebody's text.
                if opening in ("<!--", "<![CDATA[") and len(self._source[inner:end].split()) > 1:
                    self._stand_in("comment")
                self._at = end + len(closing)
                return True
        return False

    def _take_tag(self) -> bool:
        match = _TAG.match(self._source, self._at)
        if match is None:
            return False
        name = match[2].lower()
        self._at = match.end()
        if name in _SILENT:
            if not match[1]:
                self._stand_in(name)
                self._skip(name)
        elif name == "br":
            self._text.append("\n")
        elif name == "img":
            self._text.append(f" ▨ {alternative(match[3]) or 'picture'} ")
        elif name not in _INLINE:
            self._flush()
        return True

    def _skip(self, name: str) -> None:
        """Go to the end of what is left out, or on with the text if it has none."""
        end = self._find(f"</{name}", self._at)
        if end >= 0:
            self._at = end

    def _find(self, closing: str, start: int) -> int:
        """Return where `closing` stands next, or -1."""
        if closing in self._missing:
            return -1
        match = re.compile(re.escape(closing), re.IGNORECASE).search(self._source, start)
        if match is None:
            self._missing.add(closing)
            return -1
        return match.start()

    def _stand_in(self, name: str) -> None:
        self._flush()
        self.found.append((f"[{name} left out]", False))

    def _flush(self) -> None:
        """End the paragraph that is open."""
        lines = (" ".join(line.split()) for line in "".join(self._text).strip().split("\n"))
        text = "\n".join(lines).strip()
        if text:
            self.found.append((text, True))
        self._text.clear()
