"""Commands print what the README says, with their exit codes, and don't load Textual."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import date
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING, Any

import pytest

from reader.cli import standard_input, terminal
from reader.cli.context import open_session
from reader.cli.main import main
from reader.finding.describing import fill_catalog
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
def empty_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an empty pipe as standard input, as in a script."""
    set_stdin(monkeypatch, b"")


def set_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(data)))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command line and returns code, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def folder(write: Write) -> Path:
    """Return a folder of three stories."""
    write("walk.md", MATTER + TEXT)
    write("chairs.md", "# Two Chairs\n\nSome *words* and [a link](https://example.org/).")
    return write("plain.md", "Nothing but text.").parent


def open_store() -> Store:
    return Store.open(Paths.default().state)


def test_list_prints_a_line_for_each_story_in_shelf_order(run: Run, folder: Path) -> None:
    assert run("list", "--in", folder) == (
        0,
        "○   2 min  The ‘Walk’: one — Ann\n○   1 min  Plain\n○   1 min  Two Chairs\n",
        "",
    )


def test_list_shows_the_read_status_of_each_story(run: Run, folder: Path) -> None:
    run("mark", folder / "plain.md", "finished")
    store = open_store()
    store.add_words_read("the-walk", ((0, 265),), 530)
    store.raise_status("the-walk", ReadStatus.READING)
    store.close()
    assert run("list", "--in", folder)[1] == (
        "◐   1 min  The ‘Walk’: one — Ann\n○   1 min  Two Chairs\n✓          Plain\n"
    )


def test_json_has_the_fields_of_a_story(run: Run, folder: Path) -> None:
    store = open_store()
    store.add_words_read("the-walk", ((0, 106),), 530)
    store.raise_status("the-walk", ReadStatus.READING)
    store.close()
    code, out, err = run("list", "--json", "--in", folder)
    assert (code, err) == (0, "")
    assert json.loads(out)[0] == {
        "id": "the-walk",
        "title": "The ‘Walk’: one",
        "deck": "Over the hill",
        "author": "Ann",
        "published": "2021-06-12",
        "date": "12 June 2021",
        "tags": ["walking", "hills"],
        "own_tags": [],
        "starred": False,
        "series": "Walks",
        "words": 530,
        "minutes": 2,
        "minutes_left": 2,
        "status": "reading",
        "progress": 0.2,
        "path": str(folder / "walk.md"),
        "folder": "stories",
    }


def test_json_has_null_for_unknown_fields(run: Run, folder: Path) -> None:
    story: dict[str, Any] = json.loads(run("list", "--json", "--in", folder)[1])[1]
    assert len(story.pop("id")) == 12
    assert story == {
        "title": "Plain",
        "deck": None,
        "author": None,
        "published": None,
        "date": None,
        "tags": [],
        "own_tags": [],
        "starred": False,
        "series": None,
        "words": 3,
        "minutes": 1,
        "minutes_left": 1,
        "status": "unread",
        "progress": 0.0,
        "path": str(folder / "plain.md"),
        "folder": "stories",
    }


def test_json_of_a_finished_story_has_no_minutes_left(run: Run, folder: Path) -> None:
    run("mark", folder / "walk.md", "finished")
    last = json.loads(run("list", "--json", "--in", folder)[1])[-1]
    assert (last["status"], last["progress"], last["minutes_left"]) == ("finished", 1.0, 0)


def test_an_empty_folder_is_an_empty_array(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("list", "--json", "--in", tmp_path / "empty") == (0, "[]\n", "")
    assert run("list", "--in", tmp_path / "empty") == (0, "", "")


def test_a_story_has_one_id_for_every_name_of_its_folder(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "link").symlink_to("stories")
    monkeypatch.chdir(folder)
    ids = {
        json.loads(run("list", "--json", "--in", name)[1])[1]["id"]
        for name in (folder, "../stories", ".", folder.parent / "link")
    }
    assert len(ids) == 1


def test_list_without_a_folder_prints_the_bundled_stories(run: Run) -> None:
    stories = json.loads(run("list", "--json")[1])
    assert {"forty-seconds", "errata"} <= {story["id"] for story in stories}
    assert {story["folder"] for story in stories} == {"bundled"}
    assert {date.fromisoformat(story["published"]).year for story in stories} == {2026}


def test_show_prints_the_story_as_text(run: Run, folder: Path) -> None:
    code, out, err = run("show", folder / "chairs.md")
    assert (code, err) == (0, "")
    assert [line.strip() for line in out.split("\n") if line.strip()] == [
        "Two Chairs",
        "1 min",
        "Some words and a link [1].",
        "◆",
        "Links",
        "[1] https://example.org/",
    ]


def test_show_has_the_measure_of_the_settings(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.md", "word " * 60)
    widths = [max(map(len, run("show", path)[1].splitlines()))]
    monkeypatch.setenv("READER_MEASURE", "29")
    widths.append(max(map(len, run("show", path)[1].splitlines())))
    widths.append(max(map(len, run("show", path, "--width", "49")[1].splitlines())))
    assert widths == [64, 29, 49]


def test_paragraphs_are_separated_and_no_blank_lines_follow(run: Run, write: Write) -> None:
    out = run("show", write("a.md", "One.\n\nTwo."))[1]
    assert "\nOne.\n\nTwo.\n" in out
    assert out.rstrip() + "\n" == out


def test_show_prints_the_tabs_of_code_where_it_is_not_wrapped(run: Run, folder: Path) -> None:
    path = folder / "code.md"
    path.write_text(f"```\n\tif a:\tb\n\t{'x' * 70}\n```\n")
    _, out, _ = run("show", path, "--width", 60)
    assert "\n\tif a:\tb\n    xxx" in out


@pytest.mark.parametrize("name", ["two-chairs", "Two Chairs", "two ch"])
def test_show_finds_a_story_by_id_title_or_a_part_of_it(name: str, run: Run) -> None:
    assert "Two Chairs" in run("show", name)[1].split("\n")


@pytest.mark.parametrize("columns", [1, 20, 66, 300])
def test_no_line_exceeds_the_requested_width(columns: int, run: Run, folder: Path) -> None:
    code, out, _ = run("show", folder / "chairs.md", "--width", columns)
    assert code == 0
    assert max(len(line) for line in out.split("\n")) <= columns
    assert "".join(out.split()).count("Somewordsandalink[1].") == 1


def test_the_measure_is_the_requested_width(run: Run, folder: Path) -> None:
    lines = run("show", folder / "walk.md", "--width", "300")[1].split("\n")
    assert max(map(len, lines)) > 250


def test_show_reads_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    set_stdin(monkeypatch, b"# Piped\n\nA text.")
    out = run("show", "-")[1]
    assert "Piped" in out
    assert "A text." in out


def test_mark_sets_the_status_and_prints_it(run: Run, folder: Path) -> None:
    assert run("mark", folder / "walk.md", "finished") == (0, "✓ The ‘Walk’: one\n", "")
    assert open_store().load_story_state("the-walk").status is ReadStatus.FINISHED
    assert run("mark", folder / "walk.md", "unread") == (0, "○ The ‘Walk’: one\n", "")
    assert open_store().load_story_state("the-walk").status is ReadStatus.UNREAD


def test_mark_finds_a_story_by_name(run: Run) -> None:
    assert run("mark", "forty", "finished") == (0, "✓ Forty Seconds\n", "")


def test_where_prints_the_paths(run: Run, home: Path) -> None:
    code, out, _ = run("where")
    paths = dict(line.split(maxsplit=1) for line in out.strip().split("\n"))
    assert (code, list(paths)) == (0, ["settings", "data", "cache", "stories", "added"])
    assert paths["data"] == str(Paths.default().state)
    assert str(home) in paths["data"]
    assert paths["stories"].endswith("/stories")


def test_without_a_terminal_the_program_prints_the_list(run: Run) -> None:
    assert run() == run("list")


def test_without_a_terminal_a_folder_is_listed(run: Run, folder: Path) -> None:
    assert run(folder) == run("list", "--in", folder)


def test_without_a_terminal_a_file_is_printed(run: Run, folder: Path) -> None:
    assert run(folder / "chairs.md") == run("show", folder / "chairs.md")


def test_without_a_terminal_a_pipe_is_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    set_stdin(monkeypatch, b"# Piped\n\nA text.")
    assert "A text." in run()[1]
    set_stdin(monkeypatch, b"# Piped\n\nA text.")
    assert "A text." in run("-")[1]


def test_several_files_are_a_library_in_their_order(run: Run, write: Write) -> None:
    files = [write(f"{name}.md", f"# {name.title()}\n\nText.\n") for name in ("zoe", "ann", "bob")]
    write("other.md", "# Other\n")
    code, out, err = run(files[0], files[1], files[2], files[1])
    assert (code, [line.split()[-1] for line in out.splitlines()], err) == (
        0,
        ["Zoe", "Ann", "Bob"],
        "",
    )


def test_options_may_stand_before_and_after_the_command(run: Run, folder: Path, home: Path) -> None:
    for words in (["--private", "list"], ["--theme", "day", "list", "--private"]):
        assert run(*words, "--in", folder)[1] == run("list", "--in", folder)[1]
    assert run("--private", "mark", "forty", "finished")[2] == (
        "reader: Private mode: nothing was marked\n"
    )
    assert run("mark", "forty", "finished", "--private")[0] == 1
    assert list(home.iterdir()) == []


def test_help_prints_the_help_of_a_command(run: Run) -> None:
    assert run("help", "show")[1].startswith("usage: reader show ")
    assert run("help")[1].startswith("usage: reader [FILE")


def test_commands_that_read_create_nothing(run: Run, home: Path, write: Write) -> None:
    story = write("one.md", "# One\n\nText.\n")
    for words in (
        ["list"], ["list", "--json"], ["show", "forty"], ["show", story], ["highlights"],
        ["highlights", "forty", "--json"], ["history"], ["where"], ["doctor"], [story], [],
        ["export", "-"],
    ):  # fmt: skip
        if words != ["export", "-"]:
            assert run(*words)[0] in (0, 2), words
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "notice"),
    [
        ("9999", "The text is shorter: it has 2 blocks, so block 9999 is not in it."),
        ("2.500", "Block 2 is shorter: it has 9 characters."),
    ],
)
def test_an_address_after_the_end_of_the_text_is_reported(
    address: str, notice: str, run: Run, write: Write
) -> None:
    story = write("one.md", "# One\n\nThe text.\n\nSome end.\n")
    code, out, err = run("show", f"{story}@{address}")
    assert (code, err) == (0, f"reader: {notice}\n")
    assert "The text." not in out


def test_an_empty_pipe_is_not_a_story(run: Run) -> None:
    assert "Forty Seconds" in run()[1]


def test_a_word_that_is_no_command_is_a_story(run: Run) -> None:
    code, _, err = run("read")
    assert code == 2
    assert err.startswith("reader: there is no file and no story 'read'")
    assert run("show", "--", "-x")[2].startswith("reader: there is no file and no story '-x'")


NO_TEXTUAL = """
import sys, reader.session.session
from reader.cli.main import main
for words in ["list"], ["show", "errata"], ["mark", "errata", "finished"]:
    assert main(words) == 0
sys.exit("textual" in sys.modules)
"""


def test_sessions_and_commands_do_not_load_textual() -> None:
    argv = [sys.executable, "-c", NO_TEXTUAL]
    assert subprocess.run(argv, check=False, stdout=subprocess.DEVNULL).returncode == 0


HEAVY = {"textual", "yaml", "markdown_it", "sqlite3", "platformdirs", "asyncio", "tomllib"}


def test_printing_the_version_loads_no_heavy_module() -> None:
    source = """
import sys
from reader.cli.main import main
try:
    main(["--version"])
finally:
    print(sorted(set(sys.modules)), file=sys.stderr)
"""
    argv = [sys.executable, "-c", source]
    process = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert process.stdout == "reader 0.1.0\n"
    assert HEAVY.isdisjoint(process.stderr.replace("'", "").strip("[]\n").split(", "))


def test_listing_unchanged_stories_loads_no_parser() -> None:
    source = "import sys; from reader.cli.main import main; main(['list'])\n"
    source += "sys.exit('markdown_it' in sys.modules or 'yaml' in sys.modules)"
    argv = [sys.executable, "-c", source]
    with open_session() as session:  # `list` itself makes no index
        fill_catalog(session)
    codes = [subprocess.run(argv, check=False, stdout=subprocess.DEVNULL).returncode for _ in "ab"]
    assert codes == [0, 0]


def test_a_slow_pipe_is_waited_for_with_a_line_on_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(terminal, "INPUT_SECONDS", 0.0)
    read_piece = standard_input._read_piece  # noqa: SLF001  where the program waits

    def write_and_read(stdin: Any) -> bytes:
        with suppress(OSError):
            os.write(writing, b"The text.")
            os.close(writing)
        return read_piece(stdin)

    monkeypatch.setattr(standard_input, "_read_piece", write_and_read)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        code, out, err = run("show", "-")
    assert (code, "The text." in out) == (0, True)
    assert err == "reader: waiting for the end of standard input; Ctrl+C ends the program\n"
