"""The filter of the shelf, without a screen."""

from __future__ import annotations

from datetime import date

import pytest

from reader.errors import BadQuery
from reader.finding.completion import list_completions, list_tag_completions
from reader.finding.shelf_filter import check_filter, parse_filter
from reader.library.story import Story
from reader.reading.progress import ReadStatus
from reader.session.shelf.entries import make_entry
from reader.session.shelf.sections import ShelfSection
from reader.store.repository import StoryState

ROWS = (
    ("Walden Pond", "Henry Thoreau", ("woods", "house work"), 1854),
    ("The Catalog", "Charles Lamb", ("work",), 2021),
    ("A Cat's Life", "Mary Lamb", ("house",), 2021),
)
STORIES = [
    Story(
        str(number),
        f"/essays/{number}.md",
        title,
        author=author,
        tags=tags,
        folder="essays",
        published=date(year, 1, 1),
        words=500,
    )
    for number, (title, author, tags, year) in enumerate(ROWS)
]
SECTIONS = [
    ShelfSection("One", [make_entry(STORIES[0], StoryState())], is_folded=True),
    ShelfSection("Two", [make_entry(story, StoryState()) for story in STORIES[1:]]),
]


def find(text: str) -> list[str]:
    shelf_filter = parse_filter(text)
    assert shelf_filter is not None
    left = shelf_filter.apply(SECTIONS).sections
    return [entry.story.title.split()[1] for each in left for entry in each.entries]


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("p", ["Pond"]),
        ("wal pon", ["Pond"]),
        ("cat", ["Catalog", "Cat's"]),
        ('"cat"', ["Cat's"]),
        ("lamb -cat", ["Catalog"]),
        ("lamb tag:wo", ["Catalog"]),
        ("in:essays year:2021 is:unr", ["Catalog", "Cat's"]),
        ("<10m author:henry", ["Pond"]),
        ("waldne", ["Pond"]),
        ("wladen pnod", ["Pond"]),
        ("ponds", ["Pond"]),
        ("ponder", []),
        ("pand", ["Pond"]),
        ("pnd", []),
        ("catelog year:2021", ["Catalog"]),
        ("catelog year:1854", []),
        ("zz", []),
    ],
)
def test_the_stories_that_meet_what_is_typed_are_left(typed: str, titles: list[str]) -> None:
    assert find(typed) == titles


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("title:猫", True),
        ("author:漱", True),
        ("title:犬", False),
        ("tag:#日本", True),
        ("tag:日", True),
        ('"sea trip"', True),
        ("trip notes", True),
        ("essays", False),
        ("tri -notes", False),
    ],
)
def test_parts_of_japanese_and_the_names_of_folders_inside_are_found(
    typed: str, is_found: bool
) -> None:
    path = "/home/essays/Sea Trip/notes/a.md"
    story = Story("a", path, "吾輩は猫である", author="夏目漱石", tags=("日本",), folder="books")
    shelf_filter = parse_filter(typed)
    assert shelf_filter is not None
    sections = [ShelfSection("One", [make_entry(story, StoryState())])]
    roots = ["/home/essays", "/home/ess"]
    assert bool(shelf_filter._replace(roots=roots).apply(sections).sections) is is_found


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("🎸", True),
        ("❤", True),
        ("❤\ufe0f is:unread", True),
        ("songs 🎸", True),
        ("songs ❤ & …", True),
        ("-🎸", False),
        ("🎺", False),
        ("songs 🎺", False),
        ("title:🎺", False),
        ("title:🎸", True),
        ("?", True),
        ("…", True),
        ("- ", True),
        ("!", False),
        (";", False),
        ("📚", True),
    ],
)
def test_emoji_and_punctuation_are_found_in_titles_and_tags(typed: str, is_found: bool) -> None:
    title = "Songs — 🎸, ❤\ufe0f... why?"
    story = Story("1", "/a/1.md", title, deck="Many; words!", tags=("📚",), words=9)
    shelf_filter = parse_filter(typed)
    assert shelf_filter is not None
    sections = [ShelfSection("One", [make_entry(story, StoryState())])]
    assert bool(shelf_filter.apply(sections).sections) is is_found


@pytest.mark.parametrize(
    "typed", ["", " ", "-", "<=", "#", '"', "is:", "tag:", "is:unr", "year:20", "<1"]
)
def test_what_says_nothing_yet_filters_nothing(typed: str) -> None:
    assert parse_filter(typed) is None


@pytest.mark.parametrize("typed", ["is:foo", "foo:a", "has:s", "year:x", "<5d", "is:foo cat"])
def test_what_cant_become_right_is_wrong_while_it_is_typed(typed: str) -> None:
    with pytest.raises(BadQuery):
        parse_filter(typed)


@pytest.mark.parametrize("typed", ["is:unr", "tag:", "<1", "<", "-", '"the cat'])
def test_what_is_incomplete_is_wrong_at_the_end(typed: str) -> None:
    with pytest.raises(BadQuery):
        check_filter(typed)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("cat t", ["cat tag:", "cat title:"]),
        ("-I", ["-in:", "-is:"]),
        ("is:r", ["is:reading"]),
        ("tag:", ['tag:"house work"', "tag:house", "tag:woods", "tag:work"]),
        ('tag:"house w', ['tag:"house work"']),
        ("a author:CHA", ['a author:"Charles Lamb"']),
        ("year:2", ["year:2021"]),
        ("TAG:WO", ["tag:woods", "tag:work"]),
        ("foo:a", []),
        ("zz", []),
    ],
)
def test_tab_completes_the_last_word(typed: str, completed: list[str]) -> None:
    assert sorted(list_completions(typed, STORIES)) == sorted(completed)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("", ["house", "To-do", "woods", "work"]),
        ("#wo", ["woods", "work"]),
        ("work, w", ["work, woods"]),
        ("work t", ["work To-do"]),
        ("zz", []),
    ],
)
def test_tab_completes_the_last_tag(typed: str, completed: list[str]) -> None:
    assert list_tag_completions(typed, STORIES, ["To-do"]) == completed


def test_tab_completes_a_query_with_the_tags_of_the_reader() -> None:
    assert list_completions("tag:t", STORIES, ["to-do"]) == ["tag:to-do"]


def test_a_finished_story_takes_the_time_of_all_of_it() -> None:
    story = Story("1", "/a/1.md", "Long", words=2_650)
    entry = make_entry(story, StoryState(ReadStatus.FINISHED))
    sections = [ShelfSection("Finished", [entry])]
    found = [
        bool(shelf_filter.apply(sections).sections)
        for typed in (">5m", "<5m")
        if (shelf_filter := parse_filter(typed)) is not None
    ]
    assert (entry.minutes_left, found) == (0, [True, False])
