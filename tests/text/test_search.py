"""Finding: what is typed plainly matches plainly, over whatever stands in the way."""

from __future__ import annotations

import pytest

from reader.markdown.parser import parse
from reader.text.document import Place
from reader.text.search import Match, SearchResults, find_matches

TEXT = (
    'The café\'s "naïve" cook -- a *very* **old** one -- said:\n"E\u0301te\u0301 is over."\n\n'
    "> A quote about [the café](x.md)\\\n> in two lines\n\nThirty-four CAFES"
)


def found(words: str, text: str = TEXT) -> list[str]:
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
def test_words_are_found(words: str, hits: list[str]) -> None:
    assert found(words) == hits


def test_a_pull_quote_is_not_found_twice() -> None:
    text = "She said nothing at all that day.\n\n> She said nothing at all that day."
    assert found("nothing at all", text) == ["nothing at all"]


def test_matches_are_places() -> None:
    assert list(find_matches(parse("One two.\n\nTwo three.").blocks, "two")) == [
        Match(Place(0, 4), 7),
        Match(Place(1, 0), 3),
    ]


FOUND = [Match(Place(0, 4), 7), Match(Place(1, 0), 3), Match(Place(1, 9), 12)]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place(0, 0), "1 of 3"),
        (Place(0, 5), "2 of 3"),
        (Place(1, 1), "3 of 3"),
        (Place(2), "1 of 3"),
    ],
)
def test_a_search_begins_at_the_readers_place_and_goes_round(place: Place, said: str) -> None:
    finding = SearchResults("two", FOUND)
    finding.select_at(place)
    assert str(finding) == said


def test_next_and_previous_go_round() -> None:
    finding = SearchResults("two", FOUND)
    finding.select_at(Place(1, 5))
    finding.step(1)
    assert str(finding) == "1 of 3"
    finding.step(-2)
    assert str(finding) == "2 of 3"


def test_nothing_found_is_said() -> None:
    finding = SearchResults("two", [])
    assert finding.select_at(Place()) is None
    assert finding.step(1) is None
    assert str(finding) == "not found"


def test_a_blocks_matches_tell_which_one_is_current() -> None:
    finding = SearchResults("two", FOUND)
    finding.select_at(Place(1, 5))
    assert finding.list_ranges(1) == [(0, 3, False), (9, 12, True)]
