"""Move the feeds of `feeds.json`, in which earlier versions kept them, to the reading data."""

from __future__ import annotations

import contextlib
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from reader.errors import StateError, UnreadableFile
from reader.ingest.feeds.subscriptions import Subscription, change_subscriptions
from reader.library.files import read_bytes
from reader.paths import check_file
from reader.store.records import is_digest, parse_time
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from pathlib import Path

    from reader.store.records import RecordStore
    from reader.store.repository import Store


_VERSION: Final = 1


def move_feeds_file(store: Store, path: Path) -> None:
    """Add the feeds of the file at `path` to the reading data, and rename the file.

    In private mode, and while the reading data can't be written, the file stays. A feed that
    can't be read is left out. Raises nothing; `store.notice` says what is wrong.
    """
    try:
        check_file(path)
        changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        feeds, is_intact = _parse_feeds(read_bytes(path))
        _add_feeds(store.record_store, feeds, changed_at)
    except FileNotFoundError:
        return  # another program was faster
    except (OSError, OverflowError, ValueError, UnreadableFile, StateError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        problem = f"{path}: {reason or 'not readable'}".removeprefix(f"{path}: {path}: ")
        store.notice = store.notice or f"The feeds in {sanitize_line(problem)}"
        return
    name = path.name
    if store.is_persistent:
        name = _rename(path, "imported" if is_intact else "damaged")
    if not is_intact:
        count = f"{len(feeds)} feed{'s' if len(feeds) != 1 else ''}"
        store.notice = store.notice or (
            f"{sanitize_line(str(path))} is damaged: {count} could be read; kept as {name}"
        )


def _parse_feeds(data: bytes) -> tuple[list[Subscription], bool]:
    """Return the feeds in the file, and whether all of it could be read."""
    try:
        content = json.loads(data)
        entries = content["feeds"]
        is_intact = content["version"] == _VERSION and isinstance(entries, list)
    except (ValueError, TypeError, KeyError, RecursionError):
        return [], False
    feeds = []
    for entry in entries if isinstance(entries, list) else ():
        try:
            feeds.append(_parse_feed(entry))
        except (ValueError, TypeError, KeyError):
            is_intact = False
    return feeds, is_intact


def _parse_feed(fields: dict[str, Any]) -> Subscription:
    """Return a feed. Raises `ValueError`, `TypeError` and `KeyError`."""
    names = ("url", "title", "etag", "modified")
    url, title, etag, modified = (fields[name] for name in names)
    seen = fields["seen"]
    texts = (url, title, etag, modified, *seen)
    if not url or not all(isinstance(each, str) for each in texts) or not isinstance(seen, list):
        raise ValueError("a field is empty or has another type")
    url.encode()  # half a surrogate pair can't be stored
    digests = dict.fromkeys(each for each in seen if is_digest(each))
    return Subscription(url, title, etag, modified, digests)


def _add_feeds(store: RecordStore, feeds: list[Subscription], changed_at: datetime) -> None:
    """Add feeds, except those that are there, or were removed after the file was written."""
    with change_subscriptions(store) as subscriptions:
        for feed in feeds:
            known = store.select_records("feed", "id = ?", feed.id)
            removed_at = parse_time(known[0].stamp.changed_at) if known else None
            if subscriptions.find_url(feed.url) or (removed_at and removed_at >= changed_at):
                continue
            added = subscriptions.follow(feed.url)
            added.title, added.etag, added.modified = feed.title, feed.etag, feed.modified
            added.seen = feed.seen


def _rename(path: Path, suffix: str) -> str:
    """Rename the file; return its new name, or the old one if that can't be done."""
    number = 1
    while os.path.lexists(renamed := path.with_name(f"{path.name}.{suffix}-{number}")):
        number += 1
    with contextlib.suppress(OSError):  # it is read again the next time, which changes nothing
        path.rename(renamed)
        return renamed.name
    return path.name
