"""The table of all commands: id, keys, help and scope; their bindings and their key table.

Only `make_bindings` needs Textual, which isn't loaded yet when the first frame names keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reader.layout.viewport import Scroller
from reader.session.shelf.end_card import EndCardKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.binding import BindingType


PAGE, SHELF, SCREEN, APP = "page", "shelf", "screen", "app"
SCOPES: Final = {PAGE: "On the page", SHELF: "On the shelf", SCREEN: "Anywhere", APP: "Anywhere"}


class Command(NamedTuple):
    """One command of the reader."""

    id: str
    keys: str
    """Textual's names of the keys, separated by commas."""
    help: str
    scope: str

    @property
    def action(self) -> str:
        """The action of the scope's widget that runs the command."""
        return self.id.replace("-", "_")


COMMANDS: Final = (
    Command("line-down", "j,down", "Down a line", PAGE),
    Command("line-up", "k,up", "Up a line", PAGE),
    Command("page-down", "space,pagedown,ctrl+f", "Down a screenful, keeping two lines", PAGE),
    Command("page-up", "b,pageup,ctrl+b", "Up a screenful, keeping two lines", PAGE),
    Command("half-down", "d,ctrl+d", "Down half a screenful", PAGE),
    Command("half-up", "u,ctrl+u", "Up half a screenful", PAGE),
    Command("start", "g,home", "Go to the beginning", PAGE),
    Command("end", "G,end", "Go to the end", PAGE),
    Command("next-heading", "right_curly_bracket", "Go to the next heading", PAGE),
    Command("previous-heading", "left_curly_bracket", "Go to the previous heading", PAGE),
    Command("find", "slash", "Find text in the story; on the shelf: filter its stories", SCREEN),
    Command("search", "S", "Search the texts of all stories", SCREEN),
    Command("next-match", "n", "Go to the next match", PAGE),
    Command("previous-match", "N", "Go to the previous match", PAGE),
    Command("contents", "t", "Contents: go to a heading", SCREEN),
    Command("label-links", "f", "Label the links on the screen; type a label to follow its link", PAGE),
    Command("picture", "o", "Open the picture on the screen", PAGE),
    Command("next-link", "tab", "Go to the next link", PAGE),
    Command("previous-link", "shift+tab", "Go to the previous link", PAGE),
    Command("follow", "enter", "Follow the link, or open and close the footnote", PAGE),
    Command("next-paragraph", "J", "Move the paragraph cursor down; your place stays the same", PAGE),
    Command("previous-paragraph", "K", "Move the paragraph cursor up", PAGE),
    Command("next-sentence", "right_parenthesis", "Select the next sentence, to copy or highlight it", PAGE),
    Command("previous-sentence", "left_parenthesis", "Select the previous sentence", PAGE),
    Command("focus-aid", "F", "Dim all but the paragraph at the cursor", PAGE),
    Command("wider", "plus", "Widen the column", PAGE),
    Command("narrower", "minus", "Narrow the column", PAGE),
    Command("preferred-measure", "equals_sign", "Set the column to the configured width", PAGE),
    Command("to-shelf", "escape,h,left", "Clear labels, matches, selection or cursor, or go back to the shelf", PAGE),
    Command("page-alone", "z", "Show the page alone, or with the shelf", SCREEN),
    Command("row-down", "j,down", "Go to the next story", SHELF),
    Command("row-up", "k,up", "Go to the previous story", SHELF),
    Command("rows-down", "pagedown,ctrl+f,space", "Down a screenful of stories", SHELF),
    Command("rows-up", "pageup,ctrl+b,b", "Up a screenful of stories", SHELF),
    Command("first-row", "g,home", "Go to the first story", SHELF),
    Command("last-row", "G,end", "Go to the last story", SHELF),
    Command("to-page", "enter,l,right", "Read the story", SHELF),
    Command("fold", "c", "Fold the section, or unfold it", SHELF),
    Command("sort", "s", "Sort the stories of the section by the next order", SHELF),
    Command("tick", "v", "Tick the story for the next commands, and go to the next one", SHELF),
    Command("tick-range", "V", "Tick all stories from the last ticked one to this one", SHELF),
    Command("show-all", "1", "Show stories of all states", SHELF),
    Command("show-unread", "2", "Show only unread stories", SHELF),
    Command("show-begun", "3", "Show only stories that you have begun", SHELF),
    Command("show-finished", "4", "Show only finished stories", SHELF),
    Command("show-starred", "5", "Show only starred stories", SHELF),
    Command("clear-filter", "escape", "Untick all; show all stories again after a filter", SHELF),
    Command("hide", "X", "Hide the story, or show it again", SHELF),
    Command("delete", "D,delete", "Delete the story's file, from your own folder to the trash", SHELF),
    Command("hidden-stories", "no_key", "Show hidden stories, or leave them out", SHELF),
    Command("drafts", "no_key", "Show drafts, or hide them", SHELF),
    Command("add", "a", "Add a story: an address, a file, or text that was copied", SCREEN),
    Command("edit", "E", "Edit the story's file in your editor, at this place", SCREEN),
    Command("next-story", "right_square_bracket", "Next match, part or story", SCREEN),
    Command("previous-story", "left_square_bracket", "Previous match, part or story", SCREEN),
    Command("back", "ctrl+o", "Go back to where you jumped from", SCREEN),
    Command("forward", "alt+o", "Go forward again", SCREEN),
    Command("toggle-place", "grave_accent", "Typed twice: switch between the last two places", SCREEN),
    Command("copy-paragraph", "y", "Copy the selection, or the paragraph with author and title; code alone", SCREEN),
    Command("copy-address", "Y", "Copy the address of the selection or the paragraph", SCREEN),
    Command("highlight", "H", "Highlight the sentence or the selection; again: widen or narrow", SCREEN),
    Command("note", "e", "Write a note on the highlight or the selection", SCREEN),
    Command("respond", "r", "Write a response to the story", SCREEN),
    Command("highlights", "Q", "List all highlights, notes and responses", SCREEN),
    Command("history", "R", "List the finished stories", SCREEN),
    Command("fitting", "T", "List the stories that fit in the minutes that you have", SCREEN),
    Command("random", "no_key", "Read any story, an unread one first, of those on the shelf", SCREEN),
    Command("mark", "m", "Mark as finished; a finished story as unread", SCREEN),
    Command("star", "asterisk", "Star the story, or take the star off", SCREEN),
    Command("tags", "number_sign", "Put tags of your own on the story, or take them off", SCREEN),
    Command("undo", "U", "Undo the last mark, star, tag, highlight, note, response, hiding or deletion", SCREEN),
    Command("reload", "ctrl+r", "Look for changed files, and read them again", SCREEN),
    Command("add-folder", "A", "Add the folder that is shown to the library", SCREEN),
    Command("help", "question_mark,f1", "Show this help", SCREEN),
    Command("palette", "ctrl+p", "Find a command, a theme or a story by name", APP),
    Command("suspend", "ctrl+z", "Suspend to the shell; `fg` resumes", APP),
    Command("leave", "q", "Quit; in a dialog, close it", APP),
    Command("quit", "ctrl+q", "Quit, from a dialog too", APP),
    Command("interrupt", "ctrl+c", "Copy the selection and clear it; without one, quit", APP),
)  # fmt: skip

SCROLLS: Final[Mapping[str, tuple[Callable[[Scroller, int], bool], int]]] = {
    "line-down": (Scroller.scroll, 1),
    "line-up": (Scroller.scroll, -1),
    "page-down": (Scroller.scroll_pages, 1),
    "page-up": (Scroller.scroll_pages, -1),
    "half-down": (Scroller.scroll_half_pages, 1),
    "half-up": (Scroller.scroll_half_pages, -1),
}
"""What the commands that scroll the page call, and with how many steps."""
NO_KEY: Final = "no_key"
"""The name of no key, for a command without keys: Textual ignores an empty list of keys."""
MAX_COUNT: Final = 99_999
"""The largest number that can be typed before a command."""


class Count:
    """A number typed before a command, as in `10j`."""

    def __init__(self) -> None:
        self.number = 0

    def add_digit(self, character: str | None) -> bool:
        """Add a digit; return whether `character` was one. A number does not begin with a zero."""
        digit = character if character and character in "0123456789" else ""
        if not digit or (digit == "0" and not self.number):
            return False
        self.number = min(MAX_COUNT, self.number * 10 + int(digit))
        return True

    def consume(self) -> int:
        """Return the number, or 1 if none was typed, and reset it."""
        number, self.number = self.number or 1, 0
        return number


KEY_LABELS: Final = {
    "right_curly_bracket": "}",
    "left_curly_bracket": "{",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "right_parenthesis": ")",
    "left_parenthesis": "(",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "slash": "/",
    "delete": "Del",
    "asterisk": "*",
    "number_sign": "#",
    "grave_accent": "`",
    NO_KEY: "no key",
    "question_mark": "?",
    "escape": "Esc",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "enter": "Enter",
    "space": "Space",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "f1": "F1",
}


def make_bindings(scope: str) -> list[BindingType]:
    """Return the bindings of a scope's commands. Each has its command's id, for the key map.

    Those of the app come before the keys of any dialog, except `leave`, which dialogs replace.
    """
    from textual.binding import Binding

    return [
        Binding(
            command.keys,
            command.action,
            command.help,
            id=command.id,
            show=False,
            priority=command.scope == APP and command.id != "leave",
        )
        for command in COMMANDS
        if command.scope == scope
    ]


def format_keys(command: Command, keymap: Mapping[str, str]) -> str:
    """Return a command's keys as a person writes them, separated by spaces."""
    keys = keymap.get(command.id, command.keys).split(",")
    return " ".join(KEY_LABELS.get(key.strip(), key.strip()) for key in keys)


def format_first_key(command_id: str, keymap: Mapping[str, str]) -> str:
    """Return the first key of a command; empty if it has no key or there is no such command."""
    command = next((command for command in COMMANDS if command.id == command_id), None)
    if command is None or keymap.get(command_id, command.keys) == NO_KEY:
        return ""
    return format_keys(command, keymap).partition(" ")[0]


def format_hint(command_id: str, word: str, keymap: Mapping[str, str]) -> str:
    """Return the first key of a command and a word for it; empty if it has no key."""
    key = format_first_key(command_id, keymap)
    return f"{key} {word}" if key else ""


def make_end_card_keys(keymap: Mapping[str, str], *, can_respond: bool) -> EndCardKeys:
    """Return the keys that the end card of a story names."""
    return EndCardKeys(
        format_first_key("page-down", keymap),
        format_first_key("next-story", keymap),
        format_first_key("respond", keymap) if can_respond else "",
    )


def format_key_table(commands: Iterable[Command] = COMMANDS) -> str:
    """Return the table of keys in the README, as Markdown."""
    rows = ["| keys | command | id in `[keys]` |", "|---|---|---|"]
    for command in commands:
        keys = " ".join(f"`{key}`" for key in format_keys(command, {}).split())
        keys = keys if command.keys != NO_KEY else KEY_LABELS[NO_KEY]
        rows.append(f"| {keys} | {command.help} | `{command.id}` |")
    return "\n".join(rows)
