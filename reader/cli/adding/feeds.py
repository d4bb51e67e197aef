"""Feeds on the command line: `reader add FEED`, `reader feeds` and `reader update`."""

from __future__ import annotations

import contextlib
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from reader.cli import print_error
from reader.cli.context import back_up_or_warn, make_read_only_error, open_store
from reader.cli.output import print_lines
from reader.errors import BadUsage, ReaderError
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence

    from reader.cli.adding.saving import GetStore
    from reader.ingest import Draft
    from reader.ingest.feeds import Entry, Feed
    from reader.ingest.feeds.subscriptions import Subscription
    from reader.ingest.sources import Content
    from reader.ingest.web.fetch import Fetched
    from reader.store.records import RecordStore
    from reader.store.repository import Store

    Save = Callable[[Draft], None]
    """Saves a story, or prints it."""


_CHOICE: Final = re.compile(r"\d{1,6}(?:-\d{1,6})?")


def add_feed(
    content: Content,
    args: argparse.Namespace,
    save: Save,
    get_store: GetStore,
    *,
    is_listed: bool = True,
) -> int:
    """List a feed, or add the stories that were chosen; remember the feed; return the exit code.

    Unless `is_listed`, one line is printed instead of the list. Raises `ReaderError`.
    """
    from reader.ingest.feeds import name_feed
    from reader.ingest.feeds.parse import parse_feed
    from reader.ingest.feeds.subscriptions import (
        Subscription,
        change_subscriptions,
        load_subscriptions,
    )
    from reader.ingest.sources import name_errors

    with name_errors(sanitize_line(content.name, 200)):
        feed = parse_feed(content.data, content.address)
    is_followed = bool(content.address) and not args.dry_run
    known = Subscription(content.address)
    if content.address:
        store = get_store()
        known = load_subscriptions(store.record_store).find_url(content.address) or known
    if is_followed:
        if not store.is_persistent:
            raise make_read_only_error("added")
        with change_subscriptions(store.record_store) as subscriptions:
            subscriptions.follow(content.address).title = feed.title
    name = name_feed(feed.title, content.name)
    chosen = _choose(feed, name, known, args, is_listed=is_listed)
    failed = _add_entries(chosen, _make_fetcher(is_local=content.is_local), save)
    if is_followed:
        with change_subscriptions(store.record_store) as subscriptions:
            subscriptions.follow(content.address).take_content(
                feed, etag=content.etag, modified=content.modified, failed=failed
            )
    return 1 if failed else 0


def tell_feed(url: str, store: Store) -> None:
    """Print how to follow the feed of a page, unless it is followed. Raises `StateError`."""
    from shlex import quote

    from reader.ingest.feeds.subscriptions import load_subscriptions

    if load_subscriptions(store.record_store).find_url(url) is None:
        print_lines(
            [f"  has a feed, to follow with: reader add {sanitize_line(quote(url), 4_000)}"]
        )


def _choose(
    feed: Feed, name: str, known: Subscription, args: argparse.Namespace, *, is_listed: bool
) -> list[Entry]:
    """Return the entries to add, by the options, else as the user answers."""
    if args.all:
        return list(feed.entries)
    new = [entry for entry in feed.entries if known.is_new(entry)]
    if args.new:
        return new
    if args.items:
        return _pick(feed.entries, args.items)
    lines = _list_entries(feed, name, set(new) if known.seen else set())
    print_lines(lines if is_listed else lines[:1])
    if not feed.entries or not is_listed:
        return []
    if sys.stdin.isatty() and sys.stdout.isatty() and not args.dry_run:
        return _ask(feed.entries)
    print_lines(["", "Add stories with --items 1,3-5, all with --all, or what is new with --new."])
    return []


def _list_entries(feed: Feed, name: str, new: set[Entry]) -> list[str]:
    """Return the lines of a list with numbers, in which new entries have a mark."""
    from reader.ingest.feeds import name_entry

    count = len(feed.entries)
    width = len(str(count))
    stories = f"{count} {'story' if count == 1 else 'stories'}"
    lines = [f"{name} · {stories}"]
    for number, entry in enumerate(feed.entries, 1):
        mark = "*" if entry in new else " "
        lines.append(f"{number:{width}} {mark} {entry.published or ' ' * 10}  {name_entry(entry)}")
    return [*lines, "* is new since you last looked."] if new else lines


def _ask(entries: Sequence[Entry]) -> list[Entry]:
    """Ask which entries to add until the answer is understood."""
    while True:
        try:
            answer = input("\nAdd which, such as 1 3-5, or all (Enter for none)? ").strip()
        except EOFError:
            return []
        if answer.lower() == "all":
            return list(entries)
        try:
            return _pick(entries, answer) if answer else []
        except BadUsage as error:
            print_error(str(error))


def _pick(entries: Sequence[Entry], text: str) -> list[Entry]:
    """Return the entries with the numbers in `text`. Raises `BadUsage`."""
    chosen: dict[int, None] = {}
    for part in re.split(r"[,;\s]+", text.strip()):
        first, _, last = part.partition("-")
        if not _CHOICE.fullmatch(part) or not 1 <= int(first) <= int(last or first) <= len(entries):
            raise BadUsage(
                f"'{sanitize_line(part, 40)}' is not one of the numbers 1 to {len(entries)},"
                " or a range such as 3-5"
            )
        chosen |= dict.fromkeys(range(int(first), int(last or first) + 1))
    return [entries[number - 1] for number in chosen]


def _make_fetcher(*, is_local: bool) -> Callable[[str], Iterable[Draft]]:
    """Return what fetches the page of an entry; a feed of the web can't lead into a network."""
    from reader.ingest.feeds.stories import refuse_own_network
    from reader.ingest.sources import load_source, read_drafts

    announce = print_error if is_local else refuse_own_network
    return lambda url: read_drafts(load_source(url, announce))


def _add_entries(
    entries: Iterable[Entry], fetch_page: Callable[[str], Iterable[Draft]], save: Save
) -> list[Entry]:
    """Save the stories, the oldest first; print why others can't be, and return these."""
    from reader.ingest.feeds.stories import make_story

    failed: list[Entry] = []
    for entry in reversed(list(entries)):
        try:
            story = make_story(entry, fetch_page)
        except ReaderError as error:  # the others are added all the same
            print_error(str(error))
            failed.append(entry)
            continue
        save(story)
    return failed


def run_feeds(args: argparse.Namespace) -> int:
    """List the feeds, or remove one; return the exit code. Raises `ReaderError`."""
    from reader.ingest.feeds import name_feed
    from reader.ingest.feeds.subscriptions import change_subscriptions, load_subscriptions

    if args.action == "list":
        if args.feed is not None:
            raise BadUsage("`reader feeds list` takes no name; see: reader feeds --help")
        with open_store(reads_only=True) as store:
            feeds = load_subscriptions(store.record_store).feeds
        width = len(str(len(feeds)))
        for number, feed in enumerate(feeds, 1):
            address = [sanitize_line(feed.url, 4_000)] if feed.title else []
            print_lines([f"{number:{width}}  {name_feed(feed.title, feed.url)}"])
            print_lines(f"{' ' * width}  {each}" for each in address)
        if not feeds:
            print_lines(["You follow no feeds. Add one with: reader add ADDRESS"])
        return 0
    if args.feed is None:
        raise BadUsage("name the feed to remove: its number, its address, or a part of its title")
    with open_store() as store:
        if not store.is_persistent:
            raise make_read_only_error("removed")
        with change_subscriptions(store.record_store) as subscriptions:
            removed = subscriptions.find(args.feed)
            subscriptions.feeds.remove(removed)
    back_up_or_warn()
    print_lines([f"removed: {name_feed(removed.title, removed.url)}; its stories stay"])
    return 0


def run_update(args: argparse.Namespace) -> int:
    """Add what is new in feeds; return the exit code. Raises `ReaderError`."""
    from reader.cli.adding.saving import make_save, share_store
    from reader.ingest.feeds.subscriptions import load_subscriptions
    from reader.ingest.web.parallel import Task, run_tasks

    exit_code = 0
    with contextlib.ExitStack() as stack:
        get_store = share_store(stack)
        store = get_store()
        if not store.is_persistent:
            raise make_read_only_error("added")
        subscriptions = load_subscriptions(store.record_store)
        chosen = [subscriptions.find(name) for name in args.feeds] or subscriptions.feeds
        if not chosen:
            print_lines(["You follow no feeds. Add one with: reader add ADDRESS"])
        save = make_save(args.to, get_store)
        tasks = [Task(each.url, partial(_fetch, each)) for each in chosen]
        results = run_tasks(tasks)
        stack.callback(results.close)
        for subscription, fetched in zip(chosen, results, strict=True):
            result = _update_or_report(subscription, fetched, save, store.record_store)
            exit_code = max(exit_code, result)
    back_up_or_warn()
    return exit_code


def _update_or_report(
    subscription: Subscription,
    answer: tuple[Fetched, bool] | ReaderError,
    save: Save,
    store: RecordStore,
) -> int:
    """Do what `_update` does, but print its error: the other feeds are updated all the same."""
    try:
        if isinstance(answer, ReaderError):
            raise answer
        return _update(subscription, answer, save, store)
    except ReaderError as error:
        print_error(str(error))
        return error.exit_code


def _fetch(subscription: Subscription) -> tuple[Fetched, bool]:
    """Return what is at a feed's address, and whether it is in the user's own network.

    Raises `FetchFailed`.
    """
    from reader.ingest.web.fetch import fetch

    private_hosts: list[str] = []
    etag, modified = subscription.etag, subscription.modified
    fetched = fetch(subscription.url, private_hosts.append, etag=etag, modified=modified)
    return fetched, bool(private_hosts)


def _update(
    subscription: Subscription, answer: tuple[Fetched, bool], save: Save, store: RecordStore
) -> int:
    """Add what is new in a feed that was fetched; return the exit code. Raises `ReaderError`."""
    from reader.ingest.feeds import name_feed
    from reader.ingest.feeds.parse import parse_feed
    from reader.ingest.feeds.subscriptions import change_subscriptions
    from reader.ingest.sources import name_errors

    fetched, is_local = answer
    title = name_feed(subscription.title, subscription.url)
    if fetched.is_unchanged:
        print_lines([f"{title} · nothing new"])
        return 0
    with name_errors(title):
        feed = parse_feed(fetched.data, fetched.url)
    new = [entry for entry in feed.entries if subscription.is_new(entry)]
    new = [*{entry.key: entry for entry in new}.values()]
    print_lines([f"{title} · {len(new)} new" if new else f"{title} · nothing new"])
    failed = _add_entries(new, _make_fetcher(is_local=is_local), save)
    with change_subscriptions(store) as subscriptions:
        current = subscriptions.find_url(subscription.url)
        if current is not None:  # it may have been removed meanwhile
            current.take_content(feed, etag=fetched.etag, modified=fetched.modified, failed=failed)
    return 1 if failed else 0
