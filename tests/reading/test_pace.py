"""The reader's own pace: which screenfuls tell it, what they come to, and how time is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.reading.progress import (
    PaceMeter,
    View,
    WordRanges,
    add_sample,
    compute_pace,
    estimate_minutes,
    format_length,
    format_time_left,
    parse_language,
)

TOTAL = 2_000


class Stay:
    """A stay in a story of two thousand words, two hundred of them on the screen."""

    def __init__(self, read: WordRanges = ()) -> None:
        self.pacer = PaceMeter()
        self.now = 100.0
        self.read = read
        self.rates: list[int] = []

    def see(self, first: int, seconds: float, size: int = 200) -> Stay:
        """See the words from `first` on for some seconds."""
        end = min(TOTAL, first + size)
        self._look(View(first, end, end == TOTAL))
        self.now += seconds
        return self

    def look_away(self, seconds: float) -> Stay:
        self._look(None)
        self.now += seconds
        return self

    def _look(self, view: View | None) -> None:
        rate = self.pacer.record_view(view, self.read, self.now)
        self.rates += [rate] if rate is not None else []


def test_pages_that_were_read_on_tell_their_rate_but_for_the_first_and_the_last() -> None:
    stay = Stay()
    for first in range(0, TOTAL, 200):
        stay.see(first, 45)
    stay.look_away(0)
    assert stay.rates == [267] * 8  # 200 words in 45 seconds, ten pages


def test_of_a_page_that_keeps_two_lines_only_what_is_new_was_read() -> None:
    assert Stay().see(0, 40).see(180, 36).see(360, 36).rates == [300]  # 180 words in 36 s


def test_line_by_line_a_sample_comes_when_most_of_a_screenful_has_come() -> None:
    stay = Stay()
    for first in range(0, 310, 10):
        stay.see(first, 2)
    assert stay.rates == [300, 300]  # 120 words each, in 24 seconds


def test_half_pages_are_taken_together() -> None:
    stay = Stay()
    for first in range(0, 600, 100):
        stay.see(first, 20)
    assert stay.rates == [300, 300]


def test_lines_struck_quickly_count_with_the_one_that_was_read() -> None:
    stay = Stay().see(0, 40)
    for first in range(10, 140, 10):
        stay.see(first, 0.2 if first % 40 else 9.4)
    assert stay.rates == [240]  # four lines, forty words, every ten seconds


def test_a_page_that_was_flicked_past_tells_nothing_nor_does_the_next() -> None:
    stay = Stay().see(0, 40).see(200, 40).see(400, 0.3).see(600, 40).see(800, 40).see(1000, 1)
    assert stay.rates == [300, 300]  # the second page and the fifth


def test_page_down_held_tells_nothing() -> None:
    stay = Stay()
    for first in range(0, TOTAL, 200):
        stay.see(first, 0.03)
    assert stay.rates == []


def test_who_jumps_tells_nothing_until_the_page_after() -> None:
    assert Stay().see(0, 40).see(1_000, 40).see(1_200, 40).see(1_400, 1).rates == [300]


def test_who_goes_back_tells_nothing_until_the_page_after() -> None:
    stay = Stay().see(0, 40).see(200, 40)
    assert stay.see(100, 40).see(300, 40).see(500, 40).see(700, 1).rates == [300, 300]


def test_what_was_read_before_tells_nothing() -> None:
    stay = Stay(read=((0, 500),))
    for first in range(0, 1_200, 200):
        stay.see(first, 40)
    assert stay.rates == [300, 300]  # from 600 on; the page half of which was read tells nothing


def test_who_looked_away_tells_nothing_of_that_page() -> None:
    stay = Stay().see(0, 40).see(200, 20).look_away(600).see(200, 20).see(400, 40).see(600, 1)
    assert stay.rates == [300]


def test_a_page_that_stood_for_more_than_three_minutes_tells_nothing() -> None:
    assert Stay().see(0, 40).see(200, 181).see(400, 40).see(600, 1).rates == [300]


@pytest.mark.parametrize(
    ("seconds", "rates"),
    [(15, []), (16, [750]), (170, [71]), (180, [67]), (3, [])],
)
def test_rates_nobody_has_are_not_taken(seconds: float, rates: list[int]) -> None:
    assert Stay().see(0, 40).see(200, seconds).see(400, 1).rates == rates


def test_a_screenful_of_few_words_tells_nothing_by_itself() -> None:
    assert Stay().see(0, 9, 30).see(30, 9, 30).see(60, 1, 30).rates == []


def test_another_width_is_no_page_that_was_read() -> None:
    # The same text on a narrower screen, then a wider one.
    assert Stay().see(0, 40).see(200, 40).see(200, 40, 120).see(200, 40, 260).rates == []


def test_the_last_screenful_tells_nothing_though_one_reads_on_behind_the_end() -> None:
    stay = Stay().see(1_400, 40).see(1_600, 40).see(1_800, 200)
    assert stay.see(1_990, 1).rates == [300]


# What is made of them ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ((), 265),
        ((400,) * 11, 265),
        ((400,) * 12, 400),
        ((100, 200, 300, 310, 320, 330, 340, 350, 360, 370, 380, 700), 340),
        ((80,) * 20, 120),
        ((780,) * 20, 600),
    ],
)
def test_the_pace_is_the_median_within_bounds(samples: tuple[int, ...], words: int) -> None:
    assert compute_pace(samples) == words


def test_the_last_99_samples_are_kept() -> None:
    samples: tuple[int, ...] = ()
    for rate in range(60, 260):
        samples = add_sample(samples, rate)
    assert (len(samples), samples[0], samples[-1]) == (99, 161, 259)


@given(st.lists(st.integers(-9, 10_000)))
def test_the_pace_is_always_believable(samples: list[int]) -> None:
    assert 120 <= compute_pace(samples) <= 600


@pytest.mark.parametrize(
    ("said", "language"),
    [("en", "en"), ("en-GB", "en"), ("pt_BR", "pt"), ("DE", "de"), ("", ""), (" fr ", "fr"),
     ("x" * 40, ""), ("日本語", ""), ("1", "")],
)  # fmt: skip
def test_a_language_is_its_primary_subtag(said: str, language: str) -> None:
    assert parse_language(said) == language


# How it is said ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (0, "under a minute left"),
        (264, "under a minute left"),
        (265, "1 min left"),
        (397, "1 min left"),
        (398, "2 min left"),
        (1_060, "4 min left"),
    ],
)
def test_what_is_left_is_said_as_a_person_says_it(words: int, said: str) -> None:
    assert format_time_left(words, 265) == said


@pytest.mark.parametrize(("words", "time"), [(0, 1), (397, 1), (398, 2), (2_650, 10)])
def test_words_take_minutes_at_265_a_minute(words: int, time: int) -> None:
    assert estimate_minutes(words) == time


def test_how_long_a_text_is_goes_by_the_pace() -> None:
    assert (format_length(1_590, 265), format_length(1_590, 530)) == ("6 min", "3 min")
