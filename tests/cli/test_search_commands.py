"""`search`, `index`, `resume`, `random` and the queries of `list`."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from reader.cli import search
from reader.cli.main import main
from reader.cli.output import show_progress
from reader.fulltext import index_file
from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]
    Run = Callable[..., tuple[int, str, str]]

STORIES = {
    "lamp.md": "---\ntitle: The Lamp\nauthor: Charles Lamb\ntags: [work, sea]\ndate: 2021-05-04\n"
    "id: lamp\n---\nFirst.\n\nThe old *lamp* stood by the sea, and the café was closed.",
    "ship.md": "---\ntitle: A Ship\nauthor: Ann Bell\ndate: 2019\nid: ship\ntags: Work at Sea\n---\n"
    + "Many words at the beginning. " * 40
    + "Here is a lamp\nby the window. "
    + "And more of them. " * 900,
    "deep/cat.md": "---\nid: cat\n---\n# Cats, 10\n\nA cat\x1b[2J sat; catalogs aren't cats. 図書館の本。",
    "deep/dog.md": "---\nid: dog\n---\n# Cats, 9\n\nDogs.",
}
LONG_LINE = (
    "    … beginning. Many words at the beginning. Here is a lamp by the window. And more of them."
    " And more of them. And more of them. And more of them. And more of …"
)


@pytest.fixture(autouse=True)
def folder(write: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make four stories the library. No progress is shown, however busy the machine is."""
    paths = [write(name, text) for name, text in STORIES.items()]
    monkeypatch.setattr("reader.store.folders.find_bundled_folder", lambda: paths[0].parent)
    monkeypatch.setattr("reader.finding.describing._BATCH_SECONDS", 1_000.0)
    return paths[0].parent


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command. On a busy machine a bar would show, unlike here."""
    monkeypatch.setattr("reader.cli.output._Bar", lambda: SimpleNamespace(show=lambda *_: None))

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


def list_ids(run: Run, *arguments: object) -> list[str]:
    return [story["id"] for story in json.loads(run("list", "--json", *arguments)[1])]


def test_search_prints_the_title_the_place_and_the_line_of_each_story(run: Run) -> None:
    code, out, errors = run("search", "lamp")
    assert code == 0
    assert out.splitlines() == [
        "The Lamp — Charles Lamb  (lamp@2.8)",
        "    The old lamp stood by the sea, and the café was closed.",
        "A Ship — Ann Bell  (ship@1.1170)",
        LONG_LINE,
    ]
    assert errors == f"reader: the index of words is made, in {Paths.default().words}\n"
    assert (
        run("search", "lamp", "--limit", "1")[2] == "reader: 1 of 2 stories; --limit 0 prints all\n"
    )
    assert len(run("search", "lamp", "--limit", "0")[1].splitlines()) == 4
    assert run("show", "lamp@2.8")[1].startswith("The old lamp stood")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["lamp", "-window"], ["lamp"]),
        (['"lamp by the window"'], ["ship"]),
        (["CAFE"], ["lamp"]),
        (["cat"], ["cat"]),
        (["catalog*"], ["cat"]),
        (["書館"], ["cat"]),
        (["lamp", "tag:work"], ["lamp"]),
        (["lamp", "author:bell"], ["ship"]),
        (["-lamp", "in:deep"], ["cat", "dog"]),
        (["lamp", "--limit", "3", "-window", "sea"], ["lamp"]),
        (["lamp", "--limit", "3", "--", "-window", "-h"], ["lamp"]),
        (["is:unread", "year:2018-2020"], ["ship"]),
        (["lamp", ">10m"], ["ship"]),
        ([","], ["cat", "dog"]),
        (["lamp", "🎸"], ["lamp", "ship"]),
    ],
)
def test_search_finds_stories_by_words_and_fields(
    run: Run, words: list[str], ids: list[str]
) -> None:
    code, out, _ = run("search", "--json", *words)
    assert (code, [story["id"] for story in json.loads(out)]) == (0, ids)


def test_the_json_of_a_search_has_the_place_and_the_matches(run: Run, folder: Path) -> None:
    (story,) = json.loads(run("search", "--json", "sat")[1])
    assert story.pop("score") > 0
    assert story == {
        "id": "cat",
        "title": "Cats, 10",
        "author": None,
        "path": os.path.realpath(folder / "deep/cat.md"),
        "address": "cat@1.10",
        "text": "A cat\ufffd[2J sat; catalogs aren’t cats. 図書館の本。",
        "matches": [[10, 13]],
    }


def test_words_are_bold_where_the_terminal_shows_styles(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.cli.terminal.can_show_styles", lambda: True)
    assert run("search", "café", "sea")[1].splitlines() == [
        "\x1b[1mThe Lamp\x1b[0m — Charles Lamb  (lamp@2.26)",
        "    The old lamp stood by the \x1b[1msea\x1b[0m, and the \x1b[1mcafé\x1b[0m was closed.",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["search", "zebra"], 1, "no story has that"),
        (["list", "zebra"], 1, "no story has that"),
        (["list", "🎸"], 1, "no story has that"),
        (["search", "🎸"], 1, "no story has that"),
        (["search"], 2, "there are no words to search for; see: reader search --help"),
        (["search", "tags:x"], 2, 'tags:x: there is no field "tags"; the fields are tag:,'),
        (["list", "is:odd"], 2, "is:odd: is: may be unread, reading, finished, starred"),
        (["random", '"open'], 2, '"open: the quotation mark is not closed'),
        (["random", "tag:none"], 2, "no unread story has that"),
        (["resume"], 2, "no story is being read; see: reader list"),
        (
            ["search", "a", "--limit", "x"],
            2,
            "'x': a number of up to seven digits is needed, 0 for all",
        ),
        (
            ["search", "a", "--limit", "10000000"],
            2,
            "'10000000': a number of up to seven digits is needed",
        ),
        (["list", "--sort", "odd"], 2, "invalid choice: 'odd'"),
    ],
)
def test_a_mistake_is_named_and_has_its_exit_code(
    run: Run, arguments: list[str], code: int, message: str
) -> None:
    found, out, errors = run(*arguments)
    assert (found, out) == (code, "")
    assert message in errors


def test_an_index_that_is_found_to_be_damaged_by_a_search_is_made_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("index")
    with contextlib.closing(sqlite3.connect(str(Paths.default().words))) as db:
        db.execute("UPDATE words_data SET block = zeroblob(1) WHERE id > 10")
        db.commit()
    # An index so small is read to the end when it is opened.
    monkeypatch.setattr("reader.fulltext.index_file._check_schema", lambda _: None)
    code, out, errors = run("search", "sat")
    assert (code, out.splitlines()[0]) == (0, "Cats, 10  (cat@1.10)")
    assert errors == "reader: the index of words was damaged and is made again\n"


def test_progress_without_a_terminal_is_a_line_for_each_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with show_progress() as report:
        report("Reading stories", 1, 5)
        report("Reading stories", 5, 5)
        report("Indexing texts", 0, 4)
        report("", 0, 0)
    assert capsys.readouterr().err == "reader: Reading stories: 5\nreader: Indexing texts: 4\n"


def test_list_takes_queries_orders_and_limits(run: Run) -> None:
    assert list_ids(run, "--sort", "title") == ["dog", "cat", "lamp", "ship"]
    assert list_ids(run, "--sort", "newest", "--limit", 2) == ["lamp", "ship"]
    assert list_ids(run, "--sort", "author", "--limit", 2) == ["ship", "lamp"]
    assert list_ids(run, "--sort", "length")[-1] == "ship"
    assert list_ids(run, "--sort", "path") == ["cat", "dog", "lamp", "ship"]
    assert list_ids(run, "lamb") == list_ids(run, "-ship", "-cats") == ["lamp"]
    assert list_ids(run, "tag:sea") == ["lamp"]
    assert list_ids(run, 'tag:"work at"*') == list_ids(run, "tag:work*", "-lamp") == ["ship"]


def test_orders_have_the_names_of_the_settings_and_earlier_ones_are_accepted(run: Run) -> None:
    run("mark", "dog", "finished")
    assert list_ids(run, "--sort", "shortest-left") == ["cat", "lamp", "ship", "dog"]
    assert list_ids(run, "--sort", "left") == ["cat", "lamp", "ship", "dog"]
    assert list_ids(run, "--sort", "recently-read") == list_ids(run, "--sort", "recent")
    code, _, error = run("list", "--sort", "worst")
    assert (code, "recently-read" in error, "'recent'" in error) == (2, True, False)


def test_stories_with_one_title_are_told_apart(run: Run, write: Write) -> None:
    for name in ("deep/bird.md", "deep/crow.md"):
        write(name, f"---\nid: {name[5:9]}\n---\n# Birds\n\nA wing.")
    assert run("list", "birds")[1].splitlines() == [
        "○   1 min  Birds · bird.md",
        "○   1 min  Birds · crow.md",
    ]
    assert run("list", "birds", "--limit", 1)[1] == "○   1 min  Birds · bird.md\n"
    assert run("search", "wing")[1].splitlines()[::2] == [
        "Birds · bird.md  (bird@1.2)",
        "Birds · crow.md  (crow@1.2)",
    ]
    for name in ("bird", "crow"):
        run("mark", name, "finished")
    lines = run("history")[1].splitlines()
    assert [line.partition("min")[2] for line in lines] == [
        "  Birds · crow.md",
        "  Birds · bird.md",
    ]
    assert run("mark", "birds", "unread")[2] == (
        "reader: several stories match 'birds': Birds · bird.md (bird), Birds · crow.md (crow)\n"
    )


def test_list_finds_what_was_read_and_annotated(run: Run) -> None:
    run("mark", "lamp", "finished")
    assert list_ids(run, "is:finished") == ["lamp"]
    assert list_ids(run, "is:unread", "-in:deep") == ["ship"]
    assert run("list", "has:note")[0] == 1


def test_listing_creates_no_file_and_index_only_caches(run: Run) -> None:
    run("list", "lamp")
    paths = Paths.default()
    assert paths.state is not None
    assert paths.index is not None
    assert not paths.state.exists()
    assert not paths.index.exists()
    code, out, errors = run("index")
    assert (code, out) == (0, f"4 texts in {paths.words}\n")
    assert errors == f"reader: the index of words is made, in {paths.words}\n"
    assert not paths.state.exists()


def test_a_second_list_of_many_files_reads_none_again(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.cli.output.MANY_FILES", len(STORIES))
    first = run("list")

    def describe(files: Iterable[object], *_: object, **__: object) -> list[object]:
        assert [*files] == []
        return []

    monkeypatch.setattr("reader.library.describing.describe_files", describe)
    assert run("list") == first


def test_index_follows_the_files_and_is_used_for_them_only(
    run: Run, write: Write, folder: Path
) -> None:
    run("index")
    write("ship.md", "---\ntitle: A Ship\nid: ship\n---\nOnly a boat.")
    (folder / "lamp.md").unlink()
    assert run("search", "lamp")[0] == 1
    assert run("search", "boat")[1].startswith("A Ship  (ship@1.7)")
    assert run("index")[1].endswith("; 1 dropped\n")
    assert run("index", "--rebuild")[1].startswith("3 texts in ")


def test_private_mode_and_a_python_without_fts5_scan(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, errors = run("search", "lamp", "-window", "--private")
    assert (code, out.splitlines()[0], errors) == (0, "The Lamp — Charles Lamb  (lamp@2.8)", "")
    assert run("index", "--private")[2] == "reader: Private mode: no index is saved\n"
    monkeypatch.setattr(index_file, "has_fts5", lambda: False)
    code, out, errors = run("search", "cat")
    assert out.startswith("Cats, 10  (cat@1.2)")
    assert errors == "reader: this Python's SQLite has no FTS5, so each search reads all texts\n"
    words = Paths.default().words
    assert words is not None
    assert not words.exists()


def test_resume_and_random_open_a_story(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert "Only" not in run("random", "in:deep", "title:9")[1]
    assert "Dogs." in run("random", "in:deep", "title:9")[1]
    assert search.find_random(["author:lamb"]).id == "lamp"
