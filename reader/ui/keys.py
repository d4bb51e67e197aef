"""The reader's own key map, and the keys of other layouts. Textual isn't needed for it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from reader.config import SETTINGS
from reader.text.cells import sanitize_line
from reader.ui.commands import APP, COMMANDS, KEY_LABELS, NO_KEY, SCREEN
from reader.ui.key_names import KEY_NAMES, find_character, name_character

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reader.ui.commands import Command


_MODIFIERS: Final = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})


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
    return f"{name[:start]}{name_character(last)}" if len(last) == 1 else name


def is_key_name(name: str) -> bool:
    """Return whether a key has that name. A character is a key; it may have modifiers."""
    *modifiers, last = name.split("+")
    is_character = (find_character(last) or "\0").isprintable()  # not so: names of controls
    return (is_character or last in KEY_NAMES) and {*modifiers} <= _MODIFIERS


def get_typed_character(name: str) -> str | None:
    """Return the character that the key `name` types, None if it types none."""
    if "+" in name:
        return None
    typed = {key: character for character in _LATIN_KEYS for key in [normalize_key_name(character)]}
    return typed.get(name) or find_character(name)


def _suggest_key(name: str) -> str:
    from difflib import get_close_matches  # most key maps have no mistake

    similar = get_close_matches(name.lower(), [*KEY_NAMES, *KEY_LABELS], 1)
    return f"; did you mean '{similar[0]}'?" if similar else ""


def _label_key(key: str) -> str:
    return KEY_LABELS.get(key, key)


def _format_unknown_command(name: str, ids: list[str]) -> str:
    if name in SETTINGS:
        return f"'{name}' is a setting, not a command: write it above the line [keys]"
    from difflib import get_close_matches

    similar = get_close_matches(name, ids, 1)
    hint = f"; did you mean '{similar[0]}'?" if similar else "; see the README for the commands"
    return f"there is no command '{name}'{hint}"


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
