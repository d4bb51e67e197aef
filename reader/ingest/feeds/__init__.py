"""Feeds: RSS, Atom and JSON Feed; which ones the user follows, and what is new in them.

Nothing here is done by itself: a feed is fetched by `reader add` and `reader update` alone.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple


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
