"""Build the completion of shells and the manual page, from the parser of the command line.

They are data of the wheel, in the folders below the prefix where shells and `man` look. `shtab` and
`argparse-manpage` are needed for the build only. An editable installation has none of them: they
would describe an earlier version of the program.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator


SHELL_FILES: Final = {
    "bash": "share/bash-completion/completions/reader",
    "zsh": "share/zsh/site-functions/_reader",
    "fish": "share/fish/vendor_completions.d/reader.fish",
}
"""Where each shell looks for the completion of a program, below the prefix."""
MANUAL_PAGE: Final = "share/man/man1/reader.1"


class ShellFilesHook(BuildHookInterface):  # type: ignore[type-arg]  # its parameter is a configuration that isn't used
    """Adds the files to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the files, and name them as data of the wheel."""
        if self.target_name != "wheel" or version == "editable":
            return
        self._folder = Path(mkdtemp(prefix="reader-build-"))
        for number, (target, text) in enumerate(make_files(Path(self.root)).items()):
            path = self._folder / str(number)
            path.write_text(text, encoding="utf-8")
            build_data["shared_data"][str(path)] = target

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Delete the files: they are in the wheel now."""
        for path in build_data["shared_data"]:
            Path(path).unlink()
        if build_data["shared_data"]:
            self._folder.rmdir()


def make_files(root: Path) -> dict[str, str]:
    """Return the texts of all files by their paths below the prefix; the program is in `root`."""
    sys.path.insert(0, str(root))
    try:
        return {path: make_completion(shell) for shell, path in SHELL_FILES.items()} | {
            MANUAL_PAGE: make_manual_page()
        }
    finally:
        sys.path.remove(str(root))


def make_completion(shell: str) -> str:
    """Return the script that completes what is typed after `reader` in a shell."""
    import shtab

    from reader.cli.main import ALL_COMMANDS, READ
    from reader.cli.parser import build_whole_parser
    from reader.drawing.styles import TERMINAL, THEME_COLOURS

    # For bash and zsh shtab completes either a command or a file as the first word.
    read = READ if shell == "fish" else READ._replace(arguments=READ.arguments[1:])
    parser = build_whole_parser(read, ALL_COMMANDS, repeats_options=True)
    files = {
        "FILE": shtab.FILE,
        "SOURCE": shtab.FILE,
        "STORY": shtab.FILE,
        "FOLDER": shtab.DIRECTORY,
    }
    words = {
        "COMMAND": [command.name for command in ALL_COMMANDS],
        "NAME": [*(colours.name for colours in THEME_COLOURS), TERMINAL],
    }
    for action in _list_actions(parser):
        name = str(action.metavar or "").partition(" ")[0]
        if action.choices is None and name in files:
            action.complete = files[name]  # type: ignore[attr-defined]  # how shtab is told
        elif action.choices is None:
            action.choices = words.get(name)
    script: str = shtab.complete(parser, shell, preamble=_PREAMBLES.get(shell, ""))
    return script.replace("      esac\n  esac\n", "        *) _files ;;\n      esac\n  esac\n")


_PREAMBLES: Final = {
    "bash": "_shtab_reader_pos_0_COMPGEN=_shtab_compgen_files\n",
    "zsh": """\
functions[_shtab_reader_names]=$functions[_shtab_reader_commands]
_shtab_reader_commands() {
  _alternative 'commands:command:_shtab_reader_names' 'files:file:_files'
}
""",
}
"""Parts of the scripts that complete files too where a command may stand."""


def _list_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its commands."""
    for action in parser._actions:  # noqa: SLF001  argparse lists them nowhere else
        yield action
        if isinstance(action.choices, dict):
            for each in action.choices.values():
                yield from _list_actions(each)


def make_manual_page() -> str:
    """Return the manual page, in the language of `man`."""
    from argparse_manpage.manpage import Manpage

    from reader import __version__
    from reader.cli.main import ALL_COMMANDS, READ
    from reader.cli.parser import EXAMPLES, VARIABLES, build_whole_parser

    page = Manpage(
        build_whole_parser(READ, ALL_COMMANDS, repeats_options=False),
        {
            "project_name": "reader",
            "version": __version__,
            "manual_title": "reader",
            "description": READ.help.rstrip("."),
        },
    )
    usages = page.parser.usage.split("\n")
    page.add_section(
        "synopsis", "=", ".nf\n" + _escape("\n".join(map(str.strip, usages))) + "\n.fi"
    )
    examples = EXAMPLES.partition("\n")[2]
    page.add_section("examples", "=", f".nf\n{_escape(examples)}.fi")
    page.add_section("environment", "=", _escape(VARIABLES))
    page.add_section("exit status", "=", _escape(_EXIT_STATUS))
    return str(page)


_EXIT_STATUS: Final = """\
0 for success; 1 for an error, which is one line on standard error; 2 for wrong usage, or a story
that isn't there; 128 and the signal's number after a signal.
"""


def _escape(text: str) -> str:
    """Return a text as `man` shows it: a backslash, a hyphen or a dot has a meaning in its language."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", text, flags=re.MULTILINE)
