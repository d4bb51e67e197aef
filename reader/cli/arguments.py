"""The command line's arguments and help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from reader import __version__
from reader.errors import BadUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


MAX_WIDTH_CELLS: Final = 300
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
  reader forty@12             the story, open at its twelfth block
  reader quotes forty         what you kept of it, as Markdown
  reader export all.json      everything remembered, for another machine
  reader doctor               whether all of it is well

Settings may also be given as READER_THEME, READER_MEASURE and READER_PRIVATE.
"""


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what `arguments` ask for; the first word is a command, or it is `read`.

    Raises `BadUsage`; prints help or version and raises `SystemExit` where that is asked for.
    """
    if arguments and arguments[0] in _PARSER_BUILDERS:
        parser, words = _PARSER_BUILDERS[arguments[0]](), arguments[1:]
        return parser.parse_args(words, argparse.Namespace(command=arguments[0]))
    return _build_read_parser().parse_args(arguments, argparse.Namespace(command="read"))


class _ArgumentParser(argparse.ArgumentParser):
    """A parser that leaves telling errors to others."""

    def error(self, message: str) -> NoReturn:
        raise BadUsage(f"{message}; see: {self.prog} --help")


def _build_parser(
    name: str, description: str, *, epilog: str = "", usage: str | None = None
) -> _ArgumentParser:
    return _ArgumentParser(
        prog=f"reader {name}".strip(),
        description=description,
        epilog=epilog,
        usage=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _build_read_parser() -> _ArgumentParser:
    parser = _build_parser(
        "",
        "A quiet place to read essays and stories in a terminal.",
        epilog=EXAMPLES,
        usage="reader [FILE | FOLDER | STORY[@ADDRESS] | -] [--theme NAME] [--private]\n"
        "       reader list | show | mark | quotes | history | export | import | where | doctor ...",
    )
    parser.add_argument(
        "target", nargs="?", metavar="FILE | FOLDER | STORY | -", help="what to read"
    )
    parser.add_argument(
        "--theme", help="day, sepia, dusk, night, terminal, or any theme of Textual's"
    )
    parser.add_argument(
        "--private", action="store_true", help="read with what is remembered, and write nothing"
    )
    parser.add_argument("--version", action="version", version=f"reader {__version__}")
    return parser


def _build_list_parser() -> _ArgumentParser:
    parser = _build_parser("list", "Print the stories there are, in the order of the shelf.")
    parser.add_argument("--json", action="store_true", help="as a JSON array")
    parser.add_argument("--in", dest="folder", type=Path, metavar="FOLDER", help="of that folder")
    return parser


def _build_show_parser() -> _ArgumentParser:
    parser = _build_parser("show", "Print a story, typeset as text.")
    parser.add_argument(
        "story",
        help="its id, a part of its title, a file, or - for standard input; @ADDRESS behind it"
        " begins there",
    )
    parser.add_argument(
        "--width",
        type=_parse_width,
        metavar="N",
        help=f"cells a line may take (1 to {MAX_WIDTH_CELLS})",
    )
    return parser


def _parse_width(text: str) -> int:
    if not (
        text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_WIDTH_CELLS
    ):
        raise argparse.ArgumentTypeError(
            f"'{text}': a number from 1 to {MAX_WIDTH_CELLS} is needed"
        )
    return int(text)


def _build_mark_parser() -> _ArgumentParser:
    parser = _build_parser("mark", "Set a story's mark.")
    parser.add_argument("story", help="its id, a part of its title, or a file")
    parser.add_argument("mark", choices=["finished", "unread"])
    return parser


def _build_where_parser() -> _ArgumentParser:
    return _build_parser("where", "Print where settings, memory, cache and stories are.")


def _build_doctor_parser() -> _ArgumentParser:
    return _build_parser(
        "doctor", "Tell whether all is well with what is remembered; change nothing."
    )


def _build_highlights_parser() -> _ArgumentParser:
    parser = _build_parser("quotes", "Print what you kept and wrote, as Markdown.")
    parser.add_argument(
        "story", nargs="?", help="of one story: its id, a part of its title, a file"
    )
    parser.add_argument("--json", action="store_true", help="as a JSON array")
    return parser


def _build_history_parser() -> _ArgumentParser:
    parser = _build_parser("history", "Print what was finished when, the newest first.")
    parser.add_argument("--json", action="store_true", help="as a JSON array")
    return parser


def _build_export_parser() -> _ArgumentParser:
    parser = _build_parser("export", "Write everything remembered to one JSON file.")
    parser.add_argument("file", metavar="FILE", help="where to, or - for standard output")
    return parser


def _build_import_parser() -> _ArgumentParser:
    parser = _build_parser(
        "import", "Merge what such a file holds into what is remembered; the later change holds."
    )
    parser.add_argument("file", metavar="FILE", help="where from, or - for standard input")
    return parser


_PARSER_BUILDERS: Final[dict[str, Callable[[], _ArgumentParser]]] = {
    "list": _build_list_parser,
    "show": _build_show_parser,
    "mark": _build_mark_parser,
    "where": _build_where_parser,
    "doctor": _build_doctor_parser,
    "quotes": _build_highlights_parser,
    "history": _build_history_parser,
    "export": _build_export_parser,
    "import": _build_import_parser,
}
