"""The line for what to add: an address, a path or pasted text; and the line that edits a fact.

What is pasted with several lines is not put into the line, but kept as it is and described.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from reader.drawing.hints import Hint
from reader.errors import BadSetting, ReaderError
from reader.session.adding.jobs import ReadResult
from reader.session.adding.sources import describe_text, normalize_lines
from reader.text.cells import sanitize, sanitize_line
from reader.ui import run_in_own_thread, start_worker
from reader.ui.dialogs import Dialog
from reader.ui.terminal_input import MAX_PASTE_CHARACTERS
from reader.ui.widgets.filter_list import MessageLine
from reader.ui.widgets.search_bar import ALLOWED_INPUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from reader.session.adding import Adding
    from reader.session.adding.jobs import ReadJob

MAX_LINE_CHARACTERS: Final = 4_000
"""Characters of the line: of the longest address that is fetched."""
MAX_SHOWN_CHARACTERS: Final = 600
"""Characters of a message, or of the beginning of pasted text, that are shown."""
MAX_FIRST_LINE: Final = 130
"""Characters of the first line of pasted text that are shown: two rows."""
PROGRESS_SECONDS: Final = 0.2
"""Seconds between two updates of the line of progress."""
START: Final = "An address, the path of a file, or the text of a page: paste it here."
_LINE_HINTS: Final = (
    Hint("Enter", "preview", "screen.submit"),
    Hint("Esc", "close", "screen.back"),
)
_TEXT_HINTS: Final = (
    Hint("Enter", "preview", "screen.submit"),
    Hint("Esc", "close", "screen.back"),
    Hint("Backspace", "other text", "screen.clear"),
)
_WORK_HINTS: Final = (Hint("Esc", "cancel", "screen.back"),)
_FACT_HINTS: Final = (Hint("Enter", "keep", "screen.submit"), Hint("Esc", "back", "screen.back"))


class LongLineInput(Input):
    """A line for an address or a path, which passes on pasted text of several lines."""

    class Pasted(Message):
        """Text of several lines was pasted after what was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, value: str = "") -> None:
        super().__init__(
            sanitize_line(value, MAX_LINE_CHARACTERS),
            compact=True,
            restrict=ALLOWED_INPUT,
            max_length=MAX_LINE_CHARACTERS,
            select_on_focus=False,
        )

    def restricted(self) -> None:
        """Ring no bell for a character that was not taken."""

    def _on_paste(self, event: events.Paste) -> None:
        """Insert a pasted line; pass on several, or one that there is no room for."""
        event.prevent_default()
        event.stop()
        text = normalize_lines(event.text).strip()
        room = MAX_LINE_CHARACTERS - len(self.value) + len(self.selected_text)
        if "\n" not in text and len(text) <= room:
            self.replace(sanitize_line(text, room + 1), *self.selection)
        else:
            typed = "" if self.selected_text == self.value else f"{self.value}\n"
            self.post_message(self.Pasted(typed + event.text))


class AddDialog(Dialog[ReadResult]):
    """Asks what to add, and reads it in a worker; its result is the stories, or a feed.

    What was entered stays in `Adding`, however the dialog is closed.
    """

    AUTO_FOCUS = ""  # the line takes the focus itself, unless there is pasted text in its place
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False, priority=True),
        Binding("enter", "submit", show=False),
        Binding("backspace", "clear", show=False),
    ]

    def __init__(self, adding: Adding) -> None:
        super().__init__()
        self._adding = adding
        self._pasted = ""
        """Pasted text of several lines, which isn't in the line."""
        self._line = LongLineInput()
        self._about = Static(markup=False)
        self._message_line = MessageLine()
        self._job: ReadJob | None = None
        self._job_began = 0.0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the line, what adding it does, and the row of hints."""
        with Vertical() as frame:
            yield self._line
            yield self._about
            yield self._message_line
        frame.border_title = "Add a story"

    def on_mount(self) -> None:
        """Show what was entered last, if it was not added."""
        self._set_text(self._adding.text)
        self._line.select_all()

    def _set_text(self, text: str) -> None:
        """Show `text` in the line, or describe it if it has several lines."""
        line = normalize_lines(text).strip()
        is_line = "\n" not in line and len(line) <= MAX_LINE_CHARACTERS
        self._pasted = "" if is_line else text
        self._line.value = sanitize_line(line, MAX_LINE_CHARACTERS + 1) if is_line else ""
        self._line.display = is_line
        if is_line:
            self._line.focus()
        else:
            self.set_focus(None)
        self._show_state()

    @property
    def _text(self) -> str:
        """What was entered."""
        return self._pasted or self._line.value

    @property
    def message(self) -> str:
        """What is said about it: what adding does, the progress, or what is wrong."""
        return str(self._about.render())

    def _say(self, text: str) -> None:
        self._about.update(Content(sanitize(text)[:MAX_SHOWN_CHARACTERS]))

    def _show_state(self) -> None:
        """Say what Enter does with what was entered."""
        self._message_line.set_hints(_TEXT_HINTS if self._pasted else _LINE_HINTS)
        text = describe_text(self._text) or START
        if self._pasted:
            first = normalize_lines(self._pasted[: 4 * MAX_SHOWN_CHARACTERS]).strip().split("\n")[0]
            text = f"{text}\n{sanitize_line(first, MAX_FIRST_LINE)}"
        if len(self._pasted) >= MAX_PASTE_CHARACTERS:
            text += (
                f"\nOnly the first {MAX_PASTE_CHARACTERS:,} characters are here; for all of it save"
                " the text as a file and add that."
            )
        self._say(text)

    @on(Input.Changed)
    def _describe_line(self) -> None:
        if self._job is None and not self._pasted:
            self._show_state()

    @on(LongLineInput.Pasted)
    def _take_pasted(self, message: LongLineInput.Pasted) -> None:
        self._set_text(message.text)

    def on_paste(self, event: events.Paste) -> None:
        """Take other text instead of the pasted one."""
        if self._job is None and event.text.strip():
            self._set_text(event.text)

    @on(Input.Submitted)
    def _submit_line(self) -> None:
        self.action_submit()

    def action_clear(self) -> None:
        """Take the pasted text away, and show the empty line."""
        if self._pasted and self._job is None:
            self._set_text("")

    def action_submit(self) -> None:
        """Read what was entered in a worker, unless that was done before."""
        if self._job is not None:
            return
        text = self._text
        kept = self._adding.find_kept(text)
        if kept is not None:
            self.dismiss(kept)
            return
        try:
            job = self._adding.make_read_job(text)
        except ReaderError as error:
            self._say(str(error))
            return
        self._job, self._job_began = job, time.monotonic()
        self._message_line.set_hints(_WORK_HINTS)
        self._timer = self.set_interval(PROGRESS_SECONDS, self._show_progress)
        self._show_progress()
        start_worker(self, "read", self._read, text, job)

    def _show_progress(self) -> None:
        if self._job is not None:
            seconds = int(time.monotonic() - self._job_began)
            self._say(f"{self._job.stage} {seconds} s" if seconds else self._job.stage)

    async def _read(self, text: str, job: ReadJob) -> None:
        try:
            stories = await run_in_own_thread(job.run)
        except ReaderError as error:
            self._end_work()
            self._say(str(error))
        else:
            self._end_work()
            self._adding.keep(text, stories)
            self.dismiss(stories)

    def _end_work(self) -> None:
        self._job = None
        if self._timer is not None:
            self._timer.stop()
        self._show_state()

    def action_back(self) -> None:
        """Cancel the work; without any, close the dialog. What was entered is kept."""
        if self._job is None:
            self.dismiss()
            return
        self.workers.cancel_group(self, "read")
        self._end_work()
        self._say("Cancelled. Enter tries it again.")

    def take_interrupt(self) -> bool:
        """Cancel the work; return whether there was any."""
        is_working = self._job is not None
        if is_working:
            self.action_back()
        return is_working

    def on_unmount(self) -> None:
        """Keep what was entered."""
        self._adding.text = self._text


class FactDialog(Dialog[str]):
    """Edits one fact of a story. The result is the text, which `accept` has taken."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False, priority=True),
        Binding("ctrl+s", "submit", show=False, priority=True),
    ]

    def __init__(self, name: str, text: str, accept: Callable[[str], None]) -> None:
        """`accept` takes the text; it raises `BadSetting` if that can't be."""
        super().__init__()
        self._fact, self._accept = name, accept
        self._line = LongLineInput(text)
        self._about = Static(markup=False)
        self._message_line = MessageLine()

    def compose(self) -> ComposeResult:
        """Lay out the line, what is wrong with it, and the row of hints."""
        with Vertical() as frame:
            yield self._line
            yield self._about
            yield self._message_line
        frame.border_title = self._fact.capitalize()

    def on_mount(self) -> None:
        """Put the cursor at the end of the text."""
        self._message_line.set_hints(_FACT_HINTS)
        self._line.focus()

    @property
    def message(self) -> str:
        """What is wrong with the text."""
        return str(self._about.render())

    @on(LongLineInput.Pasted)
    def _take_pasted(self, message: LongLineInput.Pasted) -> None:
        self._line.value = sanitize_line(message.text, MAX_LINE_CHARACTERS)

    @on(Input.Submitted)
    def _submit_line(self) -> None:
        self.action_submit()

    def action_submit(self) -> None:
        """Keep the text, or say what is wrong with it."""
        try:
            self._accept(self._line.value)
        except BadSetting as error:
            self._about.update(Content(sanitize_line(str(error), MAX_SHOWN_CHARACTERS)))
        else:
            self.dismiss(self._line.value)

    def action_back(self) -> None:
        """Close the line; the fact stays as it was."""
        self.dismiss()
