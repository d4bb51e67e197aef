from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from reader.finding import text_reading, word_index
from reader.finding.describing import report_nothing
from reader.finding.text_reading import Reading, load_text
from reader.finding.word_index import (
    IndexUpdate,
    Outcome,
    drop_others,
    open_engine,
    update_index,
)
from reader.fulltext import fts5
from reader.fulltext.query import parse_query
from reader.fulltext.words import TextWords, take_words
from reader.library.describing import describe_files
from reader.library.scan import scan_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.fulltext import Engine, IndexedText
    from reader.library.files import File
    from reader.library.story import Story

NO_FILES: dict[str, File] = {}


class Library:
    """A folder of stories, and the engine of its index."""

    def __init__(self, folder: Path, path: Path | None) -> None:
        self.folder = folder
        self.engine: Engine = open_engine(path, self._load)
        self.files: dict[str, File] = {}
        self.stories: list[Story] = []
        self.reports: list[tuple[int, int]] = []

    def _load(self, story_id: str) -> IndexedText | None:
        return next((load_text(story) for story in self.stories if story.id == story_id), None)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def update(self, must_stop: Callable[[], bool] = lambda: False) -> Outcome:
        """Scan the folder and bring the index up to date."""
        self.files = {file.location: file for file in scan_folder(self.folder)}
        self.stories = [story for _, story in describe_files(self.files.values())]
        self.reports = []
        report = lambda done, total: self.reports.append((done, total))  # noqa: E731
        return update_index(self.engine, self.stories, self.files.get, report, must_stop)

    def find(self, typed: str) -> list[str]:
        """Return the titles of the stories that match."""
        titles = {story.id: story.title for story in self.stories}
        found = self.engine.seek(parse_query(typed), 99)
        return sorted(titles[hit.id] for hit in found.hits)


@pytest.fixture(params=["fts5", "scan", "fts5 in memory"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Library:
    folder = tmp_path / "library"
    folder.mkdir()
    path = tmp_path / "words.db"
    if request.param == "fts5 in memory":  # what can't be written, such as a folder
        path.mkdir()
    library = Library(folder, path if request.param != "scan" else None)
    library.write("a.md", "# Anna\n\nThe sea and a [link](http://hidden.org/address).")
    library.write("b.md", "# Bert\n\nA ship.\n\n```\ncode\n```\n")
    return library


def test_only_new_and_changed_texts_are_read(library: Library) -> None:
    with closing(library.engine):
        assert library.update() == Outcome(2)
        assert library.reports == [(2, 2)]
        assert library.find("sea") == library.find("anna") == ["Anna"]
        assert library.find("code") == ["Bert"]
        assert library.find("address") == []
        assert library.update() == Outcome()
        library.write("b.md", "# Bert\n\nA boat.")
        library.write("c.md", "# Cora\n\nThe sea.")
        assert library.update() == Outcome(2)
        assert (library.find("ship"), library.find("sea")) == ([], ["Anna", "Cora"])


def test_a_file_of_the_same_size_and_time_is_noticed_by_its_inode(library: Library) -> None:
    with closing(library.engine):
        library.update()
        path = library.folder / "b.md"
        status = path.stat()
        library.write("new", path.read_text().replace("ship", "boat"))
        os.utime(library.folder / "new", ns=(status.st_atime_ns, status.st_mtime_ns))
        (library.folder / "new").rename(path)
        library.update()
        assert library.find("boat") == ["Bert"]


def test_a_renamed_file_is_found_by_the_title_that_it_has_now(library: Library) -> None:
    library.write("old-name.md", "---\nid: c\n---\nA text without a title.\n")
    library.update()
    (library.folder / "old-name.md").rename(library.folder / "new-name.md")
    library.update()
    assert (library.find("new"), library.find("old")) == (["New name"], [])


def test_texts_of_files_that_are_gone_are_dropped(library: Library) -> None:
    with closing(library.engine):
        library.update()
        (library.folder / "a.md").unlink()
        library.update()
        assert drop_others(library.engine, library.stories) == 1
        assert len(library.engine.versions()) == 1


def test_an_update_that_is_stopped_goes_on_the_next_time(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_index, "_SLICE_SECONDS", -1)
    for number in range(9):
        library.write(f"more-{number}.md", f"Text {number}.")
    with closing(library.engine):
        outcome = library.update(must_stop=lambda: len(library.reports) >= 4)
        assert not outcome.is_complete
        done = len(library.engine.versions())
        assert 0 < done < 11
        assert library.update() == Outcome(11 - done)


def test_a_file_that_cannot_be_read_is_left_out(library: Library) -> None:
    with closing(library.engine):
        library.update()
        library.write("b.md", "# Bert\n\nChanged.")
        (library.folder / "b.md").rename(library.folder / "b2.md")
        assert (
            update_index(library.engine, library.stories, NO_FILES.get, report_nothing) == Outcome()
        )


def test_texts_that_an_engine_drops_are_put_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fts5, "_MIN_DEAD", 1)
    library = Library(tmp_path / "library", tmp_path / "words.db")
    library.folder.mkdir()
    with closing(library.engine):
        for version in range(6):
            for number in range(5):
                library.write(f"{number}.md", f"# T{number}\n\nVersion v{version}.")
            assert library.update().is_complete
            assert len(library.find(f"v{version}")) == 5
            assert library.find("version -t0 -t1") == ["T2", "T3", "T4"]


def test_an_update_in_slices_goes_on_and_leaves_out_what_cannot_be_read(library: Library) -> None:
    library.write("c.md", "# Cora\n\nThe sea.")
    library.stories = [story for _, story in describe_files([*scan_folder(library.folder)])]
    unreadable = set[str]()
    with closing(library.engine):
        update = IndexUpdate(library.engine, library.stories, NO_FILES.get, unreadable)
        (library.folder / "c.md").unlink()
        dones = [update.done]
        while update.put_slice(lambda: True):
            dones.append(update.done)
        assert (dones, update.total) == ([0, 1, 2, 3], 3)
        assert library.find("sea") == ["Anna"]
        library.write("c.md", "# Cora\n\nThe sea.")
        assert IndexUpdate(library.engine, library.stories, NO_FILES.get, unreadable).done == 3
        assert IndexUpdate(library.engine, library.stories, NO_FILES.get, set()).done == 2


def test_the_words_of_many_texts_are_taken_by_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path / "library", tmp_path / "words.db")
    library.folder.mkdir()
    texts = ("# Élan\n\n漢字文化 and `code`.", "---\nauthor: A. Bell\n---\n\n*Two* words", "Gone.")
    for number, text in enumerate(texts):
        library.write(f"{number}.md", text)
    library.update()
    expected = [
        take_words(loaded)
        for story in library.stories[:2]
        if (loaded := load_text(story)) is not None
    ]
    (library.folder / "2.md").unlink()
    monkeypatch.setattr(text_reading, "MANY_TEXTS", 3)
    monkeypatch.setattr(text_reading, "load_text", lambda _: None)  # it is not done here
    unreadable = set[str]()
    with (
        closing(library.engine),
        Reading(library.engine, library.stories, unreadable) as reading,
    ):
        assert reading.take(lambda: True, 60) == ([], 0, False)
        taken = reading.take(lambda: False, 60)
    found = [text for text in taken.texts if isinstance(text, TextWords)]
    assert [text[:5] for text in found] == [text[:5] for text in expected]
    assert [{*text.beginnings.split()} for text in found] == [
        {*text.beginnings.split()} for text in expected
    ]
    assert taken[1:] == (3, True)
    assert unreadable == {library.stories[2].id}
