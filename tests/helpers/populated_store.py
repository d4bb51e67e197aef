"""A store on disk with one finished story, for tests of what can happen to the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reader.reading.progress import ReadStatus
from reader.store.repository import Store

if TYPE_CHECKING:
    from pathlib import Path

NOT_SAVED = "nothing will be saved"


def fill_store(path: Path) -> Path:
    """Make a store at `path` in which the story `one` is finished, and return `path`."""
    store = Store.open(path)
    store.set_status("one", ReadStatus.FINISHED)
    store.close()
    return path


def load_status_of_one(path: Path) -> tuple[ReadStatus, str]:
    """Return the status of the story `one`, and the notice, with `PATH` for the path."""
    store = Store.open(path)
    status, notice = store.load_story_state("one").status, store.notice
    store.close()
    return status, notice.replace(str(path), "PATH")
