"""A feed in the app: its stories to choose from, and the jobs that read one and follow the feed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reader.ingest.feeds import name_entry, name_feed
from reader.ingest.feeds.parse import parse_feed
from reader.ingest.feeds.stories import make_story, refuse_own_network
from reader.ingest.feeds.subscriptions import change_subscriptions, load_subscriptions
from reader.ingest.sources import load_source, name_errors, read_drafts
from reader.session.adding.pending import PendingStories
from reader.text.cells import sanitize_line
from reader.text.web_addresses import find_host

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.ingest import Draft
    from reader.ingest.feeds import Entry, Feed
    from reader.ingest.sources import Content
    from reader.store.records import RecordStore
    from reader.store.write_behind import WriteBehind


@dataclass(frozen=True)
class FoundFeed:
    """A feed that was read."""

    feed: Feed
    content: Content
    names: tuple[str, ...] = ()
    """What each entry is called."""
    new: frozenset[Entry] = frozenset()
    """What is new since the feed was looked at last; empty if it wasn't."""

    @property
    def title(self) -> str:
        """What the feed is called, sanitised."""
        return name_feed(self.feed.title, self.content.name)


class FollowedFeeds:
    """The feeds that the reader follows, in the reading data."""

    def __init__(self, write_behind: WriteBehind, store: RecordStore) -> None:
        self._write_behind, self._store = write_behind, store

    def find_new(self, found: FoundFeed) -> FoundFeed:
        """Return a feed with what is new in it. Raises `StateError`."""
        address = found.content.address
        known = load_subscriptions(self._store).find_url(address) if address else None
        if known is None or not known.seen:
            return found
        return replace(found, new=frozenset(filter(known.is_new, found.feed.entries)))

    def is_followed(self, url: str) -> bool:
        """Return whether the feed with this address is followed. Raises `StateError`."""
        return load_subscriptions(self._store).find_url(url) is not None

    def follow(self, found: FoundFeed) -> None:
        """Remember a feed, with all its stories as seen. Raises `StateError`.

        A feed that came from a file has no address at which something new could be.
        """
        if found.content.address:
            self._write_behind.write_now(self._save, found)

    def _save(self, found: FoundFeed) -> None:
        with change_subscriptions(self._store) as subscriptions:
            followed = subscriptions.follow(found.content.address)
            followed.take_content(
                found.feed, etag=found.content.etag, modified=found.content.modified
            )


def read_feed(content: Content) -> FoundFeed:
    """Return the feed in `content`. Raises `ReaderError`."""
    with name_errors(sanitize_line(content.name, 200)):
        feed = parse_feed(content.data, content.address)
    return FoundFeed(feed, content, tuple(map(name_entry, feed.entries)))


class FeedJob:
    """A job for a worker: fetch the feed that a page names."""

    def __init__(self, url: str, *, is_local: bool) -> None:
        """`is_local` says that the page came from the user's own network."""
        self._url, self._is_local = url, is_local
        self.stage = f"Fetching its feed from {sanitize_line(find_host(url) or url, 100)} …"
        """What is being done now."""

    def run(self) -> FoundFeed:
        """Return the feed. Raises `ReaderError`."""
        announce = _ignore_host if self._is_local else refuse_own_network
        return read_feed(load_source(self._url, announce))


def _ignore_host(_: str) -> None:
    """Say nothing of a host in the user's own network, which was announced for the page."""


class EntryJob:
    """A job for a worker: make a story of an entry, whose page is fetched if that is needed."""

    def __init__(self, entry: Entry, name: str, *, is_local: bool) -> None:
        """Take the entry and what it is called.

        `is_local` says that the feed came from the user's own network.
        """
        self._entry, self._is_local = entry, is_local
        self._notices: list[str] = []
        self.stage = f"Fetching {name} …"
        """What is being done now."""

    def run(self) -> PendingStories:
        """Return the story. Raises `ReaderError`."""
        draft = make_story(self._entry, self._fetch)
        return PendingStories(draft, iter(()), tuple(self._notices))

    def _fetch(self, url: str) -> Iterable[Draft]:
        announce = self._notices.append if self._is_local else refuse_own_network
        return read_drafts(load_source(url, announce))
