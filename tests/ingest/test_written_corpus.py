"""Pages and copied texts that were written for these tests, each with the story expected of it.

They are made like the pages of real sites. `tests/data/ingest` has each source and its story.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from pathlib import Path
from unicodedata import normalize

import pytest

from reader.ingest import Draft, Facts, RemovedText
from reader.ingest.copied import FactLines, read_copied
from reader.ingest.page.html_tree import parse_html
from reader.ingest.page.story import read_page
from reader.ingest.save import write_markdown

DATA = Path(__file__).parent.parent / "data" / "ingest"
COPIED = sorted(DATA.glob("copied/*.txt"))
PAGES = sorted(DATA.glob("pages/*.html"))
ADDRESS = "https://x.example/a/"
LABELS = {"Author", "By", "by", "Written by", "About the author", "About the Author"}
"""Lines that only say which fact stands below them."""


def read_sample(path: Path) -> Draft:
    if path.suffix == ".txt":
        return read_copied(path.read_text())
    return read_page(path.read_bytes(), ADDRESS)


def find_lost_words(source: str, draft: Draft) -> set[str]:
    """Return the words of `source` that are neither in the story nor in what was removed.

    A long word that the source has twice must be there twice, lines of facts aside. Short ones
    may be joined to others there, such as a large first letter.
    """
    removed = "\n".join(piece.text for piece in draft.removed)
    facts = FactLines(draft.facts)
    shown = [line.strip() for line in source.split("\n")]
    lines = [line for line in shown if not facts.is_fact(line) and line not in LABELS]
    words, known = count_words("\n".join(lines)), f"{write_markdown(draft)}\n{removed}"
    lost = {word for word in words - count_words(known) if len(word) > 3}
    lost |= {word for word in words if word not in normalize("NFKC", known)}
    return lost


def count_words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", normalize("NFKC", text)))


@pytest.mark.parametrize("path", [*COPIED, *PAGES], ids=lambda path: path.stem)
def test_a_source_becomes_the_story_beside_it(path: Path) -> None:
    assert write_markdown(read_sample(path)) == path.with_suffix(".md").read_text()


@pytest.mark.parametrize("path", COPIED, ids=lambda path: path.stem)
def test_each_word_of_a_copied_text_is_in_the_story_or_in_what_was_removed(path: Path) -> None:
    assert find_lost_words(path.read_text(), read_sample(path)) == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_each_word_of_a_page_is_in_the_story_or_in_what_was_removed(path: Path) -> None:
    shown = [
        node.text
        for node in parse_html(path.read_text()).texts
        if not any(each.tag in ("script", "style", "head") for each in node.ancestors())
    ]
    assert find_lost_words("\n".join(shown), read_sample(path)) == set()


@pytest.mark.parametrize(
    ("name", "notice"),
    [
        (
            "copied/paid-beginning.txt",
            "the page says that only members or subscribers may read all of it",
        ),
        (
            "pages/members-only.html",
            "the page says that only members or subscribers may read all of it",
        ),
    ],
)
def test_a_wall_is_told(name: str, notice: str) -> None:
    assert read_sample(DATA / name).notices == (notice,)


def test_a_removed_line_is_put_back_where_it_stood() -> None:
    draft = read_sample(DATA / "copied" / "cards-within-the-text.txt")
    number = [piece.text for piece in draft.removed].index(
        "Related:\nNine Openings You Will Forget\nWhy Your Knight Is Lonely"
    )
    restored = draft.put_back(number)
    assert restored.blocks[1:4] == (
        "Related:",
        "Nine Openings You Will Forget",
        "Why Your Knight Is Lonely",
    )
    assert restored.removed == (
        RemovedText("You may also like\nHow to Win at Draughts", len(restored.blocks)),
    )


PARAGRAPHS = [
    "The kettle had been on the stove for an hour when the first of them came in out of the rain.",
    "Nobody said much at first, and then everybody did, all at once and about the same thing, the river.",
    "In the morning it had gone down again and left the road covered with branches, and we went out.",
    "There was a boat in the orchard, upright and dry, as if somebody had set it down there on purpose.",
]
LONG = f"{PARAGRAPHS[2]} {PARAGRAPHS[1]}"
HEADS = [
    [], ["Kettle Days"], ["Kettle Days and Other Matters"], ["Kettle Days", "By Ann Lee"],
    ["Home", "About", "Kettle Days", "Ann Lee", "Jun 12, 2021 · 5 min read"],
]  # fmt: skip
FACTS = [
    "Written by Ann Lee", "By Ann Lee", "Written by", "Posted by Ann Lee on May 2, 2021", "June 12, 2021", "5 min read",
    "Photo by Ann Lee on Unsplash", "Comments", "Published in Kettles", "Share", "About the author", "Ann Lee",
]  # fmt: skip


@pytest.mark.parametrize("fact", FACTS)
def test_no_paragraph_is_lost_or_a_title_wherever_a_line_of_facts_stands(fact: str) -> None:
    for number, (head, place, longer) in enumerate(product(HEADS, (1, 2, 4), (1, 6))):
        gap = ("\n", "\n\n")[number % 2 ^ number // 6 % 2]
        first = " ".join(PARAGRAPHS[:1] * longer)
        paragraphs = [first, *PARAGRAPHS[1:]]
        source = gap.join([*head, *paragraphs[:place], fact, *paragraphs[place:]])
        draft = read_copied(source)
        kept = [*draft.blocks, *(line for each in draft.removed for line in each.text.split("\n"))]
        kept += [draft.facts.deck, draft.facts.about]
        lost = [each for each in paragraphs if each not in kept]
        assert (lost, find_lost_words(source, draft)) == ([], set()), source


BUTTONS = [
    "Share this article", "Share this story:", "Subscribe to our newsletter", "Enjoyed the story? Tell a friend.",
    "Thanks for reading Kettle Days! This post is public so feel free to share it.",
]  # fmt: skip


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_between_paragraphs_ends_no_text(button: str) -> None:
    paragraphs = [*PARAGRAPHS[:3], button, PARAGRAPHS[3]]
    copied = read_copied("\n\n".join(["Kettle Days", "By Ann Lee", *paragraphs]))
    html = "".join(f"<p>{text}</p>" for text in paragraphs)
    page = read_page(f"<title>Kettle Days</title><article>{html}</article>".encode())
    assert copied.blocks[-1] == page.blocks[-1] == PARAGRAPHS[3]
    assert len(copied.blocks) >= 4


@pytest.mark.parametrize(
    "below", ["Facebook", "Ann Lee is a writer who lives beside a river with three kettles and no boat at all."]
)  # fmt: skip
def test_a_button_above_other_buttons_or_the_author_ends_a_text(below: str) -> None:
    lines = ["Kettle Days", "By Ann Lee", *PARAGRAPHS, "Share this article", below]
    assert read_copied("\n\n".join(lines)).blocks == tuple(PARAGRAPHS)


def test_a_page_ends_above_a_button_and_the_author() -> None:
    html = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    below = "<p><a href='/s'>Share</a></p><p>Ann Lee lives by a river and writes about it.</p>"
    head = "<title>Kettle Days</title><meta name=author content='Ann Lee'>"
    page = read_page(f"{head}<article>{html}{below}</article>".encode(), ADDRESS)
    assert page.blocks == tuple(PARAGRAPHS)
    assert [piece.text for piece in page.removed] == [
        "Share",
        "Ann Lee lives by a river and writes about it.",
    ]


def test_lines_that_are_kept_are_verse_if_they_are_called_so() -> None:
    verse = "<pre class='wp-block-verse'>The river rose,\n*the river fell\n\nand nobody would tell</pre>"
    text = f"<p>{PARAGRAPHS[0]}</p>{verse}<p>{PARAGRAPHS[1]}</p><p>{PARAGRAPHS[2]}</p>"
    page = read_page(f"<title>Kettle Days</title><article>{text}</article>".encode())
    assert page.blocks[1:3] == ("The river rose,\\\n\\*the river fell", "and nobody would tell")


def test_a_button_within_a_page_is_removed() -> None:
    paragraphs = [*PARAGRAPHS[:2], "Share this article", *PARAGRAPHS[2:]]
    html = "".join(f"<p>{text}</p>" for text in paragraphs)
    page = read_page(f"<title>Kettle Days</title><article>{html}</article>".encode())
    assert page.blocks == tuple(PARAGRAPHS)
    assert RemovedText("Share this article", 2) in page.removed


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_short_lines_below_a_colon_are_a_list_up_to_a_heading(gap: str) -> None:
    lines = ["Kettle Days", "By Ann Lee", PARAGRAPHS[0], "There were three of them:"]
    items = ["the one that whistles", "the one with the lid", "my aunt's"]
    source = gap.join([*lines, *items, "The Second Winter", *PARAGRAPHS[1:]])
    assert read_copied(source).blocks[1:4] == (
        "There were three of them:",
        "- the one that whistles\n- the one with the lid\n- my aunt's",
        "## The Second Winter",
    )


def test_dialogue_and_verse_below_a_colon_are_no_list() -> None:
    said = ["“Is it yours?”", "“No”", "“Then whose?”"]
    sung = ["the rain is on the river,", "the river is on the road", "and we are in the kitchen."]
    for lines in (said, sung):
        source = "\n".join(
            ["Kettle Days", "By Ann Lee", *PARAGRAPHS[:2], "He said:", *lines, *PARAGRAPHS[2:]]
        )
        assert not any(block.startswith(("- ", "#")) for block in read_copied(source).blocks)


def test_a_heading_of_a_wiki_loses_its_link() -> None:
    lines = ["Kettle", "By Ann Lee", PARAGRAPHS[0], "History[edit | edit source]", *PARAGRAPHS[1:]]
    draft = read_copied("\n".join(lines))
    assert draft.blocks[1] == "## History"
    assert draft.removed == (RemovedText("[edit | edit source]", 2),)


CARDS = [
    ["Related: The Lawn in May"], ["Read next:", "The Lawn in May", "A garden and its ends", "garden.example"],
    ["The Lawn in May", "garden.example"], ["You may also like", "The Lawn in May", "Why Moss Wins"],
]  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
def test_a_card_within_a_text_is_removed(card: list[str]) -> None:
    parts = ["Kettle Days", "By Ann Lee", *PARAGRAPHS[:2], "\n".join(card), LONG, PARAGRAPHS[3]]
    draft = read_copied("\n\n".join(parts))
    assert draft.blocks == (*PARAGRAPHS[:2], LONG, PARAGRAPHS[3])
    assert draft.removed == (RemovedText("\n".join(card), 2),)


def test_lines_that_became_facts_are_not_removed_text() -> None:
    above = ["Kettle Days", "Written by", "Ann Lee", "4 min readJun 12, 2021", "Share"]
    copied = read_copied("\n\n".join([*above, *PARAGRAPHS, "Comments", "By Ann Lee", "Nice one!"]))
    assert (copied.facts.author, copied.facts.minutes) == ("Ann Lee", 4)
    assert copied.removed == (
        RemovedText("Share", 0),
        RemovedText("Comments", 4),
        RemovedText("Nice one!", 4),
    )


@pytest.mark.parametrize(
    ("line", "is_fact"),
    [
        ("By Ann Lee", True), ("Ann LeeJun 12, 2021", True), ("4 min read", True), ("Ann Lee · 4 min read · June 12, 2021", True),
        ("Published on Saturday, 12 June 2021", True), ("Tags: rain, tea", True), ("RainTea", True),
        ("By Ann Lee in Humans", False), ("By Bo Ek", False), ("5 min read", False),
        ("Published June 12, 2021 · Updated July 3, 2022", False), ("June 12, 2021 at 10:30", False),
        ("Published 8 months ago", False), ("By", False), ("", False), ("·", False),
    ],
)  # fmt: skip
def test_a_line_that_only_says_facts_is_told(line: str, is_fact: bool) -> None:
    facts = Facts("Kettle Days", "", "Ann Lee", "2021-06-12", 4, tags=("Rain", "Tea"))
    assert FactLines(facts).is_fact(line) == is_fact
