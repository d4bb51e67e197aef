"""EPUB books for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive_files import make_zip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
FACTS = (
    '<dc:identifier id="uid">urn:x:1</dc:identifier><dc:title>The Lamp</dc:title><dc:creator>Ann Lee</dc:creator>'
    "<dc:language>en</dc:language><dc:date>2021-06-12</dc:date>"
)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def make_chapter(body: str) -> str:
    """Return a file with text, whose title is self-closed as some programs write it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml"'
        f' xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>{body}</body></html>'
    )


def make_epub(
    chapters: Mapping[str, str],
    contents: Sequence[tuple[str, str]] = (),
    *,
    files: Mapping[str, str | bytes] | None = None,
    facts: str = FACTS,
    is_old: bool = False,
    asides: Sequence[str] = (),
) -> bytes:
    """Return a book of files by their names, whose contents are labels and addresses.

    An entry that begins with a tab is one level deeper. `is_old` makes it an EPUB 2.
    """
    files = dict(files or {})
    items = [
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(chapters)
    ]
    items += [
        f'<item id="f{n}" href="{name}" media-type="image/png"/>' for n, name in enumerate(files)
    ]
    spine = "".join(
        f'<itemref idref="i{n}"{" linear=" + chr(34) + "no" + chr(34) if name in asides else ""}/>'
        for n, name in enumerate(chapters)
    )
    if is_old:
        points = "".join(
            f'<navPoint><navLabel><text>{label}</text></navLabel><content src="{target}"/></navPoint>'
            for label, target in contents
        )
        table = ("toc.ncx", f"<ncx><navMap>{points}</navMap></ncx>")
        items.append('<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>')
    else:
        links = "".join(_write_entry(label, target) for label, target in contents)
        table = (
            "nav.xhtml",
            make_chapter(f'<nav epub:type="toc landmarks"><ol>{links}</ol></nav>'),
        )
        items.append(
            '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="scripted nav"/>'
        )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" unique-identifier="uid"><metadata'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/">{facts}</metadata><manifest>{"".join(items)}</manifest>'
        f'<spine toc="ncx">{spine}</spine></package>'
    )
    inner = {**{k: make_chapter(v) for k, v in chapters.items()}, **files}
    if contents:
        inner[table[0]] = table[1]
    named = {
        name if name.startswith("META-INF") else f"OPS/{name}": data for name, data in inner.items()
    }
    return make_zip(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OPS/book.opf": package,
            **named,
        }
    )


def _write_entry(label: str, target: str) -> str:
    entry = f'<li><a href="{target}">{label.strip()}</a></li>'
    return f"<li><ol>{entry}</ol></li>" if label.startswith("\t") else entry
