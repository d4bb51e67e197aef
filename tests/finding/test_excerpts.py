"""The line of a text that shows the words of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reader.finding.excerpts import Excerpt, find_excerpt
from reader.finding.text_search import FoundStories
from reader.fulltext.query import parse_query
from reader.library.describing import describe_file
from reader.library.files import find_file
from reader.library.text_cache import TextCache

if TYPE_CHECKING:
    from pathlib import Path

    from reader.library.story import Story


def make_story(folder: Path, text: str) -> Story:
    path = folder / "a.md"
    path.write_text(text)
    file = find_file(path)
    assert file is not None
    return describe_file(file)


def find(folder: Path, typed: str, text: str, length: int = 40) -> Excerpt:
    words = parse_query(typed).list_words()
    return find_excerpt(make_story(folder, text), words, TextCache(None), length)


@pytest.mark.parametrize(
    ("typed", "text", "line", "marked"),
    [
        (
            "event loop",
            f"A loop here, {'and more ' * 20}then the event loop waits for {'words ' * 20}",
            "… then the event loop waits for words …",
            ["event", "loop"],
        ),
        ("loop", f"The loop is {'long ' * 20}", "The loop is long long long long long …", ["loop"]),
        (
            "one two",
            f"One is here {'and more ' * 20}and there is two {'and more ' * 20}",
            "One is here and more and more and more …",
            ["One"],
        ),
        ("end", f"{'words ' * 20}end", "… words words words words words words end", ["end"]),
    ],
)
def test_the_line_is_where_most_of_the_words_are_near_each_other(
    typed: str, text: str, line: str, marked: list[str], tmp_path: Path
) -> None:
    found = find(tmp_path, typed, text)
    assert found.text == line
    assert [found.text[start:end] for start, end in found.ranges] == marked


def test_every_place_of_the_words_in_the_line_is_marked(tmp_path: Path) -> None:
    found = find(tmp_path, "lamp sea", f"{'more ' * 20}sea, a lamp at sea {'more ' * 20}")
    assert found.text == "… more more sea, a lamp at sea more …"
    assert [found.text[start:end] for start, end in found.ranges] == ["sea", "lamp", "sea"]


def test_a_later_answer_keeps_the_lines_and_the_story_of_a_reader_who_moved(
    tmp_path: Path,
) -> None:
    stories = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        stories.append(make_story(tmp_path / name, f"{name} lamp"))
    before, later = FoundStories("lamp", (), stories[:2]), FoundStories("lamp", (), stories[::-1])
    before.excerpts[stories[0].path] = excerpt = Excerpt(text="one lamp")
    later.follow(before)
    assert (later.cursor, later.excerpts[stories[0].path]) == (0, excerpt)
    before.cursor = 1
    later.follow(before)
    assert later.stories[later.cursor] == stories[1]
