"""A search matches text in spite of accents, typographic marks, emphasis and line breaks."""

from __future__ import annotations

import pytest

from reader.markdown.parser import parse
from reader.text.document import Place
from reader.text.search import Match, SearchResults, find_matches

TEXT = (
    'The café\'s "naïve" cook -- a *very* **old** one -- said:\n"E\u0301te\u0301 is over."\n\n'
    "> A quote about [the café](x.md)\\\n> in two lines\n\nThirty-four CAFES"
)


def find(words: str, text: str = TEXT) -> list[str]:
    blocks = parse(text).blocks
    return [
        blocks[m.start.block].text[m.start.offset : m.end_offset]
        for m in find_matches(blocks, words)
    ]


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        ("cafe", ["café", "café", "CAFE"]),
        ("café", ["café", "café"]),
        ("CAFE", ["CAFE"]),
        ("cafe's", ["café’s"]),
        ("cafe’s", ["café’s"]),
        ('"naive"', ["“naïve”"]),
        ("very old one", ["very old one"]),
        ("cook - a very", ["cook – a very"]),
        ('said: "ete', ["said: “E\u0301te\u0301"]),
        ("the café in two", ["the café\nin two"]),
        ("thirty-four", ["Thirty-four"]),
        ("Thirty", ["Thirty"]),
        ("tHirty", []),
        ("nowhere", []),
        ("  ", []),
        ("(", []),
    ],
)
def test_typed_words_match_printed_ones(words: str, hits: list[str]) -> None:
    assert find(words) == hits


def test_pull_quotes_are_not_searched() -> None:
    text = "She said nothing at all that day.\n\n> She said nothing at all that day."
    assert find("nothing at all", text) == ["nothing at all"]


def test_matches_are_places() -> None:
    assert list(find_matches(parse("One two.\n\nTwo three.").blocks, "two")) == [
        Match(Place(0, 4), 7),
        Match(Place(1, 0), 3),
    ]


MATCHES = [Match(Place(0, 4), 7), Match(Place(1, 0), 3), Match(Place(1, 9), 12)]


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (Place(0, 0), "1 of 3"),
        (Place(0, 5), "2 of 3"),
        (Place(1, 1), "3 of 3"),
        (Place(2), "1 of 3"),
    ],
)
def test_the_first_match_is_at_or_after_the_place_and_wraps_around(
    place: Place, status: str
) -> None:
    results = SearchResults("two", MATCHES)
    results.select_at(place)
    assert str(results) == status


def test_next_and_previous_wrap_around() -> None:
    results = SearchResults("two", MATCHES)
    results.select_at(Place(1, 5))
    results.step(1)
    assert str(results) == "1 of 3"
    results.step(-2)
    assert str(results) == "2 of 3"


def test_a_search_without_matches_is_not_found() -> None:
    results = SearchResults("two", [])
    assert results.select_at(Place()) is None
    assert results.step(1) is None
    assert str(results) == "not found"


def test_the_ranges_of_a_block_mark_the_current_match() -> None:
    results = SearchResults("two", MATCHES)
    results.select_at(Place(1, 5))
    assert results.list_ranges(1) == [(0, 3, False), (9, 12, True)]
