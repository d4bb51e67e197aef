"""The memory of the last seven days on which it changed hands, and bringing one back.

A copy a day, made whole or not at all beside the memory, for nobody else to read. What is
broken or empty is never copied, so that it can't push out what is good. Owns the names of
the copies; when to make one is for others to say.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from .dates import to_local
from .durable import UNFINISHED, replacing
from .errors import StateError
from .schema import FACTS, MIGRATIONS
from .soundness import copied, told

if TYPE_CHECKING:
    from pathlib import Path

KEPT: Final = 7
"""Days."""
_NAME: Final = re.compile(r"state-(\d{4}-\d\d-\d\d)\.db")
_NOBODY_WRITES: Final = 3600.0
"""Seconds after which a copy that is not whole has been given up by its writer."""
_COUNTED: Final = tuple(table for table in FACTS if table not in ("story", "setting"))
"""The tables of which one row makes a memory worth keeping."""


class Backup(NamedTuple):
    """A copy of the memory, and the day it is of."""

    day: date
    path: Path


def folder_of(path: Path) -> Path:
    """Return where the copies of the memory at `path` are kept."""
    return path.parent / "backups"


def backups(path: Path) -> list[Backup]:
    """Return the copies of the memory at `path`, the newest first.

    One of a day that is yet to come was made by a clock that went wrong, and stands last.
    """
    found = []
    with contextlib.suppress(OSError):
        for file in folder_of(path).iterdir():
            named = _NAME.fullmatch(file.name)
            with contextlib.suppress(ValueError):
                found += [Backup(date.fromisoformat(named[1]), file)] if named else []
    today = _today()
    return sorted(found, key=lambda backup: (backup.day <= today, backup.day), reverse=True)


def back_up(path: Path | None, *, in_use: bool = False) -> Path | None:
    """Copy the memory at `path` if there is something in it and no copy of today yet.

    `in_use` says that this program has it open, in another thread perhaps: see `copied`.
    Returns the new copy. Takes as long as reading the whole file: a worker's job, with a
    connection of its own. Raises `StateError`.
    """
    if path is None or not path.is_file():
        return None
    copy = folder_of(path) / f"state-{_today().isoformat()}.db"
    if copy.exists():
        return None
    try:
        with contextlib.closing(copied(path, MIGRATIONS, in_use=in_use)) as memory:
            if not _holds_anything(memory):
                return None
            copy.parent.mkdir(mode=0o700, exist_ok=True)
            with replacing(copy) as fresh:
                _write(memory, fresh)
        _prune(path)
    except sqlite3.Error as error:
        raise told(error) from error
    except OSError as error:
        raise StateError(f"{copy}: {(error.strerror or 'out of reach').lower()}") from error
    return copy


def _write(memory: sqlite3.Connection, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        memory.backup(db)
        db.execute("PRAGMA journal_mode = DELETE")  # one file, which nobody has to make ready


def _holds_anything(memory: sqlite3.Connection) -> bool:
    return any(memory.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in _COUNTED)  # noqa: S608  our own names


def _prune(path: Path) -> None:
    """Remove the copies of days long past, and what was left of a copy that never was whole."""
    for backup in backups(path)[KEPT:]:
        backup.path.unlink(missing_ok=True)
    for file in folder_of(path).glob(f".state-*{UNFINISHED}*"):
        if abs(time.time() - file.stat().st_mtime) > _NOBODY_WRITES:
            file.unlink(missing_ok=True)


def is_good(backup: Backup) -> bool:
    """Tell whether a copy can be brought back; one that can't be read just now is not."""
    try:
        copied(backup.path, MIGRATIONS).close()
    except (StateError, OSError):
        return False
    return True


def newest_good(path: Path) -> Backup | None:
    """Return the newest copy of the memory at `path` that can be brought back."""
    return next((backup for backup in backups(path) if is_good(backup)), None)


def restore(backup: Backup, path: Path) -> None:
    """Put a copy of `backup` in place of the memory at `path`. Raises `OSError`."""
    with replacing(path) as fresh:
        shutil.copyfile(backup.path, fresh)


def _today() -> date:
    return to_local(datetime.now(UTC)).date()
