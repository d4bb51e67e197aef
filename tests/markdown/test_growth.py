"""P6: work grows in step with size. Four times the text takes less than eight times as long.

Quadratic work would take sixteen times as long; a noisy measurement is repeated once.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from growth import MOST, growth, read_and_set

from reader.layout.linebreak import break_balanced, break_greedily
from reader.markdown.parser import parse
from reader.text.cells import sanitize
from reader.text.document import count_words, find_word_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def _no_collections() -> Iterator[None]:
    """Keep the collector out of the measurements: its work depends on what ran before."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


TEXTS: dict[str, tuple[Callable[[int], str], int]] = {
    "one paragraph": (lambda n: "words of prose in a row, " * n, 5_000),
    "one paragraph of dashes": (lambda n: "—" * n, 20_000),
    "one paragraph of dashes apart": (lambda n: "a — b – c -- " * n, 1_500),
    "one paragraph of dots": (lambda n: "." * n, 30_000),
    "one paragraph of quotes": (lambda n: "\"'" * n, 10_000),
    "one paragraph of elisions in code": (lambda n: "`'tis` 'tis " * n, 800),
    "one word": (lambda n: "a" * n, 100_000),
    "one word of seams": (lambda n: "a/b-" * n, 12_000),
    "spaces": (lambda n: "a" + " " * n + "—", 100_000),
    "Japanese": (lambda n: "日本語の文章。「引用」" * n, 800),
    "emoji in one": (lambda n: "👩\u200d" * n, 4_000),
    "marks": (lambda n: "e" + "\u0301" * n, 30_000),
    "spacing marks": (lambda n: "क" + "\u0903" * n, 30_000),
    "short paragraphs": (lambda n: "Some words.\n\n" * n, 1_500),
    "headings": (lambda n: "# Words\n" * n, 1_500),
    "list items": (lambda n: "- item\n" * n, 1_200),
    "list items with lists": (lambda n: "- item\n  1. in\n" * n, 700),
    "list items of blocks": (lambda n: "- item\n\n  more\n\n" * n, 700),
    "table rows": (lambda n: "|a|b|\n|-|-|\n" + "|one two|three|\n" * n, 800),
    "table rows with cells to spare": (lambda n: "|a|\n|-|\n" + "|1|2|3|\n" * n, 700),
    "table columns": (lambda n: "|a" * n + "\n" + "|-" * n + "\n" + "|b" * n, 1_500),
    "brackets": (lambda n: "[" * n, 1_500),
    "brackets with text": (lambda n: "[a " * n, 1_000),
    "pictures": (lambda n: "![" * n, 800),
    "notes in place": (lambda n: "^[" * n, 800),
    "emphasis": (lambda n: "*a _b **c " * n, 1_500),
    "stars": (lambda n: "*" * n + "a", 20_000),
    "backticks": (lambda n: "".join("`" * (i % 300) + " " for i in range(n)), 600),
    "strikes": (lambda n: "~a ~~b " * n, 3_000),
    "escapes": (lambda n: "\\* \\' 'a' " * n, 1_000),
    "angle brackets": (lambda n: "<a " * n, 8_000),
    "tags": (lambda n: "x <b>a</i>" * n, 800),
    "comments": (lambda n: "<!--\n" * n, 4_000),
    "HTML tags that don't close": (lambda n: "<div>\n" + "<a href='" * n, 10_000),
    "HTML comments that don't close": (lambda n: "<div>\n" + "<!-- " * n, 10_000),
    "HTML scripts that don't close": (lambda n: "<div>\n" + "<script>" * n, 4_000),
    "HTML ampersands": (lambda n: "<div>\n" + "&" * n, 60_000),
    "bare links": (lambda n: "https://a.b/c " * n, 800),
    "what is no bare link": (lambda n: "a://b :// " * n, 3_000),
    "brackets in a bare link": (lambda n: "https://a.b/" + ")" * n, 60_000),
    "nested quotations": (lambda n: ("> " * 40 + "a\n") * n, 60),
    "quotations that repeat": (lambda n: "> a b c d e f g\n\n" * n, 600),
    "quotations with sources": (lambda n: "> words\n>\n> — name\n\n" * n, 500),
    "notes": (lambda n: "a[^1]\n\n" * n + "[^1]: b\n\n" * n, 500),
    "definitions": (lambda n: "[a]\n\n" * n + "[a]: /b\n" * n, 600),
    "definitions that don't end": (lambda n: "[a]: \n[b\n" * n, 1_500),
    "fences": (lambda n: "```\ncode\n```\n\n" * n, 1_000),
    "code": (lambda n: "```\n" + "line of code\n" * n, 8_000),
    "wide code in one line": (lambda n: "```\n" + "日本" * n, 10_000),
    "verse": (lambda n: "a line\\\n" * n, 1_500),
    "blank lines": (lambda n: "a" + "\n" * n + "b", 60_000),
}


@pytest.mark.parametrize("name", TEXTS)
def test_time_grows_in_step_with_size(name: str) -> None:
    text, size = TEXTS[name]
    assert growth(read_and_set, text, size) < MOST or growth(read_and_set, text, 2 * size) < MOST


WORK: dict[str, Callable[[str], object]] = {
    "cleaning": sanitize,
    "counting words": count_words,
    "finding words": find_word_starts,
    "breaking": lambda text: break_greedily(text, 60),
    "balancing": lambda text: break_balanced(text, 60),
}
MIXED = "words — of “prose”, \u00a0日本語。 e\u0301\u0301 ... --- ___ 👩\u200d👧 \x1b[m"


@pytest.mark.parametrize("name", WORK)
def test_each_step_grows_in_step_with_size(name: str) -> None:
    work = WORK[name]
    ratios = (growth(work, lambda n: MIXED * n, size) for size in (1_500, 3_000))
    assert any(ratio < MOST for ratio in ratios)


@pytest.mark.parametrize(
    ("source", "least"),
    [
        ("word " * 200_000, 1),
        ("Words.\n\n" * 100_000, 100_000),
        ("- item\n" * 50_000, 50_000),
        ("|a|b|\n|-|-|\n" + "|1|2|\n" * 20_000, 20_000 // 64),
    ],
    ids=["1 MB paragraph", "100,000 paragraphs", "50,000 list items", "20,000 table rows"],
)
def test_what_is_large_is_read_whole(source: str, least: int) -> None:
    assert len(parse(source).blocks) >= least
