"""Read a feed: RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, and JSON Feed.

Well-formed or not: see `xml_tree`. Where a feed has several elements for one thing, the best
comes first in the tables here.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from reader.errors import UnreadableFile
from reader.ingest import clean_line
from reader.ingest.archives import read_day, read_text_field, read_url
from reader.ingest.feeds import Entry, Feed
from reader.ingest.page.html_tree import parse_html
from reader.ingest.xml_tree import Element, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterable


MAX_ENTRIES: Final = 10_000
_FULL: Final = ("content:encoded", "content", "xhtml:body", "body")
_SUMMARY: Final = ("description", "summary", "dc:description", "tagline")
_DATES: Final = ("published", "pubdate", "dc:date", "date", "issued", "created", "dc:created", "updated", "modified", "dc:modified")  # fmt: skip
_AUTHORS: Final = ("author", "dc:creator", "creator", "dc:author", "itunes:author")
_TAGS: Final = ("category", "dc:subject")
_EMAIL_NAME: Final = re.compile(r"[^\s@]+@[^\s@()]+\s*\((.+)\)")
_BARE_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@.]+\.[^\s@]+")


def parse_feed(data: bytes, address: str = "") -> Feed:
    """Return the feed in `data`, which was fetched from `address`.

    Raises `UnreadableFile` if it is none.
    """
    start = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    feed = _parse_json_feed(data, address) if start == b"{" else _parse_xml_feed(data, address)
    if feed is None:
        raise UnreadableFile("this is not a feed; open the page and look for the feed's address")
    return feed


def _parse_xml_feed(data: bytes, address: str) -> Feed | None:
    root = parse_xml(data)
    outer = next(
        (each for each in root.walk() if each.tag in ("rss", "feed", "rdf", "x:rdf", "rdf:rdf")),
        None,
    )
    if outer is None:
        return None
    head = next((each for each in root.walk() if each.tag in ("channel", "feed")), outer)
    site = _find_link(head, address)
    items = [each for each in root.walk() if each.tag in ("item", "entry")][:MAX_ENTRIES]
    entries = [_read_entry(item, site or address) for item in items]
    return Feed(
        _read_title(head) or site or address, site, tuple(entry for entry in entries if entry.key)
    )


def _read_entry(item: Element, base: str) -> Entry:
    url = _find_link(item, base)
    title = _read_title(item)
    full, summary = _read_html(item, _FULL), _read_html(item, _SUMMARY)
    date = _read_date(_first_text(item, _DATES))
    key = clean_line(_first_text(item, ("guid", "id")) or item.get("about")) or url
    if not key and (title or full or summary):
        key = f"{title}\n{date}\n{(full or summary)[:200]}"
    return Entry(
        key,
        title,
        url,
        date,
        _read_authors(item),
        full if len(full) >= len(summary) else summary,
        is_full=bool(full) and len(full) >= len(summary),
        tags=_read_tags(item),
    )


def _first_text(element: Element, tags: Iterable[str]) -> str:
    for tag in tags:
        for child in element.elements(tag):
            if text := child.read_text().strip():
                return text
    return ""


def _read_title(element: Element) -> str:
    """Return a title as plain text; it may be HTML, escaped once or twice."""
    for tag in ("title", "dc:title", "media:title", "itunes:title"):
        for child in element.elements(tag):
            text = child.read_text().strip()
            if "<" in text or "&" in text:
                text = parse_html(text).root.read_text()
            if text := clean_line(text):
                return text
    return ""


def _find_link(element: Element, base: str) -> str:
    """Return the address of the page that an element is about, empty if it has none."""
    best: tuple[int, str] = (9, "")
    for link in element.elements("link"):
        relation = link.get("rel").lower() or "alternate"
        target = link.get("href") or link.read_text()
        if relation != "alternate" or not target.strip():
            continue
        rank = 0 if "html" in (link.get("type").lower() or "html") else 1
        if url := _join(base, target):
            best = min(best, (rank, url), key=lambda each: each[0])
    if best[1]:
        return best[1]
    for tag in ("guid", "id", "origlink", "x:origlink"):
        for child in element.elements(tag):
            if child.get("ispermalink").lower() != "false" and (url := read_url(child.read_text())):
                return url
    for enclosure in element.elements("enclosure", "media:content"):
        if url := _join(base, enclosure.get("url")):
            return url
    return read_url(element.get("about"))


def _join(base: str, target: str) -> str:
    try:
        return read_url(urljoin(base, clean_line(target)))
    except ValueError:
        return ""


def _read_date(text: str) -> str:
    """Return the day of a time, which is the day in UTC if the time has a zone."""
    text = clean_line(text)
    if re.search(r"(?<![\d+:-])000[01](?!\d)", text):
        return ""  # the zero of a program that knows no date
    try:
        is_iso = re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:", text) is not None
        when = datetime.fromisoformat(text) if is_iso else parsedate_to_datetime(text)
        return (when.astimezone(UTC) if when.tzinfo else when).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    if day := read_day(text):
        return day
    match = re.search(r"\b(\d{4}-\d\d-\d\d)", text)
    return read_day(match[1]) if match else ""


def _read_authors(item: Element) -> str:
    """Return the names of the authors; an address of mail is none."""
    names: list[str] = []
    for tag in _AUTHORS:
        for child in item.elements(tag):
            text = clean_line(_first_text(child, ("name",)) or child.read_text())
            match = _EMAIL_NAME.fullmatch(text)
            text = match[1] if match else text
            if text and not _BARE_EMAIL.fullmatch(text) and text not in names:
                names.append(text)
        if names:
            break
    return ", ".join(names[:5])[:200]


def _read_tags(item: Element) -> tuple[str, ...]:
    texts = (
        clean_line(each.get("label") or each.get("term") or each.read_text())
        for each in item.elements(*_TAGS)
    )
    return tuple(dict.fromkeys(text for text in texts if text and len(text) <= 60))[:30]


def _read_html(item: Element, tags: Iterable[str]) -> str:
    """Return the first text of these elements, as HTML."""
    for tag in tags:
        for child in item.elements(tag):
            kind = child.get("type").lower()
            if child.elements():
                text = _write_html(child)
            elif kind in ("text", "text/plain"):
                text = _escape_lines(child.read_text())
            else:
                text = child.read_text()
            if text.strip():
                return text
    return ""


def _write_html(element: Element) -> str:
    """Return the elements in an element as HTML."""
    parts: list[str] = []
    pending: list[tuple[Element | str, bool]] = [
        (child, False) for child in reversed(element.children)
    ]
    while pending:
        node, is_end = pending.pop()
        if isinstance(node, str):
            parts.append(node if is_end else escape(node, quote=False))
            continue
        tag = node.tag.rpartition(":")[2]
        attributes = "".join(
            f' {name}="{escape(value)}"' for name, value in node.attributes.items()
        )
        parts.append(f"<{tag}{attributes}>")
        pending.append((f"</{tag}>", True))
        pending += [(child, False) for child in reversed(node.children)]
    return "".join(parts)


def _escape_lines(text: str) -> str:
    """Return plain text as HTML: a paragraph for each part between empty lines."""
    paragraphs = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))
    return "".join(
        f"<p>{escape(each, quote=False).replace(chr(10), '<br>')}</p>"
        for each in paragraphs
        if each.strip()
    )


def _parse_json_feed(data: bytes, address: str) -> Feed | None:
    try:
        found = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        return None
    site = _join(address, read_text_field(found.get("home_page_url")))
    items = [item for item in found["items"] if isinstance(item, dict)][:MAX_ENTRIES]
    entries = [_read_json_entry(item, site or address) for item in items]
    return Feed(
        read_text_field(found.get("title")) or site,
        site,
        tuple(entry for entry in entries if entry.key),
    )


def _read_json_entry(item: dict[str, Any], base: str) -> Entry:
    url = next(
        (
            u
            for n in ("url", "external_url")
            if (t := read_text_field(item.get(n))) and (u := _join(base, t))
        ),
        "",
    )
    html, text = item.get("content_html"), item.get("content_text")
    body = (
        html
        if isinstance(html, str) and html.strip()
        else _escape_lines(text)
        if isinstance(text, str)
        else ""
    )
    summary = read_text_field(item.get("summary"))
    tags = item.get("tags")
    title = read_text_field(item.get("title"))
    return Entry(
        read_text_field(item.get("id")) or url or title,
        title,
        url,
        _read_date(read_text_field(item.get("date_published") or item.get("date_modified"))),
        _read_json_authors(item),
        body or escape(summary, quote=False),
        is_full=bool(body),
        tags=tuple(filter(None, map(read_text_field, tags)))[:30] if isinstance(tags, list) else (),
    )


def _read_json_authors(item: dict[str, Any]) -> str:
    listed = item.get("authors")
    authors = listed if isinstance(listed, list) else [item.get("author")]
    names = (read_text_field(each.get("name")) for each in authors if isinstance(each, dict))
    return ", ".join(filter(None, names))[:200]
