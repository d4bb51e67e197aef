"""Suggestions are those of a plain walk through all stories, and visit a few of many."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from entries import make_entry

from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.order import StorySorter
from reader.library.text_cache import TextCache
from reader.reading.progress import ReadStatus
from reader.session.session import Session
from reader.session.shelf.end_card import Suggester
from reader.session.shelf.entries import ShelfEntry, sort_entries
from reader.session.shelf.order import ReadingOrder
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from reader.library.story import Story

SHELVES = 150
STATUSES = (ReadStatus.UNREAD, ReadStatus.UNREAD, ReadStatus.READING, ReadStatus.FINISHED)


def walk(story: Story, entries: Sequence[ShelfEntry], following: Sequence[Story]) -> Iterator[str]:
    """Yield the titles and reasons of all suggestions, by looking at all entries for each reason."""
    others = [e for e in entries if e.status is not ReadStatus.FINISHED and e.story.id != story.id]
    first: dict[str, int] = {}
    for entry in others:
        number = entry.story.part or 1_000_000
        first[entry.story.series] = min(number, first.get(entry.story.series, number))
    candidates = [
        entry
        for entry in others
        if entry.status is ReadStatus.READING
        or entry.story.series in ("", story.series)
        or (entry.story.part or 1_000_000) == first[entry.story.series]
    ]
    by_path = {entry.story.path: entry for entry in candidates}
    order = ReadingOrder(story.path, [entry.story for entry in entries])
    tags = set(story.tags)
    shared = [entry for entry in candidates if tags & set(entry.story.tags)]
    unread = [entry for entry in candidates if entry.status is ReadStatus.UNREAD]
    by_age = sorted(unread, key=lambda e: e.story.published.year if e.story.published else 9999)
    reasons: Sequence[Iterable[tuple[ShelfEntry, str]]] = [
        [
            (by_path[part.path], f"next in {story.series}")
            for part in order.following
            if story.series and part.series == story.series and part.path in by_path
        ],
        [(by_path[s.path], "next in ") for s in following if s.path in by_path],
        [
            (entry, "continue")
            for entry in sorted(candidates, key=lambda entry: -entry.last_read)
            if entry.status is ReadStatus.READING
        ],
        [
            (entry, f"same tag: {next(tag for tag in story.tags if tag in entry.story.tags)}")
            for entry in sorted(shared, key=lambda entry: -len(tags & set(entry.story.tags)))
        ],
        [(e, "by the same author") for e in candidates if e.story.author == story.author != ""],
        [
            (entry, "about as long")
            for entry in sorted(candidates, key=lambda e: abs(e.story.words - story.words))
            if entry.story.words and story.words * 0.75 <= entry.story.words <= story.words * 1.25
        ],
        [
            (entry, "unread" if n or entry.story.published is None else "the oldest unread")
            for n, entry in enumerate(by_age)
        ],
    ]
    chosen: set[str] = set()
    left = [iter(reason) for reason in reasons] * 3
    for reason in left:
        one = next((each for each in reason if each[0].story.id not in chosen), None)
        if one is not None and len(chosen) < 3:
            chosen.add(one[0].story.id)
            yield f"{one[0].story.title}: {one[1]}"


def make_any_entry(chance: Random, number: int) -> ShelfEntry:
    return make_entry(
        str(number),
        chance.choice(STATUSES),
        author=chance.choice(("", "", "Ann", "Bert")),
        tags=" ".join(chance.sample(("sea", "night", "wind", "home"), chance.randint(0, 4))),
        words=chance.choice((0, 75, 80, 99, 100, 101, 120, 125, 126, 400)),
        year=chance.choice((0, 1990, 1991, 2000, 2001)),
        series=chance.choice(("", "", "Tides", "Lakes")),
        part=chance.randint(0, 5),
        last_read=chance.randint(0, 9),
    )


def suggest(suggester: Suggester, entries: Sequence[ShelfEntry], story: Story,
            following: Sequence[Story] = ()) -> list[str]:  # fmt: skip
    shelf = [entry.story for entry in entries]
    index = next((n for n, each in enumerate(shelf) if each.path == story.path), -1)
    order = ReadingOrder(story.path, shelf, index, suggester.list_parts)
    found = suggester.suggest(story, order, following)
    return [f"{one.entry.story.title}: {one.reason}" for one in found]


def test_suggestions_are_those_of_a_walk_also_after_statuses_have_changed() -> None:
    chance = Random(7)  # noqa: S311  no secret
    for _ in range(SHELVES):
        entries = sort_entries([make_any_entry(chance, n) for n in range(chance.randint(1, 30))])
        suggester = Suggester(entries)
        away = make_any_entry(chance, 99).story
        for _ in range(3):
            story = chance.choice([*entries, entries[0]._replace(story=away)]).story
            following = [chance.choice(entries).story for _ in range(chance.choice((0, 0, 3)))]
            expected = [*walk(story, entries, following)]
            assert suggest(suggester, entries, story, following) == expected
            index = chance.randrange(len(entries))
            status, last_read = chance.choice(STATUSES), chance.randint(0, 9)
            entries[index] = entries[index]._replace(status=status, last_read=last_read)
            suggester.update(index)


class CountedEntries(list[ShelfEntry]):
    """Entries that count how many of them were looked at."""

    looks = 0

    def __getitem__(self, index: int) -> ShelfEntry:  # type: ignore[override]  # no slices
        self.looks += 1
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[ShelfEntry]:
        self.looks += len(self)
        return super().__iter__()


def test_suggestions_look_at_few_entries_of_many() -> None:
    tags, author = ("home", "home sea", "sea wind"), ("Ann", "Bert")
    entries = CountedEntries(
        make_entry(str(n), author=author[n % 2], tags=tags[n % 3], words=100, year=1990 + n % 30)
        for n in range(2_000)
    )
    suggester = Suggester(entries)
    suggester.build()
    story = list.__getitem__(entries, 5).story
    order = ReadingOrder(story.path, [story], 0, suggester.list_parts)
    entries.looks = 0
    assert len(suggester.suggest(story, order)) == 3
    assert order.find_neighbour(1) is None
    assert entries.looks < 30


def test_only_the_next_stories_of_a_numbered_folder_are_looked_at() -> None:
    sorter = StorySorter()
    stories = [make_entry(f"notes/{n:04} note").story for n in range(1_000)]
    others = [make_entry(f"others/{letter}").story for letter in "abc"]
    by_file = {story.location: story for story in (*others, *stories)}
    order = sorter.sort(by_file, {*by_file}, [Path()], date(2020, 1, 1))
    assert order == [*stories, *others]
    following = sorter.iter_following(stories[500])
    assert [next(following), next(following)] == stories[501:503]
    assert [*following] == stories[503:]


def test_a_large_shelf_is_counted_without_looking_at_each_story() -> None:
    class Stories(Catalog):
        def list_all(self) -> Collection[Story]:
            raise AssertionError("all stories are looked at")

    catalog = Stories(make_entry(str(number)).story for number in range(400))
    session = Session(catalog, Store.open_in_memory(), Index.open(None), TextCache(None))
    assert session.shelf_list.count_shown().stories == 400
