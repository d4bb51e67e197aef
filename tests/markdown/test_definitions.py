"""Definitions are found where CommonMark has them, before anything is parsed."""

from __future__ import annotations

import pytest

from reader.markdown.parser import Definition, find_definitions, parse

FOUND = [
    ("[a]: /x\n", ["[a]: /x\n"]),
    ("Text.\n\n[a]: /x\n", ["[a]: /x\n"]),
    ("[a]: /x\n[b]: /y\n", ["[a]: /x\n[b]: /y", "[b]: /y\n"]),
    ("[a]: /x\n'title'\n[b]: /y\n", ["[a]: /x\n'title'", "[b]: /y\n"]),
    ("[a]:\n/x\n[b]: /y\n", ["[a]:\n/x", "[b]: /y\n"]),
    ("# Head\n[a]: /x\n", ["[a]: /x\n"]),
    ("Head\n====\n[a]: /x\n", ["[a]: /x\n"]),
    ("> [a]: /x\n", ["[a]: /x\n"]),
    ("Text.\n> [a]: /x\n", ["[a]: /x\n"]),
    ("- [a]: /x\n- [b]: /y\n", ["[a]: /x\n- [b]: /y", "[b]: /y\n"]),
    ("```\ncode\n```\n[a]: /x\n", ["[a]: /x\n"]),
]


@pytest.mark.parametrize(("text", "sources"), FOUND)
def test_a_definition_is_found(text: str, sources: list[str]) -> None:
    assert [found.source for found in find_definitions(text)] == sources


@pytest.mark.parametrize(
    "text",
    ["alpha\n[a]: /x\n", "> alpha\n> [a]: /x\n", "- alpha\n  [a]: /x\n", "```\n[a]: /x\n```\n", "[a\\]: x\n"],
)  # fmt: skip
def test_what_stands_in_a_paragraph_or_in_code_defines_nothing(text: str) -> None:
    assert list(find_definitions(text)) == []


def test_a_footnote_is_found_behind_a_footnote() -> None:
    assert list(find_definitions("[^a]: One.\n[^b]: Two.\n")) == [Definition("a"), Definition("b")]


def test_a_definition_in_a_paragraph_is_its_text() -> None:
    block = parse("alpha\n[beta]: /url and [beta]\n").blocks[0]
    assert (block.text, block.spans) == ("alpha [beta]: /url and [beta]", ())
