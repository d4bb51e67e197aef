"""What a scan leaves out: folders of other programs, `.readerignore`, and names of another kind."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from reader.library.ignored import MAX_BYTES, IgnorePatterns, read_ignored
from reader.library.scan import Folder, FolderNames, list_names, scan_folder
from reader.library.watch import LibraryWatch

if TYPE_CHECKING:
    from pathlib import Path


def scan(folder: Folder, notices: list[str] | None = None) -> list[str]:
    files = scan_folder(folder, notices)
    return [file.path.relative_to(folder.path).as_posix() for file in files]


@pytest.fixture
def library(tmp_path: Path) -> Folder:
    """Return a folder in which `write_files` writes."""
    return Folder(tmp_path / "essays")


def write_files(library: Folder, *names: str, text: str = "Text.") -> None:
    for name in names:
        path = library.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_folders_of_programs_are_skipped(library: Folder) -> None:
    names = (".git", ".venv", "node_modules", "venv", "site-packages", "vendor", "__pycache__")
    write_files(library, "a.md", *(f"notes/{name}/x.md" for name in names))
    write_files(library, "env/pyvenv.cfg", "env/x.md", "made/CACHEDIR.TAG", "made/x.md")
    assert scan(library) == ["a.md"]


def test_the_library_itself_may_have_any_name(tmp_path: Path) -> None:
    library = Folder(tmp_path / "site-packages")
    write_files(library, "a.md", "pyvenv.cfg")
    assert scan(library) == ["a.md"]


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        ("*-draft.md\n", ["b.md", "old/c.md", "old/deep/d.md"]),
        ("old/\n", ["a-draft.md", "b.md"]),
        ("/b.md\n# a comment\n\n", ["a-draft.md", "old/c.md", "old/deep/d.md"]),
        ("*.md\n!b.md\n", ["b.md"]),
        ("**/deep\r\n", ["a-draft.md", "b.md", "old/c.md"]),
        ("*\n!*/\n!d.md\n", ["old/deep/d.md"]),
        ("/old/**\n!/old/c.md\n", ["a-draft.md", "b.md", "old/c.md"]),
        ("old/*/\nb.md\n!b.md\n", ["a-draft.md", "b.md", "old/c.md"]),
        ("d.md/\nold/deep/d.md\n/c.md\n", ["a-draft.md", "b.md", "old/c.md"]),
    ],
)
def test_patterns_exclude_files_and_folders(
    library: Folder, patterns: str, found: list[str]
) -> None:
    write_files(library, "a-draft.md", "b.md", "old/c.md", "old/deep/d.md")
    write_files(library, ".readerignore", text=patterns)
    assert scan(library) == found


def test_a_file_further_down_is_stronger_and_speaks_of_its_own_folder(library: Folder) -> None:
    write_files(library, "x.md", "in/x.md", "in/y.md", "in/z.md")
    write_files(library, ".readerignore", text="x.md\nz.md\n")
    write_files(library, "in/.readerignore", text="!x.md\n/y.md\n")
    assert scan(library) == ["in/x.md"]


def test_a_line_that_is_no_pattern_is_named_and_the_others_count(library: Folder) -> None:
    write_files(library, "a.md", "b.md")
    write_files(library, ".readerignore", text="a.md\n!\n")
    notices: list[str] = []
    assert scan(library, notices) == ["b.md"]
    path = library.path / ".readerignore"
    assert notices == [f"{path}: line 2 is no pattern, so it is not used"]


def test_the_end_of_a_list_that_is_too_long_is_left_out_by_whole_lines(library: Folder) -> None:
    write_files(library, "a.md", "b.md")
    lines = "x" * (MAX_BYTES - len("a.md\n\n*"))
    write_files(library, ".readerignore", text=f"a.md\n{lines}\n*.tmp\n")
    notices: list[str] = []
    assert scan(library, notices) == ["b.md"]
    path = library.path / ".readerignore"
    assert notices == [f"{path}: larger than 4 MB, so its end is not used"]


def test_a_list_of_many_thousand_names_is_looked_up(tmp_path: Path) -> None:
    path = tmp_path / ".readerignore"
    path.write_text("".join(f"folder {n}/file {n}.md\n" for n in range(30_000)))
    began = time.process_time()
    patterns = read_ignored(path, pytest.fail)
    assert [patterns.check(f"folder {n}/file 29999.md") for n in (29_998, 29_999)] == [None, True]
    assert time.process_time() - began < 2  # translated one by one they took ten seconds


def test_wildcards_beyond_a_number_are_not_used_and_the_line_is_named(tmp_path: Path) -> None:
    path, notices = tmp_path / ".readerignore", list[str]()
    path.write_text("".join(f"draft {n} *.md\n" for n in range(1_002)))
    patterns = read_ignored(path, notices.append)
    assert [patterns.check(f"draft {n} x.md") for n in (999, 1_000)] == [True, None]
    assert notices == ["more than 1000 patterns with wildcards, so it ends at line 1001"]


def test_a_pipe_with_the_name_of_the_list_is_not_opened(library: Folder) -> None:
    write_files(library, "a.md")
    os.mkfifo(library.path / ".readerignore")
    notices: list[str] = []
    assert scan(library, notices) == ["a.md"]
    assert notices == [f"{library.path / '.readerignore'}: not a regular file, so it is not opened"]


@pytest.mark.parametrize(
    ("globs", "found"),
    [
        (("*.markdown",), ["in/b.markdown"]),
        (("in/*",), ["in/b.markdown", "in/c.md"]),
        (("**/*.md",), ["a.md", "in/c.md"]),
        (("a*", "c*"), ["a.md", "in/c.md"]),
    ],
)
def test_patterns_of_the_settings_choose_files(
    library: Folder, globs: tuple[str, ...], found: list[str]
) -> None:
    write_files(library, "a.md", "in/b.markdown", "in/c.md")
    assert scan(library._replace(globs=globs)) == found


def test_a_folder_has_the_name_of_the_settings(library: Folder) -> None:
    write_files(library, "a.md")
    files = scan_folder(library._replace(name="My essays"))
    assert [file.folder for file in files] == ["My essays"]


def test_changes_are_looked_for_by_the_same_rules(library: Folder) -> None:
    write_files(library, "a.md")
    folder = library._replace(globs=("*.md",))
    watch = LibraryWatch()
    watch.add_folders([folder], scan_folder(folder))
    write_files(library, "b.markdown", "c.md")
    assert [*watch.find_differences(is_thorough=True)] == [library.path / "c.md"]


def test_the_open_file_is_found_changed_without_a_scan(
    library: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(library, "a.md", "b.md")
    watch = LibraryWatch()
    watch.add_folders([library], scan_folder(library))
    monkeypatch.setattr("reader.library.watch.scan_folder", None)
    path = library.path / "b.md"
    assert watch.find_open_difference(path) == {}
    path.write_text("Another text.")
    assert [*watch.find_open_difference(path)] == [path]
    assert [*watch.find_differences(path)] == [path]


def test_a_space_at_the_end_of_a_pattern_counts_after_a_backslash() -> None:
    patterns = IgnorePatterns()
    assert all(map(patterns.add, ("a.md\\ ", "b.md ")))
    names = ("a.md ", "a.md", "b.md ", "b.md")
    assert [patterns.check(name) for name in names] == [True, None, None, True]


@pytest.mark.parametrize("name", ["pyvenv.cfg", "CACHEDIR.TAG"])
def test_the_names_in_a_folder_are_not_enough_where_a_marker_is(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.md").touch()
    assert list_names(str(folder)) == FolderNames({"a.md"}, {f"{folder}/deep"})
    (folder / name).touch()
    assert list_names(str(folder)) is None
