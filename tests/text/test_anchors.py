"""After an edit a saved place stays at its words, or goes to the heading before."""

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
    fingerprint_text,
)
from reader.text.places import locate, make_anchor
from reader.text.words import find_word_starts


def make_document(*texts: str, complete: bool = True) -> Document:
    document = Document()
    document.extend([Block(get_kind(text), text.lstrip("#")) for text in texts])
    if complete:
        document.finish([])
    return document


def get_kind(text: str) -> Kind:
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
"""Before `words, and it is longer than the first` in the second paragraph."""


def get_text_at_place(*texts: str, place: Place = SAVED) -> str:
    """Return the text at a place saved in `TEXT`, located in the edited text `texts`."""
    document = make_document(*texts)
    now = locate(document, make_anchor(make_document(*TEXT), place))
    assert now is not None
    return document.blocks[now.block].text[now.offset :][:12]


def test_a_place_survives_words_changed_before_it_in_its_paragraph() -> None:
    edited = TEXT[2].replace("The second paragraph", "This one")
    assert get_text_at_place(*TEXT[:2], edited, *TEXT[3:]) == "words, and i"


def test_a_place_survives_words_changed_long_after_it() -> None:
    edited = TEXT[2].replace("first one is", "other")
    assert get_text_at_place(*TEXT[:2], edited, *TEXT[3:]) == "words, and i"


def test_a_place_survives_words_changed_just_after_it() -> None:
    edited = TEXT[2].replace("words, and", "words, yet")
    now = locate(
        make_document(*TEXT[:2], edited, *TEXT[3:]), make_anchor(make_document(*TEXT), SAVED)
    )
    assert now == SAVED


def test_a_place_survives_its_paragraph_being_split() -> None:
    first, second = TEXT[2][:30], TEXT[2][30:]
    assert get_text_at_place(*TEXT[:2], first, second, *TEXT[3:]) == "words, and i"


def test_a_place_survives_paragraphs_being_joined() -> None:
    assert get_text_at_place(TEXT[0], TEXT[1] + " " + TEXT[2], *TEXT[3:]) == "words, and i"


def test_a_place_survives_new_emphasis_in_the_source() -> None:
    before = parse("One.\n\nTwo words and three words and more of them to follow.")
    after = parse("# New\n\nOne.\n\nTwo *words* and **three** words and more of them to follow.")
    assert locate(after, make_anchor(before, Place(1, 10))) == Place(2, 10)


def test_the_nearer_of_two_equal_paragraphs_is_chosen() -> None:
    document = make_document("same", "a", "b", "c", "d", "same")
    saved = Anchor(Place(4, 2), fingerprint_text("same"), "me")
    assert locate(document, saved) == Place(5, 2)


def test_a_place_in_a_deleted_paragraph_goes_to_the_heading_before() -> None:
    edited = ("#Chapter one", "Nothing of it is left here.", "#Chapter two", "Nor here.")
    assert get_text_at_place(*edited, place=Place(4, 10)) == "Chapter two"
    assert get_text_at_place(*edited, place=Place(1, 10)) == "Chapter one"


def test_a_place_with_no_heading_before_it_is_clamped() -> None:
    assert locate(make_document("a", "b"), Anchor(Place(9, 4), "gone", "gone")) == Place(1, 1)


def test_a_short_excerpt_is_not_searched_in_other_paragraphs() -> None:
    saved = make_anchor(make_document("#Head", "A paragraph to the end."), Place(1, 15))
    assert saved.excerpt == "the end."
    assert locate(make_document("#Head", "Rewritten.", "It is not the end."), saved) == Place(0)


def test_a_short_excerpt_is_found_in_its_own_paragraph() -> None:
    saved = make_anchor(make_document("A paragraph to the end."), Place(0, 15))
    assert locate(make_document("One more paragraph to the end."), saved) == Place(0, 22)


def test_a_place_at_the_end_of_a_paragraph_stays_there() -> None:
    saved = make_anchor(make_document(*TEXT), Place(1, 69))
    assert saved.excerpt == ""
    assert locate(make_document("New.", *TEXT), saved) == Place(2, 69)


def test_a_moved_place_is_not_decided_before_the_text_is_complete() -> None:
    saved = make_anchor(make_document(*TEXT), SAVED)
    growing = make_document(*TEXT[:2], complete=False)
    assert locate(growing, saved) is None
    growing.extend(make_document("New.", TEXT[2]).blocks)
    assert locate(growing, saved) is None
    growing.finish([])
    assert locate(growing, saved) == Place(3, 37)


def test_an_unmoved_place_is_found_before_the_text_is_complete() -> None:
    growing = make_document(*TEXT[:3], complete=False)
    assert locate(growing, make_anchor(make_document(*TEXT), SAVED)) == SAVED


LONG = "The second paragraph has quite other words, and it is longer than the first one is."


def test_half_an_excerpt_is_not_searched_far_from_its_block() -> None:
    saved = make_anchor(make_document("#Head", LONG, *["Others."] * 5), Place(1, 4))
    half = f"{LONG[4:30]} and so on."
    edited = make_document("#Head", *["Others."] * 5, half)
    assert locate(edited, saved, MovedBlock(0, is_gone=True)) == Place(0)


def test_a_place_in_a_rewritten_block_stays_in_it() -> None:
    saved = make_anchor(make_document("#Head", LONG, "Last."), Place(1, 40))
    edited = make_document(
        "#Head", "New.", "Quite another text, but it is known to be it.", "Last."
    )
    assert locate(edited, saved, MovedBlock(2)) == Place(2, 40)


def test_a_place_in_a_deleted_block_goes_to_the_heading_before_its_neighbours() -> None:
    saved = make_anchor(
        make_document("#One", *["a", "b", "c"], "#Two", LONG, "#Three"), Place(5, 9)
    )
    edited = make_document("#One", *["a", "b", "c"], *["New."] * 9, "#Two", "#Three", "x", "y")
    assert locate(edited, saved, MovedBlock(13, is_gone=True)) == Place(13)


def test_the_nearer_of_two_equal_blocks_is_judged_by_the_moved_block() -> None:
    saved = make_anchor(make_document("a", "same", "b"), Place(1, 2))
    edited = make_document("same", *["New."] * 9, "a", "same!", "same")
    assert locate(edited, saved, MovedBlock(11)) == Place(12, 2)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 61), st.integers(0, 40))
def test_a_place_survives_the_move_of_any_paragraph(
    block: int, moved: int, to: int, offset: int
) -> None:
    texts = [f"Paragraph number {number} says what no other one says." for number in range(61)]
    before = make_document(*texts)
    texts.insert(to, texts.pop(moved))
    after = make_document(*texts)
    now = locate(after, make_anchor(before, Place(block, offset)))
    assert now is not None
    assert after.blocks[now.block].text == f"Paragraph number {block} says what no other one says."
    assert now.offset == offset


@given(st.text(max_size=30), st.text(max_size=30), st.integers(0, 40))
def test_after_any_edit_the_place_is_in_the_text(before: str, after: str, offset: int) -> None:
    edited = make_document("first", after)
    now = locate(edited, make_anchor(make_document("first", "second", before), Place(2, offset)))
    assert now == edited.clamp(now or Place(-1))


def test_word_starts_are_offsets_of_runs_with_a_letter_or_digit() -> None:
    assert find_word_starts("one — “two” 1.5 *** 一二三word四") == [0, 6, 12, 20, 22, 23, 27]


def test_a_document_grows_at_its_end() -> None:
    document = make_document("one two", complete=False)
    document.extend([Block(Kind.PARAGRAPH, "three", words=1)])
    assert document.characters == 12
    assert document.count_characters_before(Place(1, 2)) == 9
    assert [document.character_to_block(character) for character in (0, 6, 7, 11, 99)] == [
        0,
        0,
        1,
        1,
        1,
    ]
