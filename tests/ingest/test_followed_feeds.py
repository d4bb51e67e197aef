"""The feeds that are followed are reading data: kept, exported, merged, and moved from `feeds.json`."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from reader.cli.main import main
from reader.ingest.feeds import Entry, Feed
from reader.ingest.feeds.feeds_file import move_feeds_file
from reader.ingest.feeds.subscriptions import change_subscriptions, load_subscriptions
from reader.paths import Paths
from reader.store.database import back_up, open_copy
from reader.store.merging import import_records
from reader.store.migrations import MIGRATIONS
from reader.store.records import Record
from reader.store.repository import Store
from reader.store.schema import FeedRow, Stamp
from reader.store.transfer import format_export, parse_export

if TYPE_CHECKING:
    from pathlib import Path

    from reader.ingest.feeds.subscriptions import Subscription

ENTRY = Entry("g1", "Rain", "https://x.example/rain")
OLD_FEED = {
    "url": "https://x.example/feed", "title": "A Blog", "etag": '"1"', "modified": "Sat",
    "seen": [ENTRY.digest],
}  # fmt: skip
SECOND = OLD_FEED | {"url": "https://y.example/feed", "title": "B Blog"}


@pytest.fixture
def store() -> Store:
    return Store.open_in_memory()


@pytest.fixture
def feeds_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of the file in which earlier versions kept two feeds."""
    for name in ("config", "data", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    path = tmp_path / "data/essay-reader/feeds.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 1, "feeds": [OLD_FEED, SECOND]}))
    return path


def follow(store: Store, *names: str) -> None:
    with change_subscriptions(store.record_store) as subscriptions:
        for name in names:
            subscriptions.follow(f"https://{name}.example/feed").title = name


def load_feeds(store: Store) -> list[Subscription]:
    return load_subscriptions(store.record_store).feeds


def list_titles(store: Store) -> list[str]:
    return [feed.title for feed in load_feeds(store)]


def copy_to(target: Store, source: Store) -> None:
    """Export all of `source` and import it into `target`."""
    exported = format_export(source.record_store.load_records())
    records, problems = parse_export(exported.encode())
    assert problems == []
    import_records(target.record_store, records)


def test_feeds_stay_in_the_order_in_which_they_were_added(store: Store) -> None:
    follow(store, "z", "a", "m")
    with change_subscriptions(store.record_store) as subscriptions:
        subscriptions.feeds[0].mark_seen([ENTRY])
    assert list_titles(store) == ["z", "a", "m"]


def test_a_feed_is_exported_and_imported_with_all_that_is_known_of_it(store: Store) -> None:
    with change_subscriptions(store.record_store) as subscriptions:
        followed = subscriptions.follow("https://x.example/feed")
        followed.take_content(Feed("A Blog", "", (ENTRY,)), etag='"1"', modified="Sat")
    other = Store.open_in_memory()
    copy_to(other, store)
    assert load_feeds(other) == load_feeds(store)
    (feed,) = load_feeds(other)
    assert (feed.title, feed.etag, feed.modified) == ("A Blog", '"1"', "Sat")
    assert not feed.is_new(ENTRY)


def test_a_feed_that_was_removed_later_is_removed_on_the_other_device(store: Store) -> None:
    follow(store, "x", "y")
    other = Store.open_in_memory()
    copy_to(other, store)
    with change_subscriptions(other.record_store) as subscriptions:
        subscriptions.feeds.remove(subscriptions.find("y"))
    copy_to(store, other)
    assert list_titles(store) == ["x"]
    follow(store, "y")
    copy_to(other, store)
    assert list_titles(other) == ["x", "y"]


def test_one_address_is_one_feed_on_two_devices(store: Store) -> None:
    other = Store.open_in_memory()
    for each, host in ((store, "x"), (other, "www.x")):
        with change_subscriptions(each.record_store) as subscriptions:
            subscriptions.follow(f"https://{host}.example/feed/").title = "A Blog"
    copy_to(store, other)
    assert list_titles(store) == ["A Blog"]


def test_a_header_that_a_server_can_not_be_sent_is_left_out(store: Store) -> None:
    time = "2026-01-02T03:04:05.000+00:00"
    row = FeedRow("f", "https://x.example/f", "t", '"1"\r\nX: y', "é", '[1, "x", "0a"]', time, 1)
    store.record_store.merge([Record("feed", row, Stamp(1, time, "d"))])
    (feed,) = load_feeds(store)
    assert (feed.etag, feed.modified, [*feed.seen]) == ("", "", ["0a"])


def test_a_feed_can_be_added_after_one_with_an_impossible_time(store: Store) -> None:
    time = "9999-12-31T23:59:59.999+00:00"
    row = FeedRow("f", "https://x.example/f", "t", "", "", "[]", time, 1)
    store.record_store.merge([Record("feed", row, Stamp(1, time, "d"))])
    follow(store, "y")
    assert list_titles(store) == ["t", "y"]


def test_a_title_that_can_not_be_stored_as_it_is_is_stored_without_what_is_wrong(
    store: Store,
) -> None:
    with change_subscriptions(store.record_store) as subscriptions:
        subscriptions.follow("https://x.example/f").title = "a\ud800\x1b\n" + "b" * 20_000
    copy_to(Store.open_in_memory(), store)
    assert len(list_titles(store)[0]) == 1_000


def test_feeds_alone_are_worth_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(Store.open(path)) as store:
        follow(store, "x")
    backup = back_up(path)
    with closing(Store(open_copy(backup, MIGRATIONS))) as copy:
        assert list_titles(copy) == ["x"]


def test_the_feeds_of_an_earlier_version_are_moved_to_the_reading_data(
    feeds_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = feeds_file.with_name("all.json")
    assert main(["feeds"]) == 0  # creates no file, so the feeds stay where they are
    assert feeds_file.exists()
    Store.open(Paths.default().state).close()
    assert main(["export", str(export)]) == 0
    assert not feeds_file.exists()
    assert [row["seen"] for row in json.loads(export.read_text())["records"]["feed"]] == [
        [ENTRY.digest]
    ] * 2
    capsys.readouterr()
    assert main(["feeds"]) == 0
    assert capsys.readouterr().out.split("\n")[::2] == ["1  A Blog", "2  B Blog", ""]
    assert feeds_file.with_name("feeds.json.imported-1").is_file()


def test_private_mode_shows_the_feeds_of_an_earlier_version_and_moves_nothing(
    feeds_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feeds", "--private"]) == 0
    assert capsys.readouterr().out.startswith("1  A Blog\n")
    assert [path.name for path in feeds_file.parent.iterdir()] == ["feeds.json"]


def test_a_feed_that_was_removed_does_not_come_back_with_an_old_file(feeds_file: Path) -> None:
    with closing(Store.open(Paths.default().state)) as store:
        move_feeds_file(store, feeds_file)
        with change_subscriptions(store.record_store) as subscriptions:
            subscriptions.feeds.pop(0)
        feeds_file.with_name("feeds.json.imported-1").rename(feeds_file)
        move_feeds_file(store, feeds_file)
        assert list_titles(store) == ["B Blog"]


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ('{"version": 1, "feeds": [{"url": 3}, ' + json.dumps(OLD_FEED) + "]}", "1 feed"),
        ('{"version": 1, "feeds": [' + json.dumps(OLD_FEED | {"seen": "x"}) + "]}", "0 feeds"),
        ('{"version": 1, "feeds": [' + json.dumps(OLD_FEED | {"url": "\ud800"}) + "]}", "0 feeds"),
        ('{"version": 1, "feeds": {}}', "0 feeds"),
        ("[" * 100_000, "0 feeds"),
        ("\0", "0 feeds"),
        ("", "0 feeds"),
    ],
)
def test_what_can_be_read_of_a_damaged_file_is_moved_and_the_file_is_kept(
    content: str, count: str, feeds_file: Path
) -> None:
    feeds_file.write_text(content)
    with closing(Store.open(Paths.default().state)) as store:
        move_feeds_file(store, feeds_file)
        assert store.notice == (
            f"{feeds_file} is damaged: {count} could be read; kept as feeds.json.damaged-1"
        )
        assert len(load_feeds(store)) == int(count[0])
    assert feeds_file.with_name("feeds.json.damaged-1").read_text() == content


def test_a_link_is_not_followed_to_the_feeds(feeds_file: Path) -> None:
    real = feeds_file.rename(feeds_file.with_name("real.json"))
    feeds_file.symlink_to(real)
    with closing(Store.open(Paths.default().state)) as store:
        move_feeds_file(store, feeds_file)
        assert store.notice.startswith(f"The feeds in {feeds_file}: ")
        assert load_feeds(store) == []
    assert feeds_file.is_symlink()
