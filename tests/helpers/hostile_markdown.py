"""A hypothesis strategy for difficult Markdown: nested blocks, unclosed markup, control characters.

The words of a text are `w0w`, `w1w` and so on, each of them once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

WORD: Final = "@"
"""Replaced by a numbered word once the text is complete."""
PARAGRAPHS: Final = (
    "@ @ @",
    "*@* @ **@**",
    "@ *@ `@ **@",
    "`@` ``@",
    "[@](https://example.org) @",
    "[@][late] and [late] @",
    "@[^1] @[^2] @[^none]",
    "@ ^[@ @] @",
    "<b>@</b> <i>@",
    "![@](picture.png) @",
    "@\\\n@  \n@",
    "@\n@",
    "&amp; &#x1b; &#x202e; &#10;@ \\* @",
    "@ \x1b]0;@\x07 \x9b31m@",
    "\u202e@ \u2066@ \u200b@\ufeff",
    "漢字@、「か」。@ ﾊﾝ",
    "👩\u200d👩\u200d👧 @ 1\ufe0f\u20e3 🇬🇧 @",
    "e\u0301\u0301 @ ส\u0e31วัสดี नमस्ते @",
    "[[[[[@ ](@ ![@",
    "@ — @ -- @ --- @ ... @",
    "\"@\" '@' @'s",
    "~~@~~ ~@ __@",
    "https://example.org/@ @",
    "<@.example> @ < @",
    "@ <!-- @",
    "✔ @ @",
    "— @, *@*",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@ @",
    "@ | @ | @",
    "\t@\t@",
    "@ $@ + @$ from $5 to $10 @",
    "@ {{< @ >}} @ {% @ %} @ {: .@ }",
    "[[@]] [[@#@]] @ [[@",
    "x<sup>2</sup> @ <sub>@</sub> <a href='/x'>@</a> <q>@",
    "<code>@ <kbd>@</code> @",
    "![[@.png]]",
    "![@](a.png)\n*@ @*",
    "@\n: @",
    "<span>@ <p>@ <li>@",
)
"""Contents of paragraphs."""
BLOCKS: Final = (
    "\n\n---\n\n",
    "\n\n[late]: https://example.org/late\n\n",
    "\n\n[^1]: @ @\n\n",
    "\n\n[^1]: @\n\n    @ @\n\n[^2]: @\n    @\n\n",
    "\n\n[^never]: @\n\n    > @\n\n",
    "\n\n<div>\n@ <p>@</p> <br> @\n</div>\n\n",
    "\n\n<!-- more -->\n\n",
    "\n\n| @ | @ |\n|---|--:|\n| @ | @ | @ | @ |\n| @ |\n\n",
    "\n\n@ | @\n-|-\n@ \\| @ | `@`\n\n",
    "\n\n    @\n\n\t@ @\n\n",
    "\n\n@\n: @ @\n\n  @\n: @\n@\n: @\n\n",
    "\n\n$$\n@ + @\n$$\n\n",
    "\n\n$$ @\n\n@ $$\n\n",
    "\n\n<blockquote>\n@ <ul><li>@<li>@\n\n@\n\n</blockquote>\n\n",
    "\n\n<ol>\n<li>\n\n@\n\n</li>\n",
    "\n\n<details><summary>@</summary>\n\n@\n\n</details>\n\n",
    "\n\n<table><caption>@</caption><tr><th>@<td>@<p>@</table>@\n\n",
    "\n\n<pre>@ <b>@\n\n@</pre> @\n\n",
    "\n\n<h2>@</h2><dl><dt>@<dd>@ <em>@</dl><hr>@\n\n",
    "\n\n<td>@ </ul></blockquote></li><tr>@</div>\n\n",
)
"""Blocks other than paragraphs and containers, with blank lines around them."""


def _indent(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *(rest + line if line else line for line in lines[1:])])


def _quote(text: str, name: str) -> str:
    quoted = "\n".join("> " + line if line else ">" for line in text.split("\n"))
    return f"> [!{name}]\n{quoted}" if name else quoted


def _fence(text: str, closing: str) -> str:
    return f"```text\n{text.replace('`', '')}\n{closing}"


def _nest(inner: SearchStrategy[str]) -> SearchStrategy[str]:
    """Return a strategy for containers of the blocks that `inner` draws."""
    separate = st.builds("\n\n".join, st.lists(inner, min_size=1, max_size=3))
    adjacent = st.builds("\n".join, st.lists(inner, min_size=1, max_size=3))
    text = separate | adjacent
    return st.one_of(
        st.builds(_indent, text, st.just("- "), st.just("  ")),
        st.builds(_indent, text, st.just("* [x] "), st.just("  ")),
        st.builds(_indent, text, st.sampled_from(["9. ", "1) "]), st.just("   ")),
        st.builds(_quote, text, st.sampled_from(["", "", "NOTE"])),
        st.builds(_fence, inner, st.sampled_from(["```", "````", ""])),
        st.builds("{}\n{}".format, st.sampled_from(PARAGRAPHS), st.sampled_from(["---", "==="])),
        text,
    )


def _number_words(text: str) -> str:
    pieces = text.split(WORD)
    words = (f"w{number}w" for number in range(len(pieces) - 1))
    return "".join(a + b for a, b in zip(pieces, [*words, ""], strict=True))


_HEADINGS = st.sampled_from(["# @", "## @ *@*", "###### @ #"])
_UNNESTED = st.sampled_from(PARAGRAPHS) | st.sampled_from(BLOCKS) | _HEADINGS
_NESTED = st.recursive(_UNNESTED, _nest, max_leaves=8)

HOSTILE_TEXTS: Final[SearchStrategy[str]] = st.lists(_NESTED, min_size=1, max_size=7).map(
    lambda parts: _number_words("\n\n".join(parts))
)
"""Complete texts."""
