"""The document: its words, and places that are found again in an edited text."""

from __future__ import annotations

import pytest

from reader.markdown.parser import parse
from reader.text.document import Anchor, Document, Place, count_words, find_word_starts
from reader.text.places import locate, make_anchor

PARAGRAPHS = [f"Paragraph {n} has words of its own, and they are number {n}." for n in range(20)]


def document_of(paragraphs: list[str]) -> Document:
    return parse("\n\n".join(paragraphs))


def after(paragraphs: list[str], block: int = 10, offset: int = 4) -> str | None:
    """Return the text at the place that a place in the unedited text has become."""
    anchor = make_anchor(document_of(PARAGRAPHS), Place(block, offset))
    edited = document_of(paragraphs)
    place = locate(edited, anchor)
    return edited.blocks[place.block].text[place.offset :][:20] if place is not None else None


HERE = PARAGRAPHS[10][4:24]
EDITS = {
    "nothing": PARAGRAPHS,
    "paragraphs put before": ["New.", "Newer.", *PARAGRAPHS],
    "paragraphs taken out before": PARAGRAPHS[7:],
    "moved to the front": [PARAGRAPHS[10], *PARAGRAPHS[:10], *PARAGRAPHS[11:]],
    "moved to the end": [*PARAGRAPHS[:10], *PARAGRAPHS[11:], PARAGRAPHS[10]],
    "words put before in it": [*PARAGRAPHS[:10], "Lo. " + PARAGRAPHS[10], *PARAGRAPHS[11:]],
    "words changed behind in it": [*PARAGRAPHS[:10], PARAGRAPHS[10] + " Lo.", *PARAGRAPHS[11:]],
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_place_is_found_again_after(edit: str) -> None:
    assert after(EDITS[edit]) == HERE


def test_a_paragraph_that_is_gone_leads_to_the_heading_before_it() -> None:
    text = ["## First", "Some words here.", "## Second", *["Other words there."] * 9]
    assert after(text) == "Second"


def test_a_text_that_is_all_new_leads_somewhere_in_it() -> None:
    assert after(["Only this."]) is not None


def test_while_the_text_grows_a_place_that_is_not_there_yet_is_unknown() -> None:
    anchor = make_anchor(document_of(PARAGRAPHS), Place(10))
    growing = Document()
    growing.extend(document_of(PARAGRAPHS[:5]).blocks)
    assert locate(growing, anchor) is None


def test_an_empty_text_has_its_beginning_alone() -> None:
    empty = parse("")
    assert locate(empty, Anchor(Place(3, 9), "x", "y")) == Place()
    assert (empty.end, empty.words, empty.characters) == (Place(), 0, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("One two  three", 3),
        ("A dash — alone – is no word * * *", 6),
        ("well-known 1,000 e.g. …", 3),
        ("日本語の文章", 3),
        ("日本 and English", 3),
        ("한국어 단어", 2),
        ("“Quoted,” she said.", 3),
    ],
)
def test_words_are_counted(text: str, words: int) -> None:
    assert count_words(text) == words
    assert len(find_word_starts(text)) == words


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(0, 0), 0),
        (Place(0, 1), 1),
        (Place(0, 4), 1),
        (Place(1, 0), 2),
        (Place(9, 9), 4),
    ],
)
def test_words_before_a_place_are_those_that_begin_before_it(place: Place, words: int) -> None:
    assert parse("One two\n\nthree four").count_words_before(place) == words


@pytest.mark.parametrize(
    ("place", "clamped"),
    [
        (Place(0, 99), Place(0, 4)),
        (Place(7, 0), Place(1, 4)),
        (Place(-3, 2), Place(0, 0)),
        (Place(1, 2), Place(1, 2)),
    ],
)
def test_a_place_out_of_the_text_becomes_the_nearest_in_it(place: Place, clamped: Place) -> None:
    assert parse("One.\n\nTwo.").clamp(place) == clamped


def test_the_section_of_a_place_is_the_heading_before_it() -> None:
    document = parse("Before.\n\n## One\n\nText.")
    assert document.find_heading_at(Place(0)) is None
    heading = document.find_heading_at(Place(2))
    assert heading is not None
    assert heading.text == "One"
