"""Everything that draws and takes keys. The only package that knows Textual.

This module defines `start_worker`, with which all its modules start their workers.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.dom import DOMNode


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
    # Textual takes a partial of a coroutine function, but its type can't say so.
    work = cast("Callable[[], object]", partial(function, *arguments))
    node.run_worker(work, group=group, exclusive=exclusive)
