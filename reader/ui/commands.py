"""The table of all commands: id, keys, help and scope; their bindings and their key table.

This module also tells which sequences of a terminal are keys, and which keys other layouts type.
"""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import normalize

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, key_to_character

from reader.config import SETTINGS
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


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
    Command("find", "slash", "Find text in the story", SCREEN),
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
    Command("mark", "m", "Mark as finished; a finished story as unread", SCREEN),
    Command("undo", "U", "Undo the last mark, highlight, note or response", SCREEN),
    Command("reload", "ctrl+r", "Look for changed files, and read them again", SCREEN),
    Command("help", "question_mark,f1", "Show this help", SCREEN),
    Command("palette", "ctrl+p", "Find a command, a theme or a story by name", APP),
    Command("suspend", "ctrl+z", "Suspend to the shell; `fg` resumes", APP),
    Command("leave", "q", "Quit; in a dialog, close it", APP),
    Command("quit", "ctrl+q", "Quit, from a dialog too", APP),
    Command("interrupt", "ctrl+c", "Copy the selection and clear it; without one, quit", APP),
)  # fmt: skip

_KEY_NAMES: Final = frozenset(
    name
    for name in (
        *(key.value for key in Keys),
        *FUNCTIONAL_KEYS.values(),
        *KEY_NAME_REPLACEMENTS.values(),
    )
    if "+" not in name and not name.startswith("<")
)
"""The names of the keys that have no name of Unicode."""
_MODIFIERS: Final = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
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
    """Return the bindings of a scope's commands. Each has its command's id, for the key map.

    Those of the app come before the keys of any dialog, except `leave`, which dialogs replace.
    """
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
    return " ".join(_KEY_LABELS.get(key.strip(), key.strip()) for key in keys)


def format_first_key(command_id: str, keymap: Mapping[str, str]) -> str:
    """Return the first key of a command; empty if it has no key or there is no such command."""
    command = next((command for command in COMMANDS if command.id == command_id), None)
    key = format_keys(command, keymap).partition(" ")[0] if command is not None else ""
    return "" if keymap.get(command_id) == NO_KEY else key


def check_keymap(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the valid part of a key map, and a warning for each problem in it.

    Problems are an unknown command, an unknown key, a key of two commands, and a key that is
    taken from a command that the map doesn't name. The first command in the map that has a key
    keeps it. A command whose text is empty has no key.
    """
    commands = {command.id: command for command in COMMANDS}
    checked: dict[str, str] = {}
    warnings: list[str] = []
    owners: dict[str, list[Command]] = {}
    for name, text in keymap.items():
        if name not in commands:
            warnings.append(_format_unknown_command(name, list(commands)))
            continue
        keys = _check_keys(commands[name], text, owners, warnings)
        if keys or not text.strip():
            checked[name] = ",".join(keys) or NO_KEY
    for command in COMMANDS:
        taken = {
            key: owner
            for key in command.keys.split(",")
            if command.id not in checked and (owner := _find_owner(key, command, owners))
        }
        if taken:
            rest = [key for key in command.keys.split(",") if key not in taken]
            checked[command.id] = ",".join(rest) or NO_KEY
            warnings.append(_format_taken_keys(command, taken, rest))
    return checked, [sanitize_line(f"config.toml: keys: {warning}") for warning in warnings]


def _check_keys(
    command: Command, text: str, owners: dict[str, list[Command]], warnings: list[str]
) -> list[str]:
    """Return the keys in `text` that `command` can have, and add it to their `owners`."""
    keys = []
    for key in [normalize_key_name(part.strip()) for part in text.split(",") if part.strip()]:
        owner = _find_owner(key, command, owners)
        if not is_key_name(key):
            warnings.append(f"{command.id}: there is no key '{key}'{_suggest_key(key)}")
        elif owner is not None and owner is not command:
            warnings.append(
                f"{_label_key(key)} is the key of {owner.id} and of {command.id};"
                f" only {owner.id} has it now"
            )
        elif owner is None:
            owners.setdefault(key, []).append(command)
            keys.append(key)
    return keys


def _find_owner(key: str, command: Command, owners: Mapping[str, list[Command]]) -> Command | None:
    """Return the command that has `key` where `command` can be run too."""
    for owner in owners.get(key, ()):
        if owner.scope == command.scope or {owner.scope, command.scope} & {SCREEN, APP}:
            return owner
    return None


def _format_taken_keys(command: Command, taken: Mapping[str, Command], rest: list[str]) -> str:
    parts = [f"{owner.id} takes {_label_key(key)}" for key, owner in taken.items()]
    left = " ".join(map(_label_key, rest)) if rest else "no key"
    advice = f'{command.id} has {left} now; a line {command.id} = "..." gives it others'
    return f"{' and '.join(parts)} from {command.id}; {advice}"


def normalize_key_name(name: str) -> str:
    """Return Textual's name of a key that may be written as its character."""
    start = name[:-1].rfind("+") + 1  # the key itself may be a plus
    last = name[start:]
    return f"{name[:start]}{_character_to_key(last)}" if len(last) == 1 else name


def is_key_name(name: str) -> bool:
    """Return whether a key has that name. A character is a key; it may have modifiers."""
    *modifiers, last = name.split("+")
    is_character = (key_to_character(last) or "\0").isprintable()  # not so: names of controls
    return (is_character or last in _KEY_NAMES) and {*modifiers} <= _MODIFIERS


def get_typed_character(name: str) -> str | None:
    """Return the character that the key `name` types, None if it types none."""
    if "+" in name:
        return None
    typed = {key: character for character in _LATIN_KEYS for key in [normalize_key_name(character)]}
    return typed.get(name) or key_to_character(name)


def _suggest_key(name: str) -> str:
    similar = get_close_matches(name.lower(), [*_KEY_NAMES, *_KEY_LABELS], 1)
    return f"; did you mean '{similar[0]}'?" if similar else ""


def _label_key(key: str) -> str:
    return _KEY_LABELS.get(key, key)


def _format_unknown_command(name: str, ids: list[str]) -> str:
    if name in SETTINGS:
        return f"'{name}' is a setting, not a command: write it above the line [keys]"
    similar = get_close_matches(name, ids, 1)
    hint = f"; did you mean '{similar[0]}'?" if similar else "; see the README for the commands"
    return f"there is no command '{name}'{hint}"


def format_key_table(commands: Iterable[Command] = COMMANDS) -> str:
    """Return the table of keys in the README, as Markdown."""
    rows = ["| keys | command | id in `[keys]` |", "|---|---|---|"]
    for command in commands:
        keys = " ".join(f"`{key}`" for key in format_keys(command, {}).split())
        rows.append(f"| {keys} | {command.help} | `{command.id}` |")
    return "\n".join(rows)


_LATIN_KEYS: Final = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./"
_SHIFTED_KEYS: Final = '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?'
"""The keys of a keyboard of the United States row by row, and the same keys with shift."""
_LAYOUTS: Final = (
    "ёйцукенгшщзхъфывапролджэячсмитьбю.",  # Russian
    "`йцукенгшщзхїфівапролджєячсмитьбю.",  # Ukrainian
    "ёйцукенгшўзх'фывапролджэячсмітьбю.",  # Belarusian
    "`;ςερτυθιοπ[]ασδφγηξκλ;'ζχψωβνμ,./",  # Greek
    ";/'קראטוןםפ][שדגכעיחלךף,זסבהנמצתץ.",  # Hebrew
    "ذضصثقفغعهخحجدشسيبلاتنمكطئءؤر`ىةوزظ",  # Arabic
    "`ქწერტყუიოპ[]ასდფგჰჯკლ;'ზხცვბნმ,./",  # Georgian
    "`ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ[]ㅁㄴㅇㄹㅎㅗㅓㅏㅣ;'ㅋㅌㅊㅍㅠㅜㅡ,./",  # Korean
    "`ๆไำพะัีรนยบลฟหกดเ้่าสวงผปแอิืทมใฝ",  # Thai
)
"""What those keys type in other layouts. The first one counts where two use the same letter."""
_SHIFTED_LETTERS: Final = (
    "ჭWღRთTშSჟJძZჩC" "ㅃQㅉWㄸEㄲRㅆTㅒOㅖP" "ฎEฑRธTณIฯOญPฤAฆSฏDโFฌG็H๋JษKศLฉCฮV" "ΣS"
)  # fmt: skip
"""Letters with shift that are no capital of the letter without it, each before its key."""


@cache
def _map_layouts() -> dict[str, str]:
    """Return the Latin keys of the letters of all layouts."""
    pairs = iter(_SHIFTED_LETTERS)
    latin = dict(zip(pairs, pairs, strict=True))
    for layout in _LAYOUTS:
        for letter, key, shifted in zip(layout, _LATIN_KEYS, _SHIFTED_KEYS, strict=True):
            if not letter.isascii():
                latin.setdefault(letter, key)
                latin.setdefault(letter.upper(), shifted)
    return latin


def find_latin_key(key: str, character: str | None) -> str:
    """Return the name of the key that is in the same position of a Latin layout.

    It is empty for a key that types no letter of another layout. A full-width letter, as an
    input method types it, counts as the plain one.
    """
    start = key[:-1].rfind("+") + 1
    typed = key[start:] if start else character or ""
    plain = normalize("NFKC", typed) if not typed.isascii() else ""
    latin = _map_layouts().get(typed) or (plain if len(plain) == 1 and plain.isascii() else "")
    return normalize_key_name(f"{key[:start]}{latin}") if latin else ""


_KITTY_KEY: Final = re.compile(
    r"\x1b\[(\d+)(?::(\d*)(?::\d*)?)?"
    r"(?:;(\d*)(?::(\d*))?)?(?:;((?:\d+(?::\d+)*)?))?([u~A-HPQS])"
)
"""Code, shifted code, modifiers, event, text and letter of a key in kitty's keyboard protocol."""
_SHIFT: Final = 1
_LOCKS: Final = 64 | 128
"""Bits of the modifiers in that protocol: caps lock and num lock."""
_PRESSED: Final = ("", "1", "2")
"""Events in that protocol: a key was pressed, or repeats. It was released in a third one."""


def normalize_key(sequence: str) -> str:
    """Return a key of kitty's keyboard protocol as Textual parses it, empty if it was released.

    Textual parses no events and no alternate keys, takes the character from the text only, and
    takes unknown numbers for characters: `ESC [ 113 ~` would be a `q`. Such a sequence is no
    key: it gives the empty string. A sequence of another form is returned unchanged.
    """
    match = _KITTY_KEY.fullmatch(sequence)
    if match is None:
        return "" if ":" in sequence else sequence
    code, shifted, modifiers, event, text, letter = match.groups(default="")
    is_known = letter == "u" or f"{code}{letter}" in FUNCTIONAL_KEYS
    if event not in _PRESSED or not is_known:
        return sequence if sequence in ANSI_SEQUENCES_KEYS else ""
    bits = max(0, int(modifiers or 1) - 1)
    if letter == "u" and not text and not bits & ~(_SHIFT | _LOCKS):
        character = chr(min(sys.maxunicode, int(code)))
        if bits & _SHIFT:
            character = chr(min(sys.maxunicode, int(shifted))) if shifted else character.upper()
        text = str(ord(character)) if len(character) == 1 and character.isprintable() else ""
    return f"\x1b[{code};{modifiers if bits & ~_LOCKS else ''};{text}{letter}"


_REST_OF_SEQUENCE: Final = re.compile(
    r"\x1b(?:\[(?:[?>=<\d][\d;:]*\$?(?:[A-Z~cmntuy]|\Z)|[A-LN-Z])|O[A-Z]|\]\d+\Z|"
    r"\]\d+;(?:[rgba-fA-F\d:;/]*\x1b?\Z|[^\a\x1b]*(?:\a|\x1b\\))|[P_^X][^\x1b]*\x1b\\)"
)
"""The sequences and replies whose rest is recognised. Only reports and colours may still be
incomplete with it: they contain few characters that are keys."""
_LAST_CHARACTER: Final = re.compile(
    r"\x1b(?:\[[?>][\d;$]*[cnuy]|\[\d+;[\d;]*[Rt]|[]P_^X][^\a\x1b]*(?:\a|\x1b\\))"
)
"""The reports and replies of which a single last character is recognised."""


def is_rest_of_sequence(beginning: str, text: str) -> bool:
    """Return whether `text`, read at once, continues a sequence or a reply, and is no keys."""
    pattern = _REST_OF_SEQUENCE.match if len(text) > 1 else _LAST_CHARACTER.fullmatch
    return pattern(beginning + text) is not None
