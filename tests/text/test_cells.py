"""Sanitising removes what could control the terminal and changes no writing system.

There are as many texts that must stay unchanged as texts that must not.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reader.text.cells import (
    count_cells,
    is_single_width,
    list_cell_offsets,
    sanitize,
    sanitize_line,
    truncate,
)

HOSTILE = {
    "escape sequence": ("a\x1b[31mb", "a\ufffd[31mb"),
    "clipboard": ("\x1b]52;c;aGk=\x07", "\ufffd]52;c;aGk=\ufffd"),
    "window title": ("\x1b]0;pwned\x1b\\", "\ufffd]0;pwned\ufffd\\"),
    "C1 escape": ("a\x9b31mb", "a\ufffd31mb"),
    "next line": ("a\x85b", "a\ufffdb"),
    "bell": ("\x07", "\ufffd"),
    "backspace": ("rm\x08\x08ls", "rm\ufffd\ufffdls"),
    "NUL": ("a\x00b", "a\ufffdb"),
    "delete": ("a\x7fb", "a\ufffdb"),
    "carriage return": ("safe\rfake", "safe\ufffdfake"),
    "form feed": ("a\x0cb", "a\ufffdb"),
    "vertical tab": ("a\x0bb", "a\ufffdb"),
    "shift out": ("a\x0eb", "a\ufffdb"),
    "bidi override": ("a\u202ecba\u202c", "a\ufffdcba\ufffd"),
    "bidi embedding": ("\u202aa\u202b", "\ufffda\ufffd"),
    "bidi isolate": ("\u2066a\u2067\u2068\u2069", "\ufffda\ufffd\ufffd\ufffd"),
    "lone surrogate": ("a\ud800b\udfff", "a\ufffdb\ufffd"),
    "line separator": ("a\u2028b\u2029c", "a b c"),
    "byte order mark": ("\ufeffa", "a"),
    "zero width space": ("a\u200bb\u2060c", "abc"),
    "soft hyphen": ("co\xadoperate", "cooperate"),
    "pile of marks": ("e" + "\u0301" * 50, "e" + "\u0301" * 8),
    "pile of Thai marks": ("ก" + "\u0e31" * 50, "ก" + "\u0e31" * 8),
    "pile of variation selectors": ("a" + "\ufe0f" * 50, "a" + "\ufe0f" * 8),
    "pile of joiners": ("👩" + "\u200d" * 50 + "👧", "👩\u200d👧"),
    "sequence in two parts": ("\x1b\u200b[31m", "\ufffd[31m"),
}

HARMLESS = {
    "tab and newline": "a\tb\nc",
    "Latin with accents": "naïve façade Ærøskøbing",
    "NFD": "cafe\u0301 n\u0303o",
    "Vietnamese NFD": "Tie\u0302\u0301ng Vie\u0302\u0323t",
    "Arabic": "السلام عليكم",
    "Arabic with its vowels": "بِسْمِ اللَّهِ الرَّحْمَٰنِ",
    "right-to-left mark": "عربي\u200f!",
    "Hebrew with points": "שָׁלוֹם עֲלֵיכֶם",
    "Persian with joiner forbidden": "می\u200cخواهم",
    "Devanagari": "हिन्दी में क्षेत्र",
    "Devanagari with joiner": "क्\u200dष",
    "Tamil": "தமிழ் மொழி",
    "Thai": "ภาษาไทยที่นี่",
    "Tibetan": "བོད་སྐད",
    "Burmese": "မြန်မာဘာသာ",
    "Korean": "한국어",
    "Korean, decomposed": unicodedata.normalize("NFD", "한국어"),
    "Japanese": "日本語の「引用」ー々",
    "Japanese voiced marks, decomposed": "か\u3099き\u3099",
    "emoji family": "👩\u200d👩\u200d👧\u200d👦",
    "emoji with skin": "👍🏽 👩🏾\u200d🚒",
    "keycaps": "1\ufe0f\u20e3 #\ufe0f\u20e3",
    "flags": "🇬🇧🇯🇵 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "hearts with a selector": "❤\ufe0f ♥",
    "no-break spaces": "10\u00a0000\u202fkm",
    "typography": "“It’s” — ‘so’ – … • № ™ ½",
    "replacement characters": "\ufffd\ufffd",
    "mathematics": "∀x∈ℝ: x²≥0 𝔸",
    "a row of symbols": "★★★★★★★★★★★★ ————————————",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_characters_that_could_control_the_terminal_are_replaced(name: str) -> None:
    text, sanitized = HOSTILE[name]
    assert sanitize(text) == sanitized


@pytest.mark.parametrize("name", HARMLESS)
def test_text_in_any_script_is_unchanged(name: str) -> None:
    assert sanitize(HARMLESS[name]) == HARMLESS[name]


def test_as_many_harmless_texts_are_tested_as_hostile_ones() -> None:
    assert len(HARMLESS) >= len(HOSTILE)


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@given(ANY_TEXT)
@example("".join(map(chr, range(0x300))))
@example("\ud83d\ude00")
def test_sanitized_text_has_no_control_bidi_override_or_surrogate(text: str) -> None:
    forbidden = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
    for character in sanitize(text):
        assert unicodedata.category(character) != "Cs"
        assert unicodedata.category(character) != "Cc" or character in "\t\n"
        assert character not in forbidden


@given(ANY_TEXT)
@example("\u200d\u200b\u200d" * 9)
@example("e" + "\u0301" * 6 + "\u200b" + "\u0301" * 6)
def test_sanitizing_twice_changes_nothing_more(text: str) -> None:
    assert sanitize(sanitize(text)) == sanitize(text)


@given(ANY_TEXT)
def test_sanitizing_never_makes_a_text_longer(text: str) -> None:
    assert len(sanitize(text)) <= len(text)


@given(ANY_TEXT)
def test_sanitizing_removes_no_letter_or_digit(text: str) -> None:
    remaining = [character for character in sanitize(text) if character.isalnum()]
    assert remaining == [character for character in text if character.isalnum()]


def test_a_sanitized_line_has_no_breaks_and_single_spaces() -> None:
    assert (
        sanitize_line(" A\ttitle \n\x1b[1m of   two lines\u2028")
        == "A title \ufffd[1m of two lines"
    )


def test_a_sanitized_line_is_cut_with_an_ellipsis() -> None:
    assert sanitize_line("abcdef", max_length=4) == "abc…"


@pytest.mark.parametrize(
    ("text", "cells", "truncated"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("a bcd", 3, "a…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("❤\ufe0f❤\ufe0f❤\ufe0f", 4, "❤\ufe0f…"),
        ("👩\u200d👧👩\u200d👧", 3, "👩\u200d👧…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("", 0, ""),
    ],
)
def test_text_is_truncated_to_a_width_in_cells(text: str, cells: int, truncated: str) -> None:
    assert truncate(text, cells) == truncated


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("abc", 3),
        ("日本", 4),
        ("e\u0301", 1),
        ("👩\u200d👩\u200d👧", 2),
        ("❤\ufe0f", 2),
        ("“—…”", 4),
        ("ﾊﾝ", 2),
    ],
)
def test_the_width_of_text_is_in_cells(text: str, cells: int) -> None:
    assert count_cells(text) == cells


@pytest.mark.parametrize("text", ["", "Plain.", "“It’s” — naïve – …", "Ελληνικά Русский"])
def test_text_of_one_cell_a_character_is_recognised(text: str) -> None:
    assert is_single_width(text)


@pytest.mark.parametrize(
    "text", ["日", "e\u0301", "a\tb", "a\nb", "👩", "a\u200db", "co\xadop", "ﾊ"]
)
def test_text_of_other_widths_is_recognised(text: str) -> None:
    assert not is_single_width(text)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("ab", [0, 1, 2]),
        ("日b", [0, 2, 3]),
        ("e\u0301b", [0, 1, 1, 2]),
        ("👩\u200d👧b", [0, 2, 2, 2, 3]),
        ("", [0]),
    ],
)
def test_each_character_has_the_offset_of_its_cell(text: str, cells: list[int]) -> None:
    assert list_cell_offsets(text) == cells


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n\t"), max_size=30).map(sanitize))
def test_single_width_text_has_as_many_cells_as_characters(text: str) -> None:
    assert not is_single_width(text) or count_cells(text) == len(text)


WIDTHS = {
    "Tamil": ("தமிழ்", 4),
    "Tamil vowel on both sides": ("கொ", 2),
    "Bengali": ("বাংলা", 5),
    "Khmer": ("ភាសាខ្មែរ", 8),
    "Sanskrit": ("संस्कृतम्", 5),
    "Hindi": ("हिन्दी", 5),
    "Burmese": ("မြန်မာ", 5),
    "Thai": ("ที่", 1),
    "accent": ("e\u0301", 1),
    "Chinese": ("日本", 4),
    "flag": ("🇩🇪", 2),
    "joined emoji": ("👨\u200d👩\u200d👧", 2),
    "emoji by a variation selector": ("❤\ufe0f", 2),
    "emoji with a skin tone": ("👍🏽", 2),
}


@pytest.mark.parametrize("name", WIDTHS)
def test_spacing_marks_take_a_cell_as_in_the_c_library(name: str) -> None:
    text, cells = WIDTHS[name]
    assert count_cells(text) == cells
    assert list_cell_offsets(text)[-1] == cells


def test_every_spacing_mark_takes_a_cell() -> None:
    marks = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Mc"]
    assert [mark for mark in marks if count_cells(f"a{mark}") != 2] == []
