"""A worker that describes a large file rests, and waits for the open text."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from reader.ui.controllers.pacing import LONG_PIECE_SECONDS, ListingTurns, Pacer

if TYPE_CHECKING:
    from reader.session.session import Session


def make_session(*, is_complete: bool) -> Session:
    document = SimpleNamespace(is_complete=is_complete)
    return cast("Session", SimpleNamespace(current=SimpleNamespace(document=document)))


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the rests in seconds, without resting."""
    rests: list[float] = []
    monkeypatch.setattr("reader.ui.controllers.pacing.time.sleep", rests.append)
    return rests


def work(pacer: Pacer, seconds: float) -> None:
    pacer._last = time.thread_time() - seconds  # noqa: SLF001  instead of working that long


def test_a_long_piece_is_followed_by_a_rest_of_its_length(rests: list[float]) -> None:
    pacer = Pacer(lambda: False, make_session(is_complete=True))
    work(pacer, 0.03)
    assert not pacer.must_stop()
    assert [round(rest, 2) for rest in rests] == [0.03]


def test_a_short_piece_is_followed_by_no_rest(rests: list[float]) -> None:
    pacer = Pacer(lambda: False, make_session(is_complete=True))
    work(pacer, LONG_PIECE_SECONDS / 10)
    assert not pacer.must_stop()
    assert rests == []


def test_the_clock_of_another_thread_says_nothing_about_a_piece(rests: list[float]) -> None:
    pacer = Pacer(lambda: False, make_session(is_complete=True))
    work(pacer, time.thread_time() + 1.0)  # a thread that begins has less
    with ThreadPoolExecutor(1) as pool:
        assert not pool.submit(pacer.must_stop).result()
    assert rests == []


def test_a_large_file_waits_for_the_open_text_ten_seconds_at_most(rests: list[float]) -> None:
    pacer = Pacer(lambda: False, make_session(is_complete=False))
    work(pacer, 0.03)
    assert not pacer.must_stop()
    assert round(sum(rests)) == 10


def test_a_cancelled_worker_does_not_wait(rests: list[float]) -> None:
    pacer = Pacer(lambda: True, make_session(is_complete=False))
    work(pacer, 0.03)
    assert pacer.must_stop()
    assert len(rests) == 1


async def test_who_waits_for_a_list_waits_for_the_one_that_lacks_no_change() -> None:
    turns, lists = ListingTurns(), list[int]()

    async def list_stories() -> None:
        lists.append(1)
        if len(lists) < 3:
            turns.request(is_urgent=True)
        await asyncio.sleep(0)

    await turns.wait()  # nothing is to be listed
    turns.request(is_urgent=False)
    running = asyncio.create_task(turns.run(list_stories))
    await turns.wait()
    assert len(lists) == 3
    running.cancel()


async def test_nobody_waits_for_a_list_that_is_not_made_any_more() -> None:
    turns = ListingTurns()
    turns.request(is_urgent=True)
    running = asyncio.create_task(turns.run(asyncio.Event().wait))
    waiting = asyncio.create_task(turns.wait())
    await asyncio.sleep(0)
    running.cancel()
    await waiting


@pytest.mark.parametrize(("is_urgent", "lists"), [(False, 1), (True, 2)])
async def test_only_a_list_that_is_not_urgent_is_put_off(is_urgent: bool, lists: int) -> None:
    turns, made = ListingTurns(), list[int]()

    async def list_stories() -> None:
        made.append(1)
        if len(made) == 1:
            turns.request(is_urgent=is_urgent)
            turns.put_off()
        await asyncio.sleep(0)

    turns.request(is_urgent=False)
    await turns.run(list_stories)
    assert len(made) == lists
