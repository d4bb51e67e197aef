"""Parse Markdown into the blocks of a document. The only package that imports markdown-it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.text.cells import sanitize
from reader.text.document import Block, Container, Kind, Role, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


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


def list_picture_lines(heading: Block) -> list[Block]:
    """Return a line for each picture of a heading, to stand where the heading is dropped."""
    spans = [span for span in heading.spans if span.role is Role.DIM]
    return [
        Block(
            Kind.PLACEHOLDER,
            heading.text[span.start : span.end],
            (span._replace(start=0, end=span.end - span.start),),
        )
        for span in spans
    ]


def may_precede_title(block: Block) -> bool:
    """Return whether the title may stand below `block`: a picture, a heading, a quote, a note.

    A note is a callout, or a paragraph all in italics.
    """
    if block.nesting:
        containers = {level.container for level in block.nesting}
        return not containers & {Container.LIST_ITEM, Container.DEFINITION}
    span = Span(0, len(block.text), Role.EMPHASIS)
    is_note = block.kind is Kind.PARAGRAPH and span in block.spans
    return is_note or block.kind in (Kind.PLACEHOLDER, Kind.BREAK, Kind.HEADING)


_TOO_DEEP_NOTICE: Final = "[nested too deeply: shown as Markdown source]"
_MAX_LISTED_NAMES: Final = 12
"""How many unused link definitions are named. The rest are counted."""


def build_source_blocks(source: str) -> tuple[Block, Block]:
    """Return `source` as a block of code, under a notice that says why."""
    from reader.markdown.spans import expand_tabs  # hardly any text is nested too deeply

    text, spans = expand_tabs(sanitize(source).strip("\n"))
    return Block(Kind.PLACEHOLDER, _TOO_DEEP_NOTICE), Block(Kind.CODE, text, spans, tight=True)


def build_unused_block(names: Sequence[str]) -> Block:
    """Return the notice that lists the link definitions that nothing uses."""
    listed = ", ".join(sanitize(name) for name in names[:_MAX_LISTED_NAMES])
    more = f" and {len(names) - _MAX_LISTED_NAMES} more" if len(names) > _MAX_LISTED_NAMES else ""
    return Block(Kind.PLACEHOLDER, f"[unused link definitions left out: {listed}{more}]")
