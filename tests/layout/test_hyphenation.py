"""Divided words: which ones, where, and that both ways to break agree on the height."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reader.layout.hyphenation import (
    MAX_CHARACTERS,
    HyphenatedLines,
    break_with_hyphens,
    find_hyphenation_points,
)
from reader.text.cells import cell_width, sanitize

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = (
    "a", "of", "the", "interview", "extraordinary", "consideration", "hyphenation,",
    "“proud”", "well-considered", "x—consideration", "—", "–", "Extraordinary", "naïveté", "漢字",
    "Donaudampfschiff", "10\u00a0kilometres", "https://example.org/consideration", "\u00a0", "e\u0301",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join).map(sanitize)
LETTERS = st.lists(st.text("abcdef", min_size=1, max_size=14), min_size=1, max_size=14).map(
    " ".join
)


def american(text: str, measure: int, *, balanced: bool, indent: int = 0) -> HyphenatedLines:
    def points(start: int, end: int) -> list[int]:
        return find_hyphenation_points(text, start, end, "en_US")

    return break_with_hyphens(text, max(1, measure - indent), measure, points, balanced=balanced)


def anywhere(text: str, measure: int, *, balanced: bool) -> HyphenatedLines:
    """Divide words behind every second letter."""

    def points(start: int, end: int) -> Sequence[int]:
        return range(start + 2, end, 2)

    return break_with_hyphens(text, measure, measure, points, balanced=balanced)


def lines(text: str, division: HyphenatedLines) -> list[str]:
    ends = [*division.starts[1:], len(text)]
    return [
        text[a:b].rstrip() + ("-" if b in division.hyphen_starts else "")
        for a, b in zip(division.starts, ends, strict=True)
    ]


# Where words are divided ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("consideration", "con-sid-er-a-tion"),
        ("“Consideration,”", "“Con-sid-er-a-tion,”"),
        ("minutes", "min-utes"),
        ("eleven", "eleven"),
        ("only", "only"),
        ("Considération", "Con-sid-éra-tion"),
        ("CONSIDERATION", "CONSIDERATION"),
        ("McConsideration", "McConsideration"),
        ("consideration2", "consideration2"),
        ("well-considered", "well-considered"),
        ("example.org/consideration", "example.org/consideration"),
        ("snake_consideration", "snake_consideration"),
        ("x—consideration", "x—con-sid-er-a-tion"),
    ],
)
def test_a_word_is_divided_where_american_english_divides_it(word: str, expected: str) -> None:
    points = [0, *find_hyphenation_points(word, 0, len(word), "en_US"), len(word)]
    assert "-".join(word[a:b] for a, b in pairwise(points)) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", [5, 11]), ("de-DE", [5, 11]), ("DE_ch", [5, 11]), ("xx", []), ("", []),
        ("../../etc/passwd", []), ("Klingon", []),
    ],
)  # fmt: skip
def test_a_language_divides_as_it_does_or_not_at_all(language: str, expected: list[int]) -> None:
    assert find_hyphenation_points("Dampfschifffahrt", 0, 16, language) == expected


def test_english_is_american_unless_it_says_so() -> None:
    found = [find_hyphenation_points("knowledge", 0, 9, name) for name in ("en", "en_US", "en-GB")]
    assert found == [[5], [5], [4]]


def test_the_second_half_of_a_word_with_a_hyphen_is_not_divided() -> None:
    text = "well-considered"
    assert find_hyphenation_points(text, 5, len(text), "en_US") == []


def test_a_point_that_would_respell_the_word_is_none() -> None:
    assert find_hyphenation_points("asszonnyal", 0, 10, "hu") == []  # would be asz-szony-nyal


# How lines look ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "measure", "expected"),
    [
        ("an extraordinary consideration", 12, ["an extra-", "ordinary", "considera-", "tion"]),
        ("a consideration", 15, ["a consideration"]),
        ("floccinaucinihilipilification", 8, ["floccina", "ucinihil", "ipilific", "ation"]),
    ],
)
def test_lines_are_divided_only_where_it_helps(
    text: str, measure: int, expected: list[str]
) -> None:
    assert lines(text, american(text, measure, balanced=True)) == expected


def test_a_hyphen_that_saves_no_line_and_little_room_is_not_set() -> None:
    text = "He asked me about it in consideration of it all, and I said so."
    found = lines(text, american(text, 40, balanced=True))
    assert found == ["He asked me about it in consideration of", "it all, and I said so."]


# What holds for any text ------------------------------------------------------------------


@given(TEXTS, st.integers(1, 60), st.sampled_from([0, 2]))
@example("x—consideration — of", 11, 2)
def test_both_ways_make_as_many_lines(text: str, measure: int, indent: int) -> None:
    fast = american(text, measure, balanced=False, indent=indent)
    assert len(american(text, measure, balanced=True, indent=indent).starts) == len(fast.starts)


@given(LETTERS, st.integers(1, 30))
def test_both_ways_make_as_many_lines_wherever_words_are_divided(text: str, measure: int) -> None:
    fast = anywhere(text, measure, balanced=False)
    assert len(anywhere(text, measure, balanced=True).starts) == len(fast.starts)


@given(LETTERS, st.integers(3, 20))
def test_there_is_no_way_with_fewer_lines(text: str, measure: int) -> None:
    points = {at for at in range(1, len(text)) if text[at - 1] == " "}
    units, at = [], 0
    for word in text.split(" "):
        units.append((at, at + len(word)))
        at += len(word) + 1
    hyphens = {p for start, end in units for p in range(start + 2, end, 2)}
    reached = {(0, False)}
    count = 1
    while reached and not any(len(text) - start <= measure for start, _ in reached):
        found = set()
        for start, divided in reached:
            found |= {(p, False) for p in points if 0 < p - start <= measure + 1}
            if not divided:
                found |= {(p, True) for p in hyphens if 0 < p - start < measure}
        reached, count = found, count + 1
    if reached:
        assert len(anywhere(text, measure, balanced=False).starts) == count


@pytest.mark.parametrize("balanced", [False, True])
@given(text=TEXTS | LETTERS, measure=st.integers(1, 40))
def test_every_line_fits_with_its_hyphen(balanced: bool, text: str, measure: int) -> None:
    for way in (american, anywhere):
        for line in lines(text, way(text, measure, balanced=balanced)):
            assert cell_width(line) <= measure or (measure == 1 and cell_width(line) == 2)


@pytest.mark.parametrize("balanced", [False, True])
@given(text=LETTERS, measure=st.integers(1, 40))
def test_no_two_lines_in_a_row_are_divided(balanced: bool, text: str, measure: int) -> None:
    division = anywhere(text, measure, balanced=balanced)
    flags = [start in division.hyphen_starts for start in division.starts]
    assert (True, True) not in set(pairwise(flags))


@pytest.mark.parametrize("balanced", [False, True])
@given(text=TEXTS, measure=st.integers(1, 40))
def test_the_pieces_joined_are_the_text(balanced: bool, text: str, measure: int) -> None:
    starts = american(text, measure, balanced=balanced).starts
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[-1] < len(text)


def test_a_paragraph_longer_than_anybody_sees_is_not_divided() -> None:
    text = "consideration " * (MAX_CHARACTERS // 10)
    assert american(text, 20, balanced=True).hyphen_starts == frozenset()


def test_without_the_dictionaries_nothing_is_divided() -> None:
    program = (
        "import sys; sys.modules['pyphen'] = None\n"
        "from reader.layout.hyphenation import find_hyphenation_points\n"
        "print(find_hyphenation_points('consideration', 0, 13, 'en_US'))"
    )
    argv = [sys.executable, "-c", program]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "[]\n"
