"""Words count as read, and a story as finished, when a reader would expect it."""

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


class ReadingSimulation:
    """Simulates reading a story of two thousand words, two hundred of them on the screen."""

    def __init__(self, ranges: WordRanges = (), status: ReadStatus = ReadStatus.UNREAD) -> None:
        self.credit = ReadingCredit(ranges, status)
        self.now = 100.0

    def show(self, first: int, seconds: float) -> None:
        """Show the screenful from word `first` on for some seconds, with a view each half second."""
        end = min(TOTAL, first + SCREENFUL)
        view = View(first, end, end == TOTAL)
        self.credit.record_input(self.now)
        self.credit.record_view(view, self.now, TOTAL)
        end_time = self.now + seconds
        while self.now < end_time:
            self.now = min(end_time, self.now + 0.5)
            self.credit.record_view(view, self.now, TOTAL)

    def read_pages(self, words_per_minute: int, first: int = 0, last: int = TOTAL) -> None:
        """Read from word `first` up to `last` by screenfuls."""
        for word in range(first, last, SCREENFUL):
            self.show(word, SCREENFUL * 60 / words_per_minute)

    @property
    def result(self) -> tuple[ReadStatus, int]:
        """The status and the number of words read."""
        return self.credit.status, count_range_words(self.credit.ranges)


def test_a_story_opened_for_two_seconds_stays_unread() -> None:
    reading = ReadingSimulation()
    reading.show(0, 2)
    assert reading.result == (ReadStatus.UNREAD, 26)


def test_a_story_whose_first_screenful_was_read_is_being_read() -> None:
    reading = ReadingSimulation()
    reading.show(0, 16)
    assert reading.result == (ReadStatus.READING, 200)


@pytest.mark.parametrize("pace", [180, 265, 450, 790])
def test_a_story_read_page_by_page_is_finished(pace: int) -> None:
    reading = ReadingSimulation()
    reading.read_pages(pace)
    assert reading.credit.status is ReadStatus.FINISHED


def test_a_story_read_line_by_line_is_finished() -> None:
    reading = ReadingSimulation()
    for word in range(0, TOTAL - SCREENFUL, 10):
        reading.show(word, 10 * 60 / 265)
    reading.show(TOTAL - SCREENFUL, 45)
    assert reading.result == (ReadStatus.FINISHED, 2_000)


def test_holding_page_down_does_not_finish_a_story() -> None:
    reading = ReadingSimulation()
    for word in range(0, TOTAL, SCREENFUL):
        reading.show(word, 0.5)
    reading.show(TOTAL - SCREENFUL, 60)
    assert reading.credit.status is ReadStatus.READING
    assert count_range_words(reading.credit.ranges) < 300


def test_jumping_to_the_end_does_not_finish_a_story() -> None:
    reading = ReadingSimulation()
    reading.show(TOTAL - SCREENFUL, 1)
    assert reading.result == (ReadStatus.UNREAD, 13)


def test_reading_the_first_and_last_third_does_not_finish_a_story() -> None:
    reading = ReadingSimulation()
    reading.read_pages(265, 0, 600)
    reading.read_pages(265, 1_400, TOTAL)
    assert reading.result == (ReadStatus.READING, 1_200)


def test_a_story_is_not_finished_before_its_end_was_seen() -> None:
    reading = ReadingSimulation()
    reading.read_pages(265, 0, 1_800)
    assert reading.result == (ReadStatus.READING, 1_800)


def test_a_note_of_fourteen_words_is_finished_after_five_seconds_on_the_screen() -> None:
    view = View(0, 14, has_last_word=True)
    credit = ReadingCredit((), ReadStatus.UNREAD)
    statuses = [credit.record_view(view, half / 2, 14) for half in range(6)]
    credit.record_view(None, 2.5, 14)
    credit.record_view(view, 100, 14)
    statuses += [credit.record_view(view, 100 + half / 2, 14) for half in range(1, 6)]
    assert statuses == [*["unread"] * 3, *["reading"] * 7, "finished"]


def test_the_time_that_words_took_before_counts_towards_five_seconds() -> None:
    credit = ReadingCredit(((0, 90),), ReadStatus.READING)
    credit.record_view(View(60, 100, has_last_word=True), 0, 100)
    assert credit.record_view(View(60, 100, has_last_word=True), 1, 100) is ReadStatus.FINISHED


def test_a_finished_story_stays_finished_when_opened_again() -> None:
    reading = ReadingSimulation(((0, TOTAL),), ReadStatus.FINISHED)
    reading.show(0, 1)
    assert reading.result == (ReadStatus.FINISHED, 2_000)


def test_no_words_are_credited_while_nothing_is_visible() -> None:
    reading = ReadingSimulation()
    reading.show(0, 1)
    before = reading.result
    reading.credit.record_view(None, reading.now, TOTAL)
    reading.credit.record_view(None, reading.now + 3_600, TOTAL)
    assert reading.result == before


def test_no_words_are_credited_after_three_minutes_without_input() -> None:
    credit = ReadingCredit((), ReadStatus.UNREAD)
    for second in range(0, 3_600, 10):
        credit.record_view(View(0, 10_000, has_last_word=False), second, 10_000)
    assert count_range_words(credit.ranges) == 2_385  # 13.25 words a second


def test_input_resumes_crediting_the_same_view() -> None:
    credit = ReadingCredit((), ReadStatus.UNREAD)
    credit.record_view(View(0, 10_000, has_last_word=False), 0, 10_000)
    credit.record_view(View(0, 10_000, has_last_word=False), 600, 10_000)
    credit.record_input(600)
    credit.record_view(View(0, 10_000, has_last_word=False), 700, 10_000)
    assert count_range_words(credit.ranges) == 2_385 + 1_325


def test_skipped_parts_are_unread_words_before_read_ones() -> None:
    assert find_skipped(((0, 100), (120, 300), (400, 500), (900, 950))) == ((300, 400), (500, 900))


def test_an_unread_beginning_is_skipped_and_an_unread_end_is_not() -> None:
    assert (find_skipped(((200, 300),)), find_skipped(((0, 300),)), find_skipped(())) == (
        ((0, 200),),
        (),
        (),
    )


def test_a_clock_that_goes_back_removes_no_credit() -> None:
    reading = ReadingSimulation()
    reading.show(0, 5)
    before = reading.result
    reading.now -= 3_600
    reading.show(0, 0.1)
    assert reading.result[1] >= before[1]


def test_unread_words_are_credited_in_order() -> None:
    reading = ReadingSimulation(((0, 50), (60, 70)))
    reading.show(0, 2)
    assert reading.credit.ranges == ((0, 86),)


def test_a_status_set_by_hand_is_not_changed_automatically() -> None:
    reading = ReadingSimulation()
    reading.credit.override_status(ReadStatus.UNREAD, ())
    reading.read_pages(265)
    assert reading.credit.status is ReadStatus.UNREAD


def test_a_text_of_unknown_length_is_never_finished() -> None:
    reading = ReadingSimulation()
    view = View(0, 100, has_last_word=True)
    reading.credit.record_view(view, 100, None)
    reading.credit.record_view(view, 200, None)
    assert reading.credit.status is ReadStatus.READING


RANGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda r: (r[0], r[0] + r[1])),
    max_size=8,
).map(lambda ranges: merge_ranges((), tuple(ranges)))


def list_words(ranges: WordRanges) -> set[int]:
    return {word for first, end in ranges for word in range(first, end)}


@given(RANGES, RANGES)
def test_merged_ranges_hold_the_words_of_both_and_are_disjoint(
    one: WordRanges, other: WordRanges
) -> None:
    both = merge_ranges(one, other)
    assert list_words(both) == list_words(one) | list_words(other)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(both))


@given(RANGES, st.integers(0, 60), st.integers(0, 30))
def test_gaps_are_the_words_in_no_range(ranges: WordRanges, first: int, length: int) -> None:
    end = first + length
    assert list_words(find_gaps(ranges, first, end)) == set(range(first, end)) - list_words(ranges)
