"""An unexpected error, wherever it comes from: exit code 1, one line, and a log with the details."""

from __future__ import annotations

import asyncio
import os
import resource
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Final, TextIO

import pytest
from pseudo_terminal import READER, PseudoTerminal

from reader.cli import context
from reader.cli import main as cli_main
from reader.cli.context import KEPT_LOGS
from reader.cli.main import main
from reader.ui.signals import TerminalOutput, catch_errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.pty

HOSTILE: Final = "\x1b]0;title\x07 of \u202e" + "a story " * 1000
LINE: Final = "reader: an unexpected error ended the program: "


def fail(*_: object) -> None:
    raise ValueError(HOSTILE)


@pytest.fixture
def logs(home: Path) -> Callable[[], list[Path]]:
    """Return a function that lists the logs of errors."""
    return lambda: sorted((home / ".cache" / "essay-reader").glob("error-*.log"))


def test_an_error_of_a_command_is_one_line_and_a_log(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    logs: Callable[[], list[Path]],
) -> None:
    monkeypatch.setattr(cli_main, "_run_command", fail)
    assert main(["list"]) == 1
    (log,) = logs()
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"{LINE}ValueError: \ufffd]0;title\ufffd of \ufffda story a story")
    assert err.endswith(f"…; details: {log}\n")
    text = log.read_text()
    assert "Traceback (most recent call last):" in text
    assert "\nreader 0.1.0, Python 3." in text
    assert not {character for character in text if character < " "} - {"\n"}
    assert len(text) < 10_000
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_last_three_logs_are_kept(
    monkeypatch: pytest.MonkeyPatch, logs: Callable[[], list[Path]]
) -> None:
    monkeypatch.setattr(cli_main, "_run_command", fail)
    main(["list"])
    (first,) = logs()
    for _ in range(KEPT_LOGS):
        main(["list"])
    assert (len(logs()), first in logs()) == (3, False)


def test_a_full_disk_leaves_no_partial_log(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    logs: Callable[[], list[Path]],
) -> None:
    monkeypatch.setattr(cli_main, "_run_command", fail)
    monkeypatch.setattr(context, "_format_details", lambda *_: "x" * 10_000)
    # Python would leave incomplete bytecode of what it imports meanwhile, for other tests.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        assert main(["list"]) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert capsys.readouterr().err.endswith(": File too large\n")
    assert logs() == []


def test_a_module_that_cannot_be_loaded_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "contextvars.py").write_text("raise ImportError('\x1b[31m')")
    process = subprocess.run(
        [*READER, "list"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    line = b"reader: it can't be loaded: ImportError('\\x1b[31m')\n"
    assert (process.returncode, process.stdout, process.stderr) == (1, b"", line)


@pytest.mark.parametrize("variable", ["READER_PRIVATE", None])
def test_private_mode_writes_no_log(
    variable: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    home: Path,
) -> None:
    monkeypatch.setattr(cli_main, "_run_command", fail)
    if variable is not None:
        monkeypatch.setenv(variable, "1")
    assert main(["list"] if variable else ["--private"]) == 1
    assert capsys.readouterr().err.endswith("; no details were written: private mode\n")
    assert list(home.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    monkeypatch.setattr(cli_main, "_run_command", fail)
    (home / ".cache").write_text("in the way")
    assert main(["list"]) == 1
    folder = home / ".cache" / "essay-reader"
    reason = f"; no details could be written to {folder}: Not a directory\n"
    assert capsys.readouterr().err.endswith(reason)


PROGRAM: Final = """
import sys
from reader.cli.main import main
from reader.ui.app import ReaderApp
from reader.ui.driver import ReaderDriver
def fail(*_):
    raise ValueError("it failed")
{}
sys.exit(main())
"""
PLACES: Final = {
    "a handler": "ReaderApp.action_leave = fail",
    "the writer": "ReaderApp.action_leave = lambda app: app._driver.write(ValueError('it failed'))",
    "the driver": "ReaderDriver._request_terminal_sync_mode_support = fail",
}


@pytest.mark.parametrize("place", PLACES)
def test_an_error_in_the_app_restores_the_terminal(
    place: str, write: Callable[[str, str], Path], logs: Callable[[], list[Path]], tmp_path: Path
) -> None:
    """Standard error gets the line: the terminal, or the file that it was."""
    story = str(write("story.md", "# A story\n\nTold in a few words.\n"))
    program = PROGRAM.format(PLACES[place])
    argv: tuple[str, ...] = ()
    messages = tmp_path / "messages"
    if place == "a handler":
        argv = ("sh", "-c", f'exec "$0" "$@" 2>{messages}', sys.executable, "-c", program)
    with PseudoTerminal([story], argv=argv, source=program, columns=200) as terminal:
        before = terminal.first_modes
        if place != "the driver":
            terminal.wait_for("Told in a few words")
            terminal.write(b"q")
        assert terminal.wait() == 1
        assert (terminal.list_unrestored(), terminal.modes()) == (set(), before)
        text = messages.read_text() if place == "a handler" else terminal.text
        assert text.count(LINE) == 1
        assert "Traceback" not in text + terminal.text
    (log,) = logs()
    assert "200 columns, 24 rows" in log.read_text()


async def collect_error(start: Callable[[], object]) -> BaseException:
    """Return the error that `catch_errors` catches after `start` was called."""
    error: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
    with catch_errors(error.set_result):
        start()
        return await error


@pytest.mark.parametrize(
    "start",
    [
        lambda: asyncio.get_running_loop().call_soon(fail),
        lambda: threading.Thread(target=fail).start(),
    ],
    ids=["callback", "thread"],
)
async def test_errors_outside_handlers_are_caught(start: Callable[[], object]) -> None:
    assert isinstance(await collect_error(start), ValueError)


def open_output(handle: int) -> TextIO:
    return os.fdopen(handle, "w", encoding="utf-8")


async def test_a_broken_terminal_is_reported_and_never_raises() -> None:
    with open_output(os.open("/dev/full", os.O_WRONLY)) as full:
        error: asyncio.Future[OSError] = asyncio.get_running_loop().create_future()
        output = TerminalOutput(full, error.set_result)
        for _ in range(3):
            output.write("text")
            output.flush()
        assert (await error).strerror == "No space left on device"


async def test_a_terminal_that_another_program_made_non_blocking_gets_everything() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    received = bytearray()

    def read() -> None:
        while data := os.read(reading, 65_536):
            received.extend(data)

    with open_output(writing) as pipe:
        output = TerminalOutput(pipe, fail)
        thread = threading.Thread(target=read)
        thread.start()
        for _ in range(100):
            output.write("x" * 10_000)
        output.flush()
    thread.join()
    os.close(reading)
    assert len(received) == 1_000_000


async def test_modes_that_are_still_on_are_switched_off_in_reverse_order() -> None:
    reading, writing = os.pipe()
    with open_output(writing) as pipe:
        output = TerminalOutput(pipe, fail)
        for text in ("\x1b[?1049h", "\x1b[?25l", "\x1b[>25u", "\x1b[22;2t", "\x1b[?1004h"):
            output.write(text)
        output.write("\x1b[?1004l")
        output.restore()
        output.restore()
    assert os.read(reading, 1000) == b"\x1b[23;2t\x1b[<u\x1b[?25h\x1b[?1049l"
    os.close(reading)
