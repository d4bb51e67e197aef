"""Fetching many addresses: some at a time, one of each host at a time, in their order."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from reader.errors import FetchFailed
from reader.ingest.web.parallel import MAX_CONNECTIONS, Task, run_tasks


def test_results_and_errors_come_in_the_order_of_the_tasks() -> None:
    is_second_done = threading.Event()

    def wait() -> str:
        assert is_second_done.wait(60)
        return "first"

    def fail() -> str:
        is_second_done.set()
        raise FetchFailed("no such page")

    tasks = [Task("https://a.example/", wait), Task("https://b.example/", fail)]
    first, second = run_tasks(tasks)
    assert (first, str(second)) == ("first", "no such page")


def test_hosts_are_asked_at_the_same_time_but_each_of_them_once() -> None:
    count = 3 * MAX_CONNECTIONS
    barrier = threading.Barrier(MAX_CONNECTIONS)
    lock, running, most = threading.Lock(), dict[str, int](), dict[str, int]()

    def fetch(host: str) -> str:
        with lock:
            running[host] = running.get(host, 0) + 1
            most[host] = max(most.get(host, 0), running[host])
        if host != "same":
            barrier.wait(60)  # it breaks unless all connections are used at once
        with lock:
            running[host] -= 1
        return host

    hosts = [*(f"h{n}" for n in range(count)), *["same"] * count]
    tasks = [Task(f"https://{host}/", partial(fetch, host)) for host in hosts]
    results = run_tasks(tasks)
    assert list(results) == hosts
    assert set(most.values()) == {1}


def test_no_task_is_begun_once_the_results_are_not_wanted_and_few_wait() -> None:
    begun: list[int] = []

    def fetch(number: int) -> int:
        begun.append(number)
        return number

    results = run_tasks([Task(f"https://h{n}/", partial(fetch, n)) for n in range(200)])
    assert [next(results), next(results)] == [0, 1]
    results.close()
    assert len(begun) < 200 // 4


def refuse() -> str:
    raise ZeroDivisionError


def test_an_unexpected_error_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(run_tasks([Task("https://a.example/", refuse), Task("http://[", refuse)]))
