"""Highlights are located in the current text, over several blocks and after edits."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from story_edits import BEFORE, BLOCKS, EDITS, FINGERPRINTS, Edit, apply_edits, make_document

from reader.markdown.parser import parse
from reader.reading.annotations import Highlight
from reader.reading.highlights import SpacelessText, StoryHighlights, toggle_extent
from reader.reading.revision import compare_versions, fingerprint_blocks
from reader.text.document import Document, Place
from reader.text.places import Passage, extract_text, make_anchor, widen_to_blocks
from reader.text.sentences import find_adjacent_sentence, find_sentence_at

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


def find_place(words: str, document: Document = DOCUMENT) -> Place:
    """Return the place where `words` start."""
    for index, block in enumerate(document.blocks):
        if words in block.text:
            return Place(index, block.text.index(words))
    raise AssertionError(words)


def find_passage_of(first: str, last: str) -> Passage:
    end = find_place(last)
    return Passage(find_place(first), Place(end.block, end.offset + len(last)))


def make_highlight(
    passage: Passage, key: str = "q", days: int = 0, document: Document = DOCUMENT
) -> Highlight:
    text, anchor = extract_text(document, *passage), make_anchor(document, passage.start)
    return Highlight(key, "s", anchor, text, "", LONG_AGO + timedelta(days=days))


def find_in_edited(text: str, highlight: Highlight) -> str | None:
    """Return the text of `highlight` as located in the edited `text`, None if it is not located."""
    document = parse(text)
    passage = SpacelessText(document).find_passage(highlight.text, highlight.anchor)
    return extract_text(document, *passage) if passage is not None else None


TWO = make_highlight(find_passage_of("Two", "it."))


def test_a_highlight_is_located_at_its_anchor() -> None:
    assert StoryHighlights([TWO]).locate_in_blocks(DOCUMENT.blocks, 0) == {
        "q": find_passage_of("Two", "it.")
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
def test_a_highlight_is_located_in_an_edited_text(text: str) -> None:
    assert find_in_edited(text, TWO) == "Two followed it."


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Three", "another item"),
        ("and another", "The end"),
        ("One", "late."),
        ("A Title", "first."),
    ],
)
def test_a_highlight_over_several_blocks_is_located_in_an_edited_text(
    first: str, last: str
) -> None:
    highlight = make_highlight(find_passage_of(first, last))
    before = TEXT.replace("# A Title", "A paragraph.\n\n# A Title")
    assert find_in_edited(before, highlight) == highlight.text


@pytest.mark.parametrize("words", ["item of a list", "A Title", "The end came late."])
def test_a_highlight_over_several_blocks_is_located_at_its_anchor(words: str) -> None:
    passage = Passage(
        find_place("One"), Place(find_place(words).block, find_place(words).offset + 3)
    )
    highlights = StoryHighlights([make_highlight(passage)] if passage.start < passage.end else [])
    assert list(highlights.locate_in_blocks(DOCUMENT.blocks, 0).values()) == [passage] * len(
        highlights.highlights
    )


def test_a_highlight_whose_words_were_changed_is_not_located() -> None:
    assert find_in_edited(TEXT.replace("followed", "went before"), TWO) is None


def test_the_nearer_of_two_equal_passages_is_located() -> None:
    document = parse("Here. Say it again.\n\nBetween.\n\nThere. Say it again.\n\nBehind.")
    highlight = make_highlight(Passage(Place(2, 7), Place(2, 20)), document=document)
    after = parse("Here. Say it again.\n\nNew.\n\nBetween.\n\nNow. Say it again.\n\nBehind.")
    assert SpacelessText(after).find_passage(highlight.text, highlight.anchor) == (
        Place(3, 5),
        Place(3, 18),
    )


def test_a_short_highlight_is_not_located_far_away() -> None:
    highlight = make_highlight(find_passage_of("One", "One"))
    assert highlight.text == "One"
    far = "Gone.\n\n" + "Filling.\n\n" * 5 + "One."
    assert find_in_edited(far, highlight) is None


def test_a_highlight_in_the_footnotes_is_located() -> None:
    document = parse("Text.[^1] More.\n\n[^1]: A note at the end.\n")
    note = document.last_block
    highlight = make_highlight(Passage(Place(note, 2), Place(note, 13)), document=document)
    assert highlight.text == "note at the"
    assert StoryHighlights([highlight]).locate_in_document(document) == {
        "q": Passage(Place(note, 2), Place(note, 13))
    }


def test_no_highlight_is_located_in_an_empty_text() -> None:
    assert find_in_edited("", TWO) is None


def get_text(passage: Passage | None) -> str | None:
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
def test_the_sentence_at_a_place_contains_it(words: str, sentence: str) -> None:
    assert get_text(find_sentence_at(DOCUMENT, find_place(words))) == sentence


def test_the_sentence_at_a_break_is_the_next_and_at_the_end_the_last() -> None:
    sentences = [find_sentence_at(DOCUMENT, place) for place in (Place(4), DOCUMENT.end)]
    assert [get_text(passage) for passage in sentences] == ["The end came late."] * 2


def test_an_empty_text_has_no_sentence() -> None:
    assert find_sentence_at(parse(""), Place()) == (Place(), Place())


def test_adjacent_sentences_go_through_blocks_and_breaks() -> None:
    texts, place = [], Place()
    while (sentence := find_adjacent_sentence(DOCUMENT, place, 1)) is not None:
        texts.append(extract_text(DOCUMENT, *sentence))
        place = sentence.end
    assert texts == [
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
    assert back == texts[::-1]


def test_the_extent_toggles_between_sentence_and_paragraph() -> None:
    sentence = find_passage_of("Two", "it.")
    wide = toggle_extent(DOCUMENT, sentence, sentence)
    assert get_text(wide) == "One came first. Two followed it. Three was last."
    assert wide is not None
    assert toggle_extent(DOCUMENT, sentence, wide) == sentence


def test_a_sentence_that_is_a_whole_paragraph_has_one_extent() -> None:
    sentence = find_passage_of("The end", "late.")
    assert toggle_extent(DOCUMENT, sentence, sentence) is None


def test_a_passage_that_ends_before_a_block_is_not_widened_to_it() -> None:
    passage = Passage(find_place("Two"), find_place("An item"))
    assert widen_to_blocks(DOCUMENT, passage) == find_passage_of("One", "last.")


def locate_highlights(*words: tuple[str, str]) -> StoryHighlights:
    highlights = StoryHighlights(
        [make_highlight(find_passage_of(*pair), str(n), n) for n, pair in enumerate(words)]
    )
    highlights.add_passages(highlights.locate_in_document(DOCUMENT))
    return highlights


def test_overlapping_highlights_are_one_range() -> None:
    highlights = locate_highlights(("Three", "last."), ("came", "Two"), ("first.", "followed"))
    assert highlights.list_ranges(1) == [(4, 28), (33, 48)]


def test_a_highlight_over_several_blocks_has_a_range_in_each() -> None:
    highlights = locate_highlights(("Three", "An item"))
    assert highlights.list_ranges(1)[0][0] == 33
    assert highlights.list_ranges(2) == [(0, 7)]
    assert highlights.list_ranges(3) == []


def test_the_highlight_at_the_cursor_is_the_newest_one() -> None:
    highlights = locate_highlights(("One", "first."), ("Two", "it."), ("The end", "late."))
    assert (
        highlights.find_newest_between(*widen_to_blocks(DOCUMENT, find_passage_of("One", "One")))
        == highlights.highlights["1"]
    )
    assert highlights.find_newest_between(Place(2), Place(3)) is None


def test_a_removed_highlight_has_no_range_until_it_is_restored() -> None:
    highlights = locate_highlights(("One", "first."), ("Two", "it."))
    originals = list(highlights.highlights.values())
    highlights.set_highlights(originals[:1])
    assert highlights.list_ranges(1) == [(0, 15)]
    highlights.set_highlights(originals)
    assert highlights.list_ranges(1) == [(0, 15), (16, 32)]


def edit_and_locate(block: int, number: int, blocks: int, edits: list[Edit]) -> str:
    """Highlight a sentence, or from it through some blocks; edit; return the outcome."""
    sentence = find_sentence_at(BEFORE, Place(block))
    for _ in range(number % 9):
        sentence = find_adjacent_sentence(BEFORE, sentence.end, 1) or sentence
    last = min(sentence.end.block + blocks, len(BLOCKS) - 1)
    end = BEFORE.get_block_end(last) if blocks else sentence.end
    highlight = make_highlight(Passage(sentence.start, end), document=BEFORE)
    after = make_document(apply_edits(highlight.anchor.place.block, edits))
    moved_blocks = compare_versions(FINGERPRINTS, fingerprint_blocks(after.blocks)).moved_blocks
    passage = StoryHighlights([highlight]).locate_in_document(after, moved_blocks).get("q")
    whole = "".join("".join(block.text.split()) for block in after.blocks)
    is_left = "".join(highlight.text.split()) in whole
    if passage is None:
        return "lost" if is_left else "gone"
    is_same = extract_text(after, *passage).split() == highlight.text.split()
    return "found" if is_same and is_left else "wrong"


EDITED_TEXTS = int(os.environ.get("READER_EDITS", "100"))


@pytest.mark.slow
def test_in_many_edits_the_highlights_that_are_left_are_located() -> None:
    outcomes: Counter[str] = Counter()

    @settings(max_examples=EDITED_TEXTS)
    @given(
        st.integers(0, len(BLOCKS) - 1), st.integers(0, 8), st.sampled_from([0, 0, 0, 1, 2]), EDITS
    )
    def count_outcome(block: int, number: int, blocks: int, edits: list[Edit]) -> None:
        outcomes[edit_and_locate(block, number, blocks, edits)] += 1

    count_outcome()
    assert outcomes.total() == EDITED_TEXTS
    assert outcomes["wrong"] == 0
    assert outcomes["found"] >= 0.95 * (outcomes["found"] + outcomes["lost"])
    assert outcomes["found"] > 0.4 * EDITED_TEXTS
    assert outcomes["gone"] > 0.1 * EDITED_TEXTS


@pytest.mark.parametrize("stored", ["claim, a square metre (m²).", "claim,¹ a square metre (m²).²"])
def test_a_highlight_is_located_with_and_without_the_numbers_of_footnotes(stored: str) -> None:
    document = parse("A claim,[^a] a square metre (m²).[^b] More.\n\n[^a]: One.\n\n[^b]: Two.\n")
    text = document.blocks[0].text
    passage = Passage(Place(0, 2), Place(0, text.index(" More")))
    assert extract_text(document, *passage) == "claim, a square metre (m²)."
    highlights = StoryHighlights([make_highlight(passage, document=document)._replace(text=stored)])
    assert highlights.locate_in_blocks(document.blocks, 0) == {"q": passage}
    assert highlights.locate_in_document(document) == {"q": passage}
