"""Closed and useless standard streams: the app uses the terminal itself, or one line says why not."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import READER, PseudoTerminal

from reader.paths import Paths
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

WRITE_ONLY: Final = "0>/dev/null"
FULL: Final = "2>/dev/full"


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> str:
    return str(write("story.md", "# A story\n\nTold in a few words.\n"))


def run(
    redirections: str, *arguments: str, given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the program without a terminal."""
    return subprocess.run(
        ["/bin/sh", "-c", f'"$0" "$@" {redirections}', *READER, *arguments],
        check=False,
        stdin=subprocess.DEVNULL if given is None else None,
        input=given,
        capture_output=True,
        timeout=60,
        start_new_session=True,
    )


@pytest.mark.parametrize("redirections", ["<&- >&- 2>&-", "0>/dev/tty 2>/dev/full"])
def test_the_app_uses_the_terminal_itself(redirections: str, story: str) -> None:
    argv = ("/bin/sh", "-c", f'exec "$0" "$@" {redirections}', *READER)
    with PseudoTerminal([story], argv=argv, columns=60) as terminal:
        before = terminal.first_modes
        terminal.wait_for("Told in a few words")
        terminal.resize(50, 20)
        terminal.wait_for("100 %")
        terminal.write(b"q")
        assert terminal.wait() == 0
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)
    store = Store.open(Paths.default().state)
    assert (store.notice, store.is_persistent) == ("", True)
    store.close()


def test_without_a_terminal_and_without_output_one_line_says_so(story: str) -> None:
    process = run(">&-", story)
    line = b"reader: there is no terminal, and standard output is closed\n"
    assert (process.returncode, process.stderr) == (1, line)


def test_standard_input_that_cannot_be_read_is_one_line() -> None:
    process = run(WRITE_ONLY, "show", "-")
    assert (process.returncode, process.stderr) == (
        1,
        b"reader: standard input: Bad file descriptor\n",
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="exists on Linux only")
def test_an_error_that_cannot_be_printed_has_its_exit_code() -> None:
    process = run(FULL, "show", "nowhere.md")
    assert (process.returncode, process.stdout) == (2, b"")


CLOSED: Final = """
import os, sys
os.close(0), os.close(1)
sys.stdin = sys.stdout = None
from reader.cli.main import main
main(["where"])
os.write(2, str(os.open("/", os.O_RDONLY)).encode())
"""


def test_a_file_that_is_opened_later_gets_no_number_of_a_closed_stream() -> None:
    process = subprocess.run([sys.executable, "-c", CLOSED], capture_output=True, check=True)
    assert int(process.stderr) > 2


def test_a_slow_pipe_is_shown_as_it_comes_and_is_left_at_once(tmp_path: Path) -> None:
    told, go_on = tmp_path / "told", tmp_path / "go on"
    os.mkfifo(go_on)
    writer = (
        f"printf '# Slow\\n\\nFirst words.\\n\\n'; read x <{shlex.quote(str(go_on))}; "
        f"while echo More words. && echo; do sleep 0.05; done 2>/dev/null; "
        f"echo pipe >{shlex.quote(str(told))}"
    )
    argv = ("/bin/sh", "-c", f'({writer}) | "$0" "$@"', *READER)
    with PseudoTerminal([], argv=argv) as terminal:
        before = terminal.first_modes
        terminal.wait_for("First words.")
        terminal.wait_for("more is coming")
        go_on.write_text("\n")
        terminal.wait_for("More words.")
        terminal.write(b"q")
        assert terminal.wait() == 0
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)
    assert told.read_text() == "pipe\n"


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        ((), 0, "standard input: there is no text on it; this is the library"),
        (("-",), 1, "standard input: there is no text on it"),
    ],
)
def test_an_empty_pipe_is_told(arguments: tuple[str, ...], code: int, line: str) -> None:
    process = run("", *arguments, given=b"")
    assert (process.returncode, process.stderr.decode()) == (code, f"reader: {line}\n")
