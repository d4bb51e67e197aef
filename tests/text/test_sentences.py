"""Sentences: what `H` keeps when it is pressed once."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.text.places import find_sentence, split_sentences

CASES = [
    ("One. Two! Three?", ["One.", "Two!", "Three?"]),
    ("“Well!” he said. “So it is.”", ["“Well!” he said.", "“So it is.”"]),
    ("He met Mr. Bell at St. Paul’s. It rained.", ["He met Mr. Bell at St. Paul’s.", "It rained."]),
    ("J. R. R. Tolkien wrote it. Who else?", ["J. R. R. Tolkien wrote it.", "Who else?"]),
    ("It cost 3.50 a day. No more.", ["It cost 3.50 a day.", "No more."]),
    ("Wait … what? Yes.", ["Wait … what?", "Yes."]),
    ("He stopped… Then he went on.", ["He stopped…", "Then he went on."]),
    ("So it was in 1984. After that, less.", ["So it was in 1984.", "After that, less."]),
    ("(He knew.) She did not.", ["(He knew.)", "She did not."]),
    ("A claim.¹ Another.", ["A claim.¹", "Another."]),
    ("今日は雨。「もう帰る」と言った。そう？はい。", ["今日は雨。", "「もう帰る」と言った。", "そう？", "はい。"]),
    ("no mark at all", ["no mark at all"]),
    ("Pens, ink, etc. Then paper.", ["Pens, ink, etc.", "Then paper."]),
    ("See p. 12 for more. And on.", ["See p. 12 for more.", "And on."]),
    ("Äpfel. Öl ist teuer.", ["Äpfel.", "Öl ist teuer."]),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_text_is_cut_where_its_sentences_end(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text)] == expected


def test_the_sentence_at_an_offset_is_the_one_the_character_is_in() -> None:
    assert find_sentence("One two. Three four. Five.", 12) == (9, 20)


def test_the_space_between_belongs_to_the_sentence_that_follows() -> None:
    assert find_sentence("One. Two.", 4) == (5, 9)


def test_behind_the_last_sentence_is_the_last_sentence() -> None:
    assert find_sentence("One. Two. ", 10) == (5, 9)


@given(st.text("ab. !?…”“ \n。A1", max_size=60))
def test_no_letter_is_lost_and_none_is_in_two_sentences(text: str) -> None:
    found = split_sentences(text)
    kept = "".join(text[a:b] for a, b in found)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(a < b <= c for (a, b), (c, _) in itertools.pairwise(found))
