"""The one table of commands: each does something, no key means two things."""

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
    check_keymap,
    format_first_key,
)
from reader.ui.page.page import Page
from reader.ui.screen import ReadingScreen
from reader.ui.widgets.shelf import Shelf

OWNERS = {PAGE: Page, SHELF: Shelf, SCREEN: ReadingScreen, APP: ReaderApp}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_a_command_has_its_action(command: Command) -> None:
    name = command.action.partition("(")[0]
    assert hasattr(OWNERS[command.scope], f"action_{name}")


@pytest.mark.parametrize("scope", [PAGE, SHELF])
def test_no_key_means_two_things_in_one_place(scope: str) -> None:
    reachable = [c for c in COMMANDS if c.scope in (scope, SCREEN, APP)]
    keys = Counter(key for command in reachable for key in command.keys.split(","))
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_two_commands_share_an_id() -> None:
    assert [i for i, n in Counter(command.id for command in COMMANDS).items() if n > 1] == []


def test_a_wrong_id_is_told_with_the_nearest_right_one() -> None:
    assert check_keymap({"next-stroy": "w", "undo": "x"}) == (
        {"undo": "x"},
        ["config.toml: keys: there is no command 'next-stroy'; did you mean 'next-story'?"],
    )


def test_a_key_given_to_a_command_is_taken_from_the_one_that_had_it() -> None:
    assert check_keymap({"next-story": "n"}) == ({"next-story": "n", "next-match": "no_key"}, [])


def test_a_count_is_the_number_typed() -> None:
    count = Count()
    assert [count.add_digit(digit) for digit in "10j"] == [True, True, False]
    assert [count.consume(), count.consume()] == [10, 1]


def test_a_zero_alone_begins_no_count() -> None:
    assert not Count().add_digit("0")


def test_a_key_is_named_as_the_settings_give_it() -> None:
    assert format_first_key("start", {}) == "g"
    assert format_first_key("page-down", {}) == "Space"
    assert format_first_key("start", {"start": "x,y"}) == "x"
    assert format_first_key("start", {"start": NO_KEY}) == ""
    assert format_first_key("no-such-command", {}) == ""
