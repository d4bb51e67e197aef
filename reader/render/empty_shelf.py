"""Say why a library has no stories, and what to do."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Final

from reader.library.files import STORY_SUFFIXES
from reader.paths import shorten_home
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


MAX_LOOKED_AT: Final = 1_000
"""Entries of a folder that are looked at, to find a file that is no story."""


def explain_empty_shelf(folders: Sequence[Path], *, is_pending: bool = False) -> list[str]:
    """Return paragraphs that say that `folders` have no stories, and what to do.

    With `is_pending`, files were found that are still being read.
    """
    if is_pending:
        return ["The files are being read."]
    if not folders:
        return ["There are no stories.", "Start with a file or a folder: reader FOLDER"]
    names = ", ".join(sanitize_line(shorten_home(str(folder))) for folder in folders)
    paragraphs = [f"There are no stories in {names}."]
    if missing := [folder for folder in folders if not os.access(folder, os.R_OK | os.X_OK)]:
        name = sanitize_line(shorten_home(str(missing[0])))
        return [
            *paragraphs,
            f"{name} can't be opened: check that it is there, and its permissions.",
        ]
    other = next(filter(None, map(_find_other_file, folders)), "")
    if other:
        paragraphs.append(f"There are other files, such as {sanitize_line(other)}.")
    paragraphs.append(
        "Stories are text files whose names end in .md, .markdown, .text or another suffix of"
        " Markdown. Put one into the folder: it will be listed here."
    )
    return paragraphs


def _find_other_file(folder: Path) -> str:
    """Return the name of a file in `folder` that is no story, empty if there seems to be none.

    Only `MAX_LOOKED_AT` entries are looked at.
    """
    try:
        with os.scandir(folder) as entries:
            return min(
                (
                    entry.name
                    for entry in islice(entries, MAX_LOOKED_AT)
                    if not entry.name.startswith(".")
                    and not entry.name.lower().endswith(STORY_SUFFIXES)
                    and entry.is_file()
                ),
                default="",
            )
    except OSError:
        return ""
