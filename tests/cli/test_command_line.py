"""Every command answers as README says, with its exit code, and Textual stays out of it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING, Any

import pytest

from reader.cli import main as cli
from reader.paths import Paths
from reader.reading.progress import ReadStatus
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]
    Run = Callable[..., tuple[int, str, str]]

MATTER = """\
---
id: the-walk
title: "The 'Walk': one"
deck: Over the hill
author: Ann
date: 2021-06-12
tags: [walking, hills]
series: Walks
---
"""
TEXT = " ".join(["word"] * 530)


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an empty pipe as standard input, as in a script."""
    piped(monkeypatch, b"")


def piped(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(data)))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command line and gives back code, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def folder(write: Write) -> Path:
    """Return a folder of three stories."""
    write("walk.md", MATTER + TEXT)
    write("chairs.md", "# Two Chairs\n\nSome *words* and [a link](https://example.org/).")
    return write("plain.md", "Nothing but text.").parent


def memory() -> Store:
    return Store.open(Paths.default().state)


# list ------------------------------------------------------------------------------------


def test_list_prints_a_line_a_story_in_shelf_order(run: Run, folder: Path) -> None:
    assert run("list", "--in", folder) == (
        0,
        "○   2 min  The ‘Walk’: one — Ann\n○   1 min  Plain\n○   1 min  Two Chairs\n",
        "",
    )


def test_list_shows_the_state_of_each_story(run: Run, folder: Path) -> None:
    run("mark", folder / "plain.md", "finished")
    state = memory()
    state.add_words_read("the-walk", ((0, 265),), 530)
    state.raise_status("the-walk", ReadStatus.READING)
    state.close()
    assert run("list", "--in", folder)[1] == (
        "◐   1 min  The ‘Walk’: one — Ann\n○   1 min  Two Chairs\n✓          Plain\n"
    )


def test_json_says_what_is_known_of_a_story(run: Run, folder: Path) -> None:
    state = memory()
    state.add_words_read("the-walk", ((0, 106),), 530)
    state.raise_status("the-walk", ReadStatus.READING)
    state.close()
    code, out, err = run("list", "--json", "--in", folder)
    assert (code, err) == (0, "")
    assert json.loads(out)[0] == {
        "id": "the-walk",
        "title": "The ‘Walk’: one",
        "deck": "Over the hill",
        "author": "Ann",
        "published": "2021-06-12",
        "tags": ["walking", "hills"],
        "series": "Walks",
        "words": 530,
        "minutes": 2,
        "minutes_left": 2,
        "status": "reading",
        "progress": 0.2,
        "path": str(folder / "walk.md"),
        "folder": "stories",
    }


def test_json_says_null_for_what_is_not_known(run: Run, folder: Path) -> None:
    found: dict[str, Any] = json.loads(run("list", "--json", "--in", folder)[1])[1]
    assert len(found.pop("id")) == 12
    assert found == {
        "title": "Plain",
        "deck": None,
        "author": None,
        "published": None,
        "tags": [],
        "series": None,
        "words": 3,
        "minutes": 1,
        "minutes_left": 1,
        "status": "unread",
        "progress": 0.0,
        "path": str(folder / "plain.md"),
        "folder": "stories",
    }


def test_json_of_a_finished_story_has_nothing_left(run: Run, folder: Path) -> None:
    run("mark", folder / "walk.md", "finished")
    last = json.loads(run("list", "--json", "--in", folder)[1])[-1]
    assert (last["status"], last["progress"], last["minutes_left"]) == ("finished", 1.0, 0)


def test_an_empty_folder_is_an_empty_array(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("list", "--json", "--in", tmp_path / "empty") == (0, "[]\n", "")
    assert run("list", "--in", tmp_path / "empty") == (0, "", "")


def test_a_story_has_one_id_however_its_folder_is_named(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "link").symlink_to("stories")
    monkeypatch.chdir(folder)
    ids = {
        json.loads(run("list", "--json", "--in", way)[1])[1]["id"]
        for way in (folder, "../stories", ".", folder.parent / "link")
    }
    assert len(ids) == 1


def test_list_of_the_plain_library_shows_what_comes_with_the_program(run: Run) -> None:
    found = json.loads(run("list", "--json")[1])
    assert {"forty-seconds", "errata"} <= {story["id"] for story in found}
    assert {story["folder"] for story in found} == {"bundled"}
    assert {date.fromisoformat(story["published"]).year for story in found} == {2026}


# show ------------------------------------------------------------------------------------


def test_show_prints_the_story_as_text(run: Run, folder: Path) -> None:
    code, out, err = run("show", folder / "chairs.md")
    assert (code, err) == (0, "")
    assert [line.strip() for line in out.split("\n") if line.strip()] == [
        "Two Chairs",
        "1 min",
        "Some words and a link.",
        "◆",
    ]


def test_paragraphs_stand_apart_and_the_last_line_is_the_end(run: Run, write: Write) -> None:
    out = run("show", write("a.md", "One.\n\nTwo."))[1]
    assert "\nOne.\n\nTwo.\n" in out
    assert out.rstrip() + "\n" == out


@pytest.mark.parametrize("name", ["two-chairs", "Two Chairs", "two ch"])
def test_show_finds_a_story_by_id_title_or_a_part_of_it(name: str, run: Run) -> None:
    assert "Two Chairs" in run("show", name)[1].split("\n")


@pytest.mark.parametrize("columns", [1, 20, 66, 300])
def test_no_line_is_wider_than_was_asked_for(columns: int, run: Run, folder: Path) -> None:
    code, out, _ = run("show", folder / "chairs.md", "--width", columns)
    assert code == 0
    assert max(len(line) for line in out.split("\n")) <= columns
    assert "".join(out.split()).count("Somewordsandalink.") == 1


def test_the_measure_grows_with_the_width_that_is_asked_for(run: Run, folder: Path) -> None:
    lines = run("show", folder / "walk.md", "--width", "300")[1].split("\n")
    assert max(map(len, lines)) > 250


def test_show_reads_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"# Piped\n\nA text.")
    out = run("show", "-")[1]
    assert "Piped" in out
    assert "A text." in out


# mark, where -----------------------------------------------------------------------------


def test_mark_sets_the_state_and_says_so(run: Run, folder: Path) -> None:
    assert run("mark", folder / "walk.md", "finished") == (0, "✓ The ‘Walk’: one\n", "")
    assert memory().load_story_state("the-walk").status is ReadStatus.FINISHED
    assert run("mark", folder / "walk.md", "unread") == (0, "○ The ‘Walk’: one\n", "")
    assert memory().load_story_state("the-walk").status is ReadStatus.UNREAD


def test_mark_finds_a_story_by_name(run: Run) -> None:
    assert run("mark", "forty", "finished") == (0, "✓ Forty Seconds\n", "")


def test_where_prints_the_places(run: Run, home: Path) -> None:
    code, out, _ = run("where")
    places = dict(line.split(maxsplit=1) for line in out.strip().split("\n"))
    assert (code, list(places)) == (0, ["settings", "data", "cache", "stories"])
    assert places["data"] == str(Paths.default().state)
    assert str(home) in places["data"]
    assert places["stories"].endswith("/stories")


# Without a terminal ----------------------------------------------------------------------


def test_without_a_terminal_the_program_prints_the_list(run: Run) -> None:
    assert run() == run("list")


def test_without_a_terminal_a_folder_is_listed(run: Run, folder: Path) -> None:
    assert run(folder) == run("list", "--in", folder)


def test_without_a_terminal_a_file_is_printed(run: Run, folder: Path) -> None:
    assert run(folder / "chairs.md") == run("show", folder / "chairs.md")


def test_without_a_terminal_a_pipe_is_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"# Piped\n\nA text.")
    assert "A text." in run()[1]
    piped(monkeypatch, b"# Piped\n\nA text.")
    assert "A text." in run("-")[1]


def test_a_pipe_with_no_bytes_in_it_is_no_story(run: Run) -> None:
    assert "Forty Seconds" in run()[1]


def test_a_story_named_like_no_command_is_read(run: Run) -> None:
    # `read` is no command; a word that isn't one is a story.
    code, _, err = run("read")
    assert code == 2
    assert err.startswith("reader: there is no file and no story 'read'")


# What doesn't load what ------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        "import reader.session.session",
        "from reader.cli.main import main; main(['list'])",
        "from reader.cli.main import main; main(['show', 'errata'])",
        "from reader.cli.main import main; main(['mark', 'errata', 'finished'])",
    ],
)
def test_textual_is_not_loaded(program: str) -> None:
    source = f"{program}\nimport sys\nsys.exit('textual' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", source], check=False, stdout=subprocess.DEVNULL)
    assert ended.returncode == 0


HEAVY = {"textual", "yaml", "markdown_it", "sqlite3", "platformdirs", "asyncio", "tomllib"}


def test_the_version_is_told_without_loading_anything_heavy() -> None:
    source = """
import sys
from reader.cli.main import main
try:
    main(["--version"])
finally:
    print(sorted(set(sys.modules)), file=sys.stderr)
"""
    argv = [sys.executable, "-c", source]
    ended = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert ended.stdout == "reader 0.1.0\n"
    assert HEAVY.isdisjoint(ended.stderr.replace("'", "").strip("[]\n").split(", "))


def test_an_unchanged_library_is_listed_without_parsing() -> None:
    source = "import sys; from reader.cli.main import main; main(['list'])\n"
    source += "sys.exit('markdown_it' in sys.modules or 'yaml' in sys.modules)"
    argv = [sys.executable, "-c", source]
    codes = [subprocess.run(argv, check=False, stdout=subprocess.DEVNULL).returncode for _ in "ab"]
    assert codes == [1, 0]
