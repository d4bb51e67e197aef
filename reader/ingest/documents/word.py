"""Read a Word file (`.docx`): WordprocessingML of ECMA-376, part 1.

What was deleted with tracking on, hidden text and comments are not read.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from reader.errors import UnreadableFile
from reader.ingest import clean_line, word_set
from reader.ingest.archives import read_url
from reader.ingest.detect import WORD_PART
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
from reader.ingest.documents.word_parts import WordParts, find_element, get_name, get_value, is_on
from reader.ingest.xml_tree import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.ingest.documents.word_parts import Style
    from reader.ingest.xml_tree import Element
    from reader.ingest.zip_file import Archive


_SKIPPED: Final = word_set(
    "del movefrom fallback instrtext deltext ppr rpr sectpr tblpr trpr tcpr tblgrid comment annotationref sdtpr sdtendpr"
)
_HYPERLINK: Final = re.compile(r"\s*HYPERLINK\s+\"?([^\s\"\\]+)", re.IGNORECASE)
_HEADING: Final = re.compile(r"heading (\d)")
_KINDS: Final = (
    (re.compile(r"subtitle"), DECK),
    (re.compile(r"quot|block text"), QUOTE),
    (re.compile(r"caption"), CAPTION),
    (re.compile(r"preformatted|source code|\bcode\b|macro text|verbatim"), CODE),
)
"""What the names of styles contain, and the kind of their paragraphs."""


def read_word(archive: Archive) -> Document:
    """Return what is in a Word file. Raises `UnreadableFile`."""
    main = next((name for name in archive.names if WORD_PART.fullmatch(name)), "")
    if not main:
        raise UnreadableFile("there is no text in this Word file")
    return _Reader(archive, main).read()


class _Reader:
    """Reads one file."""

    def __init__(self, archive: Archive, main: str) -> None:
        self.parts = WordParts(archive, main)
        self._root = parse_xml(archive.read(main))
        self._pictures = PictureBox(archive)
        self._notes: dict[str, int] = {}
        """The numbers of the notes to which the text refers."""
        self._removed: list[str] = []

    def read(self) -> Document:
        body = next((each for each in self._root.walk() if get_name(each) == "body"), self._root)
        blocks = list(self._read_blocks(body))
        notes = self._read_notes()
        return Document(self.parts.read_facts(), blocks, notes, self._removed, self._pictures.found)

    def _read_notes(self) -> list[tuple[str, str]]:
        """Return the footnotes and endnotes to which the text refers, in its order."""
        found: dict[str, str] = {}
        for kind in ("footnote", "endnote"):
            root = self.parts.parse(f"{self.parts.folder}/{kind}s.xml")
            for note in root.walk() if root else ():
                key = f"{kind}-{note.get('id')}"
                if get_name(note) == kind and key in self._notes:
                    found[key] = write_blocks([*self._read_blocks(note)])
        return [(key, found[key]) for key in self._notes if key in found]

    def _read_blocks(self, parent: Element) -> Iterator[Block]:
        """Yield the blocks directly in an element, and in those that only hold others."""
        for element in parent.elements():
            name = get_name(element)
            if name == "p":
                yield from self._read_paragraph(element)
            elif name == "tbl":
                yield Block(RAW, self._read_table(element))
            elif name == "sdt" and self._is_contents(element):
                self._remove(element)
            elif name not in _SKIPPED:
                yield from self._read_blocks(element)

    def _is_contents(self, element: Element) -> bool:
        gallery = get_value(element, "sdtpr", "docpartobj", "docpartgallery")
        return "contents" in gallery.lower()

    def _remove(self, element: Element) -> None:
        paragraphs = [each for each in element.walk() if get_name(each) == "p"]
        texts = (clean_line(each.read_text()) for each in paragraphs)
        self._removed += filter(None, texts)

    def _read_paragraph(self, paragraph: Element) -> Iterator[Block]:
        properties = find_element(paragraph, "ppr")
        styles = self.parts.list_styles(get_value(properties, "pstyle"))
        if any(style.name.startswith("toc ") for style in styles):
            self._remove(paragraph)
            return
        kind, level, list_name = self._tell_kind(properties, styles)
        boxes: list[Block] = []
        runs = list(_Runs(self, kind, boxes).read(paragraph))
        text = write_runs(runs)
        if text.strip():
            yield Block(kind, text.strip() if kind != CODE else text, level, list_name)
        elif kind == CODE:
            yield Block(kind, "")
        yield from boxes

    def _tell_kind(self, properties: Element | None, styles: list[Style]) -> tuple[str, int, str]:
        """Return the kind of a paragraph, its level, and the name of its list."""
        for style in styles:
            if style.name == "title":
                return HEADING, 0, ""
            heading = _HEADING.fullmatch(style.name)
            level = int(heading[1]) if heading else style.outline
            if level:
                return HEADING, level, ""
        outline = get_value(properties, "outlinelvl")
        if outline.isdecimal() and int(outline[:3]) < 9:
            return HEADING, int(outline) + 1, ""
        number = get_value(properties, "numpr", "numid") or next(
            (style.number for style in styles if style.number), ""
        )
        if number and number != "0":
            depth = get_value(properties, "numpr", "ilvl") or "0"
            level = int(depth[:2]) + 1 if depth.isdecimal() else 1
            level = max([level, *(_tell_depth(style.name) for style in styles)])
            has_bullets = self.parts.has_bullets(number, depth)
            return ITEM, level, "" if has_bullets else f"{number}.{depth}"
        for style in styles:
            for pattern, kind in _KINDS:
                if pattern.search(style.name):
                    return kind, 1, ""
        return PARAGRAPH, 1, ""

    def _read_table(self, table: Element) -> str:
        rows: list[list[str]] = []
        has_head = False
        for row in (each for each in self._list_parts(table, "tr")):
            cells = []
            for cell in self._list_parts(row, "tc"):
                merge = find_element(cell, "tcpr", "vmerge")
                is_covered = merge is not None and merge.get("val") != "restart"
                cells.append("" if is_covered else write_blocks([*self._read_blocks(cell)]))
                span = get_value(cell, "tcpr", "gridspan")
                cells += [""] * (min(int(span[:3]), 60) - 1 if span.isdecimal() else 0)
            has_head = has_head or (not rows and is_on(find_element(row, "trpr"), "tblheader"))
            rows.append(cells)
        look = find_element(table, "tblpr", "tbllook")
        has_head = has_head or (look is not None and look.get("firstrow") == "1")
        return write_table(rows, has_head=has_head)

    def _list_parts(self, parent: Element, name: str) -> Iterator[Element]:
        """Yield the rows or cells in an element, also those in a content control."""
        for element in parent.elements():
            if get_name(element) == name:
                yield element
            elif get_name(element) in ("sdt", "sdtcontent", "ins", "customxml"):
                yield from self._list_parts(element, name)

    def name_code_style(self, style_id: str) -> str:
        """Return the elements for a style of characters: `em`, `strong`, `code` or none."""
        for style in self.parts.list_styles(style_id):
            if style.name in ("emphasis", "subtle emphasis", "book title"):
                return "em"
            if style.name in ("strong", "intense emphasis"):
                return "strong"
            if re.search(r"\bcode\b|verbatim|html (?:code|typewriter)", style.name):
                return "code"
        return ""

    def add_picture(self, relation: str, text: str) -> str:
        """Return the element for a picture."""
        return self._pictures.add(self.parts.find_part(relation), text)

    def add_note(self, kind: str, number: str) -> str:
        """Return the reference to a footnote or endnote."""
        key = escape(f"{kind}-{number}")
        shown = self._notes.setdefault(key, len(self._notes) + 1)
        return f'<sup><a href="#note-{key}" id="ref-{key}">{shown}</a></sup>'

    def read_box(self, element: Element) -> Iterator[Block]:
        """Yield the blocks of a box of text that stands beside a paragraph."""
        yield from self._read_blocks(element)


class _Runs:
    """Reads the stretches of text of one paragraph."""

    def __init__(self, reader: _Reader, kind: str, boxes: list[Block]) -> None:
        self._reader, self._kind, self._boxes = reader, kind, boxes
        self._fields: list[str] = []
        """The instructions of the fields that are open."""
        self._links: list[str] = []
        """What these lead to, once their result begins."""

    def read(self, parent: Element, link: str = "") -> Iterator[Run]:
        for element in parent.elements():
            name = get_name(element)
            if name == "r":
                yield from self._read_run(element, link)
            elif name == "hyperlink":
                yield from self.read(
                    element, self._reader.parts.find_link(element.get("id")) or link
                )
            elif name == "fldsimple":
                match = _HYPERLINK.match(element.get("instr"))
                yield from self.read(element, read_url(match[1]) if match else link)
            elif name in ("omath", "omathpara"):
                yield Run(escape(clean_line(element.read_text()), quote=False))
            elif name not in _SKIPPED:
                yield from self.read(element, link)

    def _read_run(self, run: Element, link: str) -> Iterator[Run]:
        properties = find_element(run, "rpr")
        if is_on(properties, "vanish"):
            return
        tags = self._list_tags(properties)
        for element in run.elements():
            name = get_name(element)
            if name == "fldchar":
                self._change_field(element.get("fldchartype"))
            elif name == "instrtext" and self._fields:
                self._fields[-1] += element.read_text()
            elif html := self._read_piece(element):
                target = next((each for each in reversed(self._links) if each), link)
                is_plain = name not in ("t", "tab", "sym") or not html.strip()
                yield Run(html, () if is_plain else tags, escape(target))

    def _change_field(self, kind: str) -> None:
        if kind == "begin":
            self._fields.append("")
        elif kind == "separate" and len(self._links) < len(self._fields):
            match = _HYPERLINK.match(self._fields[-1])
            self._links.append(read_url(match[1]) if match else "")
        elif kind == "end" and self._fields:
            self._fields.pop()
            del self._links[len(self._fields) :]

    def _list_tags(self, properties: Element | None) -> tuple[str, ...]:
        if self._kind == CODE:
            return ()
        named = self._reader.name_code_style(get_value(properties, "rstyle"))
        if named == "code":
            return ("code",)
        is_bold = self._kind != HEADING and (is_on(properties, "b") or named == "strong")
        position = get_value(properties, "vertalign")
        is_struck = is_on(properties, "strike") or is_on(properties, "dstrike")
        tags = (
            ("strong", is_bold),
            ("em", is_on(properties, "i") or named == "em"),
            ("s", is_struck),
            ("sup", position == "superscript"),
            ("sub", position == "subscript"),
        )
        return tuple(tag for tag, is_set in tags if is_set)

    def _read_piece(self, element: Element) -> str:
        """Return what an element of a run shows, as HTML."""
        name = get_name(element)
        is_break = element.get("type") in ("", "textwrapping")
        characters = {
            "tab": "\t" if self._kind == CODE else " ", "ptab": " ", "br": "<br>" if is_break else " ",
            "cr": "<br>", "nobreakhyphen": "\u2011", "sym": _read_symbol(element.get("char")),
        }  # fmt: skip
        if name == "t":
            return escape(element.read_text(), quote=False)
        if name in characters:
            return characters[name]
        if name in ("footnotereference", "endnotereference"):
            return self._reader.add_note(name.removesuffix("reference"), element.get("id"))
        if name in ("drawing", "pict", "object", "alternatecontent"):
            return self._read_drawing(element)
        return ""

    def _read_drawing(self, drawing: Element) -> str:
        """Return the pictures of a drawing; the text of its boxes stands below the paragraph."""
        parts: list[str] = []
        text = ""
        pending = [drawing]
        while pending:
            element = pending.pop()
            name = get_name(element)
            if name == "docpr":
                text = clean_line(element.get("descr"))
            elif name in ("blip", "imagedata"):
                relation = element.get("embed") or element.get("id")
                parts.append(
                    self._reader.add_picture(relation, text or clean_line(element.get("title")))
                )
            elif name == "txbxcontent":
                self._boxes += self._reader.read_box(element)
                continue
            if name not in _SKIPPED:
                pending.extend(reversed(element.elements()))
        return "".join(parts)


def _tell_depth(style: str) -> int:
    """Return the level of a list by its style, such as `List Bullet 2`."""
    match = re.fullmatch(r"list (?:bullet|number) (\d)", style)
    return int(match[1]) if match else 1


def _read_symbol(code: str) -> str:
    """Return a character by its number in hex digits; those of fonts of symbols are left out."""
    is_valid = re.fullmatch(r"[0-9A-Fa-f]{4}", code) and not code.lower().startswith("f0")
    return escape(chr(int(code, 16))) if is_valid else ""
