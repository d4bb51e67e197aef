"""Check settings, reading data and library, and report in lines of plain text."""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
import stat
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader import __version__
from reader.config import read_config
from reader.errors import DatabaseLocked, NewerDatabase, ReaderError, StateError
from reader.library.files import find_bundled_folder, find_file, scan_folder
from reader.library.story import read_source
from reader.store.database import get_backup_folder, is_intact, list_backups
from reader.store.facts import MIGRATIONS
from reader.store.files import copy_database
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.paths import Paths


_COUNTED_ROWS: Final = {
    "stories met": "story",
    "begun": "mark WHERE mark = 'reading'",
    "finished": "mark WHERE mark = 'finished'",
    "places": "place",
    "quotes": "quote WHERE NOT gone",
    "responses": "response WHERE text <> ''",
    "lines of history": "finish WHERE NOT gone",
}
"""What is counted, and of which rows."""


class _Report:
    """Lines, each under a name, and how many of them need attention."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.problem_count = 0

    def add_line(self, name: str, text: object, *, is_problem: bool = False) -> None:
        self.problem_count += is_problem
        sign = "!" if is_problem else " "
        self.lines.append(f"{sign} {name:<10} {sanitize_line(str(text), 4_000)}".rstrip())


def run_checks(paths: Paths) -> tuple[list[str], bool]:
    """Return what there is to say of what is kept at `paths`, and whether all of it is well."""
    report = _Report()
    _report_versions(report)
    _report_config(report, paths.config)
    begun = _report_store(report, paths.state)
    report.add_line("cache", paths.index or "nowhere")
    _report_stories(report, begun)
    if report.problem_count:
        things = "thing needs" if report.problem_count == 1 else "things need"
        report.lines.append(
            f"{report.problem_count} {things} attention: see the lines that begin with !"
        )
    else:
        report.lines.append("All is well.")
    return report.lines, not report.problem_count


def _report_versions(report: _Report) -> None:
    try:
        textual = version("textual")
    except PackageNotFoundError:
        textual = "of an unknown version"
    python = f"Python {platform.python_version()}, Textual {textual}"
    report.add_line("reader", f"{__version__}, {python}, SQLite {sqlite3.sqlite_version}")


def _report_config(report: _Report, path: Path | None) -> None:
    if path is None:
        report.add_line("settings", "nowhere: there is no home folder", is_problem=True)
        return
    try:
        notes = read_config(path, {}).warnings
    except ReaderError as error:
        report.add_line("settings", error, is_problem=True)
        return
    report.add_line("settings", path if path.exists() else f"{path}: none, so all is as it comes")
    for note in notes:
        report.add_line("", note, is_problem=True)


def _report_store(report: _Report, path: Path | None) -> list[Path]:
    """Report on the memory and what stands beside it; return the files of stories begun."""
    if path is None:
        report.add_line(
            "memory", "nowhere: there is no home folder, so nothing is kept", is_problem=True
        )
        return []
    begun: list[Path] = []
    try:
        there = path.exists()
        if there:
            with contextlib.closing(copy_database(path, MIGRATIONS)) as memory:
                report.add_line("memory", f"{path}: whole, {path.stat().st_size:,} bytes")
                report.add_line("", _format_counts(memory))
                begun = _load_started_paths(memory)
        else:
            report.add_line("memory", f"{path}: not begun yet")
    except (StateError, OSError) as error:
        report.add_line("memory", f"{path}: {_format_reason(error)}", is_problem=True)
    for aside in sorted(path.parent.glob(f"{path.name}.corrupt-*")):
        if aside.suffix.removeprefix(".corrupt-").isdigit():
            report.add_line("", f"{aside.name} was set aside as damaged, and is left to you")
    _report_unwritable(report, path)
    _report_backups(report, path)
    _report_permissions(report, path)
    return begun


def _format_reason(error: StateError | OSError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "out of reach").lower()
    if isinstance(error, NewerDatabase | DatabaseLocked):
        return str(error).rpartition(": ")[2]
    return f"damaged ({error}); the next start sets it aside and takes the newest good backup"


def _format_counts(db: sqlite3.Connection) -> str:
    counts = {
        name: db.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]  # noqa: S608  our own names
        for name, rows in _COUNTED_ROWS.items()
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _load_started_paths(db: sqlite3.Connection) -> list[Path]:
    rows = db.execute("SELECT path FROM story JOIN mark ON story = id WHERE mark = 'reading'")
    return [Path(os.fsdecode(path)) for (path,) in rows]


def _report_unwritable(report: _Report, path: Path) -> None:
    """Report a folder or file that can't be written."""
    here = path if path.exists() else path.parent
    while not here.exists() and here != here.parent:
        here = here.parent
    if not os.access(here, os.W_OK) or (path.parent.exists() and not path.parent.is_dir()):
        report.add_line("", f"{here}: it can't be written, so nothing is kept", is_problem=True)


def _report_backups(report: _Report, path: Path) -> None:
    found = list_backups(path)
    if not found:
        report.add_line("backups", f"{get_backup_folder(path)}: none yet")
    for number, backup in enumerate(found):
        good = is_intact(backup)
        text = f"{backup.day} {'good' if good else f'damaged: {backup.path}'}"
        report.add_line("" if number else "backups", text, is_problem=not good)


def _report_permissions(report: _Report, path: Path) -> None:
    """Report what other people on this machine may read."""
    copies = [backup.path for backup in list_backups(path)]
    beside = [path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm")]
    for each in (path.parent, path, *beside, get_backup_folder(path), *copies):
        with contextlib.suppress(OSError):
            found = each.stat()
            if found.st_mode & 0o077:
                mode = 700 if stat.S_ISDIR(found.st_mode) else 600
                text = f"{each}: others may read it; to close it: chmod {mode} {each}"
                report.add_line("", text, is_problem=True)


def _report_stories(report: _Report, started: list[Path]) -> None:
    folder, notes = find_bundled_folder(), list[str]()
    paths = [file.path for file in scan_folder(folder, notes)]
    unreadable = dict(_find_unreadable(paths))
    report.add_line("stories", f"{folder}: {len(paths) - len(unreadable)} of {len(paths)} readable")
    for note in (*notes, *unreadable.values()):
        report.add_line("", note, is_problem=True)
    own = [path for path in started if path not in paths]
    gone = [path for path in own if find_file(path) is None]
    if own:
        report.add_line(
            "", f"{len(own)} begun elsewhere, {len(gone)} of them gone; their places stay"
        )
    for note in dict(_find_unreadable([path for path in own if path not in gone])).values():
        report.add_line("", note, is_problem=True)


def _find_unreadable(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        try:
            read_source(path)
        except ReaderError as error:
            yield path, str(error)
