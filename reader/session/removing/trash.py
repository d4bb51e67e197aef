"""Move files to the trash, and back.

On Linux and the like that is the trash of the desktop, by version 1.0 of the trash specification
(specifications.freedesktop.org/trash-spec): file managers show it, and restore from it too. Where
there is none, as on macOS, whose trash gives nothing back to a program, and where it can't be
used, the hidden folder `.trash` beside the stories takes its place. A file is only ever renamed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from reader.paths import make_private_folder
from reader.session.read_status import TrashedFile

if TYPE_CHECKING:
    from collections.abc import Iterator


OWN_TRASH: Final = ".trash"
"""The folder in that of the reader's own stories. No scan enters it, since it is hidden."""
_MAX_SAME_NAMES: Final = 10_000
"""Files of one name in a trash."""
_MAX_NAME_BYTES: Final = 255
"""The longest name of a file on Linux and macOS."""
_MAX_STEM_BYTES: Final = 200
"""Bytes of a name that are kept, so that a number and the ending of its note fit behind them."""
_NOTE_SUFFIX: Final = ".trashinfo"


class Trash(NamedTuple):
    """A trash and what its notes say about paths."""

    folder: Path
    """The folder with `files` and `info`."""
    top: Path | None = None
    """The folder to which the paths in the notes are relative; None if they are absolute."""
    has_notes: bool = True
    """It is one of the desktop's; else it is a plain folder."""


def move_to_trash(path: Path, own_folder: Path) -> TrashedFile:
    """Move the file at `path` to the trash. Raises `OSError` if no trash takes it.

    It is the first of `find_trashes` in which that is possible; the last one is in `own_folder`.
    """
    path.lstat()  # a missing file is no fault of the trash
    for trash in find_trashes(path):
        with contextlib.suppress(OSError):
            return _move_into(trash, path)
    return _move_into(Trash(own_folder / OWN_TRASH, has_notes=False), path)


def restore(file: TrashedFile) -> None:
    """Move a file from the trash to where it was.

    Raises `FileExistsError` if there is another file now, and other kinds of `OSError`.
    """
    make_private_folder(file.path.parent, may_be_link=True)
    rename_to_new(file.trashed, file.path)
    if file.note is not None:
        with contextlib.suppress(OSError):
            file.note.unlink()


def find_trashes(path: Path) -> Iterator[Trash]:
    """Yield the desktop's trashes that a file at `path` may be renamed to, the best one first.

    Of another mount than the home folder's they are in its top folder, if nobody else can have
    put them there.
    """
    if sys.platform == "darwin":
        return
    home = _find_home_trash()
    device = os.lstat(path.parent).st_dev
    if home is not None and _find_device(home) == device:
        yield Trash(home)
        return
    top = path.parent
    while top != top.parent and not os.path.ismount(top):
        top = top.parent
    user = str(os.geteuid())
    shared = top / ".Trash"
    with contextlib.suppress(OSError):
        mode = shared.lstat().st_mode
        if stat.S_ISDIR(mode) and mode & stat.S_ISVTX:  # a link isn't a folder
            yield Trash(shared / user, top)
    yield Trash(top / f".Trash-{user}", top)


def _find_home_trash() -> Path | None:
    """Return the trash of the user's data folder; None without a home folder."""
    data = os.environ.get("XDG_DATA_HOME", "")
    home = os.environ.get("HOME", "")
    if not os.path.isabs(data):  # noqa: PTH117  of a text
        data = f"{home}/.local/share" if os.path.isabs(home) else ""  # noqa: PTH117  as above
    return Path(data, "Trash") if data else None


def _find_device(folder: Path) -> int | None:
    """Return the device on which a folder is, or will be made; None if that can't be told."""
    for each in (folder, *folder.parents):
        try:
            return each.stat().st_dev
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _move_into(trash: Trash, path: Path) -> TrashedFile:
    """Move a file into a trash under a name that is free there. Raises `OSError`."""
    make_private_folder(trash.folder, may_be_link=trash.has_notes and trash.top is None)
    files, notes = trash.folder, None
    if trash.has_notes:
        files, notes = trash.folder / "files", trash.folder / "info"
        make_private_folder(files)
        make_private_folder(notes)
    for trashed in _list_names(files, path):
        note = notes / f"{trashed.name}{_NOTE_SUFFIX}" if notes is not None else None
        with contextlib.suppress(FileExistsError):
            if note is None:
                rename_to_new(path, trashed)
            else:
                _move_with_note(path, trashed, note, _write_note(trash, path))
            return TrashedFile(path, trashed, note)
    raise FileExistsError(errno.EEXIST, "the trash is full")


def _move_with_note(path: Path, trashed: Path, note: Path, text: bytes) -> None:
    """Write a note and move a file. Raises `OSError`, and then nothing has changed."""
    # The note comes first: its name decides which of two programs gets the name.
    handle = os.open(note, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
        rename_to_new(path, trashed)
    except OSError:
        note.unlink()
        raise


def _list_names(folder: Path, path: Path) -> Iterator[Path]:
    """Yield the paths in a trash that a file can get: its own name, then numbered ones.

    A long name is shortened, since its note has a longer one.
    """
    stem = os.fsencode(path.stem)[:_MAX_STEM_BYTES].decode("utf-8", "ignore")
    is_long = len(os.fsencode(path.name)) > _MAX_NAME_BYTES - len(_NOTE_SUFFIX)
    yield folder / (f"{stem}{path.suffix}" if is_long else path.name)
    for number in range(2, _MAX_SAME_NAMES):
        yield folder / f"{stem}.{number}{path.suffix}"


def _write_note(trash: Trash, path: Path) -> bytes:
    """Return a note in the form of the specification."""
    shown = path.relative_to(trash.top) if trash.top is not None else path
    now = time.strftime("%Y-%m-%dT%H:%M:%S")
    return f"[Trash Info]\nPath={quote(os.fsencode(shown))}\nDeletionDate={now}\n".encode()


def rename_to_new(source: Path, target: Path) -> None:
    """Rename a file on one file system.

    Raises `FileExistsError` if there is anything at `target`, and other kinds of `OSError`.
    """
    # The name is taken first: a rename would replace what another program has put there.
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        source.rename(target)
    except OSError:  # nothing else: after an interrupt, the file itself may be at `target`
        target.unlink()
        raise
