"""The table of commands, and the key map."""

from __future__ import annotations

from collections import Counter

import pytest

from reader.ui.app import ReaderApp
from reader.ui.commands import (
    APP,
    COMMANDS,
    NO_KEY,
    PAGE,
    SCREEN,
    SHELF,
    Command,
    Count,
    format_first_key,
)
from reader.ui.keys import check_keymap, find_latin_key
from reader.ui.page.page import Page
from reader.ui.screen import ReadingScreen
from reader.ui.widgets.shelf import Shelf

OWNERS = {PAGE: Page, SHELF: Shelf, SCREEN: ReadingScreen, APP: ReaderApp}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_has_an_action(command: Command) -> None:
    name = command.action.partition("(")[0]
    assert hasattr(OWNERS[command.scope], f"action_{name}")


@pytest.mark.parametrize("scope", [PAGE, SHELF])
def test_no_key_has_two_commands_in_one_scope(scope: str) -> None:
    reachable = [c for c in COMMANDS if c.scope in (scope, SCREEN, APP)]
    keys = Counter(key for command in reachable for key in command.keys.split(","))
    assert [key for key, count in keys.items() if count > 1 and key != NO_KEY] == []


def test_no_two_commands_share_an_id() -> None:
    assert [i for i, n in Counter(command.id for command in COMMANDS).items() if n > 1] == []


def test_an_unknown_id_gives_a_warning_with_the_nearest_id() -> None:
    assert check_keymap({"next-stroy": "w", "undo": "x"}) == (
        {"undo": "x"},
        ["config.toml: keys: there is no command 'next-stroy'; did you mean 'next-story'?"],
    )


PROBLEMS = {
    ("next-story", "q"): "next-story takes q from leave; leave has no key now;"
    ' a line leave = "..." gives it others',
    ("find", "j"): "find takes j from line-down; line-down has ↓ now;"
    ' a line line-down = "..." gives it others',
    ("find", "esc"): "find: there is no key 'esc'; did you mean 'escape'?",
    ("find", "F5"): "find: there is no key 'F5'; did you mean 'f5'?",
    ("theme", "day"): "'theme' is a setting, not a command: write it above the line [keys]",
    ("a\x1b[1m", "x"): "there is no command 'a\ufffd[1m'; see the README for the commands",
}


@pytest.mark.parametrize("line", PROBLEMS)
def test_a_wrong_key_gives_a_warning(line: tuple[str, str]) -> None:
    assert check_keymap(dict([line]))[1][0] == f"config.toml: keys: {PROBLEMS[line]}"


def test_a_reassigned_key_is_removed_from_its_default_command() -> None:
    assert check_keymap({"next-story": "n"})[0] == {"next-story": "n", "next-match": "no_key"}


def test_a_command_that_gets_other_keys_in_the_map_loses_none_by_surprise() -> None:
    keys = {"next-story": "n", "next-match": "w", "leave": ""}
    assert check_keymap(keys) == ({**keys, "leave": "no_key"}, [])


def test_the_first_command_of_a_key_that_is_bound_twice_keeps_it() -> None:
    keymap, warnings = check_keymap({"line-down": "w", "find": "w,/", "row-down": "w"})
    assert keymap == {"line-down": "w", "find": "slash", "row-down": "w"}
    assert warnings == [
        "config.toml: keys: w is the key of line-down and of find; only line-down has it now"
    ]


def test_a_key_may_be_written_as_its_character() -> None:
    assert check_keymap({"find": "ctrl+/, ö,+,ctrl++"})[0]["find"] == (
        "ctrl+slash,ö,plus,ctrl+plus"
    )


LATIN_KEYS = {
    "Russian": ("йоОхХ", "q j J left_square_bracket left_curly_bracket"),
    "Ukrainian": ("їєі", "right_square_bracket apostrophe s"),
    "Greek": ("ξκςσΣ", "j k w s S"),
    "Hebrew": ("חלא", "j k t"),
    "Arabic": ("تنج", "j k left_square_bracket"),
    "Korean": ("ㅓㅏㅒ", "j k O"),
    "Thai": ("่า", "j k"),
    "full width": ("ｊＱ？", "j Q question_mark"),
    "none": ("jäß漢—", "    "),
}


@pytest.mark.parametrize("layout", LATIN_KEYS)
def test_a_letter_of_another_layout_has_a_latin_key(layout: str) -> None:
    letters, keys = LATIN_KEYS[layout]
    assert [find_latin_key(letter, letter) for letter in letters] == keys.split(" ")


def test_a_letter_of_another_layout_has_a_latin_key_with_ctrl_too() -> None:
    assert find_latin_key("ctrl+щ", None) == "ctrl+o"


def test_a_count_is_the_typed_number() -> None:
    count = Count()
    assert [count.add_digit(digit) for digit in "10j"] == [True, True, False]
    assert [count.consume(), count.consume()] == [10, 1]


def test_a_count_does_not_begin_with_zero() -> None:
    assert not Count().add_digit("0")


def test_the_first_key_follows_the_key_map() -> None:
    assert format_first_key("start", {}) == "g"
    assert format_first_key("page-down", {}) == "Space"
    assert format_first_key("start", {"start": "x,y"}) == "x"
    assert format_first_key("start", {"start": NO_KEY}) == ""
    assert format_first_key("drafts", {}) == ""
    assert format_first_key("drafts", {"drafts": "x"}) == "x"
    assert format_first_key("no-such-command", {}) == ""
