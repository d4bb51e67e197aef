"""Everything that draws and takes keys. The only package that knows Textual.

This module defines `start_worker` and `run_in_thread`, with which all its modules start their
workers and threads.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import ThreadPoolExecutor

    from textual.dom import DOMNode

_Result = TypeVar("_Result")


def start_worker(
    node: DOMNode,
    group: str,
    function: Callable[..., Coroutine[Any, Any, object]],
    *arguments: object,
    exclusive: bool = True,
) -> None:
    """Run a coroutine function in a worker of `node`; cancel the group's others if `exclusive`.

    The worker calls the function itself. A coroutine made before would be reported as never
    awaited if the worker is cancelled before its first step.
    """
    call = partial(function, *arguments)
    # Textual takes a partial of a coroutine function, but its type can't say so.
    work = cast("Callable[[], object]", partial(_run_once, [call]))
    # Without a description Textual takes the `repr` of all arguments: 90 ms for a text of 20 MB.
    node.run_worker(work, group=group, description=group, exclusive=exclusive)


async def _run_once(calls: list[Callable[[], Coroutine[Any, Any, object]]]) -> None:
    """Run the one call in `calls`, and leave nothing of it in the worker.

    A worker is part of a reference cycle. The text that it parsed would live until the next
    collection of garbage, and so would what the traceback of its cancellation refers to.
    """
    import asyncio

    try:
        await calls.pop()()
    except asyncio.CancelledError as error:
        raise error.with_traceback(None)  # noqa: B904  the same error, without the frames


async def run_in_thread(function: Callable[..., _Result], *arguments: object) -> _Result:
    """Run a function in a thread and return its result, as `asyncio.to_thread` does.

    But the program ends without waiting for the thread: use it for what may be lost at any
    time, such as a value that is computed or a file that is written under another name first.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_get_thread_pool(), partial(function, *arguments))


async def run_in_own_thread(function: Callable[..., _Result], *arguments: object) -> _Result:
    """Run a function in a thread of its own, for what may wait for the network.

    The threads of `run_in_thread` are few, and a cancelled download may hold its own for a while.
    """
    import asyncio
    from concurrent.futures import Future
    from threading import Thread

    future: Future[_Result] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = function(*arguments)
        except BaseException as error:  # noqa: BLE001  it is raised in the caller
            future.set_exception(error)
        else:
            future.set_result(result)

    Thread(target=run, name="reader-add", daemon=True).start()
    return await asyncio.wrap_future(future)


def call_if_true(function: Callable[[], object], then: Callable[[], object]) -> None:
    """Run a function in such a thread; call `then` on the loop if its result is true.

    Otherwise the loop is not woken.
    """
    import asyncio

    loop = asyncio.get_running_loop()

    def run() -> None:
        if function() and not loop.is_closed():
            loop.call_soon_threadsafe(then)

    _get_thread_pool().submit(run)


@cache
def _get_thread_pool() -> ThreadPoolExecutor:
    """Return the threads that `asyncio.run` doesn't wait for, as it does for its own."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(thread_name_prefix="reader")
