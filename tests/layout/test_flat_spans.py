"""Spans of a text without overlaps: which roles and which link target each piece has."""

from __future__ import annotations

from reader.layout.lines import FlatSpans, SpanStyle, flatten_spans
from reader.text.document import Role, Span


def test_nested_spans_add_their_roles_and_the_inner_target_wins() -> None:
    spans = [
        Span(0, 9, Role.LINK, "outer"),
        Span(2, 7, Role.EMPHASIS),
        Span(3, 5, Role.LINK, "inner"),
        Span(4, 6, Role.EMPHASIS),
    ]
    assert flatten_spans(spans, 12, Role.DIM) == FlatSpans(
        [0, 2, 3, 5, 7, 9],
        [
            SpanStyle(Role.DIM | Role.LINK, "outer"),
            SpanStyle(Role.DIM | Role.LINK | Role.EMPHASIS, "outer"),
            SpanStyle(Role.DIM | Role.LINK | Role.EMPHASIS, "inner"),
            SpanStyle(Role.DIM | Role.LINK | Role.EMPHASIS, "outer"),
            SpanStyle(Role.DIM | Role.LINK, "outer"),
            SpanStyle(Role.DIM),
        ],
    )


def test_a_text_without_spans_has_one_piece() -> None:
    assert flatten_spans([], 5, Role.STRONG) == FlatSpans([0], [SpanStyle(Role.STRONG)])
