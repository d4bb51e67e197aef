"""Find the items of an HTML list that goes on after a blank line, in other HTML blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.markdown.html.blocks import LIST_TAGS, parse_number
from reader.markdown.html.tags import Tag, split_html

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from markdown_it.token import Token

MAX_LIST_TOKENS: Final = 400
"""Tokens after an HTML block in which its list may go on. Without a limit each block would look at
all that follow it."""
_FOUND_TAGS: Final = "list_tags"
"""Key of `meta` of an HTML block: its tags of lists and items, once they were looked for."""


def complete_lists(tokens: list[Token], following: Sequence[Token]) -> list[Token]:
    """Return the `tokens` of an HTML block; a numbered list that they leave open gets its values.

    The number of items decides where a `reversed` list starts, and how wide the numbers are.
    `following` are the tokens after the block, in which there may be items and the end tag.
    """
    lists: list[Token | None] = [*_find_open_lists(tokens)]
    if not any(each is not None and each.type == "ordered_list_open" for each in lists):
        return tokens
    for tag in _iter_tags(following):
        innermost = lists[-1]
        if tag.name in LIST_TAGS:
            if not tag.is_closing:
                lists.append(None)
            elif len(lists) == 1:
                break
            else:
                lists.pop()
        elif tag.name == "li" and not tag.is_closing and innermost is not None:
            innermost.meta["values"].append(parse_number(tag.get_attribute("value")))
    return tokens


def _find_open_lists(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens that begin the HTML lists that `tokens` don't end, outermost first."""
    lists: list[Token] = []
    for token in tokens:
        if token.info in LIST_TAGS and token.type.endswith("_list_open"):
            lists.append(token)
        elif token.type == "html_close" and token.tag in LIST_TAGS and lists:
            lists.pop()
    return lists


def _iter_tags(tokens: Iterable[Token]) -> Iterator[Tag]:
    """Yield the tags of lists and items in tokens.

    Each token keeps its tags, since every block of HTML before it asks for them.
    """
    for token in tokens:
        if token.type == "html_block":
            if _FOUND_TAGS not in token.meta:
                token.meta[_FOUND_TAGS] = [
                    piece
                    for piece in split_html(token.content)
                    if isinstance(piece, Tag) and (piece.name == "li" or piece.name in LIST_TAGS)
                ]
            yield from token.meta[_FOUND_TAGS]
