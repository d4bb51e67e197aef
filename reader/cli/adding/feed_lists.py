"""Add the feeds of a list in OPML, which other feed readers export: `reader add feeds.opml`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from reader.cli import print_error
from reader.cli.adding.feeds import add_feed
from reader.cli.output import print_lines
from reader.errors import BadUsage, ReaderError, UnreadableFile
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    import argparse

    from reader.cli.adding.feeds import Save
    from reader.cli.adding.saving import GetStore
    from reader.ingest.sources import Content

_MAX_SHOWN: Final = 4_000


def add_feed_list(
    content: Content, args: argparse.Namespace, save: Save, get_store: GetStore
) -> int:
    """Follow the feeds of a list that are not followed yet; return the exit code.

    Each is fetched, and its stories count as seen, unless they are to be added. A feed that
    can't be fetched is not followed. If it is interrupted, those that were followed stay. Raises
    `ReaderError`.
    """
    from reader.ingest.feeds.opml import parse_opml
    from reader.ingest.feeds.stories import refuse_own_network
    from reader.ingest.feeds.subscriptions import load_subscriptions
    from reader.ingest.sources import load_source, name_errors
    from reader.ingest.web.parallel import Task, run_tasks

    if args.items:
        raise BadUsage("--items chooses stories of one feed; for a list use --new or --all")
    name = sanitize_line(content.name, 200)
    with name_errors(name):
        feeds = parse_opml(content.data)
    if not feeds:
        raise UnreadableFile(f"{name}: there are no feeds in this list")
    if args.dry_run:
        return print_lines(f"{each.title}  {each.url}".strip()[:_MAX_SHOWN] for each in feeds)
    followed = load_subscriptions(get_store().record_store)
    fresh = [each for each in feeds if args.all or args.new or not followed.find_url(each.url)]
    is_foreign = bool(content.address) and not content.is_local
    announce = refuse_own_network if is_foreign else print_error
    tasks = [Task(each.url, partial(load_source, each.url, announce)) for each in fresh]
    failed = done = 0
    results = run_tasks(tasks)
    try:
        for each, source in zip(fresh, results, strict=True):
            failed += not _add_or_report(source, each.url, args, save, get_store)
            done += 1
    finally:
        results.close()
        before = len(followed.feeds)
        added = len(load_subscriptions(get_store().record_store).feeds) - before
        print_lines([_summarize(len(feeds), added, failed, len(fresh) - done)])
    return 1 if failed else 0


def _add_or_report(
    source: Content | ReaderError,
    url: str,
    args: argparse.Namespace,
    save: Save,
    get_store: GetStore,
) -> bool:
    """Add a feed, or print why that can't be done; return whether it was added."""
    try:
        if isinstance(source, ReaderError):
            raise source
        add_feed(source, args, save, get_store, is_listed=False)
    except ReaderError as error:
        name = sanitize_line(url, 200)
        print_error(f"{name}: {str(error).removeprefix(f'{name}: ')}")
        return False
    return True


def _summarize(count: int, added: int, failed: int, left: int) -> str:
    """Return one line that says what became of the feeds of a list; `left` were not tried."""
    known = count - added - failed - left
    parts = [
        f"{count} {'feed' if count == 1 else 'feeds'}",
        f"{added} added",
        f"{known} followed already" if known > 0 else "",
        f"{failed} not added" if failed else "",
        f"{left} left: add the list again" if left else "",
    ]
    return " · ".join(part for part in parts if part)
