from __future__ import annotations

import pytest

from reader.fulltext.markdown_words import extract_words
from reader.markdown.parser import parse
from reader.text.words import count_words


def count_plain(body: str, title: str = "") -> int:
    return sum(piece.count_prose() for piece in extract_words(body, title))


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("", 0),
        ("One *two* **three**\nfour.", 4),
        ("## A heading\n\nand text — with a dash", 7),
        ("- one\n- two\n\n1. three\n2) four", 4),
        ("> quoted words\n> > 1. deeper", 3),
        ("A [link of words](https://a.org/b_(c) 'and a title') ends.", 5),
        ("A [link][ref] ends.\n\n[ref]: https://a.org 'with a title'", 3),
        ("![a picture of words](a.png) text", 1),
        ("text\n\n```python\ncode here\n```\n\nmore", 2),
        ("text\n\n~~~\ncode that\n\nis not closed", 1),
        ("- item\n\n  ```\n  code\n  ```\n- more", 2),
        ("text\n\n    indented code\n\n    and more\n\nmore", 2),
        ("- item\n\n    of a list", 4),
        ("text[^1] here\n\n[^1]: A note of words.", 2),
        ("a <b class='x y'>bold</b> word<br>\nand <https://a.org/b>", 5),
        ("a <!-- comment of\n words --> word", 2),
        ("<pre>\ncode here\n</pre>\n\nword", 1),
        ("| a | b |\n|---|---|\n| c | d |", 4),
        ("caf&eacute; a&nbsp;b 5 &lt; 6", 5),
        ("un*believ*able 2 * 3", 3),
        ("漢字文化 and words", 4),
    ],
)
def test_words_are_counted_as_the_parser_counts_them(body: str, count: int) -> None:
    assert (count_plain(body), parse(body).words) == (count, count)


@pytest.mark.parametrize(
    "body",
    [
        "# The *Title*\n\nOne two.",
        "The Title\n===\n\nOne two.",
        "The\nTitle\n---\n\nOne two.",
        "![a](b.png)\n\n# The Title #\n\nOne two.",
        "<!-- Old words -->\n# The Title\n\nOne two.",
    ],
)
def test_a_heading_that_repeats_the_title_is_no_text(body: str) -> None:
    assert count_plain(body, "The Title") == 2
    assert count_plain("Above.\n\n# The Title", "The Title") == 3


def test_words_to_be_found_have_code_and_footnotes_but_no_addresses() -> None:
    body = "un*believ*able [name](http://far.org)[^1]\n\n```\ncode\n```\n\n[^1]: A note."
    words = " ".join(" ".join(piece) for piece in extract_words(body)).split()
    assert sorted(words) == ["A", "[name]", "code", "note.", "unbelievable"]


def test_a_long_text_comes_in_pieces_that_lose_nothing() -> None:
    body = "One two three.\n\n```\ncode code\n```\n\n" * 12_000
    pieces = list(extract_words(body))
    assert len(pieces) > 3
    assert sum(piece.count_prose() for piece in pieces) == 36_000
    assert sum(count_words(piece.rest) for piece in pieces) == 24_000
    assert [len(piece.prose) for piece in extract_words("x" * 250_000)] == [
        100_000,
        100_000,
        50_000,
    ]
