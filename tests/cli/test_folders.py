"""`reader folder` and the settings decide which stories plain `reader` shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reader.cli.main import main
from reader.config import FolderSetting, read_config
from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a home folder with two folders of stories."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    for name in ("essays", "notes"):
        (home / name).mkdir(parents=True)
        (home / name / f"{name}.md").write_text(f"# One of {name}\n\nText.\n")
    return home


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command line; it returns code, lines and errors."""

    def run(*words: object) -> tuple[int, list[str], str]:
        code = main(list(map(str, words)))
        output = capsys.readouterr()
        return code, output.out.split("\n")[:-1], output.err

    assert home.is_dir()
    return run


def list_titles(run: Run) -> list[str]:
    """Return the titles of the stories that aren't bundled."""
    stories = json.loads("\n".join(run("list", "--json")[1]))
    return [story["title"] for story in stories if story["folder"] != "bundled"]


def write_config(text: str) -> Path:
    """Write the settings; return the path of their file."""
    path = Paths.default().config
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_folder_that_is_added_is_in_the_library_until_it_is_removed(run: Run, home: Path) -> None:
    assert list_titles(run) == []
    assert run("folder", "add", home / "essays") == (0, ["added: ~/essays"], "")
    assert run("folder", "add", home / "essays")[1] == ["~/essays is in the library already"]
    assert list_titles(run) == ["One of essays"]
    assert run("folder", "list")[1][0] == "~/essays  (added)"
    removed = "removed: ~/essays; its files and your reading data stay"
    assert run("folder", "remove", home / "essays") == (0, [removed], "")
    assert list_titles(run) == []


def test_the_bundled_stories_can_be_hidden_and_shown_again(run: Run) -> None:
    assert run("folder", "remove", "bundled")[0] == 0
    assert json.loads("\n".join(run("list", "--json")[1])) == []
    assert run("folder", "add", "bundled")[0] == 0
    assert len(json.loads("\n".join(run("list", "--json")[1]))) > 5


def test_wrong_uses_say_what_is_wrong(run: Run, home: Path) -> None:
    missing, file = home / "no", home / "essays" / "essays.md"
    assert run("folder", "add", missing)[::2] == (
        2,
        f"reader: {missing}: there is no such folder\n",
    )
    assert run("folder", "add", file)[::2] == (2, f"reader: {file}: this is a file\n")
    error = "reader: ~/notes is not in the library; see: reader folder list\n"
    assert run("folder", "remove", home / "notes")[::2] == (2, error)
    error = "reader: add needs the path of a folder, or bundled\n"
    assert run("folder", "add")[::2] == run("folder", "add", "")[::2] == (2, error)


def test_an_exported_list_of_folders_is_found_below_another_home(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("folder", "add", home / "essays")
    run("export", tmp_path / "all.json")
    other = tmp_path / "other"
    monkeypatch.setenv("HOME", str(other))
    (other / "essays").mkdir(parents=True)
    (other / "essays" / "a.md").write_text("# Elsewhere\n\nText.\n")
    run("import", tmp_path / "all.json")
    assert list_titles(run) == ["Elsewhere"]


def test_folders_of_the_settings_are_in_the_library(run: Run, home: Path) -> None:
    path = write_config('library = "~/essays"\n[[folder]]\npath = "~/notes"\nname = "Jottings"\n')
    assert sorted(list_titles(run)) == ["One of essays", "One of notes"]
    stories = json.loads("\n".join(run("list", "--json")[1]))
    assert {story["folder"] for story in stories} == {"bundled", "essays", "Jottings"}
    assert run("folder", "list")[1][:2] == [
        "~/essays  (in config.toml)",
        "~/notes  (in config.toml)",
    ]
    error = f"reader: ~/notes is in {path}: remove it there\n"
    assert run("folder", "remove", home / "notes")[::2] == (2, error)


def test_one_wrong_folder_of_the_settings_is_named_and_the_others_are_shown(run: Run) -> None:
    path = write_config(
        'bundled = false\nlibrary = ["~/essays", "notes"]\n'
        '[[folder]]\npath = "~/notes"\n[[folder]]\npath = "$HOME/notes"\n'
    )
    errors = (
        f'reader: {path}: library must be a path that begins with / or ~, not "notes"\n'
        f'reader: {path}: folder must be a path that begins with / or ~, not "$HOME/notes"\n'
    )
    assert sorted(list_titles(run)) == ["One of essays", "One of notes"]
    assert run("list")[2] == run("folder", "list")[2] == errors
    assert len(run("folder", "list")[1]) == 2


def test_what_the_settings_say_later_of_a_folder_counts(run: Run) -> None:
    write_config(
        'bundled = false\nlibrary = "~/essays"\n[[folder]]\npath = "~/essays/"\nname = "One"\n'
        '[[folder]]\npath = "~/notes"\nglob = "x*"\n[[folder]]\npath = "~/notes"\nglob = "n*"\n'
    )
    stories = json.loads("\n".join(run("list", "--json")[1]))
    assert {story["folder"] for story in stories} == {"One", "notes"}


def test_a_folder_that_is_missing_is_named_and_the_others_are_shown(run: Run, home: Path) -> None:
    write_config('library = ["~/essays", "~/gone"]\nbundled = false\n')
    assert list_titles(run) == ["One of essays"]
    assert f"{home}/gone: there is no such folder" in run("list")[2]
    assert run("folder", "list")[1][1] == "~/gone  (in config.toml; there is no such folder)"


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            "library = 3",
            'library must be a folder in quotes, such as "~/essays", or a list of them, not 3',
        ),
        ('library = "essays"', 'library must be a path that begins with / or ~, not "essays"'),
        ('[[folder]]\nname = "x"', 'folder needs a line such as path = "~/essays"'),
        (
            '[[folder]]\npath = "~/a"\nglobs = "x"',
            "folder has no line 'globs'; did you mean 'glob'?",
        ),
        (
            '[[folder]]\npath = "~/a"\nsort = "size"',
            (
                "folder has no order 'size'; the orders are: suggested, newest, title, author, length,"
                " shortest-left, recently-read, path"
            ),
        ),
        (
            '[[folder]]\npath = "~/a"\nglob = 3',
            'folder needs a pattern such as glob = "*.md", not 3',
        ),
        ("[[folder]]\npath = 1", "folder needs text in quotes, not 1"),
    ],
)
def test_a_wrong_folder_in_the_settings_is_a_warning(
    tmp_path: Path, text: str, warning: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    assert read_config(path, {}).warnings == (f"{path}: {warning}",)


def test_a_folder_of_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('library = "/a"\n')
    config = read_config(path, {"READER_LIBRARY": "/b"})
    assert config.library == (FolderSetting("/b"),)
