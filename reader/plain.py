"""A story as lines of plain text, for pipes and paper, with styles where a terminal shows them.

The whole page in the order of reading: head, text, footnotes, about the author. Shares its
setting with the app, so that both break every line alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .apparatus import head, tail
from .document import Role
from .galley import Galley

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .lines import Line
    from .visit import Visit

_SGR: Final = (
    (Role.TITLE | Role.HEADING | Role.STRONG, "1"),
    (Role.DIM | Role.MARKER, "2"),
    (Role.EMPHASIS, "3"),
    (Role.LINK, "4"),
    (Role.STRIKE, "9"),
)


def text_lines(visit: Visit, measure: int, *, styled: bool = False) -> Iterator[str]:
    """Yield the lines of a visit's story, which is parsed to its end, at `measure` cells.

    Without `styled` there is no escape sequence in them.
    """
    galley = Galley(visit.document, measure, head(visit.story))
    galley.finish(tail(visit.story, visit.document))
    row, step = galley.first, 500
    while True:
        rows = list(galley.lines(row, step))
        for _, line in rows:
            yield _styled(line) if styled else line.text
        if len(rows) < step:
            return
        row = galley.walk(rows[-1][0], 1)


def _styled(line: Line) -> str:
    pieces = []
    for run in line.runs:
        codes = ";".join(code for roles, code in _SGR if run.roles & roles)
        pieces.append(f"\x1b[{codes}m{run.text}\x1b[0m" if codes else run.text)
    return "".join(pieces).rstrip()
