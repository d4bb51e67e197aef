"""The time for a text grows linearly with its size.

Each measurement compares a text with one eight times as long. Linear work takes eight times as
long, quadratic work up to sixty-four times. Processor time varies on a busy machine, so a test
fails only if every one of several measurements is too high. READER_GROWTH multiplies the sizes.
"""

from __future__ import annotations

import gc
import os
import time
from typing import TYPE_CHECKING, Final

import pytest

from reader.layout.galley import Galley
from reader.layout.linebreak import break_balanced, break_greedily
from reader.markdown.parser import parse
from reader.text.cells import sanitize
from reader.text.words import count_words, find_word_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

GROWTH: Final = int(os.environ.get("READER_GROWTH", "1"))
FACTOR: Final = 8
MAX_RATIO: Final = 12
"""Reached once the quadratic part of the work is about six tenths of the linear part."""
ATTEMPTS: Final = 5
MIN_SECONDS: Final = 0.001
"""Shorter times are rounded up to this: below it, the clock's error decides the ratio."""


@pytest.fixture(scope="module", autouse=True)
def _freeze_earlier_objects() -> None:
    """Keep the objects of earlier tests out of the collections between the measurements.

    They stay out: all collected tests are among them, and each full collection would visit those.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _disable_garbage_collector() -> Iterator[None]:
    """Keep collections out of the measurements."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


def measure_seconds(work: Callable[[str], object], text: str) -> float:
    """Return the processor time of `work`."""
    start = time.process_time()
    work(text)
    return time.process_time() - start


def measure_ratio(work: Callable[[str], object], make: Callable[[int], str], size: int) -> float:
    """Return how many times longer `work` takes for `FACTOR` times the size."""
    small, large = make(size), make(FACTOR * size)
    base = min(measure_seconds(work, small) for _ in range(2))
    return measure_seconds(work, large) / max(MIN_SECONDS, base)


def assert_linear(work: Callable[[str], object], make: Callable[[int], str], size: int) -> None:
    """Measure until a ratio is low enough, and fail if none is.

    Measurements after the first use twice the size, which makes the clock's error smaller.
    """
    work(make(1))  # imports and caches of the first use belong to no measurement
    ratios: list[float] = []
    for attempt in range(ATTEMPTS):
        scale = GROWTH / 2 if attempt == 0 else GROWTH
        ratios.append(measure_ratio(work, make, round(scale * size)))
        if ratios[-1] < MAX_RATIO:
            return
    pytest.fail(f"{FACTOR} times the text took {min(ratios):.1f} times as long, or more")


def parse_and_draw(source: str) -> None:
    """Parse `source`, count its rows, and draw its first and last rows."""
    document = parse(source)
    galley = Galley(document, 60)
    galley.set_tail(document.footnotes)
    galley.count_rows(galley.first_row, galley.last_row)
    list(galley.draw_rows(galley.first_row, 50))
    list(galley.draw_rows(galley.shift_row(galley.last_row, -50), 50))


COMMONMARK: Final[dict[str, tuple[Callable[[int], str], int]]] = {
    "one paragraph": (lambda n: "words of prose in a row, " * n, 830),
    "one paragraph of dashes": (lambda n: "—" * n, 3_300),
    "one paragraph of separate dashes": (lambda n: "a — b – c -- " * n, 250),
    "one paragraph of dots": (lambda n: "." * n, 5_000),
    "one paragraph of quotes": (lambda n: "\"'" * n, 1_600),
    "one paragraph of elisions in code": (lambda n: "`'tis` 'tis " * n, 130),
    "one word": (lambda n: "a" * n, 16_000),
    "one word with many break points": (lambda n: "a/b-" * n, 2_000),
    "spaces": (lambda n: "a" + " " * n + "—", 16_000),
    "Japanese": (lambda n: "日本語の文章。「引用」" * n, 130),
    "one joined emoji": (lambda n: "👩\u200d" * n, 660),
    "combining marks": (lambda n: "e" + "\u0301" * n, 5_000),
    "spacing combining marks": (lambda n: "क" + "\u0903" * n, 5_000),
    "short paragraphs": (lambda n: "Some words.\n\n" * n, 250),
    "headings": (lambda n: "# Words\n" * n, 250),
    "list items": (lambda n: "- item\n" * n, 200),
    "list items with nested lists": (lambda n: "- item\n  1. in\n" * n, 110),
    "list items of blocks": (lambda n: "- item\n\n  more\n\n" * n, 110),
    "table rows": (lambda n: "|a|b|\n|-|-|\n" + "|one two|three|\n" * n, 130),
    "table rows with surplus cells": (lambda n: "|a|\n|-|\n" + "|1|2|3|\n" * n, 110),
    "table columns": (lambda n: "|a" * n + "\n" + "|-" * n + "\n" + "|b" * n, 250),
    "opening brackets": (lambda n: "[" * n, 250),
    "opening brackets with text": (lambda n: "[a " * n, 160),
    "pictures without end": (lambda n: "![" * n, 130),
    "inline footnotes without end": (lambda n: "^[" * n, 130),
    "emphasis": (lambda n: "*a _b **c " * n, 250),
    "nested emphasis": (lambda n: "*a **a " * n + "a** a*" * n, 60),
    "emphasis inside links": (lambda n: "[*a **b** c*](d) " * n, 60),
    "asterisks": (lambda n: "*" * n + "a", 3_300),
    "backticks": (lambda n: "".join("`" * (i % 300) + " " for i in range(n)), 300),
    "strikethrough": (lambda n: "~a ~~b " * n, 500),
    "escapes": (lambda n: "\\* \\' 'a' " * n, 160),
    "tags without end": (lambda n: "<a " * n, 1_300),
    "tags": (lambda n: "x <b>a</i>" * n, 130),
    "comments without end": (lambda n: "<!--\n" * n, 660),
    "HTML attributes without end": (lambda n: "<div>\n" + "<a href='" * n, 1_600),
    "HTML comments without end": (lambda n: "<div>\n" + "<!-- " * n, 1_600),
    "HTML scripts without end": (lambda n: "<div>\n" + "<script>" * n, 660),
    "HTML ampersands": (lambda n: "<div>\n" + "&" * n, 10_000),
    "bare links": (lambda n: "https://a.b/c " * n, 130),
    "invalid bare links": (lambda n: "a://b :// " * n, 500),
    "parentheses in a bare link": (lambda n: "https://a.b/" + ")" * n, 10_000),
    "nested quotes": (lambda n: ("> " * 40 + "a\n") * n, 10),
    "paragraphs in one quote": (lambda n: "> > words\n> >\n" * n, 100),
    "numbered items of blocks": (lambda n: "1. a\n\n   b\n" * n, 100),
    "repeated quotes": (lambda n: "> a b c d e f g\n\n" * n, 100),
    "quotes with attributions": (lambda n: "> words\n>\n> — name\n\n" * n, 83),
    "footnotes": (lambda n: "a[^1]\n\n" * n + "[^1]: b\n\n" * n, 83),
    "link definitions": (lambda n: "[a]\n\n" * n + "[a]: /b\n" * n, 100),
    "link definitions without end": (lambda n: "[a]: \n[b\n" * n, 250),
    "fences": (lambda n: "```\ncode\n```\n\n" * n, 160),
    "code": (lambda n: "```\n" + "line of code\n" * n, 1_300),
    "one line of wide code": (lambda n: "```\n" + "日本" * n, 1_600),
    "verse": (lambda n: "a line\\\n" * n, 250),
    "blank lines": (lambda n: "a" + "\n" * n + "b", 20_000),
}


@pytest.mark.parametrize("name", COMMONMARK)
def test_commonmark_takes_linear_time(name: str) -> None:
    make, size = COMMONMARK[name]
    assert_linear(parse_and_draw, make, size)


EXTENSIONS: Final[dict[str, tuple[Callable[[int], str], int]]] = {
    "terms with blank lines": (lambda n: "term\n: means\n\n" * n, 100),
    "terms without blank lines": (lambda n: "term\n: means\n" * n, 100),
    "definitions of one term": (lambda n: "term\n" + ": means\n" * n, 100),
    "colons": (lambda n: ": " * n, 3_300),
    "lines of colons": (lambda n: ": a\n" * n, 500),
    "nested terms": (lambda n: "".join("  " * d + f"a\n{'  ' * d}: b\n\n" for d in range(40)) * n, 1),
    "formulas": (lambda n: "$a$ and " * n, 200),
    "dollars": (lambda n: "$" * n, 3_300),
    "dollars before words": (lambda n: "$a " * n, 660),
    "formulas without end": (lambda n: "$a\\$" * n, 500),
    "blocks of maths": (lambda n: "$$\na\n$$\n\n" * n, 130),
    "blocks of maths without end": (lambda n: "$$ a\n" * n + "\nb", 660),
    "blocks of maths without end, with blank lines": (lambda n: "$$ a\n\n" * n, 200),
    "text and maths without end": (lambda n: "a\n$$ b\n" * n + "\nc", 330),
    "shortcodes": (lambda n: "{{< a >}} " * n, 200),
    "shortcodes without end": (lambda n: "{{< a " * n, 330),
    "opening braces": (lambda n: "{" * n, 1_000),
    "different opening braces": (lambda n: "{{{%{:{{<" * n, 130),
    "attribute lists without end": (lambda n: "{: .a " * n, 660),
    "attribute lists": (lambda n: "*a*{: .b} {#c}\n" * n, 83),
    "wikilinks": (lambda n: "[[a|b]] " * n, 130),
    "wikilinks without end": (lambda n: "[[a " * n, 160),
    "wikilinks without end, with bars": (lambda n: "[[a|" * n, 160),
    "embedded pictures without end": (lambda n: "![[a " * n, 110),
    "pictures in a row": (lambda n: "![a](b)\n" * n, 130),
    "pictures with captions": (lambda n: "![a](b)\n*c*\n\n" * n, 83),
    "one paragraph of comments": (lambda n: "a <!-- b c --> " * n, 160),
    "one paragraph of comments without end": (lambda n: "a <!-- b c " * n, 500),
    "one paragraph of scripts without end": (lambda n: "a <script> " * n, 250),
    "one paragraph of scripts": (lambda n: "a <script>b</script> " * n, 130),
    "one paragraph of instructions without end": (lambda n: "a <? b " * n, 500),
    "superscripts": (lambda n: "a<sup>2</sup> " * n, 130),
    "nested superscripts": (lambda n: "a" + "<sup>2" * n, 250),
    "code elements": (lambda n: "<code>'a' " * n, 160),
    "HTML quotes without end": (lambda n: "<blockquote>\n" * n + "a", 330),
    "HTML quotes without end, with blank lines": (lambda n: "<blockquote>\n\na\n\n" * n, 50),
    "HTML lists without end": (lambda n: "<ul><li>a\n" * n, 250),
    "HTML styles that never begin": (lambda n: "<div>\n" + "<b>" * n + "</i>" * n, 500),
    "HTML list items": (lambda n: "<ul>\n" + "<li>a</li>\n" * n + "</ul>", 250),
    "end tags without start tags": (lambda n: "<div>\n" + "</ul></blockquote></li></td>" * n, 250),
    "HTML table rows": (lambda n: "<table>\n" + "<tr><td>a<td>b\n" * n + "</table>", 160),
    "nested HTML tables": (lambda n: "<div>\n" + "<table><tr><td>" * n, 250),
    "HTML cells without a table": (lambda n: "<td>a\n\n" * n, 100),
    "HTML code": (lambda n: "<pre>\n" + "<b>a</b>\n" * n + "</pre>", 410),
    "HTML code without end": (lambda n: "<div>\n" + "<pre>a\n" * n, 660),
    "attributes of one tag": (lambda n: "<div>\n<a " + "b='c' " * n + "href='x'>d</a>", 1_300),
    "attributes of one tag, without values": (lambda n: "<div>\n<iframe " + "src = " * n + ">", 1_300),
    "videos with sources": (lambda n: "<div>\n" + "<video><source src=a></video>" * n, 130),
    "sources without end": (lambda n: "<div>\n<video>" + "<source " * n + "</video>", 1_600),
    "HTML headings": (lambda n: "<h2>a</h2>\n" * n, 250),
    "summaries": (lambda n: "<details><summary>a</summary>\n\nb\n\n" * n, 50),
    "unused link definitions": (lambda n: "".join(f"[a{i}]: /b\n" for i in range(n)), 130),
    "a picture with a data URL": (lambda n: f"![a](data:image/png;base64,{'A' * n})", 66_000),
    "a link definition with a data URL": (lambda n: f"[a]\n\n[a]: data:image/png;base64,{'A' * n}", 66_000),
    "template tags in a link destination": (lambda n: f"![a]({'{{ a }}' * n}", 1_600),
    "link destinations without end": (lambda n: "[a]({{ b " * n, 160),
}  # fmt: skip


@pytest.mark.parametrize("name", EXTENSIONS)
def test_extensions_and_html_take_linear_time(name: str) -> None:
    make, size = EXTENSIONS[name]
    assert_linear(parse_and_draw, make, size)


STEPS: Final[dict[str, Callable[[str], object]]] = {
    "sanitizing": sanitize,
    "counting words": count_words,
    "finding words": find_word_starts,
    "breaking greedily": lambda text: break_greedily(text, 60),
    "breaking evenly": lambda text: break_balanced(text, 60),
}
MIXED_TEXT: Final = "words — of “prose”, \u00a0日本語。 e\u0301\u0301 ... --- ___ 👩\u200d👧 \x1b[m"


@pytest.mark.parametrize("name", STEPS)
def test_each_step_takes_linear_time(name: str) -> None:
    assert_linear(STEPS[name], lambda size: MIXED_TEXT * size, 250)


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("word " * (LARGE := 50_000 * GROWTH), 1),
        ("Words.\n\n" * (LARGE // 10), LARGE // 10),
        ("- item\n" * (LARGE // 20), LARGE // 20),
        ("|a|b|\n|-|-|\n" + "|1|2|\n" * (LARGE // 20), LARGE // 20 // 64),
    ],
    ids=["paragraph", "paragraphs", "list items", "table rows"],
)
def test_a_large_text_is_parsed_completely(source: str, blocks: int) -> None:
    assert len(parse(source).blocks) >= blocks
