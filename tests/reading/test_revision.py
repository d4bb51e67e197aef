"""What was read stays read when the text was edited, and what is new is unread."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.reading.progress import WordRanges, count_range_words
from reader.reading.revision import (
    compare_versions,
    decode_record,
    encode_record,
    fingerprint_blocks,
    has_digest,
    map_ranges,
)
from reader.text.document import Block, Kind, count_words

if TYPE_CHECKING:
    import random

TEXT = tuple(
    f"Paragraph {name} begins so and goes on for a good while until it ends with {name}."
    for name in ("one", "two", "three", "four", "five", "six")
)
WORDS = 16
"""Words in each paragraph of `TEXT`."""

DIGEST = "0123456789ab"
"""What tells the text from another version of it."""


def blocks(texts: tuple[str, ...]) -> list[Block]:
    return [Block(Kind.PARAGRAPH, text, words=count_words(text)) for text in texts]


def now(ranges: WordRanges, *after: str, before: tuple[str, ...] = TEXT) -> WordRanges:
    """Return where the words read in `before` are in the text `after`."""
    record = encode_record(DIGEST, fingerprint_blocks(blocks(before)))
    return map_ranges(
        ranges,
        compare_versions(decode_record(record), fingerprint_blocks(blocks(after))).mapped_ranges,
    )


ALL: WordRanges = ((0, 6 * WORDS),)


def test_in_the_same_text_every_word_has_its_number() -> None:
    assert now(((3, 20), (40, 77)), *TEXT) == ((3, 20), (40, 77))


def test_a_paragraph_put_in_is_unread_and_the_others_stay_read() -> None:
    assert now(ALL, *TEXT[:2], "Some new words.", *TEXT[2:]) == ((0, 32), (35, 99))


def test_a_paragraph_taken_out_takes_its_words_along() -> None:
    assert now(((0, 20), (40, 50)), *TEXT[:1], *TEXT[2:]) == ((0, 16), (24, 34))


def test_a_paragraph_that_was_moved_takes_what_was_read_of_it_along() -> None:
    assert now(((0, 10),), *TEXT[1:], TEXT[0]) == ((80, 90),)


def test_of_a_paragraph_that_was_copied_one_is_read() -> None:
    assert count_range_words(now(((0, 16),), *TEXT, TEXT[0])) == 16


def test_a_paragraph_in_which_words_were_changed_stays_read() -> None:
    changed = TEXT[2].replace("goes on for a good while", "runs on")  # four words less
    assert now(ALL, *TEXT[:2], changed, *TEXT[3:]) == ((0, 92),)


def test_a_paragraph_that_was_rewritten_is_unread() -> None:
    anew = "There is nothing left in here of what had been said before it was written anew, is it?"
    assert now(ALL, *TEXT[:2], anew, *TEXT[3:]) == ((0, 32), (50, 98))


def test_half_a_paragraph_that_was_read_is_half_of_the_longer_one() -> None:
    longer = TEXT[0].replace("goes on", "goes on and on, as such things do, and goes on still, on")
    assert count_words(longer) == 27
    assert now(((0, 8),), longer, *TEXT[1:]) == ((0, 14),)


def test_a_paragraph_that_was_split_stays_read() -> None:
    first, second = TEXT[2][:36], TEXT[2][37:]
    assert now(ALL, *TEXT[:2], first, second, *TEXT[3:]) == ALL


def test_two_paragraphs_that_were_joined_stay_read() -> None:
    assert now(ALL, TEXT[0], f"{TEXT[1]} {TEXT[2]}", *TEXT[3:]) == ALL


def test_a_new_paragraph_before_a_changed_one_is_unread() -> None:
    changed = TEXT[2].replace("good while", "bit")
    assert now(ALL, *TEXT[:2], "Some new words.", changed, *TEXT[3:]) == ((0, 32), (35, 98))


def test_lines_that_come_again_and_again_stay_in_their_order() -> None:
    verse = ("A line.", "Refrain.", "Another line.", "Refrain.", "The last line.", "Refrain.")
    assert now(((0, 5),), "New.", *verse, before=verse) == ((1, 6),)


def test_chapters_in_another_order_stay_read() -> None:
    assert now(((0, 48),), *TEXT[3:], *TEXT[:3]) == ((48, 96),)


def test_a_text_of_which_nothing_is_left_is_unread() -> None:
    assert now(ALL, "Quite another text.") == ()


def test_code_and_breaks_have_no_words_to_carry() -> None:
    mixed = [*blocks(TEXT[:1]), Block(Kind.CODE, "x = 1"), *blocks(TEXT[1:])]
    found = compare_versions(fingerprint_blocks(mixed), fingerprint_blocks(mixed[1:]))
    assert map_ranges(ALL, found.mapped_ranges) == ((0, 80),)


def spots(*after: str) -> list[tuple[int, bool]]:
    found = compare_versions(
        fingerprint_blocks(blocks(TEXT)), fingerprint_blocks(blocks(after))
    ).moved_blocks
    return [(spot.block, spot.is_gone) for spot in found]


def test_a_block_is_where_its_text_is_or_what_it_became_or_else_where_it_stood() -> None:
    changed = TEXT[3].replace("goes on", "runs on")
    after = ("New.", TEXT[1], TEXT[2], "Quite new.", changed, "New, too.", TEXT[5], TEXT[0])
    assert spots(*after) == [
        (7, False),  # moved
        (1, False),
        (2, False),
        (4, False),  # rewritten
        (4, True),
        (6, False),
    ]


def test_a_record_takes_twelve_characters_a_block() -> None:
    assert len(encode_record(DIGEST, fingerprint_blocks(blocks(TEXT)))) == 1 + 12 + 6 * 12


def test_a_block_of_a_million_words_keeps_its_number() -> None:
    long = fingerprint_blocks([Block(Kind.PARAGRAPH, "word " * 9, words=1_000_000)])
    assert decode_record(encode_record(DIGEST, long)) == long


def test_a_record_knows_its_own_text() -> None:
    record = encode_record(DIGEST, ())
    assert (
        has_digest(record, DIGEST),
        has_digest(record, "ba9876543210"),
        has_digest("", DIGEST),
    ) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize("record", ["", "1", "2" + "A" * 24, "1abc\xe9", "1" + "0" * 12 + "A"])
def test_a_record_that_cannot_be_read_carries_nothing(record: str) -> None:
    assert decode_record(record) == ()


def test_a_record_that_was_cut_carries_what_is_left() -> None:
    record = encode_record(DIGEST, fingerprint_blocks(blocks(TEXT)))
    assert decode_record(record[:-4]) == fingerprint_blocks(blocks(TEXT))[:-1]


@pytest.mark.parametrize("way", ["reversed", "rewritten", "shuffled", "all alike"])
def test_ten_thousand_blocks_are_carried_soon(way: str) -> None:
    texts = [f"Paragraph number {n} says what no other says, {n}." for n in range(10_000)]
    after = {
        "reversed": texts[::-1],
        "rewritten": [f"Now {n * 7} is said, and so is {n}!" for n in range(10_000)],
        "shuffled": [texts[n * 7_919 % 10_000] for n in range(10_000)],
        "all alike": ["The same."] * 10_001,
    }[way]
    before = ["The same."] * 10_000 if way == "all alike" else texts
    old, new = fingerprint_blocks(blocks(tuple(before))), fingerprint_blocks(blocks(tuple(after)))
    began = time.process_time()
    map_ranges(((0, 10),), compare_versions(old, new).mapped_ranges)
    assert time.process_time() - began < 2  # a tenth of that; quadratic would be a minute


SENTENCES = st.lists(
    st.sampled_from(["a b c", "d e", "f g h i", "j", "k l m n o p"]), max_size=12
).map(tuple)


@given(SENTENCES, SENTENCES)
def test_whatever_is_carried_lies_in_the_text(
    before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    found = now(((0, sum(map(count_words, before))),), *after, before=before)
    assert all(0 <= first < end <= sum(map(count_words, after)) for first, end in found)


@given(SENTENCES, st.randoms(use_true_random=False))
def test_in_any_order_of_the_same_paragraphs_a_text_that_was_read_is_read(
    before: tuple[str, ...], order: random.Random
) -> None:
    after = list(before)
    order.shuffle(after)
    words = sum(map(count_words, before))
    assert now(((0, words),), *after, before=before) == (((0, words),) if words else ())
