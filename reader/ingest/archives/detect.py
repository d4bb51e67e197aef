"""Tell which export a file is, by its content, and read it."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.errors import UnreadableFile
from reader.ingest.archives.clippings import CLIPPINGS, read_clippings, read_readwise
from reader.ingest.archives.link_lists import (
    POCKET_TABLE,
    has_links,
    read_link_page,
    read_pocket,
    read_table,
)
from reader.ingest.archives.omnivore import METADATA, read_omnivore
from reader.ingest.archives.wallabag import is_wallabag, read_wallabag
from reader.library.source.encodings import decode_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reader.ingest import Draft
    from reader.ingest.zip_file import Archive


_SAMPLE: Final = 8_192
_LINK_PAGE: Final = re.compile(
    rb"<!DOCTYPE NETSCAPE-Bookmark-file-1|<title>\s*Pocket Export|<a\s[^>]{0,4000}\btime_added=[\"']?\d",
    re.IGNORECASE,
)
_MIN_COLUMNS: Final = 2
_COLUMNS: Final = (
    ({"time_added"}, "pocket"),
    ({"selection", "folder"}, "instapaper"),
    ({"document tags", "saved date"}, "reader"),
)
"""Columns that tell which service a table of links comes from."""


def detect_export(data: bytes) -> str:
    """Return the kind of export that a file is which isn't an archive; empty for none."""
    sample = data[:_SAMPLE]
    if CLIPPINGS.match(sample) and re.search(rb"(?m)^={8,}[ \t]*\r?$", data[: 1 << 20]):
        return "clippings"
    if _LINK_PAGE.search(sample):
        return "pocket"
    start = sample.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if (start == b"[" and b"is_archived" in data) or (start == b"[" and b"is_starred" in data):
        return "wallabag" if is_wallabag(_load_json(data)) else ""
    return _detect_table(sample)


def _detect_table(sample: bytes) -> str:
    """Return whose table begins with the sample, by the names of its columns."""
    try:
        head = sample.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8").strip()
    except UnicodeDecodeError:
        return ""
    names = [name.strip().strip('"').strip().lower() for name in re.split(r"[,;\t]", head)]
    columns = set(names)
    if len(columns) < _MIN_COLUMNS or not all(
        re.fullmatch(r"[\w -]{1,40}", name) for name in names
    ):
        return ""
    if {"highlight", "book title"} <= columns:
        return "readwise"
    found = next((name for needed, name in _COLUMNS if needed <= columns), "links")
    return found if has_links(columns) else ""


def detect_archive(archive: Archive) -> str:
    """Return the kind of export that an archive is; empty for none."""
    names = archive.names
    if any(METADATA.fullmatch(name) for name in names):
        return "omnivore"
    return "pocket" if any(POCKET_TABLE.fullmatch(name) for name in names) else ""


def _load_json(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


_TITLES: Final = {
    "pocket": "Pocket", "instapaper": "Instapaper", "reader": "Readwise Reader", "links": "Reading list",
}  # fmt: skip
TABLES: Final = frozenset(_TITLES)
"""Exports that are tables of links."""


def read_export(kind: str, data: bytes, name: str) -> Iterable[Draft]:
    """Return the drafts of an export of this kind that isn't an archive."""
    if kind == "wallabag":
        return read_wallabag(_load_json(data))
    text = decode_text(data, Path(name)).text
    if kind == "pocket" and not _detect_table(data[:_SAMPLE]):
        return read_link_page(text)
    readers: dict[str, Callable[[str], Iterable[Draft]]] = {
        "clippings": read_clippings,
        "readwise": read_readwise,
        **{table: partial(read_table, title=title) for table, title in _TITLES.items()},
    }
    if kind not in readers:
        raise UnreadableFile(f"an export of {kind} is an archive, and this is none")
    return readers[kind](text)


def read_archive(kind: str, archive: Archive) -> Iterable[Draft]:
    """Return the drafts of an export that is an archive."""
    if kind == "omnivore":
        return read_omnivore(archive)
    if kind == "pocket":
        return read_pocket(archive)
    raise UnreadableFile(f"an archive can't be an export of {kind}")
