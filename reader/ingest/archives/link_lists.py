"""Exports that are lists of links: tables of Pocket, Instapaper and others, and pages of links.

Pocket and bookmark managers write a page in which each link has its time and its tags; the later
exports of Pocket are tables, several in an archive. A table counts if it has a column for the
address.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Final

from reader.errors import UnreadableFile
from reader.ingest import Facts, SourceHighlight, SourceLink, clean_line
from reader.ingest.archives import (
    MAX_EXPORT_BYTES,
    make_highlight_list,
    make_link_list,
    read_day,
    read_text_field,
    read_url,
)
from reader.ingest.page.html_tree import parse_html

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reader.ingest import Draft
    from reader.ingest.zip_file import Archive


POCKET_TABLE: Final = re.compile(r"(?:[^/]+/)*part_\d+\.csv")
"""The name of a table in Pocket's archive."""
_POCKET_NOTES: Final = re.compile(r"(?:[^/]+/)*annotations/part_\d+\.json")
_URL_COLUMNS: Final = ("url", "link", "address", "href", "uri", "given_url", "resolved_url")
_TITLE_COLUMNS: Final = ("title", "name", "given_title", "resolved_title")
_TIME_COLUMNS: Final = (
    "time_added", "timestamp", "saved date", "saved_at", "created", "created_at", "date", "added", "date added",
)  # fmt: skip
_TAG_COLUMNS: Final = ("tags", "document tags", "labels")
_GROUP_COLUMNS: Final = ("status", "folder", "location", "state", "list")
_GROUP_NAMES: Final = {
    "unread": "Unread", "archive": "Archive", "archived": "Archive", "read archive": "Archive", "read": "Archive",
    "starred": "Starred", "new": "Inbox", "later": "Later", "shortlist": "Shortlist", "feed": "Feed",
}  # fmt: skip
_MAX_CELL: Final = 16 << 20


def read_rows(text: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table by the names of their columns, which are in lower case.

    Cells are separated by commas, or by semicolons or tabs if the first line has more of those.
    """
    csv.field_size_limit(_MAX_CELL)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter)
    try:
        names = [clean_line(name).lower() for name in next(reader, [])]
        for row in reader:
            yield dict(zip(names, row, strict=False))
    except csv.Error as error:
        raise UnreadableFile(f"the table is damaged ({error}); export it again") from error


def has_links(columns: Iterable[str]) -> bool:
    """Return whether a table with these columns is a list of links."""
    return not set(_URL_COLUMNS).isdisjoint(columns)


def read_table(text: str, title: str) -> Iterator[Draft]:
    """Yield the list of links that a table is; what was highlighted is a draft of its own."""
    links: list[SourceLink] = []
    selections: list[Draft] = []
    for row in read_rows(text):
        link = _read_row(row)
        if link is None:
            continue
        links.append(link)
        if selection := row.get("selection", "").strip():
            subject = Facts(title=link.title, url=link.url)
            selections.append(make_highlight_list(subject, [SourceHighlight(selection)]))
    yield _check(title, links)
    yield from selections


def _check(title: str, links: list[SourceLink]) -> Draft:
    if not links:
        raise UnreadableFile(f"{title}: there are no links in it")
    return make_link_list(title, list(dict.fromkeys(links)))


def _read_row(row: dict[str, str]) -> SourceLink | None:
    """Return the link of a row, None if the row has neither an address nor a title."""

    def take(names: Iterable[str]) -> str:
        return next((row[name] for name in names if row.get(name, "").strip()), "")

    address, title = take(_URL_COLUMNS), clean_line(take(_TITLE_COLUMNS))
    url = read_url(address)
    title = title or clean_line(address)
    if not (url or title):
        return None
    group = clean_line(take(_GROUP_COLUMNS))
    group = _GROUP_NAMES.get(group.lower(), group)
    return SourceLink(
        url, title, read_day(take(_TIME_COLUMNS)), _read_tags(take(_TAG_COLUMNS)), group
    )


def _read_tags(text: str) -> tuple[str, ...]:
    """Return tags as they are listed: in JSON, or separated by bars or commas."""
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError):
            listed = re.findall(r"'([^']*)'", text)  # as Python prints a list
        return tuple(filter(None, map(read_text_field, listed if isinstance(listed, list) else ())))
    separator = "|" if "|" in text else ","
    return tuple(tag for each in text.split(separator) if (tag := clean_line(each)))


def read_link_page(text: str) -> Iterator[Draft]:
    """Yield the list of links of a page that Pocket or a bookmark manager wrote."""
    root = parse_html(text).root
    titles = root.find_all("title")
    title = titles[0].read_text() if titles else ""
    group, links = "", []
    for node in root.walk():
        if node.tag in ("h1", "h2", "h3"):
            group = node.read_text()
            group = _GROUP_NAMES.get(group.lower(), "" if group == title else group)
        elif node.tag == "a" and (url := read_url(node.get("href"))):
            name = node.read_text()
            added = read_day(node.get("time_added") or node.get("add_date"))
            tags = _read_tags(node.get("tags"))
            links.append(SourceLink(url, "" if name == url else name, added, tags, group))
    yield _check("Pocket" if "pocket" in title.lower() else title or "Bookmarks", links)


def read_pocket(archive: Archive) -> Iterator[Draft]:
    """Yield the links of all tables of Pocket's archive as one list, and the highlights."""
    tables = sorted(name for name in archive.names if POCKET_TABLE.fullmatch(name))
    links = [
        link
        for name in tables
        for row in read_rows(archive.read(name, MAX_EXPORT_BYTES).decode("utf-8", "replace"))
        if (link := _read_row(row)) is not None
    ]
    yield _check("Pocket", links)
    for name in sorted(name for name in archive.names if _POCKET_NOTES.fullmatch(name)):
        yield from _read_pocket_notes(archive.read(name, MAX_EXPORT_BYTES))


def _read_pocket_notes(data: bytes) -> Iterator[Draft]:
    try:
        items = json.loads(data)
    except (ValueError, RecursionError):
        return  # the links are worth having all the same
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict) or not isinstance(item.get("highlights"), list):
            continue
        highlights = [
            SourceHighlight(
                str(each.get("quote") or ""), created=read_text_field(each.get("created_at"))
            )
            for each in item["highlights"]
            if isinstance(each, dict) and each.get("quote")
        ]
        if highlights:
            subject = Facts(title=read_text_field(item.get("title")), url=read_url(item.get("url")))
            yield make_highlight_list(subject, highlights)
