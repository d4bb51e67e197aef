"""What a text defines for the whole of it: link addresses and footnotes, found by a scan.

They change what stands before them, so that a text can't be parsed slice by slice without
knowing them first. Looks only at lines that can hold one; parses no Markdown. What stands in a
code fence defines nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CONTAINED: Final = r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t>]+)*+"
"""What may stand before a block's first character: quotes, bullets and numerals."""
_NOTE_LABEL: Final = re.compile(_CONTAINED + r"\[\^([^\]\s]+)\]:", re.MULTILINE)
_DEFINITION: Final = re.compile(
    _CONTAINED + r"(\[(?!\^)(?:[^\[\]\\]|\\.){1,999}\]:.*)(?=(\n.*)?)", re.MULTILINE
)
_LONGEST_LABEL: Final = 1_001
"""Characters of a label and its bracket, by the specification; and what may stand before it."""
_FENCE: Final = re.compile(_CONTAINED + r"(?:(`{3,})[^`\n]*|(~{3,}).*)$", re.MULTILINE)
_ENDED: Final = re.compile(r"[ \t>]*(?:#{1,6}[ \t].*|<.*|[-=*_`~ \t]*)\n?")
"""A line behind which no paragraph is open: a blank one, a heading, a rule, a fence, HTML."""
_OPENS: Final = re.compile(r"[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])")
"""What begins a quote or an item, which ends the paragraph before it."""
_FENCE_MARKS: Final = re.compile("```|~~~")


class Definition(NamedTuple):
    """A footnote's label, or the source of a link's definition."""

    note: str = ""
    source: str = ""


def definitions(text: str) -> Iterator[Definition]:
    """Yield what `text` defines, in order. Takes time in proportion to its length."""
    fences = None
    last = -1
    for start in _lines_with_labels(text):
        note = _NOTE_LABEL.match(text, start)
        match = note or _DEFINITION.match(text, start)
        if match is None:
            continue
        fences = fences or _fenced(text)
        if fences(start):
            continue
        if note:
            yield Definition(note[1])
        elif text.find("\n\n", last, start) < 0 <= last or _ends_paragraph(text, start):
            last = start  # others may follow closely, behind its title
            following = (match[2] or "").lstrip("\n\t >")
            yield Definition(source=f"{match[1]}\n{following}")


def _ends_paragraph(text: str, start: int) -> bool:
    """Tell whether no paragraph goes on into the line at `start`: a definition can't break one."""
    before = text[
        max(0, text.rfind("\n", 0, max(0, start - 1)) + 1, start - _LONGEST_LABEL) : start
    ]
    opens = _OPENS.match(text, start)
    return _ENDED.fullmatch(before) is not None or (opens is not None and opens[0] not in before)


def _lines_with_labels(text: str) -> Iterator[int]:
    """Yield where each line begins that has the bracket in front of a `]:`."""
    last = -1
    at = text.find("]:")
    while at >= 0:
        opening = text.rfind("[", max(0, at - _LONGEST_LABEL), at)
        while opening > 0 and text[opening - 1] == "\\":
            opening = text.rfind("[", max(0, at - _LONGEST_LABEL), opening)
        start = text.rfind("\n", max(0, opening - _LONGEST_LABEL), max(0, opening)) + 1
        if opening >= 0 and start > last and (start or opening < _LONGEST_LABEL):
            yield start
            last = start
        at = text.find("]:", at + 2)


def _fence_lines(text: str) -> Iterator[re.Match[str]]:
    """Yield what may open or close a fence; only lines with three such marks are looked at."""
    end = 0
    while (marks := _FENCE_MARKS.search(text, end)) is not None:
        start = text.rfind("\n", end, marks.start()) + 1 or end
        match = _FENCE.match(text, start)
        if match is not None:
            yield match
        end = text.find("\n", marks.end())
        if end < 0:
            return
        end += 1


def _fenced(text: str) -> Callable[[int], bool]:
    """Return a function that tells whether an offset stands inside a code fence."""
    stretches: list[tuple[int, int]] = []
    opened = ""
    start = 0
    for match in _fence_lines(text):
        line = match[0].strip(" \t>")
        if not opened:
            opened, start = match[1] or match[2], match.start()
        elif line.startswith(opened) and not line.strip(opened[0]):
            stretches.append((start, match.end()))
            opened = ""
    if opened:
        stretches.append((start, len(text)))
    starts = [first for first, _ in stretches]

    def inside(offset: int) -> bool:
        index = bisect_right(starts, offset) - 1
        return index >= 0 and offset < stretches[index][1]

    return inside
