"""A story is printed while it is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reader.config import Config
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.render.story_frame import EMPTY_END_CARD, PlainMarks
from reader.render.story_stream import PageFormat, stream_story
from reader.session.session import Session
from reader.store.repository import Store
from reader.text.document import Place

if TYPE_CHECKING:
    from reader.session.open_story import OpenStory

STYLE = Config().paragraph_style
PAGE = PageFormat(40, 40, STYLE, PlainMarks(has_links=False))
LONG_TEXTS = {
    "list": "- an item of the list\n" * 4_000,
    "numbered list": "1. an item of the list\n" * 4_000,
    "paragraphs": "Some words.\n\n" * 8_000,
}


def open_text(text: str) -> OpenStory:
    session = Session(Catalog(), Store.open_in_memory(), Index.open(None), TextCache(None))
    return session.open_text(text.encode())


def print_story(text: str, page: PageFormat = PAGE, start: Place | None = None) -> list[str]:
    return list(stream_story(open_text(text), page, lambda _: EMPTY_END_CARD, start))


@pytest.mark.parametrize("name", LONG_TEXTS)
def test_the_first_lines_are_printed_before_the_text_is_parsed(name: str) -> None:
    story = open_text(LONG_TEXTS[name])
    lines = stream_story(story, PAGE, lambda _: EMPTY_END_CARD)
    first = [next(lines) for _ in range(10)]
    assert "tem" in first[-1] or "word" in "".join(first)
    assert story.document.characters < 60_000


def test_title_and_minutes_are_printed_before_a_large_block_is_parsed() -> None:
    rows = "| two | words |\n" * 20_000
    story = open_text(f"# Title\n\n| a | b |\n|---|---|\n{rows}")
    lines = stream_story(story, PAGE, lambda _: EMPTY_END_CARD)
    assert [next(lines).strip() for _ in range(3)] == ["Title", "", "about 151 min"]
    assert not story.document.blocks


def test_the_minutes_of_a_long_text_are_an_estimate() -> None:
    lines = print_story("Ten words are in each one of these short paragraphs.\n\n" * 2_000)
    assert [line.strip() for line in lines if " min" in line] == ["about 75 min"]


def test_the_minutes_of_a_short_text_are_exact() -> None:
    lines = print_story("Ten words are in each one of these short paragraphs.\n\n" * 20)
    assert [line.strip() for line in lines if " min" in line] == ["1 min"]


def test_a_text_printed_from_a_place_has_all_that_follows() -> None:
    text = "".join(f"Paragraph {n}.\n\n" for n in range(3_000))
    lines = print_story(text, start=Place(2_000))
    assert (lines[0], lines[-3]) == ("Paragraph 2000.", "Paragraph 2999.")


def test_a_table_that_is_read_in_two_slices_has_the_same_columns() -> None:
    rows = ["| a | b |", "|---|---|", "| ~~100~~ | 80 |", *["| 1 | 2 |"] * 140]
    story = open_text("Text.\n\n" + "\n".join(rows))
    blocks = [*story.document.blocks]
    document = type(story.document)()
    document.extend(blocks[:2])  # as slices of the text cache may end
    story.document = document
    more = iter([blocks[2:]])

    def parse_more() -> bool:
        for piece in more:
            document.extend(piece)
            document.finish(())
            return True
        return False

    story.parse_more = parse_more  # type: ignore[method-assign] # the rest comes as from the cache
    lines = list(stream_story(story, PAGE, lambda _: EMPTY_END_CARD))
    assert {line.index("2") for line in lines if line.endswith("2")} == {9}
