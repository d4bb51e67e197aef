"""Parse a text in slices, the first one without markdown-it if it is plain prose."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from reader.markdown.blocks import BlockBuilder
from reader.markdown.plain_prose import FIRST_SLICE_CHARACTERS, find_plain_beginning
from reader.text.document import Slice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token


def parse_slices(text: str, title: str = "") -> Iterator[Slice]:
    """Yield slices with the same blocks as those of `parser.parse_slices`.

    The parser is loaded when something is requested that is not plain prose.
    """
    beginning = find_plain_beginning(text, FIRST_SLICE_CHARACTERS)
    begun = None
    if beginning is not None:
        builder = BlockBuilder(text, title)
        # A builder reads no other attributes of these tokens.
        blocks = tuple(builder.build(cast("Sequence[Token]", beginning.tokens)))
        if beginning.end >= len(text):
            yield Slice(blocks, is_last=True)
            return
        yield Slice(blocks, source_end=beginning.end)
        begun = builder, beginning.end
    from reader.markdown import parser

    yield from parser.parse_slices(text, title, begun=begun)
