"""What the wheel has besides the program: the completion of shells and the manual page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

import hatch_build  # noqa: E402  it lies beside the package, where hatchling looks for it


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files, built from the parser."""
    folder = tmp_path_factory.mktemp("prefix")
    for name, text in hatch_build.make_files(ROOT).items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("shell", hatch_build.SHELL_FILES)
def test_a_shell_accepts_its_completion(shell: str, folder: Path) -> None:
    path = folder / hatch_build.SHELL_FILES[shell]
    for name in ("highlights", "--rebuild", "sepia"):
        assert name.removeprefix("--") in path.read_text()
    if which(shell):
        result = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr) == (0, "")


COMPLETE = """\
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_shtab_reader 2>/dev/null
echo "${COMPREPLY[*]}"
"""


@pytest.mark.skipif(not which("bash"), reason="bash isn't installed")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["hi"], "highlights history"),
        (["la"], "lamp.md"),
        (["show", "la"], "lamp.md"),
        (["mark", "lamp.md", ""], "finished unread"),
        (["list", "--sort", "t"], "title"),
        (["list", "--in", "e"], "essays"),
        (["--theme", "se"], "sepia"),
        (["help", "ex"], "export"),
        (["index", "--r"], "--rebuild"),
    ],
)
def test_bash_completes_commands_files_options_and_their_values(
    words: list[str], expected: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "lamp.md").touch()
    (tmp_path / "essays").mkdir()
    script = folder / hatch_build.SHELL_FILES["bash"]
    argv = ["bash", "-c", COMPLETE, "bash", str(script), "reader", *words]
    assert subprocess.check_output(argv, text=True, cwd=tmp_path).strip() == expected


def test_the_manual_page_has_every_command_and_no_error(folder: Path) -> None:
    page = folder / hatch_build.MANUAL_PAGE
    text = page.read_text()
    for name in ("list", "search", "where", "resume", "random"):
        assert f"reader {name}" in text.replace("\\fB", "").replace("\\fR", "")
    assert ".SH EXAMPLES" in text
    assert ".SH EXIT STATUS" in text
    if which("mandoc"):
        argv = ["mandoc", "-T", "lint", "-W", "error", str(page)]
    elif which("man"):
        argv = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page)]
    else:
        return
    result = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_the_manual_page_says_once_what_the_options_of_every_command_do(folder: Path) -> None:
    page = (folder / hatch_build.MANUAL_PAGE).read_text().replace("\\-", "-")
    assert page.count("--private") <= 2
