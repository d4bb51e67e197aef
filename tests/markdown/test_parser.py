"""Markdown: what a source becomes, block by block and span by span.

The files in data/markdown hold a title, a source, and a listing of its blocks: what each
stands in, its kind and text, and below it its spans. `↵` is a line break, `⇥` a tab between
cells, `close` a block with no blank row above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from case_files import cases

from reader.markdown.parser import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.text.document import Block, NestingLevel, Role


def listing(blocks: Sequence[Block], prefix: str = "") -> Iterator[str]:
    for block in blocks:
        kind = f"{prefix}{block.kind.name.lower().replace('_', '-')}"
        parts = [kind, str(block.heading_level) if block.heading_level else "", block.language]
        told = " ".join(part for part in parts if part) + (", close" if block.tight else "")
        nesting = "".join(f"{_level(level)} > " for level in block.nesting)
        yield f"{nesting}{told}: {_shown(block.text)}".rstrip()
        for span in block.spans:
            target = f" -> {span.target}" if span.target else ""
            yield f"    {_roles(span.role)}: {_shown(block.text[span.start : span.end])}{target}"


def _level(level: NestingLevel) -> str:
    return level.container.name.lower().replace("_", "-") + (
        f"({level.label})" if level.is_first and level.label else ""
    )


def _roles(role: Role) -> str:
    return "+".join(sorted(str(single.name).lower() for single in role))


def _shown(text: str) -> str:
    return text.replace("\n", "↵").replace("\t", "⇥")


@pytest.mark.parametrize(("title", "source", "expected"), cases("markdown"))
def test_a_source_becomes_these_blocks(title: str, source: str, expected: str) -> None:
    document = parse(source)
    found = [*listing(document.blocks), *listing(document.footnotes, "note ")]
    assert "\n".join(found) == expected, title


# Words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("One two *three* four-five — six.", 5),
        ("日本語の文章", 3),
        ("```\ncode is not read\n```", 0),
        ("One.[^1]\n\n[^1]: A note is not counted.", 1),
        ("> Quoted words count.", 3),
        ("One two three four five.\n\n> two three four five", 5),
        ("| a | b |\n|---|---|\n| 1 | 2 |", 4),
        ("<script>no words</script>", 0),
        ("# Title\n\n- item\n- item", 3),
        ("", 0),
    ],
)
def test_the_words_of_the_body_are_counted(source: str, words: int) -> None:
    assert parse(source).words == words


# The title --------------------------------------------------------------------------------


def test_a_first_heading_that_is_the_title_is_dropped() -> None:
    assert [b.text for b in parse("# It's *me*\n\nText.", "It’s Me!").blocks] == ["Text."]


@pytest.mark.parametrize(
    "source", ["Text.\n\n# Title", "# Titles", "## Another\n\n# Title", "Title"]
)
def test_any_other_heading_stays(source: str) -> None:
    assert len(parse(source, "Title").blocks) == len(parse(source).blocks)


def test_the_title_is_dropped_once() -> None:
    assert [b.text for b in parse("# Title\n\n# Title", "Title").blocks] == ["Title"]


# Controls ---------------------------------------------------------------------------------


@pytest.mark.parametrize("around", ["{}", "# {}", "`{}`", "    {}", "- {}", "> {}\n>\n> — {}", "|{}|\n|-|",
                                    "[{}](x)", "![{}](x)", "[^1]\n\n[^1]: {}", "^[{}]", "<p>{}</p>",
                                    "```{}\n```", "![x](y \"{}\")"])  # fmt: skip
def test_no_control_gets_through_any_kind_of_block(around: str) -> None:
    hostile = "a\x1b]52;c;x\x07\x9b2J\u202eb\u2066c\x00d"
    document = parse(around.format(hostile, hostile))
    told = [
        text
        for block in (*document.blocks, *document.footnotes)
        for text in (block.text, block.language)
    ]
    assert not set("".join(told)) & set("\x1b\x07\x9b\u202e\u2066\x00")
