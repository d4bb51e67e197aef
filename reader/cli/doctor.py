"""`reader doctor`: check settings, reading data, backups and stories, and change nothing."""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
import stat
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from reader import __version__
from reader.cli.context import choose_cache
from reader.config import read_config
from reader.errors import DatabaseCorrupt, NewerDatabase, ReaderError, StateError
from reader.library.files import find_bundled_folder, find_file
from reader.library.index import list_indexed_paths
from reader.library.scan import Folder, scan_folder
from reader.library.story import read_source
from reader.paths import check_file, check_folder
from reader.store.database import get_backup_folder, is_intact, list_backups
from reader.store.files import copy_database
from reader.store.folders import find_library_folders
from reader.store.migrations import MIGRATIONS
from reader.store.schema import FolderRow
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reader.paths import Paths


class _Count(NamedTuple):
    """What is counted in the reading data: its name and its rows."""

    singular: str
    plural: str
    rows: str
    """A table, with a condition if not all of its rows count."""


_COUNTS: Final = (
    _Count(
        "story",
        "stories",
        "story WHERE id NOT IN (SELECT story_id FROM identity WHERE merged_into <> '')",
    ),
    _Count("being read", "being read", "read_status WHERE status = 'reading'"),
    _Count("finished", "finished", "read_status WHERE status = 'finished'"),
    _Count("place", "places", "place"),
    _Count("highlight", "highlights", "highlight WHERE NOT deleted"),
    _Count("response", "responses", "response WHERE text <> ''"),
    _Count("entry of history", "entries of history", "history WHERE NOT deleted"),
    _Count("star", "stars", "star WHERE starred"),
    _Count("tag", "tags", "tag WHERE NOT deleted"),
    _Count("feed", "feeds", "feed WHERE followed"),
)
_MAX_LINE_CHARACTERS: Final = 4_000


class _Stored(NamedTuple):
    """What the reading data says of files and folders."""

    paths: Mapping[Path, bool] = MappingProxyType({})
    """The files of all stories that were open, and whether each story is being read."""
    folders: Mapping[str, FolderRow] = MappingProxyType({})


class _Report:
    """The lines of the report, and how many of them are problems."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.problem_count = 0

    def add_line(self, label: str, text: object) -> None:
        self._add("  ", label, text)

    def add_problem(self, label: str, text: object) -> None:
        self.problem_count += 1
        self._add("! ", label, text)

    def _add(self, mark: str, label: str, text: object) -> None:
        content = sanitize_line(str(text), _MAX_LINE_CHARACTERS)
        self.lines.append(f"{mark}{label:<10} {content}".rstrip())


def run_checks(paths: Paths) -> tuple[list[str], bool]:
    """Return the lines of a report on the files at `paths`, and whether there is no problem."""
    report = _Report()
    _report_versions(report)
    _report_config(report, paths.config)
    stored = _report_store(report, paths.state)
    _report_cache(report, paths)
    found = _report_stories(report, paths, stored)
    indexed = list_indexed_paths(paths.index) if paths.index and _exists(paths.index) else []
    _report_shared_ids(report, [*stored.paths, *indexed, *found])
    count = report.problem_count
    if count:
        problems = "1 problem" if count == 1 else f"{count} problems"
        report.lines.append(f"{problems}: see the lines that begin with !")
    else:
        report.lines.append("No problems found.")
    return report.lines, not count


def _report_versions(report: _Report) -> None:
    try:
        textual = version("textual")
    except PackageNotFoundError:
        textual = "of an unknown version"
    python = f"Python {platform.python_version()}, Textual {textual}"
    report.add_line("reader", f"{__version__}, {python}, SQLite {sqlite3.sqlite_version}")


def _report_config(report: _Report, path: Path | None) -> None:
    if path is None:
        report.add_problem("settings", "nowhere: there is no home folder")
        return
    from reader.cli.start import list_warnings

    config = read_config(path, os.environ)
    is_file = os.path.lexists(path) or config.warnings
    report.add_line("settings", path if is_file else f"{path}: no file, defaults are used")
    for warning in list_warnings(config):
        report.add_problem("", warning)


def _report_store(report: _Report, path: Path | None) -> _Stored:
    """Report on the reading data and the files beside it; return what is stored of files."""
    stored = _Stored()
    if path is None:
        report.add_problem("data", "nowhere: there is no home folder, so nothing is saved")
        return stored
    try:
        if os.path.lexists(path):
            with contextlib.closing(copy_database(path, MIGRATIONS)) as db:
                report.add_line("data", f"{path}: intact, {path.stat().st_size:,} bytes")
                report.add_line("", _format_counts(db))
                stored = _load_stored(db)
        else:
            report.add_line("data", f"{path}: no file yet")
    except (StateError, OSError) as error:
        report.add_problem("data", _format_problem(path, error))
    for damaged in sorted(path.parent.glob(f"{path.name}.corrupt-*")):
        if damaged.suffix.removeprefix(".corrupt-").isdigit():
            report.add_line("", f"{damaged.name}: damaged, so it was renamed and is not used")
    _report_unwritable(report, path)
    _report_backups(report, path)
    _report_permissions(report, path)
    return stored


def _format_problem(path: Path, error: StateError | OSError) -> str:
    if isinstance(error, NewerDatabase):
        return str(error)  # it names the file
    if isinstance(error, DatabaseCorrupt):
        return f"{path} is damaged ({error}); the next start renames it and recovers what it can"
    if isinstance(error, StateError):
        return f"{path}: {error}"
    reason = (error.strerror or "can't be read").lower()
    return f"{path}: {reason}"


def _format_counts(db: sqlite3.Connection) -> str:
    parts = []
    for singular, plural, rows in _COUNTS:
        count = db.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]  # noqa: S608  constants
        parts.append(f"{count:,} {singular if count == 1 else plural}")
    return ", ".join(parts)


def _load_stored(db: sqlite3.Connection) -> _Stored:
    rows = db.execute(
        "SELECT path, ifnull(status, '') = 'reading' FROM story"
        " LEFT JOIN read_status ON story_id = id"
    )
    paths = {Path(os.fsdecode(path)): bool(is_started) for path, is_started in rows}
    folders = db.execute("SELECT path, listed FROM folder ORDER BY serial")
    return _Stored(paths, {path: FolderRow(path, listed, "", "") for path, listed in folders})


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110  a folder without permission is an error for `Path`


def _report_unwritable(report: _Report, path: Path) -> None:
    """Report the file or folder because of which the reading data at `path` can't be written."""
    nearest = path if _exists(path) else path.parent
    while not _exists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    if not os.access(nearest, os.W_OK) or (_exists(path.parent) and not path.parent.is_dir()):
        report.add_problem("", f"{nearest}: can't be written, so nothing is saved")


def _report_backups(report: _Report, path: Path) -> None:
    folder = get_backup_folder(path)
    if os.path.lexists(folder):
        try:
            check_folder(folder)
            list(folder.iterdir())  # an error without permission
        except OSError as error:
            report.add_problem("backups", _format_problem(folder, error))
            return
    backups = list_backups(path)
    if not backups:
        report.add_line("backups", f"{get_backup_folder(path)}: none yet")
    for index, backup in enumerate(backups):
        label = "" if index else "backups"
        if is_intact(backup):
            report.add_line(label, f"{backup.day} intact")
        else:
            report.add_problem(label, f"{backup.day} damaged: {backup.path}")


def _report_permissions(report: _Report, path: Path) -> None:
    """Report the files and folders that other users of the computer may read."""
    journals = [path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm")]
    backups = [backup.path for backup in list_backups(path)]
    for each in (path.parent, path, *journals, get_backup_folder(path), *backups):
        with contextlib.suppress(OSError):
            mode = each.stat().st_mode
            if mode & 0o077:
                private_mode = 700 if stat.S_ISDIR(mode) else 600
                report.add_problem(
                    "",
                    f"{each}: other users may read it; to prevent that: chmod {private_mode} {each}",
                )


def _report_cache(report: _Report, paths: Paths) -> None:
    notices: list[str] = []
    choose_cache(paths.index, check_file, notices)
    choose_cache(paths.texts, check_folder, notices)
    report.add_line("cache", paths.index or "nowhere")
    for notice in notices:
        report.add_problem("", notice)


def _report_stories(report: _Report, paths: Paths, stored: _Stored) -> list[Path]:
    """Report on the bundled stories, on the library's folders, and on those read from others.

    Return the files of the library.
    """
    bundled = find_bundled_folder()
    found = _report_folder(report, "stories", Folder(bundled))
    for folder in find_library_folders(
        paths, read_config(paths.config, os.environ), stored.folders
    ):
        if os.path.isdir(folder.path):  # noqa: PTH112  it never raises
            label = "added" if folder.path == paths.stories else "folder"
            found += _report_folder(report, label, folder) if folder.path != bundled else []
        elif folder.path != paths.stories:
            report.add_problem("folder", f"{folder.path}: there is no such folder")
    known = {*found}
    others = [path for path, is_started in stored.paths.items() if is_started and path not in known]
    present = [path for path in others if find_file(path) is not None]
    if others:
        missing = len(others) - len(present)
        report.add_line(
            "",
            f"{len(others)} being read from other folders, {missing} with a missing file;"
            " their places are saved",
        )
    for problem in _find_read_errors(present):
        report.add_problem("", problem)
    return found


def _report_folder(report: _Report, name: str, folder: Folder) -> list[Path]:
    """Report how many stories of `folder` can be read, and return all of them."""
    notices = list[str]()
    found = [file.path for file in scan_folder(folder, notices)]
    errors = list(_find_read_errors(found))
    report.add_line(name, f"{folder.path}: {len(found) - len(errors)} of {len(found)} readable")
    for problem in (*notices, *errors):
        report.add_problem("", problem)
    return found


def _find_read_errors(paths: list[Path]) -> Iterator[str]:
    """Yield a message for each file that can't be read as a story."""
    for path in paths:
        try:
            read_source(path)
        except ReaderError as error:
            yield str(error)


def _report_shared_ids(report: _Report, paths: list[Path]) -> None:
    """Report the ids that several of the files at `paths` have in their front matter."""
    files: dict[str, set[Path]] = {}
    for path in [path for path in dict.fromkeys(paths) if find_file(path) is not None]:
        with contextlib.suppress(ReaderError):
            files.setdefault(read_source(path).front_matter.id, set()).add(path)
    files.pop("", None)
    for story_id, shared in sorted(files.items()):
        if len(shared) > 1:
            report.add_problem(
                "",
                f"{', '.join(map(str, sorted(shared)))}: all have the id '{story_id}';"
                " each keeps its own reading data; give each an id of its own",
            )
