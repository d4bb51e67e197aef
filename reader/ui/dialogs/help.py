"""The help: the commands and their keys, by where they work."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual.binding import Binding

from reader.drawing.hints import Hint, Run
from reader.text.cells import count_cells, truncate
from reader.text.document import Role
from reader.ui.commands import COMMANDS, SCOPES, format_keys
from reader.ui.dialogs.overlay import Overlay
from reader.ui.widgets.filter_list import ListLook
from reader.ui.widgets.narrowing import make_search_text
from reader.ui.widgets.virtual_list import ListEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.binding import BindingType

    from reader.session.session import Session


INTRODUCTION: Final = """\
A story counts as read once its words have been on the screen long enough, not when it is opened. \
Your exact place is saved, whatever happens to the terminal.
On the page a number before a key repeats the command: 10j. \
To change keys, use [keys] in config.toml."""
"""The paragraphs above the keys, each in a line."""
MIN_HELP_CELLS: Final = 20
"""Cells of the column of help texts at least."""
MAX_KEY_CELLS: Final = 22
"""Cells of the column of keys at most, with the gap after it."""


class HelpLine(NamedTuple):
    """A line of the help: where the keys work, the keys, and what they do."""

    section: str
    keys: str
    help: str
    command_id: str = ""
    """The command that Enter runs; empty for keys of a list or of the editor."""


LIST_SECTION: Final = "In all lists"
EDITOR_SECTION: Final = "While writing a note or a response"
FIXED_LINES: Final = (
    HelpLine(LIST_SECTION, "j k ↑ ↓", "Move by a line"),
    HelpLine(LIST_SECTION, "Space b PgDn PgUp", "Move by a screenful"),
    HelpLine(LIST_SECTION, "g G Home End", "Go to the first or the last line"),
    HelpLine(LIST_SECTION, "/", "Narrow the list to the lines with all the words that you type"),
    HelpLine(LIST_SECTION, "Tab", "In the search of all texts: complete a field or its value"),
    HelpLine(LIST_SECTION, "Enter l →", "Go where the line at the cursor leads; here: run the command"),
    HelpLine(LIST_SECTION, "Esc", "Leave and clear the typed words; without any, close the list"),
    HelpLine(LIST_SECTION, "q h ←", "Close the list; q is a letter while you type words"),
    HelpLine(EDITOR_SECTION, "Esc ctrl+s", "Keep what you typed, and go back"),
    HelpLine(EDITOR_SECTION, "ctrl+c ctrl+u", "Discard what you typed, and go back; U brings it back"),
)  # fmt: skip
"""Keys that belong to no command, and can't be changed."""


class HelpDialog(Overlay[str]):
    """The list of commands and their keys, by where they work; its result is a command's id."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1", "dismiss", show=False)]

    def __init__(self, keymap: Mapping[str, str], session: Session) -> None:
        hints = [Hint("Enter", "run the command", "choose")]
        super().__init__(ListLook("Help", self._format_line, hints, "", rows=None))
        self._session = session
        self._lines = list_help_lines(keymap)

    def on_mount(self) -> None:
        """Show all lines, and remember that the help was opened: its hint is dropped then."""
        self.filter_list.add_lines(
            make_search_text(line.help, f"{line.keys} {line.command_id.replace('-', ' ')}")
            for line in self._lines
        )
        if not self._session.get_choice("help"):
            self._session.save_choice("help", "seen")

    def get_result(self, number: int) -> str | None:
        """Return the id of a command, None for a key of a list or of the editor."""
        return self._lines[number].command_id or None

    def _format_line(self, number: int, above: int | None) -> ListEntry:
        line, cells = self._lines[number], self.filter_list.line_cells
        rows = format_help_rows(line, cells)
        if above is not None and self._lines[above].section == line.section:
            return ListEntry(rows)
        heading: list[list[Run]] = [] if above is None else [[]]
        if number == 0 and not self.filter_list.narrowing.is_active:
            for paragraph in INTRODUCTION.split("\n"):
                heading += [*([Run(row)] for row in wrap_words(paragraph, cells)), []]
        return ListEntry(rows, [*heading, [Run(line.section, Role.STRONG)]])


def list_help_lines(keymap: Mapping[str, str]) -> list[HelpLine]:
    """Return the lines of the help in their order, with the keys of `keymap`."""
    lines = [
        HelpLine(title, format_keys(command, keymap), command.help, command.id)
        for title in dict.fromkeys(SCOPES.values())
        for command in COMMANDS
        if SCOPES[command.scope] == title
    ]
    return [*lines, *FIXED_LINES]


def format_help_rows(line: HelpLine, cells: int) -> list[list[Run]]:
    """Return a line of the help in two columns; what is too long wraps in its own column."""
    key_cells = max(1, min(MAX_KEY_CELLS, cells - MIN_HELP_CELLS))
    keys = wrap_words(line.keys, key_cells - 2)
    helps = wrap_words(line.help, cells - key_cells)
    return [
        [Run(left + " " * (key_cells - count_cells(left)), Role.ACCENT), Run(right)]
        for left, right in zip_longest(keys, helps, fillvalue="")
    ]


def wrap_words(text: str, cells: int) -> list[str]:
    """Return `text` in rows of so many cells, broken at spaces; a longer word is cut."""
    rows: list[str] = []
    for word in text.split():
        if rows and count_cells(f"{rows[-1]} {word}") <= cells:
            rows[-1] += f" {word}"
        else:
            rows.append(truncate(word, max(1, cells)))
    return rows
