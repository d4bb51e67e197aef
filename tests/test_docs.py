"""The documents agree with the program: keys, commands, version and make targets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reader import __version__
from reader.cli.commands import COMMANDS
from reader.cli.main import main
from reader.ui.commands import format_key_table

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
COMMAND_NAMES = [command.name for command in COMMANDS]


def test_the_readme_has_every_key() -> None:
    assert format_key_table() in README


@pytest.mark.parametrize("command", COMMAND_NAMES)
def test_the_readme_names_every_command(command: str) -> None:
    assert f"`reader {command}" in README


@pytest.mark.parametrize("command", COMMAND_NAMES)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: reader {command}" in capsys.readouterr().out


def test_the_readme_has_every_field_of_a_listed_story(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    story = json.loads(capsys.readouterr().out)[0]
    assert [field for field in story if f"`{field}`" not in README] == []


def test_the_changelog_has_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_architecture_is_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().strip().split("\n")) <= 150


@pytest.mark.parametrize("name", ["run", "test", "check", "bench", "help"])
def test_make_has_the_targets_of_the_readme(name: str) -> None:
    assert f"\n{name}:" in (ROOT / "Makefile").read_text()
