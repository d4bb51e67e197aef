"""The package of an EPUB: its facts, its files, and the order in which they are read.

Follows EPUB 2.0.1 and 3.3, and forgives what other programs forgive: several packages (the first
counts), names in another case, wrong types, prefixes, missing namespaces, and damaged XML.
"""

from __future__ import annotations

import posixpath
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from reader.errors import UnreadableFile
from reader.ingest import Facts, clean_line
from reader.ingest.archives import read_day
from reader.ingest.xml_tree import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.ingest.xml_tree import Element
    from reader.ingest.zip_file import Archive


_CONTAINER: Final = "META-INF/container.xml"
_TEXT_TYPES: Final = frozenset(
    {"application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/x-dtbook+xml", "application/xml", "text/xml"}
)  # fmt: skip
_TEXT_SUFFIXES: Final = (".xhtml", ".html", ".htm", ".xml")
_FONT_ALGORITHMS: Final = ("idpf.org/2008/embedding", "ns.adobe.com/pdf/enc#RC")
"""Encryption that only obscures fonts (EPUB 3.3, 4.4)."""
_PROTECTION: Final = (
    ("META-INF/license.lcpl", "Readium LCP"),
    ("META-INF/rights.xml", "Adobe DRM"),
    ("META-INF/sinf.xml", "Apple FairPlay"),
)
_MAX_XML: Final = 32 << 20


class Item(NamedTuple):
    """A file of the book."""

    name: str
    """In the archive, as it is written there."""
    media_type: str
    properties: frozenset[str]


class Package(NamedTuple):
    """What the package file says."""

    facts: Facts
    """Of the whole book; the title is the book's."""
    book_id: str
    items: dict[str, Item]
    """By their ids."""
    spine: tuple[Item, ...]
    """The files with text in the order of reading."""
    asides: frozenset[str]
    """Names of those that are read only when a link leads to them."""
    contents: tuple[Item, ...]
    """Files that may have the table of contents, the best first."""


def resolve(base: str, reference: str) -> tuple[str, str]:
    """Return the name and the fragment to which a reference in the file `base` leads.

    The name never leaves the archive's root; empty if the reference leads out of the book.
    """
    try:
        parts = urlsplit(reference.strip())
    except ValueError:
        return "", ""
    if parts.scheme or parts.netloc:
        return "", ""
    path = unquote(parts.path)
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base
    name = joined.lstrip("/")
    return ("" if name == ".." or name.startswith("../") else name), unquote(parts.fragment)


def read_package(archive: Archive, name: str) -> Package:
    """Return the package of a book called `name`. Raises `UnreadableFile`."""
    package_name = _find_package(archive)
    if not package_name:
        raise UnreadableFile(f"{name}: the book has no list of its files; get it again")
    root = parse_xml(archive.read(package_name, _MAX_XML))
    items = dict(_read_items(root, archive, package_name))
    texts = {key: item for key, item in items.items() if _is_text(item)}
    references = [each for each in root.find_all("itemref") if each.get("idref") in texts]
    spine = [texts[each.get("idref")] for each in references]
    asides = {
        texts[each.get("idref")].name
        for each in references
        if each.get("linear").strip().lower() == "no"
    }
    if not spine:  # without an order, that of the list
        spine = [item for item in texts.values() if "nav" not in item.properties]
    _check_protection(archive, name, {item.name for item in spine})
    facts = _read_facts(root)
    key = _find_identifier(root) or f"{facts.title}\n{facts.author}"
    return Package(
        facts,
        blake2b(key.encode(), digest_size=8).hexdigest(),
        items,
        tuple(dict.fromkeys(spine)),
        frozenset(asides),
        tuple(_list_contents(root, items)),
    )


def _find_package(archive: Archive) -> str:
    """Return the name of the package file: of the container, else of the first that looks so."""
    if archive.find(_CONTAINER):
        for file in parse_xml(archive.read(_CONTAINER, _MAX_XML)).find_all("rootfile"):
            name = archive.find(resolve("", file.get("full-path"))[0])
            if name and "xml" in (file.get("media-type") or "xml"):
                return name
    return next((name for name in archive.names if name.lower().endswith(".opf")), "")


def _read_items(root: Element, archive: Archive, base: str) -> Iterator[tuple[str, Item]]:
    for each in root.find_all("item"):
        name = archive.find(resolve(base, each.get("href"))[0])
        if each.get("id") and name:
            properties = frozenset(each.get("properties").lower().split())
            yield each.get("id"), Item(name, each.get("media-type").strip().lower(), properties)


def _is_text(item: Item) -> bool:
    is_named_text = item.name.lower().endswith(_TEXT_SUFFIXES)
    return item.media_type in _TEXT_TYPES or (is_named_text and "image" not in item.media_type)


def _list_contents(root: Element, items: dict[str, Item]) -> Iterator[Item]:
    yield from (item for item in items.values() if "nav" in item.properties)
    for spine in root.find_all("spine"):
        if spine.get("toc") in items:
            yield items[spine.get("toc")]
    yield from (
        item
        for item in items.values()
        if "ncx" in item.media_type or item.name.lower().endswith(".ncx")
    )


def _list_texts(root: Element, name: str) -> list[tuple[Element, str]]:
    found = [(each, clean_line(each.read_text())) for each in root.walk() if _is_named(each, name)]
    return [(each, text) for each, text in found if text]


def _is_named(element: Element, name: str) -> bool:
    return element.tag in (f"dc:{name}", f"x:{name}", name)


def _read_facts(root: Element) -> Facts:
    refined = {
        (each.get("refines").lstrip("#"), each.get("property")): clean_line(each.read_text())
        for each in root.find_all("meta")
        if each.get("refines")
    }
    titles = _list_texts(root, "title")
    main = next((t for e, t in titles if refined.get((e.get("id"), "title-type")) == "main"), "")
    authors = [text for _, text in _list_texts(root, "creator")]
    dates = [day for _, text in _list_texts(root, "date") if (day := read_day(text))]
    languages = [text for _, text in _list_texts(root, "language")]
    return Facts(
        title=main or (titles[0][1] if titles else ""),
        author=", ".join(dict.fromkeys(authors[:5])),
        published=dates[0] if dates else "",
        tags=tuple(text for _, text in _list_texts(root, "subject"))[:10],
        language=languages[0][:20] if languages else "",
    )


def _find_identifier(root: Element) -> str:
    """Return the book's unique identifier, without spaces."""
    wanted = next((each.get("unique-identifier") for each in root.find_all("package")), "")
    found = _list_texts(root, "identifier")
    unique = next((text for each, text in found if each.get("id") == wanted), "")
    return unique or (found[0][1] if found else "")


def _check_protection(archive: Archive, name: str, texts: set[str]) -> None:
    """Raise `UnreadableFile` if the texts are encrypted."""
    encryption = archive.find("META-INF/encryption.xml")
    if not encryption:
        return
    for each in parse_xml(archive.read(encryption, _MAX_XML)).walk():
        if each.tag.rpartition(":")[2] != "encrypteddata":
            continue
        parts = {part.tag.rpartition(":")[2]: part for part in each.walk()}
        algorithm = (
            parts["encryptionmethod"].get("algorithm") if "encryptionmethod" in parts else ""
        )
        target = parts["cipherreference"].get("uri") if "cipherreference" in parts else ""
        is_font = any(known in algorithm for known in _FONT_ALGORITHMS)
        if not is_font and archive.find(resolve("", target)[0]) in texts:
            scheme = next((s for file, s in _PROTECTION if archive.find(file)), "DRM")
            raise UnreadableFile(
                f"{name}: the book is protected against copying ({scheme}) and can't be read;"
                " open it in the seller's program"
            )
