"""P6 for what is read beyond CommonMark, and for HTML: unclosed, nested, in endless numbers."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from growth import MOST, growth, read_and_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def _no_collections() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


TEXTS: dict[str, tuple[Callable[[int], str], int]] = {
    "terms": (lambda n: "term\n: means\n\n" * n, 600),
    "terms close together": (lambda n: "term\n: means\n" * n, 600),
    "definitions of one term": (lambda n: "term\n" + ": means\n" * n, 600),
    "colons": (lambda n: ": " * n, 20_000),
    "lines of colons": (lambda n: ": a\n" * n, 3_000),
    "terms in terms": (lambda n: "".join("  " * d + f"a\n{'  ' * d}: b\n\n" for d in range(40)) * n, 4),
    "formulas": (lambda n: "$a$ and " * n, 1_200),
    "dollars": (lambda n: "$" * n, 20_000),
    "dollars before words": (lambda n: "$a " * n, 4_000),
    "formulas that don't end": (lambda n: "$a\\$" * n, 3_000),
    "blocks of maths": (lambda n: "$$\na\n$$\n\n" * n, 800),
    "blocks of maths that don't end": (lambda n: "$$ a\n" * n + "\nb", 4_000),
    "blocks of maths that don't end, apart": (lambda n: "$$ a\n\n" * n, 1_200),
    "text and maths that don't end": (lambda n: "a\n$$ b\n" * n + "\nc", 2_000),
    "shortcodes": (lambda n: "{{< a >}} " * n, 1_200),
    "shortcodes that don't end": (lambda n: "{{< a " * n, 2_000),
    "braces": (lambda n: "{" * n, 6_000),
    "braces by turns": (lambda n: "{{{%{:{{<" * n, 800),
    "attributes that don't end": (lambda n: "{: .a " * n, 4_000),
    "attributes": (lambda n: "*a*{: .b} {#c}\n" * n, 500),
    "wikilinks": (lambda n: "[[a|b]] " * n, 800),
    "wikilinks that don't end": (lambda n: "[[a " * n, 1_000),
    "wikilinks of bars": (lambda n: "[[a|" * n, 1_000),
    "embedded pictures that don't end": (lambda n: "![[a " * n, 700),
    "pictures in a row": (lambda n: "![a](b)\n" * n, 800),
    "pictures with captions": (lambda n: "![a](b)\n*c*\n\n" * n, 500),
    "one paragraph of comments": (lambda n: "a <!-- b c --> " * n, 1_000),
    "one paragraph of comments that don't end": (lambda n: "a <!-- b c " * n, 3_000),
    "one paragraph of scripts that don't end": (lambda n: "a <script> " * n, 1_500),
    "one paragraph of scripts": (lambda n: "a <script>b</script> " * n, 800),
    "one paragraph of instructions that don't end": (lambda n: "a <? b " * n, 3_000),
    "superscripts": (lambda n: "a<sup>2</sup> " * n, 800),
    "superscripts in each other": (lambda n: "a" + "<sup>2" * n, 1_500),
    "elements of code": (lambda n: "<code>'a' " * n, 1_000),
    "quotes of HTML that don't close": (lambda n: "<blockquote>\n" * n + "a", 2_000),
    "quotes of HTML, apart, that don't close": (lambda n: "<blockquote>\n\na\n\n" * n, 300),
    "lists of HTML that don't close": (lambda n: "<ul><li>a\n" * n, 1_500),
    "items of HTML": (lambda n: "<ul>\n" + "<li>a</li>\n" * n + "</ul>", 1_500),
    "what closes nothing": (lambda n: "<div>\n" + "</ul></blockquote></li></td>" * n, 1_500),
    "rows of HTML": (lambda n: "<table>\n" + "<tr><td>a<td>b\n" * n + "</table>", 1_000),
    "tables of HTML in each other": (lambda n: "<div>\n" + "<table><tr><td>" * n, 1_500),
    "cells without a table": (lambda n: "<td>a\n\n" * n, 600),
    "code of HTML": (lambda n: "<pre>\n" + "<b>a</b>\n" * n + "</pre>", 2_500),
    "code of HTML that doesn't close": (lambda n: "<div>\n" + "<pre>a\n" * n, 4_000),
    "attributes of a tag": (lambda n: "<div>\n<a " + "b='c' " * n + "href='x'>d</a>", 8_000),
    "attributes without ends": (lambda n: "<div>\n<iframe " + "src = " * n + ">", 8_000),
    "frames with sources": (lambda n: "<div>\n" + "<video><source src=a></video>" * n, 800),
    "sources that don't end": (lambda n: "<div>\n<video>" + "<source " * n + "</video>", 10_000),
    "headings of HTML": (lambda n: "<h2>a</h2>\n" * n, 1_500),
    "summaries": (lambda n: "<details><summary>a</summary>\n\nb\n\n" * n, 300),
    "definitions that nothing uses": (lambda n: "".join(f"[a{i}]: /b\n" for i in range(n)), 800),
    "a picture in its address": (lambda n: f"![a](data:image/png;base64,{'A' * n})", 400_000),
    "a picture in a definition": (lambda n: f"[a]\n\n[a]: data:image/png;base64,{'A' * n}", 400_000),
    "a template in an address": (lambda n: f"![a]({'{{ a }}' * n}", 10_000),
    "addresses that don't end": (lambda n: "[a]({{ b " * n, 1_000),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_time_grows_in_step_with_size(name: str) -> None:
    text, size = TEXTS[name]
    assert growth(read_and_set, text, size) < MOST or growth(read_and_set, text, 2 * size) < MOST
