"""A tree of the elements and texts of a page.

Any text makes a tree, in time proportional to its length: nesting is limited, no end tag is looked
for twice, and what a browser would repair is repaired as far as reading needs it. Python's own
parser takes quadratic time for some broken pages.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING, Final

from reader.ingest import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator


MAX_DEPTH: Final = 160
"""Nested elements. Deeper ones become children of the last. Real pages have at most 80."""
_MAX_ATTRIBUTES: Final = 100
VOID: Final = word_set("area base br col embed hr img input link meta param source track wbr")
_UNSEEN: Final = word_set("script style template head title textarea iframe select")
RAW: Final = frozenset({"script", "style", "textarea", "title", "iframe", "noembed", "xmp"})
"""Elements that hold text alone, up to their end tag."""
BLOCKS: Final = word_set(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol p pre section summary table tbody td tfoot th thead"
    " tr ul #root"
)
_CLOSES_PARAGRAPH: Final = BLOCKS - word_set(
    "body html dd dt li td th tr tbody thead tfoot summary"
)
_SCOPE: Final = word_set(
    "table td th button figure section article div li blockquote details caption object template dd dt"
)
"""An end tag that is implied doesn't close these."""
_IMPLIED: Final = {
    "li": (("li",), frozenset({"ul", "ol", "menu", "table"})),
    "dd": (("dd", "dt"), frozenset({"dl", "table"})),
    "dt": (("dd", "dt"), frozenset({"dl", "table"})),
    "td": (("td", "th"), frozenset({"tr", "table"})),
    "th": (("td", "th"), frozenset({"tr", "table"})),
    "tr": (("tr",), frozenset({"table"})),
    "tbody": (("tbody", "thead", "tfoot"), frozenset({"table"})),
    "tfoot": (("tbody", "thead", "tfoot"), frozenset({"table"})),
    "option": (("option",), frozenset({"select"})),
}
"""For each tag, those that its start closes, and those that stand in between if it doesn't."""
_TAG: Final = re.compile(r"</?([A-Za-z][^\s/>\0]{0,60})")
_NAME: Final = re.compile(r"[\s/]*([^\s/>=][^\s/>=]{0,100})[^\s/>=]*\s*(=?)\s*")
_BARE_VALUE: Final = re.compile(r"[^\s>]*")
_LONG_NUMBER: Final = re.compile(r"&#(?:\d{8,}|[xX][\dA-Fa-f]{8,});?")
_SPACES: Final = re.compile(r"[ \t\n\r\f\v]+")


class Node:
    """An element, or a piece of text, whose tag is `#text`."""

    __slots__ = (
        "attributes", "block", "children", "commas", "dropped", "length", "link_length", "media", "parent", "prose",
        "score", "tag", "text",
    )  # fmt: skip

    def __init__(self, tag: str, parent: Node | None = None, text: str = "") -> None:
        self.tag = tag
        self.parent = parent
        self.text = text
        """The characters of a text; empty for an element."""
        self.attributes: dict[str, str] = {}
        self.children: list[Node] = []
        self.dropped = False
        """It isn't part of the story."""
        self.block = -1
        """The number of the story's block that shows this text."""
        self.length = 0
        """Characters of text in it, once `measure_tree` has measured it."""
        self.link_length = 0.0
        """Characters of text in links."""
        self.commas = 0
        self.media = 0
        """Pictures and other elements in it that are something without any text."""
        self.prose = 0
        """Characters of text in paragraphs that are long enough for prose."""
        self.score: float | None = None

    def get(self, name: str) -> str:
        """Return the value of an attribute, empty without it."""
        return self.attributes.get(name, "")

    @property
    def label(self) -> str:
        """The element's classes and id, which often say what it is for."""
        return f"{self.attributes.get('class', '')} {self.attributes.get('id', '')}"

    def walk(self) -> Iterator[Node]:
        """Yield this node and those in it, in their order, without dropped ones."""
        pending = [self]
        while pending:
            node = pending.pop()
            if not node.dropped:
                yield node
                pending.extend(reversed(node.children))

    def find_all(self, *tags: str) -> list[Node]:
        """Return the elements in this one that have one of these tags."""
        return [node for node in self.walk() if node.tag in tags and node is not self]

    def ancestors(self, count: int = MAX_DEPTH + 9) -> Iterator[Node]:
        """Yield up to `count` elements that this one is in, the nearest first."""
        node = self.parent
        while node is not None and count:
            yield node
            node = node.parent
            count -= 1

    def elements(self) -> list[Node]:
        """Return the elements directly in this one that aren't dropped."""
        return [child for child in self.children if child.tag != "#text" and not child.dropped]

    def read_text(self) -> str:
        """Return the text in this element on one line, without dropped parts."""
        parts: list[str] = []
        pending: list[Node | str] = [self]
        while pending:
            node = pending.pop()
            if isinstance(node, str):
                parts.append(node)
            elif node.tag == "#text":
                parts.append(node.text)
            elif not node.dropped and node.tag not in ("script", "style", "template"):
                if node.tag in BLOCKS or node.tag == "br":
                    parts.append(" ")
                    pending.append(" ")
                pending.extend(reversed(node.children))
        return " ".join("".join(parts).split())


def has_block(node: Node) -> bool:
    """Return whether a block element is directly in this one."""
    return any(child.tag in BLOCKS and not child.dropped for child in node.children)


class Page:
    """The tree of a page, and all its texts in their order."""

    def __init__(self, root: Node, texts: list[Node]) -> None:
        self.root = root
        self.texts = texts

    def count_words(self) -> int:
        """Return the number of words that a browser shows."""
        return sum(len(node.text.split()) for node in self.texts if not is_unseen(node))

    def restore(self) -> None:
        """Take back all decisions about what is in the story."""
        pending = [self.root]
        while pending:
            node = pending.pop()
            node.dropped, node.score, node.block = False, None, -1
            pending.extend(node.children)


def is_unseen(text: Node) -> bool:
    """Return whether a browser doesn't show a text."""
    return any(each.tag in _UNSEEN for each in text.ancestors(5))


def parse_html(source: str) -> Page:
    """Return the tree of a page."""
    return _TreeBuilder(source).build()


def read_characters(text: str) -> str:
    """Return text with its character references replaced. One of many digits means nothing."""
    return unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text


class _TreeBuilder:
    """Reads the source once from its beginning to its end."""

    def __init__(self, source: str) -> None:
        self._source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        self._root = Node("#root")
        self._open = [self._root]
        self._names: Counter[str] = Counter()
        """How many elements of each tag are open."""
        self._too_deep: list[str] = []
        self._deep_names: Counter[str] = Counter()
        self._texts: list[Node] = []
        self._missing: set[str] = set()
        """Strings that don't occur in the rest of the source."""

    def build(self) -> Page:
        source, place = self._source, 0
        while place < len(source):
            start = self._find("<", place)
            if start != place:
                end = start if start >= 0 else len(source)
                self._add_text(read_characters(source[place:end]))
                place = end
                continue
            place = self._read_markup(start)
        return Page(self._root, self._texts)

    def _find(self, text: str, place: int) -> int:
        """Return where `text` is next, -1 if nowhere, in which case it is never searched again."""
        if text in self._missing:
            return -1
        found = self._source.find(text, place)
        if found < 0:
            self._missing.add(text)
        return found

    def _read_markup(self, start: int) -> int:
        """Read what begins with `<` at `start`; return where it ends."""
        source = self._source
        if source.startswith("<!--", start):
            end = self._find("-->", start + 4)
            return end + 3 if end >= 0 else len(source)
        if source.startswith("<![CDATA[", start):
            end = self._find("]]>", start)
            self._add_text(source[start + 9 : end if end >= 0 else len(source)])
            return end + 3 if end >= 0 else len(source)
        if source.startswith(("<!", "<?"), start):
            end = self._find(">", start)
            return end + 1 if end >= 0 else len(source)
        match = _TAG.match(source, start)
        if match is None:
            self._add_text("<")
            return start + 1
        tag = match[1].lower()
        if source.startswith("</", start):
            end = self._find(">", match.end())
            self._end(tag)
            return end + 1 if end >= 0 else len(source)
        attributes, end = self._read_attributes(match.end())
        is_closed = source.startswith("/", end - 2) and source.startswith(">", end - 1)
        self._start(tag, attributes, is_closed=is_closed)
        return self._read_raw(tag, end) if tag in RAW else end

    def _read_attributes(self, place: int) -> tuple[dict[str, str], int]:
        """Return the attributes from `place` on, and where the tag ends."""
        source = self._source
        attributes: dict[str, str] = {}
        while (match := _NAME.match(source, place)) is not None:
            place, value = match.end(), ""
            if match[2]:
                quote = source[place : place + 1]
                end = self._find(quote, place + 1) if quote in ("'", '"') and quote else -1
                if end >= 0:
                    value, place = source[place + 1 : end], end + 1
                else:
                    bare = _BARE_VALUE.match(source, place)
                    value, place = (bare[0], bare.end()) if bare else ("", place)
            if len(attributes) < _MAX_ATTRIBUTES:
                attributes.setdefault(match[1].lower(), read_characters(value))
        end = self._find(">", place)
        return attributes, end + 1 if end >= 0 else len(source)

    def _read_raw(self, tag: str, place: int) -> int:
        """Add the text of an element that holds text alone; return where its end tag begins."""
        end_tag = f"</{tag}"
        if end_tag in self._missing:
            end = -1
        else:
            found = re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE).search(self._source, place)
            end = found.start() if found else -1
            if found is None:
                self._missing.add(end_tag)
        end = end if end >= 0 else len(self._source)
        text = self._source[place:end]
        self._add_text(read_characters(text) if tag in ("title", "textarea") else text)
        self._end(tag)
        return end

    def _add_text(self, text: str) -> None:
        if text:
            parent = self._open[-1]
            node = Node("#text", parent, text)
            parent.children.append(node)
            self._texts.append(node)

    def _start(self, tag: str, attributes: dict[str, str], *, is_closed: bool) -> None:
        if tag in _CLOSES_PARAGRAPH:
            self._close(("p",), _SCOPE)
        if tag in _IMPLIED:
            self._close(*_IMPLIED[tag])
        if tag in ("html", "body") and self._names[tag]:
            return
        parent = self._open[-1]
        node = Node(tag, parent)
        node.attributes = attributes
        parent.children.append(node)
        if tag in VOID or (is_closed and tag in _SELF_CLOSING):
            return
        if len(self._open) > MAX_DEPTH:
            self._too_deep.append(tag)
            self._deep_names[tag] += 1
        else:
            self._open.append(node)
            self._names[tag] += 1

    def _close(self, tags: tuple[str, ...], scope: frozenset[str]) -> None:
        """Close the nearest open element with one of these tags, unless `scope` is in between."""
        if self._too_deep or not any(self._names[tag] for tag in tags):
            return
        for node in reversed(self._open):
            if node.tag in tags:
                self._pop_to(node)
                return
            if node.tag in scope:
                return

    def _end(self, tag: str) -> None:
        if self._deep_names[tag]:
            while self._too_deep:
                name = self._too_deep.pop()
                self._deep_names[name] -= 1
                if name == tag:
                    return
        if tag == "p" and not self._names["p"] and not self._too_deep:
            return
        if not self._names[tag] or tag in ("html", "body"):
            return
        self._too_deep.clear()
        self._deep_names.clear()
        for node in reversed(self._open):
            if node.tag == tag:
                if tag in _INLINE and any(each.tag in BLOCKS for each in self._after(node)):
                    return  # a stray end tag must not close the blocks in between
                self._pop_to(node)
                return
            if tag in _INLINE and node.tag in ("td", "th", "table"):
                return

    def _after(self, node: Node) -> list[Node]:
        return self._open[self._open.index(node) + 1 :]

    def _pop_to(self, node: Node) -> None:
        while True:
            last = self._open.pop()
            self._names[last.tag] -= 1
            if last is node:
                return


_SELF_CLOSING: Final = word_set("svg path use g circle rect line polygon polyline ellipse stop")
"""Elements of SVG. In HTML a slash at the end of another tag means nothing."""
_INLINE: Final = word_set(
    "a abbr b big cite code em font i kbd mark q s samp small span strike strong sub sup tt u var del ins"
)


def measure_tree(root: Node) -> None:
    """Set the measures of all nodes from their parts, each node once; dropped ones have none."""
    order: list[Node] = []
    pending = [root]
    while pending:
        node = pending.pop()
        if not node.dropped:
            order.append(node)
            pending.extend(node.children)
    for node in reversed(order):
        if node.tag == "#text":
            text = _SPACES.sub(" ", node.text)
            node.length = len(text) if len(text) > 1 or not text.isspace() else 0
            node.commas = sum(map(text.count, ",，、،"))
        else:
            _add_up(node)


def _add_up(node: Node) -> None:
    length = commas = 0
    media = int(node.tag in _MEDIA)
    link_length = 0.0
    for child in node.children:
        if not child.dropped and child.tag not in _SILENT:
            length += child.length
            commas += child.commas
            media += child.media
            link_length += child.link_length
    if node.tag == "a":
        link_length = length * (0.3 if node.get("href").startswith("#") else 1.0)
    node.length, node.commas, node.media, node.link_length = length, commas, media, link_length


def sum_prose(root: Node, paragraphs: set[int]) -> None:
    """Set how much prose each element holds; `paragraphs` has the ids of those that are prose."""
    order = [node for node in root.walk() if node.tag != "#text"]
    for node in reversed(order):
        if id(node) in paragraphs:
            node.prose = node.length
        else:
            node.prose = sum(child.prose for child in node.children if not child.dropped)


_MEDIA: Final = frozenset({"img", "br", "hr", "input", "figure", "picture", "math", "svg"})
"""Elements that are something without any text."""
_SILENT: Final = frozenset({"script", "style", "template", "noscript", "head"})
