"""A tree of XML: of feeds, and of the files that describe a book.

The tree is built with expat, the parser under Python's own XML packages, because only there a
declared entity can be refused before it is expanded: nothing that a document declares is ever
replaced, so no text can grow. Real documents are often not well-formed, or use entities of HTML;
what expat refuses is read by a parser that takes anything, in time proportional to its length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from reader.errors import UnreadableFile
from reader.ingest.encoding import decode_page
from reader.ingest.page.html_tree import read_characters

if TYPE_CHECKING:
    from collections.abc import Iterator


MAX_ELEMENTS: Final = 400_000
"""Elements of one document. The largest of 213 feeds has 30,000."""
_MAX_DEPTH: Final = 300
"""Nested elements. Deeper ones become children of the last."""
_PREFIXES: Final = (
    ("search.yahoo.com/mrss", "media"), ("itunes", "itunes"), ("purl.org/dc/", "dc"), ("purl.org/rss/1.0/modules/content", "content"),
    ("idpf.org", ""), ("daisy.org", ""), ("w3.org/2005/Atom", ""), ("purl.org/atom", ""), ("purl.org/rss", ""),
    ("w3.org/1999/xhtml", ""), ("openebook.org", ""), ("oasis", ""), ("backend.userland.com", ""), ("my.netscape.com", ""),
)  # fmt: skip
"""What the addresses of known namespaces contain, and the prefix that their names get here."""
_PLAIN: Final = frozenset(
    {"atom", "atom10", "a", "rss", "opf", "ncx", "container", "html", "xhtml", "h"}
)
"""Prefixes that are left out where their namespace isn't known."""
_VOID: Final = frozenset({"br", "hr", "img", "input", "wbr"})
"""Elements of HTML that are never closed."""
_ENCODING: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,30})")
_TAG: Final = re.compile(r"</?([A-Za-z_][\w.:-]{0,100})")
_ATTRIBUTE: Final = re.compile(r"""([\w.:-]{1,100})\s*=\s*(?:"([^"<]*)"|'([^'<]*)'|([^\s"'<>]+))""")


class Element:
    """An element; its children are elements and texts."""

    __slots__ = ("attributes", "children", "tag")

    def __init__(self, tag: str, attributes: dict[str, str] | None = None) -> None:
        self.tag = tag
        """In lower case, with the prefix of its namespace unless it is one of the plain ones."""
        self.attributes = attributes or {}
        """By names in lower case without prefixes."""
        self.children: list[Element | str] = []

    def get(self, name: str) -> str:
        """Return the value of an attribute, empty without it."""
        return self.attributes.get(name, "")

    def elements(self, *tags: str) -> list[Element]:
        """Return the elements directly in this one, of these tags if any are given."""
        return [
            child
            for child in self.children
            if isinstance(child, Element) and (not tags or child.tag in tags)
        ]

    def walk(self) -> Iterator[Element]:
        """Yield this element and those in it, in their order."""
        pending = [self]
        while pending:
            element = pending.pop()
            yield element
            pending.extend(reversed(element.elements()))

    def find_all(self, *tags: str) -> list[Element]:
        """Return the elements in this one that have one of these tags."""
        return [each for each in self.walk() if each.tag in tags]

    def read_text(self) -> str:
        """Return all text in this element as it stands."""
        parts: list[str] = []
        pending: list[Element | str] = [self]
        while pending:
            node = pending.pop()
            if isinstance(node, str):
                parts.append(node)
            else:
                pending.extend(reversed(node.children))
        return "".join(parts)


def parse_xml(data: bytes) -> Element:
    """Return the root of a document, whose only child is its outermost element.

    Raises `UnreadableFile` if it isn't text, or has too many elements.
    """
    start = data.find(b"<")
    try:
        return _Builder().parse(data[start:] if 0 < start < 1_000 and data[:1] != b"\xff" else data)
    except (expat.ExpatError, _RefusedError, ValueError, LookupError):
        match = _ENCODING.match(data.lstrip(b"\xef\xbb\xbf \r\n\t")[:300])
        text = decode_page(data, match[1].decode("ascii") if match else "")
        return _read_loosely(text)


class _RefusedError(Exception):
    """The document declares an entity."""


class _Tree:
    """A tree that grows by starts, texts and ends."""

    def __init__(self) -> None:
        self.root = Element("#root")
        self._open = [self.root]
        self._too_deep = 0
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str], *, is_closed: bool = False) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise UnreadableFile(f"it has more than {MAX_ELEMENTS} elements, so it is not read")
        element = Element(tag, attributes)
        self._open[-1].children.append(element)
        if is_closed:
            return
        if len(self._open) > _MAX_DEPTH:
            self._too_deep += 1
        else:
            self._open.append(element)

    def add(self, text: str) -> None:
        children = self._open[-1].children
        children.append(text)

    def end(self, tag: str) -> None:
        """Close the nearest open element of this tag; an end of none is ignored."""
        if self._too_deep:
            self._too_deep -= 1
            return
        for index in range(len(self._open) - 1, 0, -1):
            if self._open[index].tag == tag:
                del self._open[index:]
                return


class _Builder:
    """Builds a tree of what expat reports."""

    def __init__(self) -> None:
        self._tree = _Tree()
        self._parser = expat.ParserCreate(namespace_separator="\n")
        self._parser.buffer_text = True
        self._parser.specified_attributes = True  # a default value may be long
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._tree.add
        self._parser.EntityDeclHandler = self._refuse

    def parse(self, data: bytes) -> Element:
        self._parser.Parse(data, True)
        return self._tree.root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        plain = {key.rpartition("\n")[2].lower(): value for key, value in attributes.items()}
        self._tree.start(_name_tag(name), plain)

    def _end(self, name: str) -> None:
        self._tree.end(_name_tag(name))

    def _refuse(self, *_details: object) -> None:
        raise _RefusedError


def _name_tag(name: str) -> str:
    """Return the tag for a name that expat reports: `namespace`, a newline, `name`."""
    space, _, local = name.rpartition("\n")
    if not space:
        return local.lower()
    prefix = next((prefix for part, prefix in _PREFIXES if part in space), "x")
    return f"{prefix}:{local}".lower() if prefix else local.lower()


def _read_loosely(text: str) -> Element:
    """Return the tree of text that is nearly XML."""
    tree, place, missing = _Tree(), 0, set[str]()

    def find(wanted: str, start: int) -> int:
        """Return where `wanted` ends, the text's end if it is nowhere, which is found once."""
        found = -1 if wanted in missing else text.find(wanted, start)
        if found < 0:
            missing.add(wanted)
        return found + len(wanted) if found >= 0 else len(text)

    while place < len(text):
        start = text.find("<", place)
        start = start if start >= 0 else len(text)
        if start > place:
            tree.add(read_characters(text[place:start]))
        place = start
        if text.startswith("<![CDATA[", start):
            place = find("]]>", start)
            tree.add(text[start + 9 : place].removesuffix("]]>"))
        elif text.startswith("<!--", start):
            place = find("-->", start)
        elif text.startswith("<!DOCTYPE", start):
            place = _skip_doctype(text, start, find(">", start))
        elif text.startswith(("<!", "<?"), start):
            place = find(">", start)
        elif start < len(text):
            place = _read_tag(tree, text, start, find(">", start))
    return tree.root


def _skip_doctype(text: str, start: int, end: int) -> int:
    """Return where a document type ends, with its declarations, which are ignored."""
    opening = text.find("[", start, end)
    if opening < 0:
        return end
    closing = re.compile(r"\]\s*>").search(text, opening)
    return closing.end() if closing else end


def _read_tag(tree: _Tree, text: str, start: int, end: int) -> int:
    """Read the tag from `start` to `end`; return where reading goes on."""
    match = _TAG.match(text, start)
    if match is None:
        tree.add("<")
        return start + 1
    prefix, _, local = match[1].lower().rpartition(":")
    tag = local if not prefix or prefix in _PLAIN else f"{prefix}:{local}"
    if text.startswith("</", start):
        tree.end(tag)
        return end
    source = text[match.end() : min(end, start + 20_000)]
    attributes = {
        each[1].lower().rpartition(":")[2]: read_characters(each[2] or each[3] or each[4] or "")
        for each in _ATTRIBUTE.finditer(source)
    }
    is_closed = text.startswith("/>", end - 2) or tag in _VOID
    tree.start(tag, attributes, is_closed=is_closed)
    return end
