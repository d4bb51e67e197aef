"""The lists of all annotations and of finished stories, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen

from reader.config import to_local
from reader.reading.annotations import Response
from reader.render.story_frame import day, month
from reader.render.text_output import Kept, as_markdown
from reader.text.cells import clean_line, fit, width
from reader.ui.widgets.filter_list import Listing
from reader.ui.widgets.panes import LOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Offset

    from reader.reading.annotations import Finish
    from reader.session.annotations import Added
    from reader.ui.controllers.annotations import Margin


BATCH: Final = 100
"""Quotes looked up between two keys."""
PAUSE: Final = 0.005
"""Seconds between two batches."""
KEYS: Final = "Enter goes there · / narrows · e remark · d delete · U undo · y copy"
EMPTY: Final = "Nothing is kept yet: H on the page keeps a sentence."


class Quotes(ModalScreen["Added | None"]):
    """The list of quotes and responses."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "delete", show=False),
        Binding("U", "undo", show=False),
        Binding("y", "copy", show=False),
        Binding("e", "edit", show=False),
    ]

    def __init__(self, margin: Margin) -> None:
        super().__init__()
        self._margin = margin
        self._items: list[Added] = []
        self._waiting: list[str] = []
        """The ids of quotes that are still to be looked up."""
        self._responses: list[Added] = []
        self._listing = Listing(self._line, rows=3, keys=KEYS, empty=EMPTY)

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        self._listing.border_title = Content("Kept and written")
        yield self._listing

    def on_mount(self) -> None:
        """Show the newest at once, and the rest as it comes."""
        self._load()

    def on_resize(self, event: events.Resize) -> None:
        """Leave no row blank in a low window."""
        self.set_class(event.size.height < LOW, "-low")

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where the terminal's cursor stands."""
        return self._listing.terminal_cursor

    def _load(self) -> None:
        """Look everything up anew."""
        self._items = []
        self._listing.clear()
        self._waiting = self._margin.marginalia.newest()
        self._responses = self._margin.marginalia.responses()
        self._go_on()

    def _go_on(self) -> None:
        """Look up one batch, and the next one after the keys that wait."""
        ids, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        found = self._margin.marginalia.quotes(ids)
        last = found[-1] if found and self._waiting else None
        while self._responses and (last is None or self._responses[0].at >= last.at):
            found.append(self._responses.pop(0))
        found.sort(key=_at, reverse=True)
        self._items += found
        self._listing.extend([_name(added) for added in found])
        if self._waiting:
            self.set_timer(PAUSE, self._go_on)

    # Lines -----------------------------------------------------------------------------

    def _line(self, number: int, _above: int | None) -> str:
        """Return the rows of a quote or response: its text, whose it is, what was remarked."""
        added, cells = self._items[number], self._listing.cells
        when = to_local(added.at).date()
        title = clean_line(added.title, 200)
        mark = "❝ " if added.quote is not None else "✎ "
        text = added.quote.text if added.quote is not None else added.response
        kind = "" if added.quote is not None else "your response · "
        rows = [
            mark + fit(clean_line(text, 4 * cells), cells - 2),
            f"  {kind}{fit(title, cells // 2)} · {day(when)}",
            "",
        ]
        if added.quote is not None and added.quote.remark:
            rows[2] = f"  — {clean_line(added.quote.remark, 4 * cells)}"
        return "\n".join(rows)

    # What can be done with one ---------------------------------------------------------

    @on(Listing.Chosen)
    def _chosen(self, message: Listing.Chosen) -> None:
        self.dismiss(self._items[message.number])

    @on(Listing.Left)
    def _left(self) -> None:
        self.dismiss(None)

    async def action_leave(self) -> None:
        """Close the list: what leaves everywhere else leaves it, too."""
        self.dismiss(None)

    def action_delete(self) -> None:
        """Take away the quote or response under the cursor."""
        number = self._listing.number
        if number is not None:
            words = self._margin.take_away(self._items[number])
            self._renew(number)
            self._listing.say(words)

    def action_undo(self) -> None:
        """Take back what was done last, here or elsewhere."""
        words, deed = self._margin.undo()
        if deed is not None:
            keys = [added.key for added in self._items]
            if deed.what.key in keys:
                self._renew(keys.index(deed.what.key))
            else:
                self._load()
        self._listing.say(words)

    def action_copy(self) -> None:
        """Copy the quote or response under the cursor as Markdown."""
        number = self._listing.number
        if number is not None:
            added = self._items[number]
            quotes = [added.quote] if added.quote is not None else []
            response = None if quotes else Response(added.story, added.response, added.at)
            kept = Kept(added.story, self._margin.marginalia.known(added.story), quotes, response)
            self._margin.copy("\n".join(as_markdown([kept])))
            self._listing.say("Copied as Markdown.")

    def action_edit(self) -> None:
        """Write on the quote under the cursor, or the response anew."""
        number = self._listing.number
        if number is None:
            return

        def written(words: str) -> None:
            self._renew(number)
            self._listing.say(words)

        self._margin.edit(self._items[number], then=written)

    def _renew(self, number: int) -> None:
        """Show one line as what it stands for is now."""
        now = self._margin.marginalia.now(self._items[number])
        if now is not None:
            self._items[number] = now
        self._listing.change(number, _name(now) if now is not None else None)


def _at(added: Added) -> datetime:
    return added.at


def _name(added: Added) -> str:
    """Return what a line is found by: text, title, remark."""
    text = added.quote.text if added.quote is not None else added.response
    return f"{text} {added.title} {added.words}"


HISTORY_KEYS: Final = "Enter opens the story · / narrows · Esc goes back"
_MONTH: Final = 16
"""Cells of the widest month and year, and a space behind them."""


class History(ModalScreen["str | None"]):
    """The list of what was finished."""

    def __init__(self, finishes: Sequence[tuple[Finish, str]]) -> None:
        super().__init__()
        self._finishes = finishes
        self._listing = Listing(self._line, keys=HISTORY_KEYS, empty="Nothing is finished yet.")

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
