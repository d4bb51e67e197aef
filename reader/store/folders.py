"""The folders of the library: those of the settings, and those that the user added.

A row of the reading data also holds how the shelf shows a folder, in the library or not.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.errors import BadUsage
from reader.library.files import BUNDLED, find_bundled_folder
from reader.library.scan import Folder
from reader.store.schema import FolderRow
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reader.config import Config
    from reader.paths import Paths
    from reader.store.records import RecordStore


LIBRARY_KEY: Final = "library"
"""The key of the row that says how the shelf shows the library as a whole."""


def make_folder_key(path: Path) -> str:
    """Return the path as it is stored. Raises `BadUsage` if its name isn't UTF-8."""
    real = Path(os.path.realpath(path))
    if real == find_bundled_folder():
        return BUNDLED
    home, text = _find_home(), str(real)
    if home and (text == home or text.startswith(f"{home}/")):
        text = f"~{text[len(home) :]}"
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadUsage(
            f"{sanitize_line(text)}: the name of this folder is not UTF-8; rename it to add it"
        ) from None
    return text


def expand_folder_key(key: str) -> Path:
    """Return the path of a stored folder on this machine."""
    if key == BUNDLED:
        return find_bundled_folder()
    return Path(_find_home() + key[1:]) if key == "~" or key.startswith("~/") else Path(key)


def _find_home() -> str:
    """Return the real path of the home folder; empty if there is none, or if it is the root."""
    home = os.path.expanduser("~")  # noqa: PTH111  this raises nothing
    return "" if home == "~" else os.path.realpath(home).rstrip("/")


def load_folders(store: RecordStore) -> dict[str, FolderRow]:
    """Return the stored folders by their paths, the one changed last at the end."""
    rows = store.select(FolderRow, "TRUE ORDER BY serial")
    return {row.path: row for row in rows}


def change_folder(store: RecordStore, key: str, change: Callable[[FolderRow], FolderRow]) -> None:
    """Save what `change` makes of the stored row of a folder, if that is different.

    Another program may change the other fields at the same time. Raises `StateError`.
    """
    row = find_folder(store, key)
    if change(row) != row:
        with store.transaction() as stamp:
            store.put(change(find_folder(store, key)), stamp)


def find_folder(store: RecordStore, key: str) -> FolderRow:
    """Return the stored row of a folder, as `get_folder` does. Raises `StateError`."""
    row = store.find(FolderRow, key)
    return get_folder({key: row} if row is not None else {}, key)


def get_folder(rows: Mapping[str, FolderRow], key: str) -> FolderRow:
    """Return the row of a folder; one that nothing is stored about is not in the library."""
    return rows.get(key) or FolderRow(key, int(key == BUNDLED), "", "")


def find_library_folders(
    paths: Paths, config: Config, rows: Mapping[str, FolderRow]
) -> list[Folder]:
    """Return the folders whose stories plain `reader` shows."""
    configured = [
        Folder(Path(os.path.expanduser(each.path)), each.name, each.sort, each.globs)  # noqa: PTH111  raises nothing
        for each in (*config.library, *config.folder)
    ]
    return list_library(paths.stories, configured, rows, has_bundled=config.bundled is not False)


def list_library(
    own: Path | None,
    configured: Sequence[Folder],
    rows: Mapping[str, FolderRow],
    *,
    has_bundled: bool,
) -> list[Folder]:
    """Return the folders whose stories plain `reader` shows, each once.

    They are the user's own, those of the settings, those that were added, and the bundled one,
    unless it is hidden by the settings or was removed. Of a folder that the settings have twice,
    what the later one says counts.
    """
    keys = [key for key, row in rows.items() if row.listed and key.startswith(("/", "~"))]
    added = [Folder(expand_folder_key(key)) for key in keys]
    bundled = find_bundled_folder()
    has_bundled = has_bundled and bool(get_folder(rows, BUNDLED).listed)
    folders = [*([Folder(own)] if own is not None else []), *configured, *added]
    by_path: dict[str, Folder] = {}
    for folder in folders:
        path = os.path.realpath(folder.path)
        before = by_path.setdefault(path, folder)
        by_path[path] = before._replace(
            name=folder.name or before.name,
            sort=folder.sort or before.sort,
            globs=(*dict.fromkeys((*before.globs, *folder.globs)),),
        )
    by_path.pop(str(bundled), None)
    return [*by_path.values(), *([Folder(bundled)] if has_bundled else [])]
