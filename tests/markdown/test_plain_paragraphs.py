"""The fast path for paragraphs without markup gives the same blocks as the parser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.markdown.dialect import get_inline_parser
from reader.markdown.parser import parse
from reader.markdown.plain_prose import is_plain
from reader.text.document import OffsetRange
from reader.text.smart_quotes import curl_quotes

if TYPE_CHECKING:
    from reader.text.document import Block

MARKUP = [
    "a *b*",
    "a_b_",
    "`c`",
    "a [b]",
    "<b>",
    "AT&T",
    "\\*",
    "~~a~~",
    "see http://a.b",
    "a  \nb",
    "==a==",
    "%%a%%",
    "a ^id",
]


@pytest.mark.parametrize("content", MARKUP)
def test_a_paragraph_with_possible_markup_is_not_plain(content: str) -> None:
    assert not is_plain(content)


def test_a_paragraph_of_prose_is_plain() -> None:
    assert is_plain('"Well," said he (it was noon): "that\'s 3 > 2!"')


PLAIN_TEXT = st.text("ab1 \t\n.,;:!?'\"()>-–—…#+=|漢、é", max_size=40)


@given(PLAIN_TEXT)
def test_the_fast_path_gives_the_same_blocks(text: str) -> None:
    fast = [*parse(text).blocks]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reader.markdown.parser.is_plain", lambda _: False)
        slow: list[Block] = [*parse(text).blocks]
    assert fast == slow


def test_no_inline_rule_starts_at_a_character_of_plain_text() -> None:
    """Rules without characters here start at a line's end or at `://`, which is_plain tests."""
    start_characters = {
        "text": "", "newline": "", "linkify": "", "escape": "\\", "backticks": "`",
        "strikethrough": "~", "emphasis": "*_", "link": "[", "image": "[", "footnote_inline": "[",
        "footnote_ref": "[", "autolink": "<", "html_inline": "<", "entity": "&",
        "wikilink": "[", "maths": "$", "foreign_markup": "{", "omitted": "<", "unknown_tag": "<",
        "marked": ["=="], "comment": ["%%"], "block_id": "^",
    }  # fmt: skip
    active = get_inline_parser().get_active_rules()["inline"]
    starts_in_plain_text = [
        rule for rule in active if any(is_plain(start) for start in start_characters[rule])
    ]
    assert starts_in_plain_text == []


QUOTED_PIECES = [
    "tis",
    "em",
    "90s",
    "n",
    "a",
    '"',
    "'",
    " ",
    "—",
    "-",
    "b",
    "(",
    "“",
    "‘",
    "…",
    "1",
    "_",
    "\n",
]


@given(st.lists(st.sampled_from(QUOTED_PIECES), max_size=9).map("".join))
def test_both_paths_of_curl_quotes_agree(text: str) -> None:
    """With a verbatim range, here after the text, each quote is curled separately."""
    separated = re.sub("(?<=[\"'])(?=[\"'])", " ", text)
    verbatim = [OffsetRange(len(separated) + 1, len(separated) + 2)]
    one_by_one = curl_quotes(separated + " '", verbatim)[:-2]
    assert curl_quotes(separated) == one_by_one
