"""The end card: the stories it suggests, with reasons, and the summary of the reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from entries import make_entry
from session_driver import SCREENFUL, Reader, make_text

from reader.library.describing import describe_files
from reader.library.files import find_bundled_folder
from reader.library.story import Story
from reader.reading.progress import ReadStatus
from reader.session.shelf.end_card import Suggester, summarize_reading
from reader.session.shelf.entries import ShelfEntry, sort_entries
from reader.session.shelf.order import ReadingOrder
from reader.text.document import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def suggest(story: ShelfEntry, *others: ShelfEntry) -> list[tuple[str, str]]:
    """Return titles and reasons of the suggestions after `story`, all on one shelf."""
    shelf = sort_entries([story, *others])
    order = ReadingOrder(story.story.path, [one.story for one in shelf])
    chosen = Suggester(shelf).suggest(story.story, order)
    return [(one.entry.story.title, one.reason) for one in chosen]


HERE = make_entry("here", author="Ann", tags="sea night", words=1000, series="Tides", part=1)


def test_the_next_part_comes_first_then_a_started_story_then_a_tag() -> None:
    others = (
        make_entry("author", author="Ann"),
        make_entry("tag", tags="night"),
        make_entry("begun", ReadStatus.READING),
        make_entry("part 2", series="Tides", part=2),
    )
    assert suggest(HERE, *others) == [
        ("part 2", "next in Tides"), ("begun", "continue"), ("tag", "same tag: night"),
    ]  # fmt: skip


def test_author_length_and_date_are_the_last_reasons() -> None:
    others = (
        make_entry("new", year=2020),
        make_entry("old", year=1990),
        make_entry("author", author="Ann", year=1980),
        make_entry("long", words=1250, year=1970),
    )
    assert suggest(HERE, *others) == [
        ("author", "by the same author"), ("long", "about as long"), ("old", "unread"),
    ]  # fmt: skip


def test_a_reason_suggests_another_story_if_its_first_is_taken() -> None:
    both, other = (
        make_entry("both", ReadStatus.READING, tags="sea"),
        make_entry("other", tags="sea"),
    )
    assert suggest(HERE, both, other) == [("both", "continue"), ("other", "same tag: sea")]


def test_the_story_read_last_is_continued_first() -> None:
    started = [make_entry(f"{n}", ReadStatus.READING, last_read=n) for n in (3, 5, 4, 2)]
    assert [title for title, _ in suggest(HERE, *started)] == ["5", "4", "3"]


def test_more_tags_in_common_come_before_fewer() -> None:
    one, two = make_entry("one", tags="night"), make_entry("two", tags="night sea wind")
    assert suggest(HERE, one, two)[0] == ("two", "same tag: sea")


@pytest.mark.parametrize(("words", "title"), [(750, "x"), (1250, "x"), (749, None), (1251, None)])
def test_about_as_long_is_within_a_quarter(words: int, title: str | None) -> None:
    reasons = dict(suggest(HERE, make_entry("x", words=words)))
    assert (title in reasons and reasons["x"] == "about as long") is (title is not None)


def test_finished_and_unreadable_stories_are_not_suggested() -> None:
    finished = make_entry("done", ReadStatus.FINISHED, author="Ann", tags="sea", words=1000)
    bad = ShelfEntry(
        Story("bad", "bad.md", "bad", is_persistent=False, is_readable=False),
        ReadStatus.UNREAD,
        0,
        0,
        0,
    )
    assert suggest(HERE, finished, bad) == []


def test_a_finished_part_is_skipped() -> None:
    two = make_entry("part 2", ReadStatus.FINISHED, series="Tides", part=2)
    three = make_entry("part 3", series="Tides", part=3)
    assert suggest(HERE, two, three) == [("part 3", "next in Tides")]


def test_the_previous_part_is_not_the_next_one() -> None:
    two = make_entry("part 2", series="Tides", part=2, tags="sea")
    one = make_entry("part 1", series="Tides", part=1, tags="sea")
    assert suggest(two, one) == [("part 1", "same tag: sea")]


def test_one_story_alone_is_the_oldest_unread() -> None:
    others = [make_entry(name, year=year) for name, year in (("b", 2001), ("a", 1999), ("c", 0))]
    assert suggest(HERE, *others) == [("a", "the oldest unread"), ("b", "unread"), ("c", "unread")]


@pytest.mark.parametrize("is_alone", [False, True])
def test_the_story_that_follows_in_the_folder_comes_first(
    is_alone: bool, write: Callable[[str, str], Path]
) -> None:
    for number in (1, 2, 3, 10):
        path = write(f"chapter{number}.md", f"# Chapter {number}\n\nWords.")
    if is_alone:
        reader = Reader(find_bundled_folder())
        story = reader.session.open_file(path.with_name("chapter2.md"))
        files = reader.session.scanning.scan_neighbours(story.story)
        assert [file.path.stem for file in files] == ["chapter1", "chapter10", "chapter3"]
        reader.session.add_stories(list(describe_files(files)))
        reader.session.enter(story)
    else:
        reader = Reader(path.parent)
        reader.open("Chapter 2")
    reader.session.set_order([entry.story for entry in reader.session.list_entries()])
    card = reader.session.make_end_card(reader.open_story)
    first = card.suggestions[0]
    assert (first.entry.story.title, first.reason) == ("Chapter 3", "next in stories")
    assert reader.session.find_neighbour(1) == first.entry.story


def test_another_series_starts_at_its_first_unfinished_part() -> None:
    parts = [make_entry(f"lake {n}", tags="sea", series="Lakes", part=n) for n in (3, 2, 4)]
    finished = make_entry("lake 1", ReadStatus.FINISHED, tags="sea", series="Lakes", part=1)
    assert suggest(HERE, finished, *parts) == [("lake 2", "same tag: sea")]


def test_a_started_later_part_is_suggested() -> None:
    one = make_entry("lake 1", series="Lakes", part=1)
    two = make_entry("lake 2", ReadStatus.READING, series="Lakes", part=2)
    assert suggest(HERE, one, two)[0] == ("lake 2", "continue")


def test_a_story_that_is_not_on_the_shelf_has_suggestions() -> None:
    piped = Story("", "standard input", "Piped", is_persistent=False)
    shelf = [make_entry("a", year=2000)]
    order = ReadingOrder(piped.path, [one.story for one in shelf])
    chosen = Suggester(shelf).suggest(piped, order)
    assert [(one.entry.story.title, one.reason) for one in chosen] == [("a", "the oldest unread")]


@pytest.fixture
def reader(write: Callable[[str, str], Path]) -> Reader:
    reader = Reader(write("one.md", f"# One\n\n{make_text(100)}").parent)
    reader.open("One")
    return reader


def summarize(reader: Reader) -> tuple[str, bool]:
    open_story = reader.open_story
    open_story.parse_all()
    return summarize_reading(open_story, reader.session.get_entry(open_story.story))


def test_the_summary_of_an_unread_story_is_its_length(reader: Reader) -> None:
    assert summarize(reader) == ("Not read yet: about 8 min", False)


def test_a_minute_of_words_is_not_under_a_minute(reader: Reader) -> None:
    entry = reader.session.get_entry(reader.open_story.story)
    times = [
        summarize_reading(reader.open_story, entry._replace(words_left=words))[0]
        for words in (entry.pace - 1, entry.pace)
    ]
    assert times == ["Not read yet: under a minute", "Not read yet: about 1 min"]


def test_the_summary_of_a_started_story_is_the_time_left(reader: Reader) -> None:
    reader.wait(60)
    assert summarize(reader) == ("Not read yet: about 7 min", False)


def test_the_summary_of_a_finished_story_is_its_length(reader: Reader) -> None:
    summarize(reader)  # all of it is parsed
    reader.read(SCREENFUL)
    assert summarize(reader) == ("Finished · 8 min", False)


def test_skipped_parts_are_counted_and_measured(reader: Reader) -> None:
    summarize(reader)
    for first in (0, 30, 80):
        reader.go_to(first)
        reader.wait(60)
    assert summarize(reader) == ("2 parts skipped: about 5 min", True)


def test_one_short_skipped_part_is_under_a_minute(reader: Reader) -> None:
    summarize(reader)
    for first in (0, 15):
        reader.go_to(first)
        reader.wait(60)
    assert summarize(reader) == ("1 part skipped: under a minute", True)
    assert reader.open_story.find_skipped() == ((Place(10), Place(15)),)
