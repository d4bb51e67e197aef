"""The names of keys that are known without Textual are Textual's."""

from __future__ import annotations

import subprocess
import sys

from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, key_to_character

from reader.ui.key_names import KEY_NAMES, find_character, name_character

CHARACTERS = [*map(chr, (*range(0x3100), 0xD7A3, 0xFF21, 0x1F600, 0xE000, 0x10FFFF))]
"""Most scripts, a letter of two forms, an emoji, and code points without a name."""
TEXTUAL_NAMES = {
    name
    for name in (
        *(key.value for key in Keys),
        *FUNCTIONAL_KEYS.values(),
        *KEY_NAME_REPLACEMENTS.values(),
    )
    if "+" not in name and not name.startswith("<")
}


def test_the_keys_that_type_nothing_have_the_names_of_textual() -> None:
    assert sorted(KEY_NAMES) == sorted(TEXTUAL_NAMES)


def test_characters_have_the_names_of_textual() -> None:
    own, textual = (
        [name(character) for character in CHARACTERS]
        for name in (name_character, _character_to_key)
    )
    assert own == textual


def test_names_lead_to_the_characters_of_textual() -> None:
    names = [*TEXTUAL_NAMES, *map(_character_to_key, CHARACTERS), "ctrl+a", "shift+slash", "+", ""]
    assert [*map(find_character, names)] == [*map(key_to_character, names)]


def test_a_key_map_is_checked_without_textual() -> None:
    program = (
        "import sys; from reader.ui.keys import check_keymap; check_keymap({'find': 'ctrl+f'});"
        "print([name for name in ('difflib', 'textual') if name in sys.modules])"
    )
    argv = [sys.executable, "-c", program]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "[]\n"
