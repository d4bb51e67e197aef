"""Evidence: what counts as read, by the table of behaviours that a reader would expect."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.reading.progress import (
    ReadingCredit,
    ReadStatus,
    View,
    WordRanges,
    count_range_words,
    find_gaps,
    find_skipped,
    merge_ranges,
)

TOTAL = 2_000
SCREENFUL = 200


class Stay:
    """A stay in a story of two thousand words, two hundred of them on the screen at once."""

    def __init__(self, ranges: WordRanges = (), mark: ReadStatus = ReadStatus.UNREAD) -> None:
        self.evidence = ReadingCredit(ranges, mark)
        self.now = 100.0

    def look(self, first: int, seconds: float) -> None:
        """Look at the screenful from the word `first` on for some seconds, twice a second."""
        end = min(TOTAL, first + SCREENFUL)
        view = View(first, end, end == TOTAL)
        self.evidence.record_input(self.now)
        self.evidence.record_view(view, self.now, TOTAL)
        ends = self.now + seconds
        while self.now < ends:
            self.now = min(ends, self.now + 0.5)
            self.evidence.record_view(view, self.now, TOTAL)

    def pages(self, words_a_minute: int, first: int = 0, last: int = TOTAL) -> None:
        """Read from one word to another at a pace, by screenfuls."""
        for word in range(first, last, SCREENFUL):
            self.look(word, SCREENFUL * 60 / words_a_minute)

    @property
    def told(self) -> tuple[ReadStatus, int]:
        return self.evidence.status, count_range_words(self.evidence.ranges)


def test_opened_and_left_is_unread() -> None:
    stay = Stay()
    stay.look(0, 2)
    assert stay.told == (ReadStatus.UNREAD, 26)


def test_a_first_screenful_that_had_its_time_is_reading() -> None:
    stay = Stay()
    stay.look(0, 16)
    assert stay.told == (ReadStatus.READING, 200)


@pytest.mark.parametrize("pace", [180, 265, 450, 790])
def test_read_by_pages_is_finished(pace: int) -> None:
    stay = Stay()
    stay.pages(pace)
    assert stay.evidence.status is ReadStatus.FINISHED


def test_read_line_by_line_is_finished() -> None:
    stay = Stay()
    for word in range(0, TOTAL - SCREENFUL, 10):
        stay.look(word, 10 * 60 / 265)
    stay.look(TOTAL - SCREENFUL, 45)
    assert stay.told == (ReadStatus.FINISHED, 2_000)


def test_page_down_held_is_not_finished() -> None:
    stay = Stay()
    for word in range(0, TOTAL, SCREENFUL):
        stay.look(word, 0.5)
    stay.look(TOTAL - SCREENFUL, 60)
    assert stay.evidence.status is ReadStatus.READING
    assert count_range_words(stay.evidence.ranges) < 300


def test_the_end_touched_finishes_nothing() -> None:
    stay = Stay()
    stay.look(TOTAL - SCREENFUL, 1)
    assert stay.told == (ReadStatus.UNREAD, 13)


def test_the_first_and_the_last_third_are_not_the_whole() -> None:
    stay = Stay()
    stay.pages(265, 0, 600)
    stay.pages(265, 1_400, TOTAL)
    assert stay.told == (ReadStatus.READING, 1_200)


def test_four_fifths_without_the_end_are_not_finished() -> None:
    stay = Stay()
    stay.pages(265, 0, 1_800)
    assert stay.told == (ReadStatus.READING, 1_800)


def test_what_is_finished_stays_finished_when_it_is_read_again() -> None:
    stay = Stay(((0, TOTAL),), ReadStatus.FINISHED)
    stay.look(0, 1)
    assert stay.told == (ReadStatus.FINISHED, 2_000)


def test_nothing_is_credited_while_nobody_looks() -> None:
    stay = Stay()
    stay.look(0, 1)
    before = stay.told
    stay.evidence.record_view(None, stay.now, TOTAL)
    stay.evidence.record_view(None, stay.now + 3_600, TOTAL)
    assert stay.told == before


def test_nothing_is_credited_after_three_minutes_without_a_key() -> None:
    evidence = ReadingCredit((), ReadStatus.UNREAD)
    for second in range(0, 3_600, 10):
        evidence.record_view(View(0, 10_000, has_last_word=False), second, 10_000)
    assert count_range_words(evidence.ranges) == 2_385  # 13.25 words a second


def test_a_key_goes_on_with_what_is_on_the_screen() -> None:
    evidence = ReadingCredit((), ReadStatus.UNREAD)
    evidence.record_view(View(0, 10_000, has_last_word=False), 0, 10_000)
    evidence.record_view(View(0, 10_000, has_last_word=False), 600, 10_000)
    evidence.record_input(600)
    evidence.record_view(View(0, 10_000, has_last_word=False), 700, 10_000)
    assert count_range_words(evidence.ranges) == 2_385 + 1_325


def test_what_was_passed_over_stands_before_something_that_was_read() -> None:
    assert find_skipped(((0, 100), (120, 300), (400, 500), (900, 950))) == ((300, 400), (500, 900))


def test_a_beginning_that_was_passed_over_is_skipped_and_the_rest_is_not() -> None:
    assert (find_skipped(((200, 300),)), find_skipped(((0, 300),)), find_skipped(())) == (
        ((0, 200),),
        (),
        (),
    )


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    stay = Stay()
    stay.look(0, 5)
    before = stay.told
    stay.now -= 3_600
    stay.look(0, 0.1)
    assert stay.told[1] >= before[1]


def test_words_are_credited_from_the_first_uncredited_one_on() -> None:
    stay = Stay(((0, 50), (60, 70)))
    stay.look(0, 2)
    assert stay.evidence.ranges == ((0, 86),)


def test_what_the_reader_says_is_not_overruled_in_the_same_stay() -> None:
    stay = Stay()
    stay.evidence.override_status(ReadStatus.UNREAD, ())
    stay.pages(265)
    assert stay.evidence.status is ReadStatus.UNREAD


def test_a_text_of_unknown_length_is_not_finished() -> None:
    stay = Stay()
    view = View(0, 100, has_last_word=True)
    stay.evidence.record_view(view, 100, None)
    stay.evidence.record_view(view, 200, None)
    assert stay.evidence.status is ReadStatus.READING


RANGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda r: (r[0], r[0] + r[1])),
    max_size=8,
).map(lambda ranges: merge_ranges((), tuple(ranges)))


def words(ranges: WordRanges) -> set[int]:
    return {word for first, end in ranges for word in range(first, end)}


@given(RANGES, RANGES)
def test_a_union_has_the_words_of_both_in_ranges_apart(one: WordRanges, other: WordRanges) -> None:
    both = merge_ranges(one, other)
    assert words(both) == words(one) | words(other)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(both))


@given(RANGES, st.integers(0, 60), st.integers(0, 30))
def test_what_is_uncredited_is_the_rest(ranges: WordRanges, first: int, length: int) -> None:
    end = first + length
    assert words(find_gaps(ranges, first, end)) == set(range(first, end)) - words(ranges)
