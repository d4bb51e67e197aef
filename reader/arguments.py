"""What may be said on the command line, and its help.

Turns words into a namespace whose `command` names what to do. Does nothing itself; what is
wrong is told in one line, as everything else that goes wrong is.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from . import __version__
from .errors import BadUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDEST: Final = 300
"""Cells that a line of `show` may take."""
EXAMPLES: Final = """\
examples:
  reader                      the library, on the shelf
  reader essay.md             read one file
  reader ~/essays             read your own folder of Markdown
  curl -s URL.md | reader     read what comes from a pipe
  reader forty                the story whose title holds that word
  reader list --json          every story, for a script
  reader show forty | less    a story as plain text
  reader mark forty unread    set a story's mark
  reader where                where settings, memory and cache are

Settings may also be given as READER_THEME and READER_MEASURE.
"""


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what `arguments` ask for; the first word is a command, or it is `read`.

    Raises `BadUsage`; prints help or version and raises `SystemExit` where that is asked for.
    """
    if arguments and arguments[0] in _COMMANDS:
        parser, words = _COMMANDS[arguments[0]](), arguments[1:]
        return parser.parse_args(words, argparse.Namespace(command=arguments[0]))
    return _read().parse_args(arguments, argparse.Namespace(command="read"))


class _Parser(argparse.ArgumentParser):
    """A parser that leaves telling errors to others."""

    def error(self, message: str) -> NoReturn:
        raise BadUsage(f"{message}; see: {self.prog} --help")


def _parser(name: str, description: str, *, epilog: str = "", usage: str | None = None) -> _Parser:
    return _Parser(
        prog=f"reader {name}".strip(),
        description=description,
        epilog=epilog,
        usage=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _read() -> _Parser:
    parser = _parser(
        "",
        "A quiet place to read essays and stories in a terminal.",
        epilog=EXAMPLES,
        usage="reader [FILE | FOLDER | STORY | -] [--theme NAME]\n"
        "       reader list | show | mark | where ...",
    )
    parser.add_argument(
        "target", nargs="?", metavar="FILE | FOLDER | STORY | -", help="what to read"
    )
    parser.add_argument(
        "--theme", help="day, sepia, dusk, night, terminal, or any theme of Textual's"
    )
    parser.add_argument("--version", action="version", version=f"reader {__version__}")
    return parser


def _list() -> _Parser:
    parser = _parser("list", "Print the stories there are, in the order of the shelf.")
    parser.add_argument("--json", action="store_true", help="as a JSON array")
    parser.add_argument("--in", dest="folder", type=Path, metavar="FOLDER", help="of that folder")
    return parser


def _show() -> _Parser:
    parser = _parser("show", "Print a story, typeset as text.")
    parser.add_argument(
        "story", help="its id, a part of its title, a file, or - for standard input"
    )
    parser.add_argument(
        "--width", type=_cells, metavar="N", help=f"cells a line may take (1 to {WIDEST})"
    )
    return parser


def _cells(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= WIDEST):
        raise argparse.ArgumentTypeError(f"'{text}': a number from 1 to {WIDEST} is needed")
    return int(text)


def _mark() -> _Parser:
    parser = _parser("mark", "Set a story's mark.")
    parser.add_argument("story", help="its id, a part of its title, or a file")
    parser.add_argument("mark", choices=["finished", "unread"])
    return parser


def _where() -> _Parser:
    return _parser("where", "Print where settings, memory, cache and stories are.")


_COMMANDS: Final[dict[str, Callable[[], _Parser]]] = {
    "list": _list,
    "show": _show,
    "mark": _mark,
    "where": _where,
}
