"""The kept order of a shelf: a part that is made from it is what a list of all stories has there.

READER_ORDERS is the number of random shelves that are tried.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from reader.config import SORTS
from reader.errors import UnknownStory
from reader.library.catalog import Catalog
from reader.library.known_files import KnownFiles
from reader.library.order import StorySorter
from reader.library.scan import Folder
from reader.library.story import Story
from reader.reading.progress import ReadStatus
from reader.session.shelf.entries import ShelfEntry, ShelfView, find_facts, make_entry
from reader.session.shelf.kept_order import (
    KeptOrder,
    OrderRow,
    make_order_key,
    open_order,
    save_order,
)
from reader.session.shelf.order_job import OrderJob
from reader.session.shelf.part import KeptShelf
from reader.session.shelf.rows import find_named
from reader.session.shelf.sections import ShelfSection, make_sections
from reader.store.repository import StoryState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


ORDERS: Final = int(os.environ.get("READER_ORDERS", "60"))
TODAY: Final = date(2024, 1, 1)


class Shelf(NamedTuple):
    """Stories in the order of their catalog, and what was read of them."""

    stories: list[Story]
    states: dict[str, StoryState]
    view: ShelfView
    others: list[ShelfEntry]
    """Stories that are read from other folders."""


def make_shelf(chance: Random) -> Shelf:
    """Return a random shelf, with all that its order may depend on."""
    tops = [Path("/notes"), Path("/books"), Path("/notes/inner")][: chance.randint(1, 3)]
    own_sort = chance.choice(["", "", "", "title", "newest", "suggested"])
    folders = tuple(Folder(path, name="", sort=own_sort) for path in tops)
    below = ["", "", "a", "b", "b/c", "d/e/f", "g\tg", "g g"]
    stories = [
        Story(
            f"id{number}",
            str(chance.choice(tops) / chance.choice(below) / f"{chance.choice('xyz')}{number}.md"),
            chance.choice(["The Sea", "Sea", "Land", f"Title {number}"]),
            author=chance.choice(["Ann", "Ann", "Bo"] if number % 3 else ["Ann"]),
            folder="scanned",
            words=chance.randint(0, 6) * 100,
            published=date(2020, 1, chance.randint(1, 28)) if chance.random() < 0.7 else None,
            is_draft=number > 0 and chance.random() < 0.1,
        )
        for number in range(chance.choice([1, 3, 8, 40]))
    ]
    order = StorySorter().sort({s.location: s for s in stories}, set(), tops, TODAY)
    serials = [*range(1, len(order) + 3)]
    chance.shuffle(serials)
    states = {
        story.id: StoryState(
            chance.choice([*ReadStatus]),
            None,
            ((0, chance.randint(0, 300)),),
            word_count=chance.randint(0, 300),
            last_read=serials.pop(),
        )
        for story in order
        if chance.random() < 0.4
    }
    sort = chance.choice(["suggested", *SORTS])
    others = []
    if sort == "suggested" and chance.random() < 0.3:
        other = Story("other", "/else/where.md", "Sea", author="Cy", folder="else")
        states["other"] = StoryState(ReadStatus.READING, None, last_read=serials.pop())
        others = [make_entry(other, states["other"])]
    inside = sorted({str(Path(story.location).parent) for story in stories})
    chosen = chance.sample(inside, chance.randint(0, len(inside)))
    sorts = {path: chance.choice(SORTS) for path in chosen if chance.random() < 0.5}
    view = ShelfView(sort, folders=folders, sorts=sorts, shows_drafts=chance.random() < 0.5)
    names = [
        part.name for part in make_sections(list_entries(Shelf(order, states, view, [])), view)
    ]
    folded = frozenset(chance.sample(names, chance.randint(0, len(names)) // 2))
    return Shelf(order, states, view._replace(folded=folded), others)


def list_entries(shelf: Shelf) -> list[ShelfEntry]:
    """Return the entries of all stories, in the order of the catalog."""
    shown = [story for story in shelf.stories if shelf.view.shows(story)]
    return [
        *(make_entry(story, shelf.states.get(story.id, StoryState())) for story in shown),
        *shelf.others,
    ]


def keep(shelf: Shelf, path: Path) -> KeptOrder:
    """Keep the order of a shelf, and open it again."""
    shown = [story for story in shelf.stories if shelf.view.shows(story)]
    hidden = [story for story in shelf.stories if not shelf.view.shows(story)]
    job = OrderJob(path, "key", shelf.view, shelf.stories, KnownFiles(), "device", 7, None)
    save_order(path, job.arrange(shown, {}, 0, len(shown), hidden))
    order = open_order(path, "key")
    assert order is not None
    return order


NAMES: Final = (
    "sea",
    "The Sea",
    "THE  sea",
    "land",
    "Title 7",
    "title",
    "e s",
    "S\u00e9a",
    "id3",
    "",
    "--",
    "other",
    "nothing",
)


@pytest.mark.parametrize("seed", range(ORDERS // 4))
def test_a_story_that_a_kept_order_finds_by_a_name_is_the_one_of_all_stories(
    seed: int, tmp_path: Path
) -> None:
    shelf = make_shelf(Random(seed))  # noqa: S311  no secret
    stories = [
        replace(s, title=f"{s.title} \u2013 caf\u00e9" if n % 5 == 4 else s.title)
        for n, s in enumerate(shelf.stories)
    ]
    order = keep(shelf._replace(stories=stories), tmp_path / "shelf.db")
    by_id = {story.id: story for story in stories}
    others = [entry.story for entry in shelf.others]

    def load_rows(rows: Sequence[OrderRow]) -> dict[int, Story]:
        return {row.rank: by_id[row.id] for row in rows}

    catalog = Catalog([*stories, *others])
    for name in (*NAMES, "sea \u2014 cafe", "Caf\u00c9"):
        found = find_named(order, name, name, others, load_rows)
        expected, problem = None, ""
        try:
            expected = catalog.find_story(name)
        except UnknownStory as error:
            problem = str(error)
        if expected is None:
            assert found == (None if problem.startswith("several") else [])
        else:
            assert found == [expected] or (found is None and not shelf.view.shows(expected))
    order.close()


def iter_items(sections: Sequence[ShelfSection]) -> Iterator[tuple[str, int, str, str, str]]:
    """Yield what the cursor can be on: the section, its size, and the story if it isn't folded.

    After them come the folder of the section and its order.
    """
    for section in sections:
        for entry in [None] if section.is_folded else section.entries:
            story_id = entry.story.id if entry is not None else ""
            yield section.name, section.size, story_id, section.folder, section.sort


@pytest.mark.parametrize("seed", range(ORDERS))
def test_a_part_of_a_kept_order_is_a_part_of_the_list_of_all_stories(
    seed: int, tmp_path: Path
) -> None:
    chance = Random(seed)  # noqa: S311  no secret
    shelf = make_shelf(chance)
    order = keep(shelf, tmp_path / "shelf.db")
    entries = list_entries(shelf)
    by_id = {entry.story.id: entry for entry in entries}
    kept = KeptShelf(order, shelf.view, shelf.states, shelf.others)

    def make_entries(rows: Sequence[OrderRow]) -> dict[int, ShelfEntry]:
        assert [order.get_path(row) for row in rows] == [by_id[row.id].story.path for row in rows]
        return {row.rank: by_id[row.id] for row in rows}

    sections = make_sections(entries, shelf.view)
    items = [*iter_items(sections)]
    facts = find_facts(entry.story for entry in entries)
    for entry in (None, *chance.sample(entries, min(3, len(entries)))):
        most = chance.choice([1, 2, 5, 100])
        row = order.find_file(entry.story.path) if entry is not None else None
        try:
            part = kept.read(row, most, make_entries)
        except ValueError as error:  # then all stories are listed
            if not str(error).startswith("the order has no places for"):
                raise
            break
        found = [*iter_items(part.sections)]
        at = next((n for n, item in enumerate(items) if row and item[2] == row.id), 0)
        start = max(0, at - most) if at > 2 * most else 0
        if row is not None and at == 0:  # it is the first one, or in a folded section
            assert any(items[n : n + len(found)] == found for n in range(len(items)))
        else:
            assert found == items[start : at + most]
        assert part.facts.shows_authors == facts.shows_authors
        for file in (e.story.location for section in part.sections for e in section.entries):
            assert part.facts.path_lengths.get(file) == facts.path_lengths.get(file)
        assert sum(part.counts) == len(entries)
    order.close()


def test_an_order_is_made_anew_once_other_files_are_wanted_of_a_folder() -> None:
    views = [
        ShelfView(folders=(Folder(Path("/a"), globs=globs),)) for globs in ((), ("a*",), ("b*",))
    ]
    assert len({make_order_key(view, TODAY) for view in views}) == 3
