"""The feeds that the user follows, in the reading data.

For each feed: its address and title, what a server needs to say that nothing has changed, and
which entries were seen. A feed that was removed keeps its row, so that a merge knows of it.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from reader.errors import UnknownStory
from reader.ingest.known_stories import normalize_address
from reader.store.records import UNKNOWN_TIME, format_time, parse_digests, parse_time
from reader.store.schema import FeedRow
from reader.text.cells import sanitize_line
from reader.text.digests import compute_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reader.ingest.feeds import Entry, Feed
    from reader.store.records import RecordStore


_MAX_SEEN: Final = 20_000
"""Entries of a feed that are remembered; the largest feeds list some thousands."""
_MAX_TITLE: Final = 1_000
"""Characters of a title that are stored."""
_MAX_VALIDATOR: Final = 1_000
"""Characters of an ETag or a date that are stored and sent. Servers refuse headers of 8 kB."""
_ID_BYTES: Final = 8
_LAST_TIME: Final = datetime(2199, 1, 1, tzinfo=UTC)
"""Replaces later times, which a damaged file may have."""


@dataclass(slots=True)
class Subscription:
    """A feed that the user follows."""

    url: str
    title: str = ""
    etag: str = ""
    modified: str = ""
    seen: dict[str, None] = field(default_factory=dict)
    """The digests of the entries that were listed or added, the oldest first."""
    added_at: datetime = UNKNOWN_TIME

    @property
    def id(self) -> str:
        """A digest of the address without what differs between addresses of one feed."""
        address = normalize_address(self.url) or self.url
        return compute_digest(address.encode("utf-8", "replace"), _ID_BYTES)

    def is_new(self, entry: Entry) -> bool:
        """Return whether an entry was neither listed nor added before."""
        return entry.digest not in self.seen

    def mark_seen(self, entries: Iterable[Entry]) -> None:
        """Remember that these entries were listed or added."""
        self.seen |= dict.fromkeys(entry.digest for entry in entries)
        self.seen = dict.fromkeys([*self.seen][-_MAX_SEEN:])

    def take_content(
        self, feed: Feed, *, etag: str, modified: str, failed: Iterable[Entry] = ()
    ) -> None:
        """Remember what was seen of a version of the feed; what `failed` is tried again."""
        left_out = set(failed)
        self.title = feed.title
        self.mark_seen(entry for entry in reversed(feed.entries) if entry not in left_out)
        if not left_out:
            self.etag, self.modified = etag, modified


class Subscriptions:
    """The feeds in the order in which they were added."""

    def __init__(self, feeds: list[Subscription]) -> None:
        self.feeds = feeds

    def find_url(self, url: str) -> Subscription | None:
        """Return the feed with this address."""
        address = normalize_address(url)
        return next((each for each in self.feeds if normalize_address(each.url) == address), None)

    def follow(self, url: str) -> Subscription:
        """Return the feed with this address, which is added if it is new."""
        found = self.find_url(url)
        if found is None:
            last = max((each.added_at for each in self.feeds), default=UNKNOWN_TIME)
            found = Subscription(url)
            found.added_at = max(datetime.now(UTC), last + timedelta(milliseconds=1))
            self.feeds.append(found)
        return found

    def find(self, name: str) -> Subscription:
        """Return the feed with this number, address or part of a title. Raises `UnknownStory`."""
        if name.isdecimal() and 1 <= int(name[:6]) <= len(self.feeds):
            return self.feeds[int(name) - 1]
        by_url = self.find_url(name) if "://" in name else None
        if by_url is not None:
            return by_url
        folded = name.casefold()
        found = [each for each in self.feeds if folded in each.title.casefold()]
        if len(found) == 1:
            return found[0]
        reason = "several feeds have" if found else "no feed has"
        raise UnknownStory(
            f"{reason} '{sanitize_line(name, 80)}' in the title; see: reader feeds list"
        )


def load_subscriptions(store: RecordStore) -> Subscriptions:
    """Return the feeds that are followed. Raises `StateError`."""
    rows = store.select(FeedRow, "followed ORDER BY added_at, id")
    return Subscriptions([_load_feed(row) for row in rows])


@contextlib.contextmanager
def change_subscriptions(store: RecordStore) -> Iterator[Subscriptions]:
    """Yield the feeds, and write in the same transaction what was changed. Raises `StateError`."""
    with store.transaction() as stamp:
        before = store.select(FeedRow, "followed")
        subscriptions = load_subscriptions(store)
        yield subscriptions
        rows = [_make_row(each) for each in subscriptions.feeds]
        known, kept = set(before), {row.id for row in rows}
        rows += [
            row._replace(followed=0, etag="", last_modified="", seen="[]")
            for row in before
            if row.id not in kept
        ]
        for row in rows:
            if row not in known:
                store.put(row, stamp)


def _load_feed(row: FeedRow) -> Subscription:
    return Subscription(
        row.url,
        row.title,
        etag=_clean_validator(row.etag),
        modified=_clean_validator(row.last_modified),
        seen=dict.fromkeys(parse_digests(row.seen)),
        added_at=min(parse_time(row.added_at) or UNKNOWN_TIME, _LAST_TIME),
    )


def _make_row(feed: Subscription) -> FeedRow:
    return FeedRow(
        feed.id,
        feed.url,
        sanitize_line(feed.title, _MAX_TITLE),
        etag=_clean_validator(feed.etag),
        last_modified=_clean_validator(feed.modified),
        seen=json.dumps([*feed.seen]),
        added_at=format_time(feed.added_at),
        followed=1,
    )


def _clean_validator(text: str) -> str:
    """Return an ETag or a date, or nothing if it can't be sent in a header."""
    is_valid = len(text) <= _MAX_VALIDATOR and text.isascii() and text.isprintable()
    return text if is_valid else ""
