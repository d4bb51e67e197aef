"""Syntax beyond CommonMark and HTML: words, inline rules, pictures, footnotes and nesting."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.markdown.block_context import Nesting
from reader.markdown.dialect import get_inline_parser
from reader.markdown.html import lists as html_lists
from reader.markdown.html.tags import Omitted, Tag, parse_comment, parse_tag, split_html
from reader.markdown.parser import parse
from reader.text.document import Container, Document, Kind, NestingLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token


MARKUP_CHARACTER: Final = re.compile(r"[\n\\`*_~\[!<&:^${=%]")
"""A character at which an inline rule can start; `plain_prose` looks for no others."""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Term\n: two words", 3),
        ("One $x$ two", 3),  # an inline formula counts, like inline code
        ("$$\na + b\n$$", 0),  # a block formula does not count, like a block of code
        ("{{< figure src='x' >}}", 0),
        ("One {{< b >}}two{{< /b >}} {% three %} four{: .five}", 3),
        ("One[[two]] [[x|three four]]", 3),
        ("![one two](x.png)\n*three*\n\nfour", 1),
        ("one ![two](x.png) three", 2),
        ("<p>one <b>two</b></p><ul><li>three</ul>", 3),
        ("<pre>one</pre>\n\n<table><tr><td>two</table>", 1),
        ("<script>one</script>\n\n<!-- two three -->\n\nfour <!-- five six -->", 1),
        ("<figure><img alt='one'><figcaption>two</figcaption></figure>", 0),
        ("one\n\n[two]: /three", 1),
    ],
)
def test_only_the_words_of_text_are_counted(source: str, words: int) -> None:
    assert parse(source).words == words


def parse_inline(source: str) -> list[Token]:
    tokens: list[Token] = []
    get_inline_parser().inline.parse(source, get_inline_parser(), {}, tokens)
    return tokens


@pytest.mark.parametrize("character", string.printable)
def test_no_inline_rule_starts_at_other_characters(character: str) -> None:
    if MARKUP_CHARACTER.match(character):
        return
    source = f"a{character}{character}b{character} c"
    assert [token.type for token in parse_inline(source)] == ["text"]


MARKUP = st.lists(
    st.sampled_from([*"*_`~[]!<>&:^${}|#%()\\\n", "a", " ", "1", "://b.c"]), max_size=12
)


@given(MARKUP.map("".join))
def test_a_source_without_markup_characters_is_text(source: str) -> None:
    assert {token.type for token in parse_inline(MARKUP_CHARACTER.sub("", source))} <= {"text"}


@pytest.mark.parametrize(
    "template",
    ["![a]({})\n", "text ![a]({}) text\n", "<img alt='a' src='{}'>\n", "![a][b]\n\n[b]: {}\n"],
)
def test_the_data_of_a_picture_is_not_stored(template: str) -> None:
    document = parse(template.format("data:image/png;base64," + "iVBORw0KGgo" * 160_000))
    assert sum(len(block.text) for block in document.blocks) < 20
    assert all(len(s.target) < 100 for block in document.blocks for s in block.spans)


@pytest.mark.parametrize("scheme", ["data", "DATA"])
def test_the_placeholder_of_a_picture_in_the_text_itself_leads_nowhere(scheme: str) -> None:
    document = parse(f"![a]({scheme}:image/png;base64,iVBORw0KGgo)")
    assert not any(span.target for block in document.blocks for span in block.spans)


def test_the_placeholder_of_a_picture_links_to_its_source() -> None:
    block = parse("![a boat](pictures/boat.png)").blocks[0]
    assert (block.kind, block.text) == (Kind.PLACEHOLDER, "▨ a boat")
    assert [span.target for span in block.spans] == ["pictures/boat.png"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("hy\u00adphen", "hyphen"),
        ("hy&shy;phen", "hyphen"),
        ("<p>hy&shy;phen</p>", "hyphen"),
        ("👩\u200d👩\u200d👧 🇬🇧 1\ufe0f\u20e3", "👩\u200d👩\u200d👧 🇬🇧 1\ufe0f\u20e3"),
        ("<p>👩\u200d👧 🇬🇧 1\ufe0f\u20e3</p>", "👩\u200d👧 🇬🇧 1\ufe0f\u20e3"),
        ("&#x1F469;&#x200D;&#x1F467;", "👩\u200d👧"),
    ],
)
def test_soft_hyphens_are_removed_and_emoji_stay(source: str, text: str) -> None:
    assert parse(source).blocks[0].text == text


def test_footnotes_consist_of_ordinary_blocks() -> None:
    footnotes = parse("a[^1]\n\n[^1]: b <b>c</b>\n\n    > [[d]]\n").footnotes
    assert [(block.kind, block.text, block.words) for block in footnotes] == [
        (Kind.PARAGRAPH, "b c", 0),
        (Kind.PARAGRAPH, "d", 0),
    ]


def test_a_definition_used_only_by_a_footnote_counts_as_used() -> None:
    assert [b.text for b in parse("a[^1]\n\n[^1]: [b]\n\n[b]: /c").blocks] == ["a¹"]


def test_only_the_first_unused_definitions_are_named() -> None:
    source = "".join(f"[name{i}]: /x\n" for i in range(40))
    text = parse(source).blocks[-1].text
    assert text.startswith("[unused link definitions left out: name0, name1, ")
    assert text.endswith("name11 and 28 more]")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a <b>c", ["a ", Tag("b", False, "", "<b>"), "c"]),
        ("<BR/>", [Tag("br", False, "/", "<BR/>")]),
        ("a < b <3", ["a < b <3"]),
        ("<!-- one --><!-- one two -->", [Omitted("comment")]),
        ("<script>a", [Omitted("script"), "a"]),
        ("<script>a</script>b", [Omitted("script"), "b"]),
        ("a <!-- b", ["a <!-- b"]),
    ],
)
def test_html_is_split_into_tags_text_and_omitted_elements(
    source: str, expected: list[object]
) -> None:
    assert list(split_html(source)) == expected


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("<a href=x>", "x"),
        ("<a title=\"href='no'\" HREF='a&amp;b'>", "a&b"),
        ("<a data-href=x>", ""),
        ("<a href>", ""),
        ("<a href = 'the \"b\"'>", 'the "b"'),
    ],
)
def test_an_attribute_is_found_by_name(source: str, value: str) -> None:
    tag = parse_tag(source)
    assert tag is not None
    assert tag.get_attribute("href") == value


def test_a_url_in_a_notice_is_shortened() -> None:
    assert len(Omitted("iframe", "https://example.org/" + "a" * 5_000).describe()) < 150


@pytest.mark.parametrize("source", ["<!-- more -->", "<!---->", "<? x ?>", "<b>", ""])
def test_a_comment_of_one_word_is_not_reported(source: str) -> None:
    assert parse_comment(source) is None


def test_an_end_tag_closes_nothing_outside_the_markdown_around_it() -> None:
    nesting = Nesting()
    nesting.open_container(NestingLevel(Container.BLOCK_QUOTE), tag="blockquote")
    nesting.open_container(NestingLevel(Container.CALLOUT))
    nesting.close_tag("blockquote")
    assert [level.container for level in nesting.begin_block()[0]] == [
        Container.BLOCK_QUOTE,
        Container.CALLOUT,
    ]
    nesting.close_container()
    nesting.close_tag("blockquote")
    assert not nesting


def test_the_nesting_of_html_elements_is_limited() -> None:
    document: Document = parse("<blockquote>\n" * 500 + "word")
    assert [block.text for block in document.blocks] == ["word"]
    assert len(document.blocks[0].nesting) == 40


def test_a_list_in_many_html_blocks_has_all_its_numbers_and_each_block_is_split_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources: list[str] = []

    def note(source: str) -> Iterator[str | Tag | Omitted]:
        sources.append(source)
        return split_html(source)

    monkeypatch.setattr(html_lists, "split_html", note)
    document = parse("<ol reversed><li>a\n\n" + "<ol><li>b\n\n</ol>\n\n<li>c\n\n" * 5 + "</ol>")
    levels = [block.nesting[0] for block in document.blocks]
    assert [level.label for level in levels if level.is_first] == [
        "6.",
        "5.",
        "4.",
        "3.",
        "2.",
        "1.",
    ]
    assert len(sources) == 16
