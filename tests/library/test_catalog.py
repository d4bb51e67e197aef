"""A scan enters each folder once; stories have an order and are found by name."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from unprivileged import give_to_unprivileged, make_unprivileged_folder, run_unprivileged

from reader.errors import UnknownStory
from reader.library.catalog import Catalog
from reader.library.files import find_bundled_folder, find_file
from reader.library.scan import scan_folder
from reader.library.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder named `stories`, where `write` writes."""
    place = tmp_path / "stories"
    place.mkdir()
    return place


def scan(folder: Path) -> tuple[list[str], list[str]]:
    """Return the files that a scan finds, as relative paths, and its notices."""
    notices: list[str] = []
    files = [file.path.relative_to(folder).as_posix() for file in scan_folder(folder, notices)]
    return files, [notice.removeprefix(f"{folder}/") for notice in notices]


def test_markdown_files_are_found_by_suffix(folder: Path, write: Write) -> None:
    stories = [
        *("a.md", "b.MD", "c.markdown", "d.mdown", "e.mkd", "f.mkdn", "g.mdwn", "h.mdtxt"),
        *("i.text", "j.Rmd", "k.qmd"),
    ]
    for name in (*stories, "x.txt", "x.mdx", "x", "md"):
        write(name, "text")
    assert scan(folder) == (stories, [])


def test_subfolders_are_scanned_in_order(folder: Path, write: Write) -> None:
    for name in ("b/1.md", "a/2.md", "z.md", "a/deep/3.md"):
        write(name, "text")
    assert scan(folder) == (["z.md", "a/2.md", "a/deep/3.md", "b/1.md"], [])


def test_a_folder_named_like_a_story_is_scanned(folder: Path, write: Write) -> None:
    write("folder.md/a.md", "text")
    assert scan(folder) == (["folder.md/a.md"], [])


@pytest.mark.parametrize("name", [".git", ".hidden", "node_modules", "__pycache__", "venv"])
def test_hidden_and_technical_folders_are_skipped(name: str, folder: Path, write: Write) -> None:
    write(f"{name}/a.md", "text")
    write("b.md", "text")
    assert scan(folder) == (["b.md"], [])


def test_a_hidden_file_is_skipped(folder: Path, write: Write) -> None:
    write(".a.md", "text")
    assert scan(folder) == ([], [])


def test_a_link_to_the_folder_above_is_entered_once(folder: Path, write: Write) -> None:
    write("sub/a.md", "text")
    (folder / "sub" / "up").symlink_to("..")
    assert scan(folder) == (["sub/a.md"], [])


def test_two_folders_linked_to_each_other_are_entered_once_each(folder: Path, write: Write) -> None:
    write("one/a.md", "text")
    write("two/b.md", "text")
    (folder / "one" / "two").symlink_to("../two")
    (folder / "two" / "one").symlink_to("../one")
    assert sorted(scan(folder)[0]) == ["one/a.md", "two/b.md"]


def test_a_folder_of_links_to_itself_ends(folder: Path, write: Write) -> None:
    write("a.md", "text")
    for number in range(20):
        (folder / f"self{number}").symlink_to(".")
    assert scan(folder) == (["a.md"], [])


def test_a_linked_folder_is_listed_by_its_real_path(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.md").write_text("text")
    (folder / "link").symlink_to("../elsewhere")
    assert [file.path for file in scan_folder(folder)] == [tmp_path / "elsewhere" / "a.md"]


def test_a_file_and_a_link_to_it_are_one_file(folder: Path, write: Write) -> None:
    write("real.md", "text")
    (folder / "a-link.md").symlink_to("real.md")
    assert scan(folder) == (["real.md"], [])


def test_a_link_to_a_file_elsewhere_is_found_by_its_own_name(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "elsewhere.md").write_text("text")
    (folder / "link.md").symlink_to("../elsewhere.md")
    assert scan(folder) == (["link.md"], [])


def test_an_irregular_file_gets_a_notice(folder: Path, write: Write) -> None:
    write("a.md", "text")
    os.mkfifo(folder / "pipe.md")
    (folder / "dangling.md").symlink_to("nowhere")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "zero.md").symlink_to("/dev/zero")
    assert scan(folder) == (
        ["a.md"],
        [
            "pipe.md: not a regular file, so it is not opened",
            "dangling.md: there is no such file",
            "loop.md: its links lead in a circle",
            "zero.md: not a regular file, so it is not opened",
        ],
    )


def test_a_notice_is_one_sanitised_line(folder: Path) -> None:
    os.mkfifo(folder / "a\x1b]0;b\n.md")
    assert scan(folder)[1] == ["a\ufffd]0;b .md: not a regular file, so it is not opened"]


def test_a_missing_folder_gets_a_notice(tmp_path: Path) -> None:
    notices: list[str] = []
    assert list(scan_folder(tmp_path / "no", notices)) == []
    assert notices == [f"{tmp_path}/no: there is no such folder"]


def test_a_forbidden_folder_gets_a_notice() -> None:
    with make_unprivileged_folder() as folder:
        for name in ("closed", "open"):
            (folder / name).mkdir()
            (folder / name / "a.md").write_text("text")
            give_to_unprivileged(folder / name)
        (folder / "closed").chmod(0)
        output = run_unprivileged(
            """
from reader.library.scan import scan_folder
notices = []
print([file.path.parent.name for file in scan_folder(pathlib.Path(sys.argv[1]), notices)], notices)
""",
            folder,
        )
    assert output == f"['open'] ['{folder}/closed: you may not read it; check its permissions']"


def test_unusual_names_are_found(folder: Path, write: Write) -> None:
    names = ["-rf.md", "a\nb.md", "a b.md", "café.md", "x" * 250 + ".md"]
    for name in names:
        write(name, "text")
    assert scan(folder) == (names, [])


@pytest.mark.skipif(sys.platform == "darwin", reason="its names are always text")
def test_a_name_that_is_not_utf8_is_found(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.md")).write_text("text")
    assert scan(folder) == (["\udcff\udcfe.md"], [])


def test_each_folder_is_listed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        (folder / f"{number}").mkdir()
        for other in range(10):
            (folder / f"{number}" / f"{other}.md").touch()
        (folder / f"{number}" / "up").symlink_to("..")
    listed: list[Path] = []
    list_folder = os.scandir

    def record(path: Path) -> Iterator[os.DirEntry[str]]:
        listed.append(path)
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", record)
    assert sum(1 for _ in scan_folder(folder)) == 100
    assert sorted(listed) == [folder, *(folder / f"{number}" for number in range(10))]


def test_a_scan_of_a_folder_nested_150_deep_ends(folder: Path) -> None:
    deep = folder.joinpath(*["d"] * 150)
    deep.mkdir(parents=True)
    (deep / "a.md").touch()
    assert len(scan(folder)[0]) == 1


@pytest.mark.parametrize("name", ["stories", "./stories/.", "link", "stories/../link"])
def test_a_file_has_one_path_however_its_folder_is_named(
    name: str, folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.md", "text")
    (folder.parent / "link").symlink_to("stories")
    monkeypatch.chdir(folder.parent)
    file = find_file(Path(name) / "a.md")
    assert file is not None
    assert [each.path for each in scan_folder(Path(name))] == [file.path] == [path]


def test_files_have_the_name_of_the_scanned_folder(folder: Path, write: Write) -> None:
    write("sub/a.md", "text")
    assert [file.folder for file in scan_folder(folder)] == ["stories"]


def test_the_current_folder_has_a_name(
    folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.md", "text")
    monkeypatch.chdir(folder)
    assert [file.folder for file in scan_folder(Path())] == ["stories"]


def test_a_bundled_story_is_bundled_by_scan_and_by_path() -> None:
    file = find_file(find_bundled_folder() / "errata.md")
    assert file is not None
    assert (
        {each.folder for each in scan_folder(find_bundled_folder())} == {file.folder} == {"bundled"}
    )


def make_story(title: str, published: date | None = None, series: str = "", part: int = 0) -> Story:
    return Story(title, f"/{title}.md", title, published=published, series=series, part=part)


def list_titles(*stories: Story) -> list[str]:
    return [s.title for s in Catalog(stories).list_stories()]


def test_newest_stories_come_first_and_undated_ones_last() -> None:
    old, new, none = (
        make_story("B", date(2001, 1, 1)),
        make_story("C", date(2002, 1, 1)),
        make_story("A"),
    )
    assert list_titles(old, none, new) == ["C", "B", "A"]


def test_of_the_stories_of_a_day_the_latest_comes_first() -> None:
    noon, evening = (
        replace(make_story(title, date(2001, 1, 1)), published_seconds=seconds)
        for title, seconds in (("A", 43_200), ("B", 64_800))
    )
    assert list_titles(noon, evening, make_story("C", date(2001, 1, 1))) == ["B", "A", "C"]


def test_titles_are_sorted_without_article_and_opening_quote() -> None:
    stories = [make_story(t) for t in ("The Zoo", "“Bears”", "A Cat", "an Ant", "Dog")]
    assert list_titles(*stories) == ["an Ant", "“Bears”", "A Cat", "Dog", "The Zoo"]


def test_a_series_is_in_the_order_of_its_parts() -> None:
    parts = [make_story(t, series="Walks", part=n) for n, t in ((2, "A"), (10, "B"), (1, "C"))]
    assert list_titles(*parts) == ["C", "A", "B"]


def test_a_story_dated_in_the_future_is_not_first() -> None:
    tomorrow = date.today() + timedelta(days=2)  # noqa: DTZ011  the local day
    assert list_titles(make_story("Z", tomorrow), make_story("A", date(2001, 1, 1))) == ["A", "Z"]


LIBRARY = Catalog(
    [
        make_story("The Page-Turner"),
        Story("1", "/1.md", "Two Chairs"),
        Story("2", "/2.md", "Two Chairs More"),
        make_story("What’s “Done”"),
    ]
)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("page", "The Page-Turner"),
        ("PAGE-TURNER", "The Page-Turner"),
        ("two chairs", "Two Chairs"),
        ("more", "Two Chairs More"),
        ("what's", "What’s “Done”"),
        ('"done"', "What’s “Done”"),
        ("  two   chairs ", "Two Chairs"),
        ("What’s “Done”", "What’s “Done”"),
    ],
)
def test_a_story_is_found_by_id_or_a_part_of_its_title(typed: str, title: str) -> None:
    assert LIBRARY.find_story(typed).title == title


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("chairs", "several stories match 'chairs': Two Chairs (1), Two Chairs More (2)"),
        (
            "pgae turner",
            "there is no file and no story 'pgae turner'; did you mean 'The Page-Turner'?",
        ),
        ("xyzzy", "there is no file and no story 'xyzzy'; see: reader list"),
        ("", "there is no file and no story ''; see: reader list"),
    ],
)
def test_an_unknown_or_ambiguous_name_raises_an_error(typed: str, message: str) -> None:
    with pytest.raises(UnknownStory) as unknown:
        LIBRARY.find_story(typed)
    assert str(unknown.value) == message


def test_two_files_with_one_id_are_not_ambiguous() -> None:
    twins = [Story("same", f"/{name}.md", "Twins") for name in "ab"]
    assert Catalog(twins).find_story("twins").id == "same"


def test_the_folder_of_added_stories_is_named_once_it_is_there(tmp_path: Path) -> None:
    catalog = Catalog()
    catalog.own_folder, library = tmp_path / "stories", tmp_path / "library"
    catalog.folders = [catalog.own_folder, library]
    assert catalog.list_present_folders() == [library]
    catalog.own_folder.mkdir()
    assert catalog.list_present_folders() == [catalog.own_folder, library]
