"""A paragraph that is text alone takes a short way, which leads where the long one does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.markdown.dialect import get_inline_parser, is_plain
from reader.markdown.parser import parse
from reader.text import smart_quotes as punctuation
from reader.text.document import OffsetRange

if TYPE_CHECKING:
    from reader.text.document import Block

MARKED = [
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
]


@pytest.mark.parametrize("content", MARKED)
def test_what_may_be_markup_is_not_plain(content: str) -> None:
    assert not is_plain(content)


def test_a_paragraph_of_prose_is_plain() -> None:
    assert is_plain('"Well," said he (it was noon): "that\'s 3 > 2!"')


ALPHABET = st.text("ab1 \t\n.,;:!?'\"()>-–—…#+=|漢、é", max_size=40)


@given(ALPHABET)
def test_the_short_way_leads_where_the_long_one_does(text: str) -> None:
    short = parse(text).blocks
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reader.markdown.parser.is_plain", lambda _: False)
        long: list[Block] = parse(text).blocks
    assert short == long


def test_no_inline_rule_begins_at_a_character_that_counts_as_plain() -> None:
    """Every rule that is active begins at a mark that makes it none, at a line's end or an address."""
    begins = {
        "text": "", "newline": "", "linkify": "", "escape": "\\", "backticks": "`",
        "strikethrough": "~", "emphasis": "*_", "link": "[", "image": "[", "footnote_inline": "[",
        "footnote_ref": "[", "autolink": "<", "html_inline": "<", "entity": "&",
        "wikilink": "[", "maths": "$", "foreign_markup": "{", "omitted": "<",
    }  # fmt: skip
    active = get_inline_parser().get_active_rules()["inline"]
    assert [rule for rule in active if any(is_plain(mark) for mark in begins[rule])] == []


WORDS = [
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


@given(st.lists(st.sampled_from(WORDS), max_size=9).map("".join))
def test_quotes_that_do_not_touch_are_curled_as_one_by_one(text: str) -> None:
    """A verbatim stretch behind the text takes the other way through."""
    apart = re.sub("(?<=[\"'])(?=[\"'])", " ", text)
    verbatim = [OffsetRange(len(apart) + 1, len(apart) + 2)]
    one_by_one = punctuation.curl_quotes(apart + " '", verbatim)[:-2]
    assert punctuation.curl_quotes(apart) == one_by_one
