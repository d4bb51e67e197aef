"""A saved place and an edited text: it stays at its words, or says so by going to a heading."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reader.markdown.parser import parse
from reader.text.document import (
    Anchor,
    Block,
    Document,
    Kind,
    MovedBlock,
    Place,
    find_word_starts,
    fingerprint_text,
)
from reader.text.places import locate, make_anchor


def document(*texts: str, complete: bool = True) -> Document:
    made = Document()
    made.extend([Block(_kind(text), text.lstrip("#")) for text in texts])
    if complete:
        made.finish([])
    return made


def _kind(text: str) -> Kind:
    return Kind.HEADING if text.startswith("#") else Kind.PARAGRAPH


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


def left(*texts: str, place: Place = SAVED) -> str:
    """Return the text that stands at the place saved in `TEXT`, in an edited text."""
    made = document(*texts)
    now = locate(made, make_anchor(document(*TEXT), place))
    assert now is not None
    return made.blocks[now.block].text[now.offset :][:12]


def test_a_place_survives_words_changed_before_it_in_its_paragraph() -> None:
    edited = TEXT[2].replace("The second paragraph", "This one")
    assert left(*TEXT[:2], edited, *TEXT[3:]) == "words, and i"


def test_a_place_survives_words_changed_well_behind_it() -> None:
    edited = TEXT[2].replace("first one is", "other")
    assert left(*TEXT[:2], edited, *TEXT[3:]) == "words, and i"


def test_a_place_survives_words_changed_just_behind_it() -> None:
    edited = TEXT[2].replace("words, and", "words, yet")
    now = locate(document(*TEXT[:2], edited, *TEXT[3:]), make_anchor(document(*TEXT), SAVED))
    assert now == SAVED


def test_a_place_survives_its_paragraph_being_split() -> None:
    first, second = TEXT[2][:30], TEXT[2][30:]
    assert left(*TEXT[:2], first, second, *TEXT[3:]) == "words, and i"


def test_a_place_survives_paragraphs_being_joined() -> None:
    assert left(TEXT[0], TEXT[1] + " " + TEXT[2], *TEXT[3:]) == "words, and i"


def test_a_place_survives_new_emphasis_in_the_source() -> None:
    before = parse("One.\n\nTwo words and three words and more of them to follow.")
    after = parse("# New\n\nOne.\n\nTwo *words* and **three** words and more of them to follow.")
    assert locate(after, make_anchor(before, Place(1, 10))) == Place(2, 10)


def test_of_two_paragraphs_alike_the_nearer_one_is_it() -> None:
    made = document("same", "a", "b", "c", "d", "same")
    saved = Anchor(Place(4, 2), fingerprint_text("same"), "me")
    assert locate(made, saved) == Place(5, 2)


def test_a_place_whose_paragraph_is_gone_goes_to_the_heading_before_it() -> None:
    edited = ("#Chapter one", "Nothing of it is left here.", "#Chapter two", "Nor here.")
    assert left(*edited, place=Place(4, 10)) == "Chapter two"
    assert left(*edited, place=Place(1, 10)) == "Chapter one"


def test_a_place_without_a_heading_is_clamped() -> None:
    assert locate(document("a", "b"), Anchor(Place(9, 4), "gone", "gone")) == Place(1, 1)


def test_a_few_letters_lead_to_no_other_paragraph() -> None:
    saved = make_anchor(document("#Head", "A paragraph to the end."), Place(1, 15))
    assert saved.excerpt == "the end."
    assert locate(document("#Head", "Rewritten.", "It is not the end."), saved) == Place(0)


def test_a_few_letters_are_found_in_their_own_paragraph() -> None:
    saved = make_anchor(document("A paragraph to the end."), Place(0, 15))
    assert locate(document("One more paragraph to the end."), saved) == Place(0, 22)


def test_what_was_saved_at_a_paragraphs_end_stays_in_an_unchanged_one() -> None:
    saved = make_anchor(document(*TEXT), Place(1, 69))
    assert saved.excerpt == ""
    assert locate(document("New.", *TEXT), saved) == Place(2, 69)


def test_nothing_is_decided_while_the_text_is_incomplete() -> None:
    saved = make_anchor(document(*TEXT), SAVED)
    growing = document(*TEXT[:2], complete=False)
    assert locate(growing, saved) is None
    growing.extend(document("New.", TEXT[2]).blocks)
    assert locate(growing, saved) is None
    growing.finish([])
    assert locate(growing, saved) == Place(3, 37)


def test_a_place_is_found_before_the_text_is_complete_if_it_is_where_it_was() -> None:
    growing = document(*TEXT[:3], complete=False)
    assert locate(growing, make_anchor(document(*TEXT), SAVED)) == SAVED


LONG = "The second paragraph has quite other words, and it is longer than the first one is."


def test_half_a_quote_leads_to_no_block_far_from_where_its_own_stood() -> None:
    saved = make_anchor(document("#Head", LONG, *["Others."] * 5), Place(1, 4))
    half = f"{LONG[4:30]} and so on."
    edited = document("#Head", *["Others."] * 5, half)
    assert locate(edited, saved, MovedBlock(0, is_gone=True)) == Place(0)


def test_a_place_in_a_block_that_was_rewritten_is_in_what_it_became() -> None:
    saved = make_anchor(document("#Head", LONG, "Last."), Place(1, 40))
    edited = document("#Head", "New.", "Quite another text, but it is known to be it.", "Last.")
    assert locate(edited, saved, MovedBlock(2)) == Place(2, 40)


def test_a_place_whose_block_is_gone_goes_to_the_heading_before_where_it_stood() -> None:
    saved = make_anchor(document("#One", *["a", "b", "c"], "#Two", LONG, "#Three"), Place(5, 9))
    edited = document("#One", *["a", "b", "c"], *["New."] * 9, "#Two", "#Three", "x", "y")
    assert locate(edited, saved, MovedBlock(13, is_gone=True)) == Place(13)


def test_the_nearer_of_two_blocks_alike_is_the_one_nearer_to_where_it_is_now() -> None:
    saved = make_anchor(document("a", "same", "b"), Place(1, 2))
    edited = document("same", *["New."] * 9, "a", "same!", "same")
    assert locate(edited, saved, MovedBlock(11)) == Place(12, 2)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 61), st.integers(0, 40))
def test_a_place_survives_any_paragraph_being_moved(
    block: int, moved: int, to: int, offset: int
) -> None:
    texts = [f"Paragraph number {number} says what no other one says." for number in range(61)]
    before = document(*texts)
    texts.insert(to, texts.pop(moved))
    after = document(*texts)
    now = locate(after, make_anchor(before, Place(block, offset)))
    assert now is not None
    assert after.blocks[now.block].text == f"Paragraph number {block} says what no other one says."
    assert now.offset == offset


@given(st.text(max_size=30), st.text(max_size=30), st.integers(0, 40))
def test_any_edit_leads_to_a_place_in_the_text(before: str, after: str, offset: int) -> None:
    edited = document("first", after)
    now = locate(edited, make_anchor(document("first", "second", before), Place(2, offset)))
    assert now == edited.clamp(now or Place(-1))


def test_words_begin_where_a_reader_sees_them_begin() -> None:
    assert find_word_starts("one — “two” 1.5 *** 一二三word四") == [0, 6, 12, 20, 22, 23, 27]


def test_a_document_grows_at_its_end() -> None:
    made = document("one two", complete=False)
    made.extend([Block(Kind.PARAGRAPH, "three", words=1)])
    assert made.characters == 12
    assert made.count_characters_before(Place(1, 2)) == 9
    assert [made.character_to_block(letter) for letter in (0, 6, 7, 11, 99)] == [0, 0, 1, 1, 1]
