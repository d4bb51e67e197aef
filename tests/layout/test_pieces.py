"""Pieces of enormous blocks have the spans of their own text."""

from __future__ import annotations

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from reader.layout.lines import FlatSpans, flatten_spans
from reader.layout.pieces import BlockPieces
from reader.text.document import Block, Document, Kind, Role, Span

ROLES = st.sampled_from([Role.EMPHASIS, Role.STRONG, Role.LINK, Role.EMPHASIS | Role.CODE])
SPANS = st.builds(
    lambda start, length, role, target: Span(start, start + length, role, target),
    st.integers(0, 2_000),
    st.sampled_from([0, 1, 7, 30, 400, 3_000]),
    ROLES,
    st.sampled_from(["", "", "a", "b"]),
)
TEXT_CHARACTERS = 2_400


def make_pieces(spans: list[Span]) -> list[Block]:
    """Return the pieces of a block of short words with `spans`, and thousands of empty ones."""
    filler = [Span(0, 1, Role.CODE)] * 2_001
    document = Document()
    document.extend([Block(Kind.PARAGRAPH, "word " * (TEXT_CHARACTERS // 5), (*filler, *spans))])
    pieces = BlockPieces(document)
    return [pieces.get_block(part) for part in range(1 + pieces.extra_parts)]


@given(st.lists(SPANS, max_size=12))
def test_text_in_pieces_has_the_styles_of_the_whole(spans: list[Span]) -> None:
    pieces = make_pieces(spans)
    whole = flatten_spans(spans, TEXT_CHARACTERS, Role.PLAIN)
    assert len(pieces) > 1
    offset = len(pieces[0].text)
    for piece in pieces[1:]:
        flat = flatten_spans(piece.spans, len(piece.text), Role.PLAIN)
        for index in range(0, len(piece.text), 3):
            assert find_style(flat, index) == find_style(whole, offset + index)
        offset += len(piece.text)


def find_style(flat: FlatSpans, offset: int) -> tuple[Role, str]:
    """Return the roles and the target of the character at `offset`."""
    roles, target = flat.styles[bisect_right(flat.starts, offset) - 1]
    return roles, target


def test_thousands_of_spans_around_a_piece_count_once_a_style() -> None:
    spans = [Span(0, 2_400, role) for role in (Role.EMPHASIS, Role.STRONG)] * 2_000
    assert {len(piece.spans) for piece in make_pieces(spans)[1:]} == {2}
