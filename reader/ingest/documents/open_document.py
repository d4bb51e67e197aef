"""Read an OpenDocument text (`.odt`): ISO/IEC 26300, version 1.3.

What was deleted with tracking on and comments are not read.
"""

from __future__ import annotations

import posixpath
import re
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnreadableFile
from reader.ingest import Facts, clean_line, word_set
from reader.ingest.archives import read_url
from reader.ingest.documents import (
    CAPTION,
    CODE,
    DECK,
    HEADING,
    ITEM,
    PARAGRAPH,
    QUOTE,
    RAW,
    Block,
    Document,
    PictureBox,
    Run,
)
from reader.ingest.documents.html import write_blocks, write_runs, write_table
from reader.ingest.xml_tree import Element, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.ingest.zip_file import Archive


_SKIPPED: Final = word_set(
    "tracked-changes annotation annotation-end forms sequence-decls variable-decls user-field-decls note-citation"
    " object object-ole title desc soft-page-break list-header"
)
_INDEXES: Final = word_set(
    "table-of-content illustration-index table-index object-index user-index alphabetical-index bibliography"
)
_PREFIXES: Final = word_set("office text table draw style fo svg meta")
_MAX_CHAIN: Final = 20
_MAX_REPEATED: Final = 30
"""Cells or rows that one element stands for; empty ones may stand for a million."""
_MAX_REPEATED_TEXT: Final = 100
"""Characters of a cell that is repeated: repeated tables within tables would grow without end."""
_MAX_SPACES: Final = 200
_KINDS: Final = (
    (re.compile(r"^subtitle$"), DECK),
    (re.compile(r"quotation|block quote"), QUOTE),
    (re.compile(r"^(?:caption|illustration|figure|table|drawing)$"), CAPTION),
    (re.compile(r"preformatted|source code|^code"), CODE),
)
"""What the names of styles contain, and the kind of their paragraphs."""


class _Style(NamedTuple):
    name: str
    """As it is shown, in lower case."""
    parent: str
    tags: frozenset[str]
    """What it makes of text, of `strong em s sup sub`."""
    cleared: frozenset[str]
    """What it takes back of its parent's."""
    outline: int


def read_open_document(archive: Archive) -> Document:
    """Return what is in an OpenDocument text. Raises `UnreadableFile`."""
    if b"encryption-data" in _read(archive, "META-INF/manifest.xml"):
        raise UnreadableFile("locked with a password; save it without one, and add that")
    return _Reader(archive).read()


def _read(archive: Archive, name: str) -> bytes:
    try:
        return archive.read(name) if archive.find(name) else b""
    except UnreadableFile:
        return b""


def _parse(data: bytes) -> Element:
    """Return the root of a part, whose elements have no prefixes of this format.

    A part that isn't well-formed still has them.
    """
    root = parse_xml(data)
    for element in root.walk():
        prefix, _, name = element.tag.rpartition(":")
        element.tag = name if prefix in _PREFIXES else element.tag
    return root


class _Reader:
    """Reads one file."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._root = _parse(archive.read("content.xml"))
        self._styles: dict[str, _Style] = {}
        self._bullets: dict[str, set[int]] = {}
        """The levels of a list's style that have bullets."""
        common = _read(archive, "styles.xml")
        for root in (_parse(common) if common else None, self._root):
            self._read_styles(root)
        self._pictures = PictureBox(archive)
        self._notes: dict[str, str] = {}
        self._removed: list[str] = []
        self._lists = 0

    def read(self) -> Document:
        bodies = self._root.find_all("text")
        body = next((each for each in bodies if each.elements()), self._root)
        blocks = list(self.read_blocks(body))
        return Document(
            self._read_facts(), blocks, [*self._notes.items()], self._removed, self._pictures.found
        )

    def _read_styles(self, root: Element | None) -> None:
        for style in root.find_all("style", "list-style") if root is not None else ():
            if style.tag == "list-style":
                bullets = style.elements("list-level-style-bullet", "list-level-style-image")
                levels = (each.get("level") for each in bullets)
                self._bullets[style.get("name")] = {
                    int(each[:2]) for each in levels if each.isdecimal()
                }
                continue
            name = style.get("display-name") or style.get("name").replace("_20_", " ")
            outline = style.get("default-outline-level")
            tags, cleared = _read_text_properties(style)
            self._styles[style.get("name")] = _Style(
                name.lower(),
                style.get("parent-style-name"),
                tags,
                cleared,
                int(outline[:2]) if outline.isdecimal() else 0,
            )

    def _list_styles(self, name: str) -> list[_Style]:
        """Return a style and its parents."""
        found: list[_Style] = []
        while name and len(found) < _MAX_CHAIN:
            style = self._styles.get(name)
            if style is None:
                plain = name.replace("_20_", " ").lower()
                found.append(_Style(plain, "", frozenset(), frozenset(), 0))
                break
            found.append(style)
            name = style.parent
        return found

    def list_tags(self, name: str, *, is_automatic: bool = False) -> frozenset[str]:
        """Return what a style makes of text; only its own and not its parents' if `is_automatic`.

        A paragraph's style counts as far as it was changed in this paragraph alone.
        """
        tags: frozenset[str] = frozenset()
        styles = self._list_styles(name)
        is_changed = bool(re.fullmatch(r"P\d+", name))
        chosen = (styles[:1] if is_changed else []) if is_automatic else styles
        for style in reversed(chosen):
            named = {"emphasis": "em", "strong emphasis": "strong", "source text": "code"}.get(
                style.name
            )
            tags = (tags - style.cleared) | style.tags | ({named} if named else set())
        return tags

    def _read_facts(self) -> Facts:
        data = _read(self._archive, "meta.xml")
        root = _parse(data) if data else None

        def take(*names: str) -> str:
            elements = root.walk() if root is not None else iter(())
            found = (each for each in elements if each.tag.rpartition(":")[2] in names)
            return next(filter(None, (clean_line(each.read_text()) for each in found)), "")

        keywords = root.find_all("keyword") if root is not None else []
        tags = [clean_line(each.read_text()) for each in keywords]
        return Facts(
            title=take("title"),
            author=take("initial-creator") or take("creator"),
            tags=tuple(filter(None, tags))[:30],
            language=take("language")[:20],
        )

    def read_blocks(self, parent: Element) -> Iterator[Block]:
        """Yield the blocks in an element, and in those that only hold others."""
        for element in parent.elements():
            tag = element.tag
            if tag == "h":
                level = element.get("outline-level")
                yield from self._read_paragraph(element, int(level[:2]) if level.isdecimal() else 1)
            elif tag == "p":
                yield from self._read_paragraph(element, 0)
            elif tag == "list":
                self._lists += 1
                yield from self._read_list(element, 1, "", str(self._lists))
            elif tag == "table":
                yield Block(RAW, self._read_table(element))
            elif tag in _INDEXES:
                self._remove(element)
            elif tag == "frame":
                runs = _Runs(self, PARAGRAPH)
                text = write_runs(runs.read_frame(element))
                yield from ([Block(PARAGRAPH, text)] if text else [])
                yield from runs.boxes
            elif tag not in _SKIPPED:
                yield from self.read_blocks(element)

    def _remove(self, element: Element) -> None:
        texts = (clean_line(each.read_text()) for each in element.find_all("p", "h"))
        self._removed += filter(None, texts)

    def _read_paragraph(self, paragraph: Element, level: int) -> Iterator[Block]:
        style = paragraph.get("style-name")
        kind, level = self._tell_kind(style, level)
        runs = _Runs(self, kind)
        base = self.list_tags(style, is_automatic=True) if kind == PARAGRAPH else frozenset()
        text = write_runs(runs.read(paragraph, base))
        if text.strip() or kind == CODE:
            yield Block(kind, text if kind == CODE else text.strip(), level)
        yield from runs.boxes

    def _tell_kind(self, name: str, level: int) -> tuple[str, int]:
        styles = self._list_styles(name)
        if any(style.name == "title" for style in styles):
            return HEADING, 0
        if level:
            return HEADING, level
        for style in styles:
            if style.outline:
                return HEADING, style.outline
            for pattern, kind in _KINDS:
                if pattern.search(style.name):
                    return kind, 1
        return PARAGRAPH, 1

    def _read_list(self, parent: Element, level: int, style: str, name: str) -> Iterator[Block]:
        style = parent.get("style-name") or style
        continued = parent.get("continue-numbering") == "true"
        name = style if continued or parent.get("continue-list") else f"{style}#{name}"
        has_bullets = level in self._bullets.get(style, {level})
        list_name = "" if has_bullets else f"{name}.{level}"
        for item in parent.elements("list-item"):
            first: list[Block] = []
            rest: list[Block] = []
            for element in item.elements():
                if element.tag == "list":
                    rest += self._read_list(element, level + 1, style, name)
                    continue
                holder = Element("#holder")
                holder.children = [element]
                (rest or first).extend(self.read_blocks(holder))
            if first and first[0].kind == HEADING:
                yield from first
            elif first or not rest:
                parts = [each.html for each in first]
                text = parts[0] if len(parts) == 1 else "".join(f"<p>{each}</p>" for each in parts)
                yield Block(ITEM, text, level, list_name)
            yield from rest

    def _read_table(self, table: Element) -> str:
        rows: list[list[str]] = []
        heads = table.elements("table-header-rows")
        for row in _list_rows(table):
            cells = []
            for cell in row.elements("table-cell", "covered-table-cell"):
                html = write_blocks([*self.read_blocks(cell)])
                is_short = len(html) < _MAX_REPEATED_TEXT
                cells += [html] * (_count(cell.get("number-columns-repeated")) if is_short else 1)
            while cells and not cells[-1] and len(cells) > (len(rows[0]) if rows else 1):
                cells.pop()
            rows.append(cells)
        while rows and not any(rows[-1]):
            rows.pop()
        return write_table(rows, has_head=bool(heads)) if rows else ""

    def add_picture(self, name: str, text: str) -> str:
        """Return the element for a picture of the archive."""
        return self._pictures.add(posixpath.normpath(name), text)

    def add_note(self, note: Element) -> str:
        """Return the reference to a footnote or endnote that stands in the text."""
        number = len(self._notes) + 1
        key = f"footnote-{number}"
        self._notes[key] = ""
        bodies = note.elements("note-body")
        self._notes[key] = write_blocks([*self.read_blocks(bodies[0])]) if bodies else ""
        return f'<sup><a href="#note-{key}" id="ref-{key}">{number}</a></sup>'


def _list_rows(table: Element) -> Iterator[Element]:
    """Yield the rows of a table, without those of tables in it."""
    for element in table.elements():
        if element.tag == "table-row":
            yield element
        elif element.tag in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _list_rows(element)


def _count(text: str) -> int:
    return max(1, min(int(text[:7]), _MAX_REPEATED)) if text.isdecimal() else 1


def _read_text_properties(style: Element) -> tuple[frozenset[str], frozenset[str]]:
    """Return what a style makes of text, and what it takes back."""
    tags: set[str] = set()
    cleared: set[str] = set()
    for properties in style.elements("text-properties"):
        weight, slant = properties.get("font-weight"), properties.get("font-style")
        struck, position = (
            properties.get("text-line-through-style"),
            properties.get("text-position"),
        )
        is_bold = weight == "bold" or (weight.isdecimal() and int(weight[:4]) >= 600)
        raised = position.split()[0] if position.strip() else ""
        is_low = raised == "sub" or (raised.startswith("-") and raised.strip("-%0") != "")
        is_high = raised == "super" or (not is_low and raised.strip("-%0") != "")
        for tag, value, is_set in (
            ("strong", weight, is_bold), ("em", slant, slant in ("italic", "oblique")),
            ("s", struck, struck not in ("", "none")), ("sup", raised, is_high), ("sub", raised, is_low),
        ):  # fmt: skip
            if value:
                (tags if is_set else cleared).add(tag)
    return frozenset(tags), frozenset(cleared)


_ORDER: Final = ("strong", "em", "s", "sup", "sub", "code")


class _Runs:
    """Reads the stretches of text of one paragraph."""

    def __init__(self, reader: _Reader, kind: str) -> None:
        self._reader, self._kind = reader, kind
        self.boxes: list[Block] = []
        """The text of the boxes that stand beside the paragraph."""

    def read(
        self, parent: Element, tags: frozenset[str] = frozenset(), link: str = ""
    ) -> Iterator[Run]:
        for child in parent.children:
            if isinstance(child, str):
                text = child if self._kind == CODE else re.sub(r"[ \t\r\n]+", " ", child)
                yield Run(escape(text, quote=False), self._sort(tags, text), escape(link))
            elif child.tag == "span":
                own = self._reader.list_tags(child.get("style-name"))
                yield from self.read(child, tags | own, link)
            elif child.tag == "a":
                yield from self.read(child, tags, read_url(child.get("href")) or link)
            elif child.tag == "frame":
                yield from self.read_frame(child)
            elif html := self._read_piece(child):
                yield Run(html)
            elif child.tag not in _SKIPPED and child.tag not in ("note", "s", "tab", "line-break"):
                yield from self.read(child, tags, link)

    def _sort(self, tags: frozenset[str], text: str) -> tuple[str, ...]:
        if self._kind == CODE or not text.strip():
            return ()
        left_out = {"strong"} if self._kind == HEADING else set()
        return tuple(tag for tag in _ORDER if tag in tags and tag not in left_out)

    def _read_piece(self, element: Element) -> str:
        if element.tag == "s":
            count = element.get("c")
            return " " * (min(int(count[:4]), _MAX_SPACES) if count.isdecimal() else 1)
        if element.tag == "tab":
            return "\t" if self._kind == CODE else " "
        if element.tag == "line-break":
            return "<br>"
        return self._reader.add_note(element) if element.tag == "note" else ""

    def read_frame(self, frame: Element) -> Iterator[Run]:
        """Yield the picture of a frame; the text of its box stands below the paragraph."""
        described = frame.elements("desc", "title")
        text = next((clean_line(each.read_text()) for each in described), "")
        for element in frame.elements():
            if element.tag == "image":
                html = self._reader.add_picture(element.get("href"), text)
                if html:
                    yield Run(html)
                    return
            elif element.tag == "text-box":
                self.boxes += self._reader.read_blocks(element)
