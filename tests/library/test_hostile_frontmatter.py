"""No front matter raises an error, hangs the program, fills its memory or yields control characters."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reader.library.source.frontmatter import FrontMatter, split_front_matter
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterator

BOMBS = {
    "aliases": "a: &a [x, x]\n" + "".join(f"{b}: &{b} [{a}, {a}]\n" for a, b in
                zip([f"*{c}" for c in "abcdefgh"], "bcdefghi", strict=True)) + "title: *i",
    "a merge bomb": "a: &a {b: c}\n" + "<<: [*a, *a]\n" * 500 + "title: T",
    "a loop": "title: &a [*a]",
    "deep flow": "title: " + "[" * 60_000,
    "deep maps": "title: " + "{a: " * 15_000,
    "deep blocks": "title:\n" + "- " * 30_000,
    "blank lines": "title: T" + "\n" * 60_000,
    "one long key": "a" * 60_000 + ": T",
    "many keys": "".join(f"key{n}: v\n" for n in range(5_000)),
    "many colons": "title: " + "a: " * 20_000,
    "many tags": "tags: [" + "a, " * 20_000 + "]",
    "many quotes": "title: '" + "''" * 30_000 + "'",
    "escapes": 'title: "' + "\\u0041" * 10_000 + '"',
    "bangs": "!" * 60_000,
    "deep authors": "author: " + "[" * 300 + "x" + "]" * 300,
}  # fmt: skip
TOML_BOMBS = {
    "dots": "a." * 30_000 + "b = 1",
    "dots in a table": "[" + "a." * 30_000 + "b]",
    "arrays": "title = " + "[" * 60_000,
    "deep authors": "author = " + "[" * 450 + "'x'" + "]" * 450,
}


@pytest.fixture(autouse=True)
def time_limit() -> Iterator[None]:
    """Stop a test whose time grows faster than its input."""
    signal.alarm(60)
    yield
    signal.alarm(0)


@pytest.mark.parametrize(
    "text",
    [f"---\n{source}\n---\nBody." for source in BOMBS.values()]
    + [f"+++\n{source}\n+++\nBody." for source in TOML_BOMBS.values()],
    ids=[*BOMBS, *(f"toml {name}" for name in TOML_BOMBS)],
)
def test_a_bomb_is_harmless(text: str) -> None:
    fields, body = split_front_matter(text)
    assert body.endswith("Body.")
    assert len(repr(fields)) < 5_000


def test_a_megabyte_of_front_matter_is_body() -> None:
    text = "---\n" + "title: One\n" * 100_000 + "---\nBody."
    assert split_front_matter(text) == (FrontMatter(), text)


LINES = st.text(
    alphabet=st.sampled_from("---+++ \n\t:=[]{}&*!|>'\"#%@`atileuhor\x1b\u202e\ud800é0-")
)


@settings(max_examples=30)
@given(st.sampled_from(["---", "+++"]), st.one_of(st.text(), LINES))
@example("---", "title: \x1b]52;c;aGk=\x07\u202e\u2028x")
@example("---", 'title: "\\e[31m\\u202E"')
def test_every_field_is_a_sanitised_line(fence: str, source: str) -> None:
    matter, _ = split_front_matter(f"{fence}\ntitle: T\n{source}\n{fence}\n")
    fields = [v for v in matter if isinstance(v, str)] + list(matter.tags)
    assert [sanitize_line(field, 2_000) for field in fields] == fields


@given(st.text())
def test_a_text_without_a_fence_is_all_body(text: str) -> None:
    assert split_front_matter("x" + text) == (FrontMatter(), "x" + text)
