"""Start the program from a process that has already imported it, and run it.

Imports take two thirds of the processor time of a start, and what is made once in a process another
tenth. The server imports what first screens and keys need, and runs the app, once for all tests of
a worker, and makes a copy of itself for each start. The copy runs `python -m reader`, or the source
that a test gives, in a terminal, with the arguments, environment, folder and umask of a program
that the test would start, and as a child of the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import ctypes
import functools
import gc
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ENVIRONMENT: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **os.environ}
"""What the server is started with: the environment before a test has changed it."""
_READ_LATE: Final = (
    "HOME", "XDG_", "READER_", "SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY",
    "PYTEST_", "PWD", "OLDPWD", "TMPDIR",
)  # fmt: skip
"""Beginnings of the names of variables that no module reads while it is imported."""
_AT_EVERY_START: Final = (
    "reader.cli.main", "reader.cli.terminal", "reader.cli.keep_frame", "reader.ui.app",
    "reader.ui.start.first_frame", "reader.ui.widgets.search_bar", "reader.session.shelf.kept_order",
    "reader.store.repository", "textual.drivers.headless_driver", "textual.pilot", "textual.scrollbar",
)  # fmt: skip
"""Modules that a start imports, or the end of a run; with all that they import."""
_KEPT: Final = contextlib.ExitStack()
"""What stays as it is until a copy ends."""
_PR_SET_CHILD_SUBREAPER: Final = 36
"""From linux/prctl.h."""


def can_fork(environment: Mapping[str, str]) -> bool:
    """Return whether a copy of the server is like a program started in that environment."""
    return sys.platform == "linux" and _list_read_early(environment) == _list_read_early(
        _ENVIRONMENT
    )


def fork_program(
    terminal: str, source: str | None, arguments: Sequence[str], environment: Mapping[str, str]
) -> int:
    """Start the program, or `source`, and return the id of its process.

    It has opened the terminal with that path, as its controlling terminal, when this returns.
    """
    os.umask(umask := os.umask(0o77))
    request = {
        "terminal": terminal,
        "source": source,
        "arguments": list(arguments),
        "environment": dict(environment),
        "folder": os.getcwd(),  # noqa: PTH109  a string is sent
        "umask": umask,
    }
    server = _start_server()
    assert server.stdin is not None
    assert server.stdout is not None
    with _adopted_orphans():
        server.stdin.write(json.dumps(request).encode() + b"\n")
        server.stdin.flush()
        return int(server.stdout.readline())


def _list_read_early(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in environment.items() if not name.startswith(_READ_LATE)}


@functools.cache
def _start_server() -> subprocess.Popen[bytes]:
    """Start the server; it ends when this process does.

    It begins in a terminal, since Python makes other standard streams for files, and gets requests
    through a pipe.
    """
    requests, send = os.pipe()
    receive, replies = os.pipe()
    _, terminal = os.openpty()  # the other end stays open, else it would be no terminal
    argv = [sys.executable, __file__, str(requests), str(replies)]
    server = subprocess.Popen(
        argv,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        pass_fds=(requests, replies),
        env=_ENVIRONMENT,
        start_new_session=True,
    )
    for handle in (requests, replies, terminal):
        os.close(handle)
    server.stdin, server.stdout = os.fdopen(send, "wb"), os.fdopen(receive, "rb")
    return server


@contextlib.contextmanager
def _adopted_orphans() -> Iterator[None]:
    """Become the parent of a process whose own parent has ended, instead of process 1."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0, ctypes.get_errno()
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def serve(requests: int, replies: int) -> dict[str, Any] | None:
    """Make a copy of this process for each request, and reply with the id of the copy.

    Returns the request in a copy, and None in the server once there are no more.
    """
    from reader.ui.controllers.pacing import LATE_MODULES

    for name in (*_AT_EVERY_START, *LATE_MODULES):
        importlib.import_module(name)
    _warm_up()
    gc.collect()
    gc.freeze()  # memory that no collection writes to stays shared
    stream = os.fdopen(requests, "rb")
    while line := stream.readline():
        receive, send = os.pipe()
        if not (parent := os.fork()):
            if os.fork():
                os._exit(0)  # the copy is now a child of the test
            stream.close()
            os.close(replies)
            os.close(receive)
            return {"ready": send, **json.loads(line)}
        os.close(send)
        pid = os.read(receive, 20)
        os.close(receive)
        os.waitpid(parent, 0)
        os.write(replies, pid)
    return None


def _warm_up() -> None:
    """Run the app without a terminal, so that what a process makes once is there.

    These are style sheets, patterns, parsers and other caches, which depend on the program alone.
    They take a quarter of the processor time of a start.
    """
    from app_driver import Stage, make_numbered_story, wait_until_idle
    from parsed_css import kept_rules

    from reader.ui import _get_thread_pool

    async def use_app(folder: Path) -> None:
        stage = Stage(folder, file=folder / "a.md")
        async with stage.run() as pilot:
            await pilot.press("j", "tab", "j")
            await wait_until_idle(pilot)
        stage.session.close()

    _KEPT.enter_context(kept_rules())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        for name in ("a.md", "b.md"):
            Path(folder, name).write_text(f"# Title\n\n*One* two.\n\n{make_numbered_story(4)}")
        contextvars.copy_context().run(asyncio.run, use_app(Path(folder)))
    _get_thread_pool().shutdown()  # a copy would lack its threads
    _get_thread_pool.cache_clear()
    assert threading.active_count() == 1


def run(request: Mapping[str, Any]) -> None:
    """Be the program that was asked for, and tell the server the id of this process."""
    os.setsid()
    handle = os.open(request["terminal"], os.O_RDWR)
    for number in range(3):
        os.dup2(handle, number)
    os.close(handle)
    os.chdir(request["folder"])
    os.umask(request["umask"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[0] = request["folder"]
    sys.argv = ["reader", *request["arguments"]]
    os.write(request["ready"], b"%d\n" % os.getpid())
    os.close(request["ready"])
    if request["source"] is None:
        runpy.run_module("reader", run_name="__main__", alter_sys=True)
    else:
        exec(request["source"], {"__name__": "__main__"})  # noqa: S102  as `python -c`


if __name__ == "__main__":
    _request = serve(int(sys.argv[1]), int(sys.argv[2]))
    if _request is not None:
        run(_request)
