"""After an edit, old words that were read stay read, and new words are unread."""

from __future__ import annotations

import sys
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
from reader.text.document import Block, Kind, fingerprint_text
from reader.text.words import count_words

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from types import FrameType

    from _typeshed import TraceFunction

TEXT = tuple(
    f"Paragraph {name} begins so and goes on for a good while until it ends with {name}."
    for name in ("one", "two", "three", "four", "five", "six")
)
PARAGRAPH_WORDS = 16
"""Words in each paragraph of `TEXT`."""

DIGEST = "0123456789ab"
"""Identifies a version of the text."""


def make_blocks(texts: tuple[str, ...]) -> list[Block]:
    return [Block(Kind.PARAGRAPH, text, words=count_words(text)) for text in texts]


def map_words(ranges: WordRanges, *after: str, before: tuple[str, ...] = TEXT) -> WordRanges:
    """Return the numbers of the words `ranges` of `before` in the text `after`."""
    record = encode_record(DIGEST, fingerprint_blocks(make_blocks(before)))
    return map_ranges(
        ranges,
        compare_versions(
            decode_record(record), fingerprint_blocks(make_blocks(after))
        ).mapped_ranges,
    )


ALL: WordRanges = ((0, 6 * PARAGRAPH_WORDS),)


def test_words_of_an_unchanged_text_keep_their_numbers() -> None:
    assert map_words(((3, 20), (40, 77)), *TEXT) == ((3, 20), (40, 77))


def test_an_inserted_paragraph_is_unread_and_the_others_stay_read() -> None:
    assert map_words(ALL, *TEXT[:2], "Some new words.", *TEXT[2:]) == ((0, 32), (35, 99))


def test_the_words_of_a_deleted_paragraph_are_gone() -> None:
    assert map_words(((0, 20), (40, 50)), *TEXT[:1], *TEXT[2:]) == ((0, 16), (24, 34))


def test_the_read_words_of_a_moved_paragraph_move_with_it() -> None:
    assert map_words(((0, 10),), *TEXT[1:], TEXT[0]) == ((80, 90),)


def test_only_one_copy_of_a_copied_paragraph_is_read() -> None:
    assert count_range_words(map_words(((0, 16),), *TEXT, TEXT[0])) == 16


def test_a_paragraph_with_changed_words_stays_read() -> None:
    changed = TEXT[2].replace("goes on for a good while", "runs on")  # four words less
    assert map_words(ALL, *TEXT[:2], changed, *TEXT[3:]) == ((0, 92),)


def test_a_rewritten_paragraph_is_unread() -> None:
    new = "There is nothing left in here of the words that it held before somebody wrote it all again."
    assert map_words(ALL, *TEXT[:2], new, *TEXT[3:]) == ((0, 32), (50, 98))


def test_half_a_read_paragraph_is_half_of_its_longer_version() -> None:
    longer = TEXT[0].replace("goes on", "goes on and on, as such things do, and goes on still, on")
    assert count_words(longer) == 27
    assert map_words(((0, 8),), longer, *TEXT[1:]) == ((0, 14),)


def test_a_split_paragraph_stays_read() -> None:
    first, second = TEXT[2][:36], TEXT[2][37:]
    assert map_words(ALL, *TEXT[:2], first, second, *TEXT[3:]) == ALL


def test_two_joined_paragraphs_stay_read() -> None:
    assert map_words(ALL, TEXT[0], f"{TEXT[1]} {TEXT[2]}", *TEXT[3:]) == ALL


def test_a_new_paragraph_before_a_changed_one_is_unread() -> None:
    changed = TEXT[2].replace("good while", "bit")
    assert map_words(ALL, *TEXT[:2], "Some new words.", changed, *TEXT[3:]) == ((0, 32), (35, 98))


def test_repeated_lines_are_matched_in_order() -> None:
    verse = ("A line.", "Refrain.", "Another line.", "Refrain.", "The last line.", "Refrain.")
    assert map_words(((0, 5),), "New.", *verse, before=verse) == ((1, 6),)


def test_chapters_in_another_order_stay_read() -> None:
    assert map_words(((0, 48),), *TEXT[3:], *TEXT[:3]) == ((48, 96),)


def test_a_completely_new_text_is_unread() -> None:
    assert map_words(ALL, "Quite another text.") == ()


def test_blocks_without_words_map_no_words() -> None:
    mixed = [*make_blocks(TEXT[:1]), Block(Kind.CODE, "x = 1"), *make_blocks(TEXT[1:])]
    result = compare_versions(fingerprint_blocks(mixed), fingerprint_blocks(mixed[1:]))
    assert map_ranges(ALL, result.mapped_ranges) == ((0, 80),)


def locate_blocks(*after: str) -> list[tuple[int, bool]]:
    result = compare_versions(
        fingerprint_blocks(make_blocks(TEXT)), fingerprint_blocks(make_blocks(after))
    ).moved_blocks
    return [(moved_block.block, moved_block.is_gone) for moved_block in result]


def test_a_block_is_located_by_its_text_else_its_rewrite_else_its_neighbours() -> None:
    changed = TEXT[3].replace("goes on", "runs on")
    after = ("New.", TEXT[1], TEXT[2], "Quite new.", changed, "New, too.", TEXT[5], TEXT[0])
    assert locate_blocks(*after) == [
        (7, False),  # moved
        (1, False),
        (2, False),
        (4, False),  # rewritten
        (4, True),
        (6, False),
    ]


def test_a_record_takes_twelve_characters_a_block() -> None:
    assert len(encode_record(DIGEST, fingerprint_blocks(make_blocks(TEXT)))) == 1 + 12 + 6 * 12


def test_a_record_holds_a_million_words_a_block() -> None:
    long = fingerprint_blocks([Block(Kind.PARAGRAPH, "word " * 9, words=1_000_000)])
    assert decode_record(encode_record(DIGEST, long)) == long


def test_a_record_has_the_digest_it_was_made_with() -> None:
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
def test_an_unreadable_record_decodes_to_nothing(record: str) -> None:
    assert decode_record(record) == ()


def test_a_truncated_record_decodes_as_far_as_it_goes() -> None:
    record = encode_record(DIGEST, fingerprint_blocks(make_blocks(TEXT)))
    assert decode_record(record[:-4]) == fingerprint_blocks(make_blocks(TEXT))[:-1]


def count_steps(before: list[str], after: list[str]) -> int:
    """Return how many lines of Python are run to compare two versions of a text."""
    old, new = (
        fingerprint_blocks(make_blocks(tuple(before))),
        fingerprint_blocks(make_blocks(tuple(after))),
    )
    steps = 0

    def trace(frame: FrameType, event: str, arg: object) -> TraceFunction:
        nonlocal steps
        steps += event == "line"
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        compare_versions(old, new)
    finally:
        sys.settrace(previous)
    return steps


EDITS: dict[str, Callable[[int], tuple[list[str], list[str]]]] = {
    "reversed": lambda n: (number_paragraphs(n), number_paragraphs(n)[::-1]),
    "rewritten": lambda n: (number_paragraphs(n), [f"Now {k} is new, like {k}!" for k in range(n)]),
    "shuffled": lambda n: (
        number_paragraphs(n),
        sorted(number_paragraphs(n), key=fingerprint_text),
    ),
    "all equal": lambda n: (["The same."] * n, ["The same."] * (n + 1)),
}


def number_paragraphs(count: int) -> list[str]:
    return [f"Paragraph number {n} says what no other says, {n}." for n in range(count)]


@pytest.mark.parametrize("edit", EDITS)
def test_the_work_of_comparing_grows_with_the_number_of_blocks(edit: str) -> None:
    small, large = (count_steps(*EDITS[edit](count)) for count in (250, 1_000))
    assert large < 6 * small  # n log n; four times as many blocks, not sixteen times the work


SENTENCES = st.lists(
    st.sampled_from(["a b c", "d e", "f g h i", "j", "k l m n o p"]), max_size=12
).map(tuple)


@given(SENTENCES, SENTENCES)
def test_mapped_words_are_in_the_new_text(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    result = map_words(((0, sum(map(count_words, before))),), *after, before=before)
    assert all(0 <= first < end <= sum(map(count_words, after)) for first, end in result)


@given(SENTENCES, st.randoms(use_true_random=False))
def test_a_read_text_stays_read_in_any_order_of_its_paragraphs(
    before: tuple[str, ...], order: random.Random
) -> None:
    after = list(before)
    order.shuffle(after)
    words = sum(map(count_words, before))
    assert map_words(((0, words),), *after, before=before) == (((0, words),) if words else ())
