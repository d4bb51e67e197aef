"""Measure how the time of some work grows when its text gets four times as long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from reader.layout.galley import Galley
from reader.markdown.parser import parse

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 8


def seconds(work: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start


def growth(work: Callable[[str], object], text: Callable[[int], str], size: int) -> float:
    small, large = text(size), text(4 * size)
    return seconds(work, large) / max(0.002, min(seconds(work, small) for _ in range(2)))


def read_and_set(source: str) -> None:
    """Parse `source`, count its rows, and draw its first and last screenful."""
    document = parse(source)
    galley = Galley(document, 60)
    galley.set_tail(document.footnotes)
    rows = galley.count_rows(galley.first_row, galley.last_row)
    assert rows >= 0
    list(galley.draw_rows(galley.first_row, 50))
    list(galley.draw_rows(galley.shift_row(galley.last_row, -50), 50))
