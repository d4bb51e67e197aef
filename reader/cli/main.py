"""The entry point: parse the arguments, run the command and report what goes wrong.

The parser and its help are built from the table of commands in `cli.commands`.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from reader.cli.commands import COMMANDS, READ
from reader.cli.context import print_error
from reader.errors import BadUsage, ReaderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.cli.commands import Command

_EXAMPLES: Final = """\
examples:
  reader                      the library
  reader essay.md             a file
  reader ~/essays             your own folder of Markdown files
  curl -s URL.md | reader     a text from a pipe
  reader forty                the story with that word in its title
  reader forty@12             the same story, opened at its twelfth block
  reader list --json          all stories, for a script
  reader show forty | less    a story as plain text
  reader mark forty unread    set the read status of a story
  reader highlights forty     your highlights and notes in a story, as Markdown
  reader export all.json      all your reading data, for another machine
  reader doctor               check settings, reading data and stories

READER_THEME, READER_MEASURE and the other READER_ variables override config.toml;
READER_PRIVATE=1 makes every command private.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv`, without the program's name, and return its exit code."""
    if sys.platform == "win32":
        print("reader runs on Linux and macOS; on Windows use it inside WSL.", file=sys.stderr)
        return 1
    _prepare_output()
    try:
        code = _run_command(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except ReaderError as error:
        return _report_error(str(error), error.exit_code)
    except BrokenPipeError:  # the program that read our output has ended
        _discard_output()
        return 0
    except OSError as error:  # such as a full disk
        _discard_output()
        return _report_error(f"{error.filename or 'output'}: {error.strerror}", 1)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return code


def _run_command(words: list[str]) -> int:
    try:
        command, args = _parse_arguments(words)
    except SystemExit:  # help or the version was printed: report a closed pipe or a full disk
        sys.stdout.flush()
        raise
    return command.run(args)


def _parse_arguments(words: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """Return the command that `words` name and its parsed arguments.

    Words that begin with no command's name are the arguments of `reader` itself. Raises
    `BadUsage`; prints help or the version and raises `SystemExit` if that is requested.
    """
    command = next((each for each in COMMANDS if words and each.name == words[0]), None)
    if command is None:
        return READ, _build_main_parser().parse_args(words)
    return command, _build_parser(command, f"reader {command.name}").parse_args(words[1:])


class _ArgumentParser(argparse.ArgumentParser):
    """Raises `BadUsage` where argparse would print to standard error and exit."""

    def error(self, message: str) -> NoReturn:
        raise BadUsage(f"{message}; see: {self.prog} --help")


def _build_parser(
    command: Command, program: str, *, usage: str | None = None, epilog: str = ""
) -> _ArgumentParser:
    parser = _ArgumentParser(
        prog=program,
        description=command.help,
        usage=usage,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for argument in command.arguments:
        parser.add_argument(*argument.names, **argument.options)
    return parser


def _build_main_parser() -> _ArgumentParser:
    commands = "".join(f"  {command.name:<12}{command.help}\n" for command in COMMANDS)
    return _build_parser(
        READ,
        "reader",
        usage="reader [FILE | FOLDER | STORY[@ADDRESS] | -] [--theme NAME] [--private]\n"
        "       reader COMMAND ...",
        epilog=f"commands:\n{commands}\n{_EXAMPLES}",
    )


def _prepare_output() -> None:
    """Make both output streams accept any text.

    A closed stream is None in Python, and a file name may hold bytes that can't be encoded.
    """
    if sys.stdout is None:
        sys.stdout = _open_null_device()
    if sys.stderr is None:
        sys.stderr = _open_null_device()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _open_null_device() -> io.TextIOWrapper:
    return Path(os.devnull).open("w")


def _discard_output() -> None:
    """Redirect standard output to nothing, so that Python's flush at exit doesn't fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_error(message: str, code: int) -> int:
    print_error(message)
    return code
