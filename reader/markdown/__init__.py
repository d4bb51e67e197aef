"""Parse Markdown into the blocks of a document. The only package that imports markdown-it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_MAX_ROMAN: Final = 4_000
_ROMAN_DIGITS: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


class Numbering(NamedTuple):
    """How an ordered list is numbered: its first number, the step, and the style.

    The style is one of HTML: 1, a, A, i or I.
    """

    first: int = 1
    step: int = 1
    style: str = "1"

    def format_number(self, number: int) -> str:
        """Return a number in this style, or in digits where the style has none for it."""
        text = str(number)
        if self.style in "aA" and number > 0:
            text = _format_letters(number)
        elif self.style in "iI" and 0 < number < _MAX_ROMAN:
            text = _format_roman(number)
        return text.upper() if self.style in "AI" else text

    def list_labels(self, values: Iterable[int | None]) -> Iterator[str]:
        """Yield the label of each item, without its stop. `values` are set by hand, or None."""
        number = self.first
        for value in values:
            number = number if value is None else value
            yield self.format_number(number)
            number += self.step


DECIMAL: Final = Numbering()
"""1, 2, 3 and so on."""


def _format_letters(number: int) -> str:
    """Return a, b, ... z, aa, ab for 1, 2, ... 26, 27, 28."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters


def _format_roman(number: int) -> str:
    numeral = ""
    for value, digits in _ROMAN_DIGITS:
        count, number = divmod(number, value)
        numeral += digits * count
    return numeral
