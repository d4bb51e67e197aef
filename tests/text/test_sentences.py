"""A text is split into sentences, the unit that `H` highlights first."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.text import sentences
from reader.text.document import Block, Document, Kind, Place
from reader.text.sentences import find_adjacent_sentence, find_sentence_at, split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

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
def test_a_text_is_split_where_its_sentences_end(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text)] == expected


def get_sentence_at(text: str, offset: int) -> str:
    """Return the sentence at `offset` in a document that is one paragraph."""
    document = Document()
    document.extend([Block(Kind.PARAGRAPH, text)])
    start, end = find_sentence_at(document, Place(0, offset))
    return text[start.offset : end.offset]


def test_the_sentence_at_an_offset_holds_its_character() -> None:
    assert get_sentence_at("One two. Three four. Five.", 12) == "Three four."


def test_the_space_between_sentences_belongs_to_the_next_one() -> None:
    assert get_sentence_at("One. Two.", 4) == "Two."


def test_the_sentence_at_the_end_of_a_text_is_its_last_one() -> None:
    assert get_sentence_at("One. Two. ", 10) == "Two."


@given(st.text("ab. !?…”“ \n。A1", max_size=60))
def test_every_character_is_in_exactly_one_sentence(text: str) -> None:
    sentences = split_sentences(text)
    joined = "".join(text[start:end] for start, end in sentences)
    assert "".join(joined.split()) == "".join(text.split())
    assert all(a.start < a.end <= b.start for a, b in itertools.pairwise(sentences))


PIECES = st.sampled_from(
    ["word ", "Dr. X", ". ", "! He ", "said ", "… ", '."  A ', "。", "3. ", "...", "”) "]
)


@given(st.lists(PIECES, min_size=1, max_size=60).map("".join), st.data())
def test_sentences_of_a_long_text_are_those_of_the_whole(text: str, data: st.DataObject) -> None:
    document = Document()
    document.extend([Block(Kind.PARAGRAPH, text)])
    place = Place(0, data.draw(st.integers(0, len(text))))

    def find() -> list[object]:
        return [
            find_sentence_at(document, place),
            find_adjacent_sentence(document, place, 1),
            find_adjacent_sentence(document, place, -1),
        ]

    whole = find()
    longest = max((end - start for start, end in split_sentences(text)), default=0)
    with pytest.MonkeyPatch.context() as patch:
        clear_caches()
        patch.setattr(sentences, "PART_CHARACTERS", longest + 8)
        assert find() == whole
    clear_caches()


def clear_caches() -> None:
    """Forget the parts of texts that were split."""
    sentences.split_part.cache_clear()
    sentences.find_part_start.cache_clear()


def test_no_part_of_a_text_is_searched_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []
    search = sentences._iterate_sentence_ends  # noqa: SLF001  counts its calls

    def count(text: str, first: int, last: int) -> Iterator[int]:
        searched.append(first)
        return search(text, first, last)

    monkeypatch.setattr(sentences, "_iterate_sentence_ends", count)
    document = Document()
    document.extend([Block(Kind.PARAGRAPH, "a! b <!-- " * 20_000)])
    clear_caches()
    find_sentence_at(document, Place(0, 100))
    find_adjacent_sentence(document, Place(0, 100), 1)
    assert len(searched) <= 2 * 2  # once to find where a part begins, once to split it


@pytest.mark.parametrize("text", ["." * 300_000, "?!" * 150_000 + "x", "word " * 600_000])
def test_a_sentence_without_end_is_cut(text: str) -> None:
    document = Document()
    document.extend([Block(Kind.PARAGRAPH, text)])
    start, end = find_sentence_at(document, Place(0, 100_000))
    assert 0 <= start.offset <= 100_000 < end.offset < 200_000
