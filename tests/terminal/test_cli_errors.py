"""Errors of the command line are one sanitised line and an exit code."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import READER

from reader.cli.main import main
from reader.cli.terminal import can_show_styles
from reader.library import files
from reader.paths import Paths
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[str, str | bytes], Path]
    Run = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.pty


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command line and returns code, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"")))
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


USAGE = {
    ("list", "--nonsense"): "unrecognized arguments: --nonsense; see: reader list --help",
    ("list", "--in"): "argument --in: expected one argument; see: reader list --help",
    ("show",): "the following arguments are required: STORY; see: reader show --help",
    ("show", "x", "--width", "0"): (
        "argument --width: '0': a number from 1 to 300 is needed; see: reader show --help"
    ),
    ("show", "x", "--width", "301"): (
        "argument --width: '301': a number from 1 to 300 is needed; see: reader show --help"
    ),
    ("show", "x", "--width", "²"): (
        "argument --width: '²': a number from 1 to 300 is needed; see: reader show --help"
    ),
    ("one.md", "two.md"): "one.md: there is no such file",
    ("\x1b[31m\nred", "x"): "\ufffd[31m red: there is no such file",
    ("liost",): "there is no command, file or story 'liost'; did you mean 'reader list'?",
    ("liost", "--json"): "there is no command 'liost'; did you mean 'reader list'?",
    ("shwo", "forty"): "there is no command 'shwo'; did you mean 'reader show'?",
    ("--private", "shwo", "forty"): "there is no command 'shwo'; did you mean 'reader show'?",
    ("help", "liost"): "there is no command 'liost'; did you mean 'reader list'?",
    ("help", "zzz"): "there is no command 'zzz'; see: reader --help",
    ("show", "forty@abc"): (
        "'abc' is not an address; an address is BLOCK or BLOCK.OFFSET, such as 12 or 12.40"
    ),
    ("forty@0",): (
        "'0' is not an address; an address is BLOCK or BLOCK.OFFSET, such as 12 or 12.40"
    ),
    ("show", "xyzzy@abc"): "there is no file and no story 'xyzzy@abc'; see: reader list",
    ("show", "xyzzy@12"): "there is no file and no story 'xyzzy'; see: reader list",
    ("list", "--in", "nowhere"): "nowhere: there is no such folder",
    ("nowhere.md",): "nowhere.md: there is no such file",
    ("mark", "no/where", "finished"): "no/where: there is no such file",
    ("xyzzy",): "there is no file and no story 'xyzzy'; see: reader list",
    ("show", "forty secnods"): (
        "there is no file and no story 'forty secnods'; did you mean 'Forty Seconds'?"
    ),
    ("show", "the bindery"): (
        "several stories match 'the bindery': The Bindery: Paring (the-bindery-paring), "
        "The Bindery: Sewing (the-bindery-sewing)"
    ),
    ("mark", "\x9b\u202ex", "finished"): (
        "there is no file and no story '\ufffd\ufffdx'; see: reader list"
    ),
    ("",): "there is no file and no story ''; see: reader list",
    ("a\0b",): "there is no file and no story 'a\ufffdb'; see: reader list",
}


@pytest.mark.parametrize("arguments", USAGE)
def test_wrong_usage_is_one_line_with_code_2(arguments: tuple[str, ...], run: Run) -> None:
    assert run(*arguments) == (2, "", f"reader: {USAGE[arguments]}\n")


def test_an_unknown_status_is_an_error_with_code_2(run: Run) -> None:
    code, out, err = run("mark", "forty", "reading")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("reader: argument status: invalid choice: 'reading'")


def test_an_unreadable_file_is_an_error_with_code_1(run: Run, write: Write) -> None:
    path = write("bad.md", b"\0" * 100)
    result = (1, "", f"reader: {path}: not text (or not in UTF-8)\n")
    assert run("show", path) == run(path) == run("mark", path, "finished") == result


def test_a_broken_link_is_an_error_with_code_1(run: Run, write: Write) -> None:
    path = write("a.md", "text").with_name("b.md")
    path.symlink_to("nowhere")
    assert run(path) == (1, "", f"reader: {path}: there is no such file\n")


def test_showing_a_folder_is_an_error(run: Run, tmp_path: Path) -> None:
    assert run("show", tmp_path) == (1, "", f"reader: {tmp_path}: this is a folder\n")


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("list", "--help")])
def test_help_and_version_end_with_code_0(arguments: tuple[str, ...], run: Run) -> None:
    with pytest.raises(SystemExit) as exit_info:
        run(*arguments)
    assert exit_info.value.code == 0


def test_endless_standard_input_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_STORY_BYTES", 1 << 20)
    with Path("/dev/zero").open() as endless:
        monkeypatch.setattr("sys.stdin", endless)
        code = main(["show", "-"])
    assert code == 1


def get_path(name: str) -> Path:
    """Return the path of `state` or `index`."""
    paths = Paths.default()
    path = {"state": paths.state, "index": paths.index}[name]
    assert path is not None
    return path


def block_folder(name: str) -> None:
    """Create a file in place of the folder."""
    folder = get_path(name).parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")


def test_any_command_reports_a_damaged_database(run: Run) -> None:
    path = get_path("state")
    Store.open(path).close()
    path.write_bytes(b"garbage")
    code, out, err = run("list", "--json")
    assert (code, len(json.loads(out)) > 0) == (0, True)
    assert err == (
        f"reader: {path} is damaged (file is not a database); "
        "it was renamed to state.db.corrupt-1\n"
    )


def test_mark_is_refused_if_it_cannot_be_saved(run: Run) -> None:
    block_folder("state")
    code, out, err = run("mark", "forty", "finished")
    assert (code, out) == (1, "")
    assert err.endswith("reader: your reading data can't be written: nothing was marked\n")
    assert "nothing will be saved" in err


@pytest.mark.parametrize("name", ["state", "index"])
def test_stories_are_listed_and_shown_without_writing(name: str, run: Run) -> None:
    block_folder(name)
    assert "Forty Seconds" in run("list")[1]
    assert "assistant scheduler" in run("show", "forty")[1]


def test_where_creates_no_files(run: Run, home: Path) -> None:
    run("where")
    assert list(home.iterdir()) == []


def run_process(
    *arguments: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*READER, *arguments], check=False, capture_output=True, timeout=60, env=env
    )


def test_python_m_reader_is_the_command() -> None:
    process = run_process("--version")
    assert (process.returncode, process.stdout, process.stderr) == (0, b"reader 0.1.0\n", b"")


@pytest.mark.parametrize("arguments", [("list",), ("show", "errata"), ("--help",)])
def test_a_closed_pipe_is_no_error(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [*READER, *arguments], check=False, stdout=writing, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="exists on Linux only")
@pytest.mark.parametrize("arguments", [("list",), ("show", "errata")])
def test_a_full_disk_is_one_line_of_error(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            [*READER, *arguments], check=False, stdout=full, stderr=subprocess.PIPE, timeout=60
        )
    assert (process.returncode, process.stderr) == (1, b"reader: output: No space left on device\n")


def test_help_that_cannot_be_printed_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a buffer argparse gets the error of the disk, and ignores it."""

    def write(_text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sys.stdout.write", write)
    monkeypatch.setattr("reader.cli.main._discard_output", lambda: None)
    assert main(["--help"]) == 1
    assert capsys.readouterr().err == "reader: output: No space left on device\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_tolerated(closed: str) -> None:
    command = f'"$0" -m reader list {closed}'
    process = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    assert (process.returncode, process.stderr) == (0, b"")


def test_an_interrupt_exits_with_130_and_no_traceback() -> None:
    with subprocess.Popen(
        [*READER, "show", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None
        # More than a pipe holds, so this returns once the program reads the text.
        child.stdin.write(b"x" * 1_000_000)
        child.stdin.flush()
        child.send_signal(signal.SIGINT)
        assert child.stdout is not None
        assert child.stderr is not None
        assert (child.wait(30), child.stdout.read(), child.stderr.read()) == (130, b"", b"")


def test_a_name_that_is_not_utf8_is_listed_and_shown(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.md")
    try:
        (tmp_path / name).write_text("# Odd\n\nText.")
    except OSError:
        pytest.skip("file names must be UTF-8 here")
    listed = json.loads(run_process("list", "--json", "--in", str(tmp_path)).stdout)
    assert listed[0]["path"] == str(tmp_path / name)
    assert b"Text." in run_process("show", listed[0]["path"]).stdout


def test_output_in_an_ascii_locale_is_complete(run: Run) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    process = run_process("list", env=env)
    assert (process.returncode, process.stderr) == (0, b"")
    assert process.stdout.count(b"\n") == run("list")[1].count("\n")


STYLED = b"\x1b["


@pytest.mark.parametrize(
    ("env", "is_styled"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": ""}, False),
    ],
)
def test_a_terminal_supports_styles_unless_the_environment_says_otherwise(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, is_styled: bool
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert can_show_styles() is is_styled


@pytest.mark.parametrize(
    ("env", "is_styled"), [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False)]
)
def test_show_has_styles_on_a_terminal_that_supports_them(
    env: dict[str, str], *, is_styled: bool
) -> None:
    controller, terminal = os.openpty()
    child = subprocess.Popen(
        [*READER, "show", "what-the-tuner-heard"],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        env=os.environ | env,
    )
    os.close(terminal)
    output = b""
    try:
        while data := os.read(controller, 65536):
            output += data
    except OSError:  # the end, on Linux
        pass
    os.close(controller)
    assert child.wait(60) == 0
    assert b"What the Tuner Heard" in output
    assert (STYLED in output) is is_styled


def test_show_has_no_styles_in_a_pipe() -> None:
    assert b"\x1b" not in run_process("show", "errata", env=os.environ | {"TERM": "xterm"}).stdout
