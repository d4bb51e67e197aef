"""What is cut from the beginning of a text decides as the whole first slice does."""

from __future__ import annotations

import pytest

from reader.library.describing import opening
from reader.library.describing.opening import (
    Title,
    cut_opening,
    find_date_line,
    find_title,
    parse_opening,
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


UNPLAIN_BODIES = (
    *BODIES,
    "# Name <sup>[![Badge][image]][url]</sup>\n\n[![Badge][image]][url]\n\nText.",
    "[![Badge][image]][url]\n\n## Small\n\n# Large",
    "[image]\n\n# No picture stands above this",
    "> A quote.\n>\n> # In it\n\n# Title\n\n3 May 2020",
    "<p align=center>\n  <img src=a.png>\n</p>\n\n# Title\n\n[3 May 2020][url]",
    "<!-- A note.\n\n# Not a title -->\n\n# Title",
    "1.0 / 2020-05-03\n===\n\n* Text.",
    "![a](b.png)\n\n- - -",
    "## Small\n\n> A quote",
)
FILLINGS = (
    "More text that fills the first slice. " * 3,
    "> A quote that goes on\n> and on.",
    "- an item of a list\n\n- another one",
)


@pytest.mark.parametrize("title", ["", "Title"])
@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("late", ["", "# Late", "Late\n===", "<h1>Late</h1>"])
def test_the_first_blocks_decide_as_the_whole_first_slice_does(
    filling: str, late: str, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_OPENING_CHARACTERS", 120)
    definitions = "[image]: a.png\n[url]: https://example.org\n"
    for start in UNPLAIN_BODIES:
        body = "\n\n".join((start, *([filling] * (300 // len(filling))), late, definitions))
        blocks = parse_opening(body, title)
        found = Title() if title else find_title(blocks)
        assert (found.text, find_date_line(blocks, found.number + 1)) == decide(body, title), start


def test_quotes_that_are_nested_too_deeply_change_no_title() -> None:
    body = f"# *Title*\n\n{'>' * 400} deep\n\n" + "More text.\n\n" * 400
    assert find_title(parse_opening(body, "")).text == decide(body, "")[0] == "Title"


def test_few_blocks_of_a_text_with_an_unplain_opening_are_parsed() -> None:
    body = "# [A link](b)\n\n" + "Some *words* of a paragraph.\n\n" * 400
    assert len(parse_opening(body, "")) < 100
