"""Files put in place whole or not at all, for nobody else to read, by one program at a time.

A new file is written beside its place under another name, brought to the disk, and renamed.
Knows nothing of what is in the files.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_PATIENCE: Final = 2.0
"""Seconds to wait for another program to be done in a folder; it needs a hundredth of them."""
UNFINISHED: Final = ".part"
"""How the name of a file ends that is not whole yet."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield the path of an empty file of one's own that is at `path` when all went well.

    When not, what stood at `path` stands there still. Raises `OSError`.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        yield fresh
        _sync(fresh)
        fresh.replace(path)
        _sync(path.parent)
    except BaseException:  # whatever it was: the whole file, or none
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep every other program that asks for the same out of `folder`, as far as that works.

    On a file system without locks, and after `LOCK_PATIENCE`, it goes on all the same.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        ends = time.monotonic() + LOCK_PATIENCE
        while not _locked(handle) and time.monotonic() < ends:
            time.sleep(0.01)
        yield
    finally:
        os.close(handle)  # and with it the lock goes


def _locked(handle: int) -> bool:
    """Lock; tell whether there is nothing left to wait for."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
