"""The scan for definitions finds them where CommonMark allows them."""

from __future__ import annotations

import pytest

from reader.markdown.definitions import Definition, find_definitions
from reader.markdown.parser import parse

DEFINITIONS = [
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


@pytest.mark.parametrize(("text", "sources"), DEFINITIONS)
def test_link_definitions_are_found(text: str, sources: list[str]) -> None:
    assert [definition.source for definition in find_definitions(text)] == sources


@pytest.mark.parametrize(
    "text",
    ["alpha\n[a]: /x\n", "> alpha\n> [a]: /x\n", "- alpha\n  [a]: /x\n", "```\n[a]: /x\n```\n", "[a\\]: x\n"],
)  # fmt: skip
def test_no_definition_is_found_inside_a_paragraph_or_code(text: str) -> None:
    assert list(find_definitions(text)) == []


def test_consecutive_footnotes_are_found() -> None:
    assert list(find_definitions("[^a]: One.\n[^b]: Two.\n")) == [Definition("a"), Definition("b")]


def test_a_definition_inside_a_paragraph_is_text() -> None:
    block = parse("alpha\n[beta]: /url and [beta]\n").blocks[0]
    assert (block.text, block.spans) == ("alpha [beta]: /url and [beta]", ())
