"""Code in its colours: which stretches, how much of it, and what can't go wrong."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.layout import code as highlight
from reader.layout.blocks import typeset
from reader.layout.code import (
    LANGUAGES,
    MAX_CHARACTERS,
    MAX_LINE_CHARACTERS,
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


def coloured(text: str, info: str) -> list[tuple[str, Role]]:
    """Return the stretches of `text` that have a role beside that of code."""
    runs = slice_runs(text, ColouredCode(text, info).lex_until(len(text)), 0, len(text))
    return [(run.text, run.roles & ~Role.CODE) for run in runs if run.roles != Role.CODE]


def test_keywords_strings_comments_numbers_and_names_are_told_apart() -> None:
    assert [(text.strip(), role) for text, role in coloured(PYTHON, "python")] == [
        ("@wraps", Role.NAME),
        ("def", Role.KEYWORD),
        ("f", Role.NAME),
        ('"""Say so."""', Role.COMMENT),
        ("# a note", Role.COMMENT),
        ("return", Role.KEYWORD),
        ('"s"', Role.STRING),
        ("12", Role.NUMBER),
    ]


def test_a_comment_over_several_lines_is_one_whichever_line_is_drawn_first() -> None:
    block = Block(Kind.CODE, "/* one\n\n   two */\nint x;", language="c")
    last_first = typeset(block, 40)
    lines = [last_first.draw(index) for index in (2, 1, 0)]
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
def test_a_language_is_known_by_its_names(info: str, expected: str) -> None:
    assert parse_language(info) == expected


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_a_lexer_that_keeps_the_text(language: str) -> None:
    text = '\n\n x = "a" # b\n\t/* c */ 1;\n<a href="d">e</a>\n\n'
    found = highlight._read_tokens(text, language)  # noqa: SLF001  what pygments says, unchecked
    assert "".join(value for _, _, value in found) == text


@given(st.sampled_from(sorted(LANGUAGES)), st.text(st.characters(exclude_categories=["Cs"])))
def test_lines_hold_the_text_itself_in_any_language(language: str, text: str) -> None:
    setting = typeset(Block(Kind.CODE, text, language=language), 40)
    lines = [setting.draw(index) for index in range(len(setting))]
    shown = "".join(run.text for line in lines for run in line.runs if run.start >= 0)
    assert shown == text.replace("\n", "")


@given(st.lists(st.integers(0, 4)))
def test_it_is_no_matter_in_which_order_lines_are_drawn(order: list[int]) -> None:
    block = Block(Kind.CODE, PYTHON, language="python")
    expected = typeset(block, 40)
    plain = [expected.draw(index) for index in range(5)]
    setting = typeset(block, 40)
    assert [setting.draw(index) for index in order] == [plain[index] for index in order]


PLAIN = {
    "no language": ("def f(): return 1", ""),
    "an unknown one": ("def f(): return 1", "klingon"),
    "a long listing": ("def f(): return 1\n" * (MAX_CHARACTERS // 17), "python"),
    "a long line": ("def f(): return 1" + " " * MAX_LINE_CHARACTERS, "python"),
}


@pytest.mark.parametrize("case", PLAIN)
def test_this_is_plain(case: str) -> None:
    assert coloured(*PLAIN[case]) == []


def failing(text: str, _language: str) -> Iterator[tuple[int, Role, str]]:
    yield 0, Role.KEYWORD, text[:3]
    raise RecursionError


def cheating(text: str, _language: str) -> Iterator[tuple[int, Role, str]]:
    yield 0, Role.KEYWORD, text[:3]
    yield 3, Role.STRING, "other"


def skipping(text: str, _language: str) -> Iterator[tuple[int, Role, str]]:
    yield 0, Role.KEYWORD, text[:3]
    yield 4, Role.STRING, text[4:]


def endless(text: str, _language: str) -> Iterator[tuple[int, Role, str]]:
    yield 0, Role.KEYWORD, text[:3]
    while True:
        yield 3, Role.STRING, ""


def stopping(text: str, _language: str) -> Iterator[tuple[int, Role, str]]:
    yield 0, Role.KEYWORD, text[:3]


@pytest.mark.parametrize("lexer", [failing, cheating, skipping, endless, stopping])
def test_what_a_lexer_gets_wrong_is_plain_from_there_on(
    lexer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(highlight, "_read_tokens", lexer)
    assert coloured("def f(): pass", "python") == [("def", Role.KEYWORD)]


def test_no_more_is_read_than_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def counting(text: str, _language: str) -> Iterator[tuple[int, Role, str]]:
        for at, letter in enumerate(text):
            read.append(at)
            yield at, Role.PLAIN, letter

    monkeypatch.setattr(highlight, "_read_tokens", counting)
    typeset(Block(Kind.CODE, "aaaa\n" * 100, language="c"), 40).draw(1)
    assert len(read) <= 10


def test_a_listing_of_a_megabyte_is_set_without_a_lexer() -> None:
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
def test_pygments_is_loaded_for_code_in_a_language_only(source: str, loaded: bool) -> None:
    program = (
        "import sys\nfrom reader.layout.galley import Galley\nfrom reader.markdown.parser import parse\n"
        f"galley = Galley(parse('{source}'), 40)\nlist(galley.draw_rows(galley.first_row, 9))\n"
        "print('pygments' in sys.modules)"
    )
    argv = [sys.executable, "-c", program]
    found = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert found == f"{loaded}\n"
