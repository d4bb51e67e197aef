"""The shelf's groups and order, neighbours, suggestions, and stories from other folders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from session_driver import SCREENFUL, Reader, make_text

from reader.library.catalog import Catalog
from reader.library.describing import describe_files
from reader.library.files import find_bundled_folder
from reader.library.index import Index
from reader.library.story import Story
from reader.library.text_cache import TextCache
from reader.reading.progress import ReadStatus
from reader.session.session import Session
from reader.session.shelf.entries import ShelfGroup
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]

NAMES = ["Alpha", "Bravo", "Charlie", "Delta", "Echo"]


@pytest.fixture
def folder(write: Write) -> Path:
    """Return a folder of five stories of a thousand words."""
    for name in NAMES:
        path = write(f"{name}.md", f"# {name}\n\n{make_text()}")
    return path.parent


@pytest.fixture
def reader(folder: Path) -> Reader:
    return Reader(folder)


def list_shelf(reader: Reader) -> list[tuple[str, str]]:
    return [(entry.group.value, entry.story.title) for entry in reader.session.list_entries()]


def suggest(reader: Reader) -> list[str]:
    """Return the titles that the end card of the open story suggests."""
    end_card = reader.session.make_end_card(reader.open_story)
    return [one.entry.story.title for one in end_card.suggestions]


def read_some(reader: Reader, title: str) -> None:
    reader.open(title)
    reader.wait(60)
    reader.session.leave()


@pytest.mark.parametrize(("names", "following"), [((), []), (NAMES, ["Bravo", "Charlie", "Delta"])])
def test_a_story_suggests_what_follows_among_those_that_a_filter_has_left(
    reader: Reader, names: tuple[str, ...], following: list[str]
) -> None:
    left = [each for each in reader.session.list_entries() if each.story.title in names]
    reader.session.shelf_list.show_only(left, [each.story for each in left])
    reader.open("Alpha")
    assert suggest(reader) == following


def test_unread_stories_are_in_the_order_of_the_catalog(reader: Reader) -> None:
    assert list_shelf(reader) == [("Unread", name) for name in NAMES]


def test_groups_are_in_order_and_the_story_read_last_comes_first(reader: Reader) -> None:
    for title in ("Bravo", "Delta", "Charlie"):
        read_some(reader, title)
    reader.session.read_statuses.set_status(reader.story("Charlie"), ReadStatus.FINISHED)
    reader.session.read_statuses.set_status(reader.story("Echo"), ReadStatus.FINISHED)
    assert list_shelf(reader) == [
        ("Continue", "Delta"),
        ("Continue", "Bravo"),
        ("Unread", "Alpha"),
        ("Finished", "Echo"),
        ("Finished", "Charlie"),
    ]


def test_an_entry_has_progress_and_minutes_left(reader: Reader) -> None:
    read_some(reader, "Alpha")
    entry = reader.session.get_entry(reader.story("Alpha"))
    # 200 of 1000 words; the other 800 take 3.02 minutes at 265 a minute.
    assert (entry.group, entry.progress, entry.minutes_left) == (ShelfGroup.CONTINUE, 0.2, 3)


def test_a_finished_story_has_full_progress_and_nothing_left(reader: Reader) -> None:
    reader.session.read_statuses.set_status(reader.story("Alpha"), ReadStatus.FINISHED)
    entry = reader.session.get_entry(reader.story("Alpha"))
    assert (entry.progress, entry.minutes_left) == (1.0, 0)


def test_progress_is_at_most_one_after_a_text_was_shortened(folder: Path, reader: Reader) -> None:
    read_some(reader, "Alpha")
    (folder / "Alpha.md").write_text("# Alpha\n\nShort now.")
    again = Reader(folder, reader.store)
    assert again.session.get_entry(again.story("Alpha")).progress == 1.0


def test_the_entry_of_the_open_story_is_up_to_date(reader: Reader) -> None:
    reader.open("Alpha")
    reader.now += 60
    reader.session.tracker.tick()
    assert reader.session.get_entry(reader.story("Alpha")).progress == 0.2


@pytest.mark.parametrize(
    ("step", "title"),
    [(1, "Delta"), (-1, "Bravo"), (2, "Echo"), (-2, "Alpha"), (3, None), (-3, None)],
)
def test_a_neighbour_is_found_by_steps(step: int, title: str | None, reader: Reader) -> None:
    reader.open("Charlie")
    neighbour = reader.session.find_neighbour(step)
    assert (neighbour.title if neighbour else None) == title


def test_there_is_no_neighbour_without_an_open_story(reader: Reader) -> None:
    assert reader.session.find_neighbour(1) is None


def test_a_story_that_is_not_in_the_order_is_followed_by_the_first(
    reader: Reader, tmp_path: Path
) -> None:
    (tmp_path / "other.md").write_text("# Other")
    reader.session.enter(reader.session.open_file(tmp_path / "other.md"))
    after, before = reader.session.find_neighbour(1), reader.session.find_neighbour(-1)
    assert (after.title if after else None, before) == ("Alpha", None)


def test_the_next_three_unfinished_stories_are_suggested(reader: Reader) -> None:
    reader.session.read_statuses.set_status(reader.story("Charlie"), ReadStatus.FINISHED)
    reader.open("Alpha")
    assert suggest(reader) == ["Bravo", "Delta", "Echo"]
    for title in ("Alpha", "Bravo", "Delta"):
        reader.session.read_statuses.set_status(reader.story(title), ReadStatus.FINISHED)
    reader.open("Echo")
    assert suggest(reader) == []


def test_suggestions_walk_through_a_long_order_at_most_three_times(reader: Reader) -> None:
    walks: list[int] = []

    class Order(list[Story]):
        def __iter__(self) -> Iterator[Story]:
            walks.append(len(self))
            return super().__iter__()

    story = reader.story("Alpha")
    others = [replace(story, id=str(n), location=f"{story.location}/{n}") for n in range(1000)]
    reader.session.set_order(Order([story, *others]))
    for other in others:
        reader.store.set_status(other.id, ReadStatus.FINISHED)
    reader.open("Alpha")
    assert suggest(reader) == ["Bravo", "Charlie", "Delta"]
    assert len(walks) <= 3


@pytest.fixture
def started_store(folder: Path) -> tuple[Store, Path]:
    """Return a store in which a file was started by its name, and the file."""
    store = Store.open_in_memory()
    reader = Reader(None, store)
    reader.session.enter(reader.session.open_file(folder / "Charlie.md"))
    reader.start()
    reader.wait(60)
    reader.session.leave()
    return store, folder / "Charlie.md"


def make_default_session(store: Store) -> Session:
    """Return a session with the bundled and the started stories."""
    session = Session(Catalog(), store, Index.open(None), TextCache(None))
    files = session.scan_folders([find_bundled_folder()]) + session.scanning.scan_started_stories()
    session.add_stories(list(describe_files(files)))
    return session


def test_opening_a_file_does_not_scan_its_folder(folder: Path) -> None:
    reader = Reader(None)
    reader.session.open_file(folder / "Charlie.md")
    assert [story.title for story in reader.session.catalog.list_stories()] == ["Charlie"]


def test_a_started_file_is_under_continue_in_the_default_catalog(
    started_store: tuple[Store, Path],
) -> None:
    store, path = started_store
    entry = make_default_session(store).list_entries()[0]
    assert (entry.group, entry.story.path, entry.story.folder) == (
        ShelfGroup.CONTINUE,
        path,
        "stories",
    )


def test_a_file_that_was_only_opened_is_not_in_the_default_catalog(folder: Path) -> None:
    reader = Reader(None)
    reader.session.enter(reader.session.open_file(folder / "Charlie.md"))
    reader.session.leave()
    assert "Charlie" not in [
        entry.story.title for entry in make_default_session(reader.store).list_entries()
    ]


def test_a_story_started_in_a_folder_is_under_continue_in_the_default_catalog(folder: Path) -> None:
    reader = Reader(folder)
    read_some(reader, "Delta")
    entry = make_default_session(reader.store).list_entries()[0]
    assert (entry.group, entry.story.title) == (ShelfGroup.CONTINUE, "Delta")


def test_reading_data_survives_while_the_file_is_missing(
    started_store: tuple[Store, Path],
) -> None:
    store, path = started_store
    path.rename(path.with_suffix(".away"))
    assert make_default_session(store).list_entries()[0].group is ShelfGroup.UNREAD
    path.with_suffix(".away").rename(path)
    assert make_default_session(store).list_entries()[0].story.title == "Charlie"


def test_a_story_has_the_same_reading_data_by_file_and_by_folder(
    started_store: tuple[Store, Path], folder: Path
) -> None:
    reader = Reader(folder, started_store[0])
    assert list_shelf(reader)[0] == ("Continue", "Charlie")


def test_a_bundled_story_started_by_its_path_is_on_the_shelf_once() -> None:
    store = Store.open_in_memory()
    reader = Reader(None, store)
    path = find_bundled_folder().parent / "stories" / "errata.md"
    reader.session.enter(reader.session.open_file(path))
    reader.start()
    reader.wait(600)
    reader.session.leave()
    titles = [entry.story.title for entry in make_default_session(store).list_entries()]
    assert titles.count("Errata") == 1
    assert titles[0] == "Errata"


def test_a_file_is_listed_for_description_once() -> None:
    reader = Reader(None)
    reader.session.enter(reader.session.open_file(find_bundled_folder() / "errata.md"))
    reader.start()
    reader.wait(600)
    session = Session(Catalog(), reader.store, Index.open(None), TextCache(None))
    files = session.scan_folders([find_bundled_folder()]) + session.scanning.scan_started_stories()
    assert [file.path.name for file in files].count("errata.md") == 1


def test_a_file_opened_through_a_link_is_on_the_shelf_once(
    started_store: tuple[Store, Path], tmp_path: Path
) -> None:
    (tmp_path / "link.md").symlink_to(started_store[1])
    session = Session(Catalog(), started_store[0], Index.open(None), TextCache(None))
    session.enter(session.open_file(tmp_path / "link.md"))
    session.add_stories(list(describe_files(session.scanning.scan_started_stories())))
    assert [entry.story.title for entry in session.list_entries()] == ["Charlie"]


def test_an_unreadable_file_is_on_the_shelf_with_the_reason(write: Write) -> None:
    reader = Reader(write("bad.md", b"\0" * 100).parent)
    entry = reader.session.list_entries()[0]
    assert (entry.story.title, entry.story.deck) == ("Bad", "not text (or not in UTF-8)")


def test_the_word_count_of_a_long_file_is_known_once_it_is_parsed(write: Write) -> None:
    path = write("long.md", f"# Long\n\n{make_text(500)}")
    reader = Reader(None)
    open_story = reader.session.open_file(path)
    before = open_story.word_count
    open_story.parse_all()
    entry = reader.session.get_entry(open_story.story)
    assert (before, open_story.word_count, entry.minutes) == (None, 10_000, 38)


def test_a_long_file_read_to_the_end_is_finished(write: Write) -> None:
    path = write("long.md", f"# Long\n\n{make_text(500)}")
    reader = Reader(None)
    open_story = reader.session.open_file(path)
    reader.session.enter(open_story)
    open_story.parse_all()
    reader.start()
    assert reader.read(SCREENFUL - 1) == [ReadStatus.READING, ReadStatus.FINISHED]
