"""Typed quotes, dashes and dots become typographic ones, except in code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.text.document import OffsetRange
from reader.text.smart_quotes import convert_dashes, curl_quotes, smarten

QUOTES = [
    ('"Yes," she said.', "“Yes,” she said."),
    ("'Yes,' she said.", "‘Yes,’ she said."),
    ("It's the reader's.", "It’s the reader’s."),
    ("the readers' room", "the readers’ room"),
    ('"He said \'no\' twice."', "“He said ‘no’ twice.”"),
    ('"\'No,\' he said."', "“‘No,’ he said.”"),
    ("'\"No,\" he said.'", "‘“No,” he said.’"),
    ('He said, "No."', "He said, “No.”"),
    ('("so-called")', "(“so-called”)"),
    ('["x"]', "[“x”]"),
    ('wait—"now"', "wait—“now”"),
    ('"wait—" and went', "“wait—” and went"),
    ('"I—"', "“I—”"),
    ("word-'quote'", "word-‘quote’"),
    ('"... so"', "“... so”"),
    ('so far…"', "so far…”"),
    ('¿"Sí"?', "¿“Sí”?"),
    ("rock 'n' roll", "rock ’n’ roll"),
    ("'Tis the season", "’Tis the season"),
    ("'twas, 'em, 'til, 'bout", "’twas, ’em, ’til, ’bout"),
    ("\"'Tis late,\" he said", "“’Tis late,” he said"),
    ("the '90s and '68", "the ’90s and ’68"),
    ("'tisane' is tea", "‘tisane’ is tea"),
    ("O'Neill and d'Artagnan", "O’Neill and d’Artagnan"),
    ("don't, won't, I'd've", "don’t, won’t, I’d’ve"),
    ("7'5\" tall", "7′5″ tall"),
    ("He was 5' 10\" tall.", "He was 5′ 10″ tall."),
    ("40° 26' 46\" N", "40° 26′ 46″ N"),
    ("at 79°58'W", "at 79°58′W"),
    ("a pipe 3\" wide", "a pipe 3″ wide"),
    ("a room 12' by 9'", "a room 12′ by 9′"),
    ('"He was 5\'10" tall," she said.', "“He was 5′10″ tall,” she said."),
    ('"It was 1999"', "“It was 1999”"),
    ("'It was 1999'", "‘It was 1999’"),
    ("the 1990's and the 7's", "the 1990’s and the 7’s"),
    ("a child of '68's spring", "a child of ’68’s spring"),
    ("the class of '68'", "the class of ’68’"),
    ("L'\"amour\", dell'\"opera\"", "L’“amour”, dell’“opera”"),
    ("L’\"amour\"", "L’“amour”"),
    ('…"so" it goes', "…“so” it goes"),
    ("…'so' it goes…'", "…‘so’ it goes…’"),
    ('a speech that goes on', "a speech that goes on"),
    ('"A speech that has no end', "“A speech that has no end"),
    ('" a quote by itself "', "” a quote by itself ”"),
    ('a\u00a0"quote"', "a\u00a0“quote”"),
    ("«\"x\"»", "«“x”»"),
    ("日本\"語\"", "日本”語”"),
    ('""', "“”"),
    ("", ""),
]  # fmt: skip

DASHES = [
    ("one --- two", "one — two"),
    ("1914--1918", "1914–1918"),
    ("pp. 2--3, $10--$20", "pp. 2–3, $10–$20"),
    ("A cook -- and a --- dash", "A cook – and a — dash"),
    ("-- Mark Twain", "– Mark Twain"),
    ("He came--and went--slowly.", "He came–and went–slowly."),
    ("Moby---Dick", "Moby—Dick"),
    ("café--bar, слово--слово, 日本--東京", "café–bar, слово–слово, 日本–東京"),
    ('"I--" he said. "I don\'t --"', '"I–" he said. "I don\'t –"'),
    ('he said,--"Yes!"', 'he said,–"Yes!"'),
    ("a word--(or two)", "a word–(or two)"),
    ("a-b", "a-b"),
    ("----", "----"),
    ("-----", "-----"),
    ("--", "--"),
    ("--help, -v --width=40, (--all)", "--help, -v --width=40, (--all)"),
    ("the \"--\" option and '--x'", "the \"--\" option and '--x'"),
    ("--Hola, ---Hola", "--Hola, ---Hola"),
    ("as user--name or btn--primary", "as user--name or btn--primary"),
    ("xn--bcher, my-app--dev, a--b.example.org", "xn--bcher, my-app--dev, a--b.example.org"),
    ("/usr/share/foo--bar, ~/the--end", "/usr/share/foo--bar, ~/the--end"),
    ("C++--, i--; f()--", "C++--, i--; f()--"),
    ("First --> second <-- third", "First --> second <-- third"),
    ("2020-01-01--2020-02-01, v1--beta", "2020-01-01--2020-02-01, v1--beta"),
    ("wait...", "wait…"),
    ("wait....", "wait…."),
    ("a..b", "a..b"),
    ("— – …", "— – …"),
]


@pytest.mark.parametrize(("typed", "printed"), QUOTES)
def test_quotes_are_curled(typed: str, printed: str) -> None:
    assert curl_quotes(typed) == printed


@pytest.mark.parametrize(("typed", "printed"), DASHES)
def test_typed_dashes_and_dots_become_one_character(typed: str, printed: str) -> None:
    assert convert_dashes(typed) == printed


@pytest.mark.parametrize(
    ("before", "text", "after", "printed"),
    [
        ("word", "--and", "", "–and"),
        ("", "word--", "and", "word–"),
        ("", "--and", "", "--and"),
        (" ", "--", " ", "–"),
        ("", "--", "help", "--"),
    ],
)
def test_the_text_around_a_dash_decides_about_it(
    before: str, text: str, after: str, printed: str
) -> None:
    assert convert_dashes(text, before, after) == printed


def test_a_title_gets_quotes_dashes_and_ellipses() -> None:
    assert smarten('"It\'s over" -- or is it...') == "“It’s over” – or is it…"


@pytest.mark.parametrize(
    ("typed", "verbatim", "printed"),
    [
        ("say 'x' or 'y'", [(4, 7)], "say 'x' or ‘y’"),
        ("'a' 'b' 'c'", [(0, 3), (8, 11)], "'a' ‘b’ 'c'"),
        ("it's `it's` it's", [(5, 11)], "it’s `it's` it’s"),
        ("'tis 'tis", [(0, 4)], "'tis ’tis"),
        ('"x"', [(0, 3)], '"x"'),
        ('"x"', [(1, 2)], "“x”"),
        ('"x"', [(2, 2)], "“x”"),
    ],
)
def test_quotes_in_verbatim_ranges_stay_as_typed(
    typed: str, verbatim: list[tuple[int, int]], printed: str
) -> None:
    assert curl_quotes(typed, [OffsetRange(*pair) for pair in verbatim]) == printed


@given(st.text("ab '\"—-.(\n", max_size=30))
def test_curling_keeps_every_character_at_its_offset(text: str) -> None:
    curled = curl_quotes(text)
    assert len(curled) == len(text)
    assert [c for c in curled if c not in "‘’“”"] == [c for c in text if c not in "'\""]


@given(st.text("ab '\"—-.(\n", max_size=30))
def test_every_typed_quote_is_curled(text: str) -> None:
    assert not set(curl_quotes(text)) & {"'", '"'}
