"""Hyphenation: which words, where, and that both ways to break give as many lines."""

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
from reader.text.cells import count_cells, sanitize

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


def break_american(text: str, measure: int, *, balanced: bool, indent: int = 0) -> HyphenatedLines:
    def find_points(start: int, end: int) -> list[int]:
        return find_hyphenation_points(text, start, end, "en_US")

    return break_with_hyphens(
        text, max(1, measure - indent), measure, find_points, balanced=balanced
    )


def break_anywhere(text: str, measure: int, *, balanced: bool) -> HyphenatedLines:
    """Allow a hyphen after every second letter."""

    def find_points(start: int, end: int) -> Sequence[int]:
        return range(start + 2, end, 2)

    return break_with_hyphens(text, measure, measure, find_points, balanced=balanced)


def list_lines(text: str, hyphenated: HyphenatedLines) -> list[str]:
    ends = [*hyphenated.starts[1:], len(text)]
    return [
        text[a:b].rstrip() + ("-" if b in hyphenated.hyphen_starts else "")
        for a, b in zip(hyphenated.starts, ends, strict=True)
    ]


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
def test_a_word_is_hyphenated_by_american_rules(word: str, expected: str) -> None:
    points = [0, *find_hyphenation_points(word, 0, len(word), "en_US"), len(word)]
    assert "-".join(word[a:b] for a, b in pairwise(points)) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("pt", [3, 5, 7, 9]), ("pt-PT", [3, 5, 7, 9]), ("PT_br", [3, 5, 7, 9]), ("xx", []), ("", []),
        ("../../etc/passwd", []), ("Klingon", []),
    ],
)  # fmt: skip
def test_a_language_has_its_own_rules_or_none(language: str, expected: list[int]) -> None:
    assert find_hyphenation_points("consideração", 0, 12, language) == expected


def test_english_without_a_country_is_american() -> None:
    points = [find_hyphenation_points("knowledge", 0, 9, name) for name in ("en", "en_US", "en-GB")]
    assert points == [[5], [5], [4]]


def test_the_second_half_of_a_word_with_a_hyphen_is_not_hyphenated() -> None:
    text = "well-considered"
    assert find_hyphenation_points(text, 5, len(text), "en_US") == []


@pytest.mark.slow
def test_a_word_is_not_hyphenated_where_its_spelling_would_change() -> None:
    assert find_hyphenation_points("asszonnyal", 0, 10, "hu") == []  # would be asz-szony-nyal


@pytest.mark.parametrize(
    ("text", "measure", "expected"),
    [
        ("an extraordinary consideration", 12, ["an extra-", "ordinary", "considera-", "tion"]),
        ("a consideration", 15, ["a consideration"]),
        ("floccinaucinihilipilification", 8, ["floccina", "ucinihil", "ipilific", "ation"]),
    ],
)
def test_words_are_hyphenated_only_where_it_helps(
    text: str, measure: int, expected: list[str]
) -> None:
    assert list_lines(text, break_american(text, measure, balanced=True)) == expected


def test_a_hyphen_that_saves_no_line_and_little_room_is_not_used() -> None:
    text = "He asked me about it in consideration of it all, and I said so."
    assert list_lines(text, break_american(text, 40, balanced=True)) == [
        "He asked me about it in consideration of",
        "it all, and I said so.",
    ]


@given(TEXTS, st.integers(1, 60), st.sampled_from([0, 2]))
@example("x—consideration — of", 11, 2)
def test_both_ways_give_as_many_lines(text: str, measure: int, indent: int) -> None:
    fast = break_american(text, measure, balanced=False, indent=indent)
    assert len(break_american(text, measure, balanced=True, indent=indent).starts) == len(
        fast.starts
    )


@given(LETTERS, st.integers(1, 30))
def test_both_ways_give_as_many_lines_with_any_hyphenation_points(text: str, measure: int) -> None:
    fast = break_anywhere(text, measure, balanced=False)
    assert len(break_anywhere(text, measure, balanced=True).starts) == len(fast.starts)


@given(LETTERS, st.integers(3, 20))
def test_the_number_of_lines_is_the_smallest_possible(text: str, measure: int) -> None:
    points = {at for at in range(1, len(text)) if text[at - 1] == " "}
    units, at = [], 0
    for word in text.split(" "):
        units.append((at, at + len(word)))
        at += len(word) + 1
    hyphens = {p for start, end in units for p in range(start + 2, end, 2)}
    reached = {(0, False)}
    count = 1
    while reached and not any(len(text) - start <= measure for start, _ in reached):
        next_reached = set()
        for start, follows_hyphen in reached:
            next_reached |= {(p, False) for p in points if 0 < p - start <= measure + 1}
            if not follows_hyphen:
                next_reached |= {(p, True) for p in hyphens if 0 < p - start < measure}
        reached, count = next_reached, count + 1
    if reached:
        assert len(break_anywhere(text, measure, balanced=False).starts) == count


@pytest.mark.parametrize("balanced", [False, True])
@given(text=TEXTS | LETTERS, measure=st.integers(1, 40))
def test_every_line_fits_with_its_hyphen(balanced: bool, text: str, measure: int) -> None:
    for break_text in (break_american, break_anywhere):
        for line in list_lines(text, break_text(text, measure, balanced=balanced)):
            assert count_cells(line) <= measure or (measure == 1 and count_cells(line) == 2)


@pytest.mark.parametrize("balanced", [False, True])
@given(text=LETTERS, measure=st.integers(1, 40))
def test_no_two_lines_in_a_row_end_with_a_hyphen_at_any_points(
    balanced: bool, text: str, measure: int
) -> None:
    result = break_anywhere(text, measure, balanced=balanced)
    flags = [start in result.hyphen_starts for start in result.starts]
    assert (True, True) not in set(pairwise(flags))


@pytest.mark.parametrize("balanced", [False, True])
@given(text=TEXTS, measure=st.integers(1, 40))
def test_line_starts_rise_from_zero_to_less_than_the_length(
    balanced: bool, text: str, measure: int
) -> None:
    starts = break_american(text, measure, balanced=balanced).starts
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[-1] < len(text)


def test_a_very_long_paragraph_is_not_hyphenated() -> None:
    text = "consideration " * (MAX_CHARACTERS // 10)
    assert break_american(text, 20, balanced=True).hyphen_starts == frozenset()


def test_without_pyphen_nothing_is_hyphenated() -> None:
    program = (
        "import sys; sys.modules['pyphen'] = None\n"
        "from reader.layout.hyphenation import find_hyphenation_points\n"
        "print(find_hyphenation_points('consideration', 0, 13, 'en_US'))"
    )
    argv = [sys.executable, "-c", program]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "[]\n"
