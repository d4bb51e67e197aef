"""Parsing of Markdown: the blocks and spans of each source, words, and the title.

Each case in data/markdown is a title, a source, and a list of its blocks: the containers, kind
and text of each, and its spans below it. `↵` is a line break, `⇥` the tab between cells, `tight`
a block without a blank row above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from case_files import load_cases

from reader.markdown.parser import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reader.text.document import Block, NestingLevel, Role


def list_blocks(blocks: Sequence[Block], prefix: str = "") -> Iterator[str]:
    for block in blocks:
        kind = f"{prefix}{block.kind.name.lower().replace('_', '-')}"
        parts = [kind, str(block.heading_level) if block.heading_level else "", block.language]
        heading = " ".join(part for part in parts if part) + (", tight" if block.tight else "")
        nesting = "".join(f"{_describe_level(level)} > " for level in block.nesting)
        yield f"{nesting}{heading}: {_show_breaks(block.text)}".rstrip()
        for span in block.spans:
            target = f" -> {span.target}" if span.target else ""
            text = _show_breaks(block.text[span.start : span.end])
            yield f"    {_describe_role(span.role)}: {text}{target}"


def _describe_level(level: NestingLevel) -> str:
    return level.container.name.lower().replace("_", "-") + (
        f"({level.label})" if level.is_first and level.label else ""
    )


def _describe_role(role: Role) -> str:
    return "+".join(sorted(str(single.name).lower() for single in role))


def _show_breaks(text: str) -> str:
    return text.replace("\n", "↵").replace("\t", "⇥")


@pytest.mark.parametrize(("title", "source", "expected"), load_cases("markdown"))
def test_a_source_is_parsed_into_the_expected_blocks(
    title: str, source: str, expected: str
) -> None:
    document = parse(source)
    lines = [*list_blocks(document.blocks), *list_blocks(document.footnotes, "footnote ")]
    assert "\n".join(lines) == expected, title


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
def test_words_of_the_body_are_counted(source: str, words: int) -> None:
    assert parse(source).words == words


def test_a_first_heading_equal_to_the_title_is_dropped() -> None:
    assert [b.text for b in parse("# It's *me*\n\nText.", "It’s Me!").blocks] == ["Text."]


@pytest.mark.parametrize(
    "source",
    [
        *("Text.\n\n# Title", "# Titles", "Title", "# Title++", "> # Title", "- # Title"),
        *("- item\n\n# Title", "```\ncode\n```\n\n# Title"),
    ],
)
def test_any_other_heading_stays(source: str) -> None:
    assert len(parse(source, "Title").blocks) == len(parse(source).blocks)


@pytest.mark.parametrize(
    ("source", "rest"),
    [
        ("![a](b)\n\n# Title\n\nText.", ["▨ a", "Text."]),
        ("## Another\n\n# Title\n\nText.", ["Another", "Text."]),
        ("> A motto.\n\n# Title\n\nText.", ["A motto.", "Text."]),
        ("*A note.*\n\n# Title\n\nText.", ["A note.", "Text."]),
        ("# Title[^1]\n\nText.\n\n[^1]: Note.", ["Text."]),
        ("# ![a](b) Title\n\nText.", ["▨ a", "Text."]),
        ("# Title {#x .y}\n\nText.", ["Text."]),
    ],
)
def test_the_title_is_dropped_where_the_text_begins(source: str, rest: list[str]) -> None:
    assert [block.text for block in parse(source, "Title").blocks] == rest


def test_the_title_is_dropped_only_once() -> None:
    assert [b.text for b in parse("# Title\n\n# Title", "Title").blocks] == ["Title"]


@pytest.mark.parametrize("template", ["{}", "# {}", "`{}`", "    {}", "- {}", "> {}\n>\n> — {}", "|{}|\n|-|",
                                    "[{}](x)", "![{}](x)", "[^1]\n\n[^1]: {}", "^[{}]", "<p>{}</p>",
                                    "```{}\n```", "![x](y \"{}\")"])  # fmt: skip
def test_control_characters_are_removed_from_every_kind_of_block(template: str) -> None:
    hostile = "a\x1b]52;c;x\x07\x9b2J\u202eb\u2066c\x00d"
    document = parse(template.format(hostile, hostile))
    texts = [
        text
        for block in (*document.blocks, *document.footnotes)
        for text in (block.text, block.language)
    ]
    assert not set("".join(texts)) & set("\x1b\x07\x9b\u202e\u2066\x00")
