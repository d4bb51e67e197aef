"""The bundled stories use a few tricks half as often as they did before they were edited.

An editor read the thirteen stories side by side and counted what they had too much of. Each counter
here was first run over the stories as they were then; its limit is half of what it found, for all
that are bundled now.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reader.library.files import find_bundled_folder
from reader.library.story import read_source
from reader.markdown.parser import parse
from reader.text.document import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = sorted(path.stem for path in find_bundled_folder().glob("*.md"))
MIN_SENTENCES = 3
MAX_WORDS = 6
SENTENCE_BREAK = re.compile(r"(?<=[.!?…])[”’)]?\s+(?=[“‘(]?[A-Z0-9])")
WORD = re.compile(r"[\w’'-]+")
EXACT_NUMBER = re.compile(
    r"\b(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ]"
    r"(?:one|two|three|four|five|six|seven|eight|nine)\b"
    r"|\b(?:eleven|thirteen|fourteen|sixteen|seventeen|eighteen|nineteen)\b"
    r"|(?<![\d.,/£€$])\d[\d.,]*\d\b",
    re.IGNORECASE,
)
"""A number that isn't round: in words above ten, or in two digits or more."""
DATE = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b\d{1,2}(?:st|nd|rd|th)?\s+(?:January|February|March|April|May|June"
    r"|July|August|September|October|November|December)"
)
"""A year, or a day of a month. Neither is counted as an exact number."""
COMPARISON = re.compile(
    r"\blike (?:a|an|the|somebody|someone|people|those|one)\b"
    r"|\bas (?:if|though)\b"
    r"|\bas (?:an? |people |you'd |the )?\w+ (?:do|does|go|goes|uses|cuts|hears|would|will|having)\b",
    re.IGNORECASE,
)


def list_texts(name: str, kinds: tuple[Kind, ...]) -> list[str]:
    """Return the blocks of some kinds in a story, without its footnotes."""
    text = parse(read_source(find_bundled_folder() / f"{name}.md").body)
    return [block.text for block in text.blocks if block.kind in kinds]


def find_short_closings(paragraph: str) -> Iterator[str]:
    """Find the last sentence of a paragraph of three or more, if it has six words or fewer."""
    sentences = [part for part in SENTENCE_BREAK.split(paragraph) if part.strip()]
    if len(sentences) >= MIN_SENTENCES and len(WORD.findall(sentences[-1])) <= MAX_WORDS:
        yield sentences[-1]


def find_exact_numbers(paragraph: str) -> Iterator[str]:
    yield from (match.group() for match in EXACT_NUMBER.finditer(DATE.sub("", paragraph)))


def find_comparisons(paragraph: str) -> Iterator[str]:
    yield from (match.group() for match in COMPARISON.finditer(paragraph))


COUNTERS = {
    "short closings": (find_short_closings, (Kind.PARAGRAPH,), 60),
    "exact numbers": (find_exact_numbers, (Kind.PARAGRAPH,), 145),
    "comparisons": (find_comparisons, (Kind.PARAGRAPH, Kind.VERSE), 38),
}
"""What is counted, where, and how often it stood in the stories on 22 November 2026."""


@pytest.mark.parametrize("trick", COUNTERS)
def test_a_trick_is_used_half_as_often_as_before(trick: str) -> None:
    find, kinds, before = COUNTERS[trick]
    found = [
        (name, use) for name in NAMES for text in list_texts(name, kinds) for use in find(text)
    ]
    assert len(found) <= before // 2, found


@pytest.mark.parametrize(
    ("paragraph", "uses"),
    [
        ("It was late. Nobody came. She went home.", ["She went home."]),
        ("It was late. She went home.", []),
        ("It was late. Nobody came. She went home by the long way round.", []),
    ],
)
def test_a_short_closing_needs_three_sentences(paragraph: str, uses: list[str]) -> None:
    assert list(find_short_closings(paragraph)) == uses


def test_dates_and_round_numbers_are_not_counted() -> None:
    paragraph = "On 9 March 1961 she had a hundred and thirty-six hens, forty ducks and 17 geese."
    assert list(find_exact_numbers(paragraph)) == ["thirty-six", "17"]
