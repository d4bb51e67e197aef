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
    check_keymap,
    format_first_key,
)
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
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_two_commands_share_an_id() -> None:
    assert [i for i, n in Counter(command.id for command in COMMANDS).items() if n > 1] == []


def test_an_unknown_id_gives_a_warning_with_the_nearest_id() -> None:
    assert check_keymap({"next-stroy": "w", "undo": "x"}) == (
        {"undo": "x"},
        ["config.toml: keys: there is no command 'next-stroy'; did you mean 'next-story'?"],
    )


def test_a_reassigned_key_is_removed_from_its_default_command() -> None:
    assert check_keymap({"next-story": "n"}) == ({"next-story": "n", "next-match": "no_key"}, [])


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
    assert format_first_key("no-such-command", {}) == ""
