"""Hostile files open or give one line of error, send no control character, and lose no word."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import unicodedata
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from pseudo_terminal import READER, PseudoTerminal

from reader.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.pty


ESCAPES = {
    "colour": "\x1b[31m",
    "clipboard": "\x1b]52;c;aGk=\x07",
    "title": "\x1b]0;PWNED\x07",
    "link": "\x1b]8;;http://x\x1b\\",
    "reset": "\x1bc",
    "eight-bit": "\x9b31m\x9d0;PWNED\x9c",
    "bidi": "\u202e\u2066",
    "carriage return": "\rOVER",
    "backspace": "\b\b\b",
    "delete": "\x7f",
    "device control": "\x1bP1$q\x1b\\",
    "application": "\x1b_G\x1b\\",
    "line separator": "\u2028\u2029",
}
ENTITIES = "&#27;[31m &#x9b;31m &#8238; &#7;"
HOSTILE = "".join(f"{name} {code} " for name, code in ESCAPES.items())
QUOTED = '"\\e[31m \\x9b31m \\u202E \\a"'

FILES: dict[str, tuple[str | bytes, list[str]]] = {
    # Each with the words that must be on its page.
    "empty.md": ("", ["Empty"]),
    "binary.md": (bytes(range(256)) * 4, []),
    "escapes.md": (f"# Top {HOSTILE}\n\nbefore {HOSTILE} after\n\n{ENTITIES} end\n",
                   ["Top", "before", "after", "end", *ESCAPES]),
    "body.md": (f"before {HOSTILE} after", ["before", "after", *ESCAPES]),
    "matter.md": (f"---\ntitle: {HOSTILE}\nauthor: Ann {HOSTILE}\n---\nbodyword",
                  ["Ann", "bodyword", *ESCAPES]),
    "deck.md": (f"---\ntitle: One\ndeck: {HOSTILE}\n---\nbodyword", ["bodyword", *ESCAPES]),
    "yaml.md": (f"---\ntitle: One {QUOTED}\nid: {QUOTED}\n---\nyamlword", ["One", "yamlword"]),
    "quoted.md": (f"---\ntitle: {QUOTED}\nauthor: {QUOTED}\n---\nyamlword", ["By", "yamlword"]),
    "toml.md": ('+++\ntitle = "Two\\u001b[31m\\u009b"\n+++\ntomlword', ["Two", "tomlword"]),
    "code.md": (f"```{HOSTILE}\ncodeword {HOSTILE}\n```", ["codeword", *ESCAPES]),
    "inline.md": (f"`inline {HOSTILE}` end", ["inline", "end", *ESCAPES]),
    "table.md": (f"| a {HOSTILE} | b |\n|---|---|\n| cell | word |", ["cell", "word", *ESCAPES]),
    "links.md": (f"[linkword {HOSTILE}](<http://x/{HOSTILE}>) end", ["linkword", "end", *ESCAPES]),
    "picture.md": (f"![altword {HOSTILE}](x.png 'titleword')", ["altword", "titleword", *ESCAPES]),
    "html.md": (f"<p title='{HOSTILE}'>htmlword {HOSTILE}</p>", ["htmlword", *ESCAPES]),
    "notes.md": (f"text[^1]\n\n[^1]: noteword {HOSTILE}", ["text", "noteword", *ESCAPES]),
    "markup.md": ("---\ntitle: '[/red]'\nauthor: '[@click=app.quit]x[/]'\n---\n[bold]word[/bold]",
                  ["[/red]", "By [@click=app.quit]x[/]", "[bold]word[/bold]"]),
    "broken.md": ("---\ntitle: a: b: [c\nauthor: {\n- x\n---\nbrokenword", ["a: b: [c", "brokenword"]),
    "quotes.md": (">" * 30 + " deepword", ["deepword"]),
    "lists.md": ("\n".join("  " * n + f"- word{n}." for n in range(60)),
                 [f"word{n}." for n in range(60)]),
    "brackets.md": ("[" * 5000 + "bracketword" + "]" * 5000, ["bracketword"]),
    "stars.md": ("*" * 5000 + "starword", ["starword"]),
    "marks.md": ("zalgo" + "\u0301" * 10_000 + " markword", ["markword"]),
    "long.md": ("x" * 200_000 + " longword", ["longword"]),
    "nul.md": ("some ordinary text with a \0 in it, and then nulword", ["in it, and then nulword"]),
    "latin.md": (b"a longer line of text with a caf\xe9 and latinword", ["café and latinword"]),
    "utf16.md": ("\ufeff# Wide\n\nwideword".encode("utf-16-le"), ["Wide", "wideword"]),
    "crlf.md": (b"\xef\xbb\xbf---\r\ntitle: Windows\r\n---\r\ncrlfword\r\n", ["Windows", "crlfword"]),
    "--help.md": ("dashword", ["Help", "dashword"]),
    "a\x1b]0;PWNED\x07\x9b\u202e\nb.md": ("word", ["A\ufffd]0;PWNED\ufffd\ufffd\ufffd b", "word"]),
    "[bold]name.md": ("word", ["[bold]name", "word"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of hostile files, with links and special files among them."""
    folder = tmp_path_factory.mktemp("hostile") / "bad \x1b[31m name"
    folder.mkdir()
    for name, (text, _) in FILES.items():
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    os.mkfifo(folder / "fifo\x1b[2J.md")
    (folder / "zero.md").symlink_to("/dev/zero")
    (folder / "dangling.md").symlink_to("nowhere")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "up").symlink_to("..")
    return folder


@pytest.fixture(autouse=True)
def time_limit() -> Iterator[None]:
    signal.alarm(120)
    yield
    signal.alarm(0)


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Run the program; check that its output is harmless; return code, output and errors."""
    argv = [*READER, *map(str, arguments)]
    process = subprocess.run(
        argv, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=60
    )
    out, err = process.stdout.decode(), process.stderr.decode()
    assert find_controls(out) == []
    assert find_controls(err) == []
    return process.returncode, out, err


def find_controls(text: str) -> list[str]:
    """Return the characters of `text` that could control a terminal."""
    bidi = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return [
        character
        for character in text
        if (unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character != "\n")
        or unicodedata.bidirectional(character) in bidi
    ]


def test_every_escape_has_a_control_character() -> None:
    assert all(find_controls(code) for code in ESCAPES.values())


def test_list_prints_every_file_and_why_one_is_unreadable(folder: Path) -> None:
    code, out, err = run("list", "--in", folder)
    assert (code, len(out.strip().split("\n"))) == (0, len(FILES))
    assert "Binary — not text (or not in UTF-8)" in out
    assert "[/red] — [@click=app.quit]x[/]" in out
    reasons = [re.sub(r".*/", "", line) for line in err.strip().split("\n")]
    assert reasons == [
        "fifo\ufffd[2J.md: not a regular file, so it is not opened",
        "dangling.md: there is no such file",
        "loop.md: its links lead in a circle",
        "zero.md: not a regular file, so it is not opened",
    ]


@pytest.fixture(scope="module")
def listed(folder: Path) -> list[dict[str, object]]:
    """Return what `list` prints as JSON."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder.parent / "listed"))
        entries: list[dict[str, object]] = json.loads(run("list", "--json", "--in", folder)[1])
    return entries


def test_json_has_the_exact_path_of_every_file(
    folder: Path, listed: list[dict[str, object]]
) -> None:
    assert {story["path"] for story in listed} == {str(folder / name) for name in FILES}
    assert len({story["id"] for story in listed}) == len(FILES)
    assert {story["folder"] for story in listed} == {"bad \ufffd[31m name"}


def test_json_has_no_control_characters(listed: list[dict[str, object]]) -> None:
    for story in listed:
        results = [v for key, v in story.items() if key != "path" and isinstance(v, str)]
        assert [find_controls(text) for text in results] == [[]] * len(results)


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, tuple[int, str, str]]:
    """Return the results of `show` for each file, all from one process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder.parent))
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            patch.delenv(name, raising=False)
        return {name: run_show(folder / name) for name in FILES}


def run_show(path: Path, width: int = 300) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["show", str(path), "--width", str(width)])
    return code, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_every_file_opens_or_gives_one_line_of_error(
    name: str, results: dict[str, tuple[int, str, str]]
) -> None:
    code, out, err = results[name]
    if name == "binary.md":
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert err.endswith("/binary.md: not text (or not in UTF-8)\n")
    else:
        assert (code, err) == (0, "")
    assert (find_controls(out), find_controls(err)) == ([], [])


@pytest.mark.parametrize("name", FILES)
def test_no_word_is_lost(name: str, results: dict[str, tuple[int, str, str]]) -> None:
    text = re.sub(r"\s+", " ", results[name][1])
    assert [word for word in FILES[name][1] if word not in text] == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("zero.md", "not a regular file, so it is not opened"),
        ("dangling.md", "there is no such file"),
        ("loop.md", "its links lead in a circle"),
        ("up", "this is a folder"),
    ],
)
def test_a_special_file_gives_one_line_of_error(name: str, message: str, folder: Path) -> None:
    code, out, err = run_show(folder / name)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert find_controls(err) == []
    assert err.endswith(f": {message}\n")


def test_the_name_of_a_fifo_is_sanitised_while_a_writer_is_waited_for(folder: Path) -> None:
    fifo = folder / "fifo\x1b[2J.md"
    with PseudoTerminal([str(fifo)]) as terminal:
        terminal.wait_for("fifo\ufffd[2J.md; Ctrl+C ends this")
        terminal.write(b"\x03")
        assert terminal.wait() == 130


def test_a_hostile_title_is_harmless_in_an_error(folder: Path) -> None:
    run("mark", folder / "escapes.md", "finished")
    code, _, err = run("show", "\x1b]52;c;aGk=\x07 no such story \x9b31m")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize("columns", [1, 300])
@pytest.mark.parametrize("name", ["escapes.md", "table.md", "lists.md", "quotes.md"])
def test_hostile_files_are_typeset_at_any_width(name: str, columns: int, folder: Path) -> None:
    code, out, err = run_show(folder / name, columns)
    assert (code, bool(out), err) == (0, True, "")
    assert find_controls(out) == []


def test_a_hostile_title_is_harmless_in_an_answer(folder: Path) -> None:
    code, out, _ = run("mark", folder / "matter.md", "finished")
    assert (code, out.count("\n")) == (0, 1)
