"""What is open while blocks are built: quotes, lists, items, definitions, one in another.

Owns the labels of list items and what closes what. Markdown closes all it opens; HTML may
leave anything open or close what is not, so an end tag reaches no further out than the
Markdown that holds it. Knows no tokens and no text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .document import Level, Nest

BULLETS: Final = "•◦▪"
TYPED: Final = -1
"""The number of a list that is none: a run of paragraphs that begin with check marks."""
_DEEPEST_HTML: Final = 40
"""Elements of HTML in each other. What is deeper stands in the last: depth costs every block."""
_LISTS: Final = frozenset({"ul", "ol", "menu"})


@dataclass(slots=True)
class _Open:
    """A list or quote that is open: its level, and what its next block needs to know."""

    level: Level
    tight: bool = False
    items: int = 0
    number: int | None = None
    fresh: bool = True
    """No block has stood in it yet."""
    tag: str = ""
    """The element it is, where HTML opened it."""


class Nesting:
    """A stack of what is open, outermost first."""

    def __init__(self) -> None:
        self._open: list[_Open] = []

    def levels(self) -> tuple[tuple[Level, ...], bool]:
        """Return the levels of the next block, and whether it follows closely."""
        tight = False
        levels = []
        for held in self._open:
            if held.level.nest is not Nest.ITEM or held.level.label or not held.fresh:
                levels.append(held.level._replace(opens=True) if held.fresh else held.level)
            if held.level.nest is Nest.DEFINITION:
                tight = held.fresh  # close under its term
            elif not (held.fresh and held.items <= 1):
                tight = held.tight
            held.fresh = False
        return tuple(levels), tight

    def __bool__(self) -> bool:
        return bool(self._open)

    @property
    def quotes(self) -> bool:
        """Whether anything open is a quote."""
        return any(held.level.nest in (Nest.QUOTE, Nest.PULL) for held in self._open)

    @property
    def pulls(self) -> bool:
        """Whether a pull quote is open."""
        return any(held.level.nest is Nest.PULL for held in self._open)

    @property
    def is_fresh(self) -> bool:
        """Whether nothing stands yet in the innermost of what is open."""
        return bool(self._open) and self._open[-1].fresh

    def open(self, level: Level, *, tight: bool = False, tag: str = "") -> None:
        """Open a quote, callout or definition; `tag` is the element if HTML does."""
        self._push(_Open(level, tight=tight, tag=tag))

    def open_list(self, number: int | None, cells: int, *, tight: bool, tag: str = "") -> None:
        """Open a list that counts from `number`, if it does, its labels `cells` wide."""
        level = Level(Nest.ITEM, "", cells)
        self._push(_Open(level, tight=tight, number=number, tag=tag))

    def _push(self, opened: _Open) -> None:
        if not opened.tag or sum(1 for held in self._open if held.tag) < _DEEPEST_HTML:
            self._open.append(opened)

    def open_item(self, *, mark: str = "", behind: str = ".") -> None:
        """Begin an item of the innermost list: its `mark`, or its number and what is `behind`."""
        held = self._open[-1]
        held.items += 1
        held.fresh = True
        if held.number is not None:
            mark = f"{held.number}{behind}"
            held.number += 1
        elif not mark:
            depth = sum(1 for outer in self._open[:-1] if outer.items)
            mark = BULLETS[depth % len(BULLETS)]
        held.level = held.level._replace(label=mark)

    def close(self) -> None:
        """Close the innermost thing that Markdown opened, with what HTML left open in it."""
        self.close_html()
        self._open.pop()

    def close_html(self) -> None:
        """Close what HTML left open in the innermost thing that Markdown opened."""
        while self._open and self._open[-1].tag:
            self._open.pop()

    def within(self, tags: frozenset[str] = _LISTS) -> bool:
        """Close what HTML opened in its innermost element of `tags`; tell whether there is one."""
        for index in range(len(self._open) - 1, -1, -1):
            if not self._open[index].tag:
                return False
            if self._open[index].tag in tags:
                del self._open[index + 1 :]
                return True
        return False

    def close_tag(self, tag: str) -> None:
        """Close the innermost element of that name, if Markdown holds nothing inside it."""
        if self.within(frozenset({tag})):
            self._open.pop()

    # Typed check marks -----------------------------------------------------------------

    def open_check_mark(self, *, run: bool) -> None:
        """Make a typed mark its item's label, or a list of its own; `run`: one went before."""
        if self._open and self._open[-1].level.nest is Nest.ITEM:
            self._open[-1].level = self._open[-1].level._replace(label="✓")
            return
        level = Level(Nest.ITEM, "✓", 1)
        self._open.append(_Open(level, tight=run, items=2 if run else 1, number=TYPED))

    def close_check_mark(self) -> None:
        """End the list that a typed mark began."""
        if self._open and self._open[-1].number == TYPED:
            self._open.pop()
