"""What any engine must do. Each test runs with every engine."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from reader.fulltext import IndexedText
from reader.fulltext.fts5 import Fts5Engine
from reader.fulltext.query import parse_query
from reader.fulltext.scan import ScanEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reader.fulltext import Engine

TEXTS = {
    "a": ("Ships", "by Anna, sea", "The old sea and the well-known ship. The ship sails."),
    "b": ("A storm", "by Bert", "The old ship went down in the sea; it’s gone. Straße."),
    "c": ("Cats", "by Cora", "A cat sat on the mat. Nothing else happened, sea or not sea sea."),
    "d": ("漢字文化の歴史", "", "図書館で漢字の本を読んだ。ガラスの本。"),
    "e": ("Sailing", "", "A sailor went sailing on a boat."),
    "f": ("Empty", "", ""),
}


class Shelf:
    """Texts, and an engine that is given them."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.texts: dict[str, IndexedText] = {}
        self.engine: Engine = (
            Fts5Engine(folder / "words.db") if kind == "fts5" else ScanEngine(self.texts.get)
        )

    def put(self, text_id: str, *parts: str, version: str = "1") -> None:
        """Put one text."""
        text = IndexedText(text_id, version, *parts)
        self.texts[text_id] = text
        self.engine.put([text])

    def seek(self, typed: str, most: int = 100) -> str:
        """Return the ids that match, in their order."""
        return "".join(hit.id for hit in self.engine.seek(parse_query(typed), most).hits)


@pytest.fixture(params=["fts5", "scan"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(request.param, tmp_path)
    for text_id, parts in TEXTS.items():
        shelf.put(text_id, *parts)
    with contextlib.closing(shelf.engine):
        yield shelf


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("ship", "ab"),
        ("SHIP Old", "ab"),
        ("ships", "a"),
        ("ship*", "ab"),
        ('"old ship"', "b"),
        ('"ship old"', ""),
        ('"old sh"*', "b"),
        ("well-known", "a"),
        ("well known", "a"),
        ("it's", "b"),
        ("strasse", "b"),
        ("straße", "b"),
        ("ship -storm", "a"),
        ('ship -"old ship"', "a"),
        ("ship -cora -storm", "a"),
        ("-the -sail*", "df"),
        ("anna", "a"),
        ("zebra", ""),
        ("ship zebra", ""),
        ("", "abcdef"),
        ("sail*", "ea"),
        ("漢", "d"),
        ("漢字", "d"),
        ("漢字文化の", "d"),
        ("字文", "d"),
        ("歴史", "d"),
        ("文化史", ""),
        ("図書館で漢字", "d"),
        ("か\u3099", ""),
        ("ガラス", "d"),
        ("カ", ""),
    ],
)
def test_texts_are_found_by_their_words(shelf: Shelf, typed: str, ids: str) -> None:
    assert sorted(shelf.seek(typed)) == sorted(ids)


def test_scores_put_the_title_above_the_text_and_are_those_of_bm25(shelf: Shelf) -> None:
    shelf.put("t", "Harbour", "", "One word, and a few more of them to be long: nothing else.")
    shelf.put("u", "Other", "", "harbour harbour harbour and more words that are here too")
    shelf.put("v", "Other", "harbour", "Words, and a few more of them to be long: nothing else.")
    shelf.put("w", "Other", "", "One harbour, and a few more of them to be long: nothing else.")
    found = shelf.engine.seek(parse_query("harbour"), 10)
    assert "".join(hit.id for hit in found.hits) == "tuvw"
    assert found.total == 4
    bm25 = [0.7004, 0.6009, 0.5724, 0.3611]
    scores = [3 + bm25[0] / (1 + bm25[0]), *(each / (1 + each) for each in bm25[1:])]
    assert [hit.score for hit in found.hits] == pytest.approx(scores, abs=1e-4)


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("sea", "vwxuzy"),  # most texts have it; one has this title, two have it in theirs
        ("SEA*", "vwxuyz"),
        ("se*", "vwxuyz"),
        ("wind sea", "xvwyu"),  # both are in a title, one is, none is
        ("sea -wind", "z"),
        ('"the sea"', "wy"),
        ("the sea", "wxvyu"),
        ("sea w*", "xwvuy"),
        ("海", "yz"),
    ],
)
def test_words_in_the_title_come_before_any_number_of_them_in_the_text(
    shelf: Shelf, typed: str, ids: str
) -> None:
    shelf.engine.drop(TEXTS)
    shelf.put("u", "Long", "", "The wind and sea, " + "sea " * 900)
    shelf.put("v", "Sea", "", "Some wind, and then nothing but many words of the other sort.")
    shelf.put("w", "The Sea", "", "wind " + "sea " * 90)
    shelf.put("x", "Wind on a sea", "the", "Many words of another sort.")
    shelf.put("y", "海と山", "", "The sea, and wind; many words of the other sort.")
    shelf.put("z", "Other", "sea", "海" * 50)
    assert shelf.seek(typed) == ids
    hits = shelf.engine.seek(parse_query(typed), 9).hits
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("s*", "acbe"),  # four of six texts: it ranks none, and is only in the title of one
        ("sh* s*", "ab"),
        ("a* s* sh*", "ab"),
        ("ship s*", "ab"),
        ("ship -sto*", "a"),
        ("-s* -x*", "df"),
        ("st* -c*", "b"),
        ("x*", ""),
    ],
)
def test_short_beginnings_select_texts_and_those_with_it_in_the_title_come_first(
    shelf: Shelf, typed: str, ids: str
) -> None:
    if typed == "s*":
        shelf.put("a", "Other", *TEXTS["a"][1:], version="2")
        shelf.put("c", "Some cats", *TEXTS["c"][1:], version="2")
        shelf.put("b", "Other", "", "Some storm.", version="2")
        shelf.put("e", "Other", "", "Some sea.", version="2")
        ids = "cabe"
    assert shelf.seek(typed) == ids


def test_the_best_are_returned_and_all_are_counted(shelf: Shelf) -> None:
    found = shelf.engine.seek(parse_query("the"), 2)
    assert (len(found.hits), found.total, found.partial) == (2, 3, False)
    assert shelf.engine.seek(parse_query(""), 0).total == 6


def test_ids_in_the_place_of_fields_limit_the_texts(shelf: Shelf) -> None:
    query = parse_query("sea tag:x").resolve_fields(lambda _: {"b", "c", "d"})
    assert [hit.id for hit in shelf.engine.seek(query, 9).hits] == ["c", "b"]
    query = parse_query("-tag:x").resolve_fields(lambda _: {"b", "c", "d"})
    assert [hit.id for hit in shelf.engine.seek(query, 9).hits] == ["a", "e", "f"]
    with pytest.raises(ValueError, match="no fields"):
        shelf.engine.seek(parse_query("tag:x zebra"), 9)


def test_a_changed_text_is_found_by_its_new_words_only(shelf: Shelf) -> None:
    shelf.put("a", "Trains", "", "A train.", version="2")
    assert (shelf.seek("ship"), shelf.seek("train")) == ("b", "a")
    assert shelf.engine.versions(["a", "b", "zz"]) == {"a": "2", "b": "1"}


def test_a_dropped_text_is_not_found(shelf: Shelf) -> None:
    shelf.engine.drop(["a", "zz"])
    assert shelf.seek("ship") == "b"
    assert sorted(shelf.engine.versions()) == ["b", "c", "d", "e", "f"]
    shelf.put("a", *TEXTS["a"])
    assert sorted(shelf.seek("ship")) == ["a", "b"]


def test_odd_ids_and_texts_are_taken(shelf: Shelf) -> None:
    for text_id in ("'\"; --", "\ud800", "ü\0x", "x" * 500):
        if "\ud800" not in text_id:
            shelf.put(text_id, 'odd" OR NEAR(', "\0", "odd\0word AND (\ud800 *")
            assert shelf.engine.versions([text_id]) == {text_id: "1"}
    assert shelf.engine.seek(parse_query('odd "or near"'), 9).total == 3
    assert shelf.engine.seek(parse_query("odd AND word NOT"), 9).total == 0
