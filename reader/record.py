"""The record of the text that word numbers count: a few bytes a block, and none of the text.

Owns the form in which it is remembered, twelve characters a block, written once for each
version of a text. What became of one version in the next is not its business.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64, crc32
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from .document import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .document import Block

_FORM: Final = "1"
"""The record's first character: how the rest is to be read."""
_DIGEST: Final = 12
_PACKED: Final = Struct(">2s2s2sBH")
_EDGE: Final = 16
"""Characters at either end of a block by which it is known when its middle has changed."""


class Piece(NamedTuple):
    """A block as the record knows it."""

    text: bytes
    """Two bytes of its fingerprint: with the other three they tell its text from another's."""
    head: bytes
    tail: bytes
    """Two bytes each of how it begins and ends."""
    words: int


def pieces_of(blocks: Iterable[Block]) -> tuple[Piece, ...]:
    """Return what is recorded of `blocks`."""
    return tuple(
        Piece(
            bytes.fromhex(fingerprint(block.text)[:4]),
            _edge(block.text[:_EDGE]),
            _edge(block.text[-_EDGE:]),
            block.words,
        )
        for block in blocks
    )


def _edge(text: str) -> bytes:
    return (crc32(text.encode("utf-8", "replace")) & 0xFFFF).to_bytes(2)


def written(digest: str, pieces: Iterable[Piece]) -> str:
    """Return the record of a text as it is kept: twelve characters a block.

    `digest` tells the whole text from another: if it is the same, so are its words.
    """
    packed = b"".join(
        _PACKED.pack(p.text, p.head, p.tail, min(p.words >> 16, 255), p.words & 0xFFFF)
        for p in pieces
    )
    return f"{_FORM}{digest}{b2a_base64(packed, newline=False).decode()}"


def is_of(record: str, digest: str) -> bool:
    """Tell whether `record` is of the text with that digest."""
    return record[: 1 + _DIGEST] == f"{_FORM}{digest}"


def recorded(record: str) -> tuple[Piece, ...]:
    """Return the pieces of a record; none if it is not one that can be read."""
    if not record.startswith(_FORM):
        return ()
    try:
        packed = a2b_base64(record[1 + _DIGEST :].encode())
    except (Error, UnicodeEncodeError):
        return ()
    whole = len(packed) - len(packed) % _PACKED.size
    return tuple(
        Piece(text, head, tail, (high << 16) + low)
        for text, head, tail, high, low in _PACKED.iter_unpack(packed[:whole])
    )
