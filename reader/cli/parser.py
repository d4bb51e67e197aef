"""The parsers of the command line and their help, built from the tables of commands."""

from __future__ import annotations

import argparse
import os
import re
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NoReturn

from reader.cli.commands import OPTIONS
from reader.errors import BadUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import SupportsWrite

    from reader.cli.registry import Command

EXAMPLES: Final = """\
examples:
  reader                      the library
  reader essay.md             a file
  reader ~/essays             your own folder of Markdown files
  reader a.md b.md c.md       a library of these files, in this order
  curl -s URL.md | reader     a story from a pipe
  reader forty                the story with that word in its title
  reader forty@12             the same story, opened at its twelfth block
  reader list --json          all stories, for a script
  reader list tag:sea '<10m'  the short ones of a subject
  reader search lamp -oil     stories with one word and without the other
  reader show forty | less    a story as plain text
  reader add URL              a web page, as a story of your own library
  reader add --paste          the story in text that you copied from a page
  reader mark forty unread    set the read status of a story
  reader highlights forty     your highlights and notes in a story, as Markdown
  reader export all.json      all your reading data, for another machine
  reader doctor               check settings, reading data and stories
"""
VARIABLES: Final = """\
READER_THEME, READER_MEASURE and the other READER_ variables override config.toml;
READER_PRIVATE=1 makes every command private.
"""
_USAGE: Final = """\
reader [FILE ... | FOLDER | STORY[@ADDRESS] | -] [--theme NAME] [--private]
       reader COMMAND ...
       reader help COMMAND"""
_EXCLUDED_WORD: Final = re.compile(r"-(?!h\Z)[^-\s]")
_COMMAND_CUTOFF: Final = 0.75
"""How similar a command's name must be to be suggested, as `difflib` measures it (0 to 1)."""


def parse_arguments(
    words: Sequence[str], read: Command, commands: Sequence[Command]
) -> tuple[Command, argparse.Namespace]:
    """Return the one of `commands` that `words` name, or `read`, and its parsed arguments.

    Options may stand between other words, and those of `reader` before the command's name. Words
    without such a name are the arguments of `reader` itself. Raises `BadUsage`; prints help or the
    version and raises `SystemExit` if that is requested.
    """
    start = _count_leading_options(words)
    name = words[start] if start < len(words) else ""
    command = next((each for each in commands if each.name == name), None)
    if command is not None:
        parser = _build_parser(command, f"reader {name}", has_options=True)
        values = [*words[:start], *words[start + 1 :]]
        return command, _parse(parser, _protect_words(values, command))
    try:
        return read, _parse(_build_main_parser(read, commands), words)
    except BadUsage as error:
        if suggestion := suggest_command(name, commands):
            raise BadUsage(f"there is no command '{name}'; {suggestion}") from error
        raise


def _parse(parser: argparse.ArgumentParser, values: Sequence[str]) -> argparse.Namespace:
    """Return the parsed arguments; options may stand between other words, unless there is `--`.

    Python 3.11 loses that mark between the two passes in which it parses intermixed arguments.
    """
    parse = parser.parse_args if "--" in values else parser.parse_intermixed_args
    return parse(values)


def _protect_words(values: Sequence[str], command: Command) -> list[str]:
    """Return arguments in which `-word` of a query begins with a minus sign, U+2212.

    For argparse a hyphen begins an option. In a query both signs mean the same. Behind `--`, which
    is left out, every hyphen is one of a query.
    """
    if not any(argument.names == ("words",) for argument in command.arguments):
        return list(values)
    end = values.index("--") if "--" in values else len(values)
    return [
        f"\u2212{each[1:]}"
        if _EXCLUDED_WORD.match(each) or (i > end and each[0:1] == "-")
        else each
        for i, each in enumerate(values)
        if i != end
    ]


def _count_leading_options(words: Sequence[str]) -> int:
    """Return how many words are options of `reader` and their values, before any other word."""
    count = 0
    while count < len(words) and words[count].startswith("--") and words[count] != "--":
        count += 2 if words[count] == "--theme" else 1
    return count


def suggest_command(name: str, commands: Sequence[Command]) -> str:
    """Return what to try instead of the command `name`; empty if it is like none, or a file."""
    names = [command.name for command in commands]
    similar = get_close_matches(name, names, 1, cutoff=_COMMAND_CUTOFF)
    return f"did you mean 'reader {similar[0]}'?" if similar and not os.path.lexists(name) else ""


class _ArgumentParser(argparse.ArgumentParser):
    """Raises errors where argparse would print to standard error and exit, or ignore them."""

    def error(self, message: str) -> NoReturn:
        raise BadUsage(f"{message}; see: {self.prog} --help")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Print help or the version. argparse would ignore a full disk."""
        (file or sys.stderr).write(message)


def _build_parser(
    command: Command,
    program: str,
    *,
    usage: str | None = None,
    epilog: str = "",
    has_options: bool = False,
) -> _ArgumentParser:
    """Return the parser of a command; `has_options` adds the options of `reader` itself."""
    parser = _ArgumentParser(
        prog=program,
        description=command.help,
        usage=usage,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for argument in (*command.arguments, *(OPTIONS if has_options else ())):
        parser.add_argument(*argument.names, **argument.options)
    return parser


def _build_main_parser(read: Command, commands: Sequence[Command]) -> _ArgumentParser:
    lines = [f"  {command.name:<12}{command.help}\n" for command in commands]
    return _build_parser(
        read,
        "reader",
        usage=_USAGE,
        epilog=f"commands:\n{''.join(lines)}\n{EXAMPLES}\n{VARIABLES}",
    )


def build_whole_parser(
    read: Command, commands: Sequence[Command], *, repeats_options: bool
) -> argparse.ArgumentParser:
    """Return one parser for `reader` and all its commands, with the options of `reader` in each.

    When the program is built, the completion of shells and the manual page are made from it. In
    the page the options are not repeated.
    """
    parser = _build_parser(read, "reader", usage=_USAGE)
    choices = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in commands:
        each = choices.add_parser(command.name, help=command.help, description=command.help)
        each.prog = f"reader {command.name}"
        for argument in (*command.arguments, *(OPTIONS if repeats_options else ())):
            each.add_argument(*argument.names, **argument.options)
    return parser


def print_help(name: str | None, read: Command, commands: Sequence[Command]) -> int:
    """Print the help of the command `name`, or of `reader` itself, and return exit code 0."""
    command = next((each for each in commands if each.name == name), None)
    if name and command is None:
        advice = suggest_command(name, commands) or "see: reader --help"
        raise BadUsage(f"there is no command '{name}'; {advice}")
    parser = _build_main_parser(read, commands)
    if command is not None:
        parser = _build_parser(command, f"reader {command.name}", has_options=True)
    parser.print_help(sys.stdout)
    return 0
