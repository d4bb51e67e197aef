from __future__ import annotations

import pytest

from reader.errors import BadQuery
from reader.fulltext.query import Field, Query, Term, Words, parse_query
from reader.fulltext.words import list_words


def parse(text: str, *, is_typing: bool = False) -> list[object]:
    """Return the conditions of a query; a negated one in a tuple behind a minus."""
    terms = parse_query(text, is_typing=is_typing).terms
    return [("-", term.condition) if term.is_negated else term.condition for term in terms]


def describe(text: str, *, is_typing: bool = False) -> str:
    """Return the words of a query without fields, `a b` for a phrase and `*` for a prefix."""
    words = (term.condition for term in parse_query(text, is_typing=is_typing).terms)
    return ", ".join(
        " ".join(each.words) + "*" * each.is_prefix for each in words if isinstance(each, Words)
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("sea  ship", "sea, ship"),
        ('"the old sea" ship', "the old sea, ship"),
        ("“the old sea”", "the old sea"),
        ("don’t", "don t"),
        ("well-known", "well known"),
        ("Straße ÆON Café", "strasse, aeon, cafe"),
        ("sail*", "sail*"),
        ('"to sail"*', "to sail*"),
        ("a* B* हि* -*", "a*, b*, हि*"),
        ("12:30 http://a.org", "12 30, http a org"),
        ("- , …", ""),
        ('""', ""),
        ("", ""),
        ("漢", "漢*"),
        ("漢字", "漢字*"),
        ("漢字文化", "漢字文 字文化*"),
        ("x漢字", "x 漢字*"),
        ("漢字x", "漢字 字 x"),
        ("가나", "가나*"),
        ("हिन्दी", "हिन्दी"),
        ("<word> a<b", "word, a b"),
    ],
)
def test_words_of_a_query_are_folded_and_cut(typed: str, words: str) -> None:
    assert describe(typed) == words


def test_a_query_is_parsed_to_words_and_fields() -> None:
    typed = 'tag:work -author:"Charles Lamb" is:UNREAD -"a b" year:2021-2019 <10m >=1h -sea'
    assert parse(typed) == [
        Field("tag", "work"),
        ("-", Field("author", "Charles Lamb")),
        Field("is", "unread"),
        ("-", Words("a b", ("a", "b"), is_quoted=True)),
        Field("year", "2019-2021"),
        Field("time", "<10"),
        Field("time", ">=60"),
        ("-", Words("sea", ("sea",))),
    ]


@pytest.mark.parametrize(
    ("typed", "conditions"),
    [
        ("🎸", [Field("literal", "🎸")]),
        ("-🎸 is:unread", [("-", Field("literal", "🎸")), Field("is", "unread")]),
        ('"? !" 🎸*', [Field("literal", "? !"), Field("literal", "🎸")]),
        ("-- * #", [Field("literal", "--"), Field("literal", "*"), Field("literal", "#")]),
        ("-", [Field("literal", "-")]),
        ("lamp 🎸 &", [Words("lamp", ("lamp",)), Field("literal", "🎸")]),
        ("lamp — … -?", [Words("lamp", ("lamp",))]),
        ('"" \u200b \u0301', []),
    ],
)
def test_signs_are_looked_for_punctuation_only_without_words(
    typed: str, conditions: list[object]
) -> None:
    assert parse(typed) == conditions


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ('sea "the old', '"the old: the quotation mark is not closed'),
        ("tags:work", 'tags:work: there is no field "tags"; the fields are tag:, author:, title:,'),
        ("sea tag:", "tag: needs a value without a space before it, as in tag:work"),
        ("is:done", "is:done: is: may be unread, reading, finished, starred"),
        ("has:stars", "has:stars: has: may be highlight, note, response"),
        ("year:21", "year:21: a year has four digits"),
        ("<10", "<10: a time is written as in <10m or >1h"),
        (">5days", ">5days: a time is written as in <10m or >1h"),
        ("a " * 60, "the query has more than 50 parts"),
        ("a" * 1_001, "the query is longer than 1000 characters"),
        ("x\x1b[2J:a", "x\ufffd[2J"),
    ],
)
def test_a_mistake_is_named(typed: str, message: str) -> None:
    if "\x1b" in typed:  # no field: the name isn't made of letters
        assert describe(typed) == "x, 2j a" or describe(typed) == "x 2j a"
        return
    with pytest.raises(BadQuery) as caught:
        parse_query(typed)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "conditions"),
    [
        ("the se", [Words("the", ("the",)), Words("se", ("se",), is_prefix=True)]),
        ("the ", [Words("the", ("the",))]),
        ("A", [Words("A", ("a",))]),
        ('"the ol', [Words("the ol", ("the", "ol"), is_prefix=True, is_quoted=True)]),
        ("sea ta", [Words("sea", ("sea",)), Words("ta", ("ta",), is_prefix=True)]),
        ("sea tag:", [Words("sea", ("sea",))]),
        ("is:unr", []),
        ("tag:wo", [Field("tag", "wo", is_prefix=True)]),
        ("year:20", []),
        ("<1", []),
        ("-", []),
    ],
)
def test_what_is_being_typed_may_go_on(typed: str, conditions: list[object]) -> None:
    assert parse(typed, is_typing=True) == conditions


def test_fields_are_replaced_by_ids() -> None:
    query = parse_query("tag:work -is:unread sea")
    ids = {"work": {"a", "b"}, "unread": {"b"}}
    resolved = query.resolve_fields(lambda field: ids[field.value])
    assert [resolved.accepts(each) for each in "abc"] == [True, False, False]
    with pytest.raises(ValueError, match="tag: an engine knows no fields"):
        query.accepts("a")
    assert Query((Term(Words("sea", ("sea",))),)).accepts("a")


def test_words_of_a_text_end_at_everything_but_letters_digits_and_marks() -> None:
    assert list_words("It’s 5 o'clock—“déjà vu”, naïve_word…x2 ½") == (
        ["it", "s", "5", "o", "clock", "deja", "vu", "naive", "word", "x2", "1", "2"]
    )
    assert list_words("読書abc") == ["読書", "書", "abc"]
