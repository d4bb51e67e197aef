"""The files that belong to the file of a story: what was left out of it, and its pictures.

`ingest.save` writes them beside the stories that it adds.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from reader.errors import UnreadableFile
from reader.ingest.save import PICTURE_FOLDER, REMOVED_FOLDER
from reader.library.files import STORY_SUFFIXES, read_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


_PICTURE: Final = re.compile(rf"[(<\"'=\s]{PICTURE_FOLDER}/([^\s()<>\"'/]+)".encode())
"""A picture of a story's own folder, as a link or a tag names it."""


def find_companions(paths: Collection[Path]) -> dict[Path, list[Path]]:
    """Return, by each of the files at `paths`, the files that no story needs once all are gone.

    If one of them has pictures in its folder, the other stories there are read.
    """
    companions = {path: _list_left_out(path) for path in paths}
    pictures = {path: _list_pictures(path) for path in paths if _has_pictures(path)}
    for folder in {path.parent for path in paths if companions[path] or pictures.get(path)}:
        leaving = [path for path in paths if path.parent == folder]
        names = {path.name for path in leaving}
        staying = [folder / name for name in _list_stories(folder) if name not in names]
        stems = {path.stem for path in staying}
        needed: set[str] = set()
        if any(pictures.get(path) for path in leaving):
            needed = needed.union(*map(_list_pictures, staying))
        for path in leaving:
            if path.stem in stems:
                companions[path] = []
            own = sorted(pictures.get(path, set()) - needed)
            needed.update(own)
            found = (folder / PICTURE_FOLDER / name for name in own)
            companions[path] += [each for each in found if _is_file(each)]
    return companions


def remove_empty_folders(paths: Collection[Path]) -> None:
    """Remove the folders of companions that are empty now; a story that comes back makes them."""
    for folder in {path.parent for path in paths}:
        if folder.name in (PICTURE_FOLDER, REMOVED_FOLDER):
            try:
                folder.rmdir()
            except OSError:  # another file is there
                continue


def _list_stories(folder: Path) -> list[str]:
    """Return the names of the stories in a folder."""
    try:
        with os.scandir(folder) as entries:
            return [one.name for one in entries if one.name.lower().endswith(STORY_SUFFIXES)]
    except OSError:
        return []


def _has_pictures(path: Path) -> bool:
    return (path.parent / PICTURE_FOLDER).is_dir()


def _list_left_out(path: Path) -> list[Path]:
    """Return the files in `.removed` that are named after the file at `path`."""
    folder = path.parent / REMOVED_FOLDER
    names = (f"{path.stem}.txt", f"{path.stem}.previous.md")
    return [folder / name for name in names if _is_file(folder / name)]


def _list_pictures(path: Path) -> set[str]:
    """Return the names of the pictures in the folder of pictures that a file may name."""
    try:
        data = read_bytes(path)
    except UnreadableFile:
        return set()
    return {*_decode_names(data)}


def _decode_names(data: bytes) -> Iterator[str]:
    for match in _PICTURE.finditer(data):
        name = match[1].decode("utf-8", "surrogateescape")
        yield name
        yield unquote(name)


def _is_file(path: Path) -> bool:
    """Return whether there is a regular file, reached by no link in its own folder."""
    return path.is_file() and not path.is_symlink() and not path.parent.is_symlink()
