"""What is lit up on the page: what was kept, matches, link cursor, selection, labels over links.

Owns no text and no rows: it says which stretches of a block have one role more, and what
stands over a row of the screen. What is put out first is the pointer's to say.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from ..document import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..find import Finding
    from ..links import Link
    from ..passage import Passage

    Light = tuple[int, int, Role]
    """A stretch of a block's text (offsets), and the role it has more."""

LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm"
"""Label letters, the home row first."""
_END: Final = 1 << 40
"""An offset behind every block's end."""


class Spot(NamedTuple):
    """A link that is on the screen, at row `y` and column `x` of the page."""

    link: Link
    y: int
    x: int


class Lights:
    """What is lit up, and what was typed of a label."""

    def __init__(self) -> None:
        self.finding: Finding | None = None
        self.link: Link | None = None
        self.selection: Passage | None = None
        self.kept: Callable[[int], Sequence[tuple[int, int]]] | None = None
        """Returns what is kept of a block, as (start, end), apart and in order."""
        self.paragraph: int | None = None
        """The block that the paragraph cursor is at."""
        self.is_focused = False
        """Everything but that block is dimmed."""
        self._labels: dict[str, Spot] = {}
        self._typed = ""

    @property
    def labelled(self) -> bool:
        """Labels stand over the links."""
        return bool(self._labels)

    def label(self, spots: Sequence[Spot]) -> None:
        """Put a label over each link: one letter, or two where there are many."""
        length = 1 if len(spots) <= len(LETTERS) else 2
        names = ("".join(letters) for letters in product(LETTERS, repeat=length))
        self._labels, self._typed = dict(zip(names, spots, strict=False)), ""

    def typed(self, letter: str) -> Link | None:
        """Take a typed letter; return the link whose label is complete. Any other ends it."""
        self._typed += letter
        spot = self._labels.get(self._typed)
        if spot is not None or not any(name.startswith(self._typed) for name in self._labels):
            self._labels = {}
        return spot.link if spot is not None else None

    def stretches(self, block: int) -> list[Light]:
        """Return what is lit up in a block, as (start, end, role), apart and in order."""
        lit = [(start, end, Role.KEPT) for start, end in self.kept_in(block)]
        if self.finding is not None:
            for start, end, here in self.finding.stretches(block):
                lit = _over(lit, (start, end, Role.MATCH | Role.HERE if here else Role.MATCH))
        if self.link is not None and self.link.block == block:
            lit = _over(lit, (self.link.start, self.link.end, Role.HERE))
        if self.selection is not None:
            first, behind = self.selection
            if first.block <= block <= behind.block:
                start = first.offset if block == first.block else 0
                end = behind.offset if block == behind.block else _END
                lit = _over(lit, (start, end, Role.SELECTED))
        return lit

    def kept_in(self, block: int) -> Sequence[tuple[int, int]]:
        """Return what is kept of a block, as (start, end), apart and in order."""
        return self.kept(block) if self.kept is not None else ()

    def over(self, y: int) -> list[tuple[int, str]]:
        """Return the labels that stand over row `y`, as (column, label), from left to right."""
        return sorted((spot.x, name) for name, spot in self._labels.items() if spot.y == y)

    def dims(self, block: int | None) -> bool:
        """Tell whether the text of `block` is dimmed, so that another stands out."""
        return self.is_focused and self.paragraph is not None and block != self.paragraph


def _over(lit: Sequence[Light], light: Light) -> list[Light]:
    """Return what is lit with one more light, in place of what it lies over."""
    start, end, _ = light
    kept = [(a, min(b, start), role) for a, b, role in lit if a < start]
    kept.append(light)
    return kept + [(max(a, end), b, role) for a, b, role in lit if b > end]
