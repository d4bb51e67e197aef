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
from reader.config import load
from reader.errors import Locked, NewerState, ReaderError, StateError
from reader.library.files import bundled_folder, file_at, scan
from reader.library.story import read
from reader.store.database import backups, folder_of, is_good
from reader.store.facts import MIGRATIONS
from reader.store.files import copied
from reader.text.cells import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.paths import Paths


_COUNTS: Final = {
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
        self.wrong = 0

    def say(self, name: str, text: object, *, wrong: bool = False) -> None:
        self.wrong += wrong
        sign = "!" if wrong else " "
        self.lines.append(f"{sign} {name:<10} {clean_line(str(text), 4_000)}".rstrip())


def examined(paths: Paths) -> tuple[list[str], bool]:
    """Return what there is to say of what is kept at `paths`, and whether all of it is well."""
    report = _Report()
    _versions(report)
    _settings(report, paths.config)
    begun = _memory(report, paths.state)
    report.say("cache", paths.index or "nowhere")
    _stories(report, begun)
    if report.wrong:
        things = "thing needs" if report.wrong == 1 else "things need"
        report.lines.append(f"{report.wrong} {things} attention: see the lines that begin with !")
    else:
        report.lines.append("All is well.")
    return report.lines, not report.wrong


def _versions(report: _Report) -> None:
    try:
        textual = version("textual")
    except PackageNotFoundError:
        textual = "of an unknown version"
    python = f"Python {platform.python_version()}, Textual {textual}"
    report.say("reader", f"{__version__}, {python}, SQLite {sqlite3.sqlite_version}")


def _settings(report: _Report, path: Path | None) -> None:
    if path is None:
        report.say("settings", "nowhere: there is no home folder", wrong=True)
        return
    try:
        notes = load(path, {}).notes
    except ReaderError as error:
        report.say("settings", error, wrong=True)
        return
    report.say("settings", path if path.exists() else f"{path}: none, so all is as it comes")
    for note in notes:
        report.say("", note, wrong=True)


def _memory(report: _Report, path: Path | None) -> list[Path]:
    """Report on the memory and what stands beside it; return the files of stories begun."""
    if path is None:
        report.say("memory", "nowhere: there is no home folder, so nothing is kept", wrong=True)
        return []
    begun: list[Path] = []
    try:
        there = path.exists()
        if there:
            with contextlib.closing(copied(path, MIGRATIONS)) as memory:
                report.say("memory", f"{path}: whole, {path.stat().st_size:,} bytes")
                report.say("", _counted(memory))
                begun = _begun(memory)
        else:
            report.say("memory", f"{path}: not begun yet")
    except (StateError, OSError) as error:
        report.say("memory", f"{path}: {_reason(error)}", wrong=True)
    for aside in sorted(path.parent.glob(f"{path.name}.corrupt-*")):
        if aside.suffix.removeprefix(".corrupt-").isdigit():
            report.say("", f"{aside.name} was set aside as damaged, and is left to you")
    _writable(report, path)
    _backups(report, path)
    _permissions(report, path)
    return begun


def _reason(error: StateError | OSError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "out of reach").lower()
    if isinstance(error, NewerState | Locked):
        return str(error).rpartition(": ")[2]
    return f"damaged ({error}); the next start sets it aside and takes the newest good backup"


def _counted(memory: sqlite3.Connection) -> str:
    counts = {
        name: memory.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]  # noqa: S608  our own names
        for name, rows in _COUNTS.items()
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _begun(memory: sqlite3.Connection) -> list[Path]:
    rows = memory.execute("SELECT path FROM story JOIN mark ON story = id WHERE mark = 'reading'")
    return [Path(os.fsdecode(path)) for (path,) in rows]


def _writable(report: _Report, path: Path) -> None:
    """Report a folder or file that can't be written."""
    here = path if path.exists() else path.parent
    while not here.exists() and here != here.parent:
        here = here.parent
    if not os.access(here, os.W_OK) or (path.parent.exists() and not path.parent.is_dir()):
        report.say("", f"{here}: it can't be written, so nothing is kept", wrong=True)


def _backups(report: _Report, path: Path) -> None:
    found = backups(path)
    if not found:
        report.say("backups", f"{folder_of(path)}: none yet")
    for number, backup in enumerate(found):
        good = is_good(backup)
        text = f"{backup.day} {'good' if good else f'damaged: {backup.path}'}"
        report.say("" if number else "backups", text, wrong=not good)


def _permissions(report: _Report, path: Path) -> None:
    """Report what other people on this machine may read."""
    copies = [backup.path for backup in backups(path)]
    beside = [path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm")]
    for each in (path.parent, path, *beside, folder_of(path), *copies):
        with contextlib.suppress(OSError):
            found = each.stat()
            if found.st_mode & 0o077:
                mode = 700 if stat.S_ISDIR(found.st_mode) else 600
                text = f"{each}: others may read it; to close it: chmod {mode} {each}"
                report.say("", text, wrong=True)


def _stories(report: _Report, begun: list[Path]) -> None:
    folder, notes = bundled_folder(), list[str]()
    paths = [file.path for file in scan(folder, notes)]
    unreadable = dict(_unreadable(paths))
    report.say("stories", f"{folder}: {len(paths) - len(unreadable)} of {len(paths)} readable")
    for note in (*notes, *unreadable.values()):
        report.say("", note, wrong=True)
    own = [path for path in begun if path not in paths]
    gone = [path for path in own if file_at(path) is None]
    if own:
        report.say("", f"{len(own)} begun elsewhere, {len(gone)} of them gone; their places stay")
    for note in dict(_unreadable([path for path in own if path not in gone])).values():
        report.say("", note, wrong=True)


def _unreadable(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        try:
            read(path)
        except ReaderError as error:
            yield path, str(error)
