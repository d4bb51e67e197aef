"""Output without styles marks struck text and numbers the links."""

from __future__ import annotations

import pytest

from reader.layout.galley import Galley
from reader.markdown.parser import parse
from reader.render.story_frame import PlainMarks
from reader.render.story_stream import render_addresses, render_text
from reader.text.document import Document, Place

TABLE = "\n".join(["| a | b |", "|---|---|", "| ~~100~~ | 80 |", *["| 1 | 2 |"] * 70])


def mark_document(marks: PlainMarks, document: Document) -> Document:
    """Return a complete document with marks in its text."""
    marked = Document()
    marked.extend(marks.mark_blocks(document.blocks))
    marked.finish(marks.mark_blocks(document.footnotes))
    return marked


def show(source: str, measure: int = 60, *, has_links: bool = True) -> list[str]:
    document = parse(source)
    marks = PlainMarks(has_links=has_links)
    marked = mark_document(marks, document)
    galley = Galley(marked, measure)
    galley.set_tail(marked.footnotes)
    return [*render_text(galley), *render_addresses(marks.addresses)]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("The price is ~~100~~ 80 euros.", "The price is ~~100~~ 80 euros."),
        ("<del>100</del> <s>90</s> <strike>85</strike> 80", "~~100~~ ~~90~~ ~~85~~ 80"),
        ("~~a <del>b</del> c~~ d", "~~a b c~~ d"),
        ("~~*a* b~~*c*", "~~a b~~c"),
        ("<p>was <del> 5 </del> now 4</p>", "was ~~5~~ now 4"),
        ("## Was ~~one~~", "Was ~~one~~"),
        ("- [x] ~~done~~", "☑ ~~done~~"),
    ],
)
def test_struck_text_is_marked(source: str, line: str) -> None:
    assert show(source) == [line]


def test_a_footnote_has_marks_too() -> None:
    assert show("a[^1]\n\n[^1]: ~~b~~")[-1] == "¹ ~~b~~"


def test_all_columns_of_a_table_have_room_for_marks() -> None:
    assert [line.index("2") for line in show(TABLE) if "2" in line] == [9] * 70


def test_a_link_has_a_number_and_its_address_is_listed_once() -> None:
    source = "[one](https://a.example/x), [two](b.md#c), [three](https://a.example/x)."
    assert show(source) == [
        "one [1], two [2], three [1].",
        "",
        "Links",
        "",
        "[1] https://a.example/x",
        "[2] b.md#c",
    ]


@pytest.mark.parametrize(
    "source",
    ["https://a.example/x", "<me@a.example>", "[below](#part)", "[[page]]", "![alt](a.png)"],
)
def test_a_link_that_shows_its_address_has_no_number(source: str) -> None:
    assert "Links" not in show(source)


def test_a_link_that_shows_another_address_has_a_number() -> None:
    assert show("[https://good.example](https://bad.example)")[-1] == "[1] https://bad.example"


def test_links_can_be_left_out() -> None:
    assert show("~~a~~ [b](https://c.example)", has_links=False) == ["~~a~~ b"]


def test_an_address_is_on_one_line_unless_a_width_is_given() -> None:
    address = "https://a.example/" + "x" * 80
    assert show(f"[a]({address})", 40)[-1] == f"[1] {address}"
    assert max(map(len, render_addresses([address], 40))) == 40


def test_a_place_is_found_in_marked_text() -> None:
    document = parse("~~a~~ b [c](https://d.example) e")
    marks = PlainMarks(has_links=True)
    text = mark_document(marks, document).blocks[0].text
    for offset, character in enumerate(document.blocks[0].text):
        place = marks.shift_place(document, Place(0, offset))
        assert text[place.offset :].lstrip("~").startswith(character)
