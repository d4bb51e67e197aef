"""Every command of the app: its id, keys, help and scope, in one table."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


PAGE, SHELF, SCREEN, APP = "page", "shelf", "screen", "app"
SCOPES: Final = {PAGE: "On the page", SHELF: "On the shelf", SCREEN: "Anywhere", APP: "Anywhere"}


class Command(NamedTuple):
    """One thing a reader can ask for."""

    id: str
    keys: str
    """Textual's names of the keys, parted by commas."""
    help: str
    scope: str
    action_override: str = ""
    """The action of the scope's widget, where it isn't called as the command is."""

    @property
    def action(self) -> str:
        """What Textual calls to do it."""
        return self.action_override or self.id.replace("-", "_")


COMMANDS: Final = (
    Command("line-down", "j,down", "A line down", PAGE, "go('scroll', 1)"),
    Command("line-up", "k,up", "A line up", PAGE, "go('scroll', -1)"),
    Command("page-down", "space,pagedown,ctrl+f", "A page down, keeping two lines", PAGE, "go('page', 1)"),
    Command("page-up", "b,pageup,ctrl+b", "A page up, keeping two lines", PAGE, "go('page', -1)"),
    Command("half-down", "d,ctrl+d", "Half a page down", PAGE, "go('half', 1)"),
    Command("half-up", "u,ctrl+u", "Half a page up", PAGE, "go('half', -1)"),
    Command("start", "g,home", "The beginning", PAGE, "jump('start')"),
    Command("end", "G,end", "The end", PAGE, "jump('end')"),
    Command("next-heading", "right_curly_bracket", "The next heading", PAGE, "go('to_heading', 1)"),
    Command("previous-heading", "left_curly_bracket", "The heading before", PAGE, "go('to_heading', -1)"),
    Command("find", "slash", "Find words in the text", SCREEN),
    Command("next-match", "n", "The next match", PAGE, "point('match', 1)"),
    Command("previous-match", "N", "The match before", PAGE, "point('match', -1)"),
    Command("contents", "t", "The contents, to go to a heading", SCREEN, "ask('guide', 'contents')"),
    Command("label-links", "f", "Label the links on the screen; a label follows one", PAGE, "label('links')"),
    Command("picture", "o", "Open the picture on the screen", PAGE, "label('pictures')"),
    Command("next-link", "tab", "The next link", PAGE, "point('link', 1)"),
    Command("previous-link", "shift+tab", "The link before", PAGE, "point('link', -1)"),
    Command("follow", "enter", "Follow the link; a footnote opens and closes", PAGE),
    Command("next-paragraph", "J", "The paragraph cursor down; the place stays", PAGE, "cursor('paragraph', 1)"),
    Command("previous-paragraph", "K", "The paragraph cursor up", PAGE, "cursor('paragraph', -1)"),
    Command("next-sentence", "right_parenthesis", "Select the next sentence, for y and H", PAGE, "cursor('sentence', 1)"),
    Command("previous-sentence", "left_parenthesis", "Select the sentence before", PAGE, "cursor('sentence', -1)"),
    Command("focus-aid", "F", "Dim all but the paragraph at the cursor", PAGE),
    Command("wider", "plus", "A wider column", PAGE, "measure(1)"),
    Command("narrower", "minus", "A narrower column", PAGE, "measure(-1)"),
    Command("preferred-measure", "equals_sign", "The column as wide as the settings say", PAGE, "measure(0)"),
    Command("to-shelf", "escape,h,left", "Put out what is lit up; else back to the shelf", PAGE),
    Command("page-alone", "z", "The page alone, or with the shelf", SCREEN),
    Command("row-down", "j,down", "The next story", SHELF, "go(1)"),
    Command("row-up", "k,up", "The story before", SHELF, "go(-1)"),
    Command("rows-down", "pagedown,ctrl+f,space", "A screenful of stories down", SHELF, "page(1)"),
    Command("rows-up", "pageup,ctrl+b,b", "A screenful of stories up", SHELF, "page(-1)"),
    Command("first-row", "g,home", "The first story", SHELF, "row(0)"),
    Command("last-row", "G,end", "The last story", SHELF, "row(-1)"),
    Command("to-page", "enter,l,right", "Read the story", SHELF),
    Command("next-story", "right_square_bracket", "On along the list: match, part, story", SCREEN, "ask('guide', 'along', 1)"),
    Command("previous-story", "left_square_bracket", "Back along it", SCREEN, "ask('guide', 'along', -1)"),
    Command("back", "ctrl+o", "Back to where you jumped from", SCREEN, "jump('back')"),
    Command("forward", "alt+o", "Forward again", SCREEN, "jump('forward')"),
    Command("toggle-place", "grave_accent", "Typed twice: between the last two places", SCREEN, "jump('toggle')"),
    Command("copy-paragraph", "y", "Copy what is selected; else the paragraph, with author and title", SCREEN, "ask('copier', 'copy', 'paragraph')"),
    Command("copy-address", "Y", "Copy the address of the selection, or of the paragraph", SCREEN, "ask('copier', 'copy', 'address')"),
    Command("keep", "H", "Keep the sentence, or what is selected; again: its paragraph, and back", SCREEN, "ask('margin', 'keep')"),
    Command("remark", "e", "Write a remark on what is kept here", SCREEN, "ask('margin', 'remark')"),
    Command("respond", "r", "Write your response to the story", SCREEN, "ask('margin', 'respond')"),
    Command("quotes", "Q", "All that you kept and wrote", SCREEN, "ask('margin', 'quotes')"),
    Command("history", "R", "What you finished when", SCREEN, "ask('margin', 'history')"),
    Command("toggle-mark", "m", "Mark finished; a finished story, unread", SCREEN),
    Command("undo", "U", "Take back the last mark, or what was kept or written last", SCREEN),
    Command("help", "question_mark,f1", "These keys", SCREEN),
    Command("palette", "ctrl+p", "Find a command or a theme by name", APP),
    Command("suspend", "ctrl+z", "Back to the shell, until `fg`", APP),
    Command("leave", "q,ctrl+q", "Quit; in an overlay, close it", APP),
    Command("interrupt", "ctrl+c", "Copy what is selected and let go of it; else quit at once", APP),
)  # fmt: skip

NO_KEY: Final = "no_key"
"""A name that no key has: Textual passes over an empty list of keys."""
_MAX_COUNT: Final = 99_999


class Count:
    """A number typed before a command, as in `10j`."""

    def __init__(self) -> None:
        self.number = 0

    def add_digit(self, character: str | None) -> bool:
        """Add a digit; tell whether `character` was one. A zero alone begins no number."""
        digit = character if character and character in "0123456789" else ""
        if not digit or (digit == "0" and not self.number):
            return False
        self.number = min(_MAX_COUNT, self.number * 10 + int(digit))
        return True

    def consume(self) -> int:
        """Return the number, or 1 where none was typed, and forget it."""
        number, self.number = self.number or 1, 0
        return number


_KEY_LABELS: Final = {
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
    """Return the bindings of a scope, each with its command's id."""
    return [
        Binding(
            c.keys,
            c.action,
            c.help,
            id=c.id,
            show=False,
            priority=c.scope == APP and c.id != "leave",
        )
        for c in COMMANDS
        if c.scope == scope
    ]


def format_keys(command: Command, keymap: Mapping[str, str]) -> str:
    """Return a command's keys as a person writes them."""
    keys = keymap.get(command.id, command.keys).split(",")
    return " ".join(_KEY_LABELS.get(key.strip(), key.strip()) for key in keys)


def format_first_key(command_id: str, keymap: Mapping[str, str]) -> str:
    """Return the first key of the command with that id; empty if it has none, or there is none."""
    command = next((command for command in COMMANDS if command.id == command_id), None)
    key = format_keys(command, keymap).partition(" ")[0] if command is not None else ""
    return "" if keymap.get(command_id) == NO_KEY else key


def check_keymap(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the part of a key map that names commands, and a line for each other part.

    A key that was given to a command is taken from the one that has it by default.
    """
    ids = [command.id for command in COMMANDS]
    given = {name: keys for name, keys in keymap.items() if name in ids}
    taken = {key.strip() for keys in given.values() for key in keys.split(",")}
    for command in COMMANDS:
        kept = [key for key in command.keys.split(",") if key not in taken]
        if command.id not in given and len(kept) < len(command.keys.split(",")):
            given[command.id] = ",".join(kept) or NO_KEY
    return given, [_format_unknown_command(name, ids) for name in keymap if name not in ids]


def _format_unknown_command(name: str, ids: list[str]) -> str:
    near = get_close_matches(name, ids, 1)
    hint = f"; did you mean '{near[0]}'?" if near else "; see ? for the commands"
    return f"config.toml: keys: there is no command '{name}'{hint}"


def format_key_table(commands: Iterable[Command] = COMMANDS) -> str:
    """Return the README's table of keys."""
    rows = ["| keys | what they do | id in `[keys]` |", "|---|---|---|"]
    for command in commands:
        keys = " ".join(f"`{key}`" for key in format_keys(command, {}).split())
        rows.append(f"| {keys} | {command.help} | `{command.id}` |")
    return "\n".join(rows)
