"""A document counts its words, and places are found in an edited text."""

from __future__ import annotations

import pytest

from reader.markdown.parser import parse
from reader.text.document import Anchor, Block, Document, Kind, Place
from reader.text.places import locate, make_anchor
from reader.text.words import count_words, find_long_word_starts, find_word_starts

PARAGRAPHS = [f"Paragraph {n} has words of its own, and they are number {n}." for n in range(20)]


def make_document(paragraphs: list[str]) -> Document:
    return parse("\n\n".join(paragraphs))


def find_after_edit(paragraphs: list[str], block: int = 10, offset: int = 4) -> str | None:
    """Return the text at a place of the unedited text, located in the edited one."""
    anchor = make_anchor(make_document(PARAGRAPHS), Place(block, offset))
    edited = make_document(paragraphs)
    place = locate(edited, anchor)
    return edited.blocks[place.block].text[place.offset :][:20] if place is not None else None


TEXT_AT_PLACE = PARAGRAPHS[10][4:24]
EDITS = {
    "nothing": PARAGRAPHS,
    "paragraphs inserted before": ["New.", "Newer.", *PARAGRAPHS],
    "paragraphs deleted before": PARAGRAPHS[7:],
    "moved to the front": [PARAGRAPHS[10], *PARAGRAPHS[:10], *PARAGRAPHS[11:]],
    "moved to the end": [*PARAGRAPHS[:10], *PARAGRAPHS[11:], PARAGRAPHS[10]],
    "words inserted before it in its paragraph": [
        *PARAGRAPHS[:10],
        "Lo. " + PARAGRAPHS[10],
        *PARAGRAPHS[11:],
    ],
    "words changed after it in its paragraph": [
        *PARAGRAPHS[:10],
        PARAGRAPHS[10] + " Lo.",
        *PARAGRAPHS[11:],
    ],
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_place_is_found_after_an_edit(edit: str) -> None:
    assert find_after_edit(EDITS[edit]) == TEXT_AT_PLACE


def test_a_place_in_a_deleted_paragraph_becomes_the_heading_before() -> None:
    text = ["## First", "Some words here.", "## Second", *["Other words there."] * 9]
    assert find_after_edit(text) == "Second"


def test_a_place_is_found_in_a_completely_new_text() -> None:
    assert find_after_edit(["Only this."]) is not None


def test_a_place_after_the_parsed_part_is_unknown() -> None:
    anchor = make_anchor(make_document(PARAGRAPHS), Place(10))
    growing = Document()
    growing.extend(make_document(PARAGRAPHS[:5]).blocks)
    assert locate(growing, anchor) is None


def test_an_empty_text_has_only_its_beginning() -> None:
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
def test_words_before_a_place_are_those_that_start_before_it(place: Place, words: int) -> None:
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
def test_a_place_outside_the_text_is_clamped(place: Place, clamped: Place) -> None:
    assert parse("One.\n\nTwo.").clamp(place) == clamped


def test_the_heading_of_a_place_is_the_last_one_before_it() -> None:
    document = parse("Before.\n\n## One\n\nText.")
    assert document.find_heading_at(Place(0)) is None
    heading = document.find_heading_at(Place(2))
    assert heading is not None
    assert heading.text == "One"


def test_the_words_of_a_long_block_are_found_once_for_all_its_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = make_document(["word " * 1_000])
    texts: list[str] = []

    def find_and_record(text: str) -> list[int]:
        texts.append(text)
        return find_word_starts(text)

    monkeypatch.setattr("reader.text.document.find_word_starts", find_and_record)
    assert [document.word_to_place(number).offset for number in (3, 500, 999)] == [15, 2500, 4995]
    assert document.count_words_before(Place(0, 2500)) == 500
    assert len(texts) == 1


def test_word_starts_that_a_worker_found_are_not_searched_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "word " * 12_000
    starts = find_long_word_starts(["short", text])
    document = Document()
    document.extend(
        [Block(Kind.PARAGRAPH, "short", words=1), Block(Kind.PARAGRAPH, text, words=12_000)]
    )
    document.add_word_starts(starts)
    monkeypatch.setattr("reader.text.document.find_word_starts", None)
    assert [number for number, _ in starts] == [1]
    assert document.count_words_before(Place(1, 59_990)) == 1 + 11_998
    assert document.word_to_place(11_999) == Place(1, 5 * 11_998)
