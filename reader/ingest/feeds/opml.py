"""Read the addresses of feeds in OPML, the format in which feed readers export their lists.

See opml.org/spec2.opml: a feed is an `outline` with an `xmlUrl`; folders are outlines too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.ingest import clean_line
from reader.ingest.known_stories import normalize_address
from reader.ingest.xml_tree import parse_xml

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FEEDS: Final = 5_000
_SCHEMES: Final = {"feed://": "https://", "feed:http": "http"}
"""How some programs write the address of a feed, and how it is fetched."""


class ListedFeed(NamedTuple):
    """A feed in a list."""

    title: str
    url: str


def parse_opml(data: bytes) -> list[ListedFeed]:
    """Return the feeds in a list, each once, at most `MAX_FEEDS`. Raises `UnreadableFile`."""
    feeds: dict[str, ListedFeed] = {}
    for outline in parse_xml(data).find_all("outline"):
        url = _clean_url(outline.get("xmlurl"), _SCHEMES)
        title = clean_line(outline.get("title") or outline.get("text"))
        if url and len(feeds) < MAX_FEEDS:
            feeds.setdefault(normalize_address(url) or url, ListedFeed(title, url))
    return [*feeds.values()]


def _clean_url(text: str, schemes: Mapping[str, str]) -> str:
    url = clean_line(text)
    for start, replacement in schemes.items():
        if url.startswith(start):
            return replacement + url.removeprefix(start)
    return url
