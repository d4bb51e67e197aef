"""Feeds: RSS, Atom and JSON Feed; which ones the user follows, and what is new in them.

Nothing here is done by itself: a feed is fetched by `reader add` and `reader update` alone.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final, NamedTuple

from reader.text.cells import sanitize_line

_MAX_NAME: Final = 200
"""Characters of a name that are shown."""
_MAX_OPENING, _OPENING_WORDS = 4_000, 12
"""Characters of a text without a title that are looked at, and words of it that are shown."""


class Entry(NamedTuple):
    """A story in a feed."""

    key: str
    """What tells it apart from the others: the id that the feed gives it, else its address."""
    title: str
    url: str
    published: str = ""
    """The day, as in `2021-06-12`."""
    author: str = ""
    html: str = ""
    """The text, or its beginning."""
    is_full: bool = False
    """The feed says that the text is all of it."""
    tags: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The key in twelve hex digits, by which it is remembered as seen."""
        return blake2b(self.key.encode("utf-8", "replace"), digest_size=6).hexdigest()


class Feed(NamedTuple):
    """A feed as it was read."""

    title: str
    url: str
    """The address of its site."""
    entries: tuple[Entry, ...]
    """In the feed's order, which is mostly the newest first."""


def name_feed(title: str, address: str) -> str:
    """Return what a feed is called: its title, else its address; sanitised."""
    return sanitize_line(title or address, _MAX_NAME)


def name_entry(entry: Entry) -> str:
    """Return what an entry is called: its title, else how its text begins; sanitised.

    Without a title it may take a millisecond.
    """
    return sanitize_line(entry.title or _find_opening(entry) or entry.url, _MAX_NAME) or "no title"


def _find_opening(entry: Entry) -> str:
    from reader.ingest.page.html_tree import parse_html  # most entries have a title

    words = parse_html(entry.html[:_MAX_OPENING]).root.read_text().split()
    more = " …" if len(words) > _OPENING_WORDS else ""
    return f"{' '.join(words[:_OPENING_WORDS])}{more}"
