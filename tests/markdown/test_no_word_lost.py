"""P4: every word of the source is on the page once, however it is nested, and none is doubled."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from reader.layout.galley import Galley
from reader.markdown.parser import parse

MEASURE = 120


def drawn(source: str, measure: int = MEASURE) -> str:
    """Return all that is drawn of `source`, its lines joined by spaces, those of code again."""
    document = parse(source)
    galley = Galley(document, measure)
    galley.set_tail(document.footnotes)
    lines = (line.text for _, line in galley.draw_rows(galley.first_row, 10_000_000))
    return " ".join(lines).replace(" ↪ ", "")


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z0-9]+", text))


NESTED = {
    "30 quotations": "> " * 30 + "one\n" + "> " * 30 + "two",
    "300 quotations": "> " * 300 + "one two",
    "60 lists": "".join("  " * depth + f"- word{depth}\n" for depth in range(60)),
    "150 lists": "".join("  " * depth + f"- word{depth}\n" for depth in range(150)),
    "150 lists in one line": "- " * 150 + "one two",
    "quotations and lists by turns": "> - " * 90 + "one two",
    "what nests deeply among what doesn't": "one\n\n" + "- " * 150 + "two\n\nthree\n\n- four",
    "lists in a note": "text[^1]\n\n[^1]: " + "- " * 120 + "one two",
    "5,000 brackets": "[" * 5_000 + "one" + "]" * 5_000 + " two",
    "5,000 brackets that don't close": "[" * 5_000 + "one two",
    "5,000 pictures that don't close": "![" * 5_000 + "one two",
    "1,000 pictures in pictures": "![" * 1_000 + "one" + "](x)" * 999 + "](x) two",
    "500 notes in notes": "^[" * 500 + "one" + "]" * 500 + " two",
    "5,000 stars": "*" * 5_000 + "one" + "*" * 5_000 + " two",
    "5,000 tags": "<b>" * 5_000 + "one" + "</b>" * 5_000 + " two",
}


@pytest.mark.parametrize("name", NESTED)
def test_what_nests_deeply_keeps_its_words(name: str) -> None:
    shown = words(drawn(NESTED[name]))
    for word in words(re.sub(r"\(x\)|</?b>|\[\^1\]", "", NESTED[name])):
        assert shown[word] == 1, word


def test_what_nests_too_deeply_is_shown_as_its_source_under_a_line_that_says_so() -> None:
    assert [block.text for block in parse("> " * 222 + "word").blocks] == [
        "[nested too deeply: shown as Markdown source]",
        "> " * 222 + "word",
    ]


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("|a|b|\n|-|-|\n|one|two|three|four|\n|five|", "one two three four five"),
        ("> |a|b|\n> |-|-|\n> |one|two|three \\| four|", "one two three four"),
        ("- |a|\n  |-|\n  |one|two", "one two"),
        ("a|b\n-|-\none|two|three|\n", "one two three"),
        ("text[^1]\n\n[^1]: one\n\n[^1]: two\n\n[^1]: three", "one two three"),
        ("text\n\n[^1]: one\n\n[^2]: two\n\n    three", "one two three"),
        ("[^1]: one\n\n    [^2]: two\n\ntext[^2]", "one two"),
        ("text[^1]\n\n[^1]:\n    one\n\n    - two\n\n    > three", "one two three"),
        ("<div>\none <b>two</b>\n\n*three*\n</div>", "one two three"),
        ("<p>one<p>two<li>three", "one two three"),
        ("<!-- one two three", "one two three"),
        ("<script>\none two", "one two"),
        ("<p><svg>one</svg>two <video>three", "two three"),
        ("<a title=\"x>y\">one</a> <a href='>'>two", "one two"),
        ("one < two <3 three &lt; four <", "one two three four"),
        ("<div\none\ntwo", "one two"),
        ("one <!-- two", "one two"),
        ("[one](<two three", "one two three"),
        ("[one]: two three four", "one two three four"),
        ("![*one* `two`](x 'three')", "one two three"),
        ("<img alt='one two'> three", "one two three"),
        ("```one\ntwo\n", "two"),
        ("one\n===\n\ntwo\n---", "one two"),
        ("> [!NOTE]\n> one\n> > two", "one two"),
        ("- \n\n  one\n-\n  two", "one two"),
    ],
)
def test_no_word_is_lost_or_doubled(source: str, kept: str) -> None:
    shown = words(drawn(source))
    assert {word: shown[word] for word in kept.split()} == dict.fromkeys(kept.split(), 1)


def test_what_is_left_out_is_told() -> None:
    source = "<script>x</script>\n\n<iframe></iframe>\n\n<!-- words of a comment -->"
    assert drawn(source).split("  ") == [
        "[script left out]",
        "[iframe left out]",
        "[comment left out]",
    ]


@pytest.mark.parametrize("measure", [1, 2, 5, 12, 23, 24, 40, 66])
def test_no_letter_is_lost_at_any_measure(measure: int) -> None:
    source = (
        "One *two*.\n\n> three\n>\n> four\n\n- five\n  - six\n\n```\nseven eight\n```\n\n# nine"
    )
    shown = re.sub(r"\W+", "", drawn(source, measure))
    assert shown == "Onetwothreefourfivesixseveneightnine"


def test_a_table_of_records_keeps_every_cell() -> None:
    rows = "".join(f"|one{row}|two{row}|three{row}|\n" for row in range(200))
    shown = words(drawn("|a|b|c|\n|-|-|-|\n" + rows, 12))
    for row in range(200):
        assert (shown[f"one{row}"], shown[f"two{row}"], shown[f"three{row}"]) == (1, 1, 1)
