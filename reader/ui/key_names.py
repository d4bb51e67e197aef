"""The names that Textual gives keys, for what is drawn before Textual is loaded.

`tests/ui/test_key_names.py` compares them with Textual's own.
"""

from __future__ import annotations

from typing import Final
from unicodedata import lookup, name

KEY_NAMES: Final = frozenset(
    (
        *"0123456789",
        *(f"f{number}" for number in range(1, 36)),
        *(
            f"{side}_{modifier}"
            for side in ("left", "right")
            for modifier in ("shift", "control", "alt", "super", "hyper", "meta")
        ),
        *[
            "add",
            "at",
            "backslash",
            "backspace",
            "caps_lock",
            "ctrl-at",
            "decimal",
            "delete",
            "divide",
            "down",
            "end",
            "enter",
            "equal",
            "escape",
            "home",
            "insert",
            "iso_level3_shift",
            "iso_level5_shift",
            "kp_begin",
            "left",
            "lower_volume",
            "media_fast_forward",
            "media_pause",
            "media_play",
            "media_play_pause",
            "media_record",
            "media_reverse",
            "media_rewind",
            "media_stop",
            "media_track_next",
            "media_track_previous",
            "menu",
            "minus",
            "multiply",
            "mute_volume",
            "num_lock",
            "pagedown",
            "pageup",
            "pause",
            "plus",
            "print_screen",
            "raise_volume",
            "return",
            "right",
            "scroll_lock",
            "separator",
            "slash",
            "space",
            "subtract",
            "tab",
            "underscore",
            "up",
        ],
    )
)
"""The names of the keys that have no name of Unicode."""
_SHORT_NAMES: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Textual's names of characters, by what their names in Unicode would be."""
_NAMES_WITH_DASHES: Final = {
    "less_than_sign": "LESS-THAN SIGN",
    "greater_than_sign": "GREATER-THAN SIGN",
    "hyphen_minus": "HYPHEN-MINUS",
}


def name_character(character: str) -> str:
    """Return the name of the key that types a character: a letter or digit is its own name."""
    if character.isalnum():
        return character
    found = name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _SHORT_NAMES.get(found, found) or ("tab" if character == "\t" else character)


def find_character(key: str) -> str | None:
    """Return the character that the key of a name types, None if that isn't known.

    Keys with modifiers type none.
    """
    if "+" in key:
        return None
    if len(key) == 1:
        return key
    try:
        return lookup(_NAMES_WITH_DASHES.get(key, key.replace("_", " ").upper()))
    except KeyError:
        return None
