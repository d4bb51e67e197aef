"""The feeds that the user follows, in a JSON file beside the reading data.

For each feed: its address and title, what a server needs to say that nothing has changed, and
which entries were seen. The file is replaced as a whole; one that is damaged is never written to.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from reader.errors import StateError, UnknownStory, UnreadableFile
from reader.ingest.known_stories import normalize_address
from reader.library.files import read_bytes
from reader.paths import check_file, make_private_folder
from reader.store.files import lock_folder, replace_file
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from reader.ingest.feeds import Entry


_VERSION: Final = 1
_MAX_SEEN: Final = 20_000
"""Entries of a feed that are remembered; the largest feeds list some thousands."""


@dataclass(slots=True)
class Subscription:
    """A feed that the user follows."""

    url: str
    title: str = ""
    etag: str = ""
    modified: str = ""
    seen: dict[str, None] = field(default_factory=dict)
    """The digests of the entries that were listed or added, the oldest first."""

    def is_new(self, entry: Entry) -> bool:
        """Return whether an entry was neither listed nor added before."""
        return entry.digest not in self.seen

    def mark_seen(self, entries: Iterable[Entry]) -> None:
        """Remember that these entries were listed or added."""
        self.seen |= dict.fromkeys(entry.digest for entry in entries)
        self.seen = dict.fromkeys([*self.seen][-_MAX_SEEN:])


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
            found = Subscription(url)
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


def load_subscriptions(path: Path) -> Subscriptions:
    """Return the feeds in the file at `path`, none if there is no file. Raises `StateError`."""
    try:
        check_file(path)
        if not path.exists():
            return Subscriptions([])
        content = json.loads(read_bytes(path))
        if content["version"] > _VERSION:
            raise StateError(f"{path.name} was written by a newer version of reader")
        return Subscriptions([_load_feed(each) for each in content["feeds"]])
    except (ValueError, TypeError, KeyError, RecursionError, UnreadableFile) as error:
        raise StateError(
            f"{path}: the list of feeds is damaged; correct it, or delete it and add your feeds again"
        ) from error
    except OSError as error:
        raise StateError(f"{path}: {(error.strerror or 'not readable').lower()}") from error


def _load_feed(fields: dict[str, Any]) -> Subscription:
    names = ("url", "title", "etag", "modified")
    url, title, etag, modified = (fields[name] for name in names)
    seen = fields["seen"]
    if not isinstance(seen, list) or not all(
        isinstance(each, str) for each in (url, title, etag, modified, *seen)
    ):
        raise ValueError("a field has another type")
    return Subscription(url, title, etag, modified, dict.fromkeys(seen))


@contextlib.contextmanager
def change_subscriptions(path: Path) -> Iterator[Subscriptions]:
    """Yield the feeds in the file at `path`, and write them afterwards. Raises `StateError`."""
    try:
        make_private_folder(path.parent, may_be_link=True)
        with lock_folder(path.parent):
            subscriptions = load_subscriptions(path)
            yield subscriptions
            _save(subscriptions, path)
    except OSError as error:
        reason = (error.strerror or "can't be written").lower()
        raise StateError(f"{path}: {reason}, so the feed is not remembered") from error


def _save(subscriptions: Subscriptions, path: Path) -> None:
    feeds = [
        {
            "url": each.url,
            "title": each.title,
            "etag": each.etag,
            "modified": each.modified,
            "seen": list(each.seen),
        }
        for each in subscriptions.feeds
    ]
    text = json.dumps({"version": _VERSION, "feeds": feeds}, ensure_ascii=False, indent=1)
    with replace_file(path) as fresh:
        fresh.write_text(text + "\n", encoding="utf-8")
