"""What is lit up on the page: matches, the link at the link cursor, labels over links.

Owns no text and no rows: it says which stretches of a block have one role more, and what
stands over a row of the screen. Put out one by one, the innermost first.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from ..document import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..find import Finding
    from ..links import Link

LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm"
"""Label letters, the home row first."""


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

    def stretches(self, block: int) -> list[tuple[int, int, Role]]:
        """Return what is lit up in a block, as (start, end, role), apart and in order."""
        lit = []
        if self.finding is not None:
            found = self.finding.stretches(block)
            lit = [(a, b, Role.MATCH | Role.HERE if here else Role.MATCH) for a, b, here in found]
        if self.link is not None and self.link.block == block:
            start, end = self.link.start, self.link.end
            lit = [light for light in lit if light[1] <= start or light[0] >= end]
            lit.append((start, end, Role.HERE))
        return sorted(lit, key=lambda light: light[0])

    def over(self, y: int) -> list[tuple[int, str]]:
        """Return the labels that stand over row `y`, as (column, label), from left to right."""
        return sorted((spot.x, name) for name, spot in self._labels.items() if spot.y == y)

    def dims(self, block: int | None) -> bool:
        """Tell whether the text of `block` is dimmed, so that another stands out."""
        return self.is_focused and self.paragraph is not None and block != self.paragraph

    def put_out(self) -> bool:
        """Put out the innermost light; tell whether there was one."""
        if self._labels:
            self._labels = {}
        elif self.link is not None:
            self.link = None
        elif self.finding is not None:
            self.finding = None
        elif self.paragraph is not None:
            self.paragraph, self.is_focused = None, False
        else:
            return False
        return True
