"""Find the link and footnote definitions of a text, without parsing it.

Text anywhere may use a definition, so all are known before the first slice is parsed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_CONTAINER_PREFIX: Final = r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t>]+)*+"
"""Markers of quotes and list items at the start of a line."""
_FOOTNOTE_LABEL: Final = re.compile(_CONTAINER_PREFIX + r"\[\^([^\]\s]+)\]:", re.MULTILINE)
_LINK_DEFINITION: Final = re.compile(
    _CONTAINER_PREFIX + r"(\[(?!\^)(?:[^\[\]\\]|\\.){1,999}\]:.*)(?=(\n.*)?)", re.MULTILINE
)
_MAX_LABEL_CHARACTERS: Final = 1_001
"""The longest label in CommonMark, 999, with its brackets. Also limits what comes before it."""
_FENCE: Final = re.compile(_CONTAINER_PREFIX + r"(?:(`{3,})[^`\n]*|(~{3,}).*)$", re.MULTILINE)
_PARAGRAPH_END: Final = re.compile(r"[ \t>]*(?:#{1,6}[ \t].*|<.*|[-=*_`~ \t]*)\n?")
"""A line that leaves no paragraph open: a blank line, heading, rule, fence or HTML."""
_CONTAINER_START: Final = re.compile(r"[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])")
"""The start of a quote or list item, which ends the paragraph before it."""
_FENCE_CHARACTERS: Final = re.compile("```|~~~")


class Definition(NamedTuple):
    """A footnote's label, or the source of a link definition. The other field is empty."""

    footnote_label: str = ""
    source: str = ""


def find_definitions(text: str) -> Iterator[Definition]:
    """Yield the link and footnote definitions of `text` in order. Takes linear time."""
    is_in_fence: Callable[[int], bool] | None = None
    last = -1
    for start in _find_label_lines(text):
        footnote = _FOOTNOTE_LABEL.match(text, start)
        match = footnote or _LINK_DEFINITION.match(text, start)
        if match is None:
            continue
        is_in_fence = is_in_fence or _make_fence_test(text)
        if is_in_fence(start):
            continue
        if footnote:
            yield Definition(footnote[1])
        elif text.find("\n\n", last, start) < 0 <= last or _is_outside_paragraph(text, start):
            last = start  # another definition may follow without a blank line
            next_line = (match[2] or "").lstrip("\n\t >")  # it may hold the title
            yield Definition(source=f"{match[1]}\n{next_line}")


def _is_outside_paragraph(text: str, start: int) -> bool:
    """Return whether the line at `start` continues no paragraph.

    A definition cannot interrupt a paragraph.
    """
    line_start = text.rfind("\n", 0, max(0, start - 1)) + 1
    line_before = text[max(0, line_start, start - _MAX_LABEL_CHARACTERS) : start]
    if _PARAGRAPH_END.fullmatch(line_before):
        return True
    container = _CONTAINER_START.match(text, start)
    return container is not None and container[0] not in line_before


def _find_label_lines(text: str) -> Iterator[int]:
    """Yield the start of each line that has the opening bracket of a `]:`."""
    last = -1
    closing = text.find("]:")
    while closing >= 0:
        first = max(0, closing - _MAX_LABEL_CHARACTERS)
        opening = text.rfind("[", first, closing)
        while opening > 0 and text[opening - 1] == "\\":
            opening = text.rfind("[", first, opening)
        start = text.rfind("\n", max(0, opening - _MAX_LABEL_CHARACTERS), max(0, opening)) + 1
        if opening >= 0 and start > last and (start or opening < _MAX_LABEL_CHARACTERS):
            yield start
            last = start
        closing = text.find("]:", closing + 2)


def _find_fence_lines(text: str) -> Iterator[re.Match[str]]:
    """Yield each line that can open or close a code fence.

    Only lines with three fence characters are matched, which is faster than matching all.
    """
    end = 0
    while (marker := _FENCE_CHARACTERS.search(text, end)) is not None:
        start = text.rfind("\n", end, marker.start()) + 1 or end
        match = _FENCE.match(text, start)
        if match is not None:
            yield match
        end = text.find("\n", marker.end())
        if end < 0:
            return
        end += 1


def _make_fence_test(text: str) -> Callable[[int], bool]:
    """Return a function that returns whether an offset is inside a code fence."""
    ranges: list[tuple[int, int]] = []
    fence = ""
    start = 0
    for match in _find_fence_lines(text):
        line = match[0].strip(" \t>")
        if not fence:
            fence, start = match[1] or match[2], match.start()
        elif line.startswith(fence) and not line.strip(fence[0]):
            ranges.append((start, match.end()))
            fence = ""
    if fence:
        ranges.append((start, len(text)))
    starts = [first for first, _ in ranges]

    def is_in_fence(offset: int) -> bool:
        index = bisect_right(starts, offset) - 1
        return index >= 0 and offset < ranges[index][1]

    return is_in_fence
