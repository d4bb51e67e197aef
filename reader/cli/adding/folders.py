"""Run `reader folder`: the folders of the library.

The list of folders is in the reading data; those of `config.toml` are listed too, but only the user
changes that file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from reader.cli.context import (
    load_config,
    make_read_only_error,
    open_store,
    print_setting_problems,
)
from reader.cli.output import print_lines
from reader.errors import BadUsage, UnknownStory
from reader.library.files import BUNDLED
from reader.paths import Paths, shorten_home
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from reader.config import Config
    from reader.store.repository import Store


def run_folder(args: argparse.Namespace) -> int:
    """Add, remove or list folders, and return the exit code. Raises `ReaderError`."""
    from reader.store.folders import change_folder, find_folder, make_folder_key

    if args.action == "list":
        if args.path is not None:
            raise BadUsage("list takes no path")
        print_setting_problems()
        with open_store(reads_only=True) as store:
            return print_lines(_format_folders(store))
    if not args.path:  # also of a variable of a script that isn't set
        raise BadUsage(f"{args.action} needs the path of a folder, or {BUNDLED}")
    is_added = args.action == "add"
    path = Path(args.path)
    # A folder that is called so is meant if it is there.
    is_bundled = args.path == BUNDLED and not path.is_dir()
    if is_added and not is_bundled and not path.is_dir():
        problem = "this is a file" if path.exists() else "there is no such folder"
        raise UnknownStory(f"{sanitize_line(args.path)}: {problem}")
    key = BUNDLED if is_bundled else make_folder_key(path)
    with open_store() as store:
        if not store.is_persistent:
            raise make_read_only_error("changed")
        row = find_folder(store.record_store, key)
        if not is_added and not row.listed:
            raise UnknownStory(_explain_missing(key, load_config()))
        change_folder(store.record_store, key, lambda row: row._replace(listed=int(is_added)))
    name = sanitize_line(key)
    if is_added:
        return print_lines(
            [f"added: {name}" if not row.listed else f"{name} is in the library already"]
        )
    return print_lines([f"removed: {name}; its files and your reading data stay"])


def _explain_missing(key: str, config: Config) -> str:
    from reader.store.folders import make_folder_key

    configured = (*config.library, *config.folder)
    if key in [make_folder_key(Path(os.path.expanduser(each.path))) for each in configured]:  # noqa: PTH111  raises nothing
        return f"{sanitize_line(key)} is in {Paths.default().config}: remove it there"
    return f"{sanitize_line(key)} is not in the library; see: reader folder list"


def _format_folders(store: Store) -> Iterator[str]:
    """Yield a line for each folder of the library: its path, and where it is from."""
    from reader.store.folders import find_library_folders, load_folders, make_folder_key

    paths = Paths.default()
    rows = load_folders(store.record_store)
    for folder in find_library_folders(paths, load_config(), rows):
        key = make_folder_key(folder.path)
        if folder.path == paths.stories:
            if not folder.path.is_dir():
                continue
            origin = "your own stories"
        elif key == BUNDLED:
            origin = "the stories that come with reader"
        else:
            origin = "added" if key in rows and rows[key].listed else "in config.toml"
        missing = "" if folder.path.is_dir() else "; there is no such folder"
        yield f"{sanitize_line(shorten_home(str(folder.path)))}  ({origin}{missing})"
