"""The text of a passage is extracted without anything that the layout added."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.markdown.parser import parse
from reader.text.document import Place
from reader.text.places import SECTION_BREAK, extract_text, find_word, get_whole_block

TEXT = """\
A first paragraph, *broken*
over two lines.[^1]

- one item
- another

> Quoted words.
>
> — Nobody

```python
    def f():
        return 1
```

| Name | Age |
|------|-----|
| Ann  | 7   |

Roses are red,\\
violets blue.

***

The last one.

[^1]: The note.
"""
DOCUMENT = parse(TEXT)
END = DOCUMENT.get_block_end(DOCUMENT.last_block)


def find_place(words: str) -> Place:
    """Return the place where `words` start."""
    for index in range(DOCUMENT.last_block + 1):
        offset = DOCUMENT.get_block(index).text.find(words)
        if offset >= 0:
            return Place(index, offset)
    raise AssertionError(words)


def find_end(words: str) -> Place:
    place = find_place(words)
    return Place(place.block, place.offset + len(words))


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("paragraph", "over", "paragraph, broken over"),
        ("two", "lines.¹", "two lines."),
        ("lines.¹", "one", "lines.\n\none"),
        ("one item", "another", "one item\nanother"),
        ("another", "Quoted", "another\n\nQuoted"),
        ("words.", "— Nobody", "words.\n— Nobody"),
        ("    def", "return", "    def f():\n        return"),
        ("Ann", "7", "Ann  7"),
        ("Age", "Ann", "Age\nAnn"),
        ("red,", "violets", "red,\nviolets"),
        ("blue.", "The last", "blue.\n\n* * *\n\nThe last"),
        ("last one.", "The note", "last one.\n\nThe note"),
    ],
)
def test_blocks_are_separated_as_in_the_source(first: str, last: str, text: str) -> None:
    assert extract_text(DOCUMENT, find_place(first), find_end(last)) == text


def test_white_space_around_a_passage_is_removed() -> None:
    assert extract_text(DOCUMENT, find_end("A"), find_place("paragraph")) == "first"


def test_a_passage_that_ends_before_it_starts_is_empty() -> None:
    assert extract_text(DOCUMENT, find_place("another"), find_place("one item")) == ""


def test_there_is_no_text_after_the_end() -> None:
    assert extract_text(DOCUMENT, Place(99), Place(99, 9)) == ""


def test_a_passage_that_ends_after_the_end_is_cut() -> None:
    assert extract_text(DOCUMENT, find_place("The note"), Place(99, 9)) == "The note."


WORDS = parse(
    "The café's e\u0301te\u0301—well-known, 3.14 at example.org: 春は曙。やうやう naïve_x"
)


@pytest.mark.parametrize(
    ("character", "word"),
    [
        ("T", "The"),
        ("f", "café’s"),
        ("’", "café’s"),
        ("t", "e\u0301te\u0301"),
        ("k", "well-known"),
        ("1", "3.14"),
        ("g", "example.org"),
        ("曙", "春は曙"),
        ("ï", "naïve_x"),
        ("—", "—"),
        (",", ","),
        (" ", " "),
        (":", ":"),
    ],
)
def test_a_word_is_letters_with_the_marks_that_join_them(character: str, word: str) -> None:
    text = WORDS.blocks[0].text
    offset = text.index("te\u0301") if character == "t" else text.index(character)
    first, last = find_word(WORDS, Place(0, offset))
    assert text[first.offset : last.offset] == word


def test_there_is_no_word_after_the_last_character() -> None:
    end = WORDS.end
    assert find_word(WORDS, end) == (end, end)


def test_the_whole_block_reaches_from_its_start_to_its_end() -> None:
    assert get_whole_block(DOCUMENT, find_place("paragraph")) == (Place(0), Place(0, 42))


@given(st.integers(0, DOCUMENT.last_block), st.integers(0, 60), st.integers(0, DOCUMENT.last_block))
def test_two_halves_of_a_passage_hold_the_same_words(block: int, offset: int, last: int) -> None:
    middle = min(Place(block, offset), DOCUMENT.get_block_end(block))
    end = DOCUMENT.get_block_end(max(block, last))
    halves = extract_text(DOCUMENT, Place(), middle), extract_text(DOCUMENT, middle, end)
    assert join_words(*halves) == join_words(extract_text(DOCUMENT, Place(), end))


def join_words(*texts: str) -> str:
    """Return `texts` without spaces and section breaks: a break at either end is left out."""
    return "".join("".join(texts).replace(SECTION_BREAK, "").split())


TABBED = parse(
    "A[^1], b[^2].\n\n~~~\n\tif x:\ty\n\n  z \n~~~\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    "[^1]: C.\n\n[^2]: D."
)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (Place(0), Place(0, 7), "A, b."),
        (Place(1), Place(1, 19), "\tif x:\ty\n\n  z "),
        (Place(1, 2), Place(1, 19), "  if x:\ty\n\n  z"),
        (Place(1, 4), Place(1, 9), "if x:"),
        (Place(2), Place(2, 7), "a\tb\n1\t2"),
        (Place(0, 4), Place(1, 9), "b.\n\n\tif x:"),
    ],
)
def test_a_copy_has_tabs_and_no_footnote_numbers(start: Place, end: Place, text: str) -> None:
    assert extract_text(TABBED, start, end, is_copy=True) == text
