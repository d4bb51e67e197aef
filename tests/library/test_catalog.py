"""A folder is scanned once, whatever its links say; stories have an order, and names find them."""

from __future__ import annotations

import os
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from unprivileged import give, nobodys_folder, run_as_nobody

from reader.errors import UnknownStory
from reader.library.catalog import Catalog
from reader.library.files import find_bundled_folder, find_file, scan_folder
from reader.library.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder named `stories`, where `write` writes."""
    place = tmp_path / "stories"
    place.mkdir()
    return place


def found(folder: Path) -> tuple[list[str], list[str]]:
    """Return what a scan finds, as paths below the folder, and what it notes."""
    notes: list[str] = []
    files = [file.path.relative_to(folder).as_posix() for file in scan_folder(folder, notes)]
    return files, [note.removeprefix(f"{folder}/") for note in notes]


def test_markdown_is_found_by_its_suffix(folder: Path, write: Write) -> None:
    for name in ("a.md", "b.MD", "c.markdown", "d.txt", "e.mdx", "f", "md"):
        write(name, "text")
    assert found(folder) == (["a.md", "b.MD", "c.markdown"], [])


def test_folders_below_are_found_in_order(folder: Path, write: Write) -> None:
    for name in ("b/1.md", "a/2.md", "z.md", "a/deep/3.md"):
        write(name, "text")
    assert found(folder) == (["z.md", "a/2.md", "a/deep/3.md", "b/1.md"], [])


def test_a_folder_named_like_a_story_is_a_folder(folder: Path, write: Write) -> None:
    write("folder.md/a.md", "text")
    assert found(folder) == (["folder.md/a.md"], [])


@pytest.mark.parametrize("name", [".git", ".hidden", "node_modules", "__pycache__", "venv"])
def test_a_folder_that_holds_no_stories_is_not_entered(
    name: str, folder: Path, write: Write
) -> None:
    write(f"{name}/a.md", "text")
    write("b.md", "text")
    assert found(folder) == (["b.md"], [])


def test_a_hidden_file_is_passed_over(folder: Path, write: Write) -> None:
    write(".a.md", "text")
    assert found(folder) == ([], [])


def test_a_link_to_the_folder_above_is_entered_once(folder: Path, write: Write) -> None:
    write("sub/a.md", "text")
    (folder / "sub" / "up").symlink_to("..")
    assert found(folder) == (["sub/a.md"], [])


def test_two_folders_linked_to_each_other_are_entered_once_each(folder: Path, write: Write) -> None:
    write("one/a.md", "text")
    write("two/b.md", "text")
    (folder / "one" / "two").symlink_to("../two")
    (folder / "two" / "one").symlink_to("../one")
    assert sorted(found(folder)[0]) == ["one/a.md", "two/b.md"]


def test_a_folder_of_links_to_itself_ends(folder: Path, write: Write) -> None:
    write("a.md", "text")
    for number in range(20):
        (folder / f"self{number}").symlink_to(".")
    assert found(folder) == (["a.md"], [])


def test_a_linked_folder_is_listed_by_its_real_path(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.md").write_text("text")
    (folder / "link").symlink_to("../elsewhere")
    assert [file.path for file in scan_folder(folder)] == [tmp_path / "elsewhere" / "a.md"]


def test_a_file_and_a_link_to_it_are_one(folder: Path, write: Write) -> None:
    write("real.md", "text")
    (folder / "a-link.md").symlink_to("real.md")
    assert found(folder) == (["real.md"], [])


def test_a_link_to_a_file_elsewhere_is_found_by_its_own_name(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "elsewhere.md").write_text("text")
    (folder / "link.md").symlink_to("../elsewhere.md")
    assert found(folder) == (["link.md"], [])


def test_what_is_no_file_is_noted_and_its_neighbours_are_listed(folder: Path, write: Write) -> None:
    write("a.md", "text")
    os.mkfifo(folder / "pipe.md")
    (folder / "dangling.md").symlink_to("nowhere")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "zero.md").symlink_to("/dev/zero")
    assert found(folder) == (
        ["a.md"],
        [
            "pipe.md: not a regular file, so it is not opened",
            "dangling.md: no such file or directory",
            "loop.md: too many levels of symbolic links",
            "zero.md: not a regular file, so it is not opened",
        ],
    )


def test_a_note_is_one_clean_line(folder: Path) -> None:
    os.mkfifo(folder / "a\x1b]0;b\n.md")
    assert found(folder)[1] == ["a\ufffd]0;b .md: not a regular file, so it is not opened"]


def test_a_folder_that_is_not_there_is_noted(tmp_path: Path) -> None:
    notes: list[str] = []
    assert list(scan_folder(tmp_path / "no", notes)) == []
    assert notes == [f"{tmp_path}/no: no such file or directory"]


def test_a_folder_one_may_not_enter_is_noted_and_its_neighbours_are_listed() -> None:
    with nobodys_folder() as folder:
        for name in ("closed", "open"):
            (folder / name).mkdir()
            (folder / name / "a.md").write_text("text")
            give(folder / name)
        (folder / "closed").chmod(0)
        told = run_as_nobody(
            """
from reader.library.files import scan_folder
notes = []
print([file.path.parent.name for file in scan_folder(pathlib.Path(sys.argv[1]), notes)], notes)
""",
            folder,
        )
    assert told == f"['open'] ['{folder}/closed: permission denied']"


def test_names_of_every_kind_are_found(folder: Path, write: Write) -> None:
    names = ["-rf.md", "a\nb.md", "a b.md", "café.md", "x" * 250 + ".md"]
    for name in names:
        write(name, "text")
    assert found(folder) == (names, [])


@pytest.mark.skipif(sys.platform == "darwin", reason="its names are always text")
def test_a_name_that_is_no_text_is_found(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.md")).write_text("text")
    assert found(folder) == (["\udcff\udcfe.md"], [])


def test_ten_thousand_files_are_found_in_a_second(folder: Path) -> None:
    for number in range(100):
        (folder / f"{number:03}").mkdir()
        for other in range(100):
            (folder / f"{number:03}" / f"{other}.md").touch()
    began = time.process_time()
    count = sum(1 for _ in scan_folder(folder))
    assert (count, time.process_time() - began < 1.0) == (10_000, True)


def test_a_scan_of_a_folder_nested_150_deep_ends(folder: Path) -> None:
    deep = folder.joinpath(*["d"] * 150)
    deep.mkdir(parents=True)
    (deep / "a.md").touch()
    assert len(found(folder)[0]) == 1


# By which path and folder a file is known ------------------------------------------------


@pytest.mark.parametrize("way", ["stories", "./stories/.", "link", "stories/../link"])
def test_a_file_has_one_path_however_its_folder_is_named(
    way: str, folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.md", "text")
    (folder.parent / "link").symlink_to("stories")
    monkeypatch.chdir(folder.parent)
    at = find_file(Path(way) / "a.md")
    assert at is not None
    assert [file.path for file in scan_folder(Path(way))] == [at.path] == [path]


def test_files_are_of_the_folder_that_was_asked_for(folder: Path, write: Write) -> None:
    write("sub/a.md", "text")
    assert [file.folder for file in scan_folder(folder)] == ["stories"]


def test_the_folder_here_has_a_name_too(
    folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.md", "text")
    monkeypatch.chdir(folder)
    assert [file.folder for file in scan_folder(Path())] == ["stories"]


def test_a_bundled_story_is_bundled_however_it_is_opened() -> None:
    at = find_file(find_bundled_folder() / "errata.md")
    assert at is not None
    assert (
        {file.folder for file in scan_folder(find_bundled_folder())} == {at.folder} == {"bundled"}
    )


# Order and names -------------------------------------------------------------------------


def story(title: str, published: date | None = None, **more: str | int) -> Story:
    name = title.replace("/", "_")
    return Story(name, Path(f"/{name}.md"), title, published=published, **more)  # type: ignore[arg-type]


def titles(*stories: Story) -> list[str]:
    return [s.title for s in Catalog(stories).list_stories()]


def test_the_newest_comes_first_and_what_has_no_date_last() -> None:
    old, new, none = story("B", date(2001, 1, 1)), story("C", date(2002, 1, 1)), story("A")
    assert titles(old, none, new) == ["C", "B", "A"]


def test_titles_are_filed_without_article_and_opening_quote() -> None:
    stories = [story(t) for t in ("The Zoo", "“Bears”", "A Cat", "an Ant", "Dog")]
    assert titles(*stories) == ["an Ant", "“Bears”", "A Cat", "Dog", "The Zoo"]


def test_a_series_stands_in_the_order_of_its_parts() -> None:
    parts = [story(t, series="Walks", part=n) for n, t in ((2, "A"), (10, "B"), (1, "C"))]
    assert titles(*parts) == ["C", "A", "B"]


def test_a_date_in_the_future_pins_nothing_on_top() -> None:
    tomorrow = date.today() + timedelta(days=2)  # noqa: DTZ011  a reader's day
    assert titles(story("Z", tomorrow), story("A", date(2001, 1, 1))) == ["A", "Z"]


LIBRARY = Catalog(
    [
        story("The Page-Turner", url="x"),
        Story("1", Path("/1.md"), "Two Chairs"),
        Story("2", Path("/2.md"), "Two Chairs More"),
        story("What’s “Done”"),
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
    ("typed", "told"),
    [
        ("chairs", "several stories match 'chairs': Two Chairs (1), Two Chairs More (2)"),
        (
            "pgae turner",
            "there is no file and no story 'pgae turner'; the nearest: The Page-Turner",
        ),
        ("xyzzy", "there is no file and no story 'xyzzy'; see: reader list"),
        ("", "there is no file and no story ''; see: reader list"),
    ],
)
def test_a_name_that_names_none_or_several_is_told(typed: str, told: str) -> None:
    with pytest.raises(UnknownStory) as unknown:
        LIBRARY.find_story(typed)
    assert str(unknown.value) == told


def test_two_files_of_one_id_are_one_story_by_name() -> None:
    twins = [Story("same", Path(f"/{name}.md"), "Twins") for name in "ab"]
    assert Catalog(twins).find_story("twins").id == "same"
