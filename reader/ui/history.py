"""What was finished when, the newest first, by months; Enter opens the story again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.content import Content
from textual.screen import ModalScreen

from ..cells import clean_line, fit, width
from ..dates import month, to_local
from .listing import Listing
from .panes import LOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Offset

    from ..quotes import Finish

KEYS: Final = "Enter opens the story · / narrows · Esc goes back"
_MONTH: Final = 16
"""Cells of the widest month and year, and a space behind them."""


class History(ModalScreen["str | None"]):
    """The list of what was finished."""

    def __init__(self, finishes: Sequence[tuple[Finish, str]]) -> None:
        super().__init__()
        self._finishes = finishes
        self._listing = Listing(self._line, keys=KEYS, empty="Nothing is finished yet.")

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        self._listing.border_title = Content("Finished")
        yield self._listing

    def on_mount(self) -> None:
        """Show everything: a line is found by title and month."""
        self._listing.extend(f"{title} {month(_day(finish))}" for finish, title in self._finishes)

    def on_resize(self, event: events.Resize) -> None:
        """Leave no row blank in a low window."""
        self.set_class(event.size.height < LOW, "-low")

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands."""
        return self._listing.terminal_cursor

    def _line(self, number: int, above: int | None) -> str:
        """Return month, day, title and minutes; the month where it isn't that of the line above."""
        finish, title = self._finishes[number]
        day, before = _day(finish), None if above is None else _day(self._finishes[above][0])
        is_same = before is not None and (before.year, before.month) == (day.year, day.month)
        when = f"{'' if is_same else month(day):<{_MONTH}}{day.day:>2}  "
        minutes = f"{finish.minutes:>5} min" if finish.minutes else ""
        room = max(0, self._listing.cells - len(when) - len(minutes))
        name = fit(clean_line(title), room)
        return when + name + " " * (room - width(name)) + minutes

    @on(Listing.Chosen)
    def _chosen(self, message: Listing.Chosen) -> None:
        self.dismiss(self._finishes[message.number][0].story)

    @on(Listing.Left)
    def _left(self) -> None:
        self.dismiss(None)

    async def action_leave(self) -> None:
        """Close the list: what leaves everywhere else leaves it, too."""
        self.dismiss(None)


def _day(finish: Finish) -> date:
    return to_local(finish.at).date()
