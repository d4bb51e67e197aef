"""Headings are listed as sections with their depth and the words under them."""

from __future__ import annotations

import pytest

from reader.markdown.parser import parse
from reader.text.document import Place
from reader.text.links import Section, find_section, list_sections

TEXT = "Before it.\n\n## One\n\na b c\n\n### Inner\n\nd e\n\n## Two\n\nf\n"


def test_sections_have_a_depth_and_the_words_under_them() -> None:
    assert list_sections(parse(TEXT)) == [
        Section("One", Place(1), 0, 7),
        Section("Inner", Place(3), 1, 3),
        Section("Two", Place(5), 0, 2),
    ]


def test_depth_counts_from_the_outermost_heading_in_the_text() -> None:
    sections = list_sections(parse("#### Deep\n\n###### Deeper\n\n##### Between\n"))
    assert [section.depth for section in sections] == [0, 1, 1]


@pytest.mark.parametrize(
    ("place", "number"),
    [(Place(0), -1), (Place(1), 0), (Place(2, 3), 0), (Place(4), 1), (Place(6), 2)],
)
def test_a_place_is_in_the_last_section_that_starts_before_it(place: Place, number: int) -> None:
    assert find_section(list_sections(parse(TEXT)), place) == number
