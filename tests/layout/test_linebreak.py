"""Line breaking: lines fit, no text is lost, and all ways to break give as many lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reader.layout.linebreak import break_balanced, break_evenly, break_greedily, cut_lines
from reader.text.cells import count_cells, sanitize

if TYPE_CHECKING:
    from collections.abc import Callable

    Breaker = Callable[[str, int], list[int]]

ALL_BREAKERS = pytest.mark.parametrize(
    "breaker",
    [break_greedily, break_balanced, break_evenly, cut_lines],
    ids=["greedy", "balanced", "even", "folded"],
)
SPACE_BREAKERS = pytest.mark.parametrize(
    "breaker",
    [break_greedily, break_balanced, break_evenly],
    ids=["greedy", "balanced", "even"],
)


def list_pieces(text: str, starts: list[int]) -> list[str]:
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def list_lines(text: str, starts: list[int]) -> list[str]:
    return [piece.rstrip() for piece in list_pieces(text, starts)]


PARAGRAPH = "The interview had lasted eleven minutes when he asked what I was proud of."


def test_greedy_lines_are_as_full_as_possible() -> None:
    assert list_lines(PARAGRAPH, break_greedily(PARAGRAPH, 30)) == [
        "The interview had lasted",
        "eleven minutes when he asked",
        "what I was proud of.",
    ]


def test_balanced_lines_are_equally_full() -> None:
    text = "aaaa bb cc ddddd ee ff gggg h"
    assert list_lines(text, break_greedily(text, 10)) == ["aaaa bb cc", "ddddd ee", "ff gggg h"]
    text = "aaa bb cc ddddd"
    assert list_lines(text, break_greedily(text, 6)) == ["aaa bb", "cc", "ddddd"]
    assert list_lines(text, break_balanced(text, 6)) == ["aaa", "bb cc", "ddddd"]


def test_a_balanced_last_line_is_not_one_short_word() -> None:
    text = "several words that fill the measure to the very end of it"
    assert list_lines(text, break_greedily(text, 54))[-1] == "it"
    assert list_lines(text, break_balanced(text, 54))[-1] != "it"


def test_even_lines_have_similar_lengths() -> None:
    title = "A title that is a little longer than one line"
    assert list_lines(title, break_greedily(title, 40)) == [
        "A title that is a little longer than one",
        "line",
    ]
    assert list_lines(title, break_evenly(title, 40)) == [
        "A title that is a little",
        "longer than one line",
    ]


def test_no_word_is_cut_for_even_lines() -> None:
    assert list_lines("Supercalifragilistic no", break_evenly("Supercalifragilistic no", 22)) == [
        "Supercalifragilistic",
        "no",
    ]


@pytest.mark.parametrize(
    ("text", "measure", "expected"),
    [
        ("word —  and on", 5, ["word", "—", "and", "on"]),  # no other break fits
        ("a word — and on", 7, ["a", "word —", "and on"]),
        ("a word — and on", 6, ["a", "word —", "and on"]),
        ("aaa bbb—ccc", 8, ["aaa bbb—", "ccc"]),
        ("aaa bbb—“ccc”", 8, ["aaa bbb—", "“ccc”"]),
        ("aaa — bbb", 5, ["aaa —", "bbb"]),
        ("abcdefgh—ijkl", 8, ["abcdefg", "h—ijkl"]),
        ("a well-known thing", 9, ["a well-", "known", "thing"]),
        ("an e-mail came", 6, ["an", "e-mail", "came"]),
        ("pages 10-12 only", 9, ["pages", "10-12", "only"]),
        ("10\u00a0000 km", 6, ["10\u00a0000", "km"]),
        ("about 10\u00a0000\u00a0km", 9, ["about", "10\u00a0000\u00a0km"]),
        ("10\u00a0000\u00a0kilometres", 9, ["10\u00a0000", "kilometre", "s"]),
        ("https://example.org/a/b", 12, ["https://", "example.org/", "a/b"]),
        ("two  spaces here", 4, ["two", "spac", "es", "here"]),
        ("  lead", 6, ["  lead"]),
        ("  lead in", 6, ["  lead", "in"]),
        ("trailing   ", 8, ["trailing"]),
        ("", 5, [""]),
        ("   ", 2, [""]),
    ],
)
def test_lines_break_at_spaces_dashes_and_in_long_words(
    text: str, measure: int, expected: list[str]
) -> None:
    assert list_lines(text, break_greedily(text, measure)) == expected


@pytest.mark.parametrize(
    ("text", "measure", "expected"),
    [
        ("日本語の文章", 6, ["日本語", "の文章"]),
        ("日本語。次", 6, ["日本", "語。次"]),
        ("今日は「引用」", 8, ["今日は", "「引用」"]),
        ("コーヒー店", 4, ["コー", "ヒー", "店"]),
        ("ああっあ", 4, ["あ", "あっ", "あ"]),
        ("か\u3099き\u3099く", 4, ["か\u3099き\u3099", "く"]),
        ("漢字word漢字", 7, ["漢字", "word漢", "字"]),
        ("漢字—漢字", 4, ["漢", "字—", "漢字"]),
    ],
)
def test_chinese_and_japanese_break_between_characters_by_kinsoku(
    text: str, measure: int, expected: list[str]
) -> None:
    assert list_lines(text, break_greedily(text, measure)) == expected


def test_lines_after_the_first_are_narrower_by_the_hang() -> None:
    text = "aaaa bbbb cccc dddd"
    assert list_lines(text, break_greedily(text, 9, hang=4)) == ["aaaa bbbb", "cccc", "dddd"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abcdefgh", ["abcde", "fgh"]),
        ("ab cd-ef gh", ["ab cd", "-ef g", "h"]),
        ("日本語x", ["日本", "語x"]),
        ("abcde\u0301f", ["abcde\u0301", "f"]),
        ("abcd👩\u200d👧ef", ["abcd", "👩\u200d👧ef"]),
    ],
)
def test_folded_text_is_cut_at_the_measure_only(text: str, expected: list[str]) -> None:
    assert list_pieces(text, cut_lines(text, 5)) == expected


FRAGMENTS = (
    "a", "bc", "def", "word", "longerword", "x" * 30, " ", " ", " ", "  ", "   ",
    "—", "–", "-", "--", " — ", " – ", "well-known", "a—b", "“q”", "(", ")", ".", ",",
    "\u00a0", "漢字", "か", "。", "「", "」", "ー", "、", "ぎ", "한글", "\u3000",
    "👩\u200d👩\u200d👧", "❤\ufe0f", "🇬🇧", "1\ufe0f\u20e3", "e\u0301", "\u0301", "\u3099",
    "สวัสดี", "नमस्ते", "क्\u200dष", "/path/to/x", "https://example.org/c",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=16).map("".join).map(sanitize)
MEASURES = st.integers(1, 40) | st.integers(1, 120)


@ALL_BREAKERS
@given(TEXTS, MEASURES)
@example("  bc,bc", 6)
@example("👩\u200d👩\u200d👧–", 1)
def test_the_pieces_joined_are_the_text(breaker: Breaker, text: str, measure: int) -> None:
    starts = breaker(text, measure)
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert "".join(list_pieces(text, starts)) == text


@ALL_BREAKERS
@given(TEXTS, MEASURES)
@example("  bc,bc", 6)
@example(" 한글", 2)
@example("  ー👩\u200d👩\u200d👧.\u200dか」👩\u200d👩\u200d👧、", 7)
@example("   .。\ufe0f\u3000「", 5)
@example("👩\u200d👩\u200d👧–a", 2)
def test_every_line_fits(breaker: Breaker, text: str, measure: int) -> None:
    for line in list_lines(text, breaker(text, measure)):
        # A wide character never fits one cell.
        assert count_cells(line) <= measure or (measure == 1 and count_cells(line) == 2)


@ALL_BREAKERS
@given(TEXTS, MEASURES)
@example("漢\u0301字\u0301", 1)
def test_no_combining_mark_is_separated_from_its_letter(
    breaker: Breaker, text: str, measure: int
) -> None:
    for start in breaker(text, measure)[1:]:
        assert category(text[start]) not in ("Mn", "Cf") or text[start - 1] == " "


@given(TEXTS, st.integers(6, 60))
def test_every_line_fits_with_a_hang(text: str, measure: int) -> None:
    for breaker in (break_greedily, break_balanced, cut_lines):
        first, *rest = list_lines(text, breaker(text, measure, 4))
        assert count_cells(first) <= measure
        assert all(count_cells(line) <= measure - 4 for line in rest)


@given(TEXTS, MEASURES)
@example("    https://example.org/ca—b", 7)
@example(",—a--\u00a0", 3)
def test_all_ways_to_break_give_as_many_lines(text: str, measure: int) -> None:
    height = len(break_greedily(text, measure))
    assert len(break_balanced(text, measure)) == height
    assert len(break_evenly(text, measure)) == height


WORDS = st.lists(
    st.text("abcdefg", min_size=1, max_size=9) | st.sampled_from(["—", "–", "x—y", "a-b"]),
    min_size=1,
    max_size=30,
).map(" ".join)


@SPACE_BREAKERS
@given(WORDS, st.integers(24, 60))
def test_no_line_begins_with_a_dash(breaker: Breaker, text: str, measure: int) -> None:
    text = re.sub(r"[—–]( [—–])+", "—", "a " + text)
    assert not any(line[:1] in "—–" for line in list_lines(text, breaker(text, measure))[1:])


@SPACE_BREAKERS
@given(WORDS, st.integers(11, 60))
def test_no_word_is_cut_if_it_fits(breaker: Breaker, text: str, measure: int) -> None:
    for start in breaker(text, measure)[1:]:
        assert not (text[start - 1].isalpha() and text[start].isalpha())


NO_BREAK_TEXTS = st.lists(st.text("abc\u00a0", min_size=1, max_size=8), max_size=12).map(" ".join)


@SPACE_BREAKERS
@given(NO_BREAK_TEXTS, st.integers(8, 40))
def test_no_line_ends_at_a_no_break_space(breaker: Breaker, text: str, measure: int) -> None:
    starts = breaker(text, measure)[1:]
    assert all(text[start - 1] == " " for start in starts)


def test_a_line_of_code_is_not_cut_inside_its_indent() -> None:
    text = " " * 9 + "a" * 20
    assert cut_lines(text, 10) == [0, 10, 20]
