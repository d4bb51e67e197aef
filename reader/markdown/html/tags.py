"""Split HTML into tags, text and omitted elements.

An omitted element, such as a script, is not shown; a notice says what was left out.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterator


OMITTED_TAGS: Final = frozenset(
    {"script", "style", "template", "iframe", "object", "embed", "video", "audio", "svg", "canvas"}
)
"""Elements that are omitted with all their content."""
_VOID_TAGS: Final = frozenset({"embed"})
"""Omitted elements that have no end tag."""
KNOWN_TAGS: Final = frozenset(
    {"a", "abbr", "acronym", "address", "applet", "area", "article", "aside", "audio", "b", "base",
     "basefont", "bdi", "bdo", "bgsound", "big", "blink", "blockquote", "body", "br", "button", "canvas",
     "caption", "center", "cite", "code", "col", "colgroup", "data", "datalist", "dd", "del", "details",
     "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed", "fieldset", "figcaption", "figure", "font",
     "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup",
     "hr", "html", "i", "iframe", "img", "input", "ins", "isindex", "kbd", "keygen", "label", "legend",
     "li", "link", "main", "map", "mark", "marquee", "math", "menu", "menuitem", "meta", "meter", "mfrac",
     "mi", "mn", "mo", "mroot", "mrow", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd",
     "mtext", "mtr", "munder", "munderover", "nav", "nobr", "noembed", "noframes", "noscript", "object", "ol",
     "optgroup", "option", "output", "p", "param", "picture", "plaintext", "pre", "progress", "q", "rb",
     "rp", "rt", "rtc", "ruby", "s", "samp", "script", "search", "section", "select", "slot", "small",
     "source", "spacer", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg", "table",
     "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "time", "title", "tr", "track", "tt",
     "u", "ul", "var", "video", "wbr", "xmp"}
)  # fmt: skip
"""The elements of HTML, obsolete ones included, and the common ones of MathML. Source: the HTML
standard, 4.1 to 4.13, 16.2 (https://html.spec.whatwg.org/)."""
_BOOLEAN_ATTRIBUTES: Final = frozenset(
    {"allowfullscreen", "async", "autofocus", "autoplay", "border", "checked", "compact", "controls",
     "default", "defer", "disabled", "download", "formnovalidate", "hidden", "inert", "ismap", "itemscope",
     "loop", "multiple", "muted", "nomodule", "noshade", "novalidate", "nowrap", "open", "playsinline",
     "readonly", "required", "reversed", "selected"}
)  # fmt: skip
"""Attributes without a value. Other words in a tag, as in `a <b and c> d`, show that it is text."""
_TAG: Final = re.compile(r"""<(/?)([A-Za-z][\w:-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE: Final = re.compile(
    r"""([\w:-]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?|["'][^"']*+["']?"""
)
_SOURCE_TAG: Final = re.compile(r"""(?i)<source\b[^<>]*?\ssrc\s*+=\s*["']?([^\s"'<>]+)""")
_COMMENT_DELIMITERS: Final = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))
"""Start and end of comments, character data, instructions and declarations."""
COMMENT_TYPES: Final = {
    "<!--": ("-->", "comment"),
    "<![CDATA[": ("]]>", "comment"),
    "<?": ("?>", "instruction"),
}
"""By its start, what may hold an author's words: its end, and its name in the notice."""
_MAX_INDENT_CHARACTERS: Final = 200
"""How far before a tag the start of its line is looked for."""
_MAX_URL_CHARACTERS: Final = 120
"""A longer URL is shortened in the notice."""


class Tag(NamedTuple):
    """A start or end tag. `name` is lower case; `source` is the whole tag as written."""

    name: str
    is_closing: bool
    raw_attributes: str
    source: str

    def get_attribute(self, name: str) -> str:
        """Return the value of an attribute, entities decoded; empty if there is none."""
        for match in _ATTRIBUTE.finditer(self.raw_attributes):
            if match[1] and match[1].lower() == name:
                value = match[2] or ""
                return unescape(value[1:-1] if value[:1] in ("'", '"') else value)
        return ""

    def has_attribute(self, name: str) -> bool:
        """Return whether the tag has an attribute, with a value or without one."""
        matches = _ATTRIBUTE.finditer(self.raw_attributes)
        return any(match[1] and match[1].lower() == name for match in matches)


def is_markup(tag: Tag, *, is_balanced: bool) -> bool:
    """Return whether a tag is HTML, not text such as `<placeholder>` or `List<String>`.

    A custom element, whose name has a hyphen, is HTML if its other tag exists (`is_balanced`).
    """
    if tag.name not in KNOWN_TAGS and ":" not in tag.name:
        return "-" in tag.name and is_balanced
    attributes = tag.raw_attributes
    if attributes and not attributes[0].isspace() and attributes[0] != "/":
        return False
    matches = list(_ATTRIBUTE.finditer(attributes))
    names = {match[1].lower() for match in matches if match[1] and "-" not in match[1]}
    return any(match[2] for match in matches) or names <= _BOOLEAN_ATTRIBUTES


def find_anchor(tag: Tag) -> str:
    """Return the target of links to an element, such as `#name`, or an empty string."""
    name = tag.get_attribute("id") or (tag.get_attribute("name") if tag.name == "a" else "")
    return f"#{sanitize_line(name, _MAX_URL_CHARACTERS)}" if name and not tag.is_closing else ""


class Omitted(NamedTuple):
    """An omitted element: its name, and its URL if it has one."""

    name: str
    url: str = ""

    def describe(self) -> str:
        """Return the notice that is shown instead, with the URL shortened to fit a line."""
        url = self.url
        if len(url) > _MAX_URL_CHARACTERS:
            url = url[: _MAX_URL_CHARACTERS - 1] + "…"
        return f"[{self.name} left out: {url}]" if url else f"[{self.name} left out]"


HtmlPiece = str | Tag | Omitted


def split_html(source: str) -> Iterator[HtmlPiece]:
    """Yield the tags, the text (entities not decoded) and the omitted elements in order."""
    return _HtmlScanner(source).scan()


def parse_tag(source: str) -> Tag | None:
    """Return the tag at the start of `source`, or None."""
    match = _TAG.match(source)
    return _match_to_tag(match) if match else None


def omit_element(tag: Tag, content: str) -> Omitted:
    """Return an element as omitted. Its URL comes from `tag`, or a `source` tag in `content`."""
    url = tag.get_attribute("src") or tag.get_attribute("data")
    if not url and (match := _SOURCE_TAG.search(content)):
        url = unescape(match[1])
    return Omitted(tag.name, " ".join(url.split()))


def parse_comment(source: str) -> Omitted | None:
    """Return a comment or instruction of more than one word as omitted, else None.

    A single word, such as `<!-- more -->`, is a directive to a program, not text.
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
        """End markers that were not found. Each is searched for once, to keep time linear."""

    def scan(self) -> Iterator[HtmlPiece]:
        source, start = self._source, 0
        while (opening := source.find("<", self._position)) >= 0:
            self._position = opening
            piece = self._scan_comment()
            piece = self._scan_element() if piece is None else piece
            if piece is None:
                self._position = opening + 1  # this angle bracket is text
                continue
            if opening > start:
                yield source[start:opening]
            if piece:
                yield piece
            start = self._position
        if start < len(source):
            yield source[start:]

    def _scan_comment(self) -> HtmlPiece | None:
        """Skip a comment, instruction or declaration at the position.

        Return it as omitted, "" if it is skipped silently, None if there is none or no end.
        """
        for opening, closing in _COMMENT_DELIMITERS:
            if self._source.startswith(opening, self._position):
                end = self._find_ending(closing, self._position + len(opening))
                if end < 0:
                    return None
                start, self._position = self._position, end + len(closing)
                return parse_comment(self._source[start : self._position]) or ""
        return None

    def _scan_element(self) -> HtmlPiece | None:
        """Return the tag or omitted element at the position, "" if it shows nothing, or None."""
        match = _TAG.match(self._source, self._position)
        if match is None:
            return None
        tag = _match_to_tag(match)
        if not is_markup(tag, is_balanced=self._is_balanced(match)):
            return None
        self._position = match.end()
        if tag.name not in OMITTED_TAGS:
            return tag
        return "" if tag.is_closing else self._scan_omitted(tag)

    def _is_balanced(self, match: re.Match[str]) -> bool:
        """Return whether the other tag of a custom element exists, or it is alone on its line.

        In the second case its end tag may be in a later block.
        """
        if "-" not in match[2]:
            return True
        recent = self._source[max(0, match.start() - _MAX_INDENT_CHARACTERS) : match.start()]
        before = recent.rpartition("\n")[2]
        after = self._source[match.end() : match.end() + 1]
        if not before.strip() and after in ("", "\n"):
            return True
        return self._find_ending(f"<{match[2]}" if match[1] else f"</{match[2]}", 0) >= 0

    def _scan_omitted(self, tag: Tag) -> Omitted:
        """Skip the content of an omitted element. One without an end tag has no content."""
        start, end = self._position, -1
        if tag.name not in _VOID_TAGS and not tag.raw_attributes.endswith("/"):
            end = self._find_ending(f"</{tag.name}", start)
        self._position = max(start, end)
        return omit_element(tag, self._source[start : self._position])

    def _find_ending(self, closing: str, start: int) -> int:
        """Return the offset of the next `closing`, in any case, or -1."""
        if closing in self._missing_endings:
            return -1
        match = re.compile(re.escape(closing), re.IGNORECASE).search(self._source, start)
        if match is None:
            self._missing_endings.add(closing)
            return -1
        return match.start()
