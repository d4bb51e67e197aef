"""What names and titles are sorted by: numbers by value, letters without case and accents.

Roman numerals are numbers where a chapter has one: after a word such as `Chapter`, at the start of
a title (`IV. The Inn`), and at the start of a file's name (`iv-the-inn`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from unicodedata import decimal, normalize

_DATE: Final = re.compile(r"\W*[12]\d{3}(?:\D|\Z|[01]\d[0-3]\d(?:\D|\Z))|.*\D[12]\d{3}\W*\Z")
"""A name that begins with a date or a year, or ends with a year."""
_NUMBERED: Final = re.compile(r"(?:\W|_)*第?\d|[^\W\d_]+[\W_]*\d+(?:[^\w]|_)|.*\d(?:\W|_)*\Z")
"""A name that begins or ends with a number, or begins with a word and a number."""
_SPACES: Final = re.compile(r"[\s_-]+")
_NUMBER: Final = re.compile(r"\d+")
_NO_WORD: Final = re.compile(r"[\W_]+")
_ROMAN: Final = r"(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})(?![^\W_])"
"""The numerals up to 99, whose letters are few enough to begin hardly any other word."""
_CHAPTER: Final = re.compile(
    r"(?<![^\W_])(chapter|part|book|volume|vol|canto|act|scene|section|letter|lecture"
    r"|kapitel|teil|buch|band|brief|chapitre|partie|livre|tome|lettre|capitulo|parte|libro|carta"
    r"|capitolo|canto|lettera|hoofdstuk|deel)([\W_]+)(?=[ivxlc])" + _ROMAN
)
"""A word for a part of a book, without accents, and a roman numeral."""
_HAS_NUMERAL: Final = re.compile(r"[\W_][ivxlc]+(?![^\W_])")
"""Something after a word that may be a roman numeral, which is faster to find."""
_TITLE_START: Final = re.compile(rf"[\W_]*(?=[ivx]){_ROMAN}(?=\W*\Z|[.):]|\s+[–—-])")
_NAME_START: Final = re.compile(rf"[\W_]*(?=[ivx]){_ROMAN}(?=\W*\Z|[.):_-]|\s+[–—-])")
_ROMAN_VALUES: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ARTICLES: Final = {
    "en": "the a an",
    "de": "der die das ein eine",
    "fr": "le la les l' un une des",
    "es": "el la los las un una unos unas",
    "it": "il lo la i gli le l' un uno una un'",
    "pt": "o a os as um uma",
    "ca": "el la els les l' un una",
    "nl": "de het een 't",
    "sv": "en ett den det de",
    "da": "en et den det de",
    "nb": "en ei et den det de",
    "no": "en ei et den det de",
    "nn": "ein ei eit den det dei",
    "hu": "a az egy",
}
"""The articles that a title may begin with, by language."""


def is_numbered(name: str) -> bool:
    """Return whether a name, without suffix, has a number that is no date or year."""
    name = _read_numerals(name.casefold(), _NAME_START)
    return bool(_NUMBERED.match(name)) and not _DATE.match(name)


@lru_cache(maxsize=2_000)
def make_natural_key(text: str) -> str:
    """Return a key that sorts numbers in `text` by their value, and letters without case.

    It is one string: a number is its length and its digits, and sorts before letters.
    """
    return _make_key(_read_numerals(_fold(text), None))


@lru_cache(maxsize=2_000)
def make_name_key(stem: str) -> str:
    """Return the natural key of a file's name without its suffix."""
    return _make_key(_read_numerals(_fold(stem), _NAME_START))


@lru_cache(maxsize=2_000)
def make_title_key(title: str, language: str = "") -> str:
    """Return the natural key of a title without what stands before its first word, and an article.

    `language` is that of the story; without one, English is taken.
    """
    folded = _read_numerals(_fold(title), _TITLE_START)
    start = _NO_WORD.match(folded)
    folded = (folded[start.end() :] if start is not None else "") or folded
    article = _compile_articles(language[:2].lower() or "en").match(folded)
    return _make_key(folded[article.end() :] if article is not None else folded)


@lru_cache
def _compile_articles(language: str) -> re.Pattern[str]:
    """Return the pattern of an article with something after it; without any, it never matches."""
    articles = [
        f"{article[:-1]}['’]\\s*" if article.endswith("'") else f"{re.escape(article)}\\s+"
        for article in _ARTICLES.get(language, "").split()
    ]
    return re.compile(f"(?:{'|'.join(articles)})(?=\\S)" if articles else r"(?!)")


def _fold(text: str) -> str:
    """Return `text` without case, and its letters without accents."""
    if text.isascii():
        return text.lower()
    from reader.text.search import fold_letters  # most first screens don't need it

    return fold_letters(normalize("NFKC", text))


def _read_numerals(folded: str, start: re.Pattern[str] | None) -> str:
    """Return `folded` with digits for the roman numerals of chapters, and for one at its start."""
    may_match = start is not None and (folded[:1] in "ivx" or not folded[:1].isalnum())
    match = start.match(folded) if start is not None and may_match else None
    if match is not None:
        return f"{_compute_roman(match[0])}{folded[match.end() :]}"
    if _HAS_NUMERAL.search(folded) is None:
        return folded
    return _CHAPTER.sub(
        lambda match: (
            f"{match[1]}{match[2]}{_compute_roman(match[0][match.end(2) - match.start() :])}"
        ),
        folded,
    )


def _compute_roman(numeral: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in numeral if letter in _ROMAN_VALUES]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )


def _make_key(folded: str) -> str:
    return _NUMBER.sub(_make_number_key, _SPACES.sub(" ", folded))


def _make_number_key(match: re.Match[str]) -> str:
    digits = match[0]
    if not digits.isascii():
        digits = "".join(str(decimal(digit)) for digit in digits)
    digits = digits.lstrip("0")  # of any length, for which `int` has a limit
    return f"\x01{chr(len(digits) + 1)}{digits}\x02"
