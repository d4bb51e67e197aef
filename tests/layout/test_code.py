"""Colours of code: what is coloured, how much is read, and what happens when a lexer fails."""

from __future__ import annotations

import subprocess
import sys
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.layout import code
from reader.layout.blocks import typeset
from reader.layout.code import (
    LANGUAGES,
    MAX_CHARACTERS,
    MAX_LINE_CHARACTERS,
    MAX_SECONDS,
    CodeToken,
    ColouredCode,
    parse_language,
)
from reader.layout.lines import slice_runs
from reader.text.document import Block, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = '''@wraps
def f(x: int) -> str:
    """Say so."""
    # a note
    return "s" + str(12)
'''


def list_coloured(text: str, info: str) -> list[tuple[str, Role]]:
    """Return the pieces of `text` that have a role besides that of code."""
    runs = slice_runs(text, ColouredCode(text, info).lex_until(len(text)), 0, len(text))
    return [(run.text, run.roles & ~Role.CODE) for run in runs if run.roles != Role.CODE]


def test_keywords_strings_comments_numbers_and_names_have_roles() -> None:
    assert [(text.strip(), role) for text, role in list_coloured(PYTHON, "python")] == [
        ("@wraps", Role.NAME),
        ("def", Role.KEYWORD),
        ("f", Role.NAME),
        ('"""Say so."""', Role.COMMENT),
        ("# a note", Role.COMMENT),
        ("return", Role.KEYWORD),
        ('"s"', Role.STRING),
        ("12", Role.NUMBER),
    ]


def test_a_comment_over_several_lines_is_coloured_in_any_order_of_drawing() -> None:
    block = Block(Kind.CODE, "/* one\n\n   two */\nint x;", language="c")
    layout = typeset(block, 40)
    lines = [layout.draw(index) for index in (2, 1, 0)]
    assert [line.runs[0].roles for line in lines if line.text] == [Role.CODE | Role.COMMENT] * 2


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("python", "python"), ("Python", "python"), ("py", "python"), ("{.python}", "python"),
        ("python{1,3}", "python"), ("language-js", "javascript"), ("lang-js", "javascript"),
        ("c++", "cpp"), ("C#", "csharp"), ("objective-c", "objective-c"),
        ("", ""), ("text", ""), ("brainfuck", ""), ("../../x", ""), ("'; import os", ""),
    ],
)  # fmt: skip
def test_a_language_is_found_by_each_of_its_names(info: str, expected: str) -> None:
    assert parse_language(info) == expected


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_a_lexer_that_keeps_the_text(language: str) -> None:
    text = '\n\n x = "a" # b\n\t/* c */ 1;\n<a href="d">e</a>\n\n'
    tokens = code._read_tokens(text, language)  # noqa: SLF001  the tokens before any check
    assert "".join(token.text for token in tokens) == text


@given(st.sampled_from(sorted(LANGUAGES)), st.text(st.characters(exclude_categories=["Cs"])))
def test_lines_show_the_text_unchanged_in_any_language(language: str, text: str) -> None:
    layout = typeset(Block(Kind.CODE, text, language=language), 40)
    lines = [layout.draw(index) for index in range(len(layout))]
    shown = "".join(run.text for line in lines for run in line.runs if run.start >= 0)
    assert shown == text.replace("\n", "")


@given(st.lists(st.integers(0, 4)))
def test_lines_are_the_same_in_any_order_of_drawing(order: list[int]) -> None:
    block = Block(Kind.CODE, PYTHON, language="python")
    in_order = typeset(block, 40)
    expected = [in_order.draw(index) for index in range(5)]
    layout = typeset(block, 40)
    assert [layout.draw(index) for index in order] == [expected[index] for index in order]


PLAIN_LISTINGS = {
    "no language": ("def f(): return 1", ""),
    "an unknown language": ("def f(): return 1", "klingon"),
    "a long listing": ("def f(): return 1\n" * (MAX_CHARACTERS // 17), "python"),
    "a long line": ("def f(): return 1" + " " * MAX_LINE_CHARACTERS, "python"),
}


@pytest.mark.parametrize("case", PLAIN_LISTINGS)
def test_a_listing_that_cannot_be_coloured_is_plain(case: str) -> None:
    assert list_coloured(*PLAIN_LISTINGS[case]) == []


def raise_error(text: str, _language: str) -> Iterator[CodeToken]:
    yield CodeToken(0, Role.KEYWORD, text[:3])
    raise RecursionError


def change_text(text: str, _language: str) -> Iterator[CodeToken]:
    yield CodeToken(0, Role.KEYWORD, text[:3])
    yield CodeToken(3, Role.STRING, "other")


def skip_character(text: str, _language: str) -> Iterator[CodeToken]:
    yield CodeToken(0, Role.KEYWORD, text[:3])
    yield CodeToken(4, Role.STRING, text[4:])


def repeat_forever(text: str, _language: str) -> Iterator[CodeToken]:
    yield CodeToken(0, Role.KEYWORD, text[:3])
    while True:
        yield CodeToken(3, Role.STRING, "")


def end_early(text: str, _language: str) -> Iterator[CodeToken]:
    yield CodeToken(0, Role.KEYWORD, text[:3])


@pytest.mark.parametrize(
    "read_tokens", [raise_error, change_text, skip_character, repeat_forever, end_early]
)
def test_code_is_plain_from_where_its_lexer_fails(
    read_tokens: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code, "_read_tokens", read_tokens)
    monkeypatch.setattr(code, "thread_time", count(step=MAX_SECONDS / 100).__next__)
    assert list_coloured("def f(): pass", "python") == [("def", Role.KEYWORD)]


def test_the_time_to_load_a_lexer_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 0.0
    read_tokens = code._read_tokens  # noqa: SLF001  the function that loads the lexer

    def load_slowly(text: str, language: str) -> Iterator[CodeToken]:
        nonlocal seconds
        seconds += 2 * MAX_SECONDS
        return read_tokens(text, language)

    monkeypatch.setattr(code, "_read_tokens", load_slowly)
    monkeypatch.setattr(code, "thread_time", lambda: seconds)
    assert list_coloured("def f(): pass", "python")[-1] == ("pass", Role.KEYWORD)


def test_no_more_tokens_are_read_than_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    offsets_read = []

    def counting(text: str, _language: str) -> Iterator[CodeToken]:
        for offset, character in enumerate(text):
            offsets_read.append(offset)
            yield CodeToken(offset, Role.PLAIN, character)

    monkeypatch.setattr(code, "_read_tokens", counting)
    typeset(Block(Kind.CODE, "aaaa\n" * 100, language="c"), 40).draw(1)
    assert len(offsets_read) <= 10


def test_a_listing_of_a_megabyte_needs_no_lexer() -> None:
    program = (
        "import sys\nfrom reader.text.document import Block, Kind\n"
        "from reader.layout.blocks import typeset\n"
        "block = Block(Kind.CODE, 'def f(): return 1\\n' * 60_000, language='python')\n"
        "typeset(block, 66).draw(30_000)\n"
        "print('pygments' in sys.modules)"
    )
    argv = [sys.executable, "-c", program]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize(
    ("source", "loaded"),
    [
        ("```\\nx\\n```", False), ("```klingon\\nx\\n```", False), ("Text `x`.", False),
        ("```python\\nx\\n```", True),
    ],
)  # fmt: skip
def test_pygments_is_loaded_only_for_code_in_a_known_language(source: str, loaded: bool) -> None:
    program = (
        "import sys\nfrom reader.layout.galley import Galley\nfrom reader.markdown.parser import parse\n"
        f"galley = Galley(parse('{source}'), 40)\nlist(galley.draw_rows(galley.first_row, 9))\n"
        "print('pygments' in sys.modules)"
    )
    argv = [sys.executable, "-c", program]
    output = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert output == f"{loaded}\n"
