"""A memory on disk with one thing in it, for tests of what becomes of the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.reading.progress import ReadStatus
from reader.store.repository import Store

if TYPE_CHECKING:
    from pathlib import Path

NOT_KEPT = "nothing will be saved"


def fill(path: Path) -> Path:
    """Make a memory at `path` in which the story `one` is finished, and return `path`."""
    state = Store.open(path)
    state.set_status("one", ReadStatus.FINISHED)
    state.close()
    return path


def mark_of_one(path: Path) -> tuple[ReadStatus, str]:
    """Return the mark of the story `one` and the notice that opening gave."""
    state = Store.open(path)
    mark, notice = state.load_story_state("one").status, state.notice
    state.close()
    return mark, notice.replace(str(path), "PATH")
