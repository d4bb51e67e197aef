"""Private mode changes no file, other users can read no file, and nothing uses the network."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import PseudoTerminal

from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.pty


LINKED: Final = "# Anna\n\nFirst [to Bert](bert.md).\n\n" + "Anna says it.\n\n" * 100
WATCH: Final = """
import os, sys

def watch(event, values):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.bind"):
        with open(os.environ["CALLED"], "a") as file:
            print(event, values, file=file)
        raise OSError("there is no network")

sys.addaudithook(watch)
"""
"""Refuses and records whatever would look up a name, connect or send."""


@pytest.fixture
def folder(write: Callable[[str, str], Path]) -> Path:
    write("bert.md", "# Bert\n\n" + "Bert says it.\n\n" * 100)
    return write("anna.md", LINKED).parent


def use_program(folder: Path, *options: str) -> None:
    """Read, mark, search, follow a link to another story, and change the width."""
    with PseudoTerminal([*options, str(folder)]) as terminal:
        terminal.wait_for("Anna")
        is_first = terminal.text.index("Anna") < terminal.text.index("Bert")
        terminal.press("g" if is_first else "G")
        terminal.write(b"\r")
        terminal.wait_for("First to Bert")
        terminal.write(b"m")
        terminal.wait_for("Anna (U undoes it)")
        terminal.press("/")
        terminal.wait_for("  /")
        terminal.press("says\r", 0.03)
        terminal.press("\x1b", 1.0)  # a key soon after it would be read as Alt with that key
        terminal.press("g\t\r")
        terminal.wait_for("Bert says it")
        terminal.press(" +")
        terminal.settle(0.6)
        terminal.write(b"q")
        assert terminal.wait() == 0


def read_files(home: Path) -> dict[str, bytes | None]:
    """Return the content of every file below `home`, by path."""
    return {
        str(path.relative_to(home)): path.read_bytes() if path.is_file() else None
        for path in home.rglob("*")
    }


def test_private_mode_changes_no_file(folder: Path, home: Path) -> None:
    use_program(folder)
    before = read_files(home)
    use_program(folder, "--private")
    assert read_files(home) == before


def test_private_mode_creates_no_file(folder: Path, home: Path) -> None:
    use_program(folder, "--private")
    assert read_files(home) == {}


@pytest.mark.parametrize("damaged", [False, True])
def test_only_the_owner_can_read_the_files(damaged: bool, folder: Path, home: Path) -> None:
    paths = Paths.default()
    if damaged:
        for path in (paths.state, paths.index):
            assert path is not None
            path.parent.mkdir(parents=True, mode=0o700)
            path.write_bytes(b"garbage" * 100)
            path.chmod(0o600)
    umask = os.umask(0)
    try:
        use_program(folder)
    finally:
        os.umask(umask)
    modes = {
        path.name: oct(path.stat().st_mode & 0o777)
        for path in home.rglob("*")
        if "essay-reader" in str(path)
    }
    folders = {"essay-reader", "backups", "texts"}
    assert {modes[name] for name in folders & set(modes)} == {"0o700"}
    assert {name: mode for name, mode in modes.items() if name not in folders} == dict.fromkeys(
        set(modes) - folders, "0o600"
    )
    assert {"state.db", "index.db"} < set(modes)


@pytest.fixture
def call_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file that lists the network calls of Python programs."""
    place = tmp_path / "watched"
    place.mkdir()
    (place / "sitecustomize.py").write_text(WATCH)
    monkeypatch.setenv("PYTHONPATH", str(place))
    monkeypatch.setenv("CALLED", str(place / "called"))
    return place / "called"


@pytest.mark.parametrize(
    "call", ["create_connection(('127.0.0.1', 9))", "getaddrinfo('example.com', 80)"]
)
def test_network_calls_are_recorded(call: str, call_log: Path) -> None:
    argv = [sys.executable, "-c", f"import socket; socket.{call}"]
    assert subprocess.run(argv, stderr=subprocess.DEVNULL, check=False).returncode == 1
    assert "socket." in call_log.read_text()


def test_reading_searching_and_following_a_link_use_no_network(
    folder: Path, call_log: Path
) -> None:
    use_program(folder)
    assert not call_log.exists()
