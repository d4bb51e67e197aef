"""The process that describes a large file ends with the program, however early."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import PseudoTerminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]


def run(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def list_children(pid: int) -> list[str]:
    return run("pgrep", "-P", str(pid)).split()


def is_alive(pid: str) -> bool:
    return run("ps", "-o", "stat=", "-p", pid).strip()[:1] not in ("", "Z")


def test_no_process_is_left_while_a_large_file_is_described(
    write: Callable[[str, str], Path],
) -> None:
    write("large.md", "Words of a *very* long story, which take seconds to be counted. " * 300_000)
    path = write("small.md", "# Small\n\nA word.\n")
    with PseudoTerminal([str(path)]) as terminal:
        children: list[str] = []

        def has_child() -> bool:
            children[:] = list_children(terminal.pid)
            return children != []

        terminal.wait_until(has_child, "no process is started")
        terminal.write(b"q")
        assert terminal.wait() == 0
        deadline = time.monotonic() + 60  # it was killed, but the machine may be busy
        while any(map(is_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [pid for pid in children if is_alive(pid)] == []
