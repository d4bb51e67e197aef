"""Collections of garbage are short, and what is in a cycle is freed all the same."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from reader.garbage import (
    MAX_NEW_OBJECTS,
    GrowingText,
    collect_if_due,
    settle_objects,
    start_collections,
)
from reader.text.document import Block, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def _collections() -> Iterator[None]:
    """Start collections as the app does, and restore the state of the collector.

    What a test has taken out of collections stays out: all collected tests are among it.
    """
    thresholds = gc.get_threshold()
    start_collections()
    yield
    gc.set_threshold(*thresholds)


@pytest.fixture
def _no_collections() -> Iterator[None]:
    """Set the collector as it is in a command; the app of an earlier test may have set it."""
    thresholds = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*thresholds)


def make_blocks() -> list[Block]:
    return [Block(Kind.PARAGRAPH, str(number)) for number in range(MAX_NEW_OBJECTS + 1)]


@pytest.mark.usefixtures("_collections")
def test_python_makes_no_full_collection_by_itself() -> None:
    full = gc.get_stats()[2]["collections"]
    kept = [[number] for number in range(300_000)]
    assert (len(kept), gc.get_stats()[2]["collections"]) == (300_000, full)


@pytest.mark.usefixtures("_collections")
def test_the_blocks_of_a_large_text_are_taken_out_of_collections() -> None:
    before = gc.get_freeze_count()
    blocks = make_blocks()
    GrowingText().add(len(blocks))
    assert gc.get_freeze_count() - before > MAX_NEW_OBJECTS


@pytest.mark.usefixtures("_collections")
def test_garbage_among_new_objects_is_not_taken_out_with_them() -> None:
    cycle = weakref.ref(Cycle())
    settle_objects()
    assert cycle() is None


@pytest.mark.usefixtures("_collections")
def test_a_cycle_that_was_taken_out_is_collected_once_keys_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reader.garbage.MAX_OBJECTS", 1_000_000_000)  # all modules of all tests
    cycle = Cycle()
    reference = weakref.ref(cycle)
    settle_objects()
    del cycle
    while gc.get_count()[2] < 1:
        gc.collect(1)
    collect_if_due(is_resting=False)
    was_kept = reference() is not None
    collect_if_due(is_resting=True)
    assert (was_kept, reference()) == (True, None)


@pytest.mark.usefixtures("_collections")
def test_what_was_taken_out_is_not_visited_with_so_much_that_is_new_that_a_key_would_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cycle = Cycle()
    reference = weakref.ref(cycle)
    settle_objects()
    del cycle
    kept = [[number] for number in range(70_000)]
    monkeypatch.setattr("reader.garbage.MAX_OBJECTS", gc.get_freeze_count() + 40_000)
    collect_if_due(is_resting=True)
    assert (len(kept), reference() is not None) == (70_000, True)


@pytest.mark.usefixtures("_no_collections")
def test_a_command_that_only_prints_takes_nothing_out() -> None:
    before = gc.get_freeze_count()
    GrowingText().add(len(make_blocks()))
    assert gc.get_freeze_count() == before
