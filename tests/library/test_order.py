"""The order of stories: numbered folders by name, else the newest first, then by title."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest

from reader.library.catalog import Catalog
from reader.library.order import StorySorter
from reader.library.order.keys import is_numbered, make_name_key, make_natural_key, make_title_key
from reader.library.story import Story

ROOT = Path("/lib")


def list_names(*names: str) -> list[str]:
    """Return the names in the order of a library; `name=2021` is a file with a date.

    The stories' titles are their names backwards, so that no order follows from the titles.
    """
    catalog = Catalog()
    catalog.folders.append(ROOT)
    for name in names:
        path, _, year = name.partition("=")
        published = date(int(year), 1, 1) if year else None
        story = Story(path, f"{ROOT}/{path}.md", path[::-1], published=published)
        catalog.add(story)
        assert len(catalog.list_stories()) == len(catalog)  # sorted again after each
    return [story.id for story in catalog.list_stories()]


@pytest.mark.parametrize(
    "names",
    [
        ["01-intro", "02-body", "10-end"],
        ["Note 2", "Note 10", "Note 100"],
        ["chapter2", "chapter10"],
        ["Chapter 2 - The Inn", "Chapter 10 - A Road"],
        ["index", "1", "2", "10"],
        ["1=2001", "2=1999", "3=2005"],
        ["1.2", "1.10", "2.1"],
        ["001", "2", "03"],
        ["第2章", "第10章"],
        ["２", "１０"],
        ["1-intro/b", "2-more/a"],
        ["1/1", "1/2", "1/10", "2/1", "10/1"],
        ["part 1/c=2005", "part 1/b=2001", "part 1/a", "part 2/z=2010"],
        ["Book/1", "Book/2", "Other/1", "Other/2"],
        ["new=2020", "Book/1=2010", "Book/2", "old=2001", "undated"],
        ["1", "2", "3", "appendix"],
        ["9" * 5000 + "1", "9" * 5000 + "2"],
        ["i", "ii", "iv", "v", "ix", "x"],
        ["II - Two", "IV. Four", "V) Five", "IX_Nine"],
        ["chapter-ii", "chapter-iv", "chapter-ix", "chapter-xl"],
    ],
    ids=lambda names: names[-1][:12],
)
def test_numbered_folders_are_in_the_order_of_their_numbers(names: list[str]) -> None:
    assert list_names(*reversed(names)) == [name.partition("=")[0] for name in names]


@pytest.mark.parametrize(
    "names",
    [
        ["b=2005", "a=2001", "y", "az"],
        ["2021-06-12-new=2021", "2021-06-01-old=2020", "2019-01-01-older=2019"],
        ["Report 2003=2003", "Report 2001=2001"],
        ["2019/b=2019", "2018/a=2018"],
        ["1=2001", "a=2000", "b=1999"],
    ],
    ids=lambda names: names[0],
)
def test_other_folders_have_the_newest_story_first(names: list[str]) -> None:
    assert list_names(*reversed(names)) == [name.partition("=")[0] for name in names]


def test_titles_are_sorted_by_number_and_without_case() -> None:
    titles = ["An apple", "Note 2", "note 10", "zoo"]
    stories = [Story(t, f"{ROOT}/{t[::-1]}.md", t) for t in reversed(titles)]
    assert [story.title for story in Catalog(stories).list_stories()] == titles


def sort_titles(*titles: str, language: str = "") -> list[str]:
    return sorted(titles, key=lambda title: make_title_key(title, language))


def test_digits_of_other_scripts_are_numbers() -> None:
    names = ["10", "5", "\u0661\u0661", "\u0660\u0669", "\u0663"]  # 11, 09 and 3 in Arabic
    assert sorted(names, key=make_natural_key) == [names[n] for n in (4, 1, 3, 0, 2)]


def test_accents_and_what_stands_before_the_first_word_do_not_count_in_a_title() -> None:
    titles = ["¿Ah?", "Ähre", "[Bracket]", "“The Cat”", "#Dog", "Élan", "Fog", "Łódź", "…M", "Zoo"]
    assert sort_titles(*reversed(titles)) == titles
    assert sort_titles("?", "!", "A", "The") == ["!", "?", "A", "The"]


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("", ["An Ant", "The Bee", "Der Cat"]),
        ("de", ["Der Apfel", "Bär", "Die Chronik", "The Dog"]),
        ("fr-CA", ["L’Âme", "Les Bêtes", "Chat", "Un Doigt"]),
        ("es", ["Los Amores", "Bueno", "La casa"]),
        ("xx", ["An", "B", "The"]),
    ],
)
def test_the_article_of_the_language_does_not_count(language: str, titles: list[str]) -> None:
    assert sort_titles(*reversed(titles), language=language) == titles


def test_roman_numerals_are_numbers_where_a_chapter_has_one() -> None:
    titles = ["II. Two", "IV: Four", "V - Five", "IX"]
    assert sort_titles(*reversed(titles)) == titles
    for word in ("Chapter", "Kapitel", "Livre"):
        chapters = [f"{word} {number}" for number in ("I", "IV", "V, The Inn", "IX", "XL", "XCIX")]
        assert sort_titles(*reversed(chapters)) == chapters
    words = ["D. H. Lawrence", "I Robot", "Mix", "Vivid", "X-Ray"]
    assert sort_titles(*reversed(words)) == words
    assert [is_numbered(name) for name in ("mix", "vivid", "chapter one", "iv")] == [False] * 3 + [
        True
    ]
    assert make_natural_key("Chapter civil") == "chapter civil"


def test_a_story_that_is_replaced_or_removed_leaves_the_order() -> None:
    catalog = Catalog(Story(str(n), f"{ROOT}/{n}.md", "T") for n in (1, 2, 10))
    catalog.list_stories()
    catalog.remove(ROOT / "2.md")
    catalog.add(Story("new", f"{ROOT}/10.md", "T"))
    assert [story.id for story in catalog.list_stories()] == ["1", "new"]
    catalog.remove(ROOT / "1.md")
    catalog.add(Story("a", f"{ROOT}/a.md", "A", published=date(2001, 1, 1)))
    assert [story.id for story in catalog.list_stories()] == ["a", "new"]


@pytest.mark.parametrize("name", ["2021-06-12-title", "20210612", "2021", "Report 2021", "plain"])
def test_a_date_is_no_number(name: str) -> None:
    assert not is_numbered(name)


def test_the_key_of_a_name_is_computed_once() -> None:
    catalog = Catalog(Story(str(n), f"{ROOT}/{n}.md", f"Title {n}") for n in range(100))
    catalog.list_stories()
    before = make_name_key.cache_info().misses
    catalog.add(Story("new", f"{ROOT}/100.md", "Title 5"))
    assert catalog.list_stories()[-1].id == "new"
    assert make_name_key.cache_info().misses - before <= 1


def test_the_first_sorting_makes_one_key_for_each_name() -> None:
    catalog = Catalog(Story(str(n), f"{ROOT}/key {n}.md", f"Title {n}") for n in range(50))
    before = make_name_key.cache_info()
    catalog.list_stories()
    after = make_name_key.cache_info()
    assert after.hits + after.misses == before.hits + before.misses + 50


def test_changed_stories_come_where_a_sorting_of_all_would_put_them() -> None:
    chance, sorter, today = Random(3), StorySorter(), date(2026, 1, 1)  # noqa: S311  no secret
    stories: dict[str, Story] = {}
    for _ in range(40):
        changed = set()
        for _ in range(chance.choice((1, 2, 20))):
            folder = chance.choice(("", "a", "a/1", "b"))
            name = f"{chance.choice(('1', '2', 'x'))}{chance.choice('pqr')}.md"
            file = str(ROOT / folder / name)
            changed.add(file)
            if file in stories and chance.random() < 0.3:
                del stories[file]
            elif file in stories and chance.random() < 0.5:
                stories[file] = replace(stories[file], words=chance.randrange(9))
            else:
                day = date(2020, 1, chance.randrange(1, 9))
                stories[file] = Story(file, file, chance.choice("ST"), published=day)
        again = sorter.sort(dict(stories), changed, [ROOT], today)
        assert again == StorySorter().sort(stories, set(), [ROOT], today)


def test_no_story_is_left_in_the_order_if_all_are_removed_on_another_day() -> None:
    story, sorter = Story("a", f"{ROOT}/a.md", "A"), StorySorter()
    sorter.sort({story.location: story}, set(), [ROOT], date(2026, 1, 1))
    assert sorter.sort({}, {story.location}, [ROOT], date(2026, 1, 2)) == []
    assert sorter.sort({}, set(), [ROOT], date(2026, 1, 2)) == []
