"""What is kept of a text: where it stands now, also over blocks, and what is gone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from story_edits import BEFORE, BLOCKS, EDITS, PIECES, Edit, document_of, edited

from reader.markdown.parser import parse
from reader.reading.annotations import Highlight, SpacelessText, StoryHighlights, toggle_extent
from reader.reading.revision import compare_versions, fingerprint_blocks
from reader.text.document import Document, Place
from reader.text.places import (
    Passage,
    extract_text,
    find_adjacent_sentence,
    find_sentence_at,
    make_anchor,
    widen_to_blocks,
)

TEXT = """\
# A Title

One came first. Two followed it. Three was last.

- An item of a list
- and another item

***

The end came late.
"""
DOCUMENT = parse(TEXT)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(words: str, document: Document = DOCUMENT) -> Place:
    """Return the place at which `words` begin."""
    for index, block in enumerate(document.blocks):
        if words in block.text:
            return Place(index, block.text.index(words))
    raise AssertionError(words)


def from_to(first: str, last: str) -> Passage:
    end = at(last)
    return Passage(at(first), Place(end.block, end.offset + len(last)))


def quote(
    passage: Passage, key: str = "q", days: int = 0, document: Document = DOCUMENT
) -> Highlight:
    text, anchor = extract_text(document, *passage), make_anchor(document, passage.start)
    return Highlight(key, "s", anchor, text, "", LONG_AGO + timedelta(days=days))


def found_in(text: str, kept: Highlight) -> str | None:
    """Return what `kept` is in an edited text, None where it is nothing."""
    document = parse(text)
    passage = SpacelessText(document).find_passage(kept.text, kept.anchor)
    return extract_text(document, *passage) if passage is not None else None


TWO = quote(from_to("Two", "it."))


def test_a_sentence_is_found_where_it_stood() -> None:
    assert StoryHighlights([TWO]).locate_in_blocks(DOCUMENT.blocks, 0) == {
        "q": from_to("Two", "it.")
    }


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("# A Title\n", "# A Title\n\nA paragraph before it.\n"),
        TEXT.replace("One came", "Somebody else, and much longer, came"),
        TEXT.replace("One came first. ", "One came first.\n\n"),
        TEXT.replace("Two followed it.", "Two\n    followed\nit."),
        TEXT.replace("Two followed it.", "*Two* followed **it**."),
    ],
    ids=["moved", "its paragraph changed", "a paragraph of its own", "other line ends", "emphasis"],
)
def test_a_sentence_is_found_in_an_edited_text(text: str) -> None:
    assert found_in(text, TWO) == "Two followed it."


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Three", "another item"),
        ("and another", "The end"),
        ("One", "late."),
        ("A Title", "first."),
    ],
)
def test_a_quote_over_blocks_is_found_in_an_edited_text(first: str, last: str) -> None:
    kept = quote(from_to(first, last))
    before = TEXT.replace("# A Title", "A paragraph.\n\n# A Title")
    assert found_in(before, kept) == kept.text


@pytest.mark.parametrize("words", ["item of a list", "A Title", "The end came late."])
def test_a_quote_over_blocks_is_read_at_its_place(words: str) -> None:
    passage = Passage(at("One"), Place(at(words).block, at(words).offset + 3))
    kept = StoryHighlights([quote(passage)] if passage.start < passage.end else [])
    assert list(kept.locate_in_blocks(DOCUMENT.blocks, 0).values()) == [passage] * len(
        kept.highlights
    )


def test_a_quote_whose_words_were_changed_stands_nowhere() -> None:
    assert found_in(TEXT.replace("followed", "went before"), TWO) is None


def test_of_two_that_say_the_same_the_nearer_one_is_it() -> None:
    document = parse("Here. Say it again.\n\nBetween.\n\nThere. Say it again.\n\nBehind.")
    kept = quote(Passage(Place(2, 7), Place(2, 20)), document=document)
    after = parse("Here. Say it again.\n\nNew.\n\nBetween.\n\nNow. Say it again.\n\nBehind.")
    assert SpacelessText(after).find_passage(kept.text, kept.anchor) == (Place(3, 5), Place(3, 18))


def test_a_short_quote_is_nothing_that_stands_far_away() -> None:
    kept = quote(from_to("One", "One"))
    assert kept.text == "One"
    far = "Gone.\n\n" + "Filling.\n\n" * 5 + "One."
    assert found_in(far, kept) is None


def test_a_quote_in_the_footnotes_is_found() -> None:
    document = parse("Text.[^1] More.\n\n[^1]: A note at the end.\n")
    note = document.last_block
    kept = quote(Passage(Place(note, 2), Place(note, 13)), document=document)
    assert kept.text == "note at the"
    assert StoryHighlights([kept]).locate_in_document(document) == {
        "q": Passage(Place(note, 2), Place(note, 13))
    }


def test_an_empty_text_has_nothing_that_was_kept() -> None:
    assert found_in("", TWO) is None


# Sentences and paragraphs -----------------------------------------------------------------


def words_of(passage: Passage | None) -> str | None:
    return extract_text(DOCUMENT, *passage) if passage is not None else None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("came first", "One came first."),
        ("Two", "Two followed it."),
        ("Title", "A Title"),
        ("another", "and another item"),
    ],
)
def test_the_sentence_at_a_place_is_the_one_it_is_in(words: str, sentence: str) -> None:
    assert words_of(find_sentence_at(DOCUMENT, at(words))) == sentence


def test_at_a_break_it_is_the_next_sentence_and_at_the_end_the_last() -> None:
    found = [find_sentence_at(DOCUMENT, place) for place in (Place(4), DOCUMENT.end)]
    assert [words_of(passage) for passage in found] == ["The end came late."] * 2


def test_an_empty_text_has_no_sentence() -> None:
    assert find_sentence_at(parse(""), Place()) == (Place(), Place())


def test_sentences_follow_one_another_over_blocks_and_breaks() -> None:
    said, place = [], Place()
    while (sentence := find_adjacent_sentence(DOCUMENT, place, 1)) is not None:
        said.append(extract_text(DOCUMENT, *sentence))
        place = sentence.end
    assert said == [
        "A Title",
        "One came first.",
        "Two followed it.",
        "Three was last.",
        "An item of a list",
        "and another item",
        "The end came late.",
    ]
    back = []
    while (sentence := find_adjacent_sentence(DOCUMENT, place, -1)) is not None:
        back.append(extract_text(DOCUMENT, *sentence))
        place = sentence.start
    assert back == said[::-1]


def test_a_sentence_is_widened_to_its_paragraph_and_narrowed_again() -> None:
    sentence = from_to("Two", "it.")
    wide = toggle_extent(DOCUMENT, sentence, sentence)
    assert words_of(wide) == "One came first. Two followed it. Three was last."
    assert wide is not None
    assert toggle_extent(DOCUMENT, sentence, wide) == sentence


def test_a_sentence_that_is_its_paragraph_is_not_widened() -> None:
    sentence = from_to("The end", "late.")
    assert toggle_extent(DOCUMENT, sentence, sentence) is None


def test_what_ends_before_a_block_is_widened_to_the_blocks_above() -> None:
    passage = Passage(at("Two"), at("An item"))
    assert widen_to_blocks(DOCUMENT, passage) == from_to("One", "last.")


# What is kept of a story ------------------------------------------------------------------


def keeping(*words: tuple[str, str]) -> StoryHighlights:
    kept = StoryHighlights([quote(from_to(*pair), str(n), n) for n, pair in enumerate(words)])
    kept.add_passages(kept.locate_in_document(DOCUMENT))
    return kept


def test_what_overlaps_is_one_stretch_and_the_others_stand_apart() -> None:
    kept = keeping(("Three", "last."), ("came", "Two"), ("first.", "followed"))
    assert kept.list_ranges(1) == [(4, 28), (33, 48)]


def test_a_quote_over_blocks_is_kept_in_each_of_them() -> None:
    kept = keeping(("Three", "an item".replace("an", "An")))
    assert kept.list_ranges(1)[0][0] == 33
    assert kept.list_ranges(2) == [(0, 7)]
    assert kept.list_ranges(3) == []


def test_the_one_at_the_cursor_is_the_one_that_was_kept_last() -> None:
    kept = keeping(("One", "first."), ("Two", "it."), ("The end", "late."))
    assert (
        kept.find_newest_between(*widen_to_blocks(DOCUMENT, from_to("One", "One")))
        == kept.highlights["1"]
    )
    assert kept.find_newest_between(Place(2), Place(3)) is None


def test_what_is_kept_no_more_is_shown_no_more_and_shown_again_when_it_is() -> None:
    kept = keeping(("One", "first."), ("Two", "it."))
    quotes = list(kept.highlights.values())
    kept.set_highlights(quotes[:1])
    assert kept.list_ranges(1) == [(0, 15)]
    kept.set_highlights(quotes)
    assert kept.list_ranges(1) == [(0, 15), (16, 32)]


# Edits ------------------------------------------------------------------------------------


def outcome(block: int, number: int, blocks: int, edits: list[Edit]) -> str:
    """Keep a sentence, or all from there through some blocks; edit, and tell what became of it."""
    sentence = find_sentence_at(BEFORE, Place(block))
    for _ in range(number % 9):
        sentence = find_adjacent_sentence(BEFORE, sentence.end, 1) or sentence
    last = min(sentence.end.block + blocks, len(BLOCKS) - 1)
    behind = BEFORE.get_block_end(last) if blocks else sentence.end
    kept = quote(Passage(sentence.start, behind), document=BEFORE)
    after = document_of(edited(kept.anchor.place.block, edits))
    spots = compare_versions(PIECES, fingerprint_blocks(after.blocks)).moved_blocks
    found = StoryHighlights([kept]).locate_in_document(after, spots).get("q")
    whole = "".join("".join(block.text.split()) for block in after.blocks)
    is_left = "".join(kept.text.split()) in whole
    if found is None:
        return "lost" if is_left else "gone"
    is_it = extract_text(after, *found).split() == kept.text.split()
    return "found" if is_it and is_left else "wrong"


def test_in_five_hundred_edits_what_is_left_of_what_was_kept_is_found() -> None:
    outcomes: Counter[str] = Counter()

    @settings(max_examples=500)
    @given(
        st.integers(0, len(BLOCKS) - 1), st.integers(0, 8), st.sampled_from([0, 0, 0, 1, 2]), EDITS
    )
    def survive(block: int, number: int, blocks: int, edits: list[Edit]) -> None:
        outcomes[outcome(block, number, blocks, edits)] += 1

    survive()
    assert outcomes.total() == 500
    assert outcomes["wrong"] == 0
    assert outcomes["found"] >= 0.95 * (outcomes["found"] + outcomes["lost"])
    assert outcomes["found"] > 200
    assert outcomes["gone"] > 50
