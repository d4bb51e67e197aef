"""Parsing in slices gives the same blocks as parsing the whole text."""

from __future__ import annotations

import pytest
from hostile_markdown import HOSTILE_TEXTS
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reader.markdown.parser import parse, parse_slices
from reader.text.document import Block, Document

Blocks = tuple[list[Block], list[Block]]
"""The blocks and the footnotes of a document."""


def parse_in_slices(source: str, size: int) -> Blocks:
    """Parse `source` in slices of about `size` characters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reader.markdown.parser.NEXT_SLICE_CHARACTERS", size)
        patch.setattr("reader.markdown.parser.LARGE_BLOCK_CHARACTERS", size // 2)
        document = Document()
        for piece in parse_slices(source, first_size=size):
            document.extend(piece.blocks)
            if piece.is_last:
                document.finish(piece.footnotes)
    return [*document.blocks], document.footnotes


WHOLE_TEXT = 1_000_000
"""A slice size larger than any text here."""


@pytest.mark.slow
@settings(max_examples=30)
@given(HOSTILE_TEXTS, st.integers(1, 400))
@example("9. a\n   ---\n\n9. b\n   ---\n\nc", 1)
@example("[^1]: one\n\n" * 3 + "text\n\n[^1]: two\n\n[^1]: three", 1)
def test_slices_of_any_size_equal_the_whole(source: str, size: int) -> None:
    assert parse_in_slices(source, size) == parse_in_slices(source, WHOLE_TEXT)


MARKUP_SOUP = st.lists(
    st.sampled_from(
        ["\n", "\n\n", "  ", "    ", "\t", "> ", "- ", "* ", "1. ", "2) ", "# ", "---", "===", "```",
         "~~~", "|", "|-|-|", "|a|b|", "[^1]", "[^1]: ", "[^2]:\n", "[a]: /u", "[a]", "[a]:", "]", "](",
         "<div>", "</div>", "<!--", "-->", "<p", "<script>", "`", "*", "**", "_", "word", "\\", "![",
         "$$", "$", ": ", "<ul>", "<li>", "</li>", "<blockquote>\n", "</blockquote>", "<table>", "<td>",
         "<pre>", "<summary>", "{{<", ">}}", "{%", "[[", "]]", "*cap*", "![p](q)", "^[", "[!NOTE]", "[x] ", "%%", "==", " ^id", "    code", '"title"', "—", "✔ "]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=30)
@given(MARKUP_SOUP, st.integers(1, 40))
def test_slices_of_random_markup_equal_the_whole(source: str, size: int) -> None:
    assert parse_in_slices(source, size) == parse_in_slices(source, WHOLE_TEXT)


LIST_LINES = st.lists(
    st.tuples(
        st.sampled_from(["- ", "1. ", "   - ", "  ", "    ", "\t", ""]),
        st.sampled_from(
            ["a", "a", "b *c*", "[x] d", "- in", "1. in", "> q", "# h", "```", "$$", "$$ x", "|a|b|", "|-|-|",
             "[a]: /u", "[^1]", "[^1]: n", "<div>", "</div>", "%%", ": means", "---", "✔ ok", "![p](q)", ""]
        ),
        st.sampled_from(["\n", "\n", "\n\n"]),
    ).map("".join),
    min_size=3,
    max_size=30,
).map("".join)  # fmt: skip
ONE_LIST = st.builds(
    lambda marker, end, contents: "".join(f"{marker} {text}{end}" for text in contents),
    st.sampled_from(["-", "*", "1.", "2)"]),
    st.sampled_from(["\n", "\n\n"]),
    st.lists(st.sampled_from(["a", "**b** c", "[x] d", "e\n      f", "`g`", "# h"]), min_size=3),
)


@pytest.mark.slow
@settings(max_examples=30)
@given(LIST_LINES | ONE_LIST, st.integers(1, 40))
@example("- a\n- b\n\n  c\n- d\n", 1)
@example("- a\n- b\n\n- c\n\n\n1. d\n", 1)
@example("- a | b\n- a | b\n|-|-|\n", 1)
@example("1. a\n" * 12 + "\ntext", 1)
@example("   - a\n   - b\n   - c\n", 1)
@example("term\n$$ x\nb\nc\n\nmore\n", 5)
def test_slices_of_lists_equal_the_whole(source: str, size: int) -> None:
    assert parse_in_slices(source, size) == parse_in_slices(source, WHOLE_TEXT)


QUOTE_LINES = st.lists(
    st.tuples(
        st.sampled_from(["> ", "> ", "> > ", ">> ", "> - ", ">   ", "   > ", "- > ", "> 1. ", ""]),
        st.sampled_from(
            ["a", "b *c*", "- in", "# h", "```", "$$", "$$ x", "|a|b|", "|-|-|", "[a]: /u", "[^1]", "[^1]: n",
             "<div>", "</div>", "<li>", "%%", ": means", "---", "— Ann", "[!NOTE] t", "✔ ok", "![p](q)", ""]
        ),
        st.sampled_from(["\n", "\n", "\n>\n", "\n> >\n", "\n\n"]),
    ).map("".join),
    min_size=3,
    max_size=30,
).map("".join)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=30)
@given(QUOTE_LINES, st.integers(1, 40))
@example("> a\n>\n> [^1]: n\n>\n> b\n\na\n", 1)
@example("> > a\n> >\n> > b\n>\n> c\n>\n> > d\n", 1)
def test_slices_of_quotes_equal_the_whole(source: str, size: int) -> None:
    assert parse_in_slices(source, size) == parse_in_slices(source, WHOLE_TEXT)


ITEM_BODIES = ["a", "b\nlazy", "c\n\n{}more", "{{x", "d\n{}- in\n\n{}- in", "`e`\n{}```\n\n{}f\n{}```", "# g",
               "h\n\n{}    code", "> q", "| a |\n{}|-|\n{}| b |", "", "i\n  j", "[x] k", "l\n{}# m", "---"]  # fmt: skip
NUMBERED = st.builds(
    lambda marker, bodies, tail: (
        "".join(
            f"{marker} {body.replace('{}', ' ' * (len(marker) + 1))}{end}" for body, end in bodies
        )
        + tail
    ),
    st.sampled_from(["-", "*", "1.", "10)", "999."]),
    st.lists(
        st.tuples(st.sampled_from(ITEM_BODIES), st.sampled_from(["\n", "\n", "\n\n"])), min_size=3
    ),
    st.sampled_from(["", "\ntext", "# h", "\n 1. x", "\n- y\n", "text\n"]),
)


@pytest.mark.slow
@settings(max_examples=30)
@given(NUMBERED, st.integers(1, 40))
def test_slices_of_lists_with_blocks_equal_the_whole(source: str, size: int) -> None:
    assert parse_in_slices(source, size) == parse_in_slices(source, WHOLE_TEXT)


@pytest.mark.parametrize(
    "source",
    [
        "- item\n" * 500,
        "* item\n\n" * 500,
        "- item\n  1. in\n  2. in\n" * 150,
        "- item\n\n  more\n\n" * 250,
        "- [ ] task\n- [x] done\n" * 250,
        "1. item\n" * 500,
        "1. **item** with `code`\n\n" * 250 + "text",
        "3) item\n    - in\n" * 250 + "\n# Heading\n",
        "> words\n>\n" * 500,
        "> > words\n> >\n" * 300 + "> outer\n\ntext",
        "> [!NOTE] title\n> words\n" + ">\n> - a\n> - b\n>\n> c\n" * 200,
        "- item\n" * 500 + "\n- item\n",
        "1. item\n\n   more\n\n   ```\n   code\n\n   ```\n" * 100,
        "10. item\ngoes on\n" * 250,
        "1. item\n   - in\n\n     more\n\n2. # heading\n" * 100,
    ],
)
def test_a_list_or_quote_longer_than_a_slice_is_cut(source: str) -> None:
    first = next(parse_slices(source, first_size=400))
    assert 0 < len(first.blocks) < 100


def test_a_long_text_has_many_slices() -> None:
    pieces = list(parse_slices("A paragraph of words.\n\n" * 1_000, first_size=400))
    assert len(pieces[0].blocks) < 25
    assert [piece.is_last for piece in pieces].count(True) == 1
    assert pieces[-1].is_last
    assert sum(len(piece.blocks) for piece in pieces) == 1_000


def test_the_first_slice_parses_no_more_than_its_size() -> None:
    whole = "A paragraph of words.\n\n" * 20_000
    assert len(next(parse_slices(whole)).blocks) < 1_000


def test_a_link_in_the_first_slice_may_be_defined_in_the_last() -> None:
    source = "[link]\n\n" + "words\n\n" * 500 + "[link]: https://example.org"
    first = next(parse_slices(source, first_size=100)).blocks[0]
    assert [span.target for span in first.spans] == ["https://example.org"]


def test_a_footnote_called_in_the_first_slice_may_be_defined_in_the_last() -> None:
    source = "text[^1]\n\n" + "words\n\n" * 500 + "[^1]: note"
    assert next(parse_slices(source, first_size=100)).blocks[0].text == "text¹"


def test_footnotes_come_with_the_last_slice() -> None:
    source = "[^1]: note\n\n" + "words[^1]\n\n" * 500
    *pieces, last = parse_slices(source, first_size=100)
    assert not any(piece.footnotes for piece in pieces)
    assert [block.text for block in last.footnotes] == ["note"]


@pytest.mark.parametrize("source", ["", "\n", "   \n\n"])
def test_a_text_without_blocks_has_one_slice(source: str) -> None:
    assert [(piece.blocks, piece.footnotes, piece.is_last) for piece in parse_slices(source)] == [
        ((), (), True)
    ]


@pytest.mark.slow
def test_a_list_longer_than_a_slice_is_complete() -> None:
    source = "before\n\n" + "- item\n" * 1_000 + "\nafter"
    blocks, _ = parse_in_slices(source, 300)
    assert len(blocks) == 1_002
    assert blocks == parse(source).blocks


@pytest.mark.parametrize("size", [5, 40, 200])
@pytest.mark.parametrize("ending", ["%%\n\nafter", "no end"])
def test_a_comment_on_several_lines_is_the_same_in_slices(size: int, ending: str) -> None:
    source = "before\n\n%%\n" + "words of a comment\n\n" * 20 + ending
    assert parse_in_slices(source, size) == parse_in_slices(source, WHOLE_TEXT)


LARGE_BLOCKS = {
    "code": "```\n" + "code\n" * 20_000 + "```\n",
    "one line": "words " * 40_000,
    "table": "|a|b|\n|-|-|\n" + "|1|2|\n" * 20_000,
    "list in a quote": "> - item\n" * 10_000,
}


@pytest.mark.parametrize("name", LARGE_BLOCKS)
def test_what_is_before_a_large_block_is_parsed_before_it(name: str) -> None:
    slices = parse_slices(f"# Heading\n\n{LARGE_BLOCKS[name]}")
    first, second = next(slices), next(slices)
    assert ([block.text for block in first.blocks], second.blocks) == (["Heading"], ())
