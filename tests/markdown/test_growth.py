"""The time for a text grows linearly with its size.

Each measurement compares a text with one four times as long. Linear work takes four times as
long, quadratic work sixteen times. Processor time varies on a busy machine, so a test fails
only if every one of several measurements is too high.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Final

import pytest

from reader.layout.galley import Galley
from reader.layout.linebreak import break_balanced, break_greedily
from reader.markdown.parser import parse
from reader.text.cells import sanitize
from reader.text.document import count_words, find_word_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

MAX_RATIO: Final = 8
ATTEMPTS: Final = 5
MIN_SECONDS: Final = 0.002
"""Shorter times are rounded up to this: below it, the clock's error decides the ratio."""


@pytest.fixture(autouse=True)
def _disable_garbage_collector() -> Iterator[None]:
    """Keep collections, whose time depends on earlier tests, out of the measurements."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def measure_seconds(work: Callable[[str], object], text: str) -> float:
    """Return the processor time of `work`."""
    start = time.process_time()
    work(text)
    return time.process_time() - start


def measure_ratio(work: Callable[[str], object], make: Callable[[int], str], size: int) -> float:
    """Return how many times longer `work` takes for four times the size."""
    small, large = make(size), make(4 * size)
    base = min(measure_seconds(work, small) for _ in range(2))
    return measure_seconds(work, large) / max(MIN_SECONDS, base)


def assert_linear(work: Callable[[str], object], make: Callable[[int], str], size: int) -> None:
    """Measure until a ratio is low enough, and fail if none is.

    Measurements after the first use twice the size, which makes the clock's error smaller.
    """
    ratios: list[float] = []
    for attempt in range(ATTEMPTS):
        ratios.append(measure_ratio(work, make, size if attempt == 0 else 2 * size))
        if ratios[-1] < MAX_RATIO:
            return
    pytest.fail(f"four times the text took {min(ratios):.1f} times as long, or more")


def parse_and_draw(source: str) -> None:
    """Parse `source`, count its rows, and draw its first and last rows."""
    document = parse(source)
    galley = Galley(document, 60)
    galley.set_tail(document.footnotes)
    galley.count_rows(galley.first_row, galley.last_row)
    list(galley.draw_rows(galley.first_row, 50))
    list(galley.draw_rows(galley.shift_row(galley.last_row, -50), 50))


COMMONMARK: Final[dict[str, tuple[Callable[[int], str], int]]] = {
    "one paragraph": (lambda n: "words of prose in a row, " * n, 5_000),
    "one paragraph of dashes": (lambda n: "—" * n, 20_000),
    "one paragraph of separate dashes": (lambda n: "a — b – c -- " * n, 1_500),
    "one paragraph of dots": (lambda n: "." * n, 30_000),
    "one paragraph of quotes": (lambda n: "\"'" * n, 10_000),
    "one paragraph of elisions in code": (lambda n: "`'tis` 'tis " * n, 800),
    "one word": (lambda n: "a" * n, 100_000),
    "one word with many break points": (lambda n: "a/b-" * n, 12_000),
    "spaces": (lambda n: "a" + " " * n + "—", 100_000),
    "Japanese": (lambda n: "日本語の文章。「引用」" * n, 800),
    "one joined emoji": (lambda n: "👩\u200d" * n, 4_000),
    "combining marks": (lambda n: "e" + "\u0301" * n, 30_000),
    "spacing combining marks": (lambda n: "क" + "\u0903" * n, 30_000),
    "short paragraphs": (lambda n: "Some words.\n\n" * n, 1_500),
    "headings": (lambda n: "# Words\n" * n, 1_500),
    "list items": (lambda n: "- item\n" * n, 1_200),
    "list items with nested lists": (lambda n: "- item\n  1. in\n" * n, 700),
    "list items of blocks": (lambda n: "- item\n\n  more\n\n" * n, 700),
    "table rows": (lambda n: "|a|b|\n|-|-|\n" + "|one two|three|\n" * n, 800),
    "table rows with surplus cells": (lambda n: "|a|\n|-|\n" + "|1|2|3|\n" * n, 700),
    "table columns": (lambda n: "|a" * n + "\n" + "|-" * n + "\n" + "|b" * n, 1_500),
    "opening brackets": (lambda n: "[" * n, 1_500),
    "opening brackets with text": (lambda n: "[a " * n, 1_000),
    "pictures without end": (lambda n: "![" * n, 800),
    "inline footnotes without end": (lambda n: "^[" * n, 800),
    "emphasis": (lambda n: "*a _b **c " * n, 1_500),
    "asterisks": (lambda n: "*" * n + "a", 20_000),
    "backticks": (lambda n: "".join("`" * (i % 300) + " " for i in range(n)), 600),
    "strikethrough": (lambda n: "~a ~~b " * n, 3_000),
    "escapes": (lambda n: "\\* \\' 'a' " * n, 1_000),
    "tags without end": (lambda n: "<a " * n, 8_000),
    "tags": (lambda n: "x <b>a</i>" * n, 800),
    "comments without end": (lambda n: "<!--\n" * n, 4_000),
    "HTML attributes without end": (lambda n: "<div>\n" + "<a href='" * n, 10_000),
    "HTML comments without end": (lambda n: "<div>\n" + "<!-- " * n, 10_000),
    "HTML scripts without end": (lambda n: "<div>\n" + "<script>" * n, 4_000),
    "HTML ampersands": (lambda n: "<div>\n" + "&" * n, 60_000),
    "bare links": (lambda n: "https://a.b/c " * n, 800),
    "invalid bare links": (lambda n: "a://b :// " * n, 3_000),
    "parentheses in a bare link": (lambda n: "https://a.b/" + ")" * n, 60_000),
    "nested quotes": (lambda n: ("> " * 40 + "a\n") * n, 60),
    "repeated quotes": (lambda n: "> a b c d e f g\n\n" * n, 600),
    "quotes with attributions": (lambda n: "> words\n>\n> — name\n\n" * n, 500),
    "footnotes": (lambda n: "a[^1]\n\n" * n + "[^1]: b\n\n" * n, 500),
    "link definitions": (lambda n: "[a]\n\n" * n + "[a]: /b\n" * n, 600),
    "link definitions without end": (lambda n: "[a]: \n[b\n" * n, 1_500),
    "fences": (lambda n: "```\ncode\n```\n\n" * n, 1_000),
    "code": (lambda n: "```\n" + "line of code\n" * n, 8_000),
    "one line of wide code": (lambda n: "```\n" + "日本" * n, 10_000),
    "verse": (lambda n: "a line\\\n" * n, 1_500),
    "blank lines": (lambda n: "a" + "\n" * n + "b", 60_000),
}


@pytest.mark.parametrize("name", COMMONMARK)
def test_commonmark_takes_linear_time(name: str) -> None:
    make, size = COMMONMARK[name]
    assert_linear(parse_and_draw, make, size)


EXTENSIONS: Final[dict[str, tuple[Callable[[int], str], int]]] = {
    "terms with blank lines": (lambda n: "term\n: means\n\n" * n, 600),
    "terms without blank lines": (lambda n: "term\n: means\n" * n, 600),
    "definitions of one term": (lambda n: "term\n" + ": means\n" * n, 600),
    "colons": (lambda n: ": " * n, 20_000),
    "lines of colons": (lambda n: ": a\n" * n, 3_000),
    "nested terms": (lambda n: "".join("  " * d + f"a\n{'  ' * d}: b\n\n" for d in range(40)) * n, 4),
    "formulas": (lambda n: "$a$ and " * n, 1_200),
    "dollars": (lambda n: "$" * n, 20_000),
    "dollars before words": (lambda n: "$a " * n, 4_000),
    "formulas without end": (lambda n: "$a\\$" * n, 3_000),
    "blocks of maths": (lambda n: "$$\na\n$$\n\n" * n, 800),
    "blocks of maths without end": (lambda n: "$$ a\n" * n + "\nb", 4_000),
    "blocks of maths without end, with blank lines": (lambda n: "$$ a\n\n" * n, 1_200),
    "text and maths without end": (lambda n: "a\n$$ b\n" * n + "\nc", 2_000),
    "shortcodes": (lambda n: "{{< a >}} " * n, 1_200),
    "shortcodes without end": (lambda n: "{{< a " * n, 2_000),
    "opening braces": (lambda n: "{" * n, 6_000),
    "different opening braces": (lambda n: "{{{%{:{{<" * n, 800),
    "attribute lists without end": (lambda n: "{: .a " * n, 4_000),
    "attribute lists": (lambda n: "*a*{: .b} {#c}\n" * n, 500),
    "wikilinks": (lambda n: "[[a|b]] " * n, 800),
    "wikilinks without end": (lambda n: "[[a " * n, 1_000),
    "wikilinks without end, with bars": (lambda n: "[[a|" * n, 1_000),
    "embedded pictures without end": (lambda n: "![[a " * n, 700),
    "pictures in a row": (lambda n: "![a](b)\n" * n, 800),
    "pictures with captions": (lambda n: "![a](b)\n*c*\n\n" * n, 500),
    "one paragraph of comments": (lambda n: "a <!-- b c --> " * n, 1_000),
    "one paragraph of comments without end": (lambda n: "a <!-- b c " * n, 3_000),
    "one paragraph of scripts without end": (lambda n: "a <script> " * n, 1_500),
    "one paragraph of scripts": (lambda n: "a <script>b</script> " * n, 800),
    "one paragraph of instructions without end": (lambda n: "a <? b " * n, 3_000),
    "superscripts": (lambda n: "a<sup>2</sup> " * n, 800),
    "nested superscripts": (lambda n: "a" + "<sup>2" * n, 1_500),
    "code elements": (lambda n: "<code>'a' " * n, 1_000),
    "HTML quotes without end": (lambda n: "<blockquote>\n" * n + "a", 2_000),
    "HTML quotes without end, with blank lines": (lambda n: "<blockquote>\n\na\n\n" * n, 300),
    "HTML lists without end": (lambda n: "<ul><li>a\n" * n, 1_500),
    "HTML list items": (lambda n: "<ul>\n" + "<li>a</li>\n" * n + "</ul>", 1_500),
    "end tags without start tags": (lambda n: "<div>\n" + "</ul></blockquote></li></td>" * n, 1_500),
    "HTML table rows": (lambda n: "<table>\n" + "<tr><td>a<td>b\n" * n + "</table>", 1_000),
    "nested HTML tables": (lambda n: "<div>\n" + "<table><tr><td>" * n, 1_500),
    "HTML cells without a table": (lambda n: "<td>a\n\n" * n, 600),
    "HTML code": (lambda n: "<pre>\n" + "<b>a</b>\n" * n + "</pre>", 2_500),
    "HTML code without end": (lambda n: "<div>\n" + "<pre>a\n" * n, 4_000),
    "attributes of one tag": (lambda n: "<div>\n<a " + "b='c' " * n + "href='x'>d</a>", 8_000),
    "attributes of one tag, without values": (lambda n: "<div>\n<iframe " + "src = " * n + ">", 8_000),
    "videos with sources": (lambda n: "<div>\n" + "<video><source src=a></video>" * n, 800),
    "sources without end": (lambda n: "<div>\n<video>" + "<source " * n + "</video>", 10_000),
    "HTML headings": (lambda n: "<h2>a</h2>\n" * n, 1_500),
    "summaries": (lambda n: "<details><summary>a</summary>\n\nb\n\n" * n, 300),
    "unused link definitions": (lambda n: "".join(f"[a{i}]: /b\n" for i in range(n)), 800),
    "a picture with a data URL": (lambda n: f"![a](data:image/png;base64,{'A' * n})", 400_000),
    "a link definition with a data URL": (lambda n: f"[a]\n\n[a]: data:image/png;base64,{'A' * n}", 400_000),
    "template tags in a link destination": (lambda n: f"![a]({'{{ a }}' * n}", 10_000),
    "link destinations without end": (lambda n: "[a]({{ b " * n, 1_000),
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
    assert_linear(STEPS[name], lambda size: MIXED_TEXT * size, 1_500)


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("word " * 200_000, 1),
        ("Words.\n\n" * 100_000, 100_000),
        ("- item\n" * 50_000, 50_000),
        ("|a|b|\n|-|-|\n" + "|1|2|\n" * 20_000, 20_000 // 64),
    ],
    ids=["1 MB paragraph", "100,000 paragraphs", "50,000 list items", "20,000 table rows"],
)
def test_a_large_text_is_parsed_completely(source: str, blocks: int) -> None:
    assert len(parse(source).blocks) >= blocks
