"""The bundled stories have complete front matter and clean text, and repeat nothing."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest

from reader.layout.galley import Galley
from reader.library.catalog import Catalog
from reader.library.describing import describe_document
from reader.library.files import find_bundled_folder
from reader.library.story import read_source
from reader.markdown.parser import parse
from reader.text.document import Container, Kind, Role

if TYPE_CHECKING:
    from reader.library.story import Source, Story
    from reader.text.document import Block, Document

NAMES = sorted(path.stem for path in find_bundled_folder().glob("*.md"))
TAGS = {
    *("interviews", "rejection", "rehearsal", "silence", "quitting", "apprenticeship", "learning"),
    *("attention", "letters", "walking", "handwork", "reading", "errors", "music", "night"),
}
SEQUENCE_WORDS = 8
"""Words in a row that two stories must not share."""


def read_story(name: str) -> Source:
    return read_source(find_bundled_folder() / f"{name}.md")


def parse_story(name: str) -> Document:
    file = read_story(name)
    return parse(file.body, file.front_matter.title)


def describe_story(name: str) -> Story:
    return describe_document(read_story(name), "bundled", parse_story(name))


def list_prose_blocks(name: str) -> list[Block]:
    """Return the blocks of text and footnotes that are not code."""
    text = parse_story(name)
    return [block for block in (*text.blocks, *text.footnotes) if block.kind is not Kind.CODE]


def blank_out_code(block: Block) -> str:
    """Return the text of a block with x in place of its code."""
    text = list(block.text)
    for span in block.spans:
        if span.role & Role.CODE:
            text[span.start : span.end] = "x" * (span.end - span.start)
    return "".join(text)


def test_there_are_enough_stories_and_words() -> None:
    assert len(NAMES) >= 12
    assert sum(describe_story(name).words for name in NAMES) >= 18_000


def test_there_are_essays_fiction_and_verse() -> None:
    assert {describe_story(name).kind for name in NAMES} == {"essay", "fiction", "verse"}


def test_one_essay_is_long_and_has_every_kind_of_markup() -> None:
    text = parse_story("errata")
    assert text.words >= 4_000
    assert sum(block.kind is Kind.HEADING for block in text.blocks) >= 3
    assert text.footnotes
    assert any(
        level.container is Container.BLOCK_QUOTE for block in text.blocks for level in block.nesting
    )
    assert any(block.kind is Kind.ATTRIBUTION for block in text.blocks)
    assert any(span.role & Role.LINK for block in text.blocks for span in block.spans)


def test_ids_are_unique() -> None:
    assert len({describe_story(name).id for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_front_matter_is_complete(name: str) -> None:
    metadata = describe_story(name)
    assert metadata.id == name
    assert all((metadata.title, metadata.deck, metadata.kicker, metadata.about))
    assert metadata.author == "The Reader Project"
    assert metadata.published is not None
    assert metadata.published >= date(2026, 11, 22)
    assert metadata.language == "en"
    assert metadata.kind in ("essay", "fiction", "verse")
    assert set(metadata.tags) <= TAGS
    assert 2 <= len(metadata.tags) <= 4
    assert (metadata.part > 0) is bool(metadata.series)


def test_no_two_stories_have_the_same_date_and_time() -> None:
    stories = [describe_story(name) for name in NAMES]
    moments = Counter((story.published, story.published_seconds) for story in stories)
    assert moments.most_common(1)[0][1] == 1


def list_shelf() -> list[str]:
    """Return the ids of the stories in the order of a fresh shelf."""
    return [story.id for story in Catalog(map(describe_story, NAMES)).list_stories()]


def test_a_shelf_begins_with_the_welcome_piece() -> None:
    assert list_shelf()[0] == "the-flat-with-the-shelf"


def test_a_shelf_begins_with_neither_a_second_part_nor_the_longest_essay() -> None:
    shelf = list_shelf()
    assert shelf.index("the-bindery-paring") >= 4
    assert shelf.index("the-bindery-sewing") > shelf.index("the-bindery-paring")
    assert shelf.index("errata") >= 4


@pytest.mark.parametrize("name", NAMES)
def test_the_deck_has_no_full_stop(name: str) -> None:
    assert not describe_story(name).deck.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_the_front_matter_is_plain_yaml(name: str) -> None:
    text = (find_bundled_folder() / f"{name}.md").read_text(encoding="utf-8")
    matter = text.split("---\n")[1]
    assert not re.search(r'(?m)^\w+: [^"\'\n]*: ', matter), "a value with a colon needs quotes"


@pytest.mark.parametrize("name", NAMES)
def test_the_title_is_not_repeated_in_the_text(name: str) -> None:
    file = read_story(name)
    assert not re.match(r"\s*# ", file.body)


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_story_or_to_the_web(name: str) -> None:
    text = parse_story(name)
    links = [
        span.target
        for block in (*text.blocks, *text.footnotes)
        for span in block.spans
        if span.role & Role.LINK
    ]
    lost = [
        link
        for link in links
        if not link.startswith("https://") and not (find_bundled_folder() / link).is_file()
    ]
    assert lost == []


@pytest.mark.parametrize("name", NAMES)
def test_footnotes_and_their_numbers_match(name: str) -> None:
    text = parse_story(name)
    called = {
        span.target
        for block in (*text.blocks, *text.footnotes)
        for span in block.spans
        if span.role & Role.FOOTNOTE
    }
    assert len(called) == sum(block.nesting[0].is_first for block in text.footnotes)
    assert not any("[^" in block.text for block in (*text.blocks, *text.footnotes))


FAULTS = {
    "a straight quote": r"[\"']",
    "two hyphens": "--",
    "two blanks": "  ",
    "three dots": r"\.\.\.",
    "leftover markup": r"\*\*|(?<!\w)\*\w|\]\(|^#",
    "a blank at either end": r"^\s|\s$",
    "a blank before punctuation": r"\s[,;:!?.](?!\.)",
    "a replaced character": "\ufffd",
    "a tag": r"</?[a-z]+>",
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", NAMES)
def test_the_printed_text_is_clean(name: str, fault: str) -> None:
    faulty = [
        blank_out_code(block)
        for block in list_prose_blocks(name)
        if block.kind is not Kind.TABLE and re.search(FAULTS[fault], blank_out_code(block))
    ]
    assert faulty == []


@pytest.mark.parametrize("columns", [40, 66])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_overflows(name: str, columns: int) -> None:
    galley = Galley(parse_story(name), columns)
    assert max(len(line.text) for _, line in galley.draw_rows(galley.first_row, 100_000)) <= columns


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_code_is_continued_at_40_columns(name: str) -> None:
    code = [block.text for block in parse_story(name).blocks if block.kind is Kind.CODE]
    assert [line for text in code for line in text.split("\n") if len(line) > 38] == []


def count_sequences(name: str) -> Counter[tuple[str, ...]]:
    """Count every sequence of eight words in a story, including its front matter."""
    metadata = describe_story(name)
    texts = [metadata.title, metadata.deck, metadata.kicker, metadata.about, metadata.credit]
    texts += [block.text for block in (*parse_story(name).blocks, *parse_story(name).footnotes)]
    counted: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        words = re.findall(r"[\w’]+", text.casefold())
        counted.update(
            tuple(words[at : at + SEQUENCE_WORDS]) for at in range(len(words) - SEQUENCE_WORDS + 1)
        )
    return counted


def test_no_two_stories_share_eight_words_in_a_row() -> None:
    owners: dict[tuple[str, ...], str] = {}
    shared: list[tuple[str, str, str]] = []
    for name in NAMES:
        own = count_sequences(name)
        shared += [
            (owners[sequence], name, " ".join(sequence)) for sequence in own if sequence in owners
        ]
        owners.update(dict.fromkeys(own, name))
    assert shared == []


@pytest.mark.parametrize("name", NAMES)
def test_the_text_has_no_emoji(name: str) -> None:
    text = (find_bundled_folder() / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall("[\U0001f000-\U0001faff\u2600-\u26ff]", text) == []


def test_the_wheel_includes_the_stories() -> None:
    project = tomllib.loads((find_bundled_folder().parent / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "stories" in wheel["only-include"]
    assert wheel["sources"]["stories"] == "reader/_stories"


def test_the_welcome_piece_is_short_and_has_one_footnote() -> None:
    assert 350 <= describe_story("the-flat-with-the-shelf").words <= 500
    assert len(parse_story("the-flat-with-the-shelf").footnotes) == 1
