"""Pages and copied texts that were written for these tests, each with the story expected of it.

They are made like the pages of real sites. `tests/data/ingest` has each source and its story.
"""

from __future__ import annotations

import re
from pathlib import Path
from unicodedata import normalize

import pytest

from reader.ingest import Draft, RemovedText
from reader.ingest.copied import read_copied
from reader.ingest.page.html_tree import parse_html
from reader.ingest.page.story import read_page
from reader.ingest.save import write_markdown

DATA = Path(__file__).parent.parent / "data" / "ingest"
COPIED = sorted(DATA.glob("copied/*.txt"))
PAGES = sorted(DATA.glob("pages/*.html"))
ADDRESS = "https://x.example/a/"


def read_sample(path: Path) -> Draft:
    if path.suffix == ".txt":
        return read_copied(path.read_text())
    return read_page(path.read_bytes(), ADDRESS)


def find_lost_words(source: str, draft: Draft) -> set[str]:
    """Return the words of `source` that are neither in the story nor in what was removed."""
    removed = "\n".join(piece.text for piece in draft.removed)
    known = normalize("NFKC", f"{write_markdown(draft)}\n{removed}")
    words = re.findall(r"[^\W_]+", normalize("NFKC", source))
    return {word for word in words if word not in known}


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
        RemovedText("June 3, 2023", 0),
        RemovedText("You may also like\nHow to Win at Draughts", len(restored.blocks)),
    )
