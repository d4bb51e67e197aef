"""Private mode changes no file, other users can read no file, and nothing uses the network."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from pseudo_terminal import PseudoTerminal

from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.pty


LINK_TARGET: Final = "# Bert\n\n" + "Bert says it.\n\n" * 100
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
    write("bert.md", LINK_TARGET)
    return write("anna.md", LINKED).parent


def use_program(folder: Path, *options: str) -> None:
    """Read, mark, search, follow a link to another story, and change the width."""
    with PseudoTerminal([*options, str(folder)]) as terminal:
        terminal.wait_for("Anna")
        terminal.wait_for("Bert")
        is_first = terminal.text.index("Anna") < terminal.text.index("Bert")
        terminal.write(b"g\r" if is_first else b"G\r")
        terminal.wait_for("First to Bert")
        terminal.write(b"m")
        terminal.wait_for("Anna (U undoes it)")
        terminal.write(b"/")
        terminal.wait_for("  /")
        terminal.write(b"says\r")
        terminal.wait_for("1 of 100")
        terminal.write(b"\x1b")  # the next key would be read as Alt with that key
        terminal.wait_until(lambda: "1 of 100" not in terminal.text, "matches are still shown")
        terminal.write(b"g\t\r")
        terminal.wait_for("Bert says it")
        terminal.press(" +")
        terminal.write(b"q")
        assert terminal.wait() == 0


def read_files(home: Path) -> dict[str, bytes | None]:
    """Return the content of every file below `home`, by path."""
    return {
        str(path.relative_to(home)): path.read_bytes() if path.is_file() else None
        for path in home.rglob("*")
    }


class Files(NamedTuple):
    """The files in the home folder after each of three runs, and the network calls of all."""

    home: Path
    after_first_private_run: dict[str, bytes | None]
    after_normal_run: dict[str, bytes | None]
    after_private_run: dict[str, bytes | None]
    calls: str


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Run the program in private mode, normally with a umask of 0, and in private mode again."""
    stories, home = (tmp_path_factory.mktemp(name) for name in ("stories", "home"))
    (stories / "anna.md").write_text(LINKED)
    (stories / "bert.md").write_text(LINK_TARGET)
    called = stories / "called"
    called.touch()
    found: list[dict[str, bytes | None]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        watch_network(patch, tmp_path_factory.mktemp("watch"), called)
        for options in (["--private"], [], ["--private"]):
            use_program_with_umask(stories, *options)
            found.append(read_files(home))
    first, normal, private = found
    return Files(home, first, normal, private, called.read_text())


def use_program_with_umask(folder: Path, *options: str) -> None:
    """Use the program with the umask that gives every permission."""
    umask = os.umask(0)
    try:
        use_program(folder, *options)
    finally:
        os.umask(umask)


def watch_network(patch: pytest.MonkeyPatch, folder: Path, called: Path) -> None:
    """Make Python programs list their network calls in the file `called`."""
    (folder / "sitecustomize.py").write_text(WATCH)
    patch.setenv("PYTHONPATH", str(folder))
    patch.setenv("CALLED", str(called))


def test_private_mode_creates_no_file(files: Files) -> None:
    assert files.after_first_private_run == {}


def test_private_mode_changes_no_file(files: Files) -> None:
    assert files.after_private_run == files.after_normal_run


def test_reading_searching_and_following_a_link_use_no_network(files: Files) -> None:
    assert files.calls == ""


def list_modes(home: Path) -> dict[str, str]:
    """Return the permissions of the program's files and folders by name."""
    return {
        path.name: oct(path.stat().st_mode & 0o777)
        for path in home.rglob("*")
        if "essay-reader" in str(path)
    }


def check_modes(home: Path) -> None:
    modes = list_modes(home)
    folders = {"essay-reader", "backups", "texts"}
    assert {modes[name] for name in folders & set(modes)} == {"0o700"}
    assert {name: mode for name, mode in modes.items() if name not in folders} == dict.fromkeys(
        set(modes) - folders, "0o600"
    )
    assert {"state.db", "index.db"} < set(modes)


def test_only_the_owner_can_read_the_files(files: Files) -> None:
    check_modes(files.home)


def test_only_the_owner_can_read_the_files_that_replace_damaged_ones(
    folder: Path, home: Path
) -> None:
    paths = Paths.default()
    for path in (paths.state, paths.index):
        assert path is not None
        path.parent.mkdir(parents=True, mode=0o700)
        path.write_bytes(b"garbage" * 100)
        path.chmod(0o600)
    use_program_with_umask(folder)
    check_modes(home)


@pytest.mark.parametrize(
    "call", ["create_connection(('127.0.0.1', 9))", "getaddrinfo('example.com', 80)"]
)
def test_network_calls_are_recorded(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch_network(monkeypatch, tmp_path, tmp_path / "called")
    argv = [sys.executable, "-c", f"import socket; socket.{call}"]
    assert subprocess.run(argv, stderr=subprocess.DEVNULL, check=False).returncode == 1
    assert "socket." in (tmp_path / "called").read_text()
