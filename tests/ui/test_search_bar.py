"""Searching long texts, footnotes, and text that is still being parsed."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, make_numbered_story, render_rows, wait_until, wait_until_idle
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.finding.document_search import CHUNK_CHARACTERS, Search
from reader.markdown.parser import parse
from reader.session.open_story import OpenStory
from reader.text.document import Document, Place
from reader.text.search import TypedQuery, find_matches
from reader.ui.widgets import search_bar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from reader.finding.document_search import Chunk
    from reader.session.open_story import ParsedSlice
    from reader.text.search import Find, Match, SearchResults

LONG = make_numbered_story(3_000)


@cache
def parse_long() -> Document:
    """Return a long document; parsed here, it would slow down every worker of pytest."""
    return parse(LONG)


def search_all(document: Document, words: str, place: Place) -> tuple[list[int], SearchResults]:
    """Return the first block of each chunk in the order of the search, and the results."""
    search = Search(document, TypedQuery(words), place)
    order = []
    while (chunk := search.next_chunk()) is not None:
        order.append(chunk.first_block)
        search.add_matches(list(find_matches(chunk.blocks, words, chunk.first_block)))
    search.add_matches(())
    return order, search.results


@settings(max_examples=30)
@given(st.integers(0, 2_999), st.sampled_from(["paragraph 1", "paragraph 17 ", "nowhere"]))
def test_a_search_in_chunks_finds_each_match_once(block: int, words: str) -> None:
    _, results = search_all(parse_long(), words, Place(block))
    assert results.matches == list(find_matches(parse_long().blocks, words))


def test_the_text_after_the_place_is_searched_first() -> None:
    order, _ = search_all(parse_long(), "x", Place(2_000))
    assert order[0] == 2_000
    assert order.index(0) == len([at for at in order if at >= 2_000])


def test_the_first_match_after_the_place_is_current() -> None:
    search = Search(parse_long(), TypedQuery("paragraph 2"), Place(2_100))
    chunk = search.next_chunk()
    assert chunk is not None
    assert search.add_matches(list(find_matches(chunk.blocks, "paragraph 2", chunk.first_block)))
    assert search.results.current_match == (Place(2_100), 11)


def test_matches_before_the_place_do_not_change_the_current_match() -> None:
    _, results = search_all(parse_long(), "paragraph 2", Place(2_100))
    assert str(results) == "212 of 1111"


def test_a_search_wraps_around_at_the_end() -> None:
    _, results = search_all(parse_long(), "graph 17 word", Place(2_100))
    assert str(results) == "1 of 1"


def test_the_count_of_an_incomplete_search_ends_in_an_ellipsis() -> None:
    search = Search(parse_long(), TypedQuery("paragraph 2"), Place(2_999))
    chunk = search.next_chunk()
    assert chunk is not None
    search.add_matches(list(find_matches(chunk.blocks, "paragraph 2", chunk.first_block)))
    assert str(search.results) == "1 …"


def test_a_chunk_has_a_limited_number_of_characters() -> None:
    search = Search(parse_long(), TypedQuery("x"), Place(1_000))
    while (chunk := search.next_chunk()) is not None:
        assert sum(len(block.text) for block in chunk.blocks) <= CHUNK_CHARACTERS + 200


def test_text_parsed_during_a_search_is_searched_too() -> None:
    parsed, document = parse("One word.\n\nTwo words.[^1]\n\n[^1]: A word below."), Document()
    document.extend(parsed.blocks[:1])
    search = Search(document, TypedQuery("word"), Place())
    matches: list[Match] = []
    for _ in range(3):
        chunk = search.next_chunk()
        assert chunk is not None
        matches += find_matches(chunk.blocks, "word", chunk.first_block)
    assert len(matches) == 1
    document.extend(parsed.blocks[1:])
    document.finish(parsed.footnotes)
    while (chunk := search.next_chunk()) is not None:
        matches += find_matches(chunk.blocks, "word", chunk.first_block)
    assert [match.start.block for match in matches] == [0, 1, 2]


@pytest.fixture
def story_with_footnote(write: Callable[[str, str], Path]) -> Path:
    """Return a story with a word that occurs only in a footnote."""
    return write(
        "noted.md", f"---\ntitle: Noted\n---\nText.[^1]\n\n{LONG[:20_000]}\n\n[^1]: Below."
    )


async def test_a_match_in_a_footnote_is_shown_below_the_text(story_with_footnote: Path) -> None:
    stage = Stage(story_with_footnote.parent, file=story_with_footnote)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"below", "enter")
        await wait_until_idle(pilot)
        page = stage.screen.page
        assert str(page.decorations.search_results) == "1 of 1"
        y = next(n for n, row in enumerate(render_rows(page)) if "Below." in row)
        segments = page.render_line(y)
        assert [s.text for s in segments if s.style and s.style.reverse] == ["Below"]
        assert page.place <= page.document.end


async def test_one_key_goes_back_from_a_match_in_a_footnote(story_with_footnote: Path) -> None:
    stage = Stage(story_with_footnote.parent, file=story_with_footnote)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("space")
        before = render_rows(stage.screen.page)
        await pilot.press("slash", *"below", "enter")
        await wait_until_idle(pilot)
        await pilot.press("ctrl+o", "escape")
        await pilot.pause()
        assert render_rows(stage.screen.page) == before


async def test_a_word_of_the_title_is_found_above_the_text(story_with_footnote: Path) -> None:
    stage = Stage(story_with_footnote.parent, file=story_with_footnote)
    async with stage.run(size=(80, 24)) as pilot:
        before = render_rows(stage.screen.page)
        title = stage.screen.page.viewport.head[0].text
        await pilot.press("G", "slash", *title.lower(), "enter")
        await wait_until_idle(pilot)
        assert str(stage.screen.page.decorations.search_results) == "1 of 1"
        assert render_rows(stage.screen.page) == before


@pytest.fixture
def long_story(write: Callable[[str, str], Path]) -> Path:
    return write("long.md", f"---\ntitle: Long\n---\n{make_numbered_story(1_500, 60)}")


async def wait_for_results(stage: Stage, pilot: Pilot[None]) -> SearchResults:
    """Wait until everything was looked through."""
    decorations = stage.screen.page.decorations

    def is_complete() -> bool:
        return decorations.search_results is not None and decorations.search_results.is_complete

    await wait_until(pilot, is_complete)
    assert decorations.search_results is not None
    return decorations.search_results


async def test_matches_of_an_earlier_query_are_dropped(long_story: Path) -> None:
    stage = Stage(long_story.parent, file=long_story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"9 w", *["backspace"] * 3, *"words")
        results = await wait_for_results(stage, pilot)
        assert results.find == TypedQuery("words")
        assert str(results) == "not found"
        assert stage.screen.page.place == Place()


async def test_enter_before_the_first_match_goes_to_it_once_it_is_found(
    long_story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, may_search = search_bar._find_in_chunk, threading.Event()  # noqa: SLF001

    def find_slowly(chunk: Chunk, find: Find) -> list[Match]:
        assert may_search.wait(60)
        return search(chunk, find)

    monkeypatch.setattr(search_bar, "_find_in_chunk", find_slowly)
    monkeypatch.setattr(search_bar, "MAX_INLINE_CHARACTERS", 0)
    stage = Stage(long_story.parent, file=long_story)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash")
        stage.screen.input_lines.search_bar._input.value = "graph 1400"  # type: ignore[union-attr]  # noqa: SLF001
        await stage.screen.input_lines.search_bar._input.action_submit()  # type: ignore[union-attr]  # noqa: SLF001
        assert stage.screen.page.place == Place()
        may_search.set()
        await wait_for_results(stage, pilot)
        await pilot.pause()
        assert any("Paragraph 1400" in row for row in render_rows(stage.screen.page))
        assert stage.screen.page.place > Place(1_380)
        await pilot.press("ctrl+o")
        assert stage.screen.page.place == Place()


async def test_a_search_finds_text_that_is_parsed_after_the_query(
    long_story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse_next, may_parse = OpenStory.parse_next, threading.Event()

    def parse_slowly(open_story: OpenStory) -> ParsedSlice | None:
        assert may_parse.wait(60)
        return parse_next(open_story)

    stage = Stage(long_story.parent, file=long_story)  # this parses the first screen
    monkeypatch.setattr(OpenStory, "parse_next", parse_slowly)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        assert not stage.screen.page.document.is_complete
        await pilot.press("slash", *"graph 1499", "enter")
        may_parse.set()
        assert str(await wait_for_results(stage, pilot)) == "1 of 1"
        await pilot.pause()
        assert any("Paragraph 1499" in row for row in render_rows(stage.screen.page))


async def test_enter_repeats_the_previous_search(story_with_footnote: Path) -> None:
    stage = Stage(story_with_footnote.parent, file=story_with_footnote)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("slash", *"paragraph 4", "enter", "escape", "slash", "enter")
        await wait_until_idle(pilot)
        assert stage.screen.page.decorations.search_results is not None
        assert stage.screen.page.decorations.search_results.find == TypedQuery("paragraph 4")
        assert stage.screen.page.has_focus
