"""Edit the file of a story in the reader's own editor, at the place that is on the page.

Here: which files can be edited, which program edits them, and how it is told the line.
"""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import BadUsage, UnreadableFile
from reader.library.files import find_bundled_folder
from reader.session.piped_story import PIPED_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reader.library.story import Story
    from reader.text.document import Block, Place


_VARIABLES: Final = ("VISUAL", "EDITOR")
"""The environment variables that name the editor. The first one is for editors with a screen."""
_ADVICE: Final = "set EDITOR, as in export EDITOR=nano"
_PLUS_LINE: Final = frozenset((
    "vi", "vim", "nvim", "nvi", "view", "vis", "gvim", "nano", "pico", "micro", "emacs",
    "emacsclient", "mg", "zile", "joe", "kak", "ne",
))  # fmt: skip
"""Editors that take `+LINE` before the file."""
_AFTER_COLON: Final = frozenset(("hx", "helix", "subl", "sublime_text", "zed", "zeditor"))
"""Editors that take `FILE:LINE`."""
_CODE: Final = frozenset(("code", "code-insiders", "code-oss", "codium", "vscodium", "cursor"))
"""Editors that take `-g FILE:LINE`, and wait with `-w` until the file is closed."""


def check_editable(story: Story) -> None:
    """Raise `BadUsage` if `story` has no file that is the reader's to edit."""
    if story.path == PIPED_PATH:
        raise BadUsage("This text comes from a pipe: it has no file to edit.")
    if story.path.is_relative_to(find_bundled_folder()):
        raise BadUsage("Included stories can't be edited: an update replaces them.")
    if not story.path.is_file():
        raise BadUsage(f"{story.title}: there is no file to edit.")


def find_editor(environment: Mapping[str, str]) -> list[str]:
    """Return the editor and its arguments. Raises `BadUsage` if none is set, or not rightly."""
    for variable in _VARIABLES:
        if not (text := environment.get(variable, "").strip()):
            continue
        try:
            if words := shlex.split(text):
                return words
        except ValueError as error:
            raise BadUsage(f"{variable} can't be read: {error}; {_ADVICE}") from error
    raise BadUsage(f"No editor is known: {_ADVICE}")


def make_command(editor: Sequence[str], path: Path, line: int) -> list[str]:
    """Return the command that edits the file at `path`, at a line from 1; 0 if it isn't known."""
    name, file = os.path.basename(editor[0]).lower(), str(path)  # noqa: PTH119  of a text
    if name in _CODE:
        waits = [] if {"-w", "--wait"} & {*editor[1:]} else ["-w"]
        return [*editor, *waits, *(["-g", f"{file}:{line}"] if line else [file])]
    if not line:
        return [*editor, file]
    if name.removesuffix("-nox") in _PLUS_LINE or name.startswith(("vim.", "emacs-")):
        return [*editor, f"+{line}", file]
    return [*editor, f"{file}:{line}" if name in _AFTER_COLON else file]


class EditJob(NamedTuple):
    """Finds the command that edits a story at a place of its text; may run in a worker."""

    story: Story
    editor: Sequence[str]
    blocks: Sequence[Block] = ()
    """Those of the text, if it is open."""
    place: Place | None = None
    excerpt: str = ""
    """The text that follows the place, if the text is not open; empty for the beginning."""

    def run(self) -> list[str]:
        """Return the command. Without a line if the file can't be read."""
        return make_command(self.editor, self.story.path, self._find_line())

    def _find_line(self) -> int:
        from reader.session.editing.source_lines import find_excerpt_line, find_place_line

        try:
            if self.place is not None:
                return find_place_line(self.story.path, self.blocks, self.place)
            return find_excerpt_line(self.story.path, self.excerpt) if self.excerpt else 0
        except UnreadableFile:
            return 0
