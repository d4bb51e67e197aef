"""What the tokens behind an opening one tell of it: a list's items, whether they are loose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

_ONE_PARAGRAPH: Final = ["paragraph_open", "inline", "paragraph_close", "blockquote_close"]


def items(tokens: Sequence[Token], at: int) -> int:
    """Return how many items the list has whose first token inside is `tokens[at]`."""
    level = tokens[at - 1].level + 1
    return sum(1 for t in _inside(tokens, at) if t.type == "list_item_open" and t.level == level)


def is_tight(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether there are no blank lines between that list's items. HTML has none."""
    opened = tokens[at - 1]
    if opened.info:
        return True
    level = opened.level + 2
    inside = _inside(tokens, at)
    first = next((t for t in inside if t.type == "paragraph_open" and t.level == level), None)
    return first is None or first.hidden


def is_one_paragraph(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether the quote whose first token inside is `tokens[at]` is one paragraph alone."""
    return [token.type for token in tokens[at : at + 4]] == _ONE_PARAGRAPH


def _inside(tokens: Sequence[Token], at: int) -> Iterator[Token]:
    level = tokens[at - 1].level
    for index in range(at, len(tokens)):
        if tokens[index].level <= level:
            return
        yield tokens[index]
