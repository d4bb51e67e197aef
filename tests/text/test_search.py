"""A search matches text in spite of accents, typographic marks, emphasis and line breaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.finding.document_search import Search
from reader.markdown.parser import parse
from reader.text.document import Block, Kind, Place
from reader.text.search import Match, SearchResults, TypedQuery, find_matches, fold_text

TEXT = (
    'The café\'s "naïve" cook -- a *very* **old** one -- said:\n"E\u0301te\u0301 is over."\n\n'
    "> A quote about [the café](x.md)\\\n> in two lines\n\nThirty-four CAFES"
)


def find(words: str, text: str = TEXT) -> list[str]:
    blocks = parse(text).blocks
    return [
        blocks[m.start.block].text[m.start.offset : m.end_offset]
        for m in find_matches(blocks, words)
    ]


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        ("cafe", ["café", "café", "CAFE"]),
        ("café", ["café", "café"]),
        ("CAFE", ["CAFE"]),
        ("cafe's", ["café’s"]),
        ("cafe’s", ["café’s"]),
        ('"naive"', ["“naïve”"]),
        ("very old one", ["very old one"]),
        ("cook - a very", ["cook – a very"]),
        ('said: "ete', ["said: “E\u0301te\u0301"]),
        ("the café in two", ["the café\nin two"]),
        ("thirty-four", ["Thirty-four"]),
        ("Thirty", ["Thirty"]),
        ("tHirty", []),
        ("nowhere", []),
        ("  ", []),
        ("(", []),
    ],
)
def test_typed_words_match_printed_ones(words: str, hits: list[str]) -> None:
    assert find(words) == hits


def test_pull_quotes_are_not_searched() -> None:
    text = "She said nothing at all that day.\n\n> She said nothing at all that day."
    assert find("nothing at all", text) == ["nothing at all"]


def test_matches_are_places() -> None:
    assert list(find_matches(parse("One two.\n\nTwo three.").blocks, "two")) == [
        Match(Place(0, 4), 7),
        Match(Place(1, 0), 3),
    ]


MATCHES = [Match(Place(0, 4), 7), Match(Place(1, 0), 3), Match(Place(1, 9), 12)]


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (Place(0, 0), "1 of 3"),
        (Place(0, 5), "2 of 3"),
        (Place(1, 1), "3 of 3"),
        (Place(2), "1 of 3"),
    ],
)
def test_the_first_match_is_at_or_after_the_place_and_wraps_around(
    place: Place, status: str
) -> None:
    results = SearchResults(TypedQuery("two"), MATCHES)
    results.select_at(place)
    assert str(results) == status


def test_next_and_previous_wrap_around() -> None:
    results = SearchResults(TypedQuery("two"), MATCHES)
    results.select_at(Place(1, 5))
    results.step(1)
    assert str(results) == "1 of 3"
    results.step(-2)
    assert str(results) == "2 of 3"


def test_a_search_without_matches_is_not_found() -> None:
    results = SearchResults(TypedQuery("two"), [])
    assert results.select_at(Place()) is None
    assert results.step(1) is None
    assert str(results) == "not found"


def test_the_ranges_of_a_block_mark_the_current_match() -> None:
    results = SearchResults(TypedQuery("two"), MATCHES)
    results.select_at(Place(1, 5))
    assert results.list_ranges(1) == [(0, 3, False), (9, 12, True)]


FOLDED_TEXT = (
    "Wait...what? A cook -- and a --- dash, pages 2--3; run `--help`.\n\n"
    "A claim[^1], a second[^2] thing, 5' 10\" tall, x² and H₂O at −5 °C.\n\n"
    "Die Straße, smørrebrød, Łódź, Œuvre, Đakovo, æther, ﬁn, ＦＵＬＬ.\n\n"
    "donʼt, bệnh, été, İstanbul, ısı, שָׁלוֹם, مُحَمَّد, が, か\u3099, 각, \u1100\u1161\u11a8, ﾊﾟ."
    "\n\n[^1]: One.\n\n[^2]: Two."
)


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        ("wait...", ["Wait…"]),
        ("wait…", ["Wait…"]),
        ("wait.", []),
        ("cook --", ["cook –"]),
        ("a --- dash", ["a — dash"]),
        ("a -- dash", ["a — dash"]),
        ("cook ---", []),
        ("2--3", ["2–3"]),
        ("2-3", ["2–3"]),
        ("--help", ["--help"]),
        ("5' 10\"", ["5′ 10″"]),
        ("5′ 10″", ["5′ 10″"]),
        ("don't", ["donʼt"]),
        ("don’t", ["donʼt"]),
        ("claim, a second thing", ["claim¹, a second² thing"]),
        ("claim[^1], a", ["claim¹, a"]),
        ("second² thing", ["second² thing"]),
        ("second2", []),
        ("x2", ["x²"]),
        ("h2o", ["H₂O"]),
        ("-5", ["−5"]),
        ("strasse", ["Straße"]),
        ("straße", ["Straße"]),
        ("stras", []),
        ("smorrebrod", ["smørrebrød"]),
        ("smørrebrød", ["smørrebrød"]),
        ("smørrebröd", []),
        ("lodz", ["Łódź"]),
        ("oeuvre", ["Œuvre"]),
        ("Oeuvre", ["Œuvre"]),
        ("œuvre", ["Œuvre"]),
        ("dakovo", ["Đakovo"]),
        ("aether", ["æther"]),
        ("fin", ["ﬁn"]),
        ("full", ["ＦＵＬＬ"]),
        ("be\u0323\u0302nh", ["bệnh"]),
        ("e\u0301te\u0301", ["été"]),
        ("istanbul", ["İstanbul"]),
        ("Istanbul", ["İstanbul"]),
        ("isi", ["ısı"]),
        ("שלום", ["שָׁלוֹם"]),
        ("שָׁלוֹם", ["שָׁלוֹם"]),
        ("محمد", ["مُحَمَّد"]),
        ("が", ["が", "か\u3099"]),
        ("か", []),
        ("\u1100\u1161\u11a8", ["각", "\u1100\u1161\u11a8"]),
        ("가", []),
        ("パ", ["ﾊﾟ"]),
    ],
)
def test_what_the_file_says_matches_what_the_page_shows(words: str, hits: list[str]) -> None:
    assert find(words, FOLDED_TEXT) == hits


ALPHABET = st.text("aAeéE\u0301ßsSœoøØ…. -–—\n'’\"“ﬁfi²2が\u3099か\u00ad\u200dשָׁ각ıİ", max_size=12)


@given(ALPHABET, ALPHABET)
def test_a_match_folds_to_the_folded_query(text: str, words: str) -> None:
    for match in find_matches([Block(Kind.PARAGRAPH, text)], words):
        assert fold_text(text[match.start.offset : match.end_offset]) == fold_text(words)


@given(ALPHABET, ALPHABET, ALPHABET)
def test_a_copied_text_is_found_where_it_stands(before: str, words: str, after: str) -> None:
    text = f"{before}|{words.strip()}|. {after}"
    matches = find_matches([Block(Kind.PARAGRAPH, text)], f"|{words.strip()}|")
    assert len(before) in [match.start.offset for match in matches]


def test_a_word_of_the_title_is_found_at_the_beginning() -> None:
    head = [Block(Kind.TITLE, "The Lighthouse")]
    search = Search(parse("A text."), TypedQuery("lighthouse"), Place(), head)
    assert search.results.matches == [Match(Place(), 0)]
    assert search.results.list_ranges(0) == []


def test_thousands_of_short_blocks_are_searched_in_several_chunks() -> None:
    search = Search(parse("a\n\n" * 3_000), TypedQuery("a"), Place(), ())
    counts = []
    while chunk := search.next_chunk():
        counts.append(len(chunk.blocks))
    assert max(counts) == 1_000
    assert sum(counts) == 3_000


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź — Café…", "lodz - cafe..."),
        ("“It’s”  a\nnote", '"it\'s" a note'),
        ("Cafe\u0301", "cafe"),
        ("ＡＢＣ ﬁx Straße", "abc fix strasse"),
    ],
)
def test_filters_compare_folded_texts(text: str, folded: str) -> None:
    assert fold_text(text) == folded
