"""The jump list goes back and forward like a browser, across stories, and toggles."""

from __future__ import annotations

from pathlib import Path

import pytest

from reader.session.jumplist import MAX_JUMPS, JumpList, JumpPoint
from reader.text.document import Place

A, B, C = (JumpPoint(Path(f"{name}.md"), Place(number)) for number, name in enumerate("abc"))


@pytest.fixture
def jumps() -> JumpList:
    """Return the jumps of a reader who went from A to B to C."""
    jumps = JumpList()
    jumps.push(A)
    jumps.push(B)
    return jumps


def test_back_returns_the_places_in_reverse_order(jumps: JumpList) -> None:
    assert [jumps.back(C), jumps.back(B), jumps.back(A)] == [B, A, None]


def test_forward_returns_to_where_going_back_began(jumps: JumpList) -> None:
    jumps.back(C)
    jumps.back(B)
    assert [jumps.forward(A), jumps.forward(B), jumps.forward(C)] == [B, C, None]


def test_a_new_jump_clears_the_places_to_go_forward_to(jumps: JumpList) -> None:
    jumps.back(C)
    jumps.push(B)
    assert jumps.forward(A) is None


def test_the_current_place_is_skipped(jumps: JumpList) -> None:
    assert jumps.back(B) == A


def test_toggling_twice_returns_to_the_start(jumps: JumpList) -> None:
    assert [jumps.toggle(C), jumps.toggle(B)] == [B, C]


def test_an_empty_jump_list_returns_none() -> None:
    empty = JumpList()
    assert [empty.back(A), empty.forward(A), empty.toggle(A)] == [None, None, None]


def test_the_list_keeps_its_newest_places() -> None:
    jumps, here = JumpList(), JumpPoint(Path("a.md"), Place(MAX_JUMPS + 1))
    for number in range(MAX_JUMPS + 1):
        jumps.push(JumpPoint(Path("a.md"), Place(number)))
    places = []
    while (point := jumps.back(here)) is not None:
        places.append(point.place.block)
        here = point
    assert places == [*range(MAX_JUMPS, 0, -1)]
