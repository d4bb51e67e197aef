"""Shift and make spans: of a part of a text, of the tabs in code, and around placeholders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reader.text.document import Role, Span

if TYPE_CHECKING:
    from collections.abc import Sequence


def shift_spans(spans: tuple[Span, ...], by: int) -> tuple[Span, ...]:
    """Return `spans` moved by `by` characters; none starts before 0."""
    return tuple(s._replace(start=max(0, s.start + by), end=s.end + by) for s in spans)


TAB_CELLS: Final = 4
"""The width of a tab stop in code."""


def expand_tabs(text: str) -> tuple[str, tuple[Span, ...]]:
    """Return code with spaces for its tabs, and a span for each tab, whose target is the tab.

    A copy of the code has the tabs again.
    """
    if "\t" not in text:
        return text, ()
    pieces: list[str] = []
    spans: list[Span] = []
    column = length = 0
    for match in re.finditer(r"[^\t\n]+|\t|\n", text):
        piece = match[0]
        if piece == "\t":
            piece = " " * (TAB_CELLS - column % TAB_CELLS)
            spans.append(Span(length, length + len(piece), Role.PLAIN, "\t"))
        column = 0 if piece == "\n" else column + len(piece)
        length += len(piece)
        pieces.append(piece)
    return "".join(pieces), tuple(spans)


def blank_placeholders(text: str, spans: Sequence[Span]) -> str:
    """Return `text` with spaces for its dim spans, such as pictures: they aren't its own words."""
    pieces: list[str] = []
    offset = 0
    for span in spans:
        if span.role is Role.DIM:
            pieces += (text[offset : span.start], " " * (span.end - span.start))
            offset = span.end
    return "".join((*pieces, text[offset:])) if pieces else text
