"""A named FIFO is read like a pipe."""

from __future__ import annotations

import os
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from reader.cli.standard_input import is_input, take_input
from reader.errors import UnreadableFile
from reader.library.pipe import Pipe

if TYPE_CHECKING:
    from pathlib import Path


def read_fifo(path: Path, data: bytes) -> bytes:
    """Write `data` to a FIFO while the program reads it; return what it read."""
    os.mkfifo(path)
    writer = Thread(target=path.write_bytes, args=[data])
    writer.start()
    try:
        piped = take_input(str(path), on_screen=False)
    finally:
        writer.join()
    assert isinstance(piped, Pipe)
    return piped.read()


def test_a_fifo_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "story"
    assert read_fifo(path, b"# One\n\nText.") == b"# One\n\nText."
    assert is_input(str(path))
    assert not is_input(str(tmp_path))


def test_an_empty_fifo_is_not_a_story(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="there is no text on it"):
        read_fifo(tmp_path / "story", b"")
