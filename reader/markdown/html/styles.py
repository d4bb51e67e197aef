"""Inline styles that stay open over the end of a paragraph, when HTML block tags divide it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from markdown_it.token import Token

from reader.markdown.html.tags import find_anchor

if TYPE_CHECKING:
    from reader.markdown.html.tags import Tag

_STYLE_TYPES: Final = frozenset({"em", "strong", "s", "mark", "link"})
"""The types of tokens, without `_open` and `_close`, that begin and end a style."""
_STYLE_TAGS: Final = frozenset(
    {"a", "b", "cite", "code", "del", "dfn", "em", "i", "kbd", "mark", "s", "samp", "strike",
     "strong", "tt", "var"}
)  # fmt: skip
_MAX_STYLES: Final = 20
"""Styles open at once that are continued. Each is repeated in every paragraph."""


class OpenStyles:
    """The styles that are open: the token that begins each, and the one that ends it."""

    def __init__(self) -> None:
        self._styles: dict[int, tuple[Token, Token]] = {}
        """By a number that grows: dictionaries keep their order."""
        self._numbers: dict[str, list[int]] = {}
        """The numbers of the open styles of a name: there may be 100,000 styles."""
        self._count = 0

    def add_token(self, token: Token) -> None:
        """Take notice of a Markdown token that may begin or end a style."""
        name = token.type.rpartition("_")[0]
        if token.nesting and name in _STYLE_TYPES:
            closing = Token(f"{name}_close", token.tag, -1)
            self._add(name, token, closing, is_closing=token.nesting < 0)

    def add_tag(self, tag: Tag) -> None:
        """Take notice of an HTML tag that may begin or end a style. Anchors are not repeated."""
        if tag.name in _STYLE_TAGS and (tag.is_closing or not find_anchor(tag)):
            opening = Token("html_inline", "", 0, content=tag.source)
            closing = Token("html_inline", "", 0, content=f"</{tag.name}>")
            self._add(f"<{tag.name}", opening, closing, is_closing=tag.is_closing)

    def _add(self, name: str, opening: Token, closing: Token, *, is_closing: bool) -> None:
        numbers = self._numbers.setdefault(name, [])
        if not is_closing:
            self._count += 1
            numbers.append(self._count)
            self._styles[self._count] = (opening, closing)
        elif numbers:
            del self._styles[numbers.pop()]

    def list_opening(self) -> list[Token]:
        """Return the tokens that begin the open styles again."""
        return [opening for opening, _ in self._list_first()]

    def list_closing(self) -> list[Token]:
        """Return the tokens that end them."""
        return [closing for _, closing in reversed(self._list_first())]

    def _list_first(self) -> list[tuple[Token, Token]]:
        return [*islice(self._styles.values(), _MAX_STYLES)]
