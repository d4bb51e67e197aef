"""Every word of the source is shown once, however deeply it is nested."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from reader.layout.galley import Galley
from reader.markdown.parser import parse

MEASURE = 120


def draw(source: str, measure: int = MEASURE) -> str:
    """Return the drawn text of `source`: lines joined by spaces, wrapped code rejoined."""
    document = parse(source)
    galley = Galley(document, measure)
    galley.set_tail(document.footnotes)
    lines = (line.text for _, line in galley.draw_rows(galley.first_row, 10_000_000))
    return " ".join(lines).replace(" ↪ ", "")


def count_each_word(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z0-9]+", text))


NESTED = {
    "30 quotes": "> " * 30 + "one\n" + "> " * 30 + "two",
    "300 quotes": "> " * 300 + "one two",
    "60 lists": "".join("  " * depth + f"- word{depth}\n" for depth in range(60)),
    "150 lists": "".join("  " * depth + f"- word{depth}\n" for depth in range(150)),
    "150 lists in one line": "- " * 150 + "one two",
    "quotes and lists in turn": "> - " * 90 + "one two",
    "a deeply nested block among others": "one\n\n" + "- " * 150 + "two\n\nthree\n\n- four",
    "lists in a footnote": "text[^1]\n\n[^1]: " + "- " * 120 + "one two",
    "5,000 brackets": "[" * 5_000 + "one" + "]" * 5_000 + " two",
    "5,000 brackets without end": "[" * 5_000 + "one two",
    "5,000 pictures without end": "![" * 5_000 + "one two",
    "1,000 nested pictures": "![" * 1_000 + "one" + "](x)" * 999 + "](x) two",
    "500 nested footnotes": "^[" * 500 + "one" + "]" * 500 + " two",
    "5,000 asterisks": "*" * 5_000 + "one" + "*" * 5_000 + " two",
    "5,000 tags": "<b>" * 5_000 + "one" + "</b>" * 5_000 + " two",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NESTED)
def test_deeply_nested_words_are_shown(name: str) -> None:
    shown = count_each_word(draw(NESTED[name]))
    for word in count_each_word(re.sub(r"\(x\)|</?b>|\[\^1\]", "", NESTED[name])):
        assert shown[word] == 1, word


def test_a_block_nested_too_deeply_is_shown_as_source_under_a_notice() -> None:
    assert [block.text for block in parse("> " * 222 + "word").blocks] == [
        "[nested too deeply: shown as Markdown source]",
        "> " * 222 + "word",
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
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
def test_each_word_is_shown_once(source: str, expected: str) -> None:
    shown = count_each_word(draw(source))
    assert {word: shown[word] for word in expected.split()} == dict.fromkeys(expected.split(), 1)


def test_omitted_elements_are_reported() -> None:
    source = "<script>x</script>\n\n<iframe></iframe>\n\n<!-- words of a comment -->"
    assert draw(source).split("  ") == [
        "[script left out]",
        "[iframe left out]",
        "[comment left out]",
    ]


@pytest.mark.parametrize("measure", [1, 2, 5, 12, 23, 24, 40, 66])
def test_each_letter_is_shown_once_at_any_measure(measure: int) -> None:
    source = (
        "One *two*.\n\n> three\n>\n> four\n\n- five\n  - six\n\n```\nseven eight\n```\n\n# nine"
    )
    shown = re.sub(r"\W+", "", draw(source, measure))
    assert shown == "Onetwothreefourfivesixseveneightnine"


def test_a_table_drawn_as_records_shows_every_cell() -> None:
    rows = "".join(f"|one{row}|two{row}|three{row}|\n" for row in range(200))
    shown = count_each_word(draw("|a|b|c|\n|-|-|-|\n" + rows, 12))
    for row in range(200):
        assert (shown[f"one{row}"], shown[f"two{row}"], shown[f"three{row}"]) == (1, 1, 1)
