"""Rows of text with roles, and the hints in them: a key and what it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.drawing.pieces import Piece, fit_pieces
from reader.text.cells import count_cells, sanitize, truncate
from reader.text.document import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.drawing.pieces import Row
    from reader.drawing.styles import Styles


HINT_SEPARATOR: Final = " · "


_TOKEN: Final = re.compile(r"[^\s·]\S*(?: [^\s·]\S*)*")
"""Text between separators, or between two or more spaces."""


class Run(NamedTuple):
    """Text with one set of roles."""

    text: str
    roles: Role = Role.PLAIN


class Hint(NamedTuple):
    """A key, a word for what it does, and the action or the id of the command that it runs."""

    key: str
    word: str
    action: str

    @property
    def text(self) -> str:
        """The hint as it is shown."""
        return f"{self.key} {self.word}"


def format_hints(hints: Iterable[Hint]) -> str:
    """Return hints as text, with separators."""
    return HINT_SEPARATOR.join(hint.text for hint in hints)


def fit_hints(hints: Sequence[Hint], cells: int, kept: Sequence[Hint] = ()) -> list[Hint]:
    """Return the hints that fit in so many cells; none if not even one fits.

    The last ones are left out first, but those in `kept` after all others.
    """
    fitting = list(hints)
    while fitting and count_cells(format_hints(fitting)) > cells:
        others = [hint for hint in fitting if hint not in kept]
        fitting.remove(others[-1] if others else fitting[-1])
    return fitting


def find_hint(text: str, hints: Iterable[Hint], cell: int) -> Hint | None:
    """Return the hint that a row of `text` shows whole at a cell, None if it shows none there."""
    for token in _TOKEN.finditer(text):
        start = count_cells(text[: token.start()])
        if start <= cell < start + count_cells(token[0]):
            return next((hint for hint in hints if hint.text == token[0]), None)
    return None


def align_runs(left: Sequence[Run], right: Sequence[Run], cells: int) -> list[Run]:
    """Return a row `cells` wide with `right` at its right end; the left is cut where it must be."""
    right_cells = sum(count_cells(run.text) for run in right)
    fitting, used = cut_runs(left, max(0, cells - right_cells))
    return [*fitting, Run(" " * max(0, cells - right_cells - used)), *right]


def cut_runs(runs: Iterable[Run], cells: int) -> tuple[list[Run], int]:
    """Return the runs that fit in so many cells, the last one cut, and the cells they take."""
    fitting: list[Run] = []
    used = 0
    for run in runs:
        whole = sanitize(run.text).replace("\n", " ")
        text = truncate(whole, cells - used)
        if text:
            fitting.append(run._replace(text=text))
            used += count_cells(text)
        if text != whole:
            break
    return fitting, used


def draw_runs(
    runs: Iterable[Run], styles: Styles, cells: int, *, is_at_cursor: bool = False
) -> Row:
    """Return a row `cells` wide with `runs`, each in the style of its roles.

    At the cursor of a list, the row is reversed and has one style; only matches are bold.
    """
    base = styles.base._replace(reverse=True) if is_at_cursor else styles.base
    pieces = [
        Piece(
            run.text,
            base._replace(bold=base.bold or Role.MATCH in run.roles)
            if is_at_cursor
            else styles.get_style(run.roles),
        )
        for run in cut_runs(runs, cells)[0]
    ]
    return fit_pieces(pieces, cells, base)
