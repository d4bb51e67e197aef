"""`reader add` as a whole: what it prints, where stories appear, and what stays of them."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from web_server import Answer, serve

from reader.cli.adding import add
from reader.cli.adding.commands import FORMATS
from reader.cli.main import main

PAGE = """<html><head><title>Rain in the North</title></head><body><article><h1>Rain in the North</h1>
<p>It had rained since Thursday, and by Sunday even the dog had begun to look at us as if we had done it.</p>
<p>My sister said that it was good for the garden, which had by then moved some way towards the road.</p>
<nav><a href="/">Home</a></nav></article></body></html>"""
STORIES = Path("data/essay-reader/stories")


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("config", "data", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    Path("rain.html").write_text(PAGE)


def test_an_added_file_is_on_the_shelf_and_keeps_its_read_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", "rain.html"]) == 0
    path = tmp_path / STORIES / "rain-in-the-north.md"
    assert capsys.readouterr().out == f"{path}\n  Rain in the North · 43 words · 1 part left out\n"
    assert main(["mark", "rain in the", "finished"]) == 0
    Path("rain.html").write_text(PAGE.replace("Thursday", "Tuesday"))
    assert main(["add", "rain.html"]) == 0
    assert capsys.readouterr().out.endswith(" · 43 words · 1 part left out · text updated\n")
    assert main(["list"]) == 0
    assert "✓          Rain in the North\n" in capsys.readouterr().out
    assert "since Tuesday" in path.read_text()


def test_a_page_of_the_web_is_added_and_its_redirect_is_its_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {
        "/old": Answer(status=301, headers={"Location": "/rain"}),
        "/rain": Answer(PAGE.encode()),
    }
    with serve(answers) as server:
        assert main(["add", f"{server.url}/old"]) == 0
        assert (
            capsys.readouterr().err
            == f"reader: {server.url}/old is on this computer or in your own network\n"
        )
        assert main(["add", f"{server.url}/rain#now"]) == 0
    assert capsys.readouterr().out.endswith(" · unchanged\n")
    text = (tmp_path / STORIES / "rain-in-the-north.md").read_text()
    assert f'url: "{server.url}/rain"\n' in text


def test_a_dry_run_prints_the_story_and_saves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", "--dry-run", "rain.html"]) == 0
    assert capsys.readouterr().out.startswith(
        '---\ntitle: "Rain in the North"\n---\n\nIt had rained'
    )
    assert not (tmp_path / "data").exists()


def test_each_source_is_added_whatever_happens_to_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.txt").write_text("\n")
    Path("note.md").write_text("# A note\n\nShort.\n")
    sources = ["missing.html", "empty.txt", "http://me:secret@x.example/", "rain.html", "note.md"]
    assert main(["add", "--to", "mine", *sources]) == 1
    printed = capsys.readouterr()
    assert printed.err == (
        "reader: missing.html: there is no such file\n"
        "reader: empty.txt: there is no text in it\n"
        "reader: http://me:secret@x.example/: an address with a name or password is not fetched; leave them out\n"
    )
    assert sorted(path.name for path in Path("mine").glob("*.md")) == [
        "a-note.md",
        "rain-in-the-north.md",
    ]
    assert not (tmp_path / "data").exists()


def test_standard_input_and_the_clipboard_are_copied_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = b"Snow in the South\nBy Ann Lee\n4 min read\n\nIt fell on the whole of the harbour, and on the boats, and on the man who counts the boats.\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(copied)))
    assert main(["add", "-"]) == 0
    program = tmp_path / "paste"
    program.write_bytes(b"#!/bin/sh\ncat <<'E'\n" + copied.replace(b"Snow", b"Hail") + b"E\n")
    program.chmod(0o700)
    monkeypatch.setattr(add, "_PASTE_PROGRAMS", ((str(program),),))
    assert main(["add", "--paste"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert lines[1::2][:2] == [
        "  Snow in the South · Ann Lee · 20 words",
        "  Hail in the South · Ann Lee · 20 words",
    ]


@pytest.mark.parametrize(
    ("argv", "message", "code"),
    [
        (["add"], "name what to add, or use --paste; see: reader add --help", 2),
        (["add", "--paste", "x"], "name what to add, or use --paste; see: reader add --help", 2),
        (["add", "--private", "rain.html"], "Private mode: nothing was added", 1),
        (["add", "--as", "pdf", "x"], f"argument --as: invalid choice: 'pdf' (choose from {', '.join(map(repr, FORMATS))}); see: reader add --help", 2),
        (["add", "--paste"], "the clipboard has no text, or no program here can print it; use `reader add -`, paste the text, and press Ctrl+D", 1),
    ],
)  # fmt: skip
def test_a_request_that_can_not_be_met_says_why(
    argv: list[str],
    message: str,
    code: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(add, "_PASTE_PROGRAMS", (("no-such-program",),))
    assert main(argv) == code
    assert capsys.readouterr().err == f"reader: {message}\n"


def test_the_formats_of_the_option_are_those_that_can_be_read() -> None:
    from reader.ingest.sources import READERS

    assert (*READERS,) == FORMATS
