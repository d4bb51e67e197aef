"""The reading order: the parts of a series, then the rest of the shelf."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.library.story import Story
from reader.session.shelf.order import ReadingOrder


def make_story(name: str, series: str = "", part: int = 0) -> Story:
    return Story(name, f"{name}.md", name, series=series, part=part)


SHELF = [
    make_story("alpha"),
    make_story("tide 3", "Tides", 3),
    make_story("bravo"),
    make_story("tide 1", "Tides", 1),
    make_story("tide 2", "Tides", 2),
    make_story("charlie"),
    make_story("lone", "Loners", 1),
]


def list_neighbours(name: str, direction: int) -> list[str]:
    """Return the titles from the story of that name on, to the list's end."""
    order = ReadingOrder(Path(f"{name}.md"), SHELF)
    titles: list[str] = []
    while (neighbour := order.find_neighbour(direction * (len(titles) + 1))) is not None:
        titles.append(neighbour.title)
    return titles


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("alpha", ["tide 3", "bravo", "tide 1", "tide 2", "charlie", "lone"]),
        ("tide 1", ["tide 2", "tide 3", "charlie", "lone"]),
        ("tide 3", ["bravo", "charlie", "lone"]),
        ("lone", []),
        ("nowhere", [story.title for story in SHELF]),
    ],
)
def test_the_next_parts_come_before_the_rest_of_the_shelf(name: str, titles: list[str]) -> None:
    assert list_neighbours(name, 1) == titles


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("alpha", []),
        ("bravo", ["tide 3", "alpha"]),
        ("tide 3", ["tide 2", "tide 1", "alpha"]),
        ("tide 1", ["bravo", "alpha"]),
        ("lone", ["charlie", "tide 2", "tide 1", "bravo", "tide 3", "alpha"]),
        ("nowhere", []),
    ],
)
def test_previous_parts_come_before_the_previous_stories_of_the_shelf(
    name: str, titles: list[str]
) -> None:
    assert list_neighbours(name, -1) == titles


def test_zero_steps_find_no_story() -> None:
    assert ReadingOrder(Path("alpha.md"), SHELF).find_neighbour(0) is None


def test_parts_without_a_number_come_last() -> None:
    shelf = [make_story("coda", "S"), make_story("one", "S", 1), make_story("two", "S", 2)]
    assert [other.title for other in ReadingOrder(Path("one.md"), shelf).following] == [
        "two",
        "coda",
    ]


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        ("tide 1", SHELF[4], "Tides, part 2: tide 2"),
        ("tide 2", SHELF[5], "On the shelf: charlie"),
        ("alpha", SHELF[1], "On the shelf: tide 3"),
        ("a", make_story("b"), "On the shelf: b"),
    ],
)
def test_the_notice_names_the_list_and_the_story(here: str, there: Story, words: str) -> None:
    assert ReadingOrder(Path(f"{here}.md"), SHELF).format_destination(there, there.title) == words


def test_the_notice_of_a_part_without_a_number_names_its_series() -> None:
    shelf = [make_story("one", "S", 1), make_story("coda", "S")]
    assert ReadingOrder(Path("one.md"), shelf).format_destination(shelf[1], "coda") == "S: coda"
