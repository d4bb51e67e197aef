"""The file of the kept frame: what it depends on, and the times at which it says something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reader.drawing import kept_frame
from reader.drawing.kept_frame import (
    Interval,
    KeptFrame,
    decode_frame,
    describe_file,
    encode_frame,
    find_file,
    make_key,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FRAME = KeptFrame(
    "recent", "start ", " end", [Interval(60, ""), Interval(120, "1 minute"), Interval(180, "2")]
)


def describe(paths: Sequence[Path]) -> dict[str, str]:
    return {str(path): describe_file(str(path)) for path in paths}


HOME = {"HOME": "/home/a", "TERM": "xterm"}


@pytest.mark.parametrize(
    ("now", "text"),
    [(0, "recent"), (59, "recent"), (60, "start 1 minute end"), (179, "start 2 end"), (180, None)],
)
def test_a_kept_frame_says_how_long_ago_reading_stopped(now: float, text: str | None) -> None:
    assert FRAME.fill(now) == text


def test_a_kept_frame_is_valid_while_its_files_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "story.md"
    path.write_text("one")
    missing = tmp_path / "state.db-wal"
    data = encode_frame(FRAME, "key", describe([path, missing]), 10)
    assert decode_frame(data, "key", 70) == "start 1 minute end"
    assert decode_frame(data, "another key", 70) is None
    assert decode_frame(data, "key", 9) is None  # the clock was set back
    path.write_text("two")  # as many bytes
    assert decode_frame(data, "key", 70) is None
    path.unlink()
    assert decode_frame(data, "key", 70) is None


def test_no_file_is_looked_at_for_a_frame_of_another_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encode_frame(FRAME, "key", describe([tmp_path]), 10)
    monkeypatch.setattr(kept_frame, "describe_file", None)
    assert decode_frame(data, "another key", 70) is None


def test_a_kept_frame_is_invalid_once_a_missing_file_exists(tmp_path: Path) -> None:
    missing = tmp_path / "state.db-wal"
    data = encode_frame(FRAME, "key", describe([missing]), 10)
    missing.write_text("")
    assert decode_frame(data, "key", 70) is None


def test_a_damaged_kept_frame_is_not_shown() -> None:
    data = encode_frame(FRAME, "key", {}, 10)
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 0x20
        assert decode_frame(bytes(damaged), "key", 70) is None
        assert decode_frame(data[:position], "key", 70) is None


@pytest.mark.parametrize(
    ("words", "environment", "path"),
    [
        ([], HOME, "/home/a/.cache/essay-reader/frame"),
        (["story.md"], HOME, "/home/a/.cache/essay-reader/frame-target"),
        ([], {**HOME, "XDG_CACHE_HOME": "/c"}, "/c/essay-reader/frame"),
        ([], {}, None),
        (["a", "b"], HOME, None),
        (["--private"], HOME, None),
        (["-"], HOME, None),
        ([], {**HOME, "READER_PRIVATE": "1"}, None),
        ([], {**HOME, "READER_PRIVATE": "0"}, "/home/a/.cache/essay-reader/frame"),
    ],
)
def test_a_frame_is_kept_for_plain_starts_that_are_not_private(
    words: list[str], environment: dict[str, str], path: str | None
) -> None:
    assert find_file(words, environment, "linux") == path


@pytest.mark.parametrize(
    "change",
    [{"TERM": "linux"}, {"NO_COLOR": "1"}, {"READER_THEME": "day"}, {"TEXTUAL_FILTERS": "dim"}],
)
def test_the_key_differs_on_another_terminal_or_with_other_settings(
    change: dict[str, str],
) -> None:
    key = make_key([], HOME, (80, 24))
    assert make_key([], {**HOME, "OTHER": "x"}, (80, 24)) == key
    assert make_key([], {**HOME, **change}, (80, 24)) != key
    assert make_key([], HOME, (81, 24)) != key
    assert make_key(["a"], HOME, (80, 24)) != key
