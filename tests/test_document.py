"""Documents: what a word is, and a place that is found again after the text was edited."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.document import (
    Anchor,
    Block,
    Document,
    Kind,
    Place,
    count_words,
    fingerprint,
    word_starts,
)
from reader.markdown import parse


def document(*texts: str, complete: bool = True) -> Document:
    made = Document()
    made.extend([Block(_kind(text), text.lstrip("#"), words=count_words(text)) for text in texts])
    if complete:
        made.finish([])
    return made


def _kind(text: str) -> Kind:
    return Kind.HEADING if text.startswith("#") else Kind.PARAGRAPH


# Words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("", []),
        ("one two", [0, 4]),
        ("  one\ntwo\tthree ", [2, 6, 10]),
        ("one — two – three", [0, 6, 12]),
        ("“One,” he said…", [0, 7, 10]),
        ("well-known it's 3.14 a/b", [0, 11, 16, 21]),
        ("* * * … --- ___", []),
        ("1 2", [0, 2]),
        ("一二三四五", [0, 2, 4]),
        ("一二三word四", [0, 2, 3, 7]),
        ("「一二」三", [1, 4]),
        ("한국어 문장", [0, 4]),
        ("नमस्ते दुनिया", [0, 7]),
        ("_one_", [0]),
    ],
)
def test_where_words_begin(text: str, starts: list[int]) -> None:
    assert word_starts(text) == starts


@given(st.text("ab1 —-_.\n日本", max_size=40))
def test_words_are_counted_as_they_are_found(text: str) -> None:
    assert count_words(text) == len(word_starts(text))


def test_words_before_a_place_are_those_that_begin_before_it() -> None:
    made = document("one two three", "four five")
    assert [made.words_before(Place(0, offset)) for offset in (0, 1, 4, 5, 13)] == [0, 1, 1, 2, 3]
    assert [made.words_before(Place(1, offset)) for offset in (0, 1, 9)] == [3, 4, 5]


def test_words_that_do_not_count_are_not_before_a_place() -> None:
    made = Document()
    made.extend([Block(Kind.CODE, "not a word"), Block(Kind.PARAGRAPH, "one two", words=2)])
    assert made.words_before(Place(0, 9)) == 0
    assert made.words_before(Place(1, 4)) == 1
    assert made.words == 2


def test_a_document_grows_at_its_end() -> None:
    made = document("one two", complete=False)
    made.extend([Block(Kind.PARAGRAPH, "three", words=1)])
    assert made.words == 3
    assert made.letters == 12
    assert made.words_before(Place(1, 0)) == 2
    assert made.letters_before(Place(1, 2)) == 9
    assert [made.block_of_letter(letter) for letter in (0, 6, 7, 11, 99)] == [0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("place", "clamped"),
    [
        (Place(0, 2), Place(0, 2)),
        (Place(0, 99), Place(0, 3)),
        (Place(9, 9), Place(1, 4)),
        (Place(-1, 2), Place(0, 0)),
        (Place(1, -2), Place(1, 0)),
    ],
)
def test_a_place_is_the_nearest_there_is(place: Place, clamped: Place) -> None:
    assert document("one", "four").clamp(place) == clamped


def test_an_empty_document_has_one_place() -> None:
    empty = document()
    assert empty.clamp(Place(3, 4)) == empty.end == Place(0, 0)
    assert empty.words_before(Place(3, 4)) == empty.letters_before(Place(3)) == 0
    assert empty.heading_at(Place(0)) is None
    assert empty.find(empty.anchor(Place(0))) == Place(0)


def test_the_heading_of_a_place_is_the_last_before_it() -> None:
    made = document("zero", "#One", "text", "#Two", "text")
    headings = [made.heading_at(Place(block)) for block in range(5)]
    assert [heading.text if heading else "" for heading in headings] == [
        "",
        "One",
        "One",
        "Two",
        "Two",
    ]


# Finding a place again ---------------------------------------------------------------------

TEXT = (
    "#Chapter one",
    "The first paragraph has some words in it, and they go on for a while.",
    "The second paragraph has quite other words, and it is longer than the first one is.",
    "#Chapter two",
    "The third paragraph begins the second chapter, and it stands under its heading.",
    "The last paragraph.",
)
SAVED = Place(2, 37)
"""At `words, and it is longer than the first` in the second paragraph."""


def found(*texts: str, place: Place = SAVED) -> str:
    """Return the text that stands at the place saved in `TEXT`, in an edited text."""
    made = document(*texts)
    now = made.find(document(*TEXT).anchor(place))
    assert now is not None
    return made.blocks[now.block].text[now.offset :][:12]


def test_a_place_is_where_it_was_in_the_same_text() -> None:
    assert document(*TEXT).find(document(*TEXT).anchor(SAVED)) == SAVED


def test_a_place_survives_a_paragraph_put_before_it() -> None:
    assert found("#Chapter one", "New.", "New too.", *TEXT[1:]) == "words, and i"


def test_a_place_survives_a_paragraph_taken_out_before_it() -> None:
    assert found(*TEXT[2:]) == "words, and i"


def test_a_place_survives_its_paragraph_being_moved() -> None:
    assert found(*TEXT[3:], *TEXT[:3]) == "words, and i"


def test_a_place_survives_words_changed_before_it_in_its_paragraph() -> None:
    edited = TEXT[2].replace("The second paragraph", "This one")
    assert found(*TEXT[:2], edited, *TEXT[3:]) == "words, and i"


def test_a_place_survives_words_changed_behind_it_in_its_paragraph() -> None:
    edited = TEXT[2].replace("first one is", "other")
    assert found(*TEXT[:2], edited, *TEXT[3:]) == "words, and i"


def test_a_place_survives_a_word_changed_just_behind_it() -> None:
    edited = TEXT[2].replace("other words, and", "other things, but")
    assert found(*TEXT[:2], edited, *TEXT[3:])[-11:] in edited


def test_a_place_survives_a_word_changed_just_behind_it_within_a_line() -> None:
    made = document(*TEXT[:2], TEXT[2].replace("words, and", "words, yet"), *TEXT[3:])
    now = made.find(document(*TEXT).anchor(SAVED))
    assert now is not None
    assert now.block == 2
    assert abs(now.offset - SAVED.offset) <= 1


def test_a_place_survives_its_paragraph_being_split() -> None:
    first, second = TEXT[2][:30], TEXT[2][30:]
    assert found(*TEXT[:2], first, second, *TEXT[3:]) == "words, and i"


def test_a_place_survives_paragraphs_being_joined() -> None:
    assert found(TEXT[0], TEXT[1] + " " + TEXT[2], *TEXT[3:]) == "words, and i"


def test_of_two_paragraphs_alike_the_nearer_one_is_it() -> None:
    made = document("same", "a", "b", "c", "d", "same")
    saved = replace(made.anchor(Place(0, 2)), place=Place(4, 2))
    assert made.find(saved) == Place(5, 2)


def test_a_place_whose_paragraph_is_gone_falls_back_to_the_heading_before_it() -> None:
    edited = ("#Chapter one", "Nothing of it is left here.", "#Chapter two", "Nor here.")
    assert found(*edited, place=Place(4, 10)) == "Chapter two"
    assert found(*edited, place=Place(1, 10)) == "Chapter one"


def test_a_place_without_a_heading_is_clamped() -> None:
    assert document("a", "b").find(Anchor(Place(9, 4), "gone", "gone")) == Place(1, 1)


def test_a_few_letters_lead_to_no_other_paragraph() -> None:
    saved = document("#Head", "A paragraph to the end.").anchor(Place(1, 15))
    assert saved.quote == "the end."
    assert document("#Head", "Rewritten.", "It is not the end.").find(saved) == Place(0)


def test_a_few_letters_are_found_in_their_own_paragraph() -> None:
    saved = document("A paragraph to the end.").anchor(Place(0, 15))
    assert document("One more paragraph to the end.").find(saved) == Place(0, 22)


def test_nothing_is_decided_while_the_text_is_incomplete() -> None:
    saved = document(*TEXT).anchor(SAVED)
    growing = document(*TEXT[:2], complete=False)
    assert growing.find(saved) is None
    growing.extend(document("New.", TEXT[2]).blocks)
    assert growing.find(saved) is None
    growing.finish([])
    assert growing.find(saved) == Place(3, 37)


def test_a_place_is_found_before_the_text_is_complete_if_it_is_where_it_was() -> None:
    growing = document(*TEXT[:3], complete=False)
    assert growing.find(document(*TEXT).anchor(SAVED)) == SAVED


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 61), st.integers(0, 40))
def test_a_place_survives_any_paragraph_being_moved(
    block: int, moved: int, to: int, offset: int
) -> None:
    texts = [f"Paragraph number {number} says what no other one says." for number in range(61)]
    before = document(*texts)
    texts.insert(to, texts.pop(moved))
    after = document(*texts)
    now = after.find(before.anchor(Place(block, offset)))
    assert now is not None
    assert after.blocks[now.block].text == f"Paragraph number {block} says what no other one says."
    assert now.offset == offset


def test_a_place_survives_new_emphasis_in_the_source() -> None:
    before = parse("One.\n\nTwo words and three words and more of them to follow.")
    after = parse("# New\n\nOne.\n\nTwo *words* and **three** words and more of them to follow.")
    assert after.find(before.anchor(Place(1, 10))) == Place(2, 10)


def test_fingerprints_tell_texts_apart() -> None:
    assert fingerprint("one") == fingerprint("one") != fingerprint("two")
    assert len(fingerprint("\ud800")) == 12
