"""The table of contents of an EPUB: a navigation document (3.x) or an NCX file (2.x)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import UnreadableFile
from reader.ingest import clean_line
from reader.ingest.book.package import resolve
from reader.ingest.book.xhtml import parse_xhtml
from reader.ingest.xml_tree import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.ingest.book.package import Package
    from reader.ingest.page.html_tree import Node
    from reader.ingest.xml_tree import Element
    from reader.ingest.zip_file import Archive


MAX_ENTRIES: Final = 20_000


class Entry(NamedTuple):
    """An entry of the table of contents."""

    depth: int
    """From 1."""
    title: str
    name: str
    """The file in the archive to which it leads."""
    fragment: str


def read_contents(archive: Archive, package: Package) -> list[Entry]:
    """Return the entries that lead to a file of the book; none if there is no such table."""
    for item in package.contents:
        try:
            data = archive.read(item.name)
            is_page = (
                "nav" in item.properties or "ncx" not in data[:2_000].decode("latin-1").lower()
            )
            entries = _read_nav(data, item.name) if is_page else _read_ncx(data, item.name)
        except UnreadableFile:
            continue
        found = [entry._replace(name=archive.find(entry.name)) for entry in entries]
        found = [entry for entry in found if entry.name and entry.title][:MAX_ENTRIES]
        if found:
            return found
    return []


def _read_nav(data: bytes, base: str) -> list[Entry]:
    root = parse_xhtml(data)
    navs = root.find_all("nav")
    nav = next((each for each in navs if _is_table(each)), navs[0] if navs else None)
    if nav is None:
        return []
    entries = []
    for link in nav.find_all("a"):
        depth = sum(each.tag in ("ol", "ul") for each in link.ancestors(60))
        name, fragment = resolve(base, link.get("href"))
        entries.append(Entry(max(1, depth), link.read_text(), name, fragment))
    return entries


def _is_table(nav: Node) -> bool:
    kinds = f"{nav.get('epub:type')} {nav.get('role')}".lower().split()
    return "toc" in kinds or "doc-toc" in kinds


def _read_ncx(data: bytes, base: str) -> list[Entry]:
    root = parse_xml(data)
    return [entry for top in root.find_all("navmap") for entry in _list_points(top, base)]


def _list_points(top: Element, base: str) -> Iterator[Entry]:
    """Yield the entries in `top`, each before those in it."""
    pending = [(point, 1) for point in reversed(top.elements("navpoint"))]
    while pending:
        point, depth = pending.pop()
        labels = point.elements("navlabel")
        targets = point.elements("content")
        title = clean_line(labels[0].read_text()) if labels else ""
        if targets:
            name, fragment = resolve(base, targets[0].get("src"))
            yield Entry(depth, title, name, fragment)
        pending += [(each, depth + 1) for each in reversed(point.elements("navpoint"))]
