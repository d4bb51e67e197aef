"""What is cut from the beginning of a text decides as the whole first slice does."""

from __future__ import annotations

import pytest

from reader.library.describing.opening import (
    Title,
    cut_opening,
    find_date_line,
    find_title,
    take_plain_title,
)
from reader.library.source.dates import StoryDate
from reader.library.story import parse_slices


def decide(body: str, title: str) -> tuple[str, StoryDate]:
    """Return the title and the date of a text whose fields give this title."""
    blocks = next(parse_slices(body, title)).blocks if body else ()
    found = Title() if title else find_title(blocks)
    return found.text, find_date_line(blocks, found.number + 1)


BODIES = {
    "# A *Title*\n\n12 June 2021\n\nText.": "# A *Title*\n12 June 2021",
    '\n\n# It\'s "quoted" #\nText at once 5.': '# It\'s "quoted" #\nText at once 5.',
    "## Small\n\nText.": "## Small\n",
    "## Small\n\n# Large": None,
    "## Small\n\nLarge\n===": None,
    "# [Link](a)\n\nText.": None,
    "# Title\n\n[12 June 2021](a)": None,
    "# Title\n\n[A link](a) in text": "# Title\n",
    "Just text of a paragraph.\n\n# Late": "",
    "12 June 2021\n\n# Late": None,
    "Text\n===\n\nMore": None,
    "A long\ntitle\n---\n\nMore": None,
    "“Quoted,” he said.": "",
    "June 12, 2021\n\nText": "June 12, 2021",
    "- a list\n\n# Title": None,
    "*A note.*\n\n# Title": None,
    "![a](b.png)\n\n# Title": None,
    "import A from 'b'\n\n# Title": None,
    "": None,
}


@pytest.mark.parametrize(("body", "opening"), BODIES.items())
@pytest.mark.parametrize("title", ["", "A Title", "Other"])
def test_a_plain_opening_decides_alone(body: str, opening: str | None, title: str) -> None:
    assert cut_opening(body) == opening
    if opening is not None:
        assert decide(opening, title) == decide(body, title)
    plain = take_plain_title(opening, is_wanted=not title)
    assert plain is None or (plain, StoryDate()) == decide(body, title)


HEADINGS = {
    "# The Cat\n": "The Cat",
    "### Été, 猫; really?  \n": "Été, 猫; really?",
    "# “Quoted”\n": "“Quoted”",
    "# It's\n": None,
    "# *A*\n": None,
    "# A #\n": None,
    "# www.example.org\n": None,
    "# snake_case\n": None,
    "# A -- b\n": None,
    "# Title\n12 June 2021": None,
    "": "",
}


@pytest.mark.parametrize(("opening", "title"), HEADINGS.items())
def test_a_plain_heading_is_taken_without_parsing_as_the_parser_takes_it(
    opening: str, title: str | None
) -> None:
    assert take_plain_title(opening, is_wanted=True) == title
    assert title is None or decide(opening, "") == (title, StoryDate())
