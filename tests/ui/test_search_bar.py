"""Finding in long texts, in footnotes, and in what is parsed while it goes on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, numbered, shown, wait_until, wait_until_idle
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.markdown.parser import parse
from reader.session.open_story import OpenStory
from reader.text.document import Place
from reader.text.search import CHUNK_CHARACTERS, Search, find_matches
from reader.ui.widgets import search_bar as finder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from reader.session.open_story import ParsedSlice
    from reader.text.document import Document
    from reader.text.search import Match, SearchResults

LONG = numbered(3_000)
DOCUMENT = parse(LONG)


def looked_through(document: Document, words: str, place: Place) -> tuple[list[int], SearchResults]:
    """Return the first blocks of the stretches in their order, and what was found in them."""
    search = Search(document, words, place)
    order = []
    while (stretch := search.next_chunk()) is not None:
        order.append(stretch[0])
        search.add_matches(list(find_matches(stretch[1], words, stretch[0])))
    search.add_matches(())
    return order, search.results


@settings(max_examples=30)
@given(st.integers(0, 2_999), st.sampled_from(["paragraph 1", "paragraph 17 ", "nowhere"]))
def test_in_stretches_all_is_found_and_nothing_twice(block: int, words: str) -> None:
    _, finding = looked_through(DOCUMENT, words, Place(block))
    assert finding.matches == list(find_matches(DOCUMENT.blocks, words))


def test_what_is_near_is_looked_through_first() -> None:
    order, _ = looked_through(DOCUMENT, "x", Place(2_000))
    assert order[0] == 2_000
    assert order.index(0) == len([at for at in order if at >= 2_000])


def test_the_first_match_behind_the_place_is_the_one_the_reader_is_at() -> None:
    search = Search(DOCUMENT, "paragraph 2", Place(2_100))
    stretch = search.next_chunk()
    assert stretch is not None
    assert search.add_matches(list(find_matches(stretch[1], "paragraph 2", stretch[0])))
    assert search.results.current_match == (Place(2_100), 11)


def test_matches_before_the_place_do_not_change_which_one_is_current() -> None:
    _, finding = looked_through(DOCUMENT, "paragraph 2", Place(2_100))
    assert str(finding) == "212 of 1111"


def test_behind_the_last_match_the_search_goes_round() -> None:
    _, finding = looked_through(DOCUMENT, "graph 17 word", Place(2_100))
    assert str(finding) == "1 of 1"


def test_until_all_is_looked_through_the_count_says_so() -> None:
    search = Search(DOCUMENT, "paragraph 2", Place(2_999))
    stretch = search.next_chunk()
    assert stretch is not None
    search.add_matches(list(find_matches(stretch[1], "paragraph 2", stretch[0])))
    assert str(search.results) == "1 …"


def test_a_stretch_is_short_whatever_the_text() -> None:
    search = Search(DOCUMENT, "x", Place(1_000))
    while (stretch := search.next_chunk()) is not None:
        assert sum(len(block.text) for block in stretch[1]) <= CHUNK_CHARACTERS + 200


def test_what_is_parsed_meanwhile_is_looked_through_too() -> None:
    document = parse("One word.\n\nTwo words.[^1]\n\n[^1]: A word below.")
    rest, notes = document.blocks[1:], document.footnotes
    document.blocks, document.footnotes, document.is_complete = document.blocks[:1], [], False
    document._character_sums[1:] = []  # noqa: SLF001  as it was when half of it was parsed
    search = Search(document, "word", Place())
    met: list[Match] = []
    for _ in range(3):
        stretch = search.next_chunk()
        assert stretch is not None
        met += find_matches(stretch[1], "word", stretch[0])
    assert len(met) == 1
    document.extend(rest)
    document.finish(notes)
    while (stretch := search.next_chunk()) is not None:
        met += find_matches(stretch[1], "word", stretch[0])
    assert [match.start.block for match in met] == [0, 1, 2]


# On the screen ---------------------------------------------------------------------------


@pytest.fixture
def noted(write: Callable[[str, str], Path]) -> Path:
    """Return a story whose footnotes say what its text doesn't."""
    return write(
        "noted.md", f"---\ntitle: Noted\n---\nText.[^1]\n\n{LONG[:20_000]}\n\n[^1]: Below."
    )


async def test_a_match_in_a_footnote_is_shown_where_the_notes_stand_and_lit(noted: Path) -> None:
    stage = Stage(noted.parent, file=noted)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"below", "enter")
        await wait_until_idle(pilot)
        page = stage.screen.page
        assert str(page.decorations.search_results) == "1 of 1"
        y = next(n for n, row in enumerate(shown(page)) if "Below." in row)
        lit = [s.text for s in page.render_line(y) if s.style is not None and s.style.reverse]
        assert lit == ["Below"]
        assert page.place <= page.document.end


async def test_the_way_back_from_a_footnote_is_one_key(noted: Path) -> None:
    stage = Stage(noted.parent, file=noted)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        before = shown(stage.screen.page)
        await pilot.press("slash", *"below", "enter")
        await wait_until_idle(pilot)
        await pilot.press("ctrl+o", "escape")
        await pilot.pause()
        assert shown(stage.screen.page) == before


@pytest.fixture
def long(write: Callable[[str, str], Path]) -> Path:
    return write("long.md", f"---\ntitle: Long\n---\n{numbered(3_000, 60)}")


async def found(stage: Stage, pilot: Pilot[None]) -> SearchResults:
    """Wait until everything was looked through."""
    decorations = stage.screen.page.decorations

    def is_complete() -> bool:
        return decorations.search_results is not None and decorations.search_results.is_complete

    await wait_until(pilot, is_complete)
    assert decorations.search_results is not None
    return decorations.search_results


async def test_what_was_found_for_words_typed_before_is_nobodys(long: Path) -> None:
    stage = Stage(long.parent, file=long)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: stage.has_open_story)
        await pilot.press("slash", *"9 w", *["backspace"] * 3, *"words")
        finding = await found(stage, pilot)
        assert finding.query == "words"
        assert str(finding) == "not found"
        assert stage.screen.page.place == Place()


async def test_enter_before_anything_is_found_goes_there_when_it_is(
    long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, may_search = finder._find_in_chunk, threading.Event()  # noqa: SLF001

    def later(stretch: tuple[int, list[object]], words: str) -> list[Match]:
        assert may_search.wait(60)
        return search(stretch, words)  # type: ignore[arg-type]

    monkeypatch.setattr(finder, "_find_in_chunk", later)
    monkeypatch.setattr(finder, "MAX_INLINE_CHARACTERS", 0)
    stage = Stage(long.parent, file=long)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: stage.has_open_story)
        await pilot.press("slash")
        stage.screen.search_bar._input.value = "graph 2900"  # type: ignore[union-attr]  # noqa: SLF001
        await stage.screen.search_bar._input.action_submit()  # type: ignore[union-attr]  # noqa: SLF001
        assert stage.screen.page.place == Place()
        may_search.set()
        await found(stage, pilot)
        await pilot.pause()
        assert any("Paragraph 2900" in row for row in shown(stage.screen.page))
        assert stage.screen.page.place > Place(2_880)
        await pilot.press("ctrl+o")
        assert stage.screen.page.place == Place()


async def test_words_are_found_in_what_is_parsed_after_they_were_typed(
    long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse_next, may_parse = OpenStory.parse_next, threading.Event()

    def later(open_story: OpenStory) -> ParsedSlice | None:
        assert may_parse.wait(60)
        return parse_next(open_story)

    stage = Stage(long.parent, file=long)  # this parses the first screen
    monkeypatch.setattr(OpenStory, "parse_next", later)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        assert not stage.screen.page.document.is_complete
        await pilot.press("slash", *"graph 2999", "enter")
        may_parse.set()
        assert str(await found(stage, pilot)) == "1 of 1"
        await pilot.pause()
        assert any("Paragraph 2999" in row for row in shown(stage.screen.page))


async def test_enter_looks_for_the_words_of_the_last_search_again(noted: Path) -> None:
    stage = Stage(noted.parent, file=noted)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"paragraph 4", "enter", "escape", "slash", "enter")
        await wait_until_idle(pilot)
        assert stage.screen.page.decorations.search_results is not None
        assert stage.screen.page.decorations.search_results.query == "paragraph 4"
        assert stage.screen.page.has_focus
