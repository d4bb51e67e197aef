"""The parts of a Word file beside its text: styles, lists, links, properties."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnreadableFile
from reader.ingest import Facts, clean_line
from reader.ingest.archives import read_url
from reader.ingest.xml_tree import parse_xml

if TYPE_CHECKING:
    from reader.ingest.xml_tree import Element
    from reader.ingest.zip_file import Archive


_MAX_CHAIN: Final = 20
"""Styles that one style may be based on, one on the other."""
_OFF: Final = frozenset({"0", "false", "off", "none"})


class Style(NamedTuple):
    """What a style says about its paragraphs."""

    name: str
    """In lower case, in English for the styles that Word has itself."""
    based_on: str
    outline: int
    """The level of a heading from 1, 0 for none."""
    number: str
    """The id of the list that its paragraphs are in."""


def get_name(element: Element) -> str:
    """Return the name of an element without the prefix of its namespace."""
    return element.tag.rpartition(":")[2]


def find_element(element: Element | None, *path: str) -> Element | None:
    """Return the first element on a path of names."""
    for name in path:
        if element is None:
            return None
        element = next((each for each in element.elements() if get_name(each) == name), None)
    return element


def get_value(element: Element | None, *path: str) -> str:
    """Return the attribute `val` of the first element on a path, empty without one."""
    found = find_element(element, *path)
    return found.get("val") if found is not None else ""


def is_on(properties: Element | None, name: str) -> bool:
    """Return whether a property is there and isn't switched off."""
    found = find_element(properties, name)
    return found is not None and found.get("val").lower() not in _OFF


class WordParts:
    """Reads the parts of one file that its text refers to."""

    def __init__(self, archive: Archive, main: str) -> None:
        """Read what the part `main`, which has the text, refers to."""
        self._archive, self._main = archive, main
        self.folder = posixpath.dirname(main)
        self._links = self._read_relations()
        self._styles = self._read_styles()
        self._bullets = self._read_numbering()

    def parse(self, name: str) -> Element | None:
        """Return the root of a part, None if it is missing or can't be read."""
        try:
            return parse_xml(self._archive.read(name)) if self._archive.find(name) else None
        except UnreadableFile:
            return None

    def _read_relations(self) -> dict[str, str]:
        name = posixpath.basename(self._main)
        root = self.parse(f"{self.folder}/_rels/{name}.rels")
        found = [each for each in root.walk() if get_name(each) == "relationship"] if root else []
        return {each.get("id"): each.get("target") for each in found}

    def _read_styles(self) -> dict[str, Style]:
        root = self.parse(f"{self.folder}/styles.xml")
        styles: dict[str, Style] = {}
        for style in root.walk() if root else ():
            if get_name(style) != "style":
                continue
            outline = get_value(style, "ppr", "outlinelvl")
            styles[style.get("styleid")] = Style(
                get_value(style, "name").lower(),
                get_value(style, "basedon"),
                int(outline) + 1 if outline.isdecimal() and len(outline) == 1 else 0,
                get_value(style, "ppr", "numpr", "numid"),
            )
        return styles

    def list_styles(self, style_id: str) -> list[Style]:
        """Return a style and those that it is based on."""
        found: list[Style] = []
        while style_id in self._styles and len(found) < _MAX_CHAIN:
            found.append(self._styles[style_id])
            style_id = found[-1].based_on
        return found

    def _read_numbering(self) -> dict[tuple[str, str], bool]:
        """Return for each list and level whether its items have bullets."""
        root = self.parse(f"{self.folder}/numbering.xml")
        if root is None:
            return {}
        formats = {
            each.get("abstractnumid"): {
                level.get("ilvl"): get_value(level, "numfmt") for level in each.walk() if get_name(level) == "lvl"
            }
            for each in root.walk()
            if get_name(each) == "abstractnum"
        }  # fmt: skip
        return {
            (each.get("numid"), level): form in ("bullet", "none")
            for each in root.walk()
            if get_name(each) == "num"
            for level, form in formats.get(get_value(each, "abstractnumid"), {}).items()
        }

    def has_bullets(self, number: str, depth: str) -> bool:
        """Return whether the items of a list at a depth, from 0, have bullets and no numbers."""
        return self._bullets.get((number, depth), True)

    def find_link(self, relation: str) -> str:
        """Return the address of the web to which a relation leads; empty for none."""
        return read_url(self._links.get(relation, ""))

    def find_part(self, relation: str) -> str:
        """Return the name of the part to which a relation leads."""
        target = self._links.get(relation, "")
        name = target.lstrip("/") if target.startswith("/") else f"{self.folder}/{target}"
        return posixpath.normpath(name)

    def read_facts(self) -> Facts:
        """Return what the properties of the file say."""
        root = self.parse("docProps/core.xml")

        def take(*names: str) -> str:
            elements = root.walk() if root is not None else iter(())
            found = (each for each in elements if get_name(each) in names)
            return next(filter(None, (clean_line(each.read_text()) for each in found)), "")

        tags = [tag.strip() for tag in re.split(r"[,;]", take("keywords"))]
        return Facts(
            title=take("title"),
            author=take("creator"),
            tags=tuple(filter(None, tags))[:30],
            language=take("language")[:20],
        )
